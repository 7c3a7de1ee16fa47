"""Asking before objects are undeleted, with what was found under delete markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column, headline, paragraph
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

SIZE = (720, 420)


class UndeletionDialog(QDialog):
    """Can be agreed to once all was looked at, and something was found."""

    def __init__(self, question: str, meaning: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Undelete"))
        self.tally = Note("tally", self)
        self._model = TextTableModel((tr("Key"), tr("Deleted"), tr("Size")), [])
        self._table = text_table(self._model, tr("What was deleted"), self)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Cancel, self)
        self._accept = self._buttons.addButton(
            tr("&Undelete"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self._accept.setObjectName("undelete")
        self._accept.setEnabled(False)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = column(self)
        layout.addWidget(headline(question))
        layout.addWidget(self._table, 1)
        layout.addWidget(self.tally)
        layout.addWidget(paragraph(meaning))
        layout.addWidget(self._buttons)
        claim(self, SIZE)

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """More was found."""
        self._model.add(rows)
        self._table.fit()

    def show_found(self, sentence: str, *, is_all: bool = False, is_any: bool = True) -> None:
        """How much was found, so far or in all."""
        self.tally.say(sentence)
        if is_all and is_any:
            self._accept.setEnabled(True)
            self._accept.setDefault(True)
            self._accept.setFocus()

    def fail(self, problem: BaseException) -> None:
        """Why not all could be looked at: nothing is undeleted then."""
        self.tally.fail(problem)
