"""A question with two answers, one of which is to leave everything as it is."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from s4desk.gui.dialogs.base import FORM_WIDTH, SPACING, button_box, headline, paragraph


class QuestionDialog(QDialog):
    """A sentence, what it means, and what would be done."""

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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*([SPACING + 4] * 4))
        layout.setSpacing(SPACING)
        layout.addWidget(headline(sentence))
        layout.addWidget(paragraph(explanation))
        buttons = button_box(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(accept_text)
        if decline_text:
            buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(decline_text)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addStretch()
        layout.addWidget(buttons)
        self.setMinimumWidth(FORM_WIDTH)
