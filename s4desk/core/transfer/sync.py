"""One way between two folders: what is new, changed or gone, found before anything moves."""

from __future__ import annotations

import math
import os
from collections import Counter
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, cast

from s4desk.core.domain.errors import LocalFileError, S4DeskError
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.parts import PART_SIZE
from s4desk.core.domain.transfer import ConflictPolicy, TransferSpec
from s4desk.core.runtime.answers import listen_to_answers_too
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.files import may_be_older
from s4desk.core.transfer.origin import seen
from s4desk.core.transfer.proof import holds_already
from s4desk.core.transfer.selection import pages_of
from s4desk.core.transfer.verify import is_same
from s4desk.core.transfer.walk import in_batches

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.store.protocol import ObjectStore, StoreOf
    from s4desk.core.transfer.inventory import Held, Inventory
    from s4desk.core.transfer.names import NameChange
    from s4desk.core.transfer.older_copies import OlderBelow
    from s4desk.core.transfer.planner import Planned
    from s4desk.core.transfer.walk import PathProblem

    _Row = tuple[TransferSpec, Held | None, float]
    """What is planned, what is at its target, and when the source was changed."""

PROOFS_IN_FLIGHT = 8
AT_ONCE = 1000
FEW = 10
"""So many things may go whatever share of the target they are."""
GRAIN_S = 1.0
"""Listings and some file systems know a time only to the second."""


class Compare(StrEnum):
    """What makes a source and a target of one size count as the same.

    SIZE_AND_TIME: the source is not newer. CHECKSUM: the sums that stores keep prove it, asked for
    with a HEAD each. ETAG: for uploads the ETag of the listing does, where it is an MD5 or made of
    those of parts; without one they count as different. SIZE: nothing more.
    """

    SIZE_AND_TIME = "size+mtime"
    CHECKSUM = "checksum"
    ETAG = "etag"
    SIZE = "size"


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


class Why(StrEnum):
    """What tells a changed thing: its size, a newer source, content not proved the same, or that
    what is at the target came of another backend than the first of a group, and may be older."""

    NONE = ""
    SIZE = "size"
    NEWER = "newer"
    CONTENT = "content"
    OLDER = "older"


_BY_LISTING = (Compare.SIZE, Compare.SIZE_AND_TIME)
"""They do not ask for content."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a sync would do about one name. `spec` is None for what is gone; `held` is what is at
    the target, None for what is new. `modified` is when the source was changed, in seconds since
    the epoch, nan when that is not known."""

    change: Change
    spec: TransferSpec | None
    held: Held | None
    why: Why = Why.NONE
    modified: float = math.nan

    @property
    def size(self) -> int:
        """Bytes to move, or to delete."""
        if self.spec is not None:
            return self.spec.size
        return self.held.size if self.held is not None else 0

    @property
    def would_go_back(self) -> bool:
        """Whether what is at the target was changed later than the source, as far as is known."""
        if self.held is None or self.why is Why.OLDER:
            return False
        return self.held.modified > self.modified + GRAIN_S


@dataclass(frozen=True, slots=True)
class Compared:
    """One batch of a comparison. `same` counts what needs nothing."""

    differences: Sequence[Difference]
    same: int = 0
    problems: Sequence[PathProblem] = ()
    changes: Sequence[NameChange] = ()


