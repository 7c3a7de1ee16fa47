"""A report as one table of the database: `objects`, a row for each version or marker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.lifecycle.inventory_columns import Column, Format
from s4desk.core.lifecycle.inventory_files import check_columns
from s4desk.core.lifecycle.inventory_likeness import with_likeness
from s4desk.core.lifecycle.inventory_manifest import InventoryError
from s4desk.core.lifecycle.inventory_rows import rows_of, source_of
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from s4desk.core.domain.lifecycle.likeness import Rounding
    from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule
    from s4desk.core.lifecycle.inventory_database import Database
    from s4desk.core.lifecycle.inventory_files import Report, Sheet

_VERSIONS: Final = (Column.VERSION, Column.IS_LATEST, Column.IS_MARKER)


class Unknown(StrEnum):
    """What a report does not tell, and rules or readers would want to know.

    VERSIONS: only current objects are listed, and the bucket may have versions all the same.
    OLD_VERSIONS: the same of a bucket that says that it has some.
    UPLOADS: no report tells of unfinished ones.
    """

    VERSIONS = "versions"
    OLD_VERSIONS = "old_versions"
    SIZES = "sizes"
    CLASSES = "classes"
    LOCKS = "locks"
    REPLICATION = "replication"
    UPLOADS = "uploads"


_TOLD_BY: Final = {
    Unknown.VERSIONS: (Column.VERSION,),
    Unknown.SIZES: (Column.SIZE,),
    Unknown.CLASSES: (Column.CLASS,),
    Unknown.LOCKS: (Column.LOCK_MODE, Column.LOCK_UNTIL, Column.LOCK_HOLD),
    Unknown.REPLICATION: (Column.REPLICATION,),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a report tells, and what it does not."""

    columns: frozenset[Column]

    @property
    def has_versions(self) -> bool:
        return Column.VERSION in self.columns

    def unknown_to(self, lifecycle: Lifecycle, told: Versioning | None = None) -> list[Unknown]:
        """What has to be known for all that these rules do. `told` is what the bucket says of
        versions: one that never had any lacks none, and has no locks."""
        unknown = [
            each for each, columns in _TOLD_BY.items() if not self.columns.issuperset(columns)
        ]
        if Unknown.VERSIONS in unknown and told is Versioning.OFF:
            needless = (Unknown.VERSIONS, Unknown.LOCKS, Unknown.REPLICATION)
            unknown = [each for each in unknown if each not in needless]
        elif Unknown.VERSIONS in unknown and told is not None:
            unknown[unknown.index(Unknown.VERSIONS)] = Unknown.OLD_VERSIONS
        if any(rule.is_enabled and rule.abort_days is not None for rule in lifecycle.rules):
            unknown.append(Unknown.UPLOADS)
        return unknown

    def missing(self, rule: Rule) -> tuple[Column, ...]:
        """The columns that would say which objects a rule is about."""
        wanted = {Column.TAGS: bool(rule.filter.tags), Column.SIZE: rule.filter.has_size}
        return tuple(
            each for each, is_wanted in wanted.items() if is_wanted and each not in self.columns
        )


def show_report(database: Database, report: Report) -> Shape:
    """Make the view `rows`, which has all rows of all files.

    Raises InventoryError when they are of no use, FailedQueryError when they cannot be read.
    """
    selects, columns = [], set(Column)
    for sheet in report.sheets:
        types = _types(database, sheet)
        cells = check_columns(types, str(sheet.paths[0]))
        _check_versions(cells, sheet)
        selects.append(rows_of(sheet, cells, {each: types[cells[each]] for each in cells}))
        columns &= cells.keys()
    if not selects:
        raise InventoryError(tr("There is no file in this report."))
    database.do(f"CREATE OR REPLACE VIEW rows AS {' UNION ALL '.join(selects)}")
    return Shape(frozenset(columns))


def show_likeness(
    database: Database, lifecycle: Lifecycle, rounding: Rounding, untold: Sequence[Rule] = ()
) -> list[str]:
    """Make the view `objects`: the rows, and beside each what the rules see of it. Returns the
    names of the columns that say so: see `with_likeness`."""
    select, columns = with_likeness(lifecycle, rounding, untold)
    database.do(f"CREATE OR REPLACE VIEW objects AS {select}")
    return columns


def tellable(lifecycle: Lifecycle, shape: Shape) -> tuple[Lifecycle, tuple[int, ...]]:
    """The rules as far as the report tells which objects they are about, the others switched off;
    and the places of those."""
    untold = tuple(
        at for at, rule in enumerate(lifecycle.rules) if rule.is_enabled and shape.missing(rule)
    )
    rules = tuple(
        replace(rule, is_enabled=False) if at in untold else rule
        for at, rule in enumerate(lifecycle.rules)
    )
    return replace(lifecycle, rules=rules), untold


def _types(database: Database, sheet: Sheet) -> Mapping[str, str]:
    """The columns of a sheet as it names them, and what they hold."""
    if sheet.format is Format.CSV:
        return dict.fromkeys(sheet.columns, "VARCHAR")
    described = database.all(f"DESCRIBE SELECT * EXCLUDE filename FROM {source_of(sheet)}")
    return {str(name): str(kind) for name, kind, *_ in described}


def _check_versions(columns: Collection[Column], sheet: Sheet) -> None:
    """AWS writes all three of them or none."""
    there = [column for column in _VERSIONS if column in columns]
    if there and len(there) < len(_VERSIONS):
        absent = next(column for column in _VERSIONS if column not in columns)
        raise InventoryError(
            tr(
                "{file} has the column {there} but not {absent}: which version is the current one"
                " cannot be told."
            ).format(file=sheet.paths[0], there=there[0].value, absent=absent.value)
        )
