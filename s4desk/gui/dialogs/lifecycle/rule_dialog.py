"""One lifecycle rule as a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.checks import Part
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import paragraph
from s4desk.gui.dialogs.rule_form import RuleFormDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from s4desk.viewmodels.lifecycle_form import RuleForm

SIZE = (660, 680)
_PARTS = {
    "tags": Part.TAGS,
    "transitions": Part.TRANSITIONS,
    "old_transitions": Part.OLD_TRANSITIONS,
}


class RuleDialog(RuleFormDialog):
    """What its store cannot do says why."""

    form: RuleForm

    def __init__(self, form: RuleForm, parent: QWidget | None = None) -> None:
        super().__init__(form, tr("New Rule") if form.is_new else tr("Edit Rule"), SIZE, parent)

    def _fill(self, layout: QVBoxLayout) -> None:
        self._add_fields(layout, ("id", "is_on"))
        self._add_title(layout, tr("Which objects"))
        self._add_fields(layout, ("prefix", "larger", "smaller"))
        buttons = (tr("Add &Tag"), tr("Remove Ta&g"))
        self._add_part(layout, "tags", tr("With all of these tags"), buttons)
        self._add_title(layout, tr("Objects as they get older"))
        self._add_fields(layout, ("expire", "expire_days", "expire_date"))
        buttons = (tr("Add &Move"), tr("&Remove Move"))
        self._add_part(layout, "transitions", tr("Moves to other classes"), buttons)
        self._add_title(layout, tr("Old versions"), self.form.limits.versions_hint)
        self._add_fields(layout, ("old_days", "old_newer"))
        moves = tr("Moves of old versions to other classes")
        buttons = (tr("Add Mo&ve of Old Versions"), tr("R&emove This Move"))
        self._add_part(layout, "old_transitions", moves, buttons)
        self._add_title(layout, tr("Unfinished uploads"))
        self._add_fields(layout, ("abort_days",))

    def _add_part(
        self, layout: QVBoxLayout, name: str, title: str, buttons: tuple[str, str]
    ) -> None:
        editor = self._add_table(layout, name, self.form.table(name), title, buttons)
        obstacle = self.form.limits.obstacles.get(_PARTS[name], "")
        if said := obstacle or self.form.limits.hints.get(_PARTS[name], ""):
            layout.addWidget(paragraph(said))
        editor.setEnabled(not obstacle)
