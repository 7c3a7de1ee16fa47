"""Connections that could be imported, as a table to tick."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt, Signal

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import LEFT, plain_tip
from s4desk.gui.models.indexes import NO_PARENT, Index
from s4desk.viewmodels.offer_text import address_text, keys_text, remark_text, wanted
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.persist.offers import Offer
    from s4desk.core.persist.secrets import KeyringState

_Role = Qt.ItemDataRole


class OfferColumn(IntEnum):
    NAME = 0
    ADDRESS = 1
    KEYS = 2
    REMARK = 3


COLUMNS = tuple(OfferColumn)


class OfferTableModel(QAbstractTableModel):
    """One row per offer; those that can be taken over have a tick."""

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._offers: list[Offer] = []
        self._ticked: list[bool] = []
        self._keyring: KeyringState | None = None

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Show these, with a tick at those that are not here yet."""
        self.beginResetModel()
        self._offers = list(offers)
        self._ticked = wanted(offers)
        self.endResetModel()
        self.ticked.emit()

    def show_keyring(self, state: KeyringState) -> None:
        """Say of keys that come along where they go."""
        self._keyring = state
        if self._offers:
            last = self.index(len(self._offers) - 1, OfferColumn.KEYS)
            self.dataChanged.emit(self.index(0, OfferColumn.KEYS), last)

    @property
    def offers(self) -> Sequence[Offer]:
        return self._offers

    @property
    def chosen(self) -> list[Offer]:
        return [each for each, is_on in zip(self._offers, self._ticked, strict=True) if is_on]

    def tick_all(self, *, is_on: bool) -> None:
        """Tick all that can be taken over, or none."""
        self._ticked = [is_on and offer.connection is not None for offer in self._offers]
        if self._offers:
            last = self.index(len(self._offers) - 1, OfferColumn.NAME)
            self.dataChanged.emit(self.index(0, 0), last, [_Role.CheckStateRole])
        self.ticked.emit()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._offers)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self._offers[index.row()].connection is None:
            return flags
        flags |= Qt.ItemFlag.ItemIsEnabled
        if index.column() == OfferColumn.NAME:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        offer, column = self._offers[index.row()], COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return self._text(offer, column)
        if role == _Role.ToolTipRole:
            return plain_tip(self._text(offer, column))
        if role == _Role.TextAlignmentRole:
            return LEFT
        if role == _Role.CheckStateRole and self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            is_on = self._ticked[index.row()]
            return Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        can = bool(self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable)
        if role != _Role.CheckStateRole or not can:
            return False
        self._ticked[index.row()] = Qt.CheckState(value) is Qt.CheckState.Checked
        self.dataChanged.emit(index, index, [role])
        self.ticked.emit()
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole:
            return LEFT
        return _title(COLUMNS[section]) if role == _Role.DisplayRole else None

    def _text(self, offer: Offer, column: OfferColumn) -> str:
        match column:
            case OfferColumn.NAME:
                return display_name(offer.source)
            case OfferColumn.ADDRESS:
                return display_name(address_text(offer))
            case OfferColumn.KEYS:
                return display_name(keys_text(offer, self._keyring))
            case OfferColumn.REMARK:
                return display_name(remark_text(offer))


def _title(column: OfferColumn) -> str:
    return {
        OfferColumn.NAME: tr("Connection"),
        OfferColumn.ADDRESS: tr("Store"),
        OfferColumn.KEYS: tr("Credentials"),
        OfferColumn.REMARK: tr("Remark"),
    }[column]
