"""One replication rule as a form, ours or that of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.rule_form import RuleFormDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from s4desk.viewmodels.replication_rule_form import ReplicationRuleForm
    from s4desk.viewmodels.stores_rule_form import StoresRuleForm

SIZE: Final = (620, 660)
TAGS_AFTER: Final = 1
"""Of the groups of fields."""


class ReplicationRuleDialog(RuleFormDialog):
    """Fields in groups, and a table of tags."""

    form: ReplicationRuleForm | StoresRuleForm

    def __init__(
        self, form: ReplicationRuleForm | StoresRuleForm, parent: QWidget | None = None
    ) -> None:
        super().__init__(form, form.title, SIZE, parent)

    def _fill(self, layout: QVBoxLayout) -> None:
        for at, (title, names) in enumerate(self.form.groups):
            if title:
                self._add_title(layout, title)
            self._add_fields(layout, names)
            if at == TAGS_AFTER:
                buttons = tr("Add &Tag"), tr("Remove Ta&g")
                title = tr("With all of these tags")
                self._add_table(layout, "tags", self.form.tags, title, buttons)
