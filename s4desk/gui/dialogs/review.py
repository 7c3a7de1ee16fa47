"""Showing what will be different before a transfer starts: other names, things left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QWidget

from s4desk.gui.dialogs.frame import button_box, choice_box, column, headline, let_enter_decline
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZE = (760, 400)


class ReviewDialog(QDialog):
    """A sentence, a table of what it is about, and the choice to go on or not.

    Without `accept_text` there is no choice: it is a report. Enter goes on unless that `is_grave`.
    """

    def __init__(
        self,
        title: str,
        sentence: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        accept_text: str,
        parent: QWidget | None = None,
        *,
        remark: str = "",
        is_grave: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        layout = column(self)
        layout.addWidget(headline(sentence))
        layout.addWidget(text_table(TextTableModel(columns, rows), sentence, self))
        if remark:
            note = QLabel(remark)
            note.setWordWrap(True)
            layout.addWidget(note)
        if accept_text:
            buttons = choice_box(self, accept_text)
            if is_grave:
                let_enter_decline(buttons)
        else:
            buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        claim(self, SIZE)
