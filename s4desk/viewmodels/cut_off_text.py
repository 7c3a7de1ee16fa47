"""What is said of a deletion that was cut off, and asked before it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.deletion_text import done_text
from s4desk.viewmodels.listing import Notice, Remedy
from s4desk.viewmodels.rows import display_name, format_count, format_time
from s4desk.viewmodels.transfer_text import full_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.persist.deletion_rows import DeletionView
    from s4desk.core.persist.runs import RunView


def cut_off(views: Iterable[RunView]) -> list[RunView]:
    """The deletions that nobody carries out."""
    return [view for view in views if not view.is_running and view.journal.deletion is not None]


def cut_off_notice(view: RunView, name_of: Callable[[ConnectionId], str]) -> Notice | None:
    """What is offered; each deletion is decided by itself."""
    deletion = view.journal.deletion
    if deletion is None:
        return None
    sentence = tr("Deleting {what} was interrupted: {done}.").format(
        what=what_of(view, name_of), done=done_text(deletion.deleted, deletion.total)
    )
    remedies = (
        (Remedy.GO_ON_DELETING, tr("Continue…")),
        (Remedy.FORGET_DELETION, tr("Forget")),
        (Remedy.LATER, tr("Not Now")),
    )
    return Notice("delete", "", sentence, remedies)


def what_of(view: RunView, name_of: Callable[[ConnectionId], str]) -> str:
    """What is deleted: a place, several things in a place, or a bucket."""
    command, deletion = view.journal.command, view.journal.deletion
    if command is None or deletion is None or not isinstance(command.source, Address):
        return ""
    if deletion.with_bucket:
        bucket = display_name(command.source.location.bucket)
        return tr("the bucket “{name}”").format(name=bucket)
    place = full_path(command.source, name_of)
    if deletion.items == 1:
        return place
    return tr_n("{count} item in {place}", "{count} items in {place}", deletion.items).format(
        count=format_count(deletion.items), place=place
    )


def go_on_question(what: str) -> str:
    return tr("Go on deleting {what}?").format(what=what)


def go_on_explanation(deletion: DeletionView, consequence: str) -> str:
    """How far it is, what is spared, and what a deletion means there."""
    since = tr(
        "So far: {done}. It was confirmed on {when}: what was written since then is left as it is."
    ).format(
        done=done_text(deletion.deleted, deletion.total),
        when=format_time(deletion.moment.timestamp()),
    )
    return f"{since} {consequence}"


def forgotten_text(what: str, deletion: DeletionView) -> str:
    sentence = tr("Deleting {what} does not go on: {done}, the rest stays.")
    return sentence.format(what=what, done=done_text(deletion.deleted, deletion.total))
