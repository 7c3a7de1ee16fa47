"""A question with two answers, one of which is to leave everything as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import (
    FORM_WIDTH,
    choice_box,
    column,
    headline,
    let_enter_decline,
    paragraph,
)
from s4desk.gui.room import roomy

if TYPE_CHECKING:
    from collections.abc import Callable


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


def ask_to_discard(edited: str, discard: Callable[[], None], parent: QWidget) -> None:
    """Over a dialog that is to be closed with something `edited` in it that is not saved."""
    question = QuestionDialog(
        tr("Not Saved"),
        tr("Close without saving what was edited?"),
        edited,
        tr("&Discard"),
        parent,
        decline_text=tr("&Keep Editing"),
    )
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.accepted.connect(discard)
    question.open()
