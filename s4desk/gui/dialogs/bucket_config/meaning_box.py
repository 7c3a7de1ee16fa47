"""Sentences that are as high as they need to be, up to some lines; more of them scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

MOST_LINES = 5
SLACK = 2
_Bar = Qt.ScrollBarPolicy
_OFF = _Bar.ScrollBarAlwaysOff


class MeaningBox(QPlainTextEdit):
    """Read with the arrow keys, or copied. Warnings stand above, in the colour of errors."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._warned = 0
        self.setObjectName("meaning")
        self.setAccessibleName(tr("What this means"))
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        flags = Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.setTextInteractionFlags(self.textInteractionFlags() | flags)
        self.setHorizontalScrollBarPolicy(_OFF)
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)

    def show_sentences(self, sentences: Sequence[str], warnings: Sequence[str] = ()) -> None:
        text = "\n".join([*warnings, *sentences])
        if text != self.toPlainText():
            self.setPlainText(text)
        self._warned = len("\n".join(warnings))
        self._colour()
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        warned = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._warned, QTextCursor.MoveMode.KeepAnchor)
        warned.cursor = cursor
        warned.format.setForeground(self.palette().color(QPalette.ColorRole.BrightText))
        self.setExtraSelections([warned] if self._warned else [])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        # The layout of plain text counts in lines, not in pixels.
        lines = round(self.document().documentLayout().documentSize().height())
        shown = min(max(lines, 1), MOST_LINES)
        around = 2 * (self.frameWidth() + round(self.document().documentMargin())) + SLACK
        self.setFixedHeight(shown * self.fontMetrics().lineSpacing() + around)
        # It scrolls by lines, and would do so for some pixels.
        self.setVerticalScrollBarPolicy(_Bar.ScrollBarAsNeeded if lines > shown else _OFF)
