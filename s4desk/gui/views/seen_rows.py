"""Which rows are on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QTableView, QTreeView

from s4desk.gui.models.cells import META_ROLE
from s4desk.gui.views.cell_list_view import CellListView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QAbstractItemView

SETTLED_MS = 150
"""What runs past is not asked for."""

_EVENTS = (QEvent.Type.Resize, QEvent.Type.Show)


class SeenRows(QObject):
    """Watches one view.

    unsettled()             what is on the screen may be something else now
    settled(list[ObjectMeta])   the objects on the screen, a moment after that has changed; none of
                            them as soon as the view is hidden
    """

    unsettled = Signal()
    settled = Signal(object)

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._soon = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._soon.timeout.connect(self._look)
        view.viewport().installEventFilter(self)
        bar, model = view.verticalScrollBar(), view.model()
        for changed in (
            bar.valueChanged,
            model.modelReset,
            model.layoutChanged,
            model.rowsRemoved,
            model.dataChanged,
        ):
            changed.connect(self.look_again)
        model.rowsInserted.connect(self._rows_came)
        if isinstance(view, QTreeView):
            view.expanded.connect(self.look_again)
            view.collapsed.connect(self.look_again)

    def look_again(self, *_: object) -> None:
        """Tell soon what is on the screen."""
        if self._view.isVisible():
            self.unsettled.emit()
            self._soon.start()

    def _rows_came(self, _parent: QModelIndex, first: int) -> None:
        """While pages pour in below, what is on the screen stays what it is."""
        view = self._view
        if (
            isinstance(view, QTreeView)
            or view.visualRect(view.model().index(first, 0)).top() <= view.viewport().height()
        ):
            self.look_again()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _EVENTS:
            self._soon.start()
        elif event.type() is QEvent.Type.Hide:
            self._soon.stop()
            self.settled.emit([])
        return False

    def _look(self) -> None:
        if self._view.isVisible():
            metas = (index.data(META_ROLE) for index in seen_indexes(self._view))
            self.settled.emit([meta for meta in metas if meta is not None])


def seen_indexes(view: QAbstractItemView) -> Iterator[QModelIndex]:
    """The first cell of each row of which a part is on the screen."""
    model, height = view.model(), view.viewport().height()
    if isinstance(view, CellListView):
        for first, last in view.shown_runs():
            yield from (model.index(row, 0) for row in range(first, last + 1))
    elif isinstance(view, QTreeView):
        index = view.indexAt(QPoint(1, 0)).siblingAtColumn(0)
        while index.isValid() and view.visualRect(index).top() < height:
            yield index
            index = view.indexBelow(index)
    elif isinstance(view, QTableView) and (first := view.rowAt(0)) >= 0:
        last = view.rowAt(height - 1)
        end = last + 1 if last >= 0 else model.rowCount()
        yield from (model.index(row, 0) for row in range(first, end))
