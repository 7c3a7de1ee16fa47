"""Changed lines, told apart by their signs and also by colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.room import fixed_font
from s4desk.viewmodels.config_diff import Sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.config_diff import DiffLine

DARK = 128
_ON_LIGHT = {Sign.ADDED: "#d9f2dd", Sign.REMOVED: "#fbdfe0", Sign.GAP: "#e8eaef"}
_ON_DARK = {Sign.ADDED: "#1b4027", Sign.REMOVED: "#55242a", Sign.GAP: "#343842"}


class DiffView(QPlainTextEdit):
    """Read with the arrow keys, or copied."""

    def __init__(self, lines: Sequence[DiffLine], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(fixed_font(self))
        self.setAccessibleName(tr("Changes"))
        # By keys too: a line is read out where the cursor is.
        self.setTextInteractionFlags(
            self.textInteractionFlags() | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setPlainText("\n".join(_shown(line) for line in lines))
        self._colour()

    def _colour(self) -> None:
        is_dark = self.palette().color(QPalette.ColorRole.Base).lightness() < DARK
        colours = _ON_DARK if is_dark else _ON_LIGHT
        marks = []
        for number, line in enumerate(self._lines):
            if line.sign in colours:
                mark = QTextEdit.ExtraSelection()
                mark.format.setBackground(QColor(colours[line.sign]))
                mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
                mark.cursor = QTextCursor(self.document().findBlockByNumber(number))
                marks.append(mark)
        self.setExtraSelections(marks)


def _shown(line: DiffLine) -> str:
    return line.text if line.sign is Sign.GAP else f"{line.sign} {line.text}"
