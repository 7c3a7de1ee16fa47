"""Making and editing a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.question import QuestionDialog

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QKeyEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.core.persist.secrets import KeyringState
    from s4desk.viewmodels.connection_form import ConnectionForm

LIMITS = ("upload_rate", "download_rate", "transfers", "parts")
RARE = ("addressing", "token", "ca_file", "start_bucket", "start_prefix", *LIMITS)


class ConnectionDialog(FormDialog):
    """Edits a ConnectionForm; `tested` asks the owner to try it, who answers with `show_test`."""

    tested = Signal()

    form: ConnectionForm

    def __init__(
        self, form: ConnectionForm, parent: QWidget | None = None, *, is_new: bool = True
    ) -> None:
        super().__init__(
            form,
            tr("Add") if is_new else tr("Save"),
            parent,
            rare=RARE,
        )
        self.setWindowTitle(tr("New Connection") if is_new else tr("Edit Connection"))
        self._begun_with = self._texts()
        self._keyring = Note("keyring", self)
        self._keyring_sentence = ""
        self.add_below_fields(self._keyring)
        self.edited.connect(self._say_keyring)
        self.add_button("test", tr("&Test")).clicked.connect(self.tested)
        if any(form.fields[name].text for name in ("ca_file", "start_bucket", *LIMITS)):
            self.show_rare()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is pressed by accident too, unlike Cancel."""
        if event.key() == Qt.Key.Key_Escape and self._is_filled():
            self._ask_to_discard()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the person at the window's own button; whoever opened the dialog may close it."""
        if event.spontaneous() and self._is_filled():
            event.ignore()
            self._ask_to_discard()
        else:
            super().closeEvent(event)

    def _is_filled(self) -> bool:
        return self._texts() != self._begun_with

    def _texts(self) -> dict[str, str]:
        return {name: field.text for name, field in self.form.fields.items()}

    def _ask_to_discard(self) -> None:
        question = QuestionDialog(
            self.windowTitle(),
            tr("Discard what you have typed?"),
            tr("Nothing of it has been saved."),
            tr("&Discard"),
            self,
            decline_text=tr("&Keep Editing"),
        )
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.accepted.connect(self.reject)
        question.open()

    def ask_for_key(self) -> None:
        """Put the cursor where the key is missing."""
        has_id = bool(self.form.fields["key_id"].text)
        self.focus_on("secret" if has_id else "key_id")

    def show_keyring(self, state: KeyringState) -> None:
        """Say where the secret goes; matters only for keys that s4desk keeps."""
        self._keyring_sentence = (
            tr("The secret is kept in the keyring of this system.")
            if state.usable
            else tr("{reason} The secret is kept for this session only.").format(
                reason=state.reason
            )
        )
        self._say_keyring()

    def show_test(self, sentence: str, *, is_error: bool) -> None:
        """What trying the connection brought."""
        self.set_busy(False)
        self.outcome.say(sentence, is_error=is_error, is_success=not is_error)

    def _say_keyring(self) -> None:
        is_kept = self.form.fields["credentials"].value is CredentialKind.KEYRING
        self._keyring.say(self._keyring_sentence if is_kept else "")
