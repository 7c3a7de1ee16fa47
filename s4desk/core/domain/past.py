"""What was there at a moment: the rule that browsing, downloads and restoring share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.objects import DELETED

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.objects import ObjectVersion, Page


def had_come(version: ObjectVersion, moment: datetime) -> bool:
    """Whether a version was there at `moment`. A time that nobody told counts as long ago."""
    return version.modified is None or version.modified <= moment


def rows_at(page: Page, moment: datetime, decided: str = "") -> tuple[list[int], str]:
    """The rows of a page of versions that a listing would have shown at `moment`.

    Of each key that is the newest one that had come by then, unless it is a delete marker.
    `decided` is the last key for which the page before has settled that; the second value returned
    is that for the next one.
    """
    rows, until = [], moment.timestamp()
    for row, (key, seconds) in enumerate(zip(page.keys, page.modified, strict=True)):
        if key == decided or seconds > until:
            continue
        decided = key
        if not page.marks[row] & DELETED:
            rows.append(row)
    return rows, decided
