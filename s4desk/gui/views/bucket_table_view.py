"""The buckets of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QTableView

from s4desk.gui.models.bucket_table import CREATED, NAME, REGION, BucketTableModel
from s4desk.gui.views.browse_view import BrowseView
from s4desk.gui.views.table_looks import fit_columns, set_table_looks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from s4desk.core.domain.identity import Location, Prefix
    from s4desk.viewmodels.selection import Selection, Summary

_Flag = QItemSelectionModel.SelectionFlag
_WIDEST = {CREATED: "0000-00-00 00:00", REGION: "ap-southeast-1 000"}


class BucketTableView(BrowseView, QTableView):
    """Shows a BucketTableModel. Files fall into a bucket, not beside one."""

    def __init__(self, model: BucketTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._kept_names: frozenset[str] = frozenset()
        self._kept_current = ""
        self.setModel(model)
        self.set_browse_looks()
        self.setDragEnabled(False)
        set_table_looks(self)
        self._set_header()
        self.activated.connect(self.open_index)
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        model.modelAboutToBeReset.connect(self._keep_selection)
        model.modelReset.connect(lambda: self.setColumnHidden(REGION, not model.knows_regions))
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

    def row_named(self, name: str) -> QModelIndex:
        return self._model.find(name)

    def _set_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        fit_columns(header, self.fontMetrics(), _WIDEST)
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
