"""`s4desk sync`: one folder made like another, one way."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.batch import VERIFY_READS, BatchRun
from s4desk.app.cli.copying import begin, place_of, side_of
from s4desk.app.cli.lock_watch import LockWatch
from s4desk.app.cli.places import Remote, UsageError, parse_side
from s4desk.app.cli.removing import delete, tell_kept, tell_report
from s4desk.app.cli.telling import Teller, place_name
from s4desk.core.domain.errors import LocalFileError
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.one_place import is_one_endpoint
from s4desk.core.domain.transfer import BatchId
from s4desk.core.persist.deletions import is_unfinished
from s4desk.core.persist.peek import Command
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.delete import Deletion
from s4desk.core.transfer.planner import Planned
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.core.transfer.sync import (
    FEW,
    Change,
    Compare,
    Comparison,
    Difference,
    locations,
    remove_files,
    unchanged,
)
from s4desk.core.transfer.sync_overlap import overlap, refuse_one_place
from s4desk.core.transfer.sync_sides import StoreFolder, comparison_of, refuse_nothing
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator, Iterable, Sequence

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.runs import Run
    from s4desk.core.transfer.inventory import Held

VERB = "sync"
DELETE = "delete"


async def sync(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Move what is new or changed; with --delete, then remove what only the target has.

    Nothing is removed unless all of the source could be looked at and everything was moved.
    """
    wishes = (DELETE if arguments.delete else "", VERIFY_READS if arguments.verify_reads else "")
    command = Command(
        VERB,
        place_of(parse_side(arguments.source, desk.connections)),
        place_of(parse_side(arguments.target, desk.connections)),
        (arguments.compare, *filter(None, wishes)),
    )
    await _check(desk, command)
    if arguments.dry_run:
        await _rehearse(desk, command, console)
        return
    run = await begin(desk, command, console)
    deletes = DELETE in command.flags
    if deletes and await run.is_planned():
        console.say(tr("An earlier run of this was cut off; both sides are compared anew."))
    failures, haul = console.failures, _Haul(await _watch_on(desk, command))
    comparison = await compare(desk, command, BatchId(run.id))
    run.outlast_transfers(lambda: deletes and comparison.may_delete)
    batch = BatchRun(
        desk, run, console, refuses_existing=False, idle=tr("There is nothing to move.")
    )
    await batch.carry_out(_planned(comparison, haul))
    if comparison.older:
        _tell_older(comparison, console)
    if comparison.spared:
        _tell_spared(comparison, console)
    is_sound = comparison.may_delete and console.failures == failures + haul.problems
    if not deletes:
        if is_sound:
            _tell_gone(haul.gone, console)
    elif not run.is_left:
        _tell_kept(comparison, console)
    else:
        async with _rest_of(desk, run, console) as rest:
            if not is_sound:
                _tell_kept(comparison, console)
            elif await _may_clean_up(comparison, console, is_sure=arguments.yes):
                await haul.look_at_gone()
                await rest.clean_up(desk, haul.gone)
    haul.tell_locked(console)


@dataclass(slots=True)
class _Haul:
    """What a comparison found beside what is to be moved."""

    watch: LockWatch | None = None
    gone: list[Held] = field(default_factory=list)
    problems: int = 0

    async def look(self, differences: Iterable[Difference]) -> None:
        """At the locks of what these would cover."""
        if self.watch is not None:
            held = [each.held.place for each in differences if each.held is not None]
            await self.watch.look([each for each in held if isinstance(each, Location)])

    async def look_at_gone(self) -> None:
        await self.look(Difference(Change.GONE, None, each) for each in self.gone)

    def tell_locked(self, console: Console, *, is_dry: bool = False) -> None:
        if self.watch is not None:
            self.watch.tell(console, is_dry=is_dry)


async def _watch_on(desk: Desk, command: Command) -> LockWatch | None:
    """What of the target is locked; None for a target on this computer."""
    target = command.target
    if not isinstance(target, Address):
        return None
    return LockWatch(await desk.stores.get(target.connection), target.location.bucket)


async def plan_sync(desk: Desk, command: Command, batch: BatchId) -> AsyncIterator[Planned]:
    """What still differs, for whoever goes on with a sync that was cut off; it deletes nothing."""
    comparison = await compare(desk, command, batch)
    async for planned in _planned(comparison, _Haul()):
        yield planned


async def compare(desk: Desk, command: Command, batch: BatchId) -> Comparison:
    """Everything in the source against everything in the target. Raises UsageError, and what
    opening a connection raises."""
    return await comparison_of(
        _folder(side_of(desk, command.source)),
        _folder(side_of(desk, command.target)),
        Compare(command.flags[0]),
        batch,
        desk.stores_for(command.source, command.target),
        part_size=desk.settings.current.sizes.part,
        older=desk.older,
    )


def _folder(side: Remote | Path) -> Path | StoreFolder:
    return side if isinstance(side, Path) else StoreFolder(side.connection.id, side.folder)


