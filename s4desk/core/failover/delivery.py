"""A body on its way into a sink, whichever member it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.objects import Checksum
from s4desk.core.domain.parts import Span
from s4desk.core.store.s3_download import refuse_other
from s4desk.core.wire.body import Cuttable, WholeSink
from s4desk.core.wire.checksums import running_sum

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import Moved
    from s4desk.core.wire.body import Sink
    from s4desk.core.wire.checksums import RunningSum


class Delivery:
    """What was asked for, and how much of it has come. `span` None is the whole object.

    Bytes come in order. What broke off goes on at its next byte, at a member that has the same
    object; a sink that is told of its begin and its end gets all of it anew.
    """

    def __init__(self, sink: Sink, span: Span | None, algorithm: str, moved: Moved | None) -> None:
        self.span = span
        self.came = 0
        self.may_go_on = not isinstance(sink, WholeSink)
        self._moved = moved
        self._into = sink
        self._total = _SummingSink(sink, algorithm) if algorithm and self.may_go_on else None
        self.algorithm = "" if self._total is not None else algorithm
        """What the member that sends all of it is to sum it with."""
        self.sink: Sink = self._total or sink

    @property
    def is_begun(self) -> bool:
        return self.came > 0

    @property
    def can_go_on(self) -> bool:
        return self.may_go_on and self.is_begun

    def wanted(self, size: int | None) -> int:
        """How many bytes are still to come of an object of `size` bytes, 1 where nobody knows."""
        if self.span is not None:
            return self.span.size - self.came
        return 1 if size is None else size - self.came

    def moved(self, count: int) -> None:
        self.came += count
        if self._moved is not None:
            self._moved(count)

    def start_over(self) -> None:
        """All that came is of no use."""
        if self._moved is not None and self.came:
            self._moved(-self.came)
        self.came = 0
        if self._total is not None:
            self._total.start_over()

    def rest(self, size: int) -> Span:
        """What is still to come of an object of `size` bytes."""
        span = self.span or Span(0, size)
        return Span(span.offset + self.came, span.size - self.came)

    def received(self, there: ObjectMeta, summed: Checksum | None) -> Checksum | None:
        """The sum of all that came, of an object that its last member has as `there`, and that has
        `summed` it if it was asked to. Raises IntegrityError when a whole object is not what that
        keeps the sum of."""
        if self.span is None and isinstance(self._into, Cuttable):
            # Another object may have come before, and have been longer.
            self._into.truncate(there.size)
        if self._total is None:
            return summed
        received = Checksum(self._total.algorithm, self._total.value)
        if self.span is None:
            refuse_other(there, received)
        return received


class _SummingSink:
    """Sums what it passes on: no member sees all of it."""

    def __init__(self, inner: Sink, algorithm: str) -> None:
        self._inner = inner
        self._total: RunningSum = running_sum(algorithm)
        self.algorithm = algorithm

    @property
    def value(self) -> str:
        return self._total.value

    def start_over(self) -> None:
        self._total = self._total.fresh()

    def write(self, view: memoryview, offset: int) -> None:
        self._total.update(view)
        self._inner.write(view, offset)
