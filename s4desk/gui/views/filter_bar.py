"""Where a person types what the names shall have in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.gui.models.cells import Icons


class _Line(QLineEdit):
    """Escape closes the bar, Return and the arrows go to the rows."""

    closed = Signal()
    left = Signal()

    def event(self, event: QEvent) -> bool:
        """Take Escape before a shortcut of the window does."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Down,
            Qt.Key.Key_Up,
            Qt.Key.Key_PageDown,
        ):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class FilterBar(QWidget):
    """Hidden until it is asked for. An empty one filters nothing."""

    changed = Signal(str)
    left = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._line = _Line()
        self._line.setObjectName("filter")
        self._line.setPlaceholderText(tr("Filter by letters of the name, or *.png"))
        self._line.setAccessibleName(tr("Filter"))
        self._line.setClearButtonEnabled(True)
        self._count = QLabel()
        self._count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setToolTip(tr("Close the filter (Esc)"))
        self._close.setAccessibleName(tr("Close the filter"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 6, 4)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._count)
        layout.addWidget(self._close)
        self._line.textChanged.connect(self.changed)
        self._line.closed.connect(self.dismiss)
        self._line.left.connect(self.left)
        self._close.clicked.connect(self.dismiss)
        self.redraw_icons()
        self.hide()

    def redraw_icons(self) -> None:
        """The colours have changed."""
        self._close.setIcon(self._icons("close"))

    def summon(self) -> None:
        """Show the bar, ready to be typed into."""
        self.show()
        self._line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._line.selectAll()

    def dismiss(self) -> None:
        """Filter nothing, and hide."""
        had_focus = self._line.hasFocus()
        self._line.clear()
        self.hide()
        if had_focus:
            self.left.emit()

    @property
    def pattern(self) -> str:
        return self._line.text()

    def recall(self, pattern: str) -> None:
        """Filter again as before, without taking the keyboard."""
        if pattern:
            self.show()
            self._line.setText(pattern)

    def forget(self) -> None:
        """Empty and hide without a word: another listing is shown."""
        self._line.blockSignals(True)
        self._line.clear()
        self._line.blockSignals(False)
        self.hide()

    def show_count(self, text: str) -> None:
        self._count.setText(text)
