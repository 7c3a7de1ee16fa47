"""Buttons beside one another, in as many lines as their words need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QPushButton, QSizePolicy, QStyle, QWidget

from s4desk.gui.dialogs.frame import SPACING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLayoutItem


class ButtonRow(QWidget):
    """As wide as its widest button at least: a box would be as wide as all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = _Lines(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, name: str, text: str) -> QPushButton:
        """One more, which Enter does not press unless it has the focus."""
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        self._lines.addWidget(button)
        return button


class _Lines(QLayout):
    """What finds no place in a line begins the next."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(SPACING // 2)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return max((each.bottom() + 1 for each in places), default=0)

    def sizeHint(self) -> QSize:
        gaps = self.spacing() * max(0, len(self._items) - 1)
        hints = [each.sizeHint() for each in self._items]
        height = max((each.height() for each in hints), default=0)
        return QSize(sum(each.width() for each in hints) + gaps, height)

    def minimumSize(self) -> QSize:
        size = QSize(0, 0)
        for each in self._items:
            size = size.expandedTo(each.sizeHint())
        return size

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        parent = self.parentWidget()
        direction = Qt.LayoutDirection.LeftToRight if parent is None else parent.layoutDirection()
        for item, place in zip(self._items, self._places(rect.width()), strict=True):
            moved = place.translated(rect.topLeft())
            item.setGeometry(QStyle.visualRect(direction, rect, moved))

    def _places(self, width: int) -> list[QRect]:
        """Where each stands, read from the left."""
        places: list[QRect] = []
        x = y = 0
        for each in self._items:
            hint = each.sizeHint()
            if x and x + hint.width() > width:
                x, y = 0, y + hint.height() + self.spacing()
            places.append(QRect(x, y, hint.width(), hint.height()))
            x += hint.width() + self.spacing()
        return places
