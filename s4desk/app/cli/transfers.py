"""`s4desk transfers`: what is unfinished, in runs that were cut off and in the window's queue."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.app.channel import NoWindowError
from s4desk.app.cli import (
    copying,
    cut_off_deletions,
    cut_off_syncs,
    handing_over,
    past,
    syncing,
)
from s4desk.app.cli.places import UsageError
from s4desk.app.cli.telling import Teller, tell_aside
from s4desk.app.cli.undoing import undo
from s4desk.app.cli.unfinished import UNDER_WAY, WINDOW, show_run
from s4desk.app.wiring import build_run_queue
from s4desk.core.domain.errors import ConnectionGoneError, ConnectionMovedError, S4DeskError
from s4desk.core.domain.transfer import BatchId, TransferId, TransferState
from s4desk.core.persist.database import DatabaseInUseError
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.persist.peek import is_claimed, peek
from s4desk.core.persist.runs import NoSuchRunError, RunView
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.core.transfer.whereabouts import endpoints_of, obstacle
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.peek import Command
    from s4desk.core.persist.runs import Run
    from s4desk.core.transfer.planner import Planned

    Plan = Callable[[Desk, Command, BatchId], AsyncIterator[Planned]]
    Deed = Callable[[Desk, Collection[TransferId] | None, Console], Awaitable[None]]
TELL_EVERY_S = 0.2

PLANS: dict[str, Plan] = {
    copying.VERB: copying.plan_copy,
    copying.MOVE: copying.plan_copy,
    syncing.VERB: syncing.plan_sync,
}
"""How a run goes on planning that was cut off while it did, by the verb it was begun with."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """Transfers of one journal; all of them without `among`."""

    journal: str
    among: frozenset[TransferId] | None = None


async def show_all(desk: Desk, arguments: Namespace, console: Console) -> None:
    """List unfinished transfers with the names they have for `resume` and `cancel`; or those that
    have ended."""
    if arguments.finished:
        await past.show_finished(desk, arguments, console)
        return
    if arguments.changes:
        await past.show_changes(desk, arguments, console)
        return
    if arguments.since:
        raise UsageError(tr("--since goes with --finished."))
    views = await look(desk, console)
    chosen = {each.journal: each.among for each in _chosen(arguments.ids, views, console)}
    for view in views:
        if not arguments.ids or view.id in chosen:
            has_each = arguments.each or bool(arguments.ids)
            show_run(desk, view, console, has_each=has_each, among=chosen.get(view.id))
    if not views:
        console.say(tr("Nothing is unfinished."))


async def resume(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Go on with runs that were cut off; and with the window's queue when no window has it."""
    views = await look(desk, console)
    named = _chosen(arguments.ids, views, console)
    choices = named if arguments.ids else _unasked(views, console)
    if not choices and not arguments.ids and not any(map(cut_off_deletions.is_halted, views)):
        is_all_busy = bool(views) and not any(map(_is_free, views))
        busy = tr("Another process carries out all that is unfinished.")
        console.say(busy if is_all_busy else tr("There is nothing to go on with."))
    for choice in choices:
        await _resume(desk, choice, console, follows=arguments.same_store)


