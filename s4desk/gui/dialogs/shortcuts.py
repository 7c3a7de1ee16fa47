"""Which keys give which command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import button_box, column
from s4desk.gui.dialogs.table import TextTableModel, text_table
from s4desk.gui.room import claim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.viewmodels.acts import Act

SIZE = (560, 520)
_Format = QKeySequence.SequenceFormat


@dataclass(slots=True)
class CommandKeys:
    """One command, the keys it has now and the usual ones, portable texts."""

    act: Act
    words: str
    keys: str
    usual: str


class ShortcutsDialog(QDialog):
    """A command is chosen, keys are pressed. That they are another command's is said before
    they are taken from it."""

    changed = Signal(object)

    def __init__(self, commands: Sequence[CommandKeys], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard Shortcuts"))
        self._commands = commands
        self._search = QLineEdit(self)
        self._search.setObjectName("search")
        self._search.setClearButtonEnabled(True)
        self._search.setPlaceholderText(tr("Letters of a command or of its keys"))
        self._search.setAccessibleName(tr("Search"))
        titles = (tr("Command"), tr("Keys"))
        self._model = TextTableModel(titles, [self._row(each) for each in commands])
        self._table = text_table(self._model, tr("Commands"), self)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._keys = QKeySequenceEdit(self)
        self._keys.setMaximumSequenceLength(1)
        self._keys.setObjectName("keys")
        self._keys.setAccessibleName(tr("New keys"))
        self._note = Note("outcome", self)
        self._assign = self._button("assign", tr("&Assign"), self._give)
        self._remove = self._button("remove", tr("&Without Keys"), lambda: self._set(""))
        self._reset = self._button("reset", tr("&Usual Keys"), self._give_usual)
        self._all = self._button("reset-all", tr("A&ll Usual"), self._reset_all)
        self._lay_out()
        self._search.textChanged.connect(self._find)
        self._table.selectionModel().currentRowChanged.connect(self._show)
        self._keys.keySequenceChanged.connect(self._typed)
        self._table.selectRow(0)

    def _lay_out(self) -> None:
        beside = QHBoxLayout()
        beside.addWidget(self._keys, 1)
        for button in (self._assign, self._remove, self._reset):
            beside.addWidget(button)
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.addButton(self._all, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        layout = column(self)
        layout.addWidget(self._search)
        layout.addWidget(self._table, 1)
        layout.addLayout(beside)
        layout.addWidget(self._note)
        layout.addWidget(buttons)
        self._search.setFocus()
        claim(self, SIZE)

    def _button(self, name: str, text: str, press: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(press)
        return button

    @property
    def _chosen(self) -> CommandKeys:
        return self._commands[max(0, self._table.currentIndex().row())]

    def _row(self, command: CommandKeys) -> tuple[str, str]:
        return (command.words, QKeySequence(command.keys).toString(_Format.NativeText))

    def _find(self, text: str) -> None:
        letters = text.casefold()
        for row, command in enumerate(self._commands):
            fits = any(letters in each.casefold() for each in self._row(command))
            self._table.setRowHidden(row, not fits)
        shown = [row for row in range(len(self._commands)) if not self._table.isRowHidden(row)]
        if shown and self._table.currentIndex().row() not in shown:
            self._table.selectRow(shown[0])

    def _show(self) -> None:
        self._note.say("")
        self._keys.setKeySequence(QKeySequence(self._chosen.keys))
        self._enable()

    def _typed(self) -> None:
        other = self._other()
        said = tr("These are the keys of “{command}”. Assigning them takes them from it.")
        self._note.say(said.format(command=other.words) if other is not None else "")
        self._enable()

    def _enable(self) -> None:
        chosen, keys = self._chosen, self._text
        self._assign.setEnabled(bool(keys) and keys != chosen.keys)
        self._remove.setEnabled(bool(chosen.keys))
        self._reset.setEnabled(chosen.keys != chosen.usual)
        self._all.setEnabled(any(each.keys != each.usual for each in self._commands))

    @property
    def _text(self) -> str:
        return self._keys.keySequence().toString(_Format.PortableText)

    def _other(self) -> CommandKeys | None:
        """Who has the keys that are typed."""
        wanted = self._text
        others = (each for each in self._commands if each is not self._chosen)
        return next((each for each in others if wanted and each.keys == wanted), None)

    def _give(self) -> None:
        self._set(self._text)

    def _give_usual(self) -> None:
        self._set(self._chosen.usual)

    def _set(self, keys: str) -> None:
        """Give keys to the command that is chosen, and take them from whoever had them."""
        chosen = self._chosen
        changes: dict[Act, str | None] = {}
        for each in self._commands:
            if keys and each is not chosen and each.keys == keys:
                each.keys = ""
                changes[each.act] = ""
        chosen.keys = keys
        changes[chosen.act] = None if keys == chosen.usual else keys
        self._tell(changes)

    def _reset_all(self) -> None:
        for each in self._commands:
            each.keys = each.usual
        self._tell({each.act: None for each in self._commands})

    def _tell(self, changes: dict[Act, str | None]) -> None:
        self._model.set_column(1, [self._row(each)[1] for each in self._commands])
        self._show()
        self.changed.emit(changes)
