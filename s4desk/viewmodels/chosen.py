"""What stands in rows of a listing, as a selection or in sum."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from s4desk.core.domain.archive import is_at_hand
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import DELETED, LATEST
from s4desk.viewmodels.selection import Locations, Selection, Summary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from s4desk.viewmodels.arrangement import Arrangement


def selection_of(
    shown: Arrangement, runs: Iterable[tuple[int, int]], moment: datetime | None
) -> Selection:
    """What stands in these rows (first, last) now; `moment` is when what is shown was so."""
    columns = shown.columns
    ids = [id_ for first, last in runs for id_ in shown.ids(first, last)]
    objects = [id_ for id_ in ids if id_ >= 0]
    return Selection(
        columns.prefix,
        [Prefix(columns.prefix.bucket, columns.key(id_)) for id_ in ids if id_ < 0],
        Locations(columns.prefix, [columns.names[id_] for id_ in objects]),
        array("q", map(columns.sizes.__getitem__, objects)),
        array("d", map(columns.modified.__getitem__, objects)),
        [columns.versions[id_] for id_ in objects] if columns.versions else (),
        bytes([columns.marks[id_] for id_ in objects]) if columns.marks else b"",
        moment,
    )


def summary_of(shown: Arrangement, runs: Iterable[tuple[int, int]]) -> Summary:
    """How much stands in these rows (first, last)."""
    folders = objects = total = at_hand = 0
    marks = bytearray()
    for first, last in runs:
        border = min(max(shown.folder_count, first), last + 1)
        folders += border - first
        objects += last + 1 - border
        total += shown.total_bytes(border, last)
        marks += _marks(shown, border, last)
        at_hand += _at_hand(shown, border, last)
    both = LATEST | DELETED
    return Summary(
        folders,
        objects,
        total,
        latest=marks.count(LATEST) + marks.count(both),
        markers=marks.count(DELETED) + marks.count(both),
        at_hand=at_hand,
    )


def _marks(shown: Arrangement, first: int, last: int) -> bytes:
    marks = shown.columns.marks
    if not marks or first > last:
        return b""
    ids = shown.ids(first, last)
    if isinstance(ids, range):
        return bytes(marks[ids.start : ids.stop])
    return bytes(map(marks.__getitem__, ids))


def _at_hand(shown: Arrangement, first: int, last: int) -> int:
    """How many of these objects are of classes that can be read at once."""
    labels = shown.columns.classes
    codes = {code for code, text in enumerate(labels.texts) if is_at_hand(text)}
    if not codes or first > last:
        return 0
    if len(codes) == len(labels.texts):
        return last + 1 - first
    ids = shown.ids(first, last)
    if isinstance(ids, range):
        rows = labels.rows[ids.start : ids.stop]
        return sum(map(rows.count, codes))
    return sum(labels.rows[id_] in codes for id_ in ids)
