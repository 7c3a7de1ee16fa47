"""A question with two answers, one of which is to leave everything as it is."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from s4desk.gui.dialogs.frame import (
    FORM_WIDTH,
    choice_box,
    column,
    headline,
    let_enter_decline,
    paragraph,
)
from s4desk.gui.room import roomy


class QuestionDialog(QDialog):
    """A sentence, what it means, and what would be done. Enter leaves everything as it is."""

    def __init__(
        self,
        title: str,
        sentence: str,
        explanation: str,
        accept_text: str,
        parent: QWidget | None = None,
        *,
        decline_text: str = "",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        layout = column(self)
        layout.addWidget(headline(sentence))
        layout.addWidget(paragraph(explanation))
        buttons = choice_box(self, accept_text, decline_text)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        let_enter_decline(buttons)
        layout.addStretch()
        layout.addWidget(buttons)
        self.setMinimumWidth(roomy(self, FORM_WIDTH))
