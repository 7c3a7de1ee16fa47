"""Files dragged in from elsewhere: where they may fall, and what they would fall on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPalette, QPen

from s4desk.gui.models.cells import KEYS_MIME

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


def dropped_files(mime: QMimeData) -> list[Path]:
    """The local files of a drag; none when it is our own or holds something else."""
    if mime.hasFormat(KEYS_MIME):
        return []
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def paint_target(painter: QPainter, palette: QPalette, rect: QRect) -> None:
    """Mark the place where files would fall."""
    colour = palette.color(QPalette.ColorRole.Highlight)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, EDGE))
    colour.setAlphaF(TINT)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 3, 3)


class FileDrops(_View):
    """Makes an item view take files; mixed in before the Qt class.

    Over a row that `takes_files` says yes to, they fall into it; elsewhere into what the view as
    a whole shows, if `takes_files` says yes to no row (an invalid index). `files_fell` gets them.
    """

    _is_over = False
    _target = QPersistentModelIndex()

    def takes_files(self, index: QModelIndex) -> bool:
        raise NotImplementedError

    def files_fell(self, paths: Sequence[Path], index: QModelIndex) -> None:
        """`index` is the row they fell into, invalid for the view as a whole."""
        raise NotImplementedError

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        position = event.position().toPoint()
        index = self._row_below(position)
        is_welcome = bool(dropped_files(event.mimeData())) and self.takes_files(index)
        self._mark(is_welcome, index)
        self._scroll_at_edge(position)
        if is_welcome:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(False, QModelIndex())
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_files(event.mimeData())
        index = self._row_below(event.position().toPoint())
        self._mark(False, QModelIndex())
        if paths and self.takes_files(index):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.files_fell(paths, index)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._is_over:
            painter = QPainter(self.viewport())
            paint_target(painter, self.palette(), self._target_rect())
            painter.end()

    def _row_below(self, position: QPoint) -> QModelIndex:
        """The row at `position` when files may fall into it, else no row."""
        index = self.indexAt(position).siblingAtColumn(0)
        return index if index.isValid() and self.takes_files(index) else QModelIndex()

    def _mark(self, is_over: bool, index: QModelIndex) -> None:
        if is_over != self._is_over or index != self._target:
            self._is_over, self._target = is_over, QPersistentModelIndex(index)
            self.viewport().update()

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
