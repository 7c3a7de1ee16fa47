"""A table of texts inside a dialog whose rows are chosen by ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette

from s4desk.gui.dialogs.table import TextTable, TextTableModel, WholeRows, laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

    from s4desk.gui.models.indexes import Index

_Role = Qt.ItemDataRole


class TickTableModel(TextTableModel):
    """Each row has a tick, set when it comes."""

    ticked = Signal()

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(titles, [])
        self._ticks: list[bool] = []

    @property
    def chosen(self) -> list[int]:
        """The rows with a tick."""
        return [row for row, is_on in enumerate(self._ticks) if is_on]

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        self._ticks += [True] * len(rows)
        super().add(rows)
        self.ticked.emit()

    def tick_all(self, *, is_on: bool) -> None:
        self._tick(range(len(self._ticks)), is_on=is_on)

    def toggle(self, rows: Sequence[int]) -> None:
        """Tick all of these; where all have a tick, none."""
        self._tick(rows, is_on=not all(self._ticks[row] for row in rows))

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        is_first = index.isValid() and index.column() == 0
        return flags | Qt.ItemFlag.ItemIsUserCheckable if is_first else flags

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if role == _Role.CheckStateRole and index.column() == 0:
            is_on = self._ticks[index.row()]
            return Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        if role != _Role.CheckStateRole or not index.isValid() or index.column() != 0:
            return False
        self._tick([index.row()], is_on=Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def _tick(self, rows: Sequence[int], *, is_on: bool) -> None:
        if not rows:
            return
        for row in rows:
            self._ticks[row] = is_on
        first, last = self.index(min(rows), 0), self.index(max(rows), 0)
        self.dataChanged.emit(first, last, [_Role.CheckStateRole])
        self.ticked.emit()


class Ticks(WholeRows):
    """Boxes that are seen on a dark ground too: Fusion draws them in the colour of windows."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        role = QPalette.ColorRole
        option.palette.setColor(role.Window, option.palette.color(role.PlaceholderText))


class TickTable(TextTable):
    """Space turns the ticks of all rows that are selected, in whatever column one is."""

    def __init__(self, model: TickTableModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._ticks = model

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        if event.key() == Qt.Key.Key_Space and rows:
            self._ticks.toggle(rows)
        else:
            super().keyPressEvent(event)


def tick_table(model: TickTableModel, name: str, parent: QWidget | None = None) -> TickTable:
    """A table of whole rows; `name` is what a screen reader calls it."""
    table = laid_out(TickTable(model, parent), name)
    table.setItemDelegate(Ticks(table))
    return table
