"""The grid of objects: the same rows as in the table, as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, QTimer, Signal
from PySide6.QtWidgets import QFrame

from s4desk.gui.models.cells import META_ROLE
from s4desk.gui.views.cell_list_view import CellListView
from s4desk.gui.views.object_rows_view import ObjectRowsView
from s4desk.gui.views.picture_delegate import SIDE, PictureDelegate, picture_cell_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.core.domain.identity import Location
    from s4desk.gui.views.object_table_view import ObjectTableView
    from s4desk.gui.views.picture_delegate import Pictures

SETTLED_MS = 120
"""What runs past is not asked for."""


class ObjectGridView(ObjectRowsView, CellListView):
    """Shows the model of a table, with the selection of that table, which tells of it.

    looked_at(list[ObjectMeta], int)    the objects on the screen, a moment after that has changed,
                                        and how many pixels a picture has on a side; none of them
                                        as soon as the grid is hidden
    """

    looked_at = Signal(object, int)

    _by_step = (CellListView.CursorAction.MovePrevious, CellListView.CursorAction.MoveNext)

    def __init__(self, table: ObjectTableView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = table.objects
        self._look_soon = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._look_soon.timeout.connect(self._look)
        self.setModel(self._model)
        own = self.selectionModel()
        self.setSelectionModel(table.selectionModel())
        own.deleteLater()
        self.set_browse_looks()
        self._pictures = PictureDelegate(self)
        self.use_delegate(self._pictures)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.activated.connect(self.open_index)
        for changed in (self._model.modelReset, self._model.layoutChanged, self._model.dataChanged):
            changed.connect(self.look_again)
        self._model.status_changed.connect(self._show_awaited)

    def cell_size(self) -> QSize:
        return picture_cell_size(self.fontMetrics())

    # Pictures

    def let_picture(self, pictures: Pictures) -> None:
        """Who knows the picture of an object, if there is one by now."""
        self._pictures.pictures = pictures

    def show_picture(self, location: Location) -> None:
        """There is a picture of this object now."""
        for row in self._shown_rows():
            if self._model.entry(row) == location:
                self.update(self._model.index(row, 0))

    def look_again(self, *_: object) -> None:
        """Tell soon what is on the screen."""
        if self.isVisible():
            self._look_soon.start()

    def _look(self) -> None:
        metas = [self._model.index(row, 0).data(META_ROLE) for row in self._shown_rows()]
        side = round(SIDE * self.devicePixelRatioF())
        self.looked_at.emit([meta for meta in metas if meta is not None], side)

    def _shown_rows(self) -> Iterator[int]:
        return (row for first, last in self.shown_runs() for row in range(first, last + 1))

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self.look_again()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.look_again()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_again()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look_soon.stop()
        self.looked_at.emit([], 0)

    # Keeping the place

    def top_row(self) -> tuple[int, int]:
        cells, offset = self.cells(), self.verticalOffset()
        row = cells.first_below(offset)
        return row, cells.rect(row).top() - offset if row >= 0 else 0

    def look_at(self, row: int, offset: int) -> None:
        self.updateGeometries()
        self.verticalScrollBar().setValue(self.cells().rect(row).top() - offset)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The first line stays where it is, though there are more or fewer cells in each."""
        row, offset = self._top_before(event.oldSize())
        super().resizeEvent(event)
        if row > 0:
            self.look_at(row, offset)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.scheduleDelayedItemsLayout()

    def _top_before(self, size: QSize) -> tuple[int, int]:
        cells = self.cells().resized(size.width())
        row = cells.first_below(self.verticalOffset())
        return row, cells.rect(row).top() - self.verticalOffset() if row >= 0 else 0

    # Drops

    def _target_rect(self) -> QRect:
        """The cell itself, not the whole line."""
        area = self.visualRect(self._target)
        return area if area.isValid() else self.viewport().rect()
