"""One attempt to carry a transfer out, and the ways in which it ends."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import (
    NotUndoneError,
    S4DeskError,
    StalledError,
    UnavailableError,
)
from s4desk.core.domain.identity import Address
from s4desk.core.domain.parts import (
    MAX_SINGLE_COPY,
    MULTIPART_THRESHOLD,
    PART_SIZE,
    RANGED_DOWNLOAD_THRESHOLD,
)
from s4desk.core.domain.transfer import Transfer, TransferState
from s4desk.core.runtime import repeats
from s4desk.core.runtime.answers import listen_to_answers
from s4desk.core.store import waits
from s4desk.core.store.limits import wait_as
from s4desk.core.transfer.effort import EffortMeter
from s4desk.core.transfer.folders import KnownFolders
from s4desk.core.transfer.naming import name_connection
from s4desk.core.transfer.older_copies import MemoryOlderCopies, OlderCopies
from s4desk.core.wire.cancellation import CancelledJobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.limits import SlotChain, Slots
    from s4desk.core.store.protocol import StoreOf
    from s4desk.core.transfer.journal import Journal
    from s4desk.core.transfer.progress import ProgressBoard


_UNDECIDED: Final = frozenset(
    error.__name__ for error in (UnavailableError, StalledError, NotUndoneError)
)
"""The failures that leave open what the store has done."""


class Stop(Enum):
    """How a job is brought to rest."""

    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job that succeeded has to say: see `Transfer`, whose `error` is `note` then."""

    verified: str = ""
    skipped: bool = False
    checksum: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """What is at the target of a transfer that was given up. `verified` is there when that is
    proved to be all of it, by which algorithm; `note` is what else a person has to know."""

    verified: str | None = None
    note: str = ""


NOTHING: Final = Trace()


@dataclass(frozen=True, slots=True)
class Sizes:
    """Where one request ends and parts begin, in bytes. Parts grow when there would be too many."""

    multipart_from: int = MULTIPART_THRESHOLD
    part: int = PART_SIZE
    ranges_above: int = RANGED_DOWNLOAD_THRESHOLD
    range: int = PART_SIZE
    single_copy: int = MAX_SINGLE_COPY
    copied_part: int = 16 * PART_SIZE


@dataclass(frozen=True, slots=True)
class JobContext:
    """What every job of a queue works with.

    `parts` are the slots for parts and ranges of all transfers together. `describe` makes the
    sentence a person reads of an error. `report` is told of each change of a transfer, with the
    bytes that are done if that number changed. `outlasts` says of a failure that the transfer shall
    only wait until there is a network again. `reads_back`: where only sizes could be compared, both
    ends are read again. `connection_of` is for what the sentences call them. `older` remembers what
    was copied from what may be older than it should be.
    """

    store_of: StoreOf
    journal: Journal
    board: ProgressBoard
    parts: Slots | SlotChain
    clock: Clock
    describe: Callable[[BaseException], str]
    report: Callable[[Transfer, int | None], None]
    sizes: Sizes = Sizes()
    outlasts: Callable[[Transfer, S4DeskError], bool] = lambda _transfer, _error: False
    folders: KnownFolders = field(default_factory=KnownFolders)
    reads_back: Callable[[], bool] = lambda: False
    connection_of: Callable[[ConnectionId], Connection | None] = lambda _: None
    older: OlderCopies = field(default_factory=MemoryOlderCopies)

    def sentence(self, error: S4DeskError, spec: TransferSpec) -> str:
        """What a person reads of an error of a transfer."""
        name_connection(error, spec, self.connection_of)
        return self.describe(error)


