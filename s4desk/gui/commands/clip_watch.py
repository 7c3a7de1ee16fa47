"""What is on the clipboard: what was cut is shown in the rows until something else is clipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from s4desk.gui.commands.transferring import places

if TYPE_CHECKING:
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.clipping import Clipping
    from s4desk.gui.views.objects_pane import ObjectsPane


class ClipWatch(QObject):
    """Looks at the clipboard when it has changed, and at the beginning; `changed` tells of it."""

    changed = Signal()

    def __init__(self, clipping: Clipping, browsing: Browsing, pane: ObjectsPane) -> None:
        super().__init__(pane)
        self._clipping = clipping
        self._browsing = browsing
        self._pane = pane
        QGuiApplication.clipboard().dataChanged.connect(self._clipboard_changed)
        browsing.moved.connect(self._show)
        self._clipboard_changed()

    def _clipboard_changed(self) -> None:
        self._clipping.clipboard_changed()
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        clip, place = self._clipping.clip, self._browsing.place
        if clip is None or place is None or not clip.is_cut or clip.connection != place.connection:
            self._pane.show_cut(())
        else:
            self._pane.show_cut(places(clip.selection))
