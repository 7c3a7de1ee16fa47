"""The opened folders of the object tree, and the notes at the end of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette

from s4desk.core.runtime.i18n import tr
from s4desk.core.store.protocol import MAX_KEYS
from s4desk.gui.models.cells import plain_tip
from s4desk.gui.models.loader import ListingLoader
from s4desk.viewmodels.arrangement import finish
from s4desk.viewmodels.columns import Columns
from s4desk.viewmodels.error_text import describe, explain
from s4desk.viewmodels.listing import ListingState
from s4desk.viewmodels.ordering import NATURAL, sorted_ids
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.ordering import SortOrder

ROW_LIMIT = 5_000
"""A QTreeView becomes slow at some ten thousand rows; from here on the table is offered."""
MAX_PAGES = ROW_LIMIT // MAX_KEYS


class NoteDeed(StrEnum):
    """What happens when a note is activated."""

    LOAD_MORE = "load-more"
    RETRY = "retry"
    OPEN_TABLE = "open-table"


@dataclass(frozen=True, slots=True)
class LevelNote:
    """A row that is no object: what is missing in a level, and what can be done about it."""

    label: str
    icon: str
    tip: str = ""
    deed: NoteDeed | None = None


class Level:
    """One opened folder. `place` is its row in the level above; folders are the first rows there.

    `order` holds the ids as they are sorted by `sort`; None while that is as the columns have it.
    `fresh` is what a refresh has read so far, None when there is none under way.
    """

    def __init__(
        self,
        id_: int,
        prefix: Prefix,
        above: Level | None,
        place: int,
        tasks: GuiTasks,
        take: Callable[[Level, Page], None],
        told: Callable[[Level], None],
    ) -> None:
        self.id = id_
        self.above = above
        self.place = place
        self.columns = Columns(prefix)
        self.fresh: Columns | None = None
        self.sort = NATURAL
        self.order: array[int] | None = None
        self.below: dict[int, Level] = {}
        self.notes: list[LevelNote] = []
        self.loader = ListingLoader(tasks, lambda page: take(self, page), lambda: told(self))

    @property
    def prefix(self) -> Prefix:
        return self.columns.prefix

    @property
    def as_many_pages(self) -> int:
        """How much to read anew: what is shown now."""
        return max(1, min(-(-len(self.columns) // MAX_KEYS), MAX_PAGES))

    def load_further(self) -> None:
        """One page more; after a failure, what is missing of reading anew."""
        self.loader.more(1 if self.fresh is None else self.as_many_pages)

    @property
    def has_failed_anew(self) -> bool:
        return self.loader.state is ListingState.FAILED and self.fresh is not None

    @property
    def row_count(self) -> int:
        return len(self.columns) + len(self.notes)

    def id_at(self, row: int) -> int | None:
        """The id in the columns of what is in `row`; None for a note."""
        if self.order is not None:
            return self.order[row] if row < len(self.order) else None
        folders = len(self.columns.folders)
        if row < folders:
            return ~row
        return row - folders if row < len(self.columns) else None

    def row_of(self, id_: int) -> int:
        if self.order is not None:
            return self.order.index(id_)
        return ~id_ if id_ < 0 else id_ + len(self.columns.folders)

    def note_at(self, row: int) -> LevelNote | None:
        at = row - len(self.columns)
        return self.notes[at] if 0 <= at < len(self.notes) else None

    def rearrange(self, sort: SortOrder) -> list[int]:
        """Sort the rows; returns the new row of each."""
        before = [self.id_at(row) for row in range(len(self.columns))]
        self.sort = sort
        self.order = None if sort == NATURAL else finish(sorted_ids(self.columns, sort))
        after = {self.id_at(row): row for row in range(len(self.columns))}
        moved = [after[id_] for id_ in before]
        for level in self.below.values():
            level.place = moved[level.place]
        self.below = {level.place: level for level in self.below.values()}
        return moved

    def shift(self, first: int, by: int) -> None:
        """The folders from the row `first` on have moved."""
        moved = {}
        for place, level in self.below.items():
            level.place = place + by if place >= first else place
            moved[level.place] = level
        self.below = moved


def notes_for(level: Level, wanted: SortOrder) -> list[LevelNote]:
    """What stands below the rows of a level now; the others are to be sorted as `wanted`."""
    loader, count = level.loader, len(level.columns)
    if loader.state is ListingState.LOADING:
        return [] if level.above is None and not count else [LevelNote(tr("Loading…"), "refresh")]
    if loader.failure is not None:
        label = tr("{problem} Try again").format(problem=explain(loader.failure).problem)
        return [LevelNote(label, "error", describe(loader.failure), NoteDeed.RETRY)]
    if loader.has_more and count >= ROW_LIMIT:
        label = tr("More than {count} here: open as table").format(count=format_count(count))
        return [LevelNote(label, "table", "", NoteDeed.OPEN_TABLE)]
    if loader.has_more:
        is_sorted = level.sort == wanted
        label = tr("Load more…") if is_sorted else tr("Load more… (by name until all is here)")
        return [LevelNote(label, "more", "", NoteDeed.LOAD_MORE)]
    if not count and level.above is not None:
        return [LevelNote(tr("This folder is empty"), "info")]
    return []


def note_data(note: LevelNote, role: int, icons: Icons) -> Any:
    """What a model answers for the name of a note."""
    if role == Qt.ItemDataRole.DisplayRole:
        return note.label
    if role == Qt.ItemDataRole.DecorationRole:
        return icons(note.icon)
    if role == Qt.ItemDataRole.ForegroundRole:
        return QGuiApplication.palette().brush(QPalette.ColorRole.PlaceholderText)
    return plain_tip(note.tip) if role == Qt.ItemDataRole.ToolTipRole else None
