"""A list of rules with what can be done to each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.lifecycle.rule_table import RuleModel, RuleView

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.gui.dialogs.rule_form import RuleFormDialog
    from s4desk.gui.models.indexes import Index


class RuleList(Protocol):
    """Rules of which the first, `ours`, can be changed here. `put` replaces one, and adds one
    behind the last of them; the forms are those of its dialog."""

    def __len__(self) -> int: ...
    @property
    def ours(self) -> int: ...
    def name(self, at: int) -> str: ...
    def is_on(self, at: int) -> bool: ...
    def summary(self, at: int) -> str: ...
    def switch(self, at: int, *, on: bool) -> None: ...
    def put(self, at: int, rule: Any) -> None: ...
    def duplicate(self, at: int) -> object: ...
    def remove(self, at: int) -> None: ...
    def move(self, at: int, by: int) -> object: ...
    def form(self, at: int) -> Any: ...
    @property
    def new_form(self) -> Callable[..., Any]: ...


class _Model(RuleModel):
    """Rules that are not ours are switched elsewhere."""

    def __init__(self, rules: RuleList, parent: QWidget) -> None:
        super().__init__(rules, parent)
        self._ours: Callable[[], int] = lambda: rules.ours

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        is_ours = index.row() < self._ours()
        return flags if is_ours else flags & ~Qt.ItemFlag.ItemIsUserCheckable


class RuleListEditor(QWidget):
    """Shows a RuleList, and a rule of it in a dialog of its own.

    edited()          it is another one
    others_asked()    a rule that is not ours is to be changed
    """

    edited = Signal()
    others_asked = Signal()

    def __init__(
        self,
        rules: RuleList,
        dialog_of: Callable[[Any, QWidget], RuleFormDialog],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.rules = rules
        self._dialog_of = dialog_of
        self.model = _Model(rules, self)
        self.view = RuleView(self.model, self)
        self._buttons = QVBoxLayout()
        self._add = self._button("add", tr("&Add Rule…"))
        self._edit = self._button("edit", tr("&Edit…"), self.edit)
        self._duplicate = self._button("duplicate", tr("D&uplicate"), self.duplicate)
        self._remove = self._button("remove-rule", tr("Remo&ve"), self.remove)
        self._up = self._button("up", tr("Move U&p"), partial(self.move_by, -1))
        self._down = self._button("down", tr("Move Dow&n"), partial(self.move_by, 1))
        self._buttons.addStretch(1)
        self._let_add(self._add)
        self._lay_out()
        self.view.deed_asked.connect(self._do)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._fit())
        self.model.dataChanged.connect(lambda *_: self.edited.emit())
        self.view.go_to(0)
        self._fit()

    def add(self, *template: object) -> None:
        """Ask for a new rule."""
        self._ask(self.rules.new_form(*template), self.rules.ours)

    def edit(self) -> None:
        row = self.view.row
        if 0 <= row < self.rules.ours:
            self._ask(self.rules.form(row), row)
        elif row >= 0:
            self.others_asked.emit()

    def duplicate(self) -> None:
        self.change(partial(self.rules.duplicate, self.view.row), self.view.row + 1)

    def remove(self) -> None:
        if 0 <= self.view.row < self.rules.ours:
            self.change(partial(self.rules.remove, self.view.row), self.view.row)

    def move_by(self, by: int) -> None:
        row = self.view.row
        if 0 <= row < self.rules.ours and 0 <= row + by < self.rules.ours:
            self.change(partial(self.rules.move, row, by), row + by)

    def switch(self) -> None:
        if self.view.row < self.rules.ours:
            index = self.model.index(self.view.row, 0)
            is_on = self.rules.is_on(index.row())
            state = Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked
            self.model.setData(index, state, Qt.ItemDataRole.CheckStateRole)

    def change(self, deed: Callable[[], object], row: int) -> None:
        """Do something to the list, and look at a row of what it is then."""
        self.show_changed(deed, row)
        self.edited.emit()

    def show_changed(self, deed: Callable[[], object], row: int) -> None:
        """The same, when the one who changes it knows."""
        self.model.change(deed)
        self.view.go_to(row)
        self._fit()

    def _let_add(self, button: QPushButton) -> None:
        """What the button does that adds a rule."""
        button.clicked.connect(lambda _=False: self.add())

    def _lay_out(self) -> QVBoxLayout:
        """The column with the list, for who puts more above or below it."""
        beside = QHBoxLayout()
        beside.setSpacing(SPACING // 2)
        beside.addWidget(self.view, 1)
        beside.addLayout(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(beside, 1)
        return layout

    def _ask(self, form: Any, at: int) -> None:
        dialog = self._dialog_of(form, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.change(lambda: self.rules.put(at, form.result()), at))
        dialog.open()

    def _do(self, deed: str) -> None:
        deeds: dict[str, Callable[[], None]] = {
            "edit": self.edit,
            "remove": self.remove,
            "switch": self.switch,
            "up": partial(self.move_by, -1),
            "down": partial(self.move_by, 1),
        }
        deeds[deed]()

    def _fit(self) -> None:
        row, ours = self.view.row, self.rules.ours
        is_ours = 0 <= row < ours
        self._edit.setEnabled(row >= 0)
        for button in (self._duplicate, self._remove):
            button.setEnabled(is_ours)
        self._up.setEnabled(is_ours and row > 0)
        self._down.setEnabled(is_ours and row < ours - 1)

    def _button(
        self, name: str, text: str, pressed: Callable[[], None] | None = None
    ) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        if pressed is not None:
            button.clicked.connect(lambda _=False: pressed())
        self._buttons.addWidget(button)
        return button
