"""`s4desk cp`: a batch of the transfer queue, from the first plan to the last clean-up."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from s4desk.app.cli.copy_plan import CopyPlanner
from s4desk.app.cli.places import parse_side
from s4desk.app.wiring import build_passing_queue
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.transfer import BatchId, ConflictPolicy, TransferId, TransferState
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.rows import format_count, format_duration, format_size, format_speed
from s4desk.viewmodels.transfer_rows import change_rows, problem_rows

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import Address
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.transfer.planner import Planned
    from s4desk.core.transfer.queue import TransferQueue

TELL_EVERY_S = 0.2
SKIPPED = "skipped"
"""The state in a record for a completed transfer that had nothing to do."""
_ENDED = (TransferState.COMPLETED, TransferState.FAILED, TransferState.CANCELLED)


async def cp(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Copy files up, objects down, or objects inside one connection.

    Without a flag nothing that exists is touched: it is listed as a failure.
    """
    policy = ConflictPolicy(arguments.on_conflict or ConflictPolicy.SKIP)
    batch = BatchId(uuid4().hex)
    planner = CopyPlanner(
        stores=desk.stores,
        batch=batch,
        on_conflict=policy,
        is_recursive=arguments.recursive,
        into=arguments.target.endswith(("/", os.sep)),
    )
    plan = planner.plan(
        parse_side(arguments.source, desk.connections),
        parse_side(arguments.target, desk.connections),
    )
    queue = build_passing_queue(desk)
    run = _CopyRun(desk, queue, console, batch, refuses_existing=arguments.on_conflict is None)
    await queue.open()
    try:
        await run.carry_out(plan)
    finally:
        await queue.aclose()


class _CopyRun:
    """One batch: everything in its plan is moved, told once, and undone where it failed."""

    def __init__(
        self,
        desk: Desk,
        queue: TransferQueue,
        console: Console,
        batch: BatchId,
        *,
        refuses_existing: bool,
    ) -> None:
        self._desk = desk
        self._queue = queue
        self._console = console
        self._batch = batch
        self._refuses_existing = refuses_existing
        self._told: set[TransferId] = set()

    async def carry_out(self, plan: AsyncIterator[Planned]) -> None:
        try:
            with self._queue.holding(self._batch):
                await self._submit(plan)
            while not await self._has_ended():
                self._tell()
            self._tell()
        finally:
            await self._undo_unfinished()

    async def _submit(self, plan: AsyncIterator[Planned]) -> None:
        """What was planned before a listing broke is moved all the same."""
        try:
            is_empty = True
            async for planned in plan:
                is_empty = is_empty and not planned.specs and not planned.problems
                self._tell_plan(planned)
                await self._queue.submit(planned.specs)
                self._tell()
            if is_empty:
                self._console.say(tr("There is nothing to copy."))
        except S4DeskError as error:
            self._console.fail(error)

    async def _has_ended(self) -> bool:
        try:
            async with asyncio.timeout(TELL_EVERY_S):
                await self._queue.wait(self._batch)
        except TimeoutError:
            return False
        return True

    async def _undo_unfinished(self) -> None:
        """Leave no part at the store and no half file here: nobody could resume them."""
        unfinished = [each.id for each in self._queue.transfers() if not each.state.is_final]
        if not unfinished:
            return
        self._told.update(unfinished)
        # A job tells its end one turn of the loop before it leaves; until then it cannot be undone.
        await asyncio.sleep(0)
        self._queue.cancel(unfinished)
        await self._queue.wait(self._batch)
        for transfer in self._queue.transfers():
            if transfer.state is TransferState.FAILED:
                sentence = tr("What was begun could not be removed: {reason}")
                self._console.fail(
                    sentence.format(reason=transfer.error), self._name(transfer.spec.target)
                )

    def _tell_plan(self, planned: Planned) -> None:
        for path, reason in problem_rows(planned.problems):
            self._console.fail(reason, path)
        for key, name, reason in change_rows(planned.changes):
            sentence = tr("{key} becomes {name}: {reason}")
            self._console.say(sentence.format(key=key, name=name, reason=reason))

    def _tell(self) -> None:
        """Tell of each transfer that has ended since, and how far the others are."""
        for id_, progress in self._desk.board.drain().items():
            if progress.transfer.state in _ENDED and id_ not in self._told:
                self._told.add(id_)
                self._tell_end(progress.transfer, progress.done)
        if self._console.shows_progress:
            self._console.progress(self._how_far())

    def _tell_end(self, transfer: Transfer, done: int) -> None:
        source, target = self._name(transfer.spec.source), self._name(transfer.spec.target)
        state, error = transfer.state.value, transfer.error
        if transfer.skipped and self._refuses_existing:
            state = TransferState.FAILED.value
            error = tr("It exists already: add --overwrite, --skip or --if-different.")
        elif transfer.skipped:
            state = SKIPPED
        is_moved = state == TransferState.COMPLETED
        if state == TransferState.FAILED:
            self._console.fail(error, target)
        effort = transfer.effort
        record = {
            "type": "transfer",
            "event": "done",
            "direction": transfer.spec.direction.value,
            "state": state,
            "source": source,
            "target": target,
            "size": done if is_moved else transfer.spec.size,
            "bytes": done if is_moved else 0,
            "bytes_sent": effort.sent,
            "bytes_reused": effort.reused,
            "parts": effort.parts,
            "retries": effort.retries,
            "verified": transfer.verified,
            "seconds": round(effort.seconds, 3),
            "error": error,
        }
        if self._console.as_json or is_moved or state == SKIPPED:
            line = self._line(source, target, is_skipped=state == SKIPPED)
            self._console.record(record, line)

    def _line(self, source: str, target: str, *, is_skipped: bool) -> str:
        sentence = (
            tr("skipped {source}, {target} is there") if is_skipped else "{source} -> {target}"
        )
        return sentence.format(source=self._console.name(source), target=self._console.name(target))

    def _name(self, side: Path | Address) -> str:
        """A path, or NAME:BUCKET/KEY as it may be typed."""
        if isinstance(side, Path):
            return str(side)
        connection = self._desk.connections.get(side.connection)
        name = connection.name if connection is not None else side.connection
        return f"{name}:{side.location.bucket}/{side.location.key}"

    def _how_far(self) -> str:
        totals = self._desk.board.totals()
        ended = totals.completed + totals.failed + totals.cancelled
        facts = [
            f"{format_count(ended)}/{format_count(ended + totals.under_way)}",
            f"{format_size(totals.done)} / {format_size(totals.total)}",
            format_speed(totals.speed),
            format_duration(totals.seconds_left),
        ]
        return "  ".join(filter(None, facts))