async def _check(desk: Desk, command: Command) -> None:
    """Refuse what has no meaning, before anything is begun.

    Raises UsageError, ValidationError, and what looking into a store raises.
    """
    for end in (command.source, command.target):
        if isinstance(end, Address) and not end.location.bucket:
            raise UsageError(tr("A bucket is needed: NAME:BUCKET/KEY."))
    if isinstance(command.source, Path) and not await in_thread(command.source.is_dir):
        raise UsageError(tr("{path} is not a folder.").format(path=command.source))
    if isinstance(command.target, Path) and await in_thread(_is_occupied, command.target):
        raise UsageError(tr("{path} is a file, not a folder.").format(path=command.target))
    if isinstance(command.source, Path) and isinstance(command.target, Path):
        raise UsageError(tr("Both sides are local; one has to be NAME:BUCKET/KEY."))
    source, target = side_of(desk, command.source), side_of(desk, command.target)
    store_of = desk.stores_for(command.source, command.target)
    if isinstance(source, Remote) and isinstance(target, Remote):
        is_one_store = is_one_endpoint(source.connection, target.connection)
        if is_one_store and overlap(source.folder, target.folder):
            raise UsageError(tr("A folder cannot be synced with itself, or one inside it."))
        if overlap(source.folder, target.folder):
            here = await store_of(source.connection.id)
            there = await store_of(target.connection.id)
            await refuse_one_place(here, source.folder, there, target.folder)
    if isinstance(source, Remote):
        await refuse_nothing(await store_of(source.connection.id), source.folder)


def _is_occupied(path: Path) -> bool:
    return path.exists() and not path.is_dir()


async def _planned(comparison: Comparison, haul: _Haul) -> AsyncIterator[Planned]:
    """What is to be moved; what else was found is put into `haul`."""
    async for compared in comparison.run():
        haul.problems += sum(not each.is_elsewhere for each in compared.problems)
        haul.gone += [
            each.held
            for each in compared.differences
            if each.change is Change.GONE and each.held is not None
        ]
        await haul.look(each for each in compared.differences if each.change is Change.CHANGED)
        specs = [each.spec for each in compared.differences if each.spec is not None]
        yield Planned(specs, compared.problems, compared.changes)


# Telling only


async def _rehearse(desk: Desk, command: Command, console: Console) -> None:
    comparison = await compare(desk, command, BatchId(""))
    deletes = DELETE in command.flags
    teller, haul = Teller(desk, console, ProgressBoard()), _Haul(await _watch_on(desk, command))
    async for compared in comparison.run():
        teller.tell_plan(Planned((), compared.problems, compared.changes))
        meant = [each for each in compared.differences if each.change is not Change.GONE or deletes]
        await haul.look(meant)
        for each in meant:
            _tell(desk, command, each, console)
    counts, sizes = comparison.counts, comparison.sizes
    sentence = tr("{new} new, {changed} changed ({size} to move), {same} the same.")
    if comparison.may_delete:
        sentence = tr(
            "{new} new, {changed} changed ({size} to move), {gone} only in the target, {same} the"
            " same."
        )
    console.say(
        sentence.format(
            new=format_count(counts[Change.NEW]),
            changed=format_count(counts[Change.CHANGED]),
            size=format_size(sizes[Change.NEW] + sizes[Change.CHANGED]),
            gone=format_count(counts[Change.GONE]),
            same=format_count(comparison.same),
        )
    )
    if comparison.older:
        _tell_older(comparison, console)
    if counts[Change.CHANGED] and not comparison.may_replace:
        console.say(
            tr("What has changed would not be replaced: what the source gives may be older.")
        )
    haul.tell_locked(console, is_dry=True)
    if comparison.spared:
        _tell_spared(comparison, console)
    if deletes and not comparison.may_delete:
        _tell_kept(comparison, console)
    elif deletes and (warning := _warning(comparison)):
        console.say(warning)


def _tell(desk: Desk, command: Command, difference: Difference, console: Console) -> None:
    spec, held = difference.spec, difference.held
    target = place_name(desk, spec.target) if spec is not None else ""
    if held is not None and spec is None:
        target = _name_of(desk, command, held)
    record = {
        "type": "difference",
        "change": difference.change.value,
        "why": difference.why.value,
        "source": place_name(desk, spec.source) if spec is not None else "",
        "target": target,
        "size": difference.size,
    }
    words = {
        Change.NEW: tr("new"),
        Change.CHANGED: tr("changed"),
        Change.GONE: tr("delete"),
    }
    line = f"{words[difference.change]:8} {format_size(difference.size):>10} {console.name(target)}"
    console.record(record, line)


def _name_of(desk: Desk, command: Command, held: Held) -> str:
    """What is at the target, as it may be typed."""
    if isinstance(held.place, Path) or isinstance(command.target, Path):
        return str(held.place)
    return place_name(desk, Address(command.target.connection, held.place))