class Comparison:
    """Compares a plan to copy everything with what is at its target.

    New things are moved only if still nothing is there. What could not be looked at below `top`, a
    local source, spares what has its name at the target; elsewhere nothing counts as gone then:
    `may_delete` says so when all has been compared. Nor does anything where a failover group was
    listed at another backend than its first: that may lack what was never replicated. And where
    such a one would give the objects too, what is at the target stays: `may_replace` says so in the
    end. What was copied to the target while that was so differs from what the first one has until
    the contrary is proved: `older` are those.
    """

    def __init__(
        self,
        plan: AsyncIterator[Planned],
        inventory: Inventory,
        how: Compare,
        store_of: StoreOf,
        *,
        part_size: int = PART_SIZE,
        top: Path | None = None,
        older: OlderBelow | None = None,
    ) -> None:
        self._plan = plan
        self._top = top
        self._inventory = inventory
        self._how = how
        self._store_of = store_of
        self._part_size = part_size
        self._older = older if how in _BY_LISTING else None
        self.counts: Counter[Change] = Counter()
        self.sizes: Counter[Change] = Counter()
        self.same = 0
        self.seen = 0
        self.older = 0
        """How many of what has changed came of what may be older."""
        self.may_delete = False
        self.may_replace = True
        self.stand_in: ConnectionId | None = None
        """Which backend of a failover group was listed where that was not the first."""
        self._is_of_group = False
        self._changed: TransferSpec | None = None

    async def run(self) -> AsyncIterator[Compared]:
        """Batch by batch, what is gone last. Raises what planning and listing raise.

        Close it when it is left early: the plan is closed with it.
        """
        is_whole = True
        listen_to_answers_too(self._answered)
        async with aclosing(cast("AsyncGenerator[Planned, None]", self._plan)) as plan:
            if self._older is not None:
                await self._older.load()
            await self._inventory.load()
            async for planned in plan:
                planned = await in_thread(self._without_obstacles, planned)
                is_whole = is_whole and all(map(self._is_spared, planned.problems))
                yield self._counted(await self._compared(planned))
        if self._older is not None:
            await self._older.tidy()
        self.may_delete = is_whole and not self.is_second_hand
        self.may_replace = not self.is_second_hand or not await self._may_be_old()
        if self.may_delete:
            # A thread looks for them: many are passed over for each that is gone.
            gone = (Difference(Change.GONE, None, held) for held in self._inventory.unmet())
            async for some in in_batches(gone, AT_ONCE):
                yield self._counted(Compared(some))

    def _answered(self, answer: Answer) -> None:
        self._is_of_group = True
        if answer.is_failover:
            self.stand_in = answer.backend

    async def _may_be_old(self) -> bool:
        """Whether a transfer would replace nothing now: one object stands for all of them. The
        first backend may give what it does not list."""
        if self._changed is None or not isinstance(self._changed.source, Address):
            return False
        source = self._changed.source
        try:
            store = await self._store_of(source.connection)
            return (await seen(store.head(source.location))).may_be_old
        except S4DeskError:
            # Whatever it is, a transfer of it would not come far.
            return True

    @property
    def is_second_hand(self) -> bool:
        """Whether a failover group was listed at another backend than its first."""
        return self.stand_in is not None

    @property
    def spared(self) -> int:
        """How many things only the target has that are not taken for gone."""
        return self._inventory.spared

    @property
    def unseen(self) -> int:
        """How many of those may be where the source could not be looked at."""
        return self._inventory.unseen

    @property
    def would_empty(self) -> bool:
        """Whether nothing of what is at the target is in the source."""
        return self.counts[Change.GONE] > 0 and not self.same and not self.counts[Change.CHANGED]

    @property
    def held(self) -> int:
        """How many things the target has, of those that count."""
        return self.counts[Change.GONE] + self.counts[Change.CHANGED] + self.same

    @property
    def would_take_most(self) -> bool:
        """Whether more than half of what is at the target is not in the source, and not just a
        few things."""
        gone = self.counts[Change.GONE]
        return gone > FEW and gone * 2 > self.held

    def _is_spared(self, problem: PathProblem) -> bool:
        """Whether what has its name at the target is safe, or there is nothing to fear."""
        if self._top is None or not isinstance(problem.path, Path):
            return problem.is_harmless
        self._inventory.spare(problem.path.relative_to(self._top).as_posix())
        return True

    def _counted(self, compared: Compared) -> Compared:
        self.same += compared.same
        self.seen += compared.same
        for each in compared.differences:
            self.counts[each.change] += 1
            self.sizes[each.change] += each.size
            self.seen += each.change is not Change.GONE
            self.older += each.why is Why.OLDER
            if each.change is Change.CHANGED:
                self._changed = each.spec
        return compared

    async def _compared(self, planned: Planned) -> Compared:
        rows = await self._dated(await in_thread(self._met, planned))
        is_proved = await self._proved(rows)
        differences = await in_thread(self._differences, rows, is_proved)
        same = len(rows) - len(differences)
        return Compared(differences, same, planned.problems, planned.changes)

    async def _dated(self, rows: list[_Row]) -> list[_Row]:
        """The same, with the source's own time where one of a replica would decide: that came later
        than what it was made of, and than what was written at the target meanwhile."""
        if not self.is_second_hand or self._how is not Compare.SIZE_AND_TIME:
            return rows
        dated = list(rows)

        async def look(number: int, spec: TransferSpec, there: Held, source: Address) -> None:
            modified = math.nan
            with suppress(S4DeskError):
                store = await self._store_of(source.connection)
                at = (await store.head(source.location)).modified
                modified = math.nan if at is None else at.timestamp()
            dated[number] = spec, there, modified

        looks = (
            look(number, spec, there, spec.source)
            for number, (spec, there, modified) in enumerate(rows)
            if there is not None and isinstance(spec.source, Address) and not spec.is_folder
            if spec.size == there.size and not modified <= there.modified + GRAIN_S
        )
        await run_bounded(looks, PROOFS_IN_FLIGHT)
        return dated

    def _without_obstacles(self, planned: Planned) -> Planned:
        """The same, with what something at the target stands against among the problems."""
        obstacles = [self._inventory.obstacle(spec) for spec in planned.specs]
        problems = [each for each in obstacles if each is not None]
        if not problems:
            return planned
        return replace(
            planned,
            specs=[
                spec for spec, each in zip(planned.specs, obstacles, strict=True) if each is None
            ],
            problems=[*planned.problems, *problems],
            modified=[
                when
                for when, each in zip(planned.modified, obstacles, strict=False)
                if each is None
            ],
        )

    def _met(self, planned: Planned) -> list[_Row]:
        """What is planned beside what is at its target. It blocks."""
        held = map(self._inventory.meet, planned.specs)
        times = planned.modified or _times(planned.specs)
        return list(zip(planned.specs, held, times, strict=True))

    def _differences(self, rows: Sequence[_Row], is_proved: Mapping[int, bool]) -> list[Difference]:
        """What of these needs something. It blocks."""
        found: list[Difference] = []
        for number, (spec, there, modified) in enumerate(rows):
            is_older = self._is_of_older(spec, there)
            if there is None:
                if not _is_folder_there(spec):
                    only_new = replace(spec, on_conflict=ConflictPolicy.IF_ABSENT)
                    found.append(Difference(Change.NEW, only_new, None, modified=modified))
            elif is_older and not self.is_second_hand:
                renewed = replace(spec, on_conflict=ConflictPolicy.RENEW)
                found.append(Difference(Change.CHANGED, renewed, there, Why.OLDER, modified))
            elif why := self._why(spec, there, modified, is_proved.get(number)):
                changed = replace(spec, on_conflict=self._replacing(spec))
                found.append(Difference(Change.CHANGED, changed, there, why, modified))
        return found

    def _is_of_older(self, spec: TransferSpec, there: Held | None) -> bool:
        """Whether what is at the target is known to be copied from what may be older. What a
        file that is to go there has to do with that nobody knows: its own time decides."""
        is_meant = self._how in _BY_LISTING and isinstance(spec.source, Address)
        if spec.is_folder or not is_meant:
            return False
        if isinstance(spec.target, Path):
            at = math.nan if there is None else there.modified
            return self._is_of_group and may_be_older(at)
        return self._older is not None and self._older.has(spec.target.location.key, there)

    def _replacing(self, spec: TransferSpec) -> ConflictPolicy:
        """How to replace what differs: if it comes of a group, and may be older by the time it is
        read, not whatever it is. Where the target is in a store the transfer sees to that."""
        is_file = isinstance(spec.target, Path)
        is_fixed = not (is_file and self._is_of_group)
        return ConflictPolicy.OVERWRITE if is_fixed else ConflictPolicy.RENEW

    def _why(self, spec: TransferSpec, there: Held, modified: float, is_proved: bool | None) -> Why:
        """What makes the source and what is at the target differ; NONE when nothing does."""
        if spec.is_folder:
            return Why.NONE
        if spec.size != there.size:
            return Why.SIZE
        if self._how is Compare.SIZE_AND_TIME:
            # What may be older is not newer for having come late. A time that nobody knows proves
            # nothing.
            is_late = isinstance(spec.source, Path) and may_be_older(modified)
            is_not_newer = is_late or modified <= there.modified + GRAIN_S
            return Why.NONE if is_not_newer else Why.NEWER
        return Why.CONTENT if is_proved is False else Why.NONE

    async def _proved(self, rows: Sequence[_Row]) -> dict[int, bool]:
        """Which of those that only their content can tell hold the same bytes."""
        if self._how in (Compare.SIZE, Compare.SIZE_AND_TIME):
            return {}
        proved: dict[int, bool] = {}

        async def prove(number: int, spec: TransferSpec, there: Held) -> None:
            if (
                self._how is Compare.ETAG
                and there.meta is not None
                and isinstance(spec.source, Path)
            ):
                same = await is_same(spec.source, there.meta, part_size=self._part_size)
            else:
                same = await holds_already(spec, self._store_of, part_size=self._part_size)
            proved[number] = same

        proofs = (
            prove(number, spec, there)
            for number, (spec, there, _) in enumerate(rows)
            if there is not None and not spec.is_folder and spec.size == there.size
        )
        await run_bounded(proofs, PROOFS_IN_FLIGHT)
        return proved


