"""A whole widget as a place that things can be dropped on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter

from s4desk.gui.models.clip_mime import clip_in
from s4desk.gui.views.file_drops import (
    action_of,
    answer,
    dropped_files,
    paint_target,
    wanted_deed,
)

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
    from PySide6.QtWidgets import QWidget as _Widget

    from s4desk.gui.views.file_drops import Judge
    from s4desk.viewmodels.clip import Deed
else:
    _Widget = object


class PlaceDrops(_Widget):
    """Makes a widget take files and clips for `drop_target`; mixed in before the Qt class.

    With no target nothing is taken. Whoever paints the widget calls `paint_mark` at the end.
    """

    files_dropped = Signal(object, object)
    clip_dropped = Signal(object, object, object)

    drop_target: Any = None
    judge: Judge | None = None
    _is_over = False

    def paint_mark(self) -> None:
        """Show that what is dragged would fall here."""
        if self._is_over:
            painter = QPainter(self)
            paint_target(painter, self.palette(), self.rect())
            painter.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        action = self._action(event)
        # What a key makes possible that is pressed later must come back by a move.
        is_ours = self.drop_target is not None and clip_in(event.mimeData()) is not None
        self._mark(action is not Qt.DropAction.IgnoreAction)
        answer(event, event.proposedAction() if is_ours else action)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        action = self._action(event)
        self._mark(action is not Qt.DropAction.IgnoreAction)
        answer(event, action)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark(False)
        action, deed = self._action(event), self._deed(event)
        answer(event, action)
        if deed is not None:
            self.clip_dropped.emit(clip_in(event.mimeData()), self.drop_target, deed)
        elif action is not Qt.DropAction.IgnoreAction:
            self.files_dropped.emit(dropped_files(event.mimeData()), self.drop_target)

    def _action(self, event: QDropEvent) -> Qt.DropAction:
        if self.drop_target is not None and dropped_files(event.mimeData()):
            return Qt.DropAction.CopyAction
        return action_of(self._deed(event))

    def _deed(self, event: QDropEvent) -> Deed | None:
        clip = clip_in(event.mimeData())
        if clip is None or self.drop_target is None or self.judge is None:
            return None
        return self.judge(clip, self.drop_target, wanted_deed(event.modifiers()))

    def _mark(self, is_over: bool) -> None:
        if is_over != self._is_over:
            self._is_over = is_over
            self.update()
