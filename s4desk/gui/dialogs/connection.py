"""Making and editing a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.fields import Note

if TYPE_CHECKING:
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
        self._keyring = Note("keyring", self)
        self._keyring_sentence = ""
        self.add_below_fields(self._keyring)
        self.edited.connect(self._say_keyring)
        self.add_button("test", tr("&Test")).clicked.connect(self.tested)
        if any(form.fields[name].text for name in ("ca_file", "start_bucket", *LIMITS)):
            self.show_rare()

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
