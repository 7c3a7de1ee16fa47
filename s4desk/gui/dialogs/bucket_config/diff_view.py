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
        changed = [at for at, line in enumerate(self._lines) if line.sign is not Sign.SAME]
        self.setExtraSelections([tinted(self, at, self._lines[at].sign) for at in changed])


def tinted(view: QPlainTextEdit, number: int, sign: Sign) -> QTextEdit.ExtraSelection:
    """A whole line in the colour of a sign. Lines count from 0."""
    is_dark = view.palette().color(QPalette.ColorRole.Base).lightness() < DARK
    mark = QTextEdit.ExtraSelection()
    mark.format.setBackground(QColor((_ON_DARK if is_dark else _ON_LIGHT)[sign]))
    mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
    mark.cursor = QTextCursor(view.document().findBlockByNumber(number))
    return mark


def _shown(line: DiffLine) -> str:
    return line.text if line.sign is Sign.GAP else f"{line.sign} {line.text}"
