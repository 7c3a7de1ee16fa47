"""The buckets of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTableView

from s4desk.gui.models.bucket_table import CREATED, NAME, REGION, BucketTableModel
from s4desk.gui.views.browse_view import BrowseView
from s4desk.gui.views.row_delegate import ROW_HEIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from s4desk.core.domain.identity import Location, Prefix
    from s4desk.viewmodels.selection import Selection, Summary

_Flag = QItemSelectionModel.SelectionFlag
_WIDEST = {CREATED: "0000-00-00 00:00", REGION: "ap-southeast-1 000"}


class BucketTableView(BrowseView, QTableView):
    """Shows a BucketTableModel. Files fall into a bucket, not beside one."""

    opened = Signal(object)
    went_up = Signal()
    selection_changed = Signal()
    menu_requested = Signal(QPoint)
    files_dropped = Signal(object, object)
    drag_started = Signal()
    delete_requested = Signal()
    rename_requested = Signal()

    def __init__(self, model: BucketTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._awaited = ""
        self._kept_names: frozenset[str] = frozenset()
        self._kept_current = ""
        self.setModel(model)
        self.set_browse_looks()
        self.setDragEnabled(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(
            max(ROW_HEIGHT, self.fontMetrics().height() + 6)
        )
        self._set_header()
        self.activated.connect(self.open_index)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())
        model.modelAboutToBeReset.connect(self._keep_selection)
        model.modelReset.connect(self._restore_selection)
        model.modelReset.connect(self.selection_changed)
        model.status_changed.connect(self._show_awaited)

    @property
    def here(self) -> Prefix | None:
        return None

    def entry_at(self, index: QModelIndex) -> Prefix | Location | None:
        return self._model.entry(index)

    def selection(self) -> Selection:
        return self._model.selection(self._selected_rows())

    def summary(self) -> Summary:
        return self._model.summary(self._selected_rows())

    def await_name(self, name: str) -> None:
        """Make the bucket of this name the current row as soon as it is here."""
        self._awaited = name
        self._show_awaited()

    def _set_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, text in _WIDEST.items():
            header.resizeSection(column, self.fontMetrics().horizontalAdvance(text) + 20)
        header.setSortIndicator(NAME, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def _selected_rows(self) -> Iterator[QModelIndex]:
        for each in self.selectionModel().selection().toList():
            for row in range(each.top(), each.bottom() + 1):
                yield self._model.index(row, 0)

    def _keep_selection(self) -> None:
        self._kept_names = frozenset(bucket.bucket for bucket in self.selection().folders)
        current = self._model.entry(self.currentIndex())
        self._kept_current = current.bucket if current is not None else ""

    def _restore_selection(self) -> None:
        """Select by name again; what is shown no more is forgotten."""
        model = self.selectionModel()
        current = self._model.find(self._kept_current) if self._kept_current else QModelIndex()
        if current.isValid():
            model.setCurrentIndex(current, _Flag.NoUpdate)
            self.scrollTo(current)
        selected = QItemSelection()
        for row in range(self._model.rowCount() if self._kept_names else 0):
            entry = self._model.entry(self._model.index(row, 0))
            if entry is not None and entry.bucket in self._kept_names:
                selected.select(self._model.index(row, NAME), self._model.index(row, REGION))
        model.select(selected, _Flag.ClearAndSelect)

    def _show_awaited(self) -> None:
        index = self._model.find(self._awaited) if self._awaited else QModelIndex()
        if index.isValid():
            self._awaited = ""
            self.setCurrentIndex(index)
