"""What is shown when a connection does not work: what to do, and a button that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QPalette
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.diagnosis_text import DiagnosisText

_PAIRS_IN_A_LINE = 16


class RemedyBox(QWidget):
    """Advice, the certificate it is about, and what can be done; `taken` when a person does it."""

    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._advice = Note("advice", self)
        self._certificate = _CertificateBox(self)
        self._button = QPushButton(self)
        self._button.setObjectName("fix")
        self._button.setAutoDefault(False)
        self._button.clicked.connect(self.taken)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING // 2)
        column.addWidget(self._advice)
        column.addWidget(self._certificate)
        row = QHBoxLayout()
        row.addWidget(self._button)
        row.addStretch()
        column.addLayout(row)
        self.hide()

    def show_text(self, text: DiagnosisText, act: str) -> None:
        """`act` is what the button does; without one there is none."""
        self._advice.say(text.advice)
        self._certificate.show_lines(text.certificate)
        self._button.setText(act)
        self._button.setVisible(bool(act))
        self.setVisible(bool(text.advice or text.certificate or act))

    def open_button(self, is_open: bool) -> None:
        self._button.setEnabled(is_open)


class _CertificateBox(QFrame):
    """What a certificate says, to be compared and copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("certificate")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(tr("The store's certificate"))
        self._rows = QFormLayout(self)
        self._rows.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._rows.setHorizontalSpacing(SPACING)
        self._rows.setVerticalSpacing(2)

    def show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        while self._rows.rowCount():
            self._rows.removeRow(0)
        for label, text in lines:
            title = QLabel(label, self)
            title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._rows.addRow(title, _value(label, text, self))
        self.setVisible(bool(lines))


def _value(label: str, text: str, parent: QWidget) -> QLabel:
    is_fingerprint = text.count(":") > _PAIRS_IN_A_LINE
    value = QLabel(_folded(text) if is_fingerprint else text, parent)
    value.setTextFormat(Qt.TextFormat.PlainText)
    value.setWordWrap(not is_fingerprint)
    value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    value.setAccessibleName(f"{label}: {text}")
    if is_fingerprint:
        value.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return value


def _folded(fingerprint: str) -> str:
    """Two lines of pairs: it has no place where a line may break."""
    pairs = fingerprint.split(":")
    first, rest = pairs[:_PAIRS_IN_A_LINE], pairs[_PAIRS_IN_A_LINE:]
    return f"{':'.join(first)}:\n{':'.join(rest)}"
