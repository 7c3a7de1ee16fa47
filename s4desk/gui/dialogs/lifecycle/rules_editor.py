"""The lifecycle rules of a bucket, to be switched, ordered and changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.lifecycle.rule_dialog import RuleDialog
from s4desk.gui.dialogs.lifecycle.rule_table import RuleModel, RuleView
from s4desk.viewmodels.lifecycle_templates import rule_templates

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.viewmodels.lifecycle_form import RuleForm
    from s4desk.viewmodels.lifecycle_form_rules import RuleList


SHORTEST = 12
"""Letters of a choice that are seen however narrow it gets."""
_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


class RulesEditor(QWidget):
    """Shows a RuleList. `edited` tells that it is another one."""

    edited = Signal()

    def __init__(self, rules: RuleList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rules = rules
        self.model = RuleModel(rules, self)
        self.view = RuleView(self.model, self)
        self._buttons = QVBoxLayout()
        self._add = self._button("add", tr("&Add Rule"))
        self._edit = self._button("edit", tr("&Edit…"), self.edit)
        self._duplicate = self._button("duplicate", tr("D&uplicate"), self.duplicate)
        self._remove = self._button("remove-rule", tr("Remo&ve"), self.remove)
        self._up = self._button("up", tr("Move U&p"), partial(self.move_by, -1))
        self._down = self._button("down", tr("Move Dow&n"), partial(self.move_by, 1))
        self._buttons.addStretch(1)
        self._minimum = FormRows(rules.minimum, self)
        self._minimum.let_labels_stand_above()
        for box in self._minimum.findChildren(QComboBox):
            box.setSizeAdjustPolicy(_SHORT)
            box.setMinimumContentsLength(SHORTEST)
        self._fill_templates()
        self._lay_out()
        self._minimum.edited.connect(lambda _: self.edited.emit())
        self.model.dataChanged.connect(lambda: self.edited.emit())
        self.view.selectionModel().currentChanged.connect(self._fit)
        self.view.deed_asked.connect(self._do)
        self.view.go_to(0)
        self._fit()

    def add(self, form: RuleForm) -> None:
        """Ask for a new rule."""
        self._ask(form, len(self.rules))

    def edit(self) -> None:
        if self.view.row >= 0:
            self._ask(self.rules.form(self.view.row), self.view.row)

    def duplicate(self) -> None:
        self._change(partial(self.rules.duplicate, self.view.row), self.view.row + 1)

    def remove(self) -> None:
        self._change(partial(self.rules.remove, self.view.row), self.view.row)

    def move_by(self, by: int) -> None:
        to = self.view.row + by
        if 0 <= to < len(self.rules):
            self._change(partial(self.rules.move, self.view.row, by), to)

    def switch(self) -> None:
        index = self.model.index(self.view.row, 0)
        on = Qt.CheckState.Unchecked if self.rules.is_on(index.row()) else Qt.CheckState.Checked
        self.model.setData(index, on, Qt.ItemDataRole.CheckStateRole)

    def _ask(self, form: RuleForm, at: int) -> None:
        dialog = RuleDialog(form, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._change(lambda: self.rules.put(at, form.result()), at))
        dialog.open()

    def _change(self, deed: Callable[[], object], row: int) -> None:
        self.model.change(deed)
        self.view.go_to(row)
        self._fit()
        self.edited.emit()

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
        row, last = self.view.row, len(self.rules) - 1
        for button in (self._edit, self._duplicate, self._remove):
            button.setEnabled(row >= 0)
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < last)

    def _fill_templates(self) -> None:
        menu = QMenu(self._add)
        menu.setToolTipsVisible(True)
        for template in rule_templates():
            action = QAction(template.title, menu)
            action.setToolTip(template.tip)
            action.triggered.connect(
                lambda _=False, each=template: self.add(self.rules.new_form(each))
            )
            menu.addAction(action)
        self._add.setMenu(menu)

    def _lay_out(self) -> None:
        beside = QHBoxLayout()
        beside.setSpacing(SPACING // 2)
        beside.addWidget(self.view, 1)
        beside.addLayout(self._buttons)
        unreadable = Note("unreadable", self)
        if not self.rules.is_readable:
            unreadable.say(tr("This is no list of rules. It can be changed as JSON or as XML."))
            self._add.setEnabled(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addWidget(unreadable)
        layout.addLayout(beside, 1)
        layout.addWidget(self._minimum)

    def _button(
        self, name: str, text: str, pressed: Callable[[], None] | None = None
    ) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        if pressed is not None:
            button.clicked.connect(lambda: pressed())
        self._buttons.addWidget(button)
        return button
