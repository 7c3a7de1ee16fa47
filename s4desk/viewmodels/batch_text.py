"""What is said when everything that one gesture started has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from s4desk.core.runtime.events import BatchFinished


def batch_title(event: BatchFinished) -> str:
    if event.failed:
        return tr("Transfers ended with errors")
    return tr("Transfers finished")


def batch_text(event: BatchFinished) -> str:
    """One sentence: what was moved, and what was not."""
    parts = [
        tr_n("{count} file transferred", "{count} files transferred", event.completed).format(
            count=format_count(event.completed)
        )
        + tr(" ({size})").format(size=format_size(event.bytes_moved))
    ]
    others = (
        (event.skipped, tr_n("{count} skipped", "{count} skipped", event.skipped)),
        (event.failed, tr_n("{count} failed", "{count} failed", event.failed)),
        (event.cancelled, tr_n("{count} cancelled", "{count} cancelled", event.cancelled)),
    )
    parts += [text.format(count=format_count(count)) for count, text in others if count]
    return tr("{parts}.").format(parts=", ".join(parts))
