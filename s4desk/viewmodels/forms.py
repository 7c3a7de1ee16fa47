"""Forms: what a person types goes in as text; a value or a sentence about the error comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from s4desk.core.domain.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class FieldKind(StrEnum):
    """How a field is edited."""

    TEXT = "text"
    SECRET = "secret"
    CHOICE = "choice"
    FILE = "file"
    FOLDER = "folder"
    TICK = "tick"


def _nothing(_text: str) -> str:
    return ""


TICKED = "yes"
"""The text of a TICK that is set; any other is not."""


@dataclass(slots=True)
class Field(Generic[T]):
    """One thing a person types. `parse` returns its value or raises ValidationError.

    `choices` are (text, label) pairs of a CHOICE. `placeholder` stands where nothing is typed,
    `hint` beside the field; neither is a value. `obstacle` is why the field cannot be changed, if
    it cannot. `remark_on` says what is worth knowing about a
    text without an error.
    """

    label: str
    text: str
    parse: Callable[[str], T]
    kind: FieldKind = FieldKind.TEXT
    choices: Sequence[tuple[str, str]] = ()
    placeholder: str = ""
    hint: str = ""
    obstacle: str = ""
    remark_on: Callable[[str], str] = _nothing
    _outcome: tuple[str, T | None, str] | None = field(default=None, repr=False)

    @property
    def error(self) -> str:
        """What is wrong with the text, empty when nothing is."""
        return self._parsed()[1]

    @property
    def remark(self) -> str:
        """What is worth knowing about a text that can be used, empty when nothing is."""
        return "" if self.error else self.remark_on(self.text)

    @property
    def value(self) -> T:
        """Raises ValidationError as long as there is an error."""
        value, error = self._parsed()
        if error:
            raise ValidationError(error)
        return value  # type: ignore[return-value]

    def _parsed(self) -> tuple[T | None, str]:
        """Parse once per text: a field may look at a file, and errors are asked for often."""
        if self._outcome is None or self._outcome[0] != self.text:
            try:
                self._outcome = (self.text, self.parse(self.text), "")
            except ValidationError as error:
                self._outcome = (self.text, None, str(error))
        return self._outcome[1], self._outcome[2]


class Form:
    """The fields of one dialog. A subclass adds `result()` and what fields demand of others."""

    def __init__(self, title: str, **fields: Field[Any]) -> None:
        self.title = title
        self.fields: Mapping[str, Field[Any]] = fields

    def edit(self, name: str, text: str) -> None:
        self.fields[name].text = text

    def is_shown(self, name: str) -> bool:
        """Whether the field means anything, given the others. Hidden fields have no errors."""
        return name in self.fields

    @property
    def errors(self) -> dict[str, str]:
        """A sentence for each field that cannot be used, in the order of the fields."""
        between = self._errors_between_fields()
        found = {
            name: field.error or between.get(name, "")
            for name, field in self.fields.items()
            if self.is_shown(name)
        }
        return {name: error for name, error in found.items() if error}

    def _errors_between_fields(self) -> dict[str, str]:
        return {}


def is_ticked(text: str) -> bool:
    """The parser of a TICK."""
    return text == TICKED


def choice(kind: type[E]) -> Callable[[str], E]:
    """A parser of the values of an enumeration, for fields that a person can only choose."""

    def parse(text: str) -> E:
        return kind(text)

    return parse
