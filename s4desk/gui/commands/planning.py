"""What lies between a gesture and the queue: planning, names, conflicts, and the questions."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import replace
from itertools import repeat
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import BatchId, ConflictPolicy
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.conflicts import FreeNames, decide, find_conflicts
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.busy import busy
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.viewmodels.group_seen import older_warning
from s4desk.viewmodels.locked_text import Threat
from s4desk.viewmodels.rows import format_count
from s4desk.viewmodels.transfer_rows import change_rows, conflict_rows, modified_times, problem_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.transfer.conflicts import Conflict
    from s4desk.core.transfer.names import NameChange
    from s4desk.core.transfer.planner import Planned
    from s4desk.core.transfer.walk import PathProblem
    from s4desk.gui.commands.lock_guard import LockGuard
    from s4desk.gui.commands.queueing import QueueFeed

_REPLACING = (ConflictPolicy.OVERWRITE, ConflictPolicy.IF_DIFFERENT)


def new_batch() -> BatchId:
    return BatchId(uuid4().hex)


class Planning:
    """Brings a whole plan into the queue, with every question asked before a byte moves."""

    def __init__(self, desk: Desk, feed: QueueFeed, guard: LockGuard, window: QWidget) -> None:
        self._desk = desk
        self.guard = guard
        self._feed = feed
        self._window = window

    async def submit(
        self,
        plan: AsyncIterator[Planned],
        title: str,
        *,
        agree: Callable[[Sequence[TransferSpec]], Awaitable[bool]] | None = None,
        in_store: bool = False,
    ) -> bool:
        """Collect `plan`, ask what must be asked, and queue it; False when the person declined.

        `agree` is asked about the whole plan before anything else; `in_store` says that nothing
        of it is on this computer. Raises what planning and looking for conflicts raise.
        """
        specs: list[TransferSpec] = []
        problems: list[PathProblem] = []
        changes: list[NameChange] = []
        times = array("d")
        async with busy(title, self._window) as dialog:
            async for planned in plan:
                specs += planned.specs
                problems += planned.problems
                changes += planned.changes
                times.extend(planned.modified or repeat(nan, len(planned.specs)))
                dialog.say(_looked_at(title, len(specs)))
            policy = self._desk.settings.current.on_conflict
            conflicts = await find_conflicts(specs, self._desk.stores.get)
        if agree is not None and not await agree(specs):
            return False
        has_others = bool(specs)
        if not await self.accepts(problems, changes, has_others=has_others, in_store=in_store):
            return False
        decided = await self._decided(specs, conflicts, policy, times)
        if decided is None:
            return False
        if specs:
            skipped = len(specs) - len(decided)
            left_out = sum(not each.is_elsewhere for each in problems)
            with self._desk.queue.holding(specs[0].batch, skipped, left_out):
                await self._desk.queue.submit(decided)
            self._feed.wake()
        return True

    async def accepts(
        self,
        problems: Sequence[PathProblem],
        changes: Sequence[NameChange],
        *,
        has_others: bool,
        in_store: bool = False,
    ) -> bool:
        """Ask whether to go on although something is left out or gets another name."""
        ask = self._accepts_left_out if in_store else self._accepts_problems
        if problems and not await ask(problems, has_others=has_others):
            return False
        accepts_names = self._accepts_twins if in_store else self._accepts_names
        return not changes or await accepts_names(changes)

    async def _decided(
        self,
        specs: Sequence[TransferSpec],
        conflicts: Sequence[Conflict],
        policy: ConflictPolicy,
        times: Sequence[float],
    ) -> list[TransferSpec] | None:
        """What is to be submitted once every conflict is decided; None for nothing at all.

        `times` is when the objects of the specs were changed, nan for local sources.
        """
        if not conflicts:
            return [_only_new(spec) for spec in specs]
        in_conflict = {id(conflict.spec) for conflict in conflicts}
        markers = [conflict.spec for conflict in conflicts if _is_marker(conflict)]
        conflicts = [conflict for conflict in conflicts if not _is_marker(conflict)]
        policies = [policy] * len(conflicts)
        if conflicts and policy is ConflictPolicy.ASK:
            of_objects = {
                spec.source: seconds
                for spec, seconds in zip(specs, times, strict=True)
                if id(spec) in in_conflict
            }
            answer = await self._ask(conflicts, of_objects)
            if answer is None:
                return None
            policies = answer
        names = FreeNames(specs, self._desk.stores.get)
        decided = [_only_new(spec) for spec in specs if id(spec) not in in_conflict]
        decided += [replace(spec, on_conflict=ConflictPolicy.IF_DIFFERENT) for spec in markers]
        replacing: list[TransferSpec] = []
        for conflict, chosen in zip(conflicts, policies, strict=True):
            spec = await decide(conflict, chosen, names)
            if spec is not None:
                decided.append(spec)
                replacing.append(spec)
        return decided if await self.may_replace(replacing) else None

    async def may_replace(
        self, specs: Sequence[TransferSpec], parent: QWidget | None = None
    ) -> bool:
        """Whether nothing that is locked is at these targets, or the person wants new versions on
        top of it."""
        targets: defaultdict[ConnectionId, list[Location]] = defaultdict(list)
        for spec in specs:
            if spec.on_conflict in _REPLACING and not isinstance(spec.target, Path):
                targets[spec.target.connection].append(spec.target.location)
        for connection, locations in targets.items():
            if not await self.guard.allows(connection, locations, Threat.REPLACE, parent):
                return False
        return True

    async def _ask(
        self, conflicts: Sequence[Conflict], of_objects: Mapping[Path | Address, float]
    ) -> list[ConflictPolicy] | None:
        of_files = await in_thread(modified_times, [conflict.spec for conflict in conflicts])
        rows = conflict_rows(conflicts, {**of_objects, **of_files})
        dialog = ConflictDialog(rows, self._window, self._older_warning(conflicts))
        return dialog.decisions() if await accepted(dialog) else None

    def _older_warning(self, conflicts: Sequence[Conflict]) -> str:
        """That the group that they come of may give what is older."""
        sources = (conflict.spec.source for conflict in conflicts)
        groups = {each.connection for each in sources if isinstance(each, Address)}
        statuses = filter(None, map(self._desk.groups.status, groups))
        return " ".join(filter(None, map(older_warning, statuses)))

    async def _accepts_names(self, changes: Sequence[NameChange]) -> bool:
        count = len(changes)
        sentence = tr_n(
            "{count} name cannot be kept on this computer.",
            "{count} names cannot be kept on this computer.",
            count,
        )
        return await accepted(
            ReviewDialog(
                tr("Other Names"),
                sentence.format(count=format_count(count)),
                (tr("In the store"), tr("On this computer"), tr("Why")),
                change_rows(changes),
                tr("Continue"),
                self._window,
                remark=tr("The objects in the store keep their names."),
            )
        )

    async def _accepts_twins(self, changes: Sequence[NameChange]) -> bool:
        count = len(changes)
        sentence = tr_n(
            "{count} name is there twice: one of the two gets a number.",
            "{count} names are there twice: one of each two gets a number.",
            count,
        )
        return await accepted(
            ReviewDialog(
                tr("Other Names"),
                sentence.format(count=format_count(count)),
                (tr("Key"), tr("New key"), tr("Why")),
                change_rows(changes),
                tr("Continue"),
                self._window,
            )
        )

    async def _accepts_left_out(self, problems: Sequence[PathProblem], *, has_others: bool) -> bool:
        count = len(problems)
        sentence = tr_n(
            "{count} object cannot be put there and is left out.",
            "{count} objects cannot be put there and are left out.",
            count,
        )
        return await accepted(
            ReviewDialog(
                tr("Left Out"),
                sentence.format(count=format_count(count)),
                (tr("Object"), tr("Why")),
                problem_rows(problems),
                tr("Go on with the rest") if has_others else tr("Continue"),
                self._window,
            )
        )

    async def _accepts_problems(self, problems: Sequence[PathProblem], *, has_others: bool) -> bool:
        count = len(problems)
        sentence = tr_n(
            "{count} file cannot be uploaded and is left out.",
            "{count} files cannot be uploaded and are left out.",
            count,
        )
        return await accepted(
            ReviewDialog(
                tr("Left Out"),
                sentence.format(count=format_count(count)),
                (tr("Path"), tr("Why")),
                problem_rows(problems),
                tr("Upload the rest") if has_others else tr("Continue"),
                self._window,
            )
        )


def _is_marker(conflict: Conflict) -> bool:
    """Whether a folder meets a folder: nobody wants to be asked about that."""
    target, existing = conflict.spec.target, conflict.existing
    if isinstance(target, Path) or not target.location.key.endswith("/"):
        return False
    return conflict.spec.size == existing.size == 0 and not existing.is_hidden


def _only_new(spec: TransferSpec) -> TransferSpec:
    """Nothing is at its target; what comes there meanwhile must not be replaced unasked."""
    return replace(spec, on_conflict=ConflictPolicy.IF_ABSENT)


def _looked_at(title: str, count: int) -> str:
    sentence = tr_n("{title} {count} file so far.", "{title} {count} files so far.", count)
    return sentence.format(title=title, count=format_count(count))
