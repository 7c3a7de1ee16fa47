"""What trying a connection brought: what is wrong, what to do, and a button that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.room import fixed_font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from s4desk.viewmodels.diagnosis_text import DiagnosisText

_PAIRS_IN_A_LINE = 16
_BAR = 3
_FAINT, _PLAIN = 20, 210


class OutcomePanel(QFrame):
    """Holds the sentence a dialog ends a trial with; something wrong is set apart from the form.

    `taken` tells that a person wants what the button says.
    """

    taken = Signal()

    def __init__(self, sentence: Note, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_alarming = False
        self._advice = Note("advice", self)
        self._certificate = _CertificateBox(self)
        self._button = QPushButton(self)
        self._button.setObjectName("fix")
        self._button.setAutoDefault(False)
        self._button.clicked.connect(self.taken)
        self._acts = QWidget(self)
        row = QHBoxLayout(self._acts)
        row.setContentsMargins(0, 2, 0, 0)
        row.addWidget(self._button)
        row.addStretch()
        self._column = QVBoxLayout(self)
        self._column.setSpacing(SPACING // 2)
        for widget in (sentence, self._advice, self._certificate, self._acts):
            self._column.addWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        sentence.installEventFilter(self)
        self.hide()
        self.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take no room without a sentence."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.setVisible(event.type() is QEvent.Type.ShowToParent)
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """As high as its sentences are at the width that there is."""
        hint = super().sizeHint()
        width = self.width() if self.isVisible() else hint.width()
        return QSize(hint.width(), self.heightForWidth(width))

    def show_text(self, text: DiagnosisText, act: str) -> None:
        """`act` is what the button does; without one there is none."""
        self._advice.say(text.advice)
        self._certificate.show_lines(text.certificate)
        self._button.setText(act)
        self._acts.setVisible(bool(act))
        self._set_alarm(True)

    def clear(self) -> None:
        """Leave the sentence alone, as long as there is one."""
        self._advice.say("")
        self._certificate.show_lines(())
        self._acts.hide()
        self._set_alarm(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_alarming:
            return
        colour = QColor(self.palette().color(QPalette.ColorRole.BrightText))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colour.setAlpha(_FAINT)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        colour.setAlpha(_PLAIN)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(0, 0, _BAR, self.height()), 1.5, 1.5)
        painter.end()

    def _set_alarm(self, is_on: bool) -> None:
        self._is_alarming = is_on
        margin = SPACING - 2 if is_on else 0
        self._column.setContentsMargins(margin + _BAR if is_on else 0, margin, margin, margin)
        self.update()


class _CertificateBox(QWidget):
    """What a certificate says, to be compared and copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("certificate")
        self.setAccessibleName(tr("The store's certificate"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 2)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)

    def show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, (label, text) in enumerate(lines):
            title = QLabel(label, self)
            title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignRight | top)
            self._grid.addWidget(_value(label, text, self), row, 1, top)
        self.setVisible(bool(lines))


def _value(label: str, text: str, parent: QWidget) -> QLabel:
    is_fingerprint = text.count(":") > _PAIRS_IN_A_LINE
    value = QLabel(_folded(text) if is_fingerprint else text, parent)
    value.setTextFormat(Qt.TextFormat.PlainText)
    value.setWordWrap(not is_fingerprint)
    value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    value.setAccessibleName(f"{label}: {text}")
    if is_fingerprint:
        value.setFont(fixed_font(value))
    return value


def _folded(fingerprint: str) -> str:
    """Two lines of pairs: it has no place where a line may break."""
    pairs = fingerprint.split(":")
    first, rest = pairs[:_PAIRS_IN_A_LINE], pairs[_PAIRS_IN_A_LINE:]
    return f"{':'.join(first)}:\n{':'.join(rest)}"
