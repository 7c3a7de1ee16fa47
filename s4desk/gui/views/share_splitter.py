"""Two parts one above the other, of which the lower one is modest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter

if TYPE_CHECKING:
    from PySide6.QtCore import QByteArray
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget


class ShareSplitter(QSplitter):
    """The lower part is so high, but never more than a third, until a person drags the border."""

    def __init__(self, upper: QWidget, lower: QWidget, height: int) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._height = height
        self._lower = lower
        self._is_dragged = False
        self.addWidget(upper)
        self.addWidget(lower)
        self.setStretchFactor(0, 1)
        self.splitterMoved.connect(self._keep_as_is)

    def save_state(self) -> bytes:
        """What the person made of it; empty when nothing."""
        return bytes(self.saveState().data()) if self._is_dragged else b""

    def restore_state(self, state: bytes | QByteArray) -> None:
        """Take back what `save_state` gave; anything else changes nothing."""
        self._is_dragged = self.restoreState(state)

    def fit(self) -> None:
        """Give each part its share; to be called when the lower one is shown or hidden."""
        if not self._is_dragged and not self._lower.isHidden():
            lower = min(self._height, self.height() // 3)
            self.setSizes([self.height() - lower, lower])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def _keep_as_is(self) -> None:
        self._is_dragged = True
