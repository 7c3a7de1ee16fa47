"""Deletions that were cut off: shown, gone on with, and forgotten by `s4desk transfers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.copying import side_of
from s4desk.app.cli.places import Remote, UsageError
from s4desk.app.cli.removing import carry_out
from s4desk.app.cli.telling import place_name
from s4desk.core.persist.deletions import LastingDeletion
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.confirmed import check_still
from s4desk.core.transfer.delete import delete_emptied
from s4desk.viewmodels.deletion_text import done_text
from s4desk.viewmodels.rows import format_time

if TYPE_CHECKING:
    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.persist.deletion_rows import DeletionView
    from s4desk.core.persist.peek import Command
    from s4desk.core.persist.runs import Run, RunView
    from s4desk.core.transfer.confirmed import Confirmed


def is_halted(view: RunView) -> bool:
    """Whether it was interrupted by hand: it goes on only when it is named."""
    return view.journal.deletion is not None and view.journal.deletion.is_halted


def tell_halted(view: RunView, console: Console) -> None:
    """It was left out, and how it goes on all the same."""
    sentence = tr(
        "This deletion was interrupted by hand and is left as it is: “s4desk transfers resume {id}”"
        " goes on with it, “s4desk transfers cancel {id}” forgets it."
    )
    console.say(f"{view.id}: {sentence.format(id=view.id)}")
    if console.as_json:
        console.record({"type": "run", "event": "left", "id": view.id, "interrupted": True}, "")


def show(
    desk: Desk, view: RunView, command: Command, deletion: DeletionView, console: Console
) -> None:
    """One line: what, how far, and since when."""
    place = place_name(desk, command.source)
    deleted, total = _known(deletion.deleted), deletion.total
    left = None if deleted is None or total is None else max(0, total - deleted)
    record = {
        "type": "run",
        "id": view.id,
        "running": view.is_running,
        "verb": command.verb,
        "source": place,
        "target": "",
        "unfinished": left,
        "completed": deleted,
        "bytes_kept": 0,
        "planned": True,
        "interrupted": deletion.is_halted,
        "confirmed": deletion.moment.isoformat(),
    }
    how = tr("under way in another process") if view.is_running else tr("not under way")
    line = tr("{id}: {verb} {place}: {how}, {done}, confirmed {when}")
    console.record(
        record,
        line.format(
            id=view.id,
            verb=command.verb,
            place=console.name(place),
            how=how,
            done=done_text(deletion.deleted, deletion.total),
            when=format_time(deletion.moment.timestamp()),
        ),
    )


def _known(deleted: int) -> int | None:
    """How many are deleted at least. A batch may be carried out and its reply be lost: before the
    first reply was noted nobody knows."""
    return deleted or None


async def go_on(desk: Desk, run: Run, confirmed: Confirmed, console: Console) -> None:
    """Delete what is left of it; what came since it was agreed to stays.

    Raises UsageError, NotConfirmedError, StoreError.
    """
    try:
        remote = side_of(desk, run.command.source)
        if not isinstance(remote, Remote):
            raise UsageError(tr("Nothing at a store is to be deleted."))
        store = await desk.stores.get(remote.connection.id)
        await check_still(confirmed, remote.connection, store)
        deletion = await LastingDeletion.resumed(run, confirmed, store)
    except BaseException:
        await run.aclose()
        raise
    report = await carry_out(desk, deletion, remote, console)
    if not report.deleted and not report.failures:
        console.say(tr("Nothing of it was left to be deleted."))
    if confirmed.with_bucket and not report.failures and not report.spared:
        await delete_emptied(store, remote.bucket)
        record = {"type": "removed", "bucket": remote.bucket}
        console.record(record, tr("Removed {name}.").format(name=console.name(remote.bucket)))


async def forget(desk: Desk, run: Run, console: Console) -> None:
    """Leave what is left of it. What is deleted stays so. Raises DatabaseError."""
    deleted, place = await run.deleted(), place_name(desk, run.command.source)
    await run.discard()
    record = {"type": "run", "event": "forgotten", "id": run.id, "verb": run.command.verb}
    line = tr("forgotten: {verb} {place}, {done}; the rest stays")
    console.record(
        record | {"source": place, "completed": _known(deleted)},
        line.format(
            verb=run.command.verb, place=console.name(place), done=done_text(deleted, None)
        ),
    )
