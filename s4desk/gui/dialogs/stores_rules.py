"""The rules of a store's own replication, as a page of the configuration of a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.replication_rule import ReplicationRuleDialog
from s4desk.gui.dialogs.rule_list_editor import RuleListEditor

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from s4desk.viewmodels.stores_rule_list import StoresRuleList


class StoresRulesEditor(RuleListEditor):
    """Below them stands by whose rights the store replicates."""

    rules: StoresRuleList

    def __init__(self, rules: StoresRuleList, parent: QWidget | None = None) -> None:
        super().__init__(rules, ReplicationRuleDialog, parent)

    def _lay_out(self) -> QVBoxLayout:
        layout = super()._lay_out()
        unreadable = Note("unreadable", self)
        if not self.rules.is_readable:
            unreadable.say(tr("This is no list of rules. It can be changed as JSON."))
            self._add.setEnabled(False)
        role = FormRows(self.rules.role, self)
        role.let_labels_stand_above()
        role.edited.connect(lambda _: self.edited.emit())
        layout.insertWidget(0, unreadable)
        layout.addWidget(role)
        return layout
