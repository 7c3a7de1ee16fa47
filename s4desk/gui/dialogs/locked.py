"""Saying that something is locked, and what the store would do all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import (
    button_box,
    choice_box,
    column,
    headline,
    let_enter_decline,
    paragraph,
)
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim

if TYPE_CHECKING:
    from s4desk.viewmodels.locked_text import LockedQuestion

SIZE = (680, 420)


class LockedDialog(QDialog):
    """A report; or a question that is answered with yes only after a tick."""

    def __init__(self, question: LockedQuestion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(question.title)
        layout = column(self)
        layout.addWidget(headline(question.sentence))
        rows = TextTableModel((tr("Key"), tr("Lock")), question.rows)
        layout.addWidget(text_table(rows, question.sentence, self), 1)
        layout.addWidget(paragraph(question.explanation))
        if question.override:
            self.override = QCheckBox(question.override, self)
            self.override.setObjectName("override")
            layout.addWidget(self.override)
            buttons = choice_box(self, question.accept_text)
            ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
            ok.setEnabled(False)
            self.override.toggled.connect(ok.setEnabled)
            let_enter_decline(buttons)
        else:
            buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        claim(self, SIZE)
