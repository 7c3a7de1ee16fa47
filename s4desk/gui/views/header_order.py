"""The order that clicks on a header ask for, and the arrow that shows which one there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt

from s4desk.viewmodels.ordering import NATURAL, Column, SortOrder

if TYPE_CHECKING:
    from collections.abc import Collection

    from PySide6.QtCore import SignalInstance
    from PySide6.QtWidgets import QHeaderView

    from s4desk.viewmodels.listing import ListingStatus

_ASCENDING = Qt.SortOrder.AscendingOrder


class Sortable(Protocol):
    """A model that can be sorted as soon as it `is_complete`."""

    status_changed: SignalInstance
    sort_refused: SignalInstance

    @property
    def status(self) -> ListingStatus: ...
    @property
    def is_complete(self) -> bool: ...
    @property
    def order(self) -> SortOrder: ...
    def sort(self, column: int, order: Qt.SortOrder) -> None: ...


class HeaderOrder(QObject):
    """Sorts as the person wants it, at once or when everything is here.

    To be made before the view is told to sort: Qt's own slot must come after ours.
    """

    def __init__(
        self, header: QHeaderView, model: Sortable, unsortable: Collection[int] = ()
    ) -> None:
        """By the columns `unsortable` nothing can be sorted."""
        super().__init__(header)
        self._unsortable = unsortable
        self._header = header
        self._model = model
        self._wanted = NATURAL
        header.setSortIndicator(Column.NAME, _ASCENDING)
        header.sortIndicatorChanged.connect(self._want)
        model.sort_refused.connect(self.show)
        model.status_changed.connect(self._follow)

    def save(self) -> bytes:
        """The wanted order; opaque."""
        return f"{self._wanted.column:d},{self._wanted.is_descending:d}".encode()

    def restore(self, state: bytes) -> bool:
        """Want what was wanted then; False when `state` is none."""
        column, comma, is_descending = state.partition(b",")
        if not (comma and column.isdigit() and int(column) < self._header.count()):
            return False
        self._wanted = SortOrder(Column(int(column)), is_descending == b"1")
        return True

    def choose(self, wanted: SortOrder) -> None:
        """As if the person had clicked on the header."""
        self._header.setSortIndicator(wanted.column, _direction(wanted))

    @property
    def shown(self) -> SortOrder:
        """How the rows are sorted now."""
        return self._model.order

    def show(self) -> None:
        """Let the arrow say how the rows are sorted, not how they were to be."""
        shown = self._model.order
        self._header.blockSignals(True)
        self._header.setSortIndicator(shown.column, _direction(shown))
        self._header.blockSignals(False)
        self._header.viewport().update()

    def _want(self, column: int, order: Qt.SortOrder) -> None:
        if column in self._unsortable:
            self.show()
            return
        self._wanted = SortOrder(Column(column), order is not _ASCENDING)

    def _follow(self) -> None:
        if self._model.status.is_busy:
            return
        if self._model.is_complete and self._model.order != self._wanted:
            self._model.sort(self._wanted.column, _direction(self._wanted))
        self.show()


def _direction(order: SortOrder) -> Qt.SortOrder:
    return Qt.SortOrder.DescendingOrder if order.is_descending else _ASCENDING
