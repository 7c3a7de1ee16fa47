"""Bodies that keep to a bandwidth limit on their way to a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.wire.connection import Meter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.wire.cancellation import CancelToken
    from s4desk.core.wire.connection import Payload
    from s4desk.core.wire.pacing import Pace
    from s4desk.core.wire.stream import Moved, Stream


class PacedMeter(Meter):
    """Tells another meter what moved, and then pauses."""

    def __init__(self, meter: Meter, pace: Pace, token: CancelToken) -> None:
        super().__init__(meter.add)
        self._pace = pace
        self._token = token

    def add(self, count: int) -> None:
        super().add(count)
        if count > 0:
            self._pace.spend(count, self._token)


class PacedPayload:
    """A body in pieces that are as small as the limit asks for."""

    def __init__(self, payload: Payload, pace: Pace) -> None:
        self._payload = payload
        self._pace = pace
        self.size = payload.size

    def chunks(self) -> Iterator[memoryview]:
        for chunk in self._payload.chunks():
            rest = chunk
            while rest:
                size = self._pace.piece() or len(rest)
                yield rest[:size]
                rest = rest[size:]

    def send_to(self, stream: Stream, limit: float, moved: Moved | None) -> None:
        for piece in self.chunks():
            stream.send(piece, limit, moved)


def paced(payload: Payload, pace: Pace) -> Payload:
    """`payload`, in small pieces if there is a limit now."""
    return PacedPayload(payload, pace) if pace.piece() else payload
