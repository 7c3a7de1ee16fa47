"""What lifecycle rules will do to a bucket that is too large to be listed: asked of an S3 Inventory
report of it, with memory that does not grow with its rows.

Rows that rules cannot tell apart are brought together by the database (`inventory_likeness`), and
what becomes of them is found out once. Keys with one version take one reading of the report, those
with several a table of their own on disk (`inventory_singles`, `inventory_stacks`).
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, closing, nullcontext, suppress
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.lifecycle.concerns import Concern, Doubt
from s4desk.core.lifecycle.inventory_damage import explained
from s4desk.core.lifecycle.inventory_database import AGAIN_S, Database, FailedQueryError
from s4desk.core.lifecycle.inventory_fates import Fates
from s4desk.core.lifecycle.inventory_fetch import fetched
from s4desk.core.lifecycle.inventory_files import Report, open_report, parts_of, to_be_checked
from s4desk.core.lifecycle.inventory_progress import Bytes, Passes
from s4desk.core.lifecycle.inventory_several import (
    find_doubled,
    find_several,
    have_ids,
    may_double,
)
from s4desk.core.lifecycle.inventory_singles import Singles
from s4desk.core.lifecycle.inventory_stacks import Stacks
from s4desk.core.lifecycle.inventory_view import Shape, show_likeness, show_report, tellable
from s4desk.core.lifecycle.inventory_wanted import EVERYTHING
from s4desk.core.lifecycle.summary import Summary
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Callable,
        Generator,
        Iterator,
        Sequence,
    )
    from datetime import datetime

    from s4desk.core.domain.identity import Location
    from s4desk.core.lifecycle.findings import Findings
    from s4desk.core.lifecycle.inventory_files import Part
    from s4desk.core.lifecycle.inventory_wanted import Wanted
    from s4desk.core.lifecycle.question import Question
    from s4desk.core.store.protocol import Moved, ObjectStore

    Source = Path | tuple[ObjectStore, Location]
    """A file of a report or its manifest: here, or at a store."""

T = TypeVar("T")
TELL_EVERY_S: Final = 0.2


@asynccontextmanager
async def open_inventory(
    sources: Sequence[Source], question: Question, moved: Moved | None = None
) -> AsyncIterator[InventoryPreview]:
    """A look at a report; what of it lies at a store is fetched first. Nothing of it is left when
    the block has ended.

    Raises InventoryError, StoreError, LocalFileError.
    """
    database = await in_thread(Database)
    try:
        parts: list[Part] = []
        for at, source in enumerate(sources):
            if isinstance(source, Path):
                parts += await in_thread(parts_of, source)
            else:
                folder = database.folder / f"report{at}"
                await in_thread(folder.mkdir)
                parts += await fetched(*source, folder, moved)
        yield InventoryPreview(database, parts, question)
    finally:
        await in_thread(database.close)


class InventoryPreview:
    """One look at a report: `count` first, then `findings` as often as one likes.

    All it knows may be read when `count` has ended, `passes` at any time. `untold` are the places
    of the rules of which the report does not say what they are about. `versioning` is what the
    report lets assume, or `told` of its bucket: no report says whether versions are still kept.
    `created` is when the report was begun, where a manifest says so; `newest` when the newest
    version in it was made, in seconds, nan for none. `doubles` are the rows that were left out
    because another one is of the same version.
    """

    def __init__(self, database: Database, parts: Sequence[Part], question: Question) -> None:
        self.question = question
        self.told: Versioning | None = None
        self._told_of = ""
        self._otherwise: Versioning | None = None
        self.summary = Summary(question.rounding, question.days)
        self.concerns: list[Concern] = []
        self.untold: tuple[int, ...] = ()
        self.bucket = ""
        self.versioning = Versioning.OFF
        self.newest = nan
        self.doubles = 0
        self.passes = Passes()
        self.database = database
        self._parts = parts
        self._report = Report(())
        self._singles: Singles | None = None
        self._stacks: Stacks | None = None

    @property
    def created(self) -> datetime | None:
        moments = [part.manifest.created for part in self._parts if part.manifest is not None]
        return max((each for each in moments if each is not None), default=None)

    def ask(
        self,
        question: Question,
        told: Versioning | None = None,
        *,
        of: str = "",
        otherwise: Versioning | None = None,
    ) -> None:
        """Another question about the same report, which is to be counted anew.

        `told` is what the bucket `of` that name says of its versions, None where it was not asked.
        `otherwise` counts where that is None, or the report is of another bucket, or of one that
        was made anew since.
        """
        self.question, self._told_of, self._otherwise = question, of, otherwise
        self.told = otherwise if told is None else told
        self._singles = self._stacks = None

    async def count(self, tell: Callable[[float], None] | None = None) -> None:
        """Read the report, and count what happens; again, if it was cut off. `tell` is told now
        and then, on the loop, how much is done: from 0 to 1.

        Raises InventoryError, NoRoomError, LocalFileError. A cancellation ends it at once.
        """
        self.passes = Passes()
        await self.asked(self._explaining, self._count, tell=tell)
        if self.told is not self._otherwise and self.is_of_another(self._told_of):
            self.told, self.passes = self._otherwise, Passes()
            await self.asked(self._explaining, self._count, tell=tell)

    def is_of_another(self, bucket: str) -> bool:
        """Whether the report, which was counted, names another bucket than this one."""
        return bool(bucket and self.bucket) and self.bucket != bucket

    async def findings(self, wanted: Wanted = EVERYTHING) -> AsyncGenerator[Findings, None]:
        """What happens and is wanted, in no order; versions of a key come together. `count` comes
        first. Raises what it raises; close it when it is left early."""
        batches = self._batches(wanted)
        try:
            while (found := await self.asked(self._explaining, next, batches, None)) is not None:
                yield found
        finally:
            await in_thread(batches.close)

    async def through(self, call: Callable[[Iterator[Findings]], T], wanted: Wanted) -> T:
        """The result of `call` for what is wanted, on a worker thread. `count` comes first."""

        def called() -> T:
            with closing(self._batches(wanted)) as batches:
                return call(batches)

        return await self.asked(self._explaining, called)

    async def batches(self) -> AsyncGenerator[Findings, None]:
        """Everything, as `Preview.batches` has it but for the order."""
        await self.count()
        found = self.findings()
        try:
            async for batch in found:
                yield batch
        finally:
            await found.aclose()

    async def asked(
        self,
        call: Callable[..., T],
        *arguments: object,
        tell: Callable[[float], None] | None = None,
    ) -> T:
        """As `in_thread`; a cancellation interrupts the database."""
        work = asyncio.get_running_loop().run_in_executor(None, call, *arguments)
        try:
            while not work.done():
                await asyncio.wait([work], timeout=None if tell is None else TELL_EVERY_S)
                if tell is not None:
                    tell(self.passes.share)
            return work.result()
        except asyncio.CancelledError:
            while not work.done():
                self.database.interrupt()
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([work], timeout=AGAIN_S)
            if not work.cancelled():
                work.exception()
            self.database.go_on()
            raise

    @property
    def folder(self) -> Path:
        """Where everything is kept meanwhile."""
        return self.database.folder

    # On a worker thread

    def _count(self) -> None:
        database, passes, self.concerns, self.doubles = self.database, self.passes, [], 0
        self._open(passes)
        shape = show_report(database, self._report)
        question, self.untold = self._tellable(shape)
        rules = self.question.lifecycle.rules
        columns = show_likeness(
            database, question.lifecycle, question.rounding, [rules[at] for at in self.untold]
        )
        self.summary = Summary(question.rounding, question.days)
        has_several, has_doubled = self._find_several(shape, passes)
        passes.expect(3 if has_several else 1)
        singles = self._singles = Singles(database, columns, has_several, {})
        with passes.going(database.progress):
            self.bucket, self.newest = singles.group()
        has_ids = shape.has_versions and (have_ids(database) or singles.has_ids())
        self.versioning = _versioning(self.told, self._otherwise, has_ids=has_ids)
        if has_ids and self.told in (None, Versioning.OFF) and self._otherwise is None:
            self.concerns.append(Concern(Doubt.VERSIONING))
        fates = Fates(question.evaluator(self.versioning), question.now, question.days)
        singles.count(fates, self.summary)
        if has_several:
            self._count_stacks(Stacks(database, columns, fates, has_doubled=has_doubled), passes)
        self.bucket = self.bucket or self._report.bucket

    def _open(self, passes: Passes) -> None:
        """Look whether all of each file is there, once."""
        checked = Bytes(to_be_checked(self._parts))
        passes.expect(4 if checked.all else 3)
        database = self.database
        with passes.going(checked.share) if checked.all else nullcontext():
            self._report = open_report(self._parts, lambda: not database.is_stopped, checked.moved)
        database.look()
        self._parts = [replace(part, is_checked=True) for part in self._parts]

    def _count_stacks(self, stacks: Stacks, passes: Passes) -> None:
        self._stacks = stacks
        with passes.going(self.database.progress):
            bucket, newest = stacks.gather()
        with passes.going(stacks.progress):
            stacks.count(self.summary)
        if stacks.doubles:
            self.concerns.append(Concern(Doubt.DOUBLED, names=(str(stacks.doubles),)))
        self.doubles = stacks.doubles
        self.bucket = bucket or self.bucket
        self.newest = max((each for each in (self.newest, newest) if each == each), default=nan)

    def _tellable(self, shape: Shape) -> tuple[Question, tuple[int, ...]]:
        rules = self.question.lifecycle.rules
        self.concerns += [
            Concern(Doubt.UNKNOWN_RULE, rule=at, names=rule.unknown)
            for at, rule in enumerate(rules)
            if rule.is_enabled and rule.unknown
        ]
        lifecycle, untold = tellable(self.question.lifecycle, shape)
        self.concerns += [
            Concern(Doubt.REPORT_LACKS, names=(each,))
            for each in shape.unknown_to(self.question.lifecycle, self.told)
        ]
        self.concerns += [
            Concern(Doubt.UNTOLD_RULE, rule=at, names=shape.missing(rules[at])) for at in untold
        ]
        return replace(self.question, lifecycle=lifecycle), untold

    def _find_several(self, shape: Shape, passes: Passes) -> tuple[bool, bool]:
        """Whether there are keys in several rows, and whether some are there only because rows are
        doubled."""
        database, looks = self.database, may_double(self._parts)
        passes.expect(3 + looks)
        with passes.going(database.progress) if looks else nullcontext():
            has_doubled = find_doubled(database, looks=looks)
        with passes.going(database.progress):
            has_several = find_several(
                database, has_versions=shape.has_versions, has_doubled=has_doubled
            )
        return has_several, has_doubled

    def _batches(self, wanted: Wanted) -> Generator[Findings, None, None]:
        for found in self._all_batches(wanted):
            if self.versioning is Versioning.OFF:
                found.versions = [""] * len(found)
            yield found

    def _all_batches(self, wanted: Wanted) -> Generator[Findings, None, None]:
        if self._singles is not None:
            yield from self._singles.findings(wanted, self.summary)
        if self._stacks is not None:
            yield from self._stacks.findings(wanted, self.summary)

    def _explaining(self, call: Callable[..., T], *arguments: object) -> T:
        try:
            return call(*arguments)
        except FailedQueryError as error:
            raise explained(self.database, self._report, error) from error


def _versioning(
    told: Versioning | None, otherwise: Versioning | None, *, has_ids: bool
) -> Versioning:
    """What a bucket says of itself, unless the report knows better. One with versions was enabled
    once; that it is still, no report says, and what is lost otherwise must not be called kept."""
    if told is None or told is Versioning.OFF:
        return (otherwise or Versioning.SUSPENDED) if has_ids else Versioning.OFF
    return told
