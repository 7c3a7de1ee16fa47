"""The forms that links are made by: one link, or one for each of many objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, FieldKind, Form, choice
from s4desk.viewmodels.link_text import expiry_from, link_query

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN = "own"


class ListForm(StrEnum):
    """How many links are written down."""

    CSV = "csv"
    TEXT = "txt"


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """What a link shall allow, for so many seconds. `query` are parameters of its request."""

    method: str
    expires_s: int
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_of_home(self) -> bool:
        """Whether of a group it is the first backend's alone: what is written, and a version."""
        return self.method not in ("GET", "HEAD") or "versionId" in self.query


class _LinkForm(Form):
    """What every link is asked: what it is for, and for how long."""

    def __init__(self, title: str, methods: Mapping[str, str], **fields: Field[Any]) -> None:
        self._method = Field(
            tr("Lets"), "GET", str, kind=FieldKind.CHOICE, choices=list(methods.items())
        )
        self._expires = Field(tr("Works for"), "1h", str, kind=FieldKind.CHOICE, choices=_spans())
        self._span = Field(tr("Time span"), "12h", expiry_from, hint=tr("30m, 12h or at most 7d"))
        super().__init__(
            title, method=self._method, expires=self._expires, span=self._span, **fields
        )

    def is_shown(self, name: str) -> bool:
        return super().is_shown(name) and (name != "span" or self._expires.text == _OWN)

    @property
    def _expires_s(self) -> int:
        return self._span.value if self._expires.text == _OWN else expiry_from(self._expires.text)


class ShareForm(_LinkForm):
    """Asks what a link to one object, or to one version of it, is for."""

    def __init__(self, version: str = "") -> None:
        """A version cannot be written: whoever writes makes another one."""
        self._version = version
        methods = {"GET": tr("anybody read the object")}
        if not version:
            methods["PUT"] = tr("anybody write the object")
        methods["HEAD"] = tr("anybody look at the headers")
        self._name = Field(
            tr("Saved as"),
            "",
            _parse_header,
            placeholder=tr("what it is called"),
            hint=tr("A browser then saves it under this name, and does not show it."),
        )
        self._type = Field(
            tr("Content type"), "", _parse_header, placeholder=tr("what the object says")
        )
        super().__init__(tr("Share Link"), methods, name=self._name, type=self._type)

    def is_shown(self, name: str) -> bool:
        is_for_reading = name not in ("name", "type") or self._method.text != "PUT"
        return super().is_shown(name) and is_for_reading

    def result(self) -> LinkDraft:
        """Raises ValidationError as long as there are errors."""
        method = self._method.value
        is_read = method != "PUT"
        query = link_query(
            self._version,
            self._type.value if is_read else "",
            self._name.value if is_read else "",
        )
        return LinkDraft(method, self._expires_s, query)


class LinksForm(_LinkForm):
    """Asks how links to many objects are written down."""

    def __init__(self) -> None:
        self._list_form = Field(
            tr("Written as"),
            ListForm.CSV.value,
            choice(ListForm),
            kind=FieldKind.CHOICE,
            choices=[
                (ListForm.CSV.value, tr("a table (CSV) with names and times")),
                (ListForm.TEXT.value, tr("text, one link in a line")),
            ],
        )
        methods = {
            "GET": tr("anybody read the objects"),
            "HEAD": tr("anybody look at the headers"),
        }
        super().__init__(tr("Export Links"), methods, form=self._list_form)

    def result(self) -> tuple[LinkDraft, ListForm]:
        """Raises ValidationError as long as there are errors."""
        return LinkDraft(self._method.value, self._expires_s), self._list_form.value


def _spans() -> list[tuple[str, str]]:
    return [
        ("1h", tr("1 hour")),
        ("1d", tr("1 day")),
        ("7d", tr("7 days, the longest")),
        (_OWN, tr("another time span")),
    ]


def _parse_header(text: str) -> str:
    """What can stand in a header of a reply."""
    value = text.strip()
    if not value.isprintable():
        raise ValidationError(tr("There are characters in it that cannot be seen."))
    return value
