"""The objects of one folder as a tree whose folders open in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QFrame, QHeaderView

from s4desk.core.domain.identity import Location, Prefix
from s4desk.gui.models.object_tree_rows import COLUMNS
from s4desk.gui.views.branches import Branches
from s4desk.gui.views.browse_view import BrowseView
from s4desk.gui.views.header_order import HeaderOrder
from s4desk.gui.views.table_looks import WIDEST, fit_columns, fit_name
from s4desk.viewmodels.ordering import BADGED, Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from PySide6.QtGui import QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.gui.models.object_tree import ObjectTreeModel
    from s4desk.viewmodels.selection import Selection, Summary

_BADGED = [COLUMNS.index(column) for column in BADGED]
_WIDEST: Mapping[int, str] = {
    at: WIDEST[column] for at, column in enumerate(COLUMNS) if column in WIDEST
}


class ObjectTreeView(BrowseView, Branches):
    """Shows an ObjectTreeModel. A double click opens a folder in place, Enter goes into it."""

    def __init__(self, model: ObjectTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.set_browse_looks()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setAnimated(False)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(48)
        header.setFirstSectionMovable(False)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        fit_columns(header, self.fontMetrics(), _WIDEST)
        header.sectionResized.connect(self._section_resized)
        for place, at in enumerate(_BADGED, 1):
            self.setColumnHidden(at, True)
            header.moveSection(header.visualIndex(at), place)
        self.order = HeaderOrder(header, model, _BADGED)
        self.setSortingEnabled(True)
        self.activated.connect(self._activated)
        self.clicked.connect(self._model.act)
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        model.modelReset.connect(self.selection_changed)
        model.rowsInserted.connect(self._look_over)
        model.status_changed.connect(self._show_awaited)

    @property
    def here(self) -> Prefix | None:
        return self._model.status.prefix

    def entry_at(self, index: QModelIndex) -> Prefix | Location | None:
        return self._model.entry(index)

    def selection(self) -> Selection:
        return self._model.selection(self._selected_rows())

    def summary(self) -> Summary:
        return self._model.summary(self._selected_rows())

    def row_named(self, name: str) -> QModelIndex:
        """The top level only."""
        return self._model.find(name)

    def set_filter(self, text: str) -> None:
        """Hide the objects whose names do not fit; folders stay, for what is in them."""
        current = self.currentIndex()
        was_seen = self.is_seen(current)
        self._model.set_filter(text)
        self._hide_below(QModelIndex())
        if was_seen:
            self.scrollTo(current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._model.act(self.currentIndex())
        super().keyPressEvent(event)

    def selectAll(self) -> None:
        """All rows that can be seen, in folders that are open too."""
        selection = QItemSelection()
        for index in self._open_folders(QModelIndex()):
            count = self._model.rowCount(index)
            if count:
                top = self._model.index(0, 0, index)
                selection.select(top, self._model.index(count - 1, 0, index))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)

    def show_badged(self, column: Column, is_shown: bool) -> None:
        """Whether there may be badges here."""
        at = COLUMNS.index(column)
        if self.isColumnHidden(at) is is_shown:
            self.setColumnHidden(at, not is_shown)
            self._fit_name()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_name()

    def _section_resized(self, column: int) -> None:
        if column != Column.NAME:
            self._fit_name()

    def _fit_name(self) -> None:
        fit_name(self.header(), self.viewport().width())

    def _selected_rows(self) -> Iterator[QModelIndex]:
        for each in self.selectionModel().selection().toList():
            for row in range(each.top(), each.bottom() + 1):
                if not self.isRowHidden(row, each.parent()):
                    yield self._model.index(row, 0, each.parent())

    def _open_folders(self, index: QModelIndex) -> Iterator[QModelIndex]:
        yield index
        for row in range(self._model.rowCount(index)):
            below = self._model.index(row, 0, index)
            if self.isExpanded(below):
                yield from self._open_folders(below)

    def spring_open(self, index: QModelIndex) -> None:
        """In place, or the row that is dragged might be gone."""
        self.expand(index)

    def _activated(self, index: QModelIndex) -> None:
        if isinstance(self.entry_at(index), Location):
            self.open_index(index)

    def _look_over(self, parent: QModelIndex, first: int, last: int) -> None:
        """Give notes the whole width, and hide what does not fit the filter."""
        for row in range(first, last + 1):
            is_note = self._model.entry(self._model.index(row, 0, parent)) is None
            self.setFirstColumnSpanned(row, parent, is_note)
        if self._model.status.pattern:
            self._hide_unfit(parent, first, last)

    def _hide_unfit(self, parent: QModelIndex, first: int, last: int) -> None:
        for row in range(first, last + 1):
            self.setRowHidden(row, parent, not self._model.fits(self._model.index(row, 0, parent)))

    def _hide_below(self, parent: QModelIndex) -> None:
        count = self._model.rowCount(parent)
        self._hide_unfit(parent, 0, count - 1)
        for row in range(count):
            self._hide_below(self._model.index(row, 0, parent))