async def retry(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Try again what has failed, and nothing else."""
    views = await look(desk, console)
    named = _chosen(arguments.ids, views, console)
    known = {view.id: view for view in views}
    choices = named if arguments.ids else [_Choice(each.id) for each in views if _is_free(each)]
    failed = [_failed(known[each.journal], each) for each in choices]
    if not any(failed) and not arguments.ids:
        console.say(tr("Nothing has failed that could be tried again."))
    for choice, again in zip(choices, failed, strict=True):
        if again is not None:
            await _resume(desk, again, console, follows=False)
        elif arguments.ids:
            console.fail(tr("nothing of it has failed"), choice.journal)


def _failed(view: RunView, choice: _Choice) -> _Choice | None:
    """What of a choice has failed. A run that has undone what failed has to be planned again: all
    of it goes on."""
    failed = [
        each.id
        for each in view.journal.unfinished
        if each.state is TransferState.FAILED and (choice.among is None or each.id in choice.among)
    ]
    seen = view.journal
    is_forgotten = not (seen.is_planned or seen.unfinished)
    is_to_be_planned = seen.command is not None and (seen.undone or is_forgotten)
    if is_to_be_planned and choice.among is None:
        return choice
    return _Choice(choice.journal, frozenset(failed)) if failed else None


async def cancel(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Undo unfinished transfers: no part at the store, no half file here."""
    if bool(arguments.ids) == arguments.all:
        raise UsageError(tr("Say which: ID… as “s4desk transfers list” has them, or --all."))
    views = await look(desk, console)
    named = _chosen(arguments.ids, views, console)
    choices = named if arguments.ids else [_Choice(each.id) for each in views if _is_free(each)]
    for choice in choices:
        await _cancel(desk, choice, console, forgets=arguments.forget)
    if arguments.all:
        _tell_left(views, console)


# What there is


async def look(desk: Desk, console: Console) -> list[RunView]:
    """Every journal here that has something unfinished: those of runs, and the window's."""
    views = await desk.runs.look()
    tell_aside(desk, console)
    for newer in desk.runs.unread:
        console.fail(newer)
    path = desk.database.path
    if await in_thread(path.exists):
        is_running = await in_thread(is_claimed, path)
        try:
            window = RunView(WINDOW, is_running, await in_thread(peek, path))
        except S4DeskError as error:
            console.fail(error)
        else:
            views += [window] if window.journal.unfinished else []
    return views


def _is_free(view: RunView) -> bool:
    return not view.is_running


def _unasked(views: list[RunView], console: Console) -> list[_Choice]:
    """What goes on without being named."""
    choices = []
    for view in filter(_is_free, views):
        if cut_off_deletions.is_halted(view):
            cut_off_deletions.tell_halted(view, console)
        else:
            choices.append(_Choice(view.id))
    return choices


def _chosen(ids: list[str], views: list[RunView], console: Console) -> list[_Choice]:
    """What `ids` name: a run (`3f2a1b`) or one transfer of it (`3f2a1b.7`)."""
    known = {view.id: view for view in views}
    whole: dict[str, set[TransferId] | None] = {}
    for word in ids:
        name, dot, number = word.partition(".")
        transfers = {each.id for each in known[name].journal.unfinished} if name in known else set()
        if name not in known or (dot and not (number.isdecimal() and int(number) in transfers)):
            console.fail(tr("nothing unfinished has this name"), word)
        elif not dot:
            whole[name] = None
        elif (among := whole.setdefault(name, set())) is not None:
            among.add(TransferId(int(number)))
    return [
        _Choice(name, None if among is None else frozenset(among)) for name, among in whole.items()
    ]


# Going on


async def _resume(desk: Desk, choice: _Choice, console: Console, *, follows: bool) -> None:
    """With `follows` wherever their connections lead now."""
    try:
        if choice.journal == WINDOW:
            await _resume_window(desk, choice, console, follows=follows)
        else:
            await _resume_run(desk, choice, console, follows=follows)
    except DatabaseInUseError:
        await _hand_over(desk, choice, handing_over.resume, console)
    except NoSuchRunError:
        console.fail(tr("it has ended meanwhile"), choice.journal)
    except (S4DeskError, UsageError) as error:
        console.fail(str(error) if isinstance(error, UsageError) else error, choice.journal)


async def _resume_run(desk: Desk, choice: _Choice, console: Console, *, follows: bool) -> None:
    run = await desk.runs.open(choice.journal)
    if (confirmed := await run.confirmed()) is not None:
        await cut_off_deletions.go_on(desk, run, confirmed, console)
        return
    await _see_stores(desk, run, follows=follows)
    deletes = cut_off_syncs.deletes(run.command)
    run.outlast_transfers(lambda: deletes)
    plan = None
    if choice.among is None and not await run.is_planned() and run.command.verb in PLANS:
        plan = PLANS[run.command.verb](desk, run.command, BatchId(run.id))
    batch = copying.batch_of(desk, run, console)
    await batch.carry_out(plan, choice.among, tells_done=False, follows=follows)
    if deletes:
        cut_off_syncs.tell_left(desk, run, console)


async def _see_stores(desk: Desk, run: Run, *, follows: bool) -> None:
    """See that it would go on where it was begun, or let it `follows`; else it is closed.

    Raises ConnectionGoneError, ConnectionMovedError, DatabaseError.
    """
    try:
        if follows:
            places = (run.command.source, run.command.target)
            await run.follow(endpoints_of(places, desk.connections.get))
        if (hindrance := _hindrance(desk, run)) is not None:
            raise hindrance
    except BaseException:
        await run.aclose()
        raise


async def _resume_window(desk: Desk, choice: _Choice, console: Console, *, follows: bool) -> None:
    """Carry out the window's queue in its place. Interrupted, all stays as it is for the window."""
    try:
        await desk.database.open()
        board = ProgressBoard()
        queue = build_run_queue(desk, SqliteJournal(desk.database), board)
        teller = Teller(desk, console, board)
        try:
            await queue.open(among=choice.among, follows=follows)
            found = queue.transfers()
            queue.retry([each.id for each in found if each.state is TransferState.FAILED])
            queue.resume([each.id for each in found if each.state is TransferState.PAUSED])
            while queue.is_busy or any(each.state in UNDER_WAY for each in queue.transfers()):
                await asyncio.sleep(TELL_EVERY_S)
                await teller.tell()
            await teller.tell()
        finally:
            await queue.aclose()
    finally:
        await desk.database.aclose()


async def _hand_over(desk: Desk, choice: _Choice, deed: Deed, console: Console) -> None:
    """Somebody has it: a window does what is asked of it, another process is left alone."""
    try:
        if choice.journal != WINDOW:
            raise NoWindowError
        await deed(desk, choice.among, console)
    except NoWindowError:
        console.fail(tr("another process carries it out now"), choice.journal)
    except S4DeskError as error:
        console.fail(error, choice.journal)


# Undoing


async def _cancel(desk: Desk, choice: _Choice, console: Console, *, forgets: bool) -> None:
    """With `forgets` also what could only be undone where its connection does not lead any more."""
    try:
        if choice.journal == WINDOW:
            try:
                await desk.database.open()
                journal = SqliteJournal(desk.database)
                await undo(desk, journal, choice.among, console, is_run=False)
            finally:
                await desk.database.aclose()
            return
        run = await desk.runs.open(choice.journal)
        if await run.confirmed() is not None:
            await cut_off_deletions.forget(desk, run, console)
            return
        is_over = False
        try:
            hindrance = _hindrance(desk, run)
            if forgets and hindrance is not None:
                await _forget(run, hindrance, console)
            elif isinstance(hindrance, ConnectionMovedError):
                raise hindrance
            else:
                await undo(desk, run.journal, choice.among, console)
            is_over = not await run.journal.unfinished()
        finally:
            await (run.remove() if is_over else run.aclose())
        if is_over and cut_off_syncs.deletes(run.command):
            cut_off_syncs.tell_forgotten(desk, run, console)
    except DatabaseInUseError:
        await _hand_over(desk, choice, handing_over.cancel, console)
    except NoSuchRunError:
        console.fail(tr("it has ended meanwhile"), choice.journal)
    except S4DeskError as error:
        console.fail(error, choice.journal)


def _hindrance(desk: Desk, run: Run) -> ConnectionGoneError | ConnectionMovedError | None:
    """Why it can be neither gone on with nor undone where it was begun."""
    places = (run.command.source, run.command.target)
    return obstacle(places, run.command.endpoints, desk.connections.get)


async def _forget(
    run: Run, hindrance: ConnectionGoneError | ConnectionMovedError, console: Console
) -> None:
    """Forget what nobody can undo here. Raises DatabaseError."""
    forgotten = [each.id for each in await run.journal.open()]
    await run.journal.remove(forgotten)
    record = {"type": "run", "event": "forgotten", "id": run.id, "verb": run.command.verb}
    sentence = tr("forgotten: {count}; what was sent may still be at {endpoint}")
    names = {"count": format_count(len(forgotten)), "endpoint": hindrance.before or "AWS"}
    console.record(record | {"endpoint": hindrance.before}, sentence.format(**names))


def _tell_left(views: list[RunView], console: Console) -> None:
    """What `cancel --all` leaves as it is."""
    for view in views:
        if not _is_free(view):
            console.fail(tr("not cancelled: another process carries it out now"), view.id)
    if not views and not console.failures:
        console.say(tr("There is nothing to cancel."))
