"""Small widgets of the window: buttons with an icon of ours, text that shortens itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from s4desk.gui.bidi import in_its_order
from s4desk.gui.models.cells import plain_tip

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QStyleOptionToolButton

    from s4desk.gui.models.cells import Icons

ICON_SIZE = QSize(16, 16)
FEW_LETTERS = "MMMM…"


class IconButton(QToolButton):
    """A flat button. Its icon is asked for when it is painted, so it follows the colours."""

    def __init__(
        self, icons: Icons, name: str, tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icons = icons
        self._name = name
        self.setAutoRaise(True)
        self.setIconSize(ICON_SIZE)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_tip(tip)

    def set_tip(self, tip: str) -> None:
        self.setToolTip(tip)
        self.setAccessibleName(tip)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        option.icon = self._icons(self._name)


class ElidedLabel(QLabel):
    """One line of text that gives way when there is no room for it. Its tip is the whole text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        if text != self.text():
            self.setText(text)
            self.setToolTip(plain_tip(text))

    def minimumSizeHint(self) -> QSize:
        least = self.fontMetrics().horizontalAdvance(FEW_LETTERS)
        whole = self.sizeHint()
        return QSize(min(least, whole.width()), whole.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, rect.width())
        text = in_its_order(text, self.layoutDirection())
        self.style().drawItemText(
            painter,
            rect,
            self.alignment(),
            self.palette(),
            self.isEnabled(),
            text,
            self.foregroundRole(),
        )
