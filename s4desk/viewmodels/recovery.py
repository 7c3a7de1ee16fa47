"""What the window says about work that was cut off: commands of others, and its own queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.listing import Notice, Remedy
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.transfer_text import full_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.persist.runs import RunView

SYNC = "sync"
DELETE = "delete"


def interrupted(views: Iterable[RunView]) -> list[RunView]:
    """The runs that nobody carries out and that are not done; deletions are asked about apart."""
    return [
        view
        for view in views
        if not view.is_running
        and view.journal.deletion is None
        and (view.journal.unfinished or not view.journal.is_planned)
    ]


def can_go_on(view: RunView) -> bool:
    """Whether the window can finish it: all that the command stands for is known."""
    return view.journal.is_planned and bool(view.journal.unfinished)


def recovery_notice(runs: Sequence[RunView], waiting: int) -> Notice | None:
    """What is offered; `waiting` transfers of the last window are paused now."""
    sentences: list[str] = []
    remedies: list[tuple[Remedy, str]] = []
    if waiting:
        sentence = tr_n(
            "{count} transfer waits since the last time.",
            "{count} transfers wait since the last time.",
            waiting,
        )
        sentences.append(sentence.format(count=format_count(waiting)))
    if runs:
        sentence = tr_n(
            "{count} command was interrupted.", "{count} commands were interrupted.", len(runs)
        )
        sentences.append(sentence.format(count=format_count(len(runs))))
    if not sentences:
        return None
    if waiting or any(map(can_go_on, runs)):
        remedies.append((Remedy.GO_ON, tr("Continue")))
    if runs:
        remedies += [(Remedy.SHOW_RUNS, tr("Show…")), (Remedy.FORGET_RUNS, tr("Forget…"))]
    remedies.append((Remedy.LATER, tr("Not Now")))
    return Notice("resume", "", " ".join(sentences), tuple(remedies))


def run_columns() -> list[str]:
    return [tr("From"), tr("To"), tr("Command"), tr("Unfinished"), tr("Kept"), tr("Remark")]


def run_rows(runs: Iterable[RunView], name_of: Callable[[ConnectionId], str]) -> list[list[str]]:
    """What was interrupted, and how much of it need not be done again."""
    return [_row(view, name_of) for view in runs]


def runs_sentence(count: int) -> str:
    return tr_n(
        "{count} command ended before its work did.",
        "{count} commands ended before their work did.",
        count,
    ).format(count=format_count(count))


def gone_on_text(taken: int, left: int) -> str:
    """What became of them: `taken` transfers go on, `left` commands have to be given again."""
    sentence = tr_n(
        "{count} interrupted transfer goes on.", "{count} interrupted transfers go on.", taken
    ).format(count=format_count(taken))
    if left:
        more = tr_n(
            "{count} command has to be given again: it ended before all was planned.",
            "{count} commands have to be given again: they ended before all was planned.",
            left,
        )
        sentence = f"{sentence} {more.format(count=format_count(left))}"
    return sentence


def _row(view: RunView, name_of: Callable[[ConnectionId], str]) -> list[str]:
    command, journal = view.journal.command, view.journal
    ends = [command.source, command.target] if command else []
    source, target = [full_path(end, name_of) for end in ends] or ["", ""]
    return [
        source,
        target,
        command.verb if command else "",
        format_count(len(journal.unfinished)),
        format_size(sum(journal.kept.values())),
        _remark(view),
    ]


def _remark(view: RunView) -> str:
    command = view.journal.command
    if not view.journal.is_planned:
        return tr("ended before all was planned: give it again")
    if command is not None and command.verb == SYNC and DELETE in command.flags:
        return tr("nothing is deleted by going on")
    return ""
