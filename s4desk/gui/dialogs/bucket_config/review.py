"""The last look at a configuration before it is saved, and at two that were saved at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.diff_view import DiffView
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import (
    SPACING,
    button_box,
    choice_box,
    column,
    headline,
    let_enter_decline,
    paragraph,
)
from s4desk.gui.room import claim
from s4desk.viewmodels.config_diff import tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.config_diff import DiffLine

SIZE = (720, 480)
LEAST = (420, 320)
WIDE = (860, 480)


@dataclass(frozen=True, slots=True)
class SaveQuestion:
    """What a person looks at. `warnings` are what it opens to strangers, or shuts for oneself: then
    `word` is typed, into a field of which `word_text` says what for."""

    title: str
    sentence: str
    changes: Sequence[DiffLine]
    meaning: Sequence[str]
    warnings: Sequence[str] = ()
    word: str = ""
    word_text: str = ""
    accept_text: str = ""


class SaveDialog(QDialog):
    """Accepts only once the word, if there is one, was typed."""

    def __init__(self, question: SaveQuestion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question = question
        self.setWindowTitle(question.title)
        self._warning = Note("warning", self)
        self._changes = DiffView(question.changes, self)
        self._word = QLineEdit(self)
        self._buttons = choice_box(self, question.accept_text or tr("&Save"))
        self._save = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._save.setObjectName("save")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._word.textChanged.connect(self._fit)
        self._lay_out()
        self._fit()

    def _fit(self) -> None:
        self._save.setEnabled(self._word.text() == self._question.word)

    def _lay_out(self) -> None:
        question = self._question
        layout = column(self)
        layout.addWidget(headline(question.sentence))
        layout.addWidget(self._warning)
        self._warning.say("\n".join(question.warnings), is_error=True)
        layout.addWidget(QLabel(tally(question.changes)))
        layout.addWidget(self._changes, 1)
        layout.addWidget(paragraph("\n".join(question.meaning)))
        self._word.setObjectName("word")
        self._word.setVisible(bool(question.word))
        if question.word:
            label = paragraph(question.word_text)
            label.setBuddy(self._word)
            self._word.setAccessibleName(question.word_text)
            layout.addWidget(label)
        layout.addWidget(self._word)
        layout.addWidget(self._buttons)
        if question.word:
            let_enter_decline(self._buttons)
            self._word.setFocus()
        else:
            self._save.setDefault(True)
            self._save.setFocus()
        claim(self, SIZE, LEAST)


class Choice(StrEnum):
    """What is done about a change of somebody else."""

    LEAVE = "leave"
    THEIRS = "theirs"
    MINE = "mine"


class ConflictDialog(QDialog):
    """Both changes beside each other. `choice` is what was wanted; nothing was written yet."""

    def __init__(
        self,
        sentence: str,
        theirs: Sequence[DiffLine],
        mine: Sequence[DiffLine],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.choice = Choice.LEAVE
        self.setWindowTitle(tr("Changed by Somebody Else"))
        layout = column(self)
        layout.addWidget(headline(sentence))
        both = QHBoxLayout()
        both.setSpacing(SPACING)
        for title, lines in (
            (tr("What they changed"), theirs),
            (tr("What you changed"), mine),
        ):
            both.addLayout(_side(title, lines), 1)
        layout.addLayout(both, 1)
        box = button_box(QDialogButtonBox.StandardButton.Cancel, self)
        self._add(box, "theirs", tr("Use &Theirs"), Choice.THEIRS)
        self._add(box, "mine", tr("&Mine Over Theirs…"), Choice.MINE)
        box.rejected.connect(self.reject)
        layout.addWidget(box)
        let_enter_decline(box)
        claim(self, WIDE, LEAST)

    def _add(self, box: QDialogButtonBox, name: str, text: str, choice: Choice) -> None:
        button = box.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._choose(choice))

    def _choose(self, choice: Choice) -> None:
        self.choice = choice
        self.accept()


def _side(title: str, lines: Sequence[DiffLine]) -> QVBoxLayout:
    view = DiffView(lines)
    view.setAccessibleName(title)
    label = QLabel(title)
    label.setBuddy(view)
    side = QVBoxLayout()
    side.addWidget(label)
    count = QLabel(tally(lines))
    count.setWordWrap(True)
    side.addWidget(count)
    side.addWidget(view, 1)
    return side
