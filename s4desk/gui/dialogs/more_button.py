"""The button that opens what is seldom needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QStyle,
    QStyleOption,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
)

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

_PADDING = 4


class MoreButton(QToolButton):
    """An arrow and words beside it. Styles that place both by themselves let the arrow lie on
    the words where one reads from right to left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("more")
        self.setText(tr("&More options"))
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setArrowType(Qt.ArrowType.RightArrow)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    @property
    def arrow_place(self) -> QRect:
        side = self.iconSize().width()
        return self._mirrored(QRect(_PADDING, (self.height() - side) // 2, side, side))

    @property
    def text_place(self) -> QRect:
        start = 2 * _PADDING + self.iconSize().width()
        return self._mirrored(QRect(start, 0, self.width() - start, self.height()))

    def _mirrored(self, place: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), place)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        option.features &= ~QStyleOptionToolButton.ToolButtonFeature.Arrow
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        arrow = QStyleOption()
        arrow.initFrom(self)
        side = self.arrow_place.adjusted(3, 3, -3, -3)
        arrow.rect = side
        painter.drawPrimitive(self._arrow, arrow)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawItemText(
            self.text_place,
            QStyle.visualAlignment(self.layoutDirection(), flags) | Qt.TextFlag.TextShowMnemonic,
            self.palette(),
            self.isEnabled(),
            self.text(),
            self.foregroundRole(),
        )

    @property
    def _arrow(self) -> QStyle.PrimitiveElement:
        if self.isChecked():
            return QStyle.PrimitiveElement.PE_IndicatorArrowDown
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            return QStyle.PrimitiveElement.PE_IndicatorArrowLeft
        return QStyle.PrimitiveElement.PE_IndicatorArrowRight
