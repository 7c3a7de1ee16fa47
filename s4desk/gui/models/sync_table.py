"""The preview of a sync as a table, filled while both sides are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt, Signal

from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.sync import Change
from s4desk.gui.models.cells import LEFT, RIGHT, plain_tip
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.columns import row_runs
from s4desk.viewmodels.sync_rows import SyncColumn, SyncRows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from PySide6.QtGui import QIcon

    from s4desk.core.transfer.sync import Difference
    from s4desk.gui.models.cells import Icons

COLUMNS = tuple(SyncColumn)
NUMBERS = (
    SyncColumn.SOURCE_SIZE,
    SyncColumn.TARGET_SIZE,
    SyncColumn.SOURCE_TIME,
    SyncColumn.TARGET_TIME,
)

_Role = Qt.ItemDataRole
_Flag = Qt.ItemFlag
_FLAGS = _Flag.ItemIsSelectable | _Flag.ItemNeverHasChildren
_CHANGED_ROLES = [_Role.CheckStateRole, _Role.DisplayRole, _Role.DecorationRole]
_ICONS = {Change.NEW: "add", Change.CHANGED: "edit", Change.GONE: "delete"}


class SyncTableModel(QAbstractTableModel):
    """One row per difference that the filter lets through.

    What is added is shown when somebody says so: a view draws all it shows anew for each
    insertion, with several calls per cell. `ticked` comes after somebody ticked or unticked rows.
    """

    ticked = Signal()

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self.rows = SyncRows()
        self._shown = 0
        self._readers: dict[int, Callable[[int, SyncColumn], Any]] = {
            _Role.DisplayRole: self._text,
            _Role.ToolTipRole: self._tip,
            _Role.DecorationRole: self._icon,
            _Role.CheckStateRole: self._tick,
            _Role.TextAlignmentRole: lambda _row, column: _alignment(column),
        }

    def begin(self, rows: SyncRows) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self._shown = len(rows)
        self.endResetModel()

    def add(self, differences: Sequence[Difference]) -> None:
        """Keep these; `show_added` shows them."""
        self.rows.add(differences)

    def show_added(self) -> None:
        """Show what was added since it was asked for last: one insertion."""
        if self._shown < len(self.rows):
            self.beginInsertRows(NO_PARENT, self._shown, len(self.rows) - 1)
            self._shown = len(self.rows)
            self.endInsertRows()

    def show(self, kind: Change | None) -> None:
        """Let only this kind through, or all."""
        self.beginResetModel()
        self.rows.show(kind)
        self._shown = len(self.rows)
        self.endResetModel()

    def delete_gone(self, is_on: bool) -> None:
        """Whether what is gone shall be deleted."""
        self.rows.deletes = is_on
        self._tell_changed(range(self._shown))

    def keep_changed(self) -> None:
        """Nothing at the target is replaced."""
        self.rows.replaces = False
        self._tell_changed(range(self._shown))

    def tick(self, rows: Collection[int], is_on: bool) -> None:
        """Want these rows, or not."""
        self.rows.tick(rows, is_on)
        self._tell_changed(rows)
        self.ticked.emit()

    def toggle(self, rows: Collection[int]) -> None:
        """Tick all of these, or untick them when all are ticked."""
        open_rows = [row for row in rows if self.rows.is_open(row)]
        self.tick(open_rows, not all(map(self.rows.is_ticked, open_rows)))

    def _tell_changed(self, rows: Collection[int]) -> None:
        runs = [(0, self._shown - 1)] if len(rows) == self._shown else row_runs(rows)
        for first, last in runs:
            if last >= first:
                until = self.index(last, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(first, 0), until, _CHANGED_ROLES)

    # Qt

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return _Flag.NoItemFlags
        if not self.rows.is_open(index.row()):
            return _FLAGS
        is_name = index.column() == SyncColumn.NAME
        more = _Flag.ItemIsUserCheckable if is_name else _Flag.NoItemFlags
        return _FLAGS | _Flag.ItemIsEnabled | more

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        read = self._readers.get(role)
        if read is None or not index.isValid():
            return None
        return read(index.row(), COLUMNS[index.column()])

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        is_tick = role == _Role.CheckStateRole and index.column() == SyncColumn.NAME
        if not is_tick or not self.rows.is_open(index.row()):
            return False
        self.tick([index.row()], Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole:
            return _alignment(COLUMNS[section])
        return column_title(COLUMNS[section]) if role == _Role.DisplayRole else None

    def _text(self, row: int, column: SyncColumn) -> str:
        return self.rows.text(row, column)

    def _tip(self, row: int, column: SyncColumn) -> str:
        is_name = column is SyncColumn.NAME
        return plain_tip(self.rows.full_name(row) if is_name else self.rows.text(row, column))

    def _icon(self, row: int, column: SyncColumn) -> QIcon | None:
        if column is not SyncColumn.DEED or not self.rows.is_open(row):
            return None
        return self._icons(_ICONS[self.rows.at(row).change])

    def _tick(self, row: int, column: SyncColumn) -> Qt.CheckState | None:
        if column is not SyncColumn.NAME:
            return None
        is_on = self.rows.is_ticked(row) and self.rows.is_open(row)
        return Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked


def _alignment(column: SyncColumn) -> Qt.AlignmentFlag:
    return RIGHT if column in NUMBERS else LEFT


def column_title(column: SyncColumn) -> str:
    return {
        SyncColumn.NAME: tr("Name"),
        SyncColumn.DEED: tr("What happens"),
        SyncColumn.WHY: tr("Why"),
        SyncColumn.SOURCE_SIZE: tr("Source size"),
        SyncColumn.TARGET_SIZE: tr("Target size"),
        SyncColumn.SOURCE_TIME: tr("Source date"),
        SyncColumn.TARGET_TIME: tr("Target date"),
    }[column]
