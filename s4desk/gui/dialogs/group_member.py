"""What buckets are called at one member of a failover group, and what it may be used for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QLabel, QSizePolicy

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.bucket_config.row_table import RowsEditor
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import headline, paragraph
from s4desk.gui.room import claim

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.viewmodels.group_member_form import MemberForm

SIZE: Final = (560, 480)
LEAST: Final = (420, 320)


class MemberDialog(FormDialog):
    """Accepted once its form has no errors. It saves nothing."""

    form: MemberForm

    def __init__(self, form: MemberForm, parent: QWidget | None = None) -> None:
        super().__init__(form, tr("F&inish"), parent, names=())
        self._names = RowsEditor(
            form.buckets,
            tr("Other names of buckets"),
            self,
            add_text=tr("Add &Bucket"),
            remove_text=tr("Remove Buc&ket"),
        )
        # As high as there is room for.
        self._names.view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._problem = Note("buckets-error", self)
        label = QLabel(tr("Buckets that have another name here:"), self)
        label.setBuddy(self._names.view)
        self.add_below_fields(label)
        self.add_below_fields(self._names, takes_room=True)
        self.add_below_fields(self._problem)
        self.add_below_fields(headline(tr("In a month at most")))
        limits = self.more_rows(tuple(form.fields))
        limits.let_labels_stand_above()
        self.add_below_fields(limits)
        self.add_below_fields(
            paragraph(
                tr(
                    "Beyond a limit it is left out until the month has ended, in UTC. Deletions are"
                    " let through all the same, but not the look at what is to be deleted."
                )
            )
        )
        self._names.edited.connect(self.refresh)
        self.edited.connect(self._say_problem)
        self.submitted.connect(self.accept)
        claim(self, SIZE, LEAST)

    def _say_problem(self) -> None:
        self._problem.say(self.form.errors.get("buckets", ""), is_error=True)
