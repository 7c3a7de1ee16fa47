"""The properties of one object, or of many at once, as a person edits them."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.access import (
    Acl,
    CannedAcl,
    Grant,
    Grantee,
    GranteeKind,
    Permission,
)
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.properties import (
    CONTENT_FIELDS,
    Flaw,
    Pairs,
    PropertyChange,
    redirect_flaw,
    value_flaw,
)
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, FieldKind, Form
from s4desk.viewmodels.pairs import MetadataRows, TagRows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from s4desk.core.transfer.editing import Seen

CLASSES = (
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
)
"""Those of S3; a store that has others shows them where an object is in one."""

AS_IT_IS = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Why parts of it cannot be changed here; empty where they can."""

    tags: str = ""
    acl: str = ""


class GeneralForm(Form):
    """The headers that S3 knows, and the storage class. Of many, what is left empty stays."""

    def __init__(self, texts: Mapping[str, str], storage_class: str, *, is_many: bool) -> None:
        self._before = {name: texts.get(name, "") for name in CONTENT_FIELDS}
        self._class = AS_IT_IS if is_many else storage_class
        stays = tr("as it is") if is_many else ""
        fields = {
            name: Field(label, self._before[name], parse, placeholder=stays or _such_as(example))
            for name, label, example, parse in _fields()
        }
        super().__init__(
            tr("General"),
            **fields,
            storage_class=Field(
                tr("Storage class"),
                self._class,
                str,
                FieldKind.CHOICE,
                choices=_classes(self._class),
            ),
        )

    @property
    def changed(self) -> dict[str, str]:
        """The fields that are another now."""
        return {
            name: self.fields[name].text
            for name, before in self._before.items()
            if self.fields[name].text != before
        }

    @property
    def storage_class(self) -> str:
        """The new one, empty when it stays."""
        chosen = self.fields["storage_class"].text
        return "" if chosen == self._class else chosen


class PropertiesForm:
    """All pages of one object that was `seen`, or of many without it."""

    def __init__(self, title: str, seen: Seen | None = None, limits: Limits | None = None) -> None:
        self.title = title
        self.seen = seen
        self.limits = limits or Limits()
        attributes = None if seen is None else seen.meta.attributes
        texts = {} if attributes is None else {n: getattr(attributes, n) for n in CONTENT_FIELDS}
        storage_class = "" if seen is None else seen.meta.storage_class
        self.general = GeneralForm(texts, storage_class, is_many=seen is None)
        self.metadata = MetadataRows({} if attributes is None else attributes.metadata)
        self.tags = TagRows({} if seen is None else seen.tags or {})
        self.metadata_removed = _names_form()
        self.tags_removed = _names_form()
        self.acl = None if seen is None else seen.acl
        self.canned = ""

    @property
    def is_many(self) -> bool:
        return self.seen is None

    @property
    def error(self) -> str:
        """The first thing that is wrong on any page, empty when nothing is."""
        wrong = iter(self.general.errors.values())
        return next(wrong, "") or self.metadata.error or self.tags.error

    @property
    def faulty_page(self) -> str:
        """The first page with something wrong: general, metadata or tags; empty when none has."""
        if self.general.errors:
            return "general"
        if self.metadata.error:
            return "metadata"
        return "tags" if self.tags.error else ""

    def remove_grant(self, at: int) -> None:
        """Take a grant from the list that will be written; the name of a list is then off."""
        if self.acl is not None:
            grants = self.acl.grants
            self.acl = Acl(self.acl.owner, (*grants[:at], *grants[at + 1 :]))
            self.canned = ""

    def add_grant(self, who: str, permission: str) -> None:
        """Add a grant to the list that will be written: to a group by its URI, somebody by an
        e-mail address, or an account by its id. Raises ValidationError for nobody."""
        who = who.strip()
        if self.acl is None or not who:
            raise ValidationError(tr("Choose a group, or type the id of an account."))
        grant = Grant(Grantee(_kind_of(who), who), Permission(permission))
        if grant not in self.acl.grants:
            self.acl = Acl(self.acl.owner, (*self.acl.grants, grant))
        self.canned = ""

    def change(self) -> PropertyChange:
        """What is to become another; nothing as long as there is an `error`."""
        if self.error:
            return PropertyChange()
        return PropertyChange(
            self.general.changed,
            self._metadata(),
            self._tags(),
            self.general.storage_class,
            self._acl(),
        )

    def take_over(self, edited: PropertiesForm) -> None:
        """Do what was done to another form about the same object, which has changed meanwhile."""
        for name, text in edited.general.changed.items():
            self.general.edit(name, text)
        if chosen := edited.general.storage_class:
            self.general.edit("storage_class", chosen)
        before = edited.seen.meta.attributes.metadata if edited.seen is not None else {}
        self.metadata = MetadataRows(_again(before, edited.metadata.pairs, self.metadata.pairs))
        tags = (edited.seen.tags or {}) if edited.seen is not None else {}
        self.tags = TagRows(_again(tags, edited.tags.pairs, self.tags.pairs))
        self.canned = edited.canned
        before_acl = None if edited.seen is None else edited.seen.acl
        if self.acl is not None and edited.acl is not None and before_acl is not None:
            gone = [each for each in before_acl.grants if each not in edited.acl.grants]
            new = [each for each in edited.acl.grants if each not in before_acl.grants]
            kept = [each for each in self.acl.grants if each not in (*gone, *new)]
            self.acl = Acl(self.acl.owner, (*kept, *new))

    def _metadata(self) -> Pairs:
        if self.seen is None:
            removed = names_in(self.metadata_removed.fields["names"].text.lower())
            return Pairs(self.metadata.pairs, removed)
        before = dict(self.seen.meta.attributes.metadata)
        now = self.metadata.pairs
        return Pairs() if now == before else Pairs(now, replaces=True)

    def _tags(self) -> Pairs:
        if self.limits.tags:
            return Pairs()
        if self.seen is None:
            return Pairs(self.tags.pairs, names_in(self.tags_removed.fields["names"].text))
        now = self.tags.pairs
        return Pairs() if now == dict(self.seen.tags or {}) else Pairs(now, replaces=True)

    def _acl(self) -> Acl | CannedAcl | None:
        if self.limits.acl:
            return None
        if self.canned:
            return CannedAcl(self.canned)
        before = None if self.seen is None else self.seen.acl
        if self.acl is None or before is None or self.acl.is_same(before):
            return None
        return self.acl


