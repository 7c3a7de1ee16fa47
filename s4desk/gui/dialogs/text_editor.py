"""A small text, edited where it lies; and what is to be done when somebody else was quicker."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.diff_view import DiffView
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column, headline, paragraph
from s4desk.gui.room import claim, fixed_font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.config_diff import DiffLine

SIZE = (760, 520)
LEAST = (420, 280)
_Button = QDialogButtonBox.StandardButton
_Role = QDialogButtonBox.ButtonRole
_PARAGRAPH = "\u2029"


class TextEditorDialog(QDialog):
    """It saves nothing itself.

    save_asked()    of the text as it is now
    leave_asked()   somebody wants to go, and has not saved
    """

    save_asked = Signal()
    leave_asked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Edit “{name}”").format(name=name))
        self._is_busy = False
        self._text = QPlainTextEdit(self)
        self._text.setObjectName("text")
        self._text.setAccessibleName(tr("Text of the object"))
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(fixed_font(self._text))
        self._text.document().setDocumentMargin(8)
        self._facts = QLabel(self)
        self._facts.setObjectName("facts")
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setWordWrap(True)
        self._facts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.warning = Note("warning", self)
        self.outcome = Note("outcome", self)
        self._buttons = button_box(_Button.Save | _Button.Close, self)
        self._save = self._buttons.button(_Button.Save)
        self._save.setAutoDefault(False)
        self._buttons.button(_Button.Close).setAutoDefault(False)
        self._save.setObjectName("save")
        self._save.clicked.connect(self._ask_to_save)
        self._buttons.rejected.connect(self.reject)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self, self._ask_to_save)
        self._text.document().modificationChanged.connect(self._modified)
        layout = column(self)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._facts)
        layout.addWidget(self.warning)
        layout.addWidget(self.outcome)
        layout.addWidget(self._buttons)
        claim(self, SIZE, LEAST)
        self._show_state()

    @property
    def text(self) -> str:
        """Every character of it: `toPlainText` makes plain spaces of those that do not break."""
        return self._text.document().toRawText().replace(_PARAGRAPH, "\n")

    @property
    def is_modified(self) -> bool:
        return self._text.document().isModified()

    def show_text(self, text: str, facts: str) -> None:
        """In place of what was there; nothing of it is unsaved."""
        self._text.setPlainText(text)
        self._facts.setText(facts)
        self._text.document().setModified(False)
        self._show_state()

    def set_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self._text.setReadOnly(is_busy)
        if is_busy:
            self.outcome.say(tr("Saving…"))
        self._show_state()

    def say_saved(self, sentence: str) -> None:
        self._text.document().setModified(False)
        self.outcome.say(sentence, is_success=True)

    def mark_unsaved(self) -> None:
        self._text.document().setModified(True)

    def reject(self) -> None:
        if self._is_busy:
            return
        if self.is_modified:
            self.leave_asked.emit()
        else:
            super().reject()

    def leave(self) -> None:
        """What is not saved is lost."""
        super().reject()

    def _ask_to_save(self) -> None:
        if self._save.isEnabled():
            self.save_asked.emit()

    def _modified(self, is_modified: bool) -> None:
        if is_modified:
            self.outcome.say("")
        self._show_state()

    def _show_state(self) -> None:
        self._save.setEnabled(self.is_modified and not self._is_busy)


class Choice(Enum):
    """What a person does about somebody else's version."""

    BACK = "back"
    MINE = "mine"
    THEIRS = "theirs"


class LostUpdateDialog(QDialog):
    """Both versions, and what is different. None of the answers writes anything."""

    def __init__(
        self,
        theirs: str | None,
        mine: str,
        lines: Sequence[DiffLine] | None,
        about: str,
        parent: QWidget | None = None,
    ) -> None:
        """`theirs` is None where no text is to be shown; `lines` is None for too many of them.
        `about` says what has happened, and what comes of the answers."""
        super().__init__(parent)
        self.choice = Choice.BACK
        self.setWindowTitle(tr("Somebody Else Was Quicker"))
        tabs = QTabWidget(self)
        tabs.setDocumentMode(True)
        tabs.setAccessibleName(tr("Versions"))
        tabs.tabBar().setAccessibleName(tr("Versions"))
        if lines is not None and theirs is not None:
            tabs.addTab(DiffView(lines, tabs), tr("&What Is Different"))
        if theirs is not None:
            tabs.addTab(_verbatim(theirs, tr("Their version"), tabs), tr("&Their Version"))
        tabs.addTab(_verbatim(mine, tr("My version"), tabs), tr("&My Version"))
        buttons = button_box(_Button.Cancel, self)
        buttons.button(_Button.Cancel).setText(tr("&Back"))
        buttons.rejected.connect(self.reject)
        self._add(buttons, "mine", tr("Go On With Mi&ne"), Choice.MINE)
        if theirs is not None:
            self._add(buttons, "theirs", tr("T&ake Theirs"), Choice.THEIRS)
        layout = column(self)
        layout.addWidget(headline(tr("Nothing was saved.")))
        layout.addWidget(paragraph(about))
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)
        claim(self, SIZE, LEAST)

    def _add(self, buttons: QDialogButtonBox, name: str, text: str, choice: Choice) -> None:
        button = buttons.addButton(text, _Role.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._choose(choice))

    def _choose(self, choice: Choice) -> None:
        self.choice = choice
        self.accept()


def _verbatim(text: str, name: str, parent: QWidget) -> QPlainTextEdit:
    view = QPlainTextEdit(parent)
    view.setReadOnly(True)
    view.setTabChangesFocus(True)
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setFont(fixed_font(view))
    view.setAccessibleName(name)
    view.setTextInteractionFlags(
        view.textInteractionFlags() | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    view.setPlainText(text)
    return view
