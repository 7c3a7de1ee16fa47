"""JSON as a tree: each level is made when it is unfolded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, Qt

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.json_tree import has_parts, left_out, parts_of, value_text
from s4desk.viewmodels.rows import display_name, format_count

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QObject


class _Node:
    """The model keeps them alive: an index only points at one."""

    __slots__ = ("above", "name", "parts", "row", "text", "value")

    def __init__(self, name: str, value: object, above: _Node | None, row: int) -> None:
        self.name = name
        self.value = value
        self.text = value_text(value)
        self.above = above
        self.row = row
        self.parts: list[_Node] | None = None


class JsonTreeModel(QAbstractItemModel):
    """Two columns: the name, or the place in an array, and the value in one line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._top = _Node("", [], None, 0)

    def show_value(self, value: object) -> None:
        self.beginResetModel()
        self._top = _Node("", value, None, 0)
        self.endResetModel()

    def index(self, row: int, column: int, parent: Index = NO_PARENT) -> QModelIndex:
        parts = self._parts(self._node(parent))
        if not 0 <= row < len(parts) or not 0 <= column < 2:
            return NO_PARENT
        return self.createIndex(row, column, parts[row])

    def parent(self, index: Index = NO_PARENT) -> Any:
        """Qt has another one without an index, which nobody asks of a model."""
        above = self._node(index).above if index.isValid() else None
        if above is None or above is self._top:
            return NO_PARENT
        return self.createIndex(above.row, 0, above)

    def hasChildren(self, parent: Index = NO_PARENT) -> bool:
        return parent.column() <= 0 and has_parts(self._node(parent).value)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return len(self._parts(self._node(parent))) if parent.column() <= 0 else 0

    def columnCount(self, _parent: Index = NO_PARENT) -> int:
        return 2

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        node = self._node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return node.text if index.column() else node.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{node.name}: {node.text}" if node.text else node.name
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        return tr("Value") if section else tr("Name")

    def _node(self, index: Index) -> _Node:
        return index.internalPointer() if index.isValid() else self._top

    def _parts(self, node: _Node) -> list[_Node]:
        if node.parts is None:
            node.parts = [
                _Node(display_name(name), value, node, row)
                for row, (name, value) in enumerate(parts_of(node.value))
            ]
            if more := left_out(node.value):
                said = tr_n("and {count} more", "and {count} more", more)
                last = _Node(said.format(count=format_count(more)), None, node, len(node.parts))
                last.text = ""
                node.parts.append(last)
        return node.parts
