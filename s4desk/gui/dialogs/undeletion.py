"""Asking before objects are undeleted, with what was found under delete markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column, headline, paragraph
from s4desk.gui.dialogs.tick_table import TickTableModel, tick_table
from s4desk.gui.room import claim
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

SIZE = (720, 420)


class UndeletionDialog(QDialog):
    """Can be agreed to once all was looked at, and something of what was found has a tick."""

    def __init__(self, question: str, meaning: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Undelete"))
        self.tally = Note("tally", self)
        self._model = TickTableModel((tr("Key"), tr("Deleted"), tr("Size")))
        self._table = tick_table(self._model, tr("What was deleted"), self)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Cancel, self)
        self._accept = self._buttons.addButton(
            tr("&Undelete"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self._accept.setObjectName("undelete")
        self._accept.setEnabled(False)
        self._is_all = False
        self._all = self._button(tr("Tick &All"), "tick-all", is_on=True)
        self._none = self._button(tr("Tick &None"), "tick-none", is_on=False)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._model.ticked.connect(self._fit)
        layout = column(self)
        layout.addWidget(headline(question))
        layout.addWidget(self._table, 1)
        layout.addWidget(self.tally)
        layout.addWidget(paragraph(meaning))
        layout.addWidget(self._buttons)
        claim(self, SIZE)
        self._fit()

    @property
    def chosen(self) -> list[int]:
        """Which of the rows that were added are to come back, by their numbers."""
        return self._model.chosen

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """More was found."""
        self._model.add(rows)
        self._table.fit()

    def show_found(self, sentence: str, *, is_all: bool = False, is_any: bool = True) -> None:
        """How much was found, so far or in all."""
        self.tally.say(sentence)
        self._is_all = is_all
        self._fit()
        if is_all and is_any:
            self._accept.setDefault(True)
            self._accept.setFocus()

    def fail(self, problem: BaseException) -> None:
        """Why not all could be looked at: nothing is undeleted then."""
        self._is_all = False
        self._fit()
        self.tally.fail(problem)

    def _fit(self) -> None:
        count, chosen = self._model.rowCount(), len(self._model.chosen)
        has_rows = count > 0
        self._all.setEnabled(has_rows)
        self._none.setEnabled(has_rows)
        is_some = 0 < chosen < count
        text = tr("&Undelete {count}").format(count=format_count(chosen))
        self._accept.setText(text if is_some else tr("&Undelete"))
        self._accept.setEnabled(self._is_all and chosen > 0)

    def _button(self, text: str, name: str, *, is_on: bool) -> QPushButton:
        button = self._buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._model.tick_all(is_on=is_on))
        return button
