"""What a bucket locks new objects with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.viewmodels.lock_default_form import LockDefaultForm


class LockDefaultDialog(FormDialog):
    """A FormDialog that says of which bucket it is, and whether that locks anything yet."""

    def __init__(self, form: LockDefaultForm, bucket: str, parent: QWidget | None = None) -> None:
        super().__init__(form, tr("&Set"), parent)
        note = Note("bucket", self)
        sentence = (
            tr("“{bucket}” has Object Lock: its objects can be locked.")
            if form.is_enabled
            else tr("“{bucket}” has no Object Lock: nothing in it can be locked.")
        )
        note.say(sentence.format(bucket=display_name(bucket)))
        self.add_above_fields(note)
