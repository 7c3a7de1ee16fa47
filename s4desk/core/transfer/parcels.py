"""Small transfers that one thread carries out by itself, as long as all goes smoothly.

Whatever does not is left to the transfer's job, which is told again what the store has answered:
retries, conflicts, clean-up and stops are its business alone.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.errors import (
    LocalFileError,
    NotFoundError,
    NotSupportedError,
    S4DeskError,
    StoreError,
)
from s4desk.core.domain.parts import Span
from s4desk.core.domain.transfer import ConflictPolicy, Direction, Effort, TransferState
from s4desk.core.failover.errors import UNASKED
from s4desk.core.runtime.answers import listen_to_answers
from s4desk.core.runtime.repeats import listen
from s4desk.core.store.direct import DirectWrapper
from s4desk.core.store.protocol import Condition
from s4desk.core.transfer.brief import BRIEF, BriefSink, BriefSource
from s4desk.core.transfer.conflicts import existing_at
from s4desk.core.transfer.files import PartialFile, date_older, partial_token
from s4desk.core.transfer.job import JobContext, Outcome, Stop, local, remote
from s4desk.core.transfer.origin import Seen
from s4desk.core.transfer.proof import sum_told
from s4desk.core.wire.body import Slice
from s4desk.core.wire.cancellation import CancelledJobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.transfer import Transfer, TransferSpec
    from s4desk.core.store.direct import DirectStore
    from s4desk.core.store.protocol import PutReply
    from s4desk.core.store.replay import Told
    from s4desk.core.store.wrapper import Request

T = TypeVar("T")

WORTH_TELLING = 64 * 1024
"""Of fewer bytes it is told when all have moved."""

_CARRIED = (ConflictPolicy.OVERWRITE, ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT)


class Parcel(ABC):
    """One transfer in the hands of one thread.

    `outcome` is None until it is carried out, and stays so when its job has to do it. `stop` is
    the loop's, `carry` the thread's. `may_be_written`: what writes the target was sent, and was
    not refused.
    """

    def __init__(self, transfer: Transfer, context: JobContext) -> None:
        self.transfer = transfer
        self.told: list[Told] = []
        self.outcome: Outcome | None = None
        self.stopped: Stop | None = None
        self.may_be_written = False
        self.size = transfer.spec.size
        self._context = context
        self._commit = threading.Lock()
        self._is_committing = False
        self._sent = 0
        self._repeats = 0
        self._shown = 0
        self._is_large = self.size > WORTH_TELLING
        self._began = self._ended = 0.0
        self._answer: Answer | None = None

    @property
    def is_pausing(self) -> bool:
        return self.stopped is Stop.PAUSE

    def stop(self, how: Stop) -> None:
        """Bring it to rest soon; too late is not an error. A pause may become a cancel."""
        with self._commit:
            if self.stopped is not Stop.CANCEL:
                self.stopped = how

    @property
    def is_too_late(self) -> bool:
        """Whether a stop would leave half a thing behind."""
        return self._is_committing

    def carry(self, direct: DirectStore) -> None:
        """Carry it out, if nothing unforeseen happens."""
        self._began = time.time()
        listen(self._repeated)
        listen_to_answers(self._answered)
        with suppress(S4DeskError, CancelledJobError):
            self._begin()
            self.outcome = self._carry(_Recorded(direct, self.told))
        self._ended = time.time()

    @abstractmethod
    def _carry(self, direct: DirectStore) -> Outcome | None:
        """Make the requests that the job would make, in the same order; None leaves it to that."""

    def begun(self) -> Transfer:
        """The transfer as it is while it is carried."""
        transfer = self.transfer
        state = transfer.state.to(TransferState.RUNNING)
        return replace(
            transfer, state=state, attempts=transfer.attempts + 1, error="", error_kind=""
        )

    def ended(self, outcome: Outcome) -> Transfer:
        """The transfer as it is now that it was carried out."""
        return replace(
            self.transfer,
            state=self.transfer.state.to(TransferState.RUNNING).to(TransferState.COMPLETED),
            attempts=self.transfer.attempts + 1,
            error="",
            error_kind="",
            verified=outcome.verified,
            checksum=outcome.checksum,
            effort=self._effort(parts=1),
        )

    def left(self) -> Transfer:
        """The transfer as its job finds it: what it took so far counts."""
        if self._shown:
            self._context.board.moved(self.transfer.id, -self._shown)
        return replace(self.transfer, effort=self._effort(parts=0))

    def _effort(self, *, parts: int) -> Effort:
        before = self.transfer.effort
        return Effort(
            before.sent + self._sent,
            before.reused,
            before.parts + parts,
            before.retries + self._repeats,
            before.seconds + max(0.0, self._ended - self._began),
            before.started or self._began,
            self._ended,
            self._answer or before.answer,
        )

    def _begin(self) -> None:
        if self.stopped is not None:
            raise CancelledJobError

    def _begin_commit(self) -> None:
        with self._commit:
            self._begin()
            self._is_committing = True

    def _answered(self, answer: Answer) -> None:
        self._answer = answer.after(self._answer)

    def _repeated(self) -> None:
        self._repeats += 1

    def _moved(self, count: int) -> None:
        self._sent += max(0, count)
        if self._is_large:
            self._shown += count
            self._context.board.moved(self.transfer.id, count)


class UploadParcel(Parcel):
    """A small file on its way to a store."""

    def _carry(self, direct: DirectStore) -> Outcome | None:
        source = BriefSource(local(self.transfer.spec.source), self.size)
        try:
            reply = self._written(direct, Slice(source, Span(0, self.size)))
        finally:
            source.close()
        if reply is None or not reply.checked:
            return None
        return Outcome(reply.checked, checksum=sum_told(reply, reply.checked))

    def _written(self, direct: DirectStore, body: Slice) -> PutReply | None:
        """The same as `Target.written` after its look; None when something is there."""
        policy, location = (
            self.transfer.spec.on_conflict,
            remote(self.transfer.spec.target).location,
        )
        if policy is ConflictPolicy.OVERWRITE:
            return self._put(direct, body, None)
        if policy is ConflictPolicy.SKIP and _is_there(direct, location):
            return None
        with suppress(NotSupportedError):
            return self._put(direct, body, Condition(if_absent=True))
        if policy is ConflictPolicy.IF_ABSENT and _is_there(direct, location):
            return None
        return self._put(direct, body, Condition(if_absent=True, is_safeguard=True))

    def _put(self, direct: DirectStore, body: Slice, condition: Condition | None) -> PutReply:
        spec = self.transfer.spec
        self.may_be_written = True
        try:
            return direct.put(
                remote(spec.target).location,
                body,
                attributes=spec.attributes,
                condition=condition,
                moved=self._moved,
            )
        except StoreError as error:
            self.may_be_written = error.retryable
            raise


class DownloadParcel(Parcel):
    """A small object on its way to a file."""

    def _carry(self, direct: DirectStore) -> Outcome | None:
        spec, context = self.transfer.spec, self._context
        may_replace = spec.on_conflict is ConflictPolicy.OVERWRITE
        if not may_replace and existing_at(local(spec.target)) is not None:
            return None
        token = partial_token(context.journal.token, self.transfer.id)
        partial = PartialFile(local(spec.target), token, context.folders)
        sink = BriefSink(partial, spec.root, self._begin_commit, may_replace=may_replace)
        try:
            reply = direct.get(remote(spec.source).location, sink, moved=self._moved)
        finally:
            partial.close()
            if not sink.verified:
                with suppress(LocalFileError):
                    partial.remove()
        self.size = sink.size
        if not sink.verified:
            # Something came in its place meanwhile, and its job has to see that.
            self.told.clear()
            return None
        if (dated := Seen(reply.meta, self._answer).dated) is not None:
            date_older(local(spec.target), dated)
        return Outcome(sink.verified, checksum=sum_told(reply.meta, sink.verified))


class _Recorded(DirectWrapper):
    """Writes down what each request was answered."""

    def __init__(self, inner: DirectStore, told: list[Told]) -> None:
        super().__init__(inner)
        self._told = told

    def _around(self, request: Request, call: Callable[[], T]) -> T:
        try:
            reply = call()
        except S4DeskError as error:
            if _is_answer(request, error):
                self._told.append((request.operation, error))
            raise
        self._told.append((request.operation, reply))
        return reply


def _is_answer(request: Request, error: S4DeskError) -> bool:
    """Whether the job need not ask for itself: where one backend of a group gives nothing others
    may do better, but one alone is written to."""
    return not error.backend or not (request.operation == "get" or isinstance(error, UNASKED))


def _is_there(direct: DirectStore, location: Location) -> bool:
    try:
        direct.head(location)
    except NotFoundError:
        return False
    return True


def parcel_of(transfer: Transfer, context: JobContext) -> Parcel | None:
    """What a thread may carry by itself; None for what needs its job from the start."""
    spec = transfer.spec
    if transfer.attempts or spec.is_folder or spec.removes_source or spec.version is not None:
        return None
    if context.reads_back():
        # Then more may have to be done with it than this knows of.
        return None
    if spec.on_conflict not in _CARRIED or not 0 < spec.size <= _largest(spec, context):
        return None
    if spec.direction is Direction.UPLOAD:
        return UploadParcel(transfer, context)
    return DownloadParcel(transfer, context)


def _largest(spec: TransferSpec, context: JobContext) -> int:
    """In bytes; 0 where nothing is small enough."""
    if spec.direction is Direction.UPLOAD:
        return min(BRIEF, context.sizes.multipart_from - 1)
    return min(BRIEF, context.sizes.ranges_above) if spec.direction is Direction.DOWNLOAD else 0
