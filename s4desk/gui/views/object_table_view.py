"""The table of objects: a million rows, the keyboard, and files that fall into it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QMenu, QTableView

from s4desk.gui.models.cells import column_title
from s4desk.gui.views.browse_view import BrowseView
from s4desk.gui.views.header_order import HeaderOrder
from s4desk.gui.views.table_looks import WIDEST, fit_columns, fit_name, set_table_looks
from s4desk.viewmodels.columns import row_runs
from s4desk.viewmodels.ordering import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.core.domain.identity import Location, Prefix
    from s4desk.gui.models.object_table import ObjectTableModel
    from s4desk.viewmodels.selection import Selection, Summary

OPTIONAL = (Column.TYPE, Column.ETAG, Column.OWNER)
MANY_SELECTED = 200_000
"""Above this the selection is given up, rather than the window, when rows are replaced."""
FEW_SELECTED = 5_000
"""Up to this Qt itself keeps the selection when rows change places."""

_Flag = QItemSelectionModel.SelectionFlag


@dataclass(frozen=True, slots=True)
class _Place:
    """What a person looks at: by name, because row numbers are about to change."""

    selected: frozenset[str]
    current: frozenset[str]
    top: frozenset[str]
    offset: int
    is_current_seen: bool
    pattern: str


class ObjectTableView(BrowseView, QTableView):
    """Shows an ObjectTableModel.

    The selection is read in runs of rows: no call here costs more than what is on the screen,
    however many rows are selected, except `selection`.
    """

    owner_toggled = Signal(bool)

    def __init__(self, model: ObjectTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._kept: _Place | None = None
        self._before_filter: _Place | None = None
        self._pattern = ""
        self._grows_unseen = False
        self._typed, self._typed_at = "", 0.0
        self.setModel(model)
        self.set_browse_looks()
        set_table_looks(self)
        self._set_header()
        self._listen()

    def doItemsLayout(self) -> None:
        """Rows that come below what is on the screen move the scroll bar and paint nothing.

        Qt paints the whole view for each page: seven times the work of taking the page in.
        """
        if self._grows_unseen:
            self._grows_unseen = False
            self.updateGeometries()
        else:
            super().doItemsLayout()

    def _rows_came(self, _parent: QModelIndex, first: int) -> None:
        last_seen = self.rowAt(self.viewport().height() - 1)
        self._grows_unseen = 0 <= last_seen < first

    # The selection

    def runs(self) -> list[tuple[int, int]]:
        """The selected rows, as runs from first to last."""
        found = sorted(
            (each.top(), each.bottom()) for each in self.selectionModel().selection().toList()
        )
        runs: list[tuple[int, int]] = []
        for first, last in found:
            if runs and first <= runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
            else:
                runs.append((first, last))
        return runs

    def selection(self) -> Selection:
        """What is selected, one by one; for when something is done with it."""
        return self._model.selection(self.runs())

    def summary(self) -> Summary:
        return self._model.summary(self.runs())

    # How it is shown, kept

    def save_state(self) -> bytes:
        """Widths, order and sorting of the columns; opaque."""
        return self._order.save() + b";" + self.horizontalHeader().saveState().data()

    def restore_state(self, state: bytes) -> None:
        sort, mark, header = state.partition(b";")
        if mark and self._order.restore(sort) and self.horizontalHeader().restoreState(header):
            self.setColumnHidden(Column.NAME, False)
            self._fit_name()
            self._order.show()
            self.owner_toggled.emit(self.shows_owner)

    @property
    def shows_owner(self) -> bool:
        return not self.isColumnHidden(Column.OWNER)

    def _set_header(self) -> None:
        header = self.horizontalHeader()
        # With the table's own selection Qt would ask for the flags of every row, for every column
        # it paints, as soon as all rows are selected.
        header.setSelectionModel(QItemSelectionModel(self._model, header))
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(48)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        fit_columns(header, self.fontMetrics(), WIDEST)
        for column in OPTIONAL:
            self.setColumnHidden(column, True)
        self._order = HeaderOrder(header, self._model)
        self.setSortingEnabled(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def _listen(self) -> None:
        header = self.horizontalHeader()
        header.sectionResized.connect(self._section_resized)
        header.customContextMenuRequested.connect(self._open_column_menu)
        self.activated.connect(self.open_index)
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        self._model.rowsInserted.connect(self._rows_came)
        self._model.modelReset.connect(self._note_pattern)
        self._model.modelReset.connect(self.selection_changed)
        self._model.replacing.connect(self._keep_place)
        self._model.replaced.connect(self._restore_place)
        self._model.status_changed.connect(self._show_awaited)

    # Columns and order

    def column_menu(self) -> QMenu:
        """The choice of columns, ready to be shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in list(Column)[1:]:
            action = menu.addAction(column_title(column))
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(column))
            action.toggled.connect(lambda is_on, column=column: self.show_column(column, is_on))
        return menu

    def show_column(self, column: Column, is_shown: bool) -> None:
        self.setColumnHidden(column, not is_shown)
        self._fit_name()
        if column is Column.OWNER:
            self.owner_toggled.emit(is_shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_name()

    def _section_resized(self, column: int) -> None:
        if column != Column.NAME:
            self._fit_name()

    def _fit_name(self) -> None:
        fit_name(self.horizontalHeader(), self.viewport().width())

    def _open_column_menu(self, position: QPoint) -> None:
        self.column_menu().popup(self.horizontalHeader().mapToGlobal(position))

    # Keeping the place

    def _keep_place(self, is_order: bool) -> None:
        runs = self.runs()
        count = sum(last + 1 - first for first, last in runs)
        if is_order and count <= FEW_SELECTED:
            self._kept = None
            return
        top = self.rowAt(0)
        self._kept = _Place(
            frozenset(self._model.names(runs) if count <= MANY_SELECTED else ()),
            self._name_at(self.currentIndex().row()),
            frozenset() if is_order else self._name_at(top),
            self.rowViewportPosition(top) if top >= 0 else 0,
            self.is_seen(self.currentIndex()),
            self._pattern,
        )
        if is_order:
            self.clearSelection()

    def _restore_place(self, _is_order: bool) -> None:
        place, self._kept = self._kept, None
        if place is None:
            return
        for row in self._model.rows_of(place.current):
            self.selectionModel().setCurrentIndex(self._model.index(row, 0), _Flag.NoUpdate)
        self._select(self._model.rows_of(place.selected))
        self._scroll_back(self._looked_at(place))
        if place.is_current_seen:
            self.scrollTo(self.currentIndex())

    def _note_pattern(self) -> None:
        self._pattern = self._model.status.pattern

    def _looked_at(self, place: _Place) -> _Place:
        """What was on the screen; when a filter has ended, what was before it began."""
        before = self._before_filter
        if self._pattern and not place.pattern:
            self._before_filter = place
        elif place.pattern and not self._pattern and before is not None:
            return before
        return place

    def _scroll_back(self, place: _Place) -> None:
        for row in self._model.rows_of(place.top):
            self.scrollTo(self._model.index(row, 0), QTableView.ScrollHint.PositionAtTop)
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - place.offset)

    def _select(self, rows: Sequence[int]) -> None:
        selection = QItemSelection()
        last_column = len(Column) - 1
        for first, last in row_runs(rows):
            selection.select(self._model.index(first, 0), self._model.index(last, last_column))
        self.selectionModel().select(selection, _Flag.ClearAndSelect)

    def _name_at(self, row: int) -> frozenset[str]:
        return frozenset(self._model.names([(row, row)]) if row >= 0 else ())

    # Keys

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and End go to the first and last row, not to the first and last cell of a row."""
        if action is QAbstractItemView.CursorAction.MoveHome:
            return self._model.index(0, 0)
        if action is QAbstractItemView.CursorAction.MoveEnd:
            return self._model.index(self._model.rowCount() - 1, 0)
        return super().moveCursor(action, modifiers)

    def keyboardSearch(self, text: str) -> None:
        """Go to the next name that begins with what is being typed."""
        now = time.monotonic()
        is_going_on = now - self._typed_at < QApplication.keyboardInputInterval() / 1000
        self._typed = self._typed + text if is_going_on and self._typed else text
        self._typed_at = now
        here = max(self.currentIndex().row(), 0)
        row = self._model.find_row(self._typed, here if len(self._typed) > 1 else here + 1)
        if row is not None:
            self.setCurrentIndex(self._model.index(row, 0))

    # What rows are

    @property
    def here(self) -> Prefix:
        return self._model.prefix

    def row_named(self, name: str) -> QModelIndex:
        rows = self._model.rows_of([name])
        return self._model.index(rows[0], 0) if rows else QModelIndex()

    def entry_at(self, index: QModelIndex) -> Prefix | Location | None:
        return self._model.entry(index.row()) if index.isValid() else None