class TransferJob(ABC):
    """One attempt to carry a transfer out.

    It ends in ways that leave different things behind. Paused keeps the remote parts and the
    checkpoint, and so do failed and queued again. Cancelled undoes both; what is found to have
    arrived by then has completed. Cancelling `run` itself means the application is closing, and
    touches nothing, so that the next start finds everything where it was.
    """

    def __init__(self, transfer: Transfer, context: JobContext) -> None:
        self.transfer = transfer
        self._context = context
        self._spec = transfer.spec
        self._work: asyncio.Task[Outcome] | None = None
        self._stop: Stop | None = None
        self._is_committing = False
        self._commit = threading.Lock()
        self._is_journalled = False
        self._is_in_doubt = False
        self._effort = EffortMeter(transfer.effort, context.clock)

    @property
    def is_pausing(self) -> bool:
        return self._stop is Stop.PAUSE

    @property
    def may_be_written(self) -> bool:
        """Whether this attempt has sent what writes the target, and was not refused."""
        return False

    def stop(self, how: Stop) -> None:
        """Bring the job to rest soon; too late is not an error. A pause may become a cancel."""
        with self._commit:
            if self._stop is not Stop.CANCEL:
                self._stop = how
            is_too_late = self._is_committing
        if self._work is not None and not is_too_late:
            self._work.cancel()

    async def run(self) -> None:
        """Make the attempt. Raises nothing but what no S4DeskError stands for."""
        attempts = self.transfer.attempts + 1
        is_to_be_undone = self._stop is Stop.CANCEL
        self._is_in_doubt = is_undecided(self.transfer) and (attempts > 1 or is_to_be_undone)
        self._enter(TransferState.RUNNING, attempts=attempts, error="", error_kind="")
        self._effort = EffortMeter(self.transfer.effort, self._context.clock)
        wait_as(self.transfer.id)
        repeats.listen(self._effort.repeated)
        listen_to_answers(self._effort.answered)
        waits.watch(partial(self._context.board.waiting, self.transfer.id))
        self._work = asyncio.create_task(self._transfer())
        if self._stop is not None:
            self._work.cancel()
        try:
            outcome = await self._work
        except asyncio.CancelledError:
            if self._stop is None:
                raise
            await self._rest(self._stop)
        except S4DeskError as error:
            _raise_if_closing(error)
            if self._stop is None and self._context.outlasts(self.transfer, error):
                await self._queue_again(error)
            elif self._stop is None:
                self._fail(error)
            else:
                await self._rest(self._stop)
        else:
            self._enter(
                TransferState.COMPLETED,
                done=self._total(),
                verified=outcome.verified,
                skipped=outcome.skipped,
                checksum=outcome.checksum,
                error=outcome.note,
            )
            if self._is_journalled:
                await self._context.journal.forget(self.transfer.id)

    @abstractmethod
    async def _transfer(self) -> Outcome:
        """Do the work. Cancelled, it leaves nothing running and what `_undo` needs."""

    @abstractmethod
    async def _undo(self) -> None:
        """Remove whatever this or an earlier attempt left, here and at the store."""

    @abstractmethod
    async def _keep(self) -> None:
        """Make the job fit to be paused: what cannot be used again goes."""

    @abstractmethod
    async def _give_up(self) -> Trace:
        """Undo; and look what is at the target all the same."""

    async def _begin_commit(self) -> None:
        """From here on a stop comes too late; one that was asked for before is obeyed now."""
        await asyncio.sleep(0)
        self._is_committing = True

    def _begin_commit_in_thread(self) -> None:
        """The same from the thread of a request. Raises CancelledJobError."""
        with self._commit:
            if self._stop is not None:
                raise CancelledJobError
            self._is_committing = True

    def _end_commit(self) -> None:
        """A stop is in time again, and one that came meanwhile is obeyed."""
        with self._commit:
            self._is_committing = False
            if self._stop is not None:
                raise asyncio.CancelledError

    def _kept(self) -> int:
        """The bytes that need not be moved again."""
        return 0

    def _total(self) -> int:
        shown = self._context.board.progress(self.transfer.id)
        return shown.total if shown else 0

    def _moved(self, count: int) -> None:
        self._effort.moved(count)
        self._context.board.moved(self.transfer.id, count)

    def _show(self, *, done: int | None = None, total: int | None = None, note: str = "") -> None:
        self._context.board.post(self.transfer, done=done, total=total, note=note)

    async def _rest(self, how: Stop) -> None:
        trace = NOTHING
        try:
            if how is Stop.CANCEL:
                trace = await self._give_up()
            else:
                await self._keep()
        except S4DeskError as error:
            _raise_if_closing(error)
            self._fail(NotUndoneError(error) if how is Stop.CANCEL else error)
        else:
            if trace.verified is None:
                self._enter(_STOPPED_AS[how], done=self._kept(), error=trace.note)
            else:
                done = self._total()
                self._enter(TransferState.COMPLETED, done=done, verified=trace.verified)
                await self._context.journal.forget(self.transfer.id)

    async def _queue_again(self, error: S4DeskError) -> None:
        """Wait in the queue with what was done so far, unless something else was asked for."""
        try:
            await self._keep()
        except S4DeskError as unkept:
            _raise_if_closing(unkept)
            self._fail(unkept)
            return
        if self._stop is None:
            self._fail(error, TransferState.QUEUED)
        else:
            await self._rest(self._stop)

    def _fail(self, error: S4DeskError, into: TransferState = TransferState.FAILED) -> None:
        text = self._context.sentence(error, self._spec)
        kind = type(error).__name__
        self._enter(into, done=self._kept(), error=text, error_kind=kind)

    def _enter(self, state: TransferState, *, done: int | None = None, **changes: Any) -> None:
        if state is not TransferState.RUNNING:
            changes["effort"] = self._effort.total()
        self.transfer = replace(self.transfer, state=self.transfer.state.to(state), **changes)
        self._context.report(self.transfer, done)


_STOPPED_AS = {Stop.PAUSE: TransferState.PAUSED, Stop.CANCEL: TransferState.CANCELLED}


def _raise_if_closing(error: S4DeskError) -> None:
    """An error that comes of being cancelled from outside is not the transfer's."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from error


def is_undecided(transfer: Transfer) -> bool:
    """Whether its last failure, if there was any, leaves open what the store has done."""
    return not transfer.error_kind or transfer.error_kind in _UNDECIDED


def local(place: Path | Address) -> Path:
    """The local end of a transfer. Raises TypeError when the spec has it at the other one."""
    if not isinstance(place, Path):
        raise TypeError(f"{place} is not a local path")
    return place


def remote(place: Path | Address) -> Address:
    """The end of a transfer that lies in a store. Raises TypeError, as above."""
    if not isinstance(place, Address):
        raise TypeError(f"{place} is not in a store")
    return place
