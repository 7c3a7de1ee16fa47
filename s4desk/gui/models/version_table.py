"""The versions of one object as rows, the newest first."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from s4desk.core.domain.objects import mark_of
from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import LEFT, QUIET_ROLE, RIGHT, Icons, plain_tip
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.rows import format_bytes, format_size
from s4desk.viewmodels.version_text import state_label, time_of, version_label, version_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from s4desk.core.domain.objects import ObjectVersion

_Role = Qt.ItemDataRole


class VersionColumn(IntEnum):
    WHEN = 0
    SIZE = 1
    STATE = 2
    OWNER = 3
    ID = 4


COLUMNS = tuple(VersionColumn)


class VersionTableModel(QAbstractTableModel):
    """`show` replaces all of them."""

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._versions: Sequence[ObjectVersion] = ()

    def show(self, versions: Sequence[ObjectVersion]) -> None:
        if versions != self._versions:
            self.beginResetModel()
            self._versions = versions
            self.endResetModel()

    def version(self, row: int) -> ObjectVersion | None:
        """None for no row."""
        return self._versions[row] if 0 <= row < len(self._versions) else None

    @property
    def knows_owners(self) -> bool:
        return any(each.owner for each in self._versions)

    # Qt

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._versions)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        version, column = self._versions[index.row()], COLUMNS[index.column()]
        if role == _Role.DecorationRole and column is VersionColumn.WHEN:
            return self._icons("delete-marker" if version.is_delete_marker else "file")
        read = _READERS.get(role)
        return None if read is None else read(version, column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == _Role.TextAlignmentRole:
            return LEFT
        return _title(COLUMNS[section]) if role == _Role.DisplayRole else None


def _title(column: VersionColumn) -> str:
    return {
        VersionColumn.WHEN: tr("When"),
        VersionColumn.SIZE: tr("Size"),
        VersionColumn.STATE: tr("State"),
        VersionColumn.OWNER: tr("By"),
        VersionColumn.ID: tr("Version"),
    }[column]


def _text(version: ObjectVersion, column: VersionColumn) -> str:
    if column is VersionColumn.WHEN:
        return time_of(version)
    if column is VersionColumn.SIZE:
        return "" if version.is_delete_marker else format_size(version.size)
    if column is VersionColumn.ID:
        return version_label(version.version)
    return state_label(mark_of(version)) if column is VersionColumn.STATE else version.owner


def _tip(version: ObjectVersion, column: VersionColumn) -> str:
    if column in (VersionColumn.WHEN, VersionColumn.ID):
        return tr("Version {id}").format(id=version.version)
    if column is VersionColumn.SIZE and not version.is_delete_marker:
        return format_bytes(version.size)
    return _text(version, column)


def _spoken(version: ObjectVersion, column: VersionColumn) -> str:
    return version_name(version) if column is VersionColumn.WHEN else _text(version, column)


_READERS: Mapping[int, Callable[[ObjectVersion, VersionColumn], Any]] = {
    _Role.DisplayRole: _text,
    _Role.AccessibleTextRole: _spoken,
    _Role.ToolTipRole: lambda version, column: plain_tip(_tip(version, column)),
    _Role.TextAlignmentRole: lambda _, column: RIGHT if column is VersionColumn.SIZE else LEFT,
    QUIET_ROLE: lambda version, _: version.is_delete_marker or not version.is_latest,
}
