"""Making and editing a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.guarded import GuardedDialog
from s4desk.gui.dialogs.remedy import OutcomePanel
from s4desk.viewmodels.diagnosis_text import wanted_text
from s4desk.viewmodels.passphrase_form import keyring_sentence
from s4desk.viewmodels.way_fields import WAY_FIELDS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.domain.connection import Connection
    from s4desk.core.persist.secrets import KeyringState
    from s4desk.core.store.diagnosis import Diagnosis
    from s4desk.viewmodels.connection_form import ConnectionForm
    from s4desk.viewmodels.diagnosis_text import DiagnosisText

LIMITS = ("upload_rate", "download_rate", "transfers", "parts")
RARE = (
    "addressing",
    "token",
    "ends",
    "start_bucket",
    "start_prefix",
    "ca_file",
    *WAY_FIELDS,
    *LIMITS,
)
_TELLING = ("ca_file", "start_bucket", *LIMITS)
"""Of the rare fields those that a connection has for a reason."""


class ConnectionDialog(GuardedDialog):
    """Edits a ConnectionForm; `tested` asks the owner to try it, who answers with `show_test` or
    `show_diagnosis`; `sign_in_wanted` to get keys for it first. `fix_wanted` asks to apply what was
    diagnosed, and to try again; `file_wanted` to keep secrets in a file where no keyring does."""

    tested = Signal()
    sign_in_wanted = Signal()
    file_wanted = Signal()
    fix_wanted = Signal(object)

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
        self._exposure = Note("exposure", self)
        self.add_below_outcome(self._exposure)  # never out of sight
        self.edited.connect(self._say_exposure)
        self._keyring = Note("keyring", self)
        self._keyring_sentence = ""
        self.add_below_fields(self._keyring)
        self._make_file = QPushButton(tr("Keep in an &Encrypted File…"), self)
        self._make_file.setObjectName("make-file")
        self._make_file.setAutoDefault(False)
        self._make_file.hide()
        self._make_file.clicked.connect(self.file_wanted)
        self.add_below_fields(self._make_file)
        self.edited.connect(self._say_keyring)
        self._diagnosis: Diagnosis | None = None
        self.frame_outcome(self._panel_around)
        self.edited.connect(self._follow)
        self._offered: object = None
        self._offer_regions()
        self.add_button("test", tr("&Test")).clicked.connect(self.tested)
        self._sign_in = self.add_button("sign-in", tr("Sign &In…"))
        self._sign_in.clicked.connect(self.sign_in_wanted)
        self.edited.connect(self._offer_sign_in)
        self._offer_sign_in()
        if form.has_way or any(form.fields[name].text for name in _TELLING):
            self.show_rare()
        self._say_exposure()

    def ask_for_key(self) -> None:
        """Put the cursor where the key is missing."""
        has_id = bool(self.form.fields["key_id"].text)
        self.focus_on("secret" if has_id else "key_id")

    def show_keyring(self, state: KeyringState) -> None:
        """Say where the secret goes; matters only for keys that s4desk keeps."""
        self._keyring_sentence = keyring_sentence(state)
        self._make_file.setVisible(not state.usable)
        self._say_keyring()

    def show_test(self, sentence: str, *, is_error: bool) -> None:
        """What trying the connection brought."""
        self.set_busy(False)
        self.outcome.say(sentence, is_error=is_error, is_success=not is_error)
        self.fit_height()

    def show_diagnosis(self, diagnosis: Diagnosis, text: DiagnosisText) -> None:
        """What is wrong, with a button for what mends it; the cursor goes where a person must."""
        self.set_busy(False)
        self._diagnosis = diagnosis
        self.outcome.say(text.sentence, is_error=True, failure=diagnosis.error)
        self._panel.show_text(text, text.fix or wanted_text(diagnosis.wanted))
        self.leave_room(self._panel.heightForWidth(self.width()))
        if diagnosis.wanted and diagnosis.fix is None:
            self._focus_wanted()
        self.fit_height()

    def set_busy(self, is_busy: bool, sentence: str = "") -> None:
        self._clear_panel()
        super().set_busy(is_busy, sentence)

    def apply(self, connection: Connection) -> None:
        """Write what another connection says differently into the fields."""
        self.form.apply(connection)
        for name in RARE:
            if self.form.fields[name].text != self._begun_with[name]:
                self.bring_out(name)
        self.refresh()

    def _panel_around(self, sentence: Note) -> OutcomePanel:
        self._panel = OutcomePanel(sentence, self)
        self._panel.taken.connect(self._take_remedy)
        return self._panel

    def _clear_panel(self) -> None:
        self._panel.clear()
        self.leave_room(0)

    def _take_remedy(self) -> None:
        if self._diagnosis is not None and self._diagnosis.fix is not None:
            self.fix_wanted.emit(self._diagnosis)
        else:
            self._focus_wanted()

    def _focus_wanted(self) -> None:
        wanted = self._diagnosis.wanted if self._diagnosis is not None else ""
        if wanted in self.form.fields:
            self.bring_out(wanted)
            self.focus_on(wanted)

    def _follow(self) -> None:
        """What was diagnosed is about other fields than there are now."""
        self._clear_panel()
        self._offer_regions()

    def _offer_regions(self) -> None:
        if self._offered != self.form.regions:
            self._offered = self.form.regions
            self.offer("region", self.form.regions)

    def _offer_sign_in(self) -> None:
        """Keys of a profile may take a person."""
        kind = self.form.fields["credentials"].value
        self._sign_in.setVisible(kind is CredentialKind.PROFILE)

    def _say_exposure(self) -> None:
        """In red: what the connection as it stands here lays open."""
        self._exposure.say(self.form.exposure, is_error=True)

    def _say_keyring(self) -> None:
        is_kept = self.form.fields["credentials"].value is CredentialKind.KEYRING
        self._keyring.say(self._keyring_sentence if is_kept else "")
