"""The part of a dialog that scrolls when a screen is too low for all of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

LEAST = 96
BESIDE = 220
"""Room for what a dialog has besides: its frame, its margins, an outcome of a few lines, its
buttons."""


class Scrolled(QScrollArea):
    """As high as its content, but never so high that the dialog would not fit on its screen."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
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

    def sizeHint(self) -> QSize:
        width = max(self._content.sizeHint().width(), self._least_width())
        return QSize(width, min(self._whole_height(), self._room()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least_width(), self.sizeHint().height())

    def _least_width(self) -> int:
        """Nothing is cut when there is a bar beside it."""
        least = max(self._content.minimumSizeHint().width(), self._content.minimumWidth())
        return least + self.verticalScrollBar().sizeHint().width()

    def _whole_height(self) -> int:
        content = self._content
        if not content.hasHeightForWidth():
            return content.sizeHint().height()
        width = self.viewport().width() if self.isVisible() else content.sizeHint().width()
        return max(content.heightForWidth(width), content.minimumSizeHint().height())

    def _room(self) -> int:
        return max(LEAST, self.screen().availableGeometry().height() - BESIDE)
