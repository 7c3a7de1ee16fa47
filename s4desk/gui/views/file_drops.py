"""What is dragged over the views: files from elsewhere, and objects of our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPalette, QPen

from s4desk.gui.models.cells import KEYS_MIME
from s4desk.gui.models.clip_mime import clip_in
from s4desk.viewmodels.clip import Clip, Deed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDragMoveEvent,
        QDropEvent,
        QPaintEvent,
    )

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView as _View
else:
    _View = object

EDGE = 2
TINT = 0.12
SPRING_MS = 1500
"""How long a drag rests on a folder before that opens."""

Judge = Callable[[Clip, Any, Deed | None], Deed | None]
"""What becomes of a clip that falls on a target, None for nothing; the third is what the keys that
are held ask for."""

_Modifier = Qt.KeyboardModifier
_ACTIONS = {Deed.COPY: Qt.DropAction.CopyAction, Deed.MOVE: Qt.DropAction.MoveAction}


def dropped_files(mime: QMimeData) -> list[Path]:
    """The local files of a drag; none when it is our own or holds something else."""
    if mime.hasFormat(KEYS_MIME):
        return []
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def wanted_deed(modifiers: Qt.KeyboardModifier) -> Deed | None:
    """What the keys that are held ask for; None when they ask for nothing."""
    if modifiers & _Modifier.ControlModifier:
        return Deed.COPY
    return Deed.MOVE if modifiers & _Modifier.ShiftModifier else None


def answer(event: QDropEvent, action: Qt.DropAction) -> None:
    """Take what is dragged, in this way, or refuse it; the pointer shows it."""
    if action is Qt.DropAction.IgnoreAction:
        event.ignore()
    else:
        event.setDropAction(action)
        event.accept()


def action_of(deed: Deed | None) -> Qt.DropAction:
    return Qt.DropAction.IgnoreAction if deed is None else _ACTIONS[deed]


def paint_target(painter: QPainter, palette: QPalette, rect: QRect) -> None:
    """Mark the place where something would fall."""
    colour = palette.color(QPalette.ColorRole.Highlight)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, EDGE))
    colour.setAlphaF(TINT)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 3, 3)


class FileDrops(_View):
    """Makes an item view take files and clips; mixed in before the Qt class.

    Over a row that `takes_files` says yes to, they fall into it; elsewhere into what the view as
    a whole shows, if `takes_files` says yes to no row (an invalid index). `files_fell` and
    `clip_fell` get them. `judge` decides about clips; without one they are refused.
    """

    judge: Judge | None = None
    _is_over = False
    _target = QPersistentModelIndex()
    _clip: Clip | None = None
    _spring: QTimer | None = None

    def takes_files(self, index: QModelIndex) -> bool:
        raise NotImplementedError

    def files_fell(self, paths: Sequence[Path], index: QModelIndex) -> None:
        """`index` is the row they fell into, invalid for the view as a whole."""
        raise NotImplementedError

    def target_at(self, index: QModelIndex) -> Any:
        """What a clip would fall into; `index` as for `files_fell`."""
        raise NotImplementedError

    def clip_fell(self, clip: Clip, index: QModelIndex, deed: Deed) -> None:
        raise NotImplementedError

    def spring_open(self, index: QModelIndex) -> None:
        """A drag has rested on this row for a while."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._clip = clip_in(event.mimeData())
        is_something = self._clip is not None or bool(dropped_files(event.mimeData()))
        # Over the first row it is decided which it is.
        answer(event, event.proposedAction() if is_something else Qt.DropAction.IgnoreAction)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        position = event.position().toPoint()
        index = self._row_below(position)
        action = self._action(event, index)
        self._mark(action is not Qt.DropAction.IgnoreAction, index)
        self._scroll_at_edge(position)
        answer(event, action)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        paths, clip = dropped_files(event.mimeData()), clip_in(event.mimeData())
        index = self._row_below(event.position().toPoint())
        action = self._action(event, index)
        self._over()
        answer(event, action)
        if action is Qt.DropAction.IgnoreAction:
            return
        if clip is not None:
            is_move = action is Qt.DropAction.MoveAction
            self.clip_fell(clip, index, Deed.MOVE if is_move else Deed.COPY)
        else:
            self.files_fell(paths, index)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._is_over:
            painter = QPainter(self.viewport())
            paint_target(painter, self.palette(), self._target_rect())
            painter.end()

    def _action(self, event: QDropEvent, index: QModelIndex) -> Qt.DropAction:
        if not self.takes_files(index):
            return Qt.DropAction.IgnoreAction
        if dropped_files(event.mimeData()):
            return Qt.DropAction.CopyAction
        clip = self._clip or clip_in(event.mimeData())
        if clip is None or self.judge is None:
            return Qt.DropAction.IgnoreAction
        asked = wanted_deed(event.modifiers())
        return action_of(self.judge(clip, self.target_at(index), asked))

    def _row_below(self, position: QPoint) -> QModelIndex:
        """The row at `position` when something may fall into it, else no row."""
        index = self.indexAt(position).siblingAtColumn(0)
        return index if index.isValid() and self.takes_files(index) else QModelIndex()

    def _over(self) -> None:
        """The drag is somewhere else now."""
        self._clip = None
        self._mark(False, QModelIndex())

    def _mark(self, is_over: bool, index: QModelIndex) -> None:
        if is_over != self._is_over or index != self._target:
            self._is_over, self._target = is_over, QPersistentModelIndex(index)
            self.viewport().update()
            self._wind_spring(index.isValid())

    def _wind_spring(self, is_row: bool) -> None:
        if self._spring is None:
            self._spring = QTimer(self)
            self._spring.setSingleShot(True)
            self._spring.timeout.connect(self._sprung)
        if is_row:
            self._spring.start(SPRING_MS)
        else:
            self._spring.stop()

    def _sprung(self) -> None:
        if self._target.isValid():
            self.spring_open(self.model().index(self._target.row(), 0, self._target.parent()))

    def _target_rect(self) -> QRect:
        whole = self.viewport().rect()
        if not self._target.isValid():
            return whole
        row = self.visualRect(self._target)
        return QRect(0, row.y(), whole.width(), row.height())

    def _scroll_at_edge(self, position: QPoint) -> None:
        margin = self.autoScrollMargin()
        inner = self.viewport().rect().adjusted(0, margin, 0, -margin)
        if not inner.contains(position):
            self.startAutoScroll()
