"""A list whose rows are cells beside each other and in lines, all of one size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyleOptionRubberBand,
    QStyleOptionViewItem,
)

from s4desk.gui.views.cell_layout import CellLayout

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    AnyIndex = QModelIndex | QPersistentModelIndex

STEPS_PER_LINE = 3
"""So often the wheel scrolls within one line of cells."""

_Cursor = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint
_State = QStyle.StateFlag


class CellListView(QListView):
    """Lays out, paints and finds cells by arithmetic: a page of rows that comes costs nothing.

    Qt's own list walks over all of its rows for each of these. It is the base all the same: only
    a QListView is told to screen readers as a list. Subclasses say `cell_size`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._band: QRect | None = None
        self._grows_unseen = False

    def cell_size(self) -> QSize:
        """The least size of a cell."""
        raise NotImplementedError

    def cells(self) -> CellLayout:
        """Where the cells are now."""
        model = self.model()
        return CellLayout(
            self.cell_size(),
            0 if model is None else model.rowCount(),
            self.viewport().width(),
            self.layoutDirection() is Qt.LayoutDirection.RightToLeft,
        )

    def shown_runs(self) -> list[tuple[int, int]]:
        """The rows on the screen, as runs from first to last."""
        return self.cells().runs_in(self._seen_area())

    # Where things are

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _index: AnyIndex) -> bool:
        return False

    def visualRect(self, index: AnyIndex) -> QRect:
        if not index.isValid():
            return QRect()
        return self.cells().rect(index.row()).translated(0, -self.verticalOffset())

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self.cells().row_at(point + QPoint(0, self.verticalOffset()))
        return self.model().index(row, 0) if row >= 0 else QModelIndex()

    def scrollTo(
        self, index: AnyIndex, hint: QAbstractItemView.ScrollHint = _Hint.EnsureVisible
    ) -> None:
        if not index.isValid():
            return
        cell, bar = self.cells().rect(index.row()), self.verticalScrollBar()
        room = self.viewport().height()
        if hint is _Hint.PositionAtTop:
            bar.setValue(cell.top())
        elif hint is _Hint.PositionAtCenter:
            bar.setValue(cell.center().y() - room // 2)
        elif hint is _Hint.PositionAtBottom or cell.bottom() > bar.value() + room:
            bar.setValue(cell.bottom() - room + 1)
        if hint is _Hint.EnsureVisible and cell.top() < bar.value():
            bar.setValue(cell.top())

    def updateGeometries(self) -> None:
        bar, room, cells = self.verticalScrollBar(), self.viewport().height(), self.cells()
        bar.setSingleStep(max(cells.least.height() // STEPS_PER_LINE, 1))
        bar.setPageStep(room)
        bar.setRange(0, max(cells.height - room, 0))
        self.horizontalScrollBar().setRange(0, 0)
        QAbstractItemView.updateGeometries(self)

    def doItemsLayout(self) -> None:
        """Rows that come below what is on the screen move the scroll bar and paint nothing."""
        if self._grows_unseen:
            self._grows_unseen = False
            self.updateGeometries()
        else:
            QAbstractItemView.doItemsLayout(self)

    def rowsInserted(self, parent: AnyIndex, start: int, end: int) -> None:
        below = self.cells().rect(start).top() - self.verticalOffset()
        self._grows_unseen = below > self.viewport().height()
        super().rowsInserted(parent, start, end)

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        self.scrollDirtyRegion(0, dy)
        self.viewport().scroll(0, dy)
        if self._band is not None:
            self.viewport().update()

    def _seen_area(self) -> QRect:
        return self.viewport().rect().translated(0, self.verticalOffset())

    # Keys

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        cells = self.cells()
        if not cells.count:
            return QModelIndex()
        row = self.currentIndex().row()
        row = 0 if row < 0 else self._moved(row, action, cells)
        return self.model().index(row, 0)

    def _moved(self, row: int, action: QAbstractItemView.CursorAction, cells: CellLayout) -> int:
        last, columns = cells.count - 1, cells.columns
        page = max(self.viewport().height() // cells.least.height(), 1) * columns
        forward = -1 if cells.is_mirrored else 1
        steps = {
            _Cursor.MoveLeft: -forward,
            _Cursor.MoveRight: forward,
            _Cursor.MovePrevious: -1,
            _Cursor.MoveNext: 1,
            _Cursor.MoveUp: -columns,
            _Cursor.MoveDown: columns,
            _Cursor.MovePageUp: -page,
            _Cursor.MovePageDown: page,
        }
        if action is _Cursor.MoveHome:
            return 0
        if action is _Cursor.MoveEnd:
            return last
        target = row + steps[action]
        if abs(steps[action]) == 1:
            return min(max(target, 0), last)
        if target < 0:
            return row % columns
        if target <= last:
            return target
        # The last line may be shorter than the others.
        lowest = last - (last - row) % columns
        return lowest if lowest // columns == last // columns else last

    # Selection

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """A band selects what it touches; a click or key with Shift selects a run of rows."""
        rect = rect.translated(0, self.verticalOffset())
        cells, selection = self.cells(), QItemSelection()
        if self.state() is QAbstractItemView.State.DragSelectingState:
            self._band = QRect(rect.topLeft(), rect.bottomRight()).normalized()
            runs = cells.runs_in(self._band)
            self.viewport().update()
        else:
            ends = [cells.row_at(rect.topLeft()), cells.row_at(rect.bottomRight())]
            runs = [(min(ends), max(ends))] if min(ends) >= 0 else []
        for first, last in runs:
            selection.select(self.model().index(first, 0), self.model().index(last, 0))
        self.selectionModel().select(selection, command)

    def selectAll(self) -> None:
        """As one range: Qt's own goes through all rows."""
        model, selection = self.model(), QItemSelection()
        if count := model.rowCount():
            selection.select(model.index(0, 0), model.index(count - 1, model.columnCount() - 1))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flags.ClearAndSelect)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """No more of it than is on the screen."""
        cells, region = self.cells(), QRegion()
        for first, last in self.shown_runs():
            for each in selection.toList():
                for row in range(max(first, each.top()), min(last, each.bottom()) + 1):
                    region += cells.rect(row).translated(0, -self.verticalOffset())
        return region

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._band is not None:
            self._band = None
            self.viewport().update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        cells, offset, model = self.cells(), self.verticalOffset(), self.model()
        chosen, current = self.selectionModel(), self.currentIndex().row()
        whole = QStyleOptionViewItem()
        self.initViewItemOption(whole)
        is_in_front = self.hasFocus() or self.viewport().hasFocus()
        for first, last in cells.runs_in(event.rect().translated(0, offset)):
            for row in range(first, last + 1):
                option, index = QStyleOptionViewItem(whole), model.index(row, 0)
                option.rect = cells.rect(row).translated(0, -offset)
                if chosen.isSelected(index):
                    option.state |= _State.State_Selected
                if row == current and is_in_front:
                    option.state |= _State.State_HasFocus
                self.itemDelegate().paint(painter, option, index)
        if self._band is not None:
            self._paint_band(painter, self._band.translated(0, -offset))
        painter.end()

    def _paint_band(self, painter: QPainter, area: QRect) -> None:
        option = QStyleOptionRubberBand()
        option.initFrom(self)
        option.rect = area.intersected(self.viewport().rect().adjusted(-16, -16, 16, 16))
        option.opaque = False
        painter.save()
        self.style().drawControl(QStyle.ControlElement.CE_RubberBand, option, painter)
        painter.restore()
