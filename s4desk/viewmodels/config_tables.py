"""Configurations that are lists, as tables of texts: each row keeps what it does not show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr

Value = Mapping[str, Any]


def _as_typed(text: str) -> Any:
    return text


@dataclass(frozen=True, slots=True)
class ConfigColumn:
    """`parse` raises ValidationError. With `choices` a cell is one of them, (text, label); with
    `offers` it may be one of those, or another text."""

    title: str
    parse: Callable[[str], Any] = _as_typed
    tip: str = ""
    choices: Sequence[tuple[str, str]] = ()
    offers: Sequence[str] = ()


@dataclass(slots=True)
class ConfigRow:
    """The texts of one entry, and the entry that they are written onto."""

    texts: list[str]
    origin: dict[str, Any] = field(default_factory=dict)
    is_edited: bool = False


class ConfigTable:
    """One configuration as rows. A subclass reads the rows and writes them back; what is not edited
    is written as it was."""

    def __init__(
        self, value: Value, columns: Sequence[ConfigColumn], rows: list[ConfigRow]
    ) -> None:
        self.value = value
        self.columns = columns
        self.rows = rows

    @property
    def new_texts(self) -> list[str]:
        """What a new row begins with."""
        return [column.choices[0][0] if column.choices else "" for column in self.columns]

    def add(self) -> int:
        """A new row at the end; returns where."""
        self.rows.append(ConfigRow(self.new_texts, is_edited=True))
        return len(self.rows) - 1

    def remove(self, at: int) -> None:
        del self.rows[at]

    def edit(self, at: int, column: int, text: str) -> None:
        row = self.rows[at]
        if row.texts[column] != text:
            row.texts[column] = text
            row.is_edited = True

    def shown(self, at: int, column: int) -> str:
        """A cell as it is read."""
        text = self.rows[at].texts[column]
        return dict(self.columns[column].choices).get(text, text)

    def error(self, at: int, column: int) -> str:
        """What is wrong with a cell, empty for nothing. What came from the store is right."""
        row = self.rows[at]
        if not row.is_edited:
            return ""
        try:
            self.columns[column].parse(row.texts[column])
        except ValidationError as error:
            return str(error)
        return ""

    @property
    def problem(self) -> str:
        """The first thing that is wrong, with its row; empty for none."""
        for at in range(len(self.rows)):
            for column in range(len(self.columns)):
                if error := self.error(at, column):
                    return tr("Row {number}, “{column}”: {error}").format(
                        number=at + 1, column=self.columns[column].title, error=error
                    )
        return self._problem_between_rows()

    def result(self) -> dict[str, Any]:
        """The configuration with the rows as they are now; empty for one that says nothing."""
        return self.written([self.entry(row) if row.is_edited else row.origin for row in self.rows])

    def entry(self, row: ConfigRow) -> dict[str, Any]:
        """What an edited row says, onto where it came from."""
        raise NotImplementedError

    def written(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        raise NotImplementedError

    def _problem_between_rows(self) -> str:
        return ""

    def values(self, row: ConfigRow) -> list[Any]:
        return [column.parse(text) for column, text in zip(self.columns, row.texts, strict=True)]


class TagTable(ConfigTable):
    def __init__(self, value: Value) -> None:
        rows = [
            ConfigRow([str(tag.get("Key", "")), str(tag.get("Value", ""))], dict(tag))
            for tag in value.get("TagSet", ())
        ]
        columns = (ConfigColumn(tr("Key"), _tag_key), ConfigColumn(tr("Value"), _tag_value))
        super().__init__(value, columns, rows)

    def entry(self, row: ConfigRow) -> dict[str, Any]:
        key, text = self.values(row)
        return {**row.origin, "Key": key, "Value": text}

    def written(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        return _with_list(self.value, "TagSet", entries)

    def _problem_between_rows(self) -> str:
        keys = [row.texts[0] for row in self.rows]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        return tr("The key “{key}” is here twice.").format(key=twice) if twice is not None else ""


class CorsTable(ConfigTable):
    """Rules in the order in which they are tried."""

    _NAMES = ("AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposeHeaders")

    def __init__(self, value: Value) -> None:
        rows = [self._row(rule) for rule in value.get("CORSRules", ())]
        columns = (
            ConfigColumn(
                tr("Origins"), _origins, tr("For instance https://example.com, or * for all")
            ),
            ConfigColumn(tr("Methods"), _methods, tr("GET, HEAD, PUT, POST, DELETE")),
            ConfigColumn(tr("May send"), words, tr("Headers a page may send, or *")),
            ConfigColumn(tr("May read"), words, tr("Headers a page may read")),
            ConfigColumn(tr("Seconds"), _seconds, tr("How long a browser remembers the answer")),
        )
        super().__init__(value, columns, rows)

    @property
    def new_texts(self) -> list[str]:
        return ["", "GET HEAD", "*", "", "3600"]

    def _row(self, rule: Value) -> ConfigRow:
        texts = [" ".join(map(str, rule.get(name, ()))) for name in self._NAMES]
        age = rule.get("MaxAgeSeconds")
        return ConfigRow([*texts, "" if age is None else str(age)], dict(rule))

    def entry(self, row: ConfigRow) -> dict[str, Any]:
        names = (*self._NAMES, "MaxAgeSeconds")
        entry = dict(row.origin)
        for name, each in zip(names, self.values(row), strict=True):
            if each is None or each == []:
                entry.pop(name, None)
            else:
                entry[name] = each
        return entry

    def written(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        return _with_list(self.value, "CORSRules", entries)


def words(text: str) -> list[str]:
    """Parts between spaces, commas or semicolons."""
    return text.replace(",", " ").replace(";", " ").split()


def with_entries(value: Value, name: str, entries: Sequence[Value]) -> dict[str, Any]:
    return _with_list(value, name, list(entries))


def _with_list(value: Value, name: str, entries: Sequence[Any]) -> dict[str, Any]:
    """`value` with that list; without the field where the list is empty."""
    rest = dict(value)
    rest.pop(name, None)
    if not entries:
        return rest
    return {**value, name: list(entries)}


def _tag_key(text: str) -> str:
    if not text:
        raise ValidationError(tr("A tag has a key."))
    if len(text) > 128:  # "Bucket tagging", 128 characters
        raise ValidationError(tr("At most 128 characters."))
    return text


def _tag_value(text: str) -> str:
    if len(text) > 256:
        raise ValidationError(tr("At most 256 characters."))
    return text


def _origins(text: str) -> list[str]:
    origins = words(text)
    if not origins:
        raise ValidationError(tr("Name an origin, or * for all."))
    if any(origin.count("*") > 1 for origin in origins):
        raise ValidationError(tr("An origin has at most one *."))
    return origins


def _methods(text: str) -> list[str]:
    methods = [each.upper() for each in words(text)]
    if not methods:
        raise ValidationError(tr("Name a method."))
    if set(methods) - {"GET", "HEAD", "PUT", "POST", "DELETE"}:
        raise ValidationError(tr("GET, HEAD, PUT, POST and DELETE are known."))
    return methods


def _seconds(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal():
        raise ValidationError(tr("Type a whole number."))
    return int(text)