def names_in(text: str) -> frozenset[str]:
    """Names that were typed one behind the other, with commas between."""
    return frozenset(filter(None, (name.strip() for name in text.split(","))))


def _kind_of(who: str) -> GranteeKind:
    if who.startswith(("http://", "https://")):
        return GranteeKind.GROUP
    return GranteeKind.EMAIL if "@" in who else GranteeKind.ACCOUNT


def _again(
    before: Mapping[str, str], edited: Mapping[str, str], there: Mapping[str, str]
) -> dict[str, str]:
    """What became of `before`, done to what is `there`."""
    put = {name: value for name, value in edited.items() if before.get(name) != value}
    return Pairs(put, frozenset(before.keys() - edited.keys())).applied(there)


def _names_form() -> Form:
    return Form(
        tr("Names to take away"),
        names=Field(
            tr("Take away"), "", str, placeholder=tr("names, with commas between; none if empty")
        ),
    )


def _fields() -> Sequence[tuple[str, str, str, Callable[[str], str]]]:
    return (
        ("content_type", tr("Content type"), "text/plain; charset=utf-8", _value),
        ("cache_control", tr("Cache control"), "max-age=3600", _value),
        (
            "content_disposition",
            tr("Content disposition"),
            'attachment; filename="report.pdf"',
            _value,
        ),
        ("content_encoding", tr("Content encoding"), "gzip", _value),
        ("content_language", tr("Content language"), "en, de", _value),
        ("expires", tr("Expires"), "Tue, 01 Jan 2030 00:00:00 GMT", _date),
        ("website_redirect", tr("Website redirect"), "/other-page.html", _redirect),
    )


def _such_as(example: str) -> str:
    """Alone it would look like a value."""
    return tr("such as {example}").format(example=example)


def _classes(present: str) -> list[tuple[str, str]]:
    known = [] if not present or present in CLASSES else [present]
    kept = [(AS_IT_IS, tr("as it is"))] if present == AS_IT_IS else []
    return [*kept, *((each, each) for each in (*known, *CLASSES))]


def _value(text: str) -> str:
    _refuse(value_flaw(text))
    return text


def _redirect(text: str) -> str:
    _refuse(redirect_flaw(text))
    return text


def _date(text: str) -> str:
    _refuse(value_flaw(text))
    if text:
        try:
            parsedate_to_datetime(text)
        except ValueError as error:
            raise ValidationError(
                tr("A date such as Tue, 01 Jan 2030 00:00:00 GMT is expected.")
            ) from error
    return text


def _refuse(flaw: Flaw | None) -> None:
    if flaw is None:
        return
    sentences = {
        Flaw.CHARACTER: tr("It can only be text on one line."),
        Flaw.BLANK_ENDS: tr("Blanks at the ends get lost on the way: take them away."),
        Flaw.REDIRECT: tr("It begins with / for a place in this bucket, or with http."),
    }
    raise ValidationError(sentences[flaw])
