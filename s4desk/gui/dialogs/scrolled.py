"""The part of a dialog that scrolls when a screen is too low for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

LEAST = 96
AROUND = 150
"""Room for the frame of a dialog, its margins and its buttons."""

BESIDE = AROUND + 70
"""The same with an outcome of a few lines."""


class Scrolled(QScrollArea):
    """As high as its content, but never so high that the dialog would not fit on its screen."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self._beside = BESIDE
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        # A scroll area fills its content with the colour of lists.
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        content.setAutoFillBackground(False)
        content.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            # Sentences need another height now, and a layout remembers the last one.
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        width = max(self._content.sizeHint().width(), self._least_width())
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:
        width = self._least_width()
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def heightForWidth(self, width: int) -> int:
        content = self._content
        whole = content.heightForWidth(width) if content.hasHeightForWidth() else 0
        return min(max(whole, content.minimumSizeHint().height()), self._room())

    def take_room(self) -> None:
        """Be larger than the content needs, or than there is room for beside an outcome, as long
        as the dialog is."""
        policy = self.sizePolicy()
        policy.setVerticalPolicy(QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)

    def _least_width(self) -> int:
        """Nothing is cut when there is a bar beside it."""
        least = max(self._content.minimumSizeHint().width(), self._content.minimumWidth())
        return least + self.verticalScrollBar().sizeHint().width()

    def leave_room(self, height: int) -> None:
        """For an outcome of that height; as much as usual for a lower one."""
        self._beside = max(BESIDE, AROUND + height)
        self.updateGeometry()

    def _room(self) -> int:
        return max(LEAST, self.screen().availableGeometry().height() - self._beside)
