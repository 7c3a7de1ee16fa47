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


class ChangeForm(Form):
    """The passphrase that opens the file now, and the one that shall, twice."""

    def __init__(self) -> None:
        self._old = Field(tr("Passphrase now"), "", str, kind=FieldKind.SECRET)
        self._new = Field(tr("New one"), "", str, kind=FieldKind.SECRET)
        self._again = Field(tr("Once more"), "", str, kind=FieldKind.SECRET)
        super().__init__(tr("Change Passphrase"), old=self._old, new=self._new, again=self._again)

    def result(self) -> tuple[str, str]:
        """The old one and the new one."""
        return self._old.value, self._new.value

    def _errors_between_fields(self) -> dict[str, str]:
        empty = {
            name: tr("Enter a passphrase.")
            for name, field in (("old", self._old), ("new", self._new))
            if not field.text
        }
        if not empty and self._again.text != self._new.text:
            return {"again": tr("The two are not the same.")}
        return empty


def keyring_sentence(state: KeyringState) -> str:
    """Where a secret goes."""
    if state.in_file:
        return tr("{reason} The secret is kept in the encrypted file.").format(reason=state.reason)
    if state.usable:
        return tr("The secret is kept in the keyring of this system.")
    return tr("{reason} The secret is kept for this session only.").format(reason=state.reason)
