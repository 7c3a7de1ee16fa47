"""The form that asks what to look for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.query import Query, Spelling
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, FieldKind, Form, choice, is_ticked
from s4desk.viewmodels.moments import since_from
from s4desk.viewmodels.quantities import parse_size
from s4desk.viewmodels.query_text import pattern_of
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.query import NamePattern

RARE: Final = (
    "spelling",
    "match_case",
    "least_size",
    "most_size",
    "after",
    "before",
    "storage_class",
)


class Scope(StrEnum):
    FOLDER = "folder"
    BUCKET = "bucket"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class SearchDraft:
    """What is looked for, and where."""

    query: Query
    scope: Scope


class SearchForm(Form):
    """Looks in a folder, in its whole bucket, or in all buckets. Something has to be asked for."""

    def __init__(self, here: Prefix | None, connection: str) -> None:
        """`here` is None in the list of buckets; `connection` is its name."""
        scopes = _scopes(here, connection)
        self._name = Field(
            tr("Name"), "", str, placeholder=tr("letters of a name or folder, or *.png; path/*.png")
        )
        self._scope = Field(
            tr("Where"),
            scopes[0][0],
            choice(Scope),
            kind=FieldKind.CHOICE,
            choices=scopes,
        )
        self._spelling = Field(
            tr("Name is"),
            Spelling.WILD.value,
            choice(Spelling),
            kind=FieldKind.CHOICE,
            choices=[
                (Spelling.WILD, tr("Letters, or a pattern with * or ?")),
                (Spelling.LETTERS, tr("Letters, * and ? too")),
                (Spelling.GLOB, tr("A pattern with *, ?, [a-z] and **")),
                (Spelling.REGEX, tr("A regular expression")),
            ],
        )
        self._match_case = Field(tr("Match case"), "", is_ticked, kind=FieldKind.TICK)
        example = tr("such as 16 MiB")
        self._least = Field(tr("At least"), "", _size, placeholder=example)
        self._most = Field(tr("At most"), "", _size, placeholder=example)
        moment = tr("2026-11-20, 2026-11-20T22:00, 12h or 7d")
        self._after = Field(tr("Changed since"), "", _moment, placeholder=moment)
        self._before = Field(tr("Changed before"), "", _moment, placeholder=moment)
        self._class = Field(
            tr("Storage class"), "", _class, placeholder=tr("any, or such as GLACIER")
        )
        super().__init__(
            tr("Find"),
            name=self._name,
            scope=self._scope,
            spelling=self._spelling,
            match_case=self._match_case,
            least_size=self._least,
            most_size=self._most,
            after=self._after,
            before=self._before,
            storage_class=self._class,
        )

    def result(self) -> SearchDraft:
        """Raises ValidationError as long as there are errors."""
        storage_class = self._class.value
        query = Query(
            self._pattern(),
            self._least.value,
            self._most.value,
            self._after.value,
            self._before.value,
            frozenset({storage_class} if storage_class else ()),
        )
        return SearchDraft(query, self._scope.value)

    def is_shown(self, name: str) -> bool:
        return name != "scope" or len(self._scope.choices) > 1

    def _pattern(self) -> NamePattern:
        return pattern_of(self._name.text, self._spelling.value, match_case=self._match_case.value)

    def _errors_between_fields(self) -> dict[str, str]:
        try:
            pattern = self._pattern()
        except ValidationError as error:
            return {"name": str(error)}
        bounds = (self._least, self._most, self._after, self._before, self._class)
        if not pattern and not any(bound.text.strip() for bound in bounds):
            return {"name": tr("Type what to look for.")}
        return {}


def _scopes(here: Prefix | None, connection: str) -> list[tuple[str, str]]:
    """The nearest first."""
    everywhere = tr("All buckets of {connection}").format(connection=display_name(connection))
    scopes = [(Scope.CONNECTION.value, everywhere)]
    if here is None:
        return scopes
    bucket = tr("The whole bucket {bucket}").format(bucket=display_name(here.bucket))
    scopes.insert(0, (Scope.BUCKET.value, bucket))
    if here.prefix:
        folder = tr("{folder} and all below").format(folder=display_name(here.prefix))
        scopes.insert(0, (Scope.FOLDER.value, folder))
    return scopes


def _size(text: str) -> int | None:
    return parse_size(text) if text.strip() else None


def _moment(text: str) -> float | None:
    return since_from(text.strip()) if text.strip() else None


def _class(text: str) -> str:
    return text.strip().upper()
