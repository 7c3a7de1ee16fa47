"""JSON or XML as text: its lines are numbered, and what is wrong is underlined where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPainter, QPalette, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.diff_view import tinted
from s4desk.gui.room import fixed_font
from s4desk.viewmodels.config_diff import Sign

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from s4desk.viewmodels.config_json import JsonProblem

MARGIN = 6


class JsonEditor(QPlainTextEdit):
    """Tells each change by `edited`. The Tab key leaves it."""

    edited = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("json")
        self.setAccessibleName(tr("The configuration as JSON"))
        self.setFont(fixed_font(self))
        self.setPlaceholderText(tr("Nothing is set. JSON can be typed or pasted here."))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self._numbers = _LineNumbers(self)
        self.blockCountChanged.connect(lambda _: self._make_room())
        self.updateRequest.connect(lambda _rect, _dy: self._numbers.update())
        self.textChanged.connect(lambda: self.edited.emit(self.toPlainText()))
        self._make_room()

    def show_text(self, text: str) -> None:
        """Without telling; the cursor stays where it is if the text is the same."""
        if text != self.toPlainText():
            with QSignalBlocker(self):
                self.setPlainText(text)
            self._make_room()

    def show_problem(self, problem: JsonProblem | None) -> None:
        """Underline the place of a problem; None for none."""
        if problem is None:
            self.setExtraSelections([])
            return
        line = min(problem.line, self.blockCount()) - 1
        self.setExtraSelections([tinted(self, line, Sign.REMOVED), self._mark(problem)])

    def go_to(self, problem: JsonProblem) -> None:
        self.setTextCursor(self._cursor(problem))
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark(self, problem: JsonProblem) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        cursor = self._cursor(problem)
        keep = QTextCursor.MoveMode.KeepAnchor
        if cursor.atBlockEnd():
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock, keep)
        else:
            cursor.movePosition(QTextCursor.MoveOperation.Right, keep)
        mark.cursor = cursor
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(self.palette().color(QPalette.ColorRole.BrightText))
        mark.format = look
        return mark

    def _cursor(self, problem: JsonProblem) -> QTextCursor:
        block = self.document().findBlockByNumber(problem.line - 1)
        cursor = QTextCursor(block if block.isValid() else self.document().lastBlock())
        within = min(problem.column - 1, cursor.block().length() - 1)
        cursor.setPosition(cursor.block().position() + max(0, within))
        return cursor

    # The numbers of lines

    def paint_numbers(self, event: QPaintEvent) -> None:
        painter = QPainter(self._numbers)
        painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.setFont(self.font())
        block, offset = self.firstVisibleBlock(), self.contentOffset()
        width, height = self._numbers.width() - MARGIN, self.fontMetrics().height()
        while block.isValid():
            top = round(self.blockBoundingGeometry(block).translated(offset).top())
            if top > event.rect().bottom():
                break
            number = str(block.blockNumber() + 1)
            painter.drawText(0, top, width, height, Qt.AlignmentFlag.AlignRight, number)
            block = block.next()
        painter.end()

    @property
    def numbers_width(self) -> int:
        digits = max(2, len(str(self.blockCount())))
        return 2 * MARGIN + self.fontMetrics().horizontalAdvance("0") * digits

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        width = self.numbers_width
        self.setViewportMargins(width, 0, 0, 0)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), width, inside.height()))


class XmlEditor(JsonEditor):
    """The same for XML."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("xml")
        self.setAccessibleName(tr("The configuration as XML"))
        self.setPlaceholderText(tr("Nothing is set. XML can be typed or pasted here."))


class _LineNumbers(QWidget):
    def __init__(self, editor: JsonEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_numbers(event)
