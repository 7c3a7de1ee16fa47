"""The passphrase of the file with the secrets: asked for, or chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, FieldKind, Form

if TYPE_CHECKING:
    from s4desk.core.persist.secrets import KeyringState


class PassphraseForm(Form):
    """One line for a passphrase; with `is_new` a second one, so that nothing was mistyped."""

    def __init__(self, *, is_new: bool = False) -> None:
        self._is_new = is_new
        self._passphrase = Field(tr("Passphrase"), "", str, kind=FieldKind.SECRET)
        self._again = Field(tr("Once more"), "", str, kind=FieldKind.SECRET)
        super().__init__(
            tr("New File for Secrets") if is_new else tr("Unlock Secrets"),
            passphrase=self._passphrase,
            again=self._again,
        )

    def is_shown(self, name: str) -> bool:
        return name == "passphrase" or self._is_new

    def result(self) -> str:
        return self._passphrase.value

    def _errors_between_fields(self) -> dict[str, str]:
        if not self._passphrase.text:
            return {"passphrase": tr("Enter a passphrase.")}
        if self._is_new and self._again.text != self._passphrase.text:
            return {"again": tr("The two are not the same.")}
        return {}


def keyring_sentence(state: KeyringState) -> str:
    """Where a secret goes."""
    if state.in_file:
        return tr("{reason} The secret is kept in the encrypted file.").format(reason=state.reason)
    if state.usable:
        return tr("The secret is kept in the keyring of this system.")
    return tr("{reason} The secret is kept for this session only.").format(reason=state.reason)
