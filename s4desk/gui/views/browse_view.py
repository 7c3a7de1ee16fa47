"""What the table, the tree and the list of buckets have in common: keys, drags, menus, looks."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit

from s4desk.core.domain.identity import Location, Prefix
from s4desk.gui.views.file_drops import FileDrops
from s4desk.gui.views.name_editor import NameDelegate, is_editable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from s4desk.viewmodels.clip import Clip, Deed

_Key = Qt.Key


class BrowseView(FileDrops):
    """Rows that are folders and objects; mixed in before the Qt class."""

    opened = Signal(object)
    opened_aside = Signal(object)
    went_up = Signal()
    selection_changed = Signal()
    menu_requested = Signal(QPoint)
    files_dropped = Signal(object, object)
    clip_dropped = Signal(object, object, object)
    drag_started = Signal()
    delete_requested = Signal()
    rename_requested = Signal()
    renamed = Signal(object, str)

    is_writable = True
    """Whether anything may be put here."""

    _delegate: NameDelegate
    _by_step = (QAbstractItemView.CursorAction.MoveUp, QAbstractItemView.CursorAction.MoveDown)
    _is_dragging = False
    _awaited = ""
    _pressed_row = QPersistentModelIndex()
    _pressed: Prefix | Location | None = None

    @property
    def here(self) -> Prefix | None:
        """Where files go that fall beside the rows; None where they cannot."""
        raise NotImplementedError

    def entry_at(self, index: QModelIndex) -> Prefix | Location | None:
        """What a row stands for; None for no row, and for a note."""
        raise NotImplementedError

    def row_named(self, name: str) -> QModelIndex:
        """The row of this name (a folder's with its slash), an invalid one where there is none."""
        raise NotImplementedError

    def await_name(self, name: str) -> None:
        """Make this name the current row as soon as it is here."""
        self._awaited = name
        self._show_awaited()

    def set_browse_looks(self) -> None:
        mode = QAbstractItemView.ScrollMode.ScrollPerPixel
        self.use_delegate(NameDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(mode)
        self.setHorizontalScrollMode(mode)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)

    def use_delegate(self, delegate: NameDelegate) -> None:
        """Draw, and edit names, by this one."""
        self._delegate = delegate
        delegate.renamed.connect(self.renamed)
        self.setItemDelegate(delegate)

    def show_cut(self, entries: Collection[Location | Prefix]) -> None:
        """Draw these faintly, and no others."""
        if entries or self._delegate.faint:
            self._delegate.faint = frozenset(entries)
            self.viewport().update()

    def is_seen(self, index: QModelIndex) -> bool:
        """Whether a row is on the screen, at least a part of it."""
        return index.isValid() and self.viewport().rect().intersects(self.visualRect(index))

    def open_index(self, index: QModelIndex) -> None:
        entry = self.entry_at(index)
        if entry is not None:
            self.opened.emit(entry)

    def edit_name(self) -> bool:
        """Let the name of the current row be edited in it, if it is selected and no folder."""
        index = self.currentIndex().siblingAtColumn(0)
        is_chosen = self.selectionModel().isSelected(index)
        if not is_chosen or not is_editable(self.entry_at(index)):
            return False
        self.edit(index)
        editor = self.indexWidget(index)
        if isinstance(editor, QLineEdit):
            # Qt selects all of it; what comes after the last dot is mostly to stay.
            editor.setSelection(0, len(PurePosixPath(editor.text()).stem))
        return True

    def step(self, by: int) -> bool:
        """Select the next object below (1) or above (-1), past folders; False without one."""
        way = self._by_step[by > 0]
        begin = self.currentIndex()
        index, before = begin, QModelIndex()
        while index != before:
            before = index
            index = self.moveCursor(way, Qt.KeyboardModifier.NoModifier)
            # What moves is the current index: the selection waits for where it ends.
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            if index != before and isinstance(self.entry_at(index), Location):
                self.setCurrentIndex(index)
                return True
        self.selectionModel().setCurrentIndex(begin, QItemSelectionModel.SelectionFlag.NoUpdate)
        return False

    def _tell_selection(self, *_: object) -> None:
        self.selection_changed.emit()

    def _show_awaited(self) -> None:
        index = self.row_named(self._awaited) if self._awaited else QModelIndex()
        if index.isValid():
            self._awaited = ""
            self.setCurrentIndex(index)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        has_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        key = event.key()
        if self.state() is QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif key in (_Key.Key_Return, _Key.Key_Enter) and not has_alt:
            self.open_index(self.currentIndex())
        elif key == _Key.Key_Backspace or (key == _Key.Key_Up and has_alt):
            self.went_up.emit()
        elif key == _Key.Key_Delete:
            self.delete_requested.emit()
        elif key == _Key.Key_F2:
            self.rename_requested.emit()
        else:
            super().keyPressEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Qt's own would make an index of every selected cell, and want the bytes at once."""
        self._is_dragging = True
        self.drag_started.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Of a drag that was run nobody hears the release.
        self._is_dragging = False
        index = self.indexAt(event.position().toPoint())
        self._pressed_row = QPersistentModelIndex(index)
        self._pressed = self.entry_at(index)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what was clicked twice, though the rows were made anew between the clicks.

        For Qt the second click is then a first one.
        """
        index = self.indexAt(event.position().toPoint())
        is_left = event.button() is Qt.MouseButton.LeftButton
        is_renewed = not self._pressed_row.isValid() and self._pressed is not None
        is_same = self.entry_at(index) == self._pressed
        super().mouseDoubleClickEvent(event)
        if is_left and is_renewed and is_same:
            self.open_index(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        # To Qt the drag is over, and a pointer that moves with its button down selects rows.
        if not self._is_dragging or not event.buttons():
            self._is_dragging = False
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_dragging = False
        super().mouseReleaseEvent(event)
        entry = self.entry_at(self.indexAt(event.position().toPoint()))
        if event.button() is Qt.MouseButton.MiddleButton and isinstance(entry, Prefix):
            self.opened_aside.emit(entry)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By a key it is about what is selected, and opens beside the current row."""
        position = event.pos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            position = self._beside_current()
        elif not self.indexAt(position).isValid():
            self.clearSelection()
        self.menu_requested.emit(self.viewport().mapToGlobal(position))

    def _beside_current(self) -> QPoint:
        area, index = self.viewport().rect(), self.currentIndex()
        return (self.visualRect(index) & area if self.is_seen(index) else area).center()

    def takes_files(self, index: QModelIndex) -> bool:
        if not self.is_writable:
            return False
        if not index.isValid():
            return self.here is not None
        return isinstance(self.entry_at(index), Prefix)

    def files_fell(self, paths: Sequence[Path], index: QModelIndex) -> None:
        self.files_dropped.emit(list(paths), self.target_at(index))

    def target_at(self, index: QModelIndex) -> Prefix | Location | None:
        return self.entry_at(index) if index.isValid() else self.here

    def clip_fell(self, clip: Clip, index: QModelIndex, deed: Deed) -> None:
        self.clip_dropped.emit(clip, self.target_at(index), deed)

    def spring_open(self, index: QModelIndex) -> None:
        self.open_index(index)
