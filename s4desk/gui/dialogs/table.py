"""A plain table of texts inside a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from s4desk.gui.bidi import in_its_order
from s4desk.gui.focus_marks import follow_current_row, mark_current
from s4desk.gui.models.indexes import NO_PARENT, Index

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from PySide6.QtCore import QObject
    from PySide6.QtGui import QPainter, QResizeEvent

T = TypeVar("T", bound=QTableView)

ROW_HEIGHT = 24
PADDING = 24
LEAST_LETTERS = 16
"""By them a name can still be told from others."""


class WholeRows(QStyledItemDelegate):
    """Rows are what is chosen: no frame around one cell of them. Their view has its model."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        follow_current_row(parent)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        mark_current(painter, option, index)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        option.text = in_its_order(option.text, option.direction)


class TextTableModel(QAbstractTableModel):
    """Rows of texts, which `set_column` may change."""

    def __init__(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self._titles = titles
        self._rows = [list(row) for row in rows]

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return self._rows[index.row()][index.column()] if role in shown else None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        return self._titles[section] if role in shown else None

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Put more rows behind the others."""
        if rows:
            first = len(self._rows)
            self.beginInsertRows(NO_PARENT, first, first + len(rows) - 1)
            self._rows += [list(row) for row in rows]
            self.endInsertRows()

    def show_rows(self, rows: Sequence[Sequence[str]]) -> bool:
        """Let these be the rows. As many as before stay the rows they were, with what is chosen of
        them; whether any is another one now."""
        told = [list(row) for row in rows]
        if told == self._rows:
            return False
        if len(told) != len(self._rows):
            self.beginResetModel()
            self._rows = told
            self.endResetModel()
        else:
            self._rows = told
            last = self.index(len(told) - 1, len(self._titles) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        return True

    def set_column(self, column: int, texts: Sequence[str]) -> None:
        """Replace one column; one text per row."""
        for row, text in zip(self._rows, texts, strict=True):
            row[column] = text
        if texts:
            self.dataChanged.emit(self.index(0, column), self.index(len(texts) - 1, column))


class TextTable(QTableView):
    """Each column is as wide as its texts need; what is left goes to the first, and what is
    missing is taken from the widest. See `keep`."""

    def __init__(self, model: QAbstractTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._needs: dict[int, int] = {}
        self._kept: Collection[int] = ()
        self._spare = 0
        self._least = LEAST_LETTERS
        self.setModel(model)

    def need(self, column: int, width: int) -> None:
        """Texts that come later need so much."""
        self._needs[column] = width

    def keep(self, columns: Collection[int], *, spare: int = 0, least: int = LEAST_LETTERS) -> None:
        """What stands in these is of no use when it is cut, as dates and numbers: rather than that,
        or fewer than `least` letters of the others, one scrolls. What is left goes to `spare`,
        which is none of them."""
        self._kept, self._spare, self._least = columns, spare, least

    def show_column(self, column: int, is_shown: bool) -> None:
        """Others have the room of one that is not shown."""
        if is_shown is self.isColumnHidden(column):
            self.setColumnHidden(column, not is_shown)
            self._share()

    def fit(self) -> None:
        """Look again what texts need."""
        self._needs = {}
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        columns = range(self.model().columnCount())
        for column in columns:
            if column not in self._needs:
                self._needs[column] = self.sizeHintForColumn(column) + PADDING
        titles = self.horizontalHeader()
        needs = [
            0 if self.isColumnHidden(each) else max(self._needs[each], titles.sectionSizeHint(each))
            for each in columns
        ]
        for column, width in enumerate(self._widths(needs, self.viewport().width())):
            if not self.isColumnHidden(column):
                titles.resizeSection(column, width)

    def _widths(self, needs: Sequence[int], room: int) -> list[int]:
        if not self._kept:
            return shares(needs, room)
        others = [at for at in range(len(needs)) if at not in self._kept]
        others.sort(key=lambda at: at != self._spare)
        least = self.fontMetrics().averageCharWidth() * self._least
        left = room - sum(needs[at] for at in self._kept)
        least_room = sum(min(needs[at], least) for at in others)
        widths = list(needs)
        given = shares([needs[at] for at in others], max(left, least_room))
        for at, width in zip(others, given, strict=True):
            widths[at] = width
        return widths


def shares(needs: Sequence[int], room: int) -> list[int]:
    """Divide `room`: whoever needs less than the others gets all of it, the first what is left."""
    given = [0] * len(needs)
    left = room
    for count, at in enumerate(sorted(range(len(needs)), key=needs.__getitem__)):
        given[at] = min(needs[at], left // (len(needs) - count))
        left -= given[at]
    given[0] += max(0, left)
    return given


def text_table(model: QAbstractTableModel, name: str, parent: QWidget | None = None) -> TextTable:
    """A table of whole rows; `name` is what a screen reader calls it."""
    return laid_out(TextTable(model, parent), name)


def laid_out(table: T, name: str) -> T:
    """The table as all in dialogs are: whole rows, no grid, no numbers."""
    table.setAccessibleName(name)
    table.setItemDelegate(WholeRows(table))
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(max(ROW_HEIGHT, table.fontMetrics().height() + 6))
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
    return table
