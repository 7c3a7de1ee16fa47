"""What lifecycle rules will do to each object: as many rows as a bucket has keys."""

from __future__ import annotations

from array import array
from math import nan
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, Qt

from s4desk.core.lifecycle.findings import Findings
from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import LEFT, RIGHT
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.lifecycle_sheet import FindingColumn, Sieve, finding_cells

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.lifecycle.rules import Rule

KEPT: Final = 512
"""Rows whose words are kept: more than a screen shows."""


class FindingTableModel(QAbstractTableModel):
    """Rows of Findings that another may still add to; `grow` shows what has come."""

    def __init__(self) -> None:
        super().__init__()
        self._titles = [
            tr("When"),
            tr("What"),
            tr("Key"),
            tr("Version"),
            tr("Size"),
            tr("Class"),
            tr("Rule"),
            tr("Why"),
        ]
        self._found = Findings()
        self._rules: Sequence[Rule] = ()
        self._rows = array("i")
        self._looked_at = 0
        self._sieve = Sieve()
        self._words: dict[int, list[str]] = {}
        self._now = nan

    def begin(self, found: Findings, rules: Sequence[Rule], now: datetime) -> None:
        """Show these from now on, as they come; `now` is when one looks."""
        self.beginResetModel()
        self._found, self._rules, self._now = found, rules, now.timestamp()
        self._forget()
        self.endResetModel()

    @property
    def found(self) -> Findings:
        return self._found

    @property
    def sieve(self) -> Sieve:
        return self._sieve

    def grow(self) -> None:
        """Show what was found since."""
        last = len(self._found)
        new = self._sieve.rows(self._found, self._looked_at, last)
        self._looked_at = last
        if new:
            first = len(self._rows)
            self.beginInsertRows(NO_PARENT, first, first + len(new) - 1)
            self._rows.extend(new)
            self.endInsertRows()

    def show_rows(self, sieve: Sieve, rows: Sequence[int], looked_at: int) -> None:
        """Show those that `sieve` let through of the first `looked_at`, and what comes by it."""
        self.beginResetModel()
        self._forget()
        self._sieve, self._looked_at = sieve, looked_at
        self._rows = array("i", rows)
        self.endResetModel()

    def row_of(self, index: Index) -> int:
        """The place among the findings."""
        return self._rows[index.row()]

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(FindingColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._cells(self._rows[index.row()])[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if index.column() == FindingColumn.SIZE else LEFT
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section == FindingColumn.SIZE else LEFT
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None

    def _cells(self, row: int) -> list[str]:
        cells = self._words.get(row)
        if cells is None:
            if len(self._words) >= KEPT:
                self._words.clear()
            cells = self._words[row] = finding_cells(self._found[row], self._rules, self._now)
        return cells

    def _forget(self) -> None:
        self._rows, self._looked_at, self._words = array("i"), 0, {}
