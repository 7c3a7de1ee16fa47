"""What is said when everything that one gesture started has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from s4desk.core.runtime.events import BatchFinished


def batch_title(event: BatchFinished) -> str:
    if event.failed or event.left_out:
        return tr("Transfers ended with errors")
    return tr("Transfers finished")


def batch_text(event: BatchFinished) -> str:
    """One sentence: what was moved, and what was not; and why one failed."""
    told = _told(event)
    if not event.failed or not event.error:
        return told
    sentence = tr("{told} {reason}") if event.failed == 1 else tr("{told} One of them: {reason}")
    return sentence.format(told=told, reason=event.error)


def _told(event: BatchFinished) -> str:
    files = event.completed - event.folders
    parts = [
        _files(files, event.bytes_moved),
        _said(tr_n("{count} folder made", "{count} folders made", event.folders), event.folders),
        _said(tr_n("{count} skipped", "{count} skipped", event.skipped), event.skipped),
        _said(tr_n("{count} failed", "{count} failed", event.failed), event.failed),
        _said(tr_n("{count} cancelled", "{count} cancelled", event.cancelled), event.cancelled),
        _said(tr_n("{count} left out", "{count} left out", event.left_out), event.left_out),
    ]
    told = ", ".join(filter(None, parts))
    if event.completed:
        return tr("{parts}.").format(parts=told)
    if not told:
        return tr("Nothing was transferred.")
    return tr("Nothing was transferred: {parts}.").format(parts=told)


def _files(count: int, size: int) -> str:
    text = _said(tr_n("{count} file transferred", "{count} files transferred", count), count)
    return text + tr(" ({size})").format(size=format_size(size)) if text else ""


def _said(text: str, count: int) -> str:
    """What there is none of is not mentioned."""
    return text.format(count=format_count(count)) if count else ""
