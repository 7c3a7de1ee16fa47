"""The forms that rename something, and that choose what goes along with a copy."""

from __future__ import annotations

from enum import StrEnum

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.transfer import Carried
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.clip import Deed
from s4desk.viewmodels.forms import TICKED, Field, FieldKind, Form, choice, is_ticked
from s4desk.viewmodels.rows import display_name
from s4desk.viewmodels.validation import parse_new_key


class RenameForm(Form):
    """Another name for an object or a folder, in the same folder."""

    def __init__(self, entry: Prefix | Location, typed: str | None = None) -> None:
        """`typed` is what somebody tried elsewhere."""
        self.entry = entry
        self._old = entry.name.removesuffix("/")
        self._parent = entry.parent or Prefix(entry.bucket)
        text = display_name(self._old) if typed is None else typed
        self._name = Field(
            tr("Name"),
            text,
            self._parse,
            hint=tr("Inside {place}").format(place=display_name(str(self._parent))),
        )
        super().__init__(tr("Rename"), name=self._name)

    def result(self) -> str:
        """The new name, without a slash. Raises ValidationError as long as there are errors."""
        return self._name.value

    @property
    def target(self) -> Location:
        """The key, or the beginning of the keys, that it becomes."""
        slash = "/" if self.is_folder else ""
        return self._parent.location(f"{self.result()}{slash}")

    @property
    def is_folder(self) -> bool:
        return isinstance(self.entry, Prefix) or self.entry.name.endswith("/")

    @property
    def remark(self) -> str:
        """What is worth knowing about a name that can be used."""
        if self._name.error or self._name.value.casefold() != self._old.casefold():
            return ""
        return tr("Only upper and lower case differ. To the store these are two names.")

    def _parse(self, text: str) -> str:
        if not text:
            raise ValidationError(tr("A name is needed."))
        if "/" in text:
            sentence = tr("A name has no “/”: use “Move To…” to put it into another folder.")
            raise ValidationError(sentence)
        if text in (".", ".."):
            sentence = tr("To many programs “.” and “..” mean other folders: choose another name.")
            raise ValidationError(sentence)
        if text == self._old:
            raise ValidationError(tr("This is its name already."))
        slash = "/" if self.is_folder else ""
        parse_new_key(f"{self._parent.prefix}{text}{slash}")
        return text


class ClassChoice(StrEnum):
    """Which storage class a copy gets."""

    USUAL = "usual"
    SAME = "same"
    DEFAULT = "default"


_CLASSES = {ClassChoice.USUAL: None, ClassChoice.SAME: True, ClassChoice.DEFAULT: False}


class CarriedForm(Form):
    """What goes along with the bytes; content headers and metadata always do."""

    def __init__(self, deed: Deed, *, no_tags: str = "", no_lock: str = "") -> None:
        """`no_tags` and `no_lock` are why the store that it comes from has none of them."""
        self._deed = deed
        self._tags = Field(
            tr("Tags"), "" if no_tags else TICKED, is_ticked, FieldKind.TICK, obstacle=no_tags
        )
        self._class = Field(
            tr("Storage class"),
            ClassChoice.USUAL,
            choice(ClassChoice),
            FieldKind.CHOICE,
            [
                (
                    ClassChoice.USUAL,
                    tr("The same within a connection, else the default of the target"),
                ),
                (ClassChoice.SAME, tr("The same as now")),
                (ClassChoice.DEFAULT, tr("The default of the target")),
            ],
        )
        self._lock = Field(
            tr("Retention and legal hold"),
            "",
            is_ticked,
            FieldKind.TICK,
            hint=tr("The copy is locked as the original is. Its bucket must have Object Lock."),
            obstacle=no_lock,
        )
        super().__init__(
            tr("Move To") if deed is Deed.MOVE else tr("Copy To"),
            storage_class=self._class,
            tags=self._tags,
            lock=self._lock,
        )

    def is_shown(self, name: str) -> bool:
        """What is locked cannot be moved."""
        return name != "lock" or self._deed is Deed.COPY

    def result(self) -> Carried:
        return Carried(
            tags=self._tags.value,
            storage_class=_CLASSES[self._class.value],
            lock=self._deed is Deed.COPY and self._lock.value,
        )
