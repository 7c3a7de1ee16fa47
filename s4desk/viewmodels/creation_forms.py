"""The forms that make a bucket or a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, FieldKind, Form, is_ticked
from s4desk.viewmodels.validation import parse_bucket_name, parse_new_key

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location, Prefix


@dataclass(frozen=True, slots=True)
class BucketDraft:
    name: str
    with_lock: bool


class BucketForm(Form):
    """Names a new bucket. Object Lock can only be chosen now ("Object Lock considerations").

    `no_lock` is why it cannot be chosen, where the store has none.
    """

    def __init__(self, no_lock: str = "") -> None:
        self._name = Field(tr("Name"), "", parse_bucket_name, placeholder=tr("my-bucket"))
        self._lock = Field(
            tr("Object Lock"),
            "",
            is_ticked,
            kind=FieldKind.TICK,
            hint=tr("Objects can be protected from deletion. This also turns on versioning."),
            obstacle=no_lock,
        )
        super().__init__(tr("New Bucket"), name=self._name, lock=self._lock)

    def result(self) -> BucketDraft:
        """Raises ValidationError as long as there are errors."""
        return BucketDraft(self._name.value, self._lock.value)


class FolderForm(Form):
    """Names a new folder below `parent`; slashes in the name make folders in folders."""

    def __init__(self, parent: Prefix) -> None:
        self._parent = parent
        self._name = Field(
            tr("Name"), "", self._parse_name, hint=tr("Inside {place}").format(place=parent)
        )
        super().__init__(tr("New Folder"), name=self._name)

    def result(self) -> Location:
        """The marker object to write. Raises ValidationError as long as there are errors."""
        return self._parent.location(self._name.value)

    def _parse_name(self, text: str) -> str:
        name = text.removesuffix("/")
        if name.startswith("/") or "//" in name:
            raise ValidationError(tr("Two slashes in a row would make a folder without a name."))
        if not {".", ".."}.isdisjoint(name.split("/")):
            sentence = tr("To many programs “.” and “..” mean other folders: choose another name.")
            raise ValidationError(sentence)
        return parse_new_key(f"{parse_new_key(name)}/")
