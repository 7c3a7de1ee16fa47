"""The transfer queue: what is asked for, what runs, and what has become of it."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotUndoneError
from s4desk.core.domain.transfer import ConflictPolicy, Transfer, TransferId, TransferState
from s4desk.core.runtime.events import SignInWanted
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.runtime.threads import in_thread, settled
from s4desk.core.transfer.activity import Activity
from s4desk.core.transfer.admission import Admission, Limits
from s4desk.core.transfer.batches import Batches
from s4desk.core.transfer.changes import ChangeNotes
from s4desk.core.transfer.chores import Chores
from s4desk.core.transfer.doubts import Doubts
from s4desk.core.transfer.forwarding import Forwarding
from s4desk.core.transfer.intake import Intake
from s4desk.core.transfer.job import JobContext, Sizes, Stop
from s4desk.core.transfer.journal import leaves_traces
from s4desk.core.transfer.late_jobs import load_jobs, told_again
from s4desk.core.transfer.ledger import Ledger
from s4desk.core.transfer.network import Network
from s4desk.core.transfer.older_copies import MemoryOlderCopies
from s4desk.core.transfer.steering import Steering
from s4desk.core.transfer.waiting_line import WaitingLine
from s4desk.core.transfer.whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from contextlib import AbstractContextManager

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import BatchId, TransferSpec
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.events import BatchFinished, EventBus
    from s4desk.core.store.protocol import StoreOf
    from s4desk.core.store.replay import Told
    from s4desk.core.transfer.job import Outcome
    from s4desk.core.transfer.journal import Inheritance, Journal
    from s4desk.core.transfer.older_copies import OlderCopies
    from s4desk.core.transfer.parcels import Parcel
    from s4desk.core.transfer.progress import ProgressBoard
    from s4desk.core.transfer.waiting_line import Shift

UNDOING = 8
_UNDECIDED = (ConflictPolicy.ASK, ConflictPolicy.RENAME)
_S = TransferState


class TransferQueue:
    """Owns every transfer from the moment it is submitted until it is cleared.

    Commands return at once; what they do is seen on the ProgressBoard. A job is only made when
    there is room for it. One failing transfer never stops others. Closing it touches nothing: the
    next life finds each transfer, its parts and its checkpoint.
    """

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        *,
        store_of: StoreOf,
        to_read: StoreOf | None = None,
        reads_on: Callable[[TransferSpec], bool] = lambda _: False,
        connection_of: Callable[[ConnectionId], Connection | None] = lambda _: None,
        journal: Journal,
        board: ProgressBoard,
        events: EventBus,
        clock: Clock,
        limits: Limits | None = None,
        describe: Callable[[BaseException], str] = str,
        sizes: Sizes | None = None,
        reads_back: Callable[[], bool] = lambda: False,
        older: OlderCopies | None = None,
        waits_for_person: bool = True,
    ) -> None:
        self._journal = journal
        self._board = board
        self._tasks = TaskScope("transfers")
        self._clean = copy_context()
        network = Network(
            store_of,
            clock,
            self._tasks,
            self._network_changed,
            to_read=to_read,
            wanted=(lambda id_: events.publish(SignInWanted(id_))) if waits_for_person else None,
        )
        self._whereabouts = Whereabouts(connection_of, network.store_of, network.to_read, reads_on)
        self._admission = Admission(limits or Limits(), network)
        self._context = JobContext(
            network.store_of,
            journal,
            board,
            self._admission.parts,
            clock,
            describe,
            lambda transfer, done: self._ledger.report(transfer, done),
            sizes or Sizes(),
            self._admission.outlasts,
            reads_back=reads_back,
            connection_of=connection_of,
            older=older or MemoryOlderCopies(),
        )
        self._events = events
        self._changes = ChangeNotes(events, clock)
        self._batches = Batches(self._finish)
        self._ledger = Ledger(journal, board, self._batches, self._changes, self._admission)
        self._transfers, self._jobs = self._ledger.transfers, self._ledger.jobs
        self._line = WaitingLine(lambda id_: self._steering.is_waiting(id_))
        self._intake = Intake(
            journal, board, self._batches, self._line, self._transfers, self._whereabouts
        )
        self._forwarding = Forwarding(
            self._line,
            self._admission,
            self._tasks,
            self._jobs,
            parcel_of=self._parcel_of,
            # What is read by conveyor may be read anywhere; a thread that is lent elsewhere refuses
            # whatever else there is on it.
            store_of=network.to_read,
            delivered=self._delivered,
            left=self._room_made,
            clock=clock,
        )
        self._steering = Steering(
            self._ledger, self._line, self._admission, self._forwarding, self._intake.in_doubt
        )
        self._chores = Chores(self._tasks, self._room_made)
        self._activity = Activity(events, lambda: self.is_busy)
        self.doubts = Doubts()
        self._is_open = False

    async def open(
        self,
        *,
        auto_resume: bool = True,
        among: Collection[TransferId] | None = None,
        follows: bool = False,
    ) -> list[TransferId]:
        """Take up the queue of the former life; without `auto_resume` all of it stays paused.

        With `among` only these are taken up, and the others stay untouched in the journal. Returns
        what was under way. With `follows` they go on wherever their connections lead now.
        """
        transfers = await self._intake.reopen(among, follows=follows)
        self._admission.recall(transfers)
        await in_thread(load_jobs)
        await self._intake.take(transfers, _S.QUEUED if auto_resume else _S.PAUSED)
        self.doubts.recall(transfers, self._intake.in_doubt)
        self._is_open = True
        # What was cancelled and could not be undone is still to be undone.
        self.cancel([each.id for each in transfers if each.error_kind == NotUndoneError.__name__])
        return [each.id for each in transfers if each.state in (_S.QUEUED, _S.RUNNING)]

    async def aclose(self) -> None:
        """Bring everything to rest and touch nothing."""
        self._is_open = False
        await self._tasks.aclose()
        self._forwarding.deliver()
        await self._changes.aclose()
        await self._journal.aclose()

    async def submit(self, specs: Sequence[TransferSpec]) -> list[TransferId]:
        """Take over these transfers, all or none; conflicts must be decided.

        Once begun it ends, even if the caller is cancelled: what is in the journal is in the
        queue. Raises ValueError, DatabaseError.
        """
        if any(spec.on_conflict in _UNDECIDED for spec in specs):
            raise ValueError("a conflict must be decided before it is submitted")
        if not specs:
            return []
        return await settled(asyncio.ensure_future(self._submit(specs)))

    async def inherit(
        self, inheritances: Sequence[Inheritance], origin: str = ""
    ) -> list[TransferId]:
        """Go on with what another journal knew, all or none; what had failed is tried again.

        Once begun it ends, even if the caller is cancelled. Raises DatabaseError.
        """
        return await settled(asyncio.ensure_future(self._inherit(inheritances, origin)))

    def pause(self, transfers: Iterable[TransferId]) -> None:
        self._each(self._steering.pause, transfers)

    def hold_all(self) -> None:
        """Begin nothing more, pause what keeps parts; answers to other requests may come."""
        hold = partial(self._steering.hold, keeps_from=self._context.sizes.multipart_from)
        self._each(hold, list(self._transfers))

    def resume(self, transfers: Iterable[TransferId]) -> None:
        """Go on with paused ones; of those that wait for the network, try it now."""
        self._each(self._steering.resume, transfers)

    def follow(self, transfers: Iterable[TransferId]) -> None:
        """Let these go on where their connections lead now: it is the same store, says a person."""
        renewed = self._whereabouts.renewed
        self._each(lambda each: self._ledger.report(renewed(each), None), transfers)

    def retry(self, transfers: Iterable[TransferId]) -> None:
        """Try failed ones again; what they had done counts."""
        self._each(self._steering.retry, transfers)

    def cancel(self, transfers: Iterable[TransferId]) -> None:
        """Undo what was begun, here and at the store, and give up."""
        self._each(self._steering.cancel, transfers)

    def pause_all(self) -> None:
        self.pause(list(self._transfers))

    def resume_all(self) -> None:
        self.resume(list(self._transfers))

    def clear_finished(self, among: Collection[TransferId] | None = None) -> list[TransferId]:
        """Forget what completed or was cancelled, of these or of all; failed ones stay until they
        are decided."""
        cleared = self._ledger.clear_finished(among)
        if cleared:
            self._tasks.start(self._journal.remove(cleared))
        return cleared

    def set_concurrency(self, jobs: int, parts: int | None = None) -> None:
        """How many transfers run at once from now on, and how many parts, by default as many."""
        self._admission.resize(jobs=jobs, parts=jobs if parts is None else parts)
        self.renew_limits()

    def renew_limits(self) -> None:
        """Take over what the limits of connections are now."""
        self._admission.renew()
        self._pump()

    def set_sizes(self, sizes: Sizes) -> None:
        """How the transfers that start from now on are cut into parts."""
        self._context = replace(self._context, sizes=sizes)

    def move(self, transfers: Collection[TransferId], where: Shift) -> None:
        """Change the order of transfers that wait, within their priority; kept over a restart."""
        positions = self._line.move(set(transfers), where)

        def place(transfer: Transfer) -> None:
            self._ledger.report(replace(transfer, position=positions[transfer.id]), None)

        self._each(place, positions)

    def judge(self, id_: TransferId, verified: str, error: str = "", checksum: str = "") -> None:
        """Keep how a completed transfer was verified now, or that it failed: its ends differ."""
        self._ledger.judge(id_, verified, error, checksum)

    @property
    def network(self) -> Network:
        """The ways to connections: what others have seen of them is told there."""
        return self._admission.network

    @property
    def is_open(self) -> bool:
        """Whether it has taken up what the former life left, and is not closed yet."""
        return self._is_open

    @property
    def is_busy(self) -> bool:
        """Whether any attempt, or a long command, is under way."""
        return bool(self._jobs or self._chores)

    def transfers(self) -> list[Transfer]:
        """All of them as they are now, in the order they came."""
        return list(self._transfers.values())

    def holding(
        self, batch: BatchId, skipped: int = 0, left_out: int = 0
    ) -> AbstractContextManager[None]:
        """While a batch is being planned: it does not end before the block does. What is `skipped`
        as decided, or `left_out` because it cannot be moved, is never submitted."""
        return self._batches.holding(batch, skipped, left_out)

    async def wait(self, batch: BatchId) -> BatchFinished:
        """What became of a batch, once it has ended."""
        return await self._batches.wait(batch)

    async def at_rest(self) -> None:
        """Wait until no attempt and no long command is under way."""
        await self._activity.rest()

    # Coming in

    async def _submit(self, specs: Sequence[TransferSpec]) -> list[TransferId]:
        submitted = await self._intake.submit(specs)
        self._pump()
        return submitted

    async def _inherit(self, inheritances: Sequence[Inheritance], origin: str) -> list[TransferId]:
        transfers = await self._intake.inherit(inheritances, origin)
        # What was cancelled and could not be undone is still to be undone.
        doomed = {each.id for each in transfers if each.error_kind == NotUndoneError.__name__}
        self.cancel(doomed)
        self.retry([each.id for each in transfers if each.id not in doomed])
        return [each.id for each in transfers]

    # Commands

    def _each(self, deed: Callable[[Transfer], None], transfers: Iterable[TransferId]) -> None:
        def do(id_: TransferId) -> None:
            if (transfer := self._transfers.get(id_)) is not None:
                deed(transfer)

        self._chores.add(do, transfers)

    # Running

    def _pump(self) -> None:
        """Start what there is room for."""
        if not self._is_open or self._chores:
            return
        to_undo = self._steering.to_undo
        while to_undo and self._admission.has_room(UNDOING):
            self._start(to_undo.popleft(), Stop.CANCEL)
        while self._admission.has_room():
            id_ = self._line.next(self._forwarding.may_start)
            if id_ is None:
                break
            if not self._forwarding.begin(self._transfers[id_]):
                self._start(id_)
        self._forwarding.refill()
        self._activity.look()

    def _start(self, id_: TransferId, stop: Stop | None = None, told: Sequence[Told] = ()) -> None:
        """`told` is what its first requests were answered already."""
        transfer = self._transfers[id_]
        context = replace(
            self._context,
            store_of=self._whereabouts.store_of(transfer),
            parts=self._admission.parts_of(transfer),
        )
        self._admission.entered(transfer)
        job = load_jobs()[0](self._intake.known(transfer), context)
        if stop is not None:
            job.stop(stop)
        self._jobs[id_] = job
        work = told_again(job, told) if told else job.run()
        # Whoever happens to start it, by asking for another or by ending, has nothing to say in it.
        task = self._tasks.start(work, context=self._clean.copy())
        task.add_done_callback(
            lambda ended: self._ended(transfer, ended), context=self._clean.copy()
        )

    def _ended(self, started: Transfer, task: asyncio.Task[None]) -> None:
        id_ = started.id
        self.doubts.note(self._jobs.pop(id_))
        self._admission.left(started)
        self._steering.doomed.discard(id_)
        self._ledger.count(started)
        transfer = self._transfers[id_]
        error = None if task.cancelled() else task.exception()
        if error is not None and transfer.state is _S.RUNNING:
            # A fault of ours; the log has it. It must not stop the others.
            text = self._context.describe(error)
            kind = type(error).__name__
            failed = replace(transfer, state=_S.FAILED, error=text, error_kind=kind)
            self._ledger.report(failed, 0)
        self._steering.follow_up(id_)
        self._room_made()

    def _room_made(self) -> None:
        self._pump()
        self._activity.look()

    # Small ones, which threads take one after another

    def _parcel_of(self, id_: TransferId) -> Parcel | None:
        transfer = self._transfers[id_]
        has_traces = id_ in self._intake.in_doubt and leaves_traces(transfer.spec)
        if has_traces or id_ in self._steering.doomed:
            return None
        is_elsewhere = self._whereabouts.has_moved(transfer)
        return None if is_elsewhere else load_jobs()[1](transfer, self._context)

    def _delivered(self, begun: Sequence[Parcel], ended: Sequence[Parcel]) -> None:
        for parcel in begun:
            if parcel.outcome is None:
                self._ledger.report(parcel.begun(), None)
        for parcel in ended:
            if parcel.outcome is not None:
                self._carried(parcel, parcel.outcome)
            elif self._is_open:
                # Its job takes over, with what is known by now.
                self.doubts.note(parcel)
                self._transfers[parcel.transfer.id] = parcel.left()
                self._start(parcel.transfer.id, parcel.stopped, parcel.told)
        if self._is_open:
            self._pump()

    def _carried(self, parcel: Parcel, outcome: Outcome) -> None:
        id_ = parcel.transfer.id
        del self._jobs[id_]
        if parcel.size != parcel.transfer.spec.size:
            self._board.post(self._transfers[id_], total=parcel.size)
        self._ledger.report(parcel.ended(outcome), parcel.size)
        self._steering.follow_up(id_)

    def _network_changed(self) -> None:
        self._ledger.look_for_network()
        self._pump()

    def _finish(self, finished: BatchFinished) -> None:
        self._changes.publish()
        self._events.publish(finished)
