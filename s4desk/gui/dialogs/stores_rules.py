"""The rules of a store's own replication, as a page of the configuration of a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import SPACING
from s4desk.gui.dialogs.rule_list_editor import RuleListEditor

if TYPE_CHECKING:
    from s4desk.viewmodels.stores_rule_list import StoresRuleList


class StoresRulesEditor(QWidget):
    """Shows a StoresRuleList. `edited` tells that it is another one."""

    edited = Signal()

    def __init__(self, rules: StoresRuleList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = RuleListEditor(rules, self)
        role = FormRows(rules.role, self)
        role.let_labels_stand_above()
        unreadable = Note("unreadable", self)
        if not rules.is_readable:
            unreadable.say(tr("This is no list of rules. It can be changed as JSON."))
            self.list.setEnabled(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addWidget(unreadable)
        layout.addWidget(self.list, 1)
        layout.addWidget(role)
        self.list.edited.connect(self.edited)
        role.edited.connect(lambda _: self.edited.emit())
