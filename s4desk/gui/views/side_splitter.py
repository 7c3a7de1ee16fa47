"""A large part with a slim one beside it, or below it where the window is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

from s4desk.gui.room import roomy

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

SIDE_WIDTH = 320
MAIN_LEAST = 340
SIDE_LEAST = 200


class SideSplitter(QSplitter):
    """The side keeps its width when the window changes its own. It never crushes the large part:
    without room for both side by side it lies below, in half of the height."""

    def __init__(self, main: QWidget, side: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._side = side
        self._width = roomy(self, SIDE_WIDTH)
        side.setMinimumWidth(SIDE_LEAST)
        self.addWidget(main)
        self.addWidget(side)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        self.splitterMoved.connect(self._note_width)

    @property
    def is_narrow(self) -> bool:
        return self.width() < MAIN_LEAST + SIDE_LEAST + self.handleWidth()

    def save_state(self) -> bytes:
        """The width of the side."""
        return b"%d" % self._width

    def restore_state(self, state: bytes) -> None:
        """Take back what `save_state` gave; anything else changes nothing."""
        if state.isdigit() and len(state) < 6:
            self._width = max(int(state), SIDE_LEAST)
            self.fit()

    def fit(self) -> None:
        """Give each part its share; to be called when the side is shown or hidden."""
        if self._side.isHidden():
            return
        if self.is_narrow:
            self.setOrientation(Qt.Orientation.Vertical)
            half = self.height() // 2
            self.setSizes([self.height() - half, half])
        else:
            self.setOrientation(Qt.Orientation.Horizontal)
            side = min(self._width, self.width() - MAIN_LEAST - self.handleWidth())
            self.setSizes([self.width() - side, side])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def _note_width(self) -> None:
        if self.orientation() is Qt.Orientation.Horizontal:
            self._width = self.sizes()[1]
