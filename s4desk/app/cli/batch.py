"""One headless run: everything its command stands for, from the plan to what is kept of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.app.cli.telling import Teller, exists_already
from s4desk.app.wiring import build_run_queue
from s4desk.core.domain.errors import (
    NotFoundError,
    NotRemovedError,
    S4DeskError,
    StalledError,
    ThrottledError,
    UnavailableError,
    UnreachableError,
)
from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import (
    BatchId,
    Direction,
    Effort,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
)
from s4desk.core.failover.errors import BackendDownError, HomeDownError
from s4desk.core.persist.database import DatabaseError
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.core.transfer.proof import proved_by
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from pathlib import Path

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.runs import Run
    from s4desk.core.transfer.planner import Planned

    Key = tuple[Direction, Path | Address, Path | Address]

VERIFY_READS = "verify-reads"
"""The flag of a command: what nothing proves is read back."""

TELL_EVERY_S = 0.2
LOOKS_IN_FLIGHT = 8
_CUT_OFF = frozenset(
    error.__name__
    for error in (
        UnavailableError,
        UnreachableError,
        StalledError,
        ThrottledError,
        BackendDownError,
        HomeDownError,
    )
)
ANSWERS_S = 2.0
"""How long an interrupted run waits for the answers to what it has sent."""


class BatchRun:
    """The transfers of a run, and of the runs of the same command that were cut off before it.

    What an earlier run had begun goes on where it stopped; what it had completed is not moved
    again where both ends prove it. Everything is told once. In the end what has parts that can be
    used again is kept, all else that is unfinished is undone, and a run of which nothing is left
    to do is forgotten.
    """

    def __init__(
        self,
        desk: Desk,
        run: Run,
        console: Console,
        *,
        refuses_existing: bool,
        idle: str = "",
    ) -> None:
        """`idle` is the sentence for a plan in which there is nothing to do."""
        self._desk = desk
        self._idle = idle or tr("There is nothing to copy.")
        self._run = run
        self._console = console
        self._refuses_existing = refuses_existing
        self._board = ProgressBoard()
        reads_back = VERIFY_READS in run.command.flags
        self._queue = build_run_queue(desk, run.journal, self._board, reads_back=reads_back)
        self._batch = BatchId(run.id)
        self._teller = Teller(desk, console, self._board, refuses_existing=refuses_existing)
        self._taken: dict[Key, TransferId] = {}
        self._in_doubt: set[Key] = set()
        self._completed: dict[Key, Transfer] = {}
        self._earlier: list[TransferSpec] = []
        self._tells_done = True
        self._done_before = 0
        self._doubts = 0
        self._is_unwritten = False

    async def carry_out(
        self,
        plan: AsyncIterator[Planned] | None,
        among: Collection[TransferId] | None = None,
        *,
        tells_done: bool = True,
        goes_on: bool = True,
        follows: bool = False,
    ) -> None:
        """Move all that is planned, and of what an earlier run left all or those `among` it.

        What an earlier run had done is told once more; without `tells_done` it is only counted.
        Without `goes_on` what the journal has is no earlier run's. With `follows` it goes on
        wherever its connections lead now.
        """
        self._tells_done = tells_done
        is_over = False
        try:
            await self._take_over(among, follows=follows)
            if goes_on and self._earlier:
                self._console.say(tr("Going on where an earlier run of this command stopped."))
            try:
                with self._queue.holding(self._batch):
                    if plan is not None:
                        await self._submit(plan)
                while not (self._teller.is_pointless or await self._has_ended()):
                    await self._teller.tell(self._judged)
                await self._teller.tell(self._judged)
                self._teller.sum_up(self._done_before)
            finally:
                is_over = await self._settle()
        finally:
            await self._queue.aclose()
            await (self._run.remove() if is_over else self._run.aclose())

    # What an earlier run left

    async def _take_over(self, among: Collection[TransferId] | None, *, follows: bool) -> None:
        # A life that ended right after it had found something there, or before it looked, could not
        # say whose it is. Opening forgets what was cancelled.
        left_alone = await self._run.journal.left_alone()
        await self._queue.open(among=among, follows=follows)
        found = self._queue.transfers()
        self._taken = {_key(each.spec): each.id for each in found}
        self._completed = {_key(each.spec): each for each in await self._run.journal.completed()}
        self._in_doubt = {_key(each.spec) for each in left_alone if not each.error}
        self._in_doubt |= self._taken.keys()
        self._earlier = [each.spec for each in (*found, *self._completed.values())]
        self._queue.retry([each.id for each in found if each.state is TransferState.FAILED])
        self._queue.resume([each.id for each in found if each.state is TransferState.PAUSED])

    async def _still_to_do(self, specs: Sequence[TransferSpec]) -> list[TransferSpec]:
        """Without what is under way already, and what is proved to be done."""
        if not self._taken and not self._completed:
            return list(specs)
        new = [spec for spec in specs if _key(spec) not in self._taken]
        proved: dict[Key, str] = {}

        async def look(spec: TransferSpec) -> None:
            verified = await self._proved_by(spec)
            if verified is not None:
                proved[_key(spec)] = verified

        # A source that is to be removed and is there again has still to be moved.
        repeated = [s for s in new if _key(s) in self._completed and not s.removes_source]
        await run_bounded(map(look, repeated), LOOKS_IN_FLIGHT)
        if not self._tells_done:
            self._done_before += len(proved)
        for key, verified in proved.items() if self._tells_done else ():
            done = _reused(self._completed[key], verified)
            self._teller.tell_end(done, done.spec.size)
        return [spec for spec in new if _key(spec) not in proved]

    async def _proved_by(self, spec: TransferSpec) -> str | None:
        part_size = self._desk.settings.current.sizes.part
        store_of = self._desk.stores_for(
            spec.source, spec.target, removes_source=spec.removes_source
        )
        return await proved_by(spec, store_of, part_size=part_size)

    # Moving

    async def _submit(self, plan: AsyncIterator[Planned]) -> None:
        """What was planned before a listing broke is moved all the same."""
        try:
            is_empty = True
            async for planned in plan:
                planned = self._without_moved(planned)
                is_empty = is_empty and not planned.specs and not planned.problems
                self._teller.tell_plan(planned)
                await self._queue.submit(await self._still_to_do(planned.specs))
                await self._teller.tell(self._judged)
                if self._teller.is_pointless:
                    return
            await self._run.set_planned(is_planned=True)
            if is_empty and not self._taken:
                self._console.say(self._idle)
        except NotFoundError as error:
            if not self._is_moved(error.location):
                self._console.fail(error)
        except DatabaseError as error:
            self._tell_unwritten(error)
        except S4DeskError as error:
            self._console.fail(error)

    def _without_moved(self, planned: Planned) -> Planned:
        """A plan without complaints of files that an earlier run has moved."""
        problems = [each for each in planned.problems if not self._is_moved(each.path)]
        return replace(planned, problems=problems)

    def _is_moved(self, place: object) -> bool:
        """Whether an earlier run of this command has taken away what was there."""
        for kept in self._earlier:
            source = kept.source.location if isinstance(kept.source, Address) else kept.source
            if kept.removes_source and source == place:
                return True
        return False

    async def _has_ended(self) -> bool:
        try:
            async with asyncio.timeout(TELL_EVERY_S):
                await self._queue.wait(self._batch)
        except TimeoutError:
            return False
        return True

    # The end

    async def _settle(self) -> bool:
        """Keep what is worth it and undo the rest; whether nothing is left to be done."""
        try:
            await self._rest()
            kept, is_in_doubt = await self._run.journal.kept(), self._queue.doubts.is_about
            unfinished = self._unfinished()
            self._doubts = sum(map(is_in_doubt, unfinished))
            doomed = [
                each.id
                for each in unfinished
                if not (
                    each.id in kept or is_in_doubt(each) or _has_arrived(each) or _is_cut_off(each)
                )
            ]
            if doomed:
                await self._undo(doomed)
            return await self._is_over(kept_bytes=sum(kept.values()), has_undone=bool(doomed))
        except DatabaseError as error:
            self._tell_unwritten(error)
            return False
        finally:
            if self._is_unwritten:
                self._tell_rest()

    async def _rest(self) -> None:
        """Begin nothing more. What a store is about to answer is waited for, if that is soon: what
        has arrived is known then, and what is broken off is not."""
        self._queue.hold_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWERS_S):
                await self._queue.at_rest()
        self._queue.pause_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWERS_S):
                await self._queue.at_rest()
            return
        self._console.say(
            tr("Waiting for an answer of the store. Ctrl-C again ends at once, and leaves a doubt.")
        )
        await self._queue.at_rest()

    async def _undo(self, doomed: list[TransferId]) -> None:
        await self._run.remember()  # while it is known why some failed
        self._teller.leave_out(doomed)
        self._queue.cancel(doomed)
        await self._queue.at_rest()
        for transfer in self._queue.transfers():
            if transfer.id in doomed and transfer.state is TransferState.FAILED:
                sentence = tr("What was begun could not be removed: {reason}")
                self._console.fail(
                    sentence.format(reason=transfer.error), self._teller.name(transfer.spec.target)
                )

    async def _is_over(self, *, kept_bytes: int, has_undone: bool) -> bool:
        await self._teller.tell(self._judged)
        unfinished = await self._run.journal.unfinished()
        if has_undone:
            # Whoever goes on has to plan these again.
            await self._run.set_planned(is_planned=False)
        is_cut_short = has_undone or self._is_unwritten or not await self._run.is_planned()
        is_partly_done = is_cut_short and bool(await self._run.journal.completed())
        if not unfinished and not is_partly_done:
            return True
        self._tell_kept(unfinished, kept_bytes)
        return False

    def _unfinished(self) -> list[Transfer]:
        return [each for each in self._queue.transfers() if not each.state.is_final]

    # Telling

    def _tell_unwritten(self, error: DatabaseError) -> None:
        """Say that the journal cannot be written, once."""
        if not self._is_unwritten:
            self._console.fail(error)
        self._is_unwritten = True

    def _tell_rest(self) -> None:
        sentence = tr(
            "What could not be written down was not begun, and what has arrived since may be listed"
            " as unfinished. Run the same command again once there is room."
        )
        self._console.say(sentence)

    def _tell_kept(self, unfinished: int, kept: int) -> None:
        for transfer in self._unfinished():
            if not self._teller.is_told(transfer.id) and self._console.as_json:
                self._teller.tell_end(transfer, self._done(transfer.id))
        sentence = tr_n(
            "{count} transfer is unfinished, {size} of it kept.",
            "{count} transfers are unfinished, {size} of them kept.",
            unfinished,
        ).format(count=format_count(unfinished), size=format_size(kept))
        if self._doubts:
            doubt = tr_n(
                "Of {count} nobody knows yet whether it has arrived.",
                "Of {count} nobody knows yet whether they have arrived.",
                self._doubts,
            )
            sentence = f"{sentence} {doubt.format(count=format_count(self._doubts))}"
        ways = tr(
            "Run the same command again to go on, or undo it with “s4desk transfers cancel {id}”."
        ).format(id=self._run.id)
        self._console.say(f"{sentence} {ways}" if unfinished else ways)

    def _done(self, id_: TransferId) -> int:
        progress = self._board.progress(id_)
        return progress.done if progress else 0

    async def _judged(self, transfer: Transfer) -> Transfer:
        """A transfer of an earlier run finds its own work when that died before it could say so.

        What is somebody else's was refused, and the history is to know that.
        """
        is_left = transfer.skipped and not transfer.spec.is_folder  # one that is there is no loss
        if not is_left or not self._refuses_existing:
            return transfer
        is_in_doubt = _key(transfer.spec) in self._in_doubt
        # The source of a move is still there when it was skipped: that is no move.
        may_be_ours = is_in_doubt and not transfer.spec.removes_source
        verified = await self._proved_by(transfer.spec) if may_be_ours else None
        if verified is None:
            refused = replace(transfer, error=exists_already(transfer))
            self._run.journal.record(refused)
            return refused
        arrived = _reused(transfer, verified)
        self._run.journal.record(arrived)  # the history is to know it as what it was
        return arrived


def _reused(transfer: Transfer, verified: str) -> Transfer:
    """As it is told when an earlier run had carried it out."""
    effort = Effort(reused=transfer.spec.size)
    return replace(transfer, skipped=False, effort=effort, verified=verified)


def _has_arrived(transfer: Transfer) -> bool:
    """Whether it is a move of which only the source is still to be deleted."""
    return transfer.error_kind == NotRemovedError.__name__


def _key(spec: TransferSpec) -> Key:
    return spec.direction, spec.source, spec.target


def _is_cut_off(transfer: Transfer) -> bool:
    """Whether a move has failed for want of its store: to undo it that would have to be looked at,
    and who begins it anew would find it cancelled."""
    return transfer.spec.removes_source and transfer.error_kind in _CUT_OFF
