"""How fast bytes may move, over all connections and over each of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from s4desk.core.wire.pacing import Pace, Paces, TokenBucket

if TYPE_CHECKING:
    from s4desk.core.domain.connection import ConnectionLimits
    from s4desk.core.domain.identity import ConnectionId


class Bandwidth:
    """The limits of uploads and downloads, which may change at any time: what moves obeys soon.

    Rates are in bytes per second; 0 is no limit.
    """

    def __init__(self) -> None:
        self._up = TokenBucket()
        self._down = TokenBucket()
        self._of: defaultdict[ConnectionId, tuple[TokenBucket, TokenBucket]] = defaultdict(
            lambda: (TokenBucket(), TokenBucket())
        )

    def limit(self, *, up: int, down: int) -> None:
        """Limit all connections together."""
        self._up.rate, self._down.rate = up, down

    def limit_connection(self, connection: ConnectionId, limits: ConnectionLimits) -> None:
        """Limit one connection, beside the limit of all."""
        up, down = self._of[connection]
        up.rate, down.rate = limits.upload_rate, limits.download_rate

    def paces(self, connection: ConnectionId) -> Paces:
        """What the requests of a connection keep to."""
        up, down = self._of[connection]
        return Paces(Pace(up, self._up), Pace(down, self._down))
