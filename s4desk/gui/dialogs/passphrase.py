"""Asking for the passphrase of the file with the secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.viewmodels.passphrase_form import PassphraseForm

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class PassphraseDialog(FormDialog):
    """Asks for it, or with `is_new` has one chosen."""

    form: PassphraseForm

    def __init__(
        self, parent: QWidget | None = None, *, is_new: bool = False, problem: str = ""
    ) -> None:
        super().__init__(
            PassphraseForm(is_new=is_new), tr("Make File") if is_new else tr("Unlock"), parent
        )
        said = Note("about", self)
        said.say(
            tr(
                "Secrets are sealed with this passphrase and kept in a file of s4desk. It is asked"
                " for once at each start. Nobody can find it out for you: without it the secrets"
                " are lost."
            )
            if is_new
            else tr("The secrets of your connections are in a file that a passphrase opens.")
        )
        self.add_below_fields(said)
        if problem:
            self.outcome.say(problem, is_error=True)
        self.focus_on("passphrase")
