"""What a lifecycle rule has several of, as tables: tags, and moves to other storage classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lifecycle.checks import MAX_DAYS, MAX_NEWER, date_of
from s4desk.core.domain.lifecycle.filter_shape import filter_of
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_tables import ConfigColumn, ConfigRow, ConfigTable
from s4desk.viewmodels.quantities import count_between

Rule = Mapping[str, Any]
MIDNIGHT: Final = "T00:00:00Z"


class RuleTagTable(ConfigTable):
    """All of them must be on an object."""

    def __init__(self, rule: Rule) -> None:
        rows = [ConfigRow(list(tag)) for tag in filter_of(rule).tags]
        columns = (ConfigColumn(tr("Key"), _tag_key), ConfigColumn(tr("Value"), _tag_value))
        super().__init__(rule, columns, rows)

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        return tuple((row.texts[0], row.texts[1]) for row in self.rows)


class MoveTable(ConfigTable):
    """Entries of Transitions. A subclass has those of old versions.

    Cells that are not changed are written as they were.
    """

    name = "Transitions"

    def __init__(self, rule: Rule, classes: tuple[str, ...]) -> None:
        found = rule.get(self.name)
        entries = found if isinstance(found, list) else []
        self.is_readable = all(isinstance(each, Mapping) for each in entries)
        rows = [ConfigRow(self._texts(each), dict(each)) for each in entries if self.is_readable]
        self._before = [list(row.texts) for row in rows]
        super().__init__(rule, self._columns(classes), rows)

    @property
    def is_changed(self) -> bool:
        return [row.texts for row in self.rows] != self._before

    def entry(self, row: ConfigRow) -> dict[str, Any]:
        entry = dict(row.origin)
        for column, (text, before) in enumerate(
            zip(row.texts, self._texts(row.origin), strict=True)
        ):
            if text != before:
                self._write(entry, column, self.columns[column].parse(text))
        return entry

    def entries(self) -> list[dict[str, Any]]:
        """Raises ValidationError."""
        return [self.entry(row) if row.is_edited else row.origin for row in self.rows]

    def _columns(self, classes: tuple[str, ...]) -> tuple[ConfigColumn, ...]:
        tip = tr("Days after creation, such as 30; or a date, such as 2027-01-31")
        return (ConfigColumn(tr("When"), parse_moment, tip), class_column(classes))

    def _texts(self, entry: Rule) -> list[str]:
        return [moment_text(entry), str(entry.get("StorageClass") or "")]

    def _write(self, entry: dict[str, Any], column: int, value: Any) -> None:
        if column == 1:
            entry["StorageClass"] = value
            return
        name, other = ("Days", "Date") if isinstance(value, int) else ("Date", "Days")
        entry.pop(other, None)
        entry[name] = value


class OldMoveTable(MoveTable):
    """Entries of NoncurrentVersionTransitions."""

    name = "NoncurrentVersionTransitions"

    def _columns(self, classes: tuple[str, ...]) -> tuple[ConfigColumn, ...]:
        days = tr("Days since a newer version came")
        newer = tr("So many of the newest old versions stay where they are; empty for none")
        return (
            ConfigColumn(tr("Days"), count_between(0, MAX_DAYS), days),
            ConfigColumn(tr("But the newest"), count_between(1, MAX_NEWER, empty=0), newer),
            class_column(classes),
        )

    def _texts(self, entry: Rule) -> list[str]:
        names = ("NoncurrentDays", "NewerNoncurrentVersions", "StorageClass")
        return [_shown(entry.get(name)) for name in names]

    def _write(self, entry: dict[str, Any], column: int, value: Any) -> None:
        name = ("NoncurrentDays", "NewerNoncurrentVersions", "StorageClass")[column]
        if name == "NewerNoncurrentVersions" and not value:
            entry.pop(name, None)
        else:
            entry[name] = value


def class_column(classes: tuple[str, ...]) -> ConfigColumn:
    return ConfigColumn(
        tr("Storage class"), _class, tr("One that the store has, such as GLACIER"), offers=classes
    )


def parse_moment(text: str) -> int | str:
    """Days, or a date as it is written into a rule. Raises ValidationError."""
    stripped = text.strip()
    if stripped.isdecimal() and stripped.isascii():
        return count_between(0, MAX_DAYS)(stripped)
    return parse_date(stripped)


def parse_date(text: str) -> str:
    """Raises ValidationError."""
    moment = date_of(text.strip())
    if moment is None:
        raise ValidationError(tr("Enter a date such as 2027-01-31."))
    if (moment.hour, moment.minute, moment.second, moment.microsecond) != (0, 0, 0, 0):
        raise ValidationError(tr("A date begins at midnight UTC."))
    return f"{moment.date().isoformat()}{MIDNIGHT}"


def moment_text(entry: Rule) -> str:
    """Days or the date of an entry, as `parse_moment` reads them."""
    return date_text(entry["Date"]) if "Date" in entry else _shown(entry.get("Days"))


def date_text(date: object) -> str:
    moment = date_of(date)
    is_plain = moment is not None and moment.strftime("%H%M%S%f").strip("0") == ""
    return moment.date().isoformat() if moment is not None and is_plain else _shown(date)


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _filled(most: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if len(text) > most:
            raise ValidationError(tr("At most {most} characters.").format(most=most))
        return text

    return parse


def _tag_key(text: str) -> str:
    if not text:
        raise ValidationError(tr("A tag has a key."))
    return _filled(128)(text)


def _tag_value(text: str) -> str:
    return _filled(256)(text)


def _class(text: str) -> str:
    name = text.strip()
    if not name:
        raise ValidationError(tr("Name a storage class."))
    if name == "STANDARD":
        raise ValidationError(tr("Objects are there to begin with; they cannot be moved back."))
    return name
