"""How rows are drawn: as the platform does it, without a frame around the current cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """Rows are chosen as a whole: the focus frame around one cell of them would say otherwise."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
        is_resting = not option.state & QStyle.StateFlag.State_Active
        if is_resting and option.state & QStyle.StateFlag.State_Selected:
            option.icon = _resting(option.icon, option)


def _resting(icon: QIcon, option: QStyleOptionViewItem) -> QIcon:
    """Without the focus a selected row is pale: its icon must not have the colour for the dark."""
    if icon.isNull():
        return icon
    ratio = option.widget.devicePixelRatio() if option.widget else 1.0
    pixmap = icon.pixmap(option.decorationSize, ratio, QIcon.Mode.Normal)
    resting = QIcon(pixmap)
    resting.addPixmap(pixmap, QIcon.Mode.Selected)
    return resting
