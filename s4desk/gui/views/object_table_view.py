"""The table of objects: a million rows, the keyboard, and files that fall into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import column_title
from s4desk.gui.views.header_order import HeaderOrder
from s4desk.gui.views.object_rows_view import ObjectRowsView
from s4desk.gui.views.place_keeper import PlaceKeeper
from s4desk.gui.views.table_looks import WIDEST, fit_columns, fit_name, set_table_looks
from s4desk.viewmodels.ordering import BADGED, OF_VERSIONS, Column

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.gui.models.object_table import ObjectTableModel

OPTIONAL = (Column.TYPE, Column.ETAG, Column.OWNER)


class ObjectTableView(ObjectRowsView, QTableView):
    """Shows an ObjectTableModel in columns. Another view may take its turn: see `keeper`."""

    owner_toggled = Signal(bool)

    def __init__(self, model: ObjectTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._grows_unseen = False
        self._unwanted: set[Column] = set()
        self._badged: set[Column] = set()
        self._has_versions = False
        self._hides_class = False
        self.setModel(model)
        self.set_browse_looks()
        set_table_looks(self)
        self._set_header()
        self.keeper = PlaceKeeper(model, self, self)
        self._listen()

    @property
    def order(self) -> HeaderOrder:
        return self._order

    @property
    def objects(self) -> ObjectTableModel:
        """The model."""
        return self._model

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

    # How it is shown, kept

    def save_state(self) -> bytes:
        """Widths, order and sorting of the columns; opaque."""
        hides_class = self._hides_class
        if hides_class:
            # Only versions take its room.
            self.setColumnHidden(Column.CLASS, False)
        state = self._order.save() + b";" + self.horizontalHeader().saveState().data()
        self.setColumnHidden(Column.CLASS, self.isColumnHidden(Column.CLASS) or hides_class)
        return state

    def restore_state(self, state: bytes) -> None:
        sort, mark, header = state.partition(b";")
        if mark and self._order.restore(sort) and self.horizontalHeader().restoreState(header):
            self.setColumnHidden(Column.NAME, False)
            for column in BADGED:
                self.setColumnHidden(column, column not in self._badged - self._unwanted)
            self.show_versions(self._has_versions)
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
        for column in (*BADGED, *OF_VERSIONS):
            self.setColumnHidden(column, True)
        for place, column in enumerate(BADGED, 1):
            # They are seen beside the name, or not at all.
            header.moveSection(header.visualIndex(column), place)
        self._order = HeaderOrder(header, self._model, BADGED)
        self.setSortingEnabled(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def _listen(self) -> None:
        header = self.horizontalHeader()
        header.sectionResized.connect(self._section_resized)
        header.customContextMenuRequested.connect(self._open_column_menu)
        self.activated.connect(self.open_index)
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        self._model.rowsInserted.connect(self._rows_came)
        self._model.modelReset.connect(self.selection_changed)
        self._model.status_changed.connect(self._show_awaited)

    # Columns and order

    def column_menu(self) -> QMenu:
        """The choice of columns, ready to be shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in list(Column)[1:]:
            if column in OF_VERSIONS and not self._has_versions:
                continue
            action = menu.addAction(column_title(column))
            action.setCheckable(True)
            if column in BADGED:
                action.setEnabled(column in self._badged)
                action.setToolTip("" if column in self._badged else _missing_text(column))
            action.setChecked(not self.isColumnHidden(column))
            action.toggled.connect(lambda is_on, column=column: self.show_column(column, is_on))
        return menu

    def show_column(self, column: Column, is_shown: bool) -> None:
        if column in BADGED:
            (self._unwanted.discard if is_shown else self._unwanted.add)(column)
        elif column is Column.CLASS:
            self._hides_class = False
        self.setColumnHidden(column, not is_shown)
        self._fit_name()
        if column is Column.OWNER:
            self.owner_toggled.emit(is_shown)

    def show_versions(self, is_shown: bool) -> None:
        """Whether rows are versions: what tells them apart comes and goes with them, and has the
        room of the storage class meanwhile."""
        if is_shown and not self._has_versions:
            self._hides_class = not self.isColumnHidden(Column.CLASS)
            self.setColumnHidden(Column.CLASS, True)
        elif not is_shown and self._hides_class:
            self._hides_class = False
            self.setColumnHidden(Column.CLASS, False)
        self._has_versions = is_shown
        for column in OF_VERSIONS:
            self.setColumnHidden(column, not is_shown)
        self._fit_name()

    def show_badged(self, column: Column, is_shown: bool) -> None:
        """Whether there may be badges here: their column comes and goes by itself, unless somebody
        has hidden it."""
        (self._badged.add if is_shown else self._badged.discard)(column)
        is_shown = is_shown and column not in self._unwanted
        if self.isColumnHidden(column) is is_shown:
            self.setColumnHidden(column, not is_shown)
            self._fit_name()

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

    def top_row(self) -> tuple[int, int]:
        top = self.rowAt(0)
        return top, self.rowViewportPosition(top) if top >= 0 else 0

    def look_at(self, row: int, offset: int) -> None:
        self.scrollTo(self._model.index(row, 0), QTableView.ScrollHint.PositionAtTop)
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() - offset)

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


def _missing_text(column: Column) -> str:
    """Why a column of badges is not offered."""
    if column is Column.LOCK:
        return tr("Nothing here can be locked.")
    return tr("Nothing here is replicated.")
