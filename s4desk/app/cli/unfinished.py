"""What `s4desk transfers list` tells: a line for each run, and on demand for each transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli import cut_off_deletions, cut_off_syncs
from s4desk.app.cli.telling import place_name
from s4desk.core.domain.transfer import TransferState
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.transfer.whereabouts import obstacle
from s4desk.viewmodels.error_text import explain
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Collection

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import Transfer, TransferId
    from s4desk.core.persist.peek import Command
    from s4desk.core.persist.runs import RunView

WINDOW = "window"
"""What the window's own queue is called among the runs."""
INTERRUPTED = "interrupted"
"""The state, for whoever asks, of what was under way in a process that is no more."""
UNDER_WAY = (TransferState.QUEUED, TransferState.RUNNING)


def show_run(
    desk: Desk,
    view: RunView,
    console: Console,
    *,
    has_each: bool,
    among: Collection[TransferId] | None = None,
) -> None:
    """One run; with `has_each`, and always for programs, each of its transfers, or those `among`
    them."""
    journal, command = view.journal, view.journal.command
    if command is not None and journal.deletion is not None:
        cut_off_deletions.show(desk, view, command, journal.deletion, console)
        return
    names = {"verb": "", "source": "", "target": ""}
    if command is not None:
        names = {
            "verb": command.verb,
            "source": place_name(desk, command.source),
            "target": place_name(desk, command.target),
        }
    hindrance = _hindrance(desk, command)
    record = {
        "type": "run",
        "id": view.id,
        "running": view.is_running,
        **names,
        "unfinished": len(journal.unfinished),
        "completed": journal.completed,
        "undone": _to_be_planned(view),
        "bytes_kept": sum(journal.kept.values()),
        "planned": journal.is_planned,
        "hindrance": hindrance,
    }
    line = "; ".join(filter(None, [_run_line(view, names, console), hindrance]))
    if command is not None and cut_off_syncs.deletes(command):
        record["again"] = cut_off_syncs.words_of(desk, command)
        line = f"{line}; {cut_off_syncs.remark(desk, command, console)}"
    console.record(record, line)
    for transfer in journal.unfinished if has_each or console.as_json else ():
        if among is None or transfer.id in among:
            _show_transfer(desk, view, transfer, console)


def _hindrance(desk: Desk, command: Command | None) -> str:
    """Why it cannot go on where it was begun, empty when it can."""
    if command is None:
        return ""
    places = (command.source, command.target)
    error = obstacle(places, command.endpoints, desk.connections.get)
    return "" if error is None else tr("cannot go on: {why}").format(why=explain(error).problem)


def _run_line(view: RunView, names: dict[str, str], console: Console) -> str:
    who = tr("the window's queue") if view.id == WINDOW else tr("{verb} {source} {target}")
    how = tr("under way in another process") if view.is_running else tr("not under way")
    shown = {name: console.name(word) for name, word in names.items()}
    return f"{view.id}: {who.format(**shown)}: {how}, {', '.join(_counts(view))}"


def _counts(view: RunView) -> list[str]:
    journal, undone = view.journal, _to_be_planned(view)
    count, failed = len(journal.unfinished), _failed(view)
    facts = []
    if journal.completed:
        facts.append(tr("{count} done").format(count=format_count(journal.completed)))
    if count or not undone:
        sentence = tr_n("{count} unfinished", "{count} unfinished", count)
        facts.append(sentence.format(count=format_count(count)))
    if failed:
        facts.append(tr("{count} of them failed").format(count=format_count(failed)))
    if count:
        facts.append(
            tr("{kept} of {size} kept").format(
                kept=format_size(sum(journal.kept.values())),
                size=format_size(sum(each.spec.size for each in journal.unfinished)),
            )
        )
    if undone:
        sentence = tr_n("{count} to be begun again", "{count} to be begun again", undone)
        facts.append(sentence.format(count=format_count(undone)))
    return facts


def _failed(view: RunView) -> int:
    return sum(each.state is TransferState.FAILED for each in view.journal.unfinished)


def _to_be_planned(view: RunView) -> int:
    """What had failed or was cut off, and has left nothing: the next run of it begins it anew."""
    return 0 if view.journal.command is None else view.journal.undone


def _show_transfer(desk: Desk, view: RunView, transfer: Transfer, console: Console) -> None:
    source, target = (place_name(desk, s) for s in (transfer.spec.source, transfer.spec.target))
    state, kept = transfer.state.value, view.journal.kept.get(transfer.id, 0)
    if transfer.state in UNDER_WAY and not view.is_running:
        state = INTERRUPTED
    id_ = f"{view.id}.{transfer.id}"
    record = {
        "type": "transfer",
        "id": id_,
        "direction": transfer.spec.direction.value,
        "state": state,
        "source": source,
        "target": target,
        "size": transfer.spec.size,
        "bytes_kept": kept,
        "upload": view.journal.uploads.get(transfer.id, ""),
        "error": transfer.error,
    }
    size = f"{format_size(kept)} / {format_size(transfer.spec.size)}"
    line = f"  {id_}  {state}  {size}  {console.name(source)} -> {console.name(target)}"
    console.record(record, line)
