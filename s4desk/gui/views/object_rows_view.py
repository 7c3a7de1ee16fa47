"""What the table and the grid have in common: rows of one model, selected in runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex
from PySide6.QtWidgets import QApplication

from s4desk.gui.views.browse_view import BrowseView
from s4desk.viewmodels.columns import row_runs
from s4desk.viewmodels.ordering import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Location, Prefix
    from s4desk.gui.models.object_table import ObjectTableModel
    from s4desk.viewmodels.selection import Selection, Summary


_Flag = QItemSelectionModel.SelectionFlag


class ObjectRowsView(BrowseView):
    """Shows an ObjectTableModel; mixed in before the Qt class.

    The selection is read in runs of rows: no call here costs more than what is on the screen,
    however many rows are selected, except `selection`.
    """

    _model: ObjectTableModel
    _typed = ""
    _typed_at = 0.0

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

    def select_rows(self, rows: Sequence[int]) -> None:
        """Select these rows and no others."""
        selection = QItemSelection()
        last_column = len(Column) - 1
        for first, last in row_runs(rows):
            selection.select(self._model.index(first, 0), self._model.index(last, last_column))
        self.selectionModel().select(selection, _Flag.ClearAndSelect)

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

    @property
    def here(self) -> Prefix | None:
        return self._model.prefix if self._model.prefix.bucket else None

    def row_named(self, name: str) -> QModelIndex:
        rows = self._model.rows_of([name])
        return self._model.index(rows[0], 0) if rows else QModelIndex()

    def entry_at(self, index: QModelIndex) -> Prefix | Location | None:
        return self._model.entry(index.row()) if index.isValid() else None
