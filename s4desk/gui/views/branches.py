"""The arrows that open the rows of a tree, in a colour that can be seen on a selected row too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QTreeView

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QPainter

_State = QStyle.StateFlag
_INKS = (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText)


class Branches(QTreeView):
    """A QTreeView; Qt itself draws the arrow in the colour of text, whatever is below it."""

    def drawBranches(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if not self.selectionModel().isSelected(index) or not self.model().hasChildren(index):
            super().drawBranches(painter, rect, index)
            return
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        is_active = option.state & _State.State_Active
        group = QPalette.ColorGroup.Active if is_active else QPalette.ColorGroup.Inactive
        ink = self.palette().color(group, QPalette.ColorRole.HighlightedText)
        palette = option.palette
        for role in _INKS:
            palette.setColor(role, ink)
        option.palette = palette
        width = self.indentation()
        option.rect = QRect(rect.right() + 1 - width, rect.top(), width, rect.height())
        option.state |= _State.State_Children | _State.State_Item
        if self.isExpanded(index):
            option.state |= _State.State_Open
        branch = QStyle.PrimitiveElement.PE_IndicatorBranch
        self.style().drawPrimitive(branch, option, painter, self)