def _tell_older(comparison: Comparison, console: Console) -> None:
    """Why something counts as changed although neither size nor time says so."""
    sentence = tr_n(
        "Of what is at the target {count} came of another member than the first of a failover"
        " group, and may be older: it counts as changed.",
        "Of what is at the target {count} came of another member than the first of a failover"
        " group, and may be older: they count as changed.",
        comparison.older,
    )
    console.say(sentence.format(count=format_count(comparison.older)))


# What is gone


def _warning(comparison: Comparison) -> str:
    """What makes a deletion look like a mistake; empty when nothing does."""
    if comparison.would_empty:
        return tr(
            "Nothing that is at the target is in the source: --delete would remove all of it."
        )
    if not comparison.would_take_most:
        return ""
    sentence = tr(
        "--delete would remove {count} of the {total} things at the target ({size}): more than half"
        " of them, and more than {few}."
    )
    return sentence.format(
        few=format_count(FEW),
        count=format_count(comparison.counts[Change.GONE]),
        total=format_count(comparison.held),
        size=format_size(comparison.sizes[Change.GONE]),
    )


def _tell_spared(comparison: Comparison, console: Console) -> None:
    """What only the target has and is left all the same, and why."""
    if comparison.unseen:
        sentence = tr_n(
            "{count} object only the target has is left: what may hold it in the source could not"
            " be looked at.",
            "{count} objects only the target has are left: what may hold them in the source could"
            " not be looked at.",
            comparison.unseen,
        )
        console.say(sentence.format(count=format_count(comparison.unseen)))
    if not (count := comparison.spared - comparison.unseen):
        return
    sentence = tr_n(
        "{count} object only the target has is left: its name cannot be had in the source.",
        "{count} objects only the target has are left: their names cannot be had in the source.",
        count,
    )
    console.say(sentence.format(count=format_count(count)))


async def _may_clean_up(comparison: Comparison, console: Console, *, is_sure: bool) -> bool:
    """A source with little of the target may be the wrong one, or a disk that is not there."""
    warning = _warning(comparison)
    if is_sure or not warning:
        return True
    if console.can_ask and await console.agrees(f"{warning} {tr('Type “yes”: ')}"):
        return True
    console.fail(f"{warning} {tr('Nothing was deleted; if that is meant, add --yes.')}")
    return False


def _tell_kept(comparison: Comparison, console: Console) -> None:
    if comparison.is_second_hand:
        console.fail(
            tr(
                "Nothing is deleted: another backend of the group than the first was listed, and"
                " may lack objects. Try again when the first can be read."
            )
        )
    else:
        console.say(tr("Nothing is deleted: not everything could be looked at and moved."))


def _tell_gone(gone: Sequence[Held], console: Console) -> None:
    if gone:
        sentence = tr_n(
            "{count} thing is only in the target; --delete would remove it.",
            "{count} things are only in the target; --delete would remove them.",
            len(gone),
        )
        console.say(sentence.format(count=format_count(len(gone))))


@asynccontextmanager
async def _rest_of(desk: Desk, run: Run, console: Console) -> AsyncIterator[_Rest]:
    """What a run has to do when everything was moved. It is forgotten then, or when a person was
    told why nothing is deleted; cut off, it stays.

    Raises DatabaseError, NoSuchRunError when somebody else was faster.
    """
    rest = _Rest(await desk.runs.open(run.id), console)
    try:
        yield rest
    finally:
        if rest.is_cut_off:
            await rest.run.aclose()
            tell_kept(run.id, console)
        else:
            await rest.run.remove()


@dataclass(slots=True)
class _Rest:
    """The deletions of a sync. Without an end they are `is_cut_off`, also for a later life."""

    run: Run
    console: Console
    is_cut_off: bool = False

    async def clean_up(self, desk: Desk, gone: Sequence[Held]) -> None:
        """Delete what still is as it was. Raises the StoreError that ended it early."""
        if not gone:
            return
        self.is_cut_off = True
        target = side_of(desk, self.run.command.target)
        if isinstance(target, Remote):
            await self._remove_objects(desk, target, gone)
        else:
            await _remove_local(target, gone, self.console)
            self.is_cut_off = False

    async def _remove_objects(self, desk: Desk, target: Remote, gone: Sequence[Held]) -> None:
        store = await desk.stores.get(target.connection.id)
        still = await unchanged(store, target.folder, gone)
        deletion = Deletion(store, locations(still))
        try:
            await delete(deletion, self.console)
            self.is_cut_off = is_unfinished(deletion.report)
        finally:
            tell_report(target, deletion.report, self.console)
        if deletion.report.error is not None:
            raise deletion.report.error


async def _remove_local(top: Path, gone: Sequence[Held], console: Console) -> None:
    top = await in_thread(Path.absolute, top)
    for outcome in await in_thread(lambda: list(remove_files(top, gone))):
        if isinstance(outcome, LocalFileError):
            console.fail(outcome, str(outcome.path))
        else:
            record = {"type": "deleted", "path": str(outcome.place), "count": 1}
            name = console.name(str(outcome.place))
            console.record(record, tr("deleted {place}").format(place=name))
