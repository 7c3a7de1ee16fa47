"""The tree of connections, buckets and folders at the side of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTreeView

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.connection_tree import ConnectionTreeModel
from s4desk.gui.room import roomy_icon
from s4desk.gui.views.branches import Branches
from s4desk.gui.views.file_drops import FileDrops
from s4desk.gui.views.row_delegate import RowDelegate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtCore import QPersistentModelIndex
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDragMoveEvent,
        QDropEvent,
        QKeyEvent,
        QMouseEvent,
    )
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

    from s4desk.viewmodels.clip import Clip, Deed
    from s4desk.viewmodels.places import Place

ICON_SIDE = 16
INDENTATION = 16
ROW_HEIGHT = 22
EXPAND_AFTER_MS = 700
_OPENING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_Select = QItemSelectionModel.SelectionFlag


class TreeDelegate(RowDelegate):
    """Rows with some air: remarks in the colour of what cannot be used, and in that of errors
    connections that others may listen to."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width(), max(ROW_HEIGHT, size.height()))

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        model = index.model()
        if not isinstance(model, ConnectionTreeModel):
            return
        if model.is_remark(index):
            quiet = option.palette.color(QPalette.ColorRole.PlaceholderText)
            option.palette.setColor(QPalette.ColorRole.Text, quiet)
        elif model.is_exposed(index):
            red = option.palette.color(QPalette.ColorRole.BrightText)
            option.palette.setColor(QPalette.ColorRole.Text, red)


class ConnectionTreeView(FileDrops, Branches):
    """Shows a ConnectionTreeModel. One click opens a row, or does what a note offers."""

    opened = Signal(object)
    chosen = Signal(object)
    menu_requested = Signal(object, object)
    files_dropped = Signal(object, object)
    clip_dropped = Signal(object, object, object)

    def __init__(self, model: ConnectionTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setAccessibleName(tr("Connections"))
        self.setModel(model)
        self.setItemDelegate(TreeDelegate(self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIconSize(roomy_icon(self, ICON_SIDE))
        self.setIndentation(INDENTATION)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.setAutoExpandDelay(EXPAND_AFTER_MS)
        self._goal: Place | None = None
        self._closed: set[Place | None] = set()
        model.rowsInserted.connect(self._follow)
        self.clicked.connect(self._open)
        self.collapsed.connect(lambda index: self._closed.add(model.place(index)))
        self.expanded.connect(lambda index: self._closed.discard(model.place(index)))
        self.selectionModel().currentChanged.connect(
            lambda current, _previous: self.chosen.emit(model.place(current))
        )

    def reveal(self, place: Place) -> None:
        """Make the row of `place` the current one, and open what it lies in.

        That reads the levels above it, a page of each. What a person closes stays closed, and is
        the current row then. A row that leads to `place` already stays the current one.
        """
        self._goal = place
        if place.prefix is None and place not in self._closed:
            self.expand(self._model.find(place))
        self._follow()

    def _follow(self) -> None:
        place = self._goal
        if place is None or self._model.destination(self.currentIndex()) == place:
            return
        index = self._opened_up(self._model.find(place))
        if not index.isValid():
            return
        if (found := self._model.place(index)) != place and found not in self._closed:
            self.expand(index)
        if index != self.currentIndex():
            self.selectionModel().setCurrentIndex(index, _Select.ClearAndSelect)
            self.scrollTo(index)

    def _opened_up(self, index: QModelIndex) -> QModelIndex:
        """`index` with all above it open, or the outermost row above it that a person closed."""
        above = index.parent()
        if not above.isValid():
            return index
        row = self._opened_up(above)
        if row != above or self._model.place(above) in self._closed:
            return row
        self.expand(above)
        return index

    # What a person does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._goal = None
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._goal = None
        if event.key() in _OPENING_KEYS and self.currentIndex().isValid():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.pos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            position = self.visualRect(self.currentIndex()).center()
        place = self._model.place(self.indexAt(position))
        self.menu_requested.emit(place, self.viewport().mapToGlobal(position))

    def _open(self, index: QModelIndex) -> None:
        place = self._model.destination(index)
        if place is None:
            self._model.act(index)
        else:
            self.opened.emit(place)

    # Files from elsewhere

    def takes_files(self, index: QModelIndex) -> bool:
        return bool(self._model.flags(index) & Qt.ItemFlag.ItemIsDropEnabled)

    def files_fell(self, paths: Sequence[Path], index: QModelIndex) -> None:
        self.files_dropped.emit(list(paths), self._model.place(index))

    def target_at(self, index: QModelIndex) -> Place | None:
        return self._model.place(index)

    def clip_fell(self, clip: Clip, index: QModelIndex, deed: Deed) -> None:
        self.clip_dropped.emit(clip, self._model.place(index), deed)

    # Qt opens a closed row that is hovered over, if it is told of the drag.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        super().dragEnterEvent(event)
        if event.isAccepted():
            self.setState(QAbstractItemView.State.DraggingState)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        QTreeView.dragMoveEvent(self, event)
        super().dragMoveEvent(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self.setState(QAbstractItemView.State.NoState)

    def dropEvent(self, event: QDropEvent) -> None:
        super().dropEvent(event)
        self.setState(QAbstractItemView.State.NoState)
