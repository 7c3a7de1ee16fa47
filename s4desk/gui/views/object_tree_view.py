"""The objects of one folder as a tree whose folders open in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHeaderView, QTreeView

from s4desk.core.domain.identity import Location, Prefix
from s4desk.gui.views.browse_view import BrowseView
from s4desk.viewmodels.ordering import Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.gui.models.object_tree import ObjectTreeModel
    from s4desk.viewmodels.selection import Selection, Summary

_WIDEST = {
    Column.SIZE: "0000.0 MiB",
    Column.MODIFIED: "0000-00-00 00:00",
    Column.CLASS: "INTELLIGENT_TIERING",
}


class ObjectTreeView(BrowseView, QTreeView):
    """Shows an ObjectTreeModel. A double click opens a folder in place, Enter goes into it."""

    opened = Signal(object)
    went_up = Signal()
    selection_changed = Signal()
    menu_requested = Signal(QPoint)
    files_dropped = Signal(object, object)
    drag_started = Signal()
    delete_requested = Signal()
    rename_requested = Signal()

    def __init__(self, model: ObjectTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._awaited = ""
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
        for column, text in _WIDEST.items():
            header.resizeSection(column, self.fontMetrics().horizontalAdvance(text) + 20)
        self.activated.connect(self._activated)
        self.clicked.connect(self._model.act)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())
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

    def await_name(self, name: str) -> None:
        """Make this name of the top level the current row as soon as it is here."""
        self._awaited = name
        self._show_awaited()

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

    def _show_awaited(self) -> None:
        index = self._model.find(self._awaited) if self._awaited else QModelIndex()
        if index.isValid():
            self._awaited = ""
            self.setCurrentIndex(index)
            self.scrollTo(index, QTreeView.ScrollHint.PositionAtCenter)
