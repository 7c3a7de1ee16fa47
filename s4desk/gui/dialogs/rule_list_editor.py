"""A list of replication rules with what can be done to each, ours or those of a store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.lifecycle.rule_table import RuleModel, RuleView
from s4desk.gui.dialogs.replication_rule import ReplicationRuleDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.gui.dialogs.replication_rule import RuleForm
    from s4desk.gui.models.indexes import Index


class RuleList(Protocol):
    """Rules of which the first, `ours`, can be changed here."""

    def __len__(self) -> int: ...
    @property
    def ours(self) -> int: ...
    def name(self, at: int) -> str: ...
    def is_on(self, at: int) -> bool: ...
    def summary(self, at: int) -> str: ...
    def switch(self, at: int, *, on: bool) -> None: ...
    def add(self, rule: Any) -> None: ...
    def put(self, at: int, rule: Any) -> None: ...
    def duplicate(self, at: int) -> None: ...
    def remove(self, at: int) -> None: ...
    def move(self, at: int, by: int) -> None: ...
    def form(self, at: int) -> RuleForm: ...
    def new_form(self) -> RuleForm: ...


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
    """Shows a RuleList.

    edited()          it is another one
    others_asked()    a rule that is not ours is to be changed
    """

    edited = Signal()
    others_asked = Signal()

    def __init__(self, rules: RuleList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rules = rules
        self.model = _Model(rules, self)
        self.view = RuleView(self.model, self)
        self._beside = QVBoxLayout()
        self._add_button("add", tr("&Add Rule…"), self.add)
        self._edit = self._add_button("edit", tr("&Edit…"), self.edit)
        self._duplicate = self._add_button("duplicate", tr("D&uplicate"), self.duplicate)
        self._remove = self._add_button("remove-rule", tr("Remo&ve"), self.remove)
        self._up = self._add_button("up", tr("Move U&p"), partial(self.move_by, -1))
        self._down = self._add_button("down", tr("Move Dow&n"), partial(self.move_by, 1))
        self._beside.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addWidget(self.view, 1)
        layout.addLayout(self._beside)
        self.view.deed_asked.connect(self._do)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._fit())
        self.model.dataChanged.connect(lambda *_: self.edited.emit())
        self.view.go_to(0)
        self._fit()

    def add(self) -> None:
        """Ask for a new rule."""
        self._ask(self.rules.new_form(), self.rules.ours, is_new=True)

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

    def _ask(self, form: RuleForm, at: int, *, is_new: bool = False) -> None:
        dialog = ReplicationRuleDialog(form, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        put = self.rules.add if is_new else partial(self.rules.put, at)
        dialog.accepted.connect(lambda: self.change(lambda: put(form.result()), at))
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

    def _add_button(self, name: str, text: str, pressed: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: pressed())
        self._beside.addWidget(button)
        return button
