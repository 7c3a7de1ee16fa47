"""The rules of a bucket as rows: switched by a tick, told in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.table import PADDING, WholeRows
from s4desk.gui.models.indexes import NO_PARENT, Index

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent

_Role = Qt.ItemDataRole
NAME, SUMMARY = 0, 1
NAME_SHARE = 3
"""Names take a third of the width at most."""
LEAST_ROWS = 4
AIR = 8


class Rules(Protocol):
    """What a list of rules tells of each, and that it can be switched."""

    def __len__(self) -> int: ...
    def name(self, at: int) -> str: ...
    def is_on(self, at: int) -> bool: ...
    def summary(self, at: int) -> str: ...
    def switch(self, at: int, *, on: bool) -> None: ...


class RuleModel(QAbstractTableModel):
    """Rules in rows. Whoever changes the list does it by `change`."""

    def __init__(self, rules: Rules, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rules = rules

    def change(self, deed: Callable[[], object]) -> None:
        """Do something to the list, and show it anew."""
        self.beginResetModel()
        deed()
        self.endResetModel()

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.rules)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else 2

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == NAME:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        at, is_name, is_on = index.row(), index.column() == NAME, self.rules.is_on(index.row())
        looks: dict[int, Any] = {}
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            looks[role] = self.rules.name(at) if is_name else self.rules.summary(at)
        elif is_name:
            said = tr("{rule}, on") if is_on else tr("{rule}, off")
            state = Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
            looks[_Role.AccessibleTextRole] = said.format(rule=self.rules.name(at))
            looks[_Role.CheckStateRole] = state
        if not is_on:
            quiet = QApplication.palette().color(QPalette.ColorRole.PlaceholderText)
            looks[_Role.ForegroundRole] = quiet
        return looks.get(role)

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        if role != _Role.CheckStateRole or not index.isValid() or index.column() != NAME:
            return False
        self.rules.switch(index.row(), on=Qt.CheckState(value) is Qt.CheckState.Checked)
        self.dataChanged.emit(self.index(index.row(), NAME), self.index(index.row(), SUMMARY))
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return section + 1 if role == _Role.DisplayRole else None
        if role == _Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        titles = (tr("Rule"), tr("What it does"))
        return titles[section] if role == _Role.DisplayRole else None


class _Rows(WholeRows):
    """Sentences need some air between them, and a tick its box: on dark ground the style's own is
    as dark."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._sizes: dict[tuple[int, int, str, str], QSize] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if index.data(_Role.CheckStateRole) is None:
            return
        # The option as it is painted: what comes here knows nothing of the box.
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        box = QStyle.SubElement.SE_ItemViewItemCheckIndicator
        view = self.parent()
        assert isinstance(view, QWidget)
        painter.save()
        painter.setPen(whole.palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawRect(view.style().subElementRect(box, whole, view).adjusted(0, 0, -1, -1))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        # A thousand rows are measured at each change of the width.
        asked = (index.column(), option.rect.width(), option.font.key(), index.data())
        if asked not in self._sizes:
            self._sizes[asked] = super().sizeHint(option, index) + QSize(0, AIR)
        return self._sizes[asked]


class RuleView(QTableView):
    """Sentences wrap. Space switches a rule, Enter edits it, Delete takes it away.

    deed_asked(str)  edit, remove, switch, up or down, by a key or a double click
    """

    deed_asked = Signal(str)

    def __init__(self, model: RuleModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured = -1
        self.setModel(model)
        self.setObjectName("rules")
        self.setAccessibleName(tr("Rules"))
        self.setItemDelegate(_Rows(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setMinimumHeight(self.fontMetrics().lineSpacing() * (LEAST_ROWS + 2))
        self.doubleClicked.connect(lambda _: self.deed_asked.emit("edit"))
        for changed in (model.modelReset, model.dataChanged):
            changed.connect(self._share)

    @property
    def row(self) -> int:
        """The current one, -1 for none."""
        return self.currentIndex().row()

    def go_to(self, row: int) -> None:
        last = self.model().rowCount() - 1
        index = self.model().index(min(row, last), NAME) if last >= 0 else QModelIndex()
        self.setCurrentIndex(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        deed = self._deed_of(event)
        if deed and self.row >= 0:
            event.accept()
            self.deed_asked.emit(deed)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def updateGeometries(self) -> None:
        """Rows are as high as their words are at this width, not at the one in which they came: the
        header measures them when they change."""
        super().updateGeometries()
        width = self.columnWidth(SUMMARY)
        if width != self._measured:
            self._measured = width
            self.resizeRowsToContents()

    def _share(self) -> None:
        """A name is seen whole as long as it leaves room for the words."""
        title = self.horizontalHeader().sectionSizeHint(NAME)
        rows = range(self.model().rowCount())
        names = [str(self.model().index(row, NAME).data()) for row in rows]
        widest = self.fontMetrics().horizontalAdvance(max(names, key=len, default=""))
        tick = self.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth)
        wanted = max(widest + tick + PADDING, title)
        room = self.viewport().width() // NAME_SHARE
        self.horizontalHeader().resizeSection(NAME, max(title, min(wanted, room)))

    @staticmethod
    def _deed_of(event: QKeyEvent) -> str:
        key, is_alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if is_alt:
            return {Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down"}.get(Qt.Key(key), "")
        plain = {
            Qt.Key.Key_Space: "switch",
            Qt.Key.Key_Return: "edit",
            Qt.Key.Key_Enter: "edit",
            Qt.Key.Key_Delete: "remove",
        }
        return plain.get(Qt.Key(key), "")
