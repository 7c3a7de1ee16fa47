"""How rows are drawn: as the platform does it, with air between columns and no frame in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from s4desk.gui.bidi import in_its_order
from s4desk.gui.focus_marks import follow_current_row, mark_current

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
    from PySide6.QtGui import QPainter

ROW_HEIGHT = 24
PADDING = 5
_BACKGROUND = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver


class RowDelegate(QStyledItemDelegate):
    """Rows are chosen as a whole: the focus frame around one cell of them would say otherwise.

    Its view has its model already.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        follow_current_row(parent)

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        option.text = in_its_order(option.text, option.direction)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The background over the whole cell, the content a little inside of it."""
        cell = QStyleOptionViewItem(option)
        self.initStyleOption(cell, index)
        style = cell.widget.style() if cell.widget else QApplication.style()
        if cell.state & _BACKGROUND:
            panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
            style.drawPrimitive(panel, cell, painter, cell.widget)
        cell.rect = option.rect.adjusted(PADDING + self.indent(index), 0, -PADDING, 0)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, cell, painter, cell.widget)
        mark_current(painter, option, index)

    def indent(self, _index: QModelIndex | QPersistentModelIndex) -> int:
        """How many pixels further in than others a cell begins."""
        return 0

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 2 * PADDING, max(hint.height(), ROW_HEIGHT))
