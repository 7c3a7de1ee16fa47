"""The table of a sync's preview, and the buttons that choose what of it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.sync import Change
from s4desk.gui.dialogs.table import ROW_HEIGHT, WholeRows
from s4desk.gui.models.sync_table import column_title
from s4desk.viewmodels.sync_rows import SyncColumn
from s4desk.viewmodels.sync_text import kind_text

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent

    from s4desk.gui.models.indexes import Index
    from s4desk.gui.models.sync_table import SyncTableModel
    from s4desk.viewmodels.sync_rows import SyncRows

LEAST_NAME = 200
_KINDS = (None, Change.NEW, Change.CHANGED, Change.GONE)
AIR = 24
_WIDTHS = {
    SyncColumn.DEED: "",
    SyncColumn.WHY: "Other size, target newer",
    SyncColumn.SOURCE_SIZE: "000.0 MiB",
    SyncColumn.TARGET_SIZE: "000.0 MiB",
    SyncColumn.SOURCE_TIME: "0000-00-00 00:00",
    SyncColumn.TARGET_TIME: "0000-00-00 00:00",
}
"""The longest text that is usual; the title of the column has room in any case."""


class _Ticks(WholeRows):
    """Draws boxes that can be seen without a tick: they are filled, since Fusion outlines with a
    darker colour than that of the rows."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        light = option.palette.color(QPalette.ColorRole.Light)
        option.palette.setColor(QPalette.ColorRole.Base, light)


class PreviewTable(QTableView):
    """The rows. Space ticks and unticks what is selected; Enter means nothing here."""

    def __init__(self, model: SyncTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.placeholder = ""
        self.setModel(model)
        self.setAccessibleName(tr("What the sync would do"))
        self.setItemDelegate(WholeRows(self))
        self.setItemDelegateForColumn(SyncColumn.NAME, _Ticks(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(max(ROW_HEIGHT, self.fontMetrics().height() + 6))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        # With the table's own selection Qt would ask for the flags of every row, for every column
        # it paints, as soon as all rows are selected.
        header.setSelectionModel(QItemSelectionModel(model, header))
        header.setMinimumSectionSize(60)
        for column, text in _WIDTHS.items():
            texts = (text, column_title(column))
            widest = max(map(self.fontMetrics().horizontalAdvance, texts))
            header.resizeSection(column, widest + AIR)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_rest_to_name()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            ranges = self.selectionModel().selection().toList()
            rows = {row for each in ranges for row in range(each.top(), each.bottom() + 1)}
            self._model.toggle(sorted(rows))
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._model.rowCount() == 0 and self.placeholder:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(
                self.viewport().rect().adjusted(24, 0, -24, 0), flags, self.placeholder
            )

    def _give_rest_to_name(self) -> None:
        header = self.horizontalHeader()
        others = header.length() - header.sectionSize(SyncColumn.NAME)
        left = self.viewport().width() - others
        header.resizeSection(SyncColumn.NAME, max(LEAST_NAME, left))


class KindFilter(QWidget):
    """One button for each kind of difference, and one for all."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._group = QButtonGroup(self)
        for number, kind in enumerate(_KINDS):
            button = QToolButton(self)
            button.setObjectName(f"show-{kind or 'all'}")
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch()
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(lambda number: self.chosen.emit(_KINDS[number]))

    def show_all(self) -> None:
        self._group.button(0).setChecked(True)

    def show_counts(self, rows: SyncRows) -> None:
        for number, kind in enumerate(_KINDS):
            button = self._group.button(number)
            button.setText(kind_text(kind, rows))
            button.setEnabled(kind is None or rows.counts[kind] > 0)
