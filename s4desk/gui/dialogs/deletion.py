"""Asking before something is deleted, with its size and what deleting means here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import (
    FORM_WIDTH,
    button_box,
    column,
    headline,
    let_enter_decline,
    paragraph,
)
from s4desk.gui.room import roomy

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES_HEIGHT = 110


@dataclass(frozen=True, slots=True)
class DeletionQuestion:
    """What a person is asked before a deletion.

    `word` must be typed when it cannot be undone; empty when it can. `names` are what was
    selected, made printable.
    """

    title: str
    problem: str
    consequence: str
    names: Sequence[str] = ()
    word: str = ""
    accept_text: str = ""


class DeletionDialog(QDialog):
    """Deletes only after the tally is known to have begun and the word, if any, was typed."""

    def __init__(self, question: DeletionQuestion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question = question
        self.setWindowTitle(question.title)
        self.tally = Note("tally", self)
        self.replication = Note("replication", self)
        self._names = self._list_of_names()
        self._word = QLineEdit(self)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Cancel, self)
        self._delete = self._buttons.addButton(
            question.accept_text or tr("&Delete"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self._delete.setObjectName("delete")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._word.textChanged.connect(self._fit)
        self._lay_out()
        self._fit()

    def show_tally(self, sentence: str) -> None:
        """How much would go: it grows while it is counted."""
        self.tally.say(sentence)

    def show_replication(self, sentence: str) -> None:
        """What of it has no replica yet."""
        self.replication.say(sentence, is_error=True)

    def fail(self, problem: BaseException | str) -> None:
        """Why it is not known how much would go, or why that is too much."""
        self.tally.fail(problem)

    def _fit(self) -> None:
        self._delete.setEnabled(self._word.text() == self._question.word)

    def _lay_out(self) -> None:
        layout = column(self)
        layout.addWidget(headline(self._question.problem))
        layout.addWidget(self._names)
        self._names.setVisible(len(self._question.names) > 1)
        layout.addWidget(self.tally)
        layout.addWidget(self.replication)
        layout.addWidget(paragraph(self._question.consequence))
        if self._question.word:
            label = paragraph(tr("Type “{word}” to confirm:").format(word=self._question.word))
            label.setBuddy(self._word)
            self._word.setAccessibleName(label.text())
            layout.addWidget(label)
        layout.addWidget(self._word)
        self._word.setObjectName("word")
        self._word.setVisible(bool(self._question.word))
        self._delete.setDefault(bool(self._question.word))
        self._word.setFocus()
        if not self._question.word:
            let_enter_decline(self._buttons)
        layout.addStretch()
        layout.addWidget(self._buttons)
        self.setMinimumWidth(roomy(self, FORM_WIDTH))

    def _list_of_names(self) -> QListWidget:
        names = QListWidget(self)
        names.addItems(list(self._question.names))
        names.setAccessibleName(tr("What will be deleted"))
        names.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        names.setMaximumHeight(NAMES_HEIGHT)
        names.setUniformItemSizes(True)
        return names