def _is_folder_there(spec: TransferSpec) -> bool:
    """An inventory of files has no folders."""
    return spec.is_folder and isinstance(spec.target, Path) and spec.target.is_dir()


def _times(specs: Iterable[TransferSpec]) -> Iterator[float]:
    """When local sources were changed."""
    for spec in specs:
        yield _time_of(spec.source) if isinstance(spec.source, Path) else math.nan


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        # The transfer will say what is the matter with it.
        return math.nan


def remove_files(top: Path, gone: Sequence[Held]) -> Iterator[LocalFileError | Held]:
    """Delete local files, and the folders below `top` that are empty without them. It blocks.

    A file that was changed since it was looked at stays: nobody has agreed to lose that.
    """
    for held in gone:
        if not isinstance(held.place, Path):
            raise TypeError(f"{held.place} is not a local path")
        try:
            found = held.place.lstat()
            if (found.st_size, found.st_mtime) != (held.size, held.modified):
                raise OSError(0, "it was changed since it was looked at")
            held.place.unlink()
        except FileNotFoundError:
            yield held
        except OSError as error:
            yield LocalFileError(held.place, error)
        else:
            _remove_empty(held.place.parent, top)
            yield held


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and top in folder.parents:
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = folder.parent


async def unchanged(store: ObjectStore, prefix: Prefix, gone: Iterable[Held]) -> list[Held]:
    """The objects among what is gone that are still as they were: one listing tells.

    What was written since then nobody has agreed to lose. Raises StoreError.
    """
    left = {held.place: held for held in gone}
    found: list[Held] = []
    async with aclosing(pages_of(store, prefix)) as pages:
        async for page in pages:
            for row, key in enumerate(page.keys):
                held = left.get(Location(prefix.bucket, key))
                if held is None or held.meta is None:
                    continue
                now = page.sizes[row], page.etags[row], page.meta(row).modified
                if now == (held.size, held.meta.etag, held.meta.modified):
                    found.append(held)
    return found


def locations(gone: Iterable[Held]) -> list[Location]:
    """The objects among what is gone, for a Deletion."""
    return [held.place for held in gone if isinstance(held.place, Location)]
