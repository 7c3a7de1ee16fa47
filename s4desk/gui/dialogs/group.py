"""Making and editing a failover group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import headline, paragraph
from s4desk.gui.dialogs.group_members import MembersEditor
from s4desk.gui.dialogs.guarded import GuardedDialog
from s4desk.gui.room import claim
from s4desk.viewmodels.group_form import POLICY

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.viewmodels.group_form import GroupForm

SIZE: Final = (640, 600)
LEAST: Final = (440, 340)


class GroupDialog(GuardedDialog):
    """Edits a GroupForm."""

    form: GroupForm

    def __init__(
        self, form: GroupForm, parent: QWidget | None = None, *, is_new: bool = True
    ) -> None:
        accept_text = tr("Create Group") if is_new else tr("Save")
        super().__init__(form, accept_text, parent, names=("name",))
        self.setWindowTitle(tr("New Failover Group") if is_new else tr("Edit Failover Group"))
        self._first_members = list(form.members)
        self.members = MembersEditor(form, self)
        self.add_below_fields(
            paragraph(
                tr(
                    "Connections that hold the same objects. They are read in this order: when one"
                    " is down, the next one answers. Only the first is written to."
                )
            )
        )
        self.add_below_fields(self.members, takes_room=True)
        self.add_below_fields(headline(tr("Reading")))
        policy = self.more_rows(POLICY)
        policy.let_labels_stand_above()
        self.add_below_fields(policy)
        self.members.edited.connect(self.refresh)
        self.edited.connect(self._say_problem)
        self._say_problem()
        claim(self, SIZE, LEAST)

    @property
    def is_filled(self) -> bool:
        return super().is_filled or self.form.members != self._first_members

    def set_busy(self, is_busy: bool, sentence: str = "") -> None:
        self.members.setEnabled(not is_busy)
        super().set_busy(is_busy, sentence)

    def _say_problem(self) -> None:
        self.members.say(self.form.errors.get("members", ""))
