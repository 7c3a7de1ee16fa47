"""Keeps what a person looks at and has selected while rows are replaced or change places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.gui.models.object_table import ObjectTableModel

MANY_SELECTED = 200_000
"""Above this the selection is given up, rather than the window, when rows are replaced."""
FEW_SELECTED = 5_000
"""Up to this Qt itself keeps the selection when rows change places."""

_Flag = QItemSelectionModel.SelectionFlag


class RowsView(Protocol):
    """What shows the rows of an ObjectTableModel."""

    def top_row(self) -> tuple[int, int]:
        """The first row on the screen, and how many pixels below the top it begins; -1 if none."""

    def look_at(self, row: int, offset: int) -> None:
        """Scroll so that `top_row` answers this, as far as that can be."""

    def runs(self) -> list[tuple[int, int]]:
        """The selected rows, as runs from first to last."""

    def select_rows(self, rows: Sequence[int]) -> None:
        """Select these rows and no others."""

    def is_seen(self, index: QModelIndex) -> bool:
        """Whether a row is on the screen, at least a part of it."""

    def scrollTo(self, index: QModelIndex) -> None: ...
    def currentIndex(self) -> QModelIndex: ...
    def clearSelection(self) -> None: ...
    def selectionModel(self) -> QItemSelectionModel: ...


@dataclass(frozen=True, slots=True)
class _Place:
    """What a person looks at: by name, because row numbers are about to change."""

    selected: frozenset[str]
    current: frozenset[str]
    top: frozenset[str]
    offset: int
    is_current_seen: bool
    pattern: str


class PlaceKeeper(QObject):
    """Serves one view at a time; several may take turns that share one selection."""

    def __init__(self, model: ObjectTableModel, view: RowsView, owner: QObject) -> None:
        super().__init__(owner)
        self._model = model
        self._view = view
        self._kept: _Place | None = None
        self._before_filter: _Place | None = None
        self._pattern = ""
        model.modelReset.connect(self._note_pattern)
        model.replacing.connect(self._keep)
        model.replaced.connect(self._restore)

    def hand_over(self, view: RowsView) -> None:
        """Let another view show what this one does, from the same row on."""
        if view is self._view:
            return
        before, self._view = self._view, view
        top, _ = before.top_row()
        is_current_seen = before.is_seen(before.currentIndex())
        if top >= 0:
            view.look_at(top, 0)
        if is_current_seen:
            view.scrollTo(view.currentIndex())

    def _keep(self, is_order: bool) -> None:
        view = self._view
        runs = view.runs()
        count = sum(last + 1 - first for first, last in runs)
        if is_order and count <= FEW_SELECTED:
            self._kept = None
            return
        top, offset = view.top_row()
        self._kept = _Place(
            frozenset(self._model.names(runs) if count <= MANY_SELECTED else ()),
            self._name_at(view.currentIndex().row()),
            frozenset() if is_order else self._name_at(top),
            offset,
            view.is_seen(view.currentIndex()),
            self._pattern,
        )
        if is_order:
            view.clearSelection()

    def _restore(self, _is_order: bool) -> None:
        place, self._kept = self._kept, None
        if place is None:
            return
        for row in self._model.rows_of(place.current):
            index = self._model.index(row, 0)
            self._view.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)
        self._view.select_rows(self._model.rows_of(place.selected))
        self._scroll_back(self._looked_at(place))
        if place.is_current_seen:
            self._view.scrollTo(self._view.currentIndex())

    def _note_pattern(self) -> None:
        self._pattern = self._model.status.pattern

    def _looked_at(self, place: _Place) -> _Place:
        """What was on the screen; when a filter has ended, what was before it began."""
        before = self._before_filter
        if self._pattern and not place.pattern:
            self._before_filter = place
        elif place.pattern and not self._pattern and before is not None:
            return before
        return place

    def _scroll_back(self, place: _Place) -> None:
        for row in self._model.rows_of(place.top):
            self._view.look_at(row, place.offset)

    def _name_at(self, row: int) -> frozenset[str]:
        return frozenset(self._model.names([(row, row)]) if row >= 0 else ())
