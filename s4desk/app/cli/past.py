"""`s4desk transfers list --finished` and `report`: what became of transfers that have ended."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.places import UsageError
from s4desk.app.cli.telling import SKIPPED, end_name
from s4desk.core.domain.sums import as_base64
from s4desk.core.domain.transfer import Progress, TransferState
from s4desk.core.persist.change_rows import MOST
from s4desk.core.persist.history import HistoryQuery
from s4desk.core.persist.toml_file import write_atomically
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.folders import local_errors
from s4desk.viewmodels.history_text import known_as
from s4desk.viewmodels.moments import since_from
from s4desk.viewmodels.past_change_text import changes_text, done_text, doubtful_text, place_of
from s4desk.viewmodels.rows import format_count, format_size, format_time
from s4desk.viewmodels.transfer_report import report as report_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.past_change import PastChange
    from s4desk.core.persist.history import HistoryEntry

STDOUT = "-"


async def show_finished(desk: Desk, arguments: Namespace, console: Console) -> None:
    """List what has ended, newest first."""
    query = HistoryQuery(since=since_from(arguments.since))
    await desk.gather_history()
    page = await desk.history.page(query)
    if not page:
        console.say(_nothing(desk))
    name_of = await _names(desk)
    while page:
        for entry in page:
            _show(entry, name_of, console)
        page = await desk.history.page(query, page[-1])


async def show_changes(desk: Desk, arguments: Namespace, console: Console) -> None:
    """List what was done to objects and is no transfer, newest first."""
    changes = await desk.history.changes(since_from(arguments.since), MOST)
    if not changes:
        console.say(changes_text(0, desk.settings.current.history_days))
    name_of = await _names(desk)
    for each in changes:
        _show_change(each, name_of, console)


async def report(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Write what has ended into a CSV file, or to standard output, newest first.

    Raises UsageError for a file that exists, unless it may be overwritten.
    """
    query = HistoryQuery(since=since_from(arguments.since))
    is_file, path = arguments.file != STDOUT, Path(arguments.file)
    if is_file:
        await in_thread(_refuse, path, arguments.overwrite)
    await desk.gather_history()
    name_of = await _names(desk)
    count = (await desk.history.count(query)).entries
    content = await in_thread(_content, desk, query, name_of, is_file)
    if not is_file:
        console.document(content.decode())
        return
    await in_thread(_write, path, content)
    sentence = tr_n(
        "{count} transfer reported in {file}.", "{count} transfers reported in {file}.", count
    )
    console.say(sentence.format(count=format_count(count), file=path))


def _nothing(desk: Desk) -> str:
    if not desk.settings.current.history_days:
        return tr("No history is kept: the settings say so.")
    return tr("Nothing has ended.")


async def _names(desk: Desk) -> Callable[[ConnectionId], str]:
    return known_as(
        {each.id: each.name for each in desk.connections.all()}, await desk.history.names()
    )


def _show(entry: HistoryEntry, name_of: Callable[[ConnectionId], str], console: Console) -> None:
    transfer = entry.transfer
    spec, effort = transfer.spec, transfer.effort
    state = SKIPPED if transfer.skipped else transfer.state.value
    source, target = end_name(spec.source, name_of), end_name(spec.target, name_of)
    record = {
        "type": "transfer",
        "ended": datetime.fromtimestamp(entry.moment, UTC).isoformat(timespec="seconds"),
        "direction": spec.direction.value,
        "state": state,
        "source": source,
        "target": target,
        "size": spec.size,
        "bytes": spec.size if state == TransferState.COMPLETED else 0,
        "bytes_sent": effort.sent,
        "bytes_reused": effort.reused,
        "parts": effort.parts,
        "retries": effort.retries,
        "verified": transfer.verified,
        "checksum": as_base64(transfer.checksum),
        "seconds": round(effort.seconds, 3),
        "error": transfer.error,
        "batch": spec.batch,
    }
    facts = [
        format_time(entry.moment),
        state,
        format_size(spec.size),
        transfer.verified,
        f"{console.name(source)} -> {console.name(target)}",
    ]
    line = "  ".join(filter(None, facts))
    console.record(record, f"{line}: {console.name(transfer.error)}" if transfer.error else line)


def _show_change(
    change: PastChange, name_of: Callable[[ConnectionId], str], console: Console
) -> None:
    place = place_of(change, name_of)
    record = {
        "type": "change",
        "ended": datetime.fromtimestamp(change.moment, UTC).isoformat(timespec="seconds"),
        "kind": change.kind.value,
        "place": place,
        "done": change.done,
        "failed": change.failed,
        "in_doubt": change.doubtful,
    }
    line = f"{format_time(change.moment)}  {console.name(place)}  {done_text(change)}"
    if change.failed:
        said = tr_n("{count} failed", "{count} failed", change.failed)
        line = f"{line}  {said.format(count=format_count(change.failed))}"
    if change.doubtful:
        line = f"{line}  {doubtful_text(change.doubtful)}"
    console.record(record, line)


def _content(
    desk: Desk, query: HistoryQuery, name_of: Callable[[ConnectionId], str], has_mark: bool
) -> bytes:
    entries = (
        Progress(each.transfer, each.transfer.spec.size, each.transfer.spec.size)
        for each in desk.history.all(query)
    )
    return report_of(entries, name_of, has_mark=has_mark)


def _refuse(path: Path, may_overwrite: bool) -> None:
    """Raises UsageError where no file can be written, or there is one already. It blocks."""
    if not path.parent.is_dir():
        raise UsageError(tr("There is no folder {path}.").format(path=path.parent))
    if path.is_dir():
        raise UsageError(tr("{path} is a folder, not a file.").format(path=path))
    if not may_overwrite and os.path.lexists(path):
        raise UsageError(tr("{path} exists already: add --overwrite.").format(path=path))


def _write(path: Path, content: bytes) -> None:
    with local_errors(path):
        write_atomically(path, content)
