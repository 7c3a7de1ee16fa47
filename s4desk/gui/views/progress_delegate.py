"""How far a transfer is, drawn as a thin bar with the number beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from s4desk.core.domain.transfer import TransferState
from s4desk.gui.focus_marks import mark_current
from s4desk.gui.models.transfer_cells import PROGRESS_ROLE
from s4desk.gui.views.row_delegate import RowDelegate
from s4desk.viewmodels.transfer_text import done_percent

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

    from s4desk.core.domain.transfer import Progress

BAR_HEIGHT = 4.0
MARGIN = 8
GAP = 8
TRACK_ALPHA = 0.14
REST_ALPHA = 0.38
_WIDEST = "100 %"


class ProgressDelegate(RowDelegate):
    """A bar in the accent colour while bytes move, grey when they rest; none for what was
    skipped."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        text, whole.text = whole.text, ""
        style = whole.widget.style() if whole.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, whole, painter, whole.widget)
        mark_current(painter, whole, index)
        progress: Progress | None = index.data(PROGRESS_ROLE)
        if progress is not None and not progress.transfer.skipped:
            painter.save()
            self._draw(painter, whole, progress, text)
            painter.restore()

    def sizeHint(
        self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        height = option.fontMetrics.height()
        return QSize(8 * height + option.fontMetrics.horizontalAdvance(_WIDEST), height + 4)

    @staticmethod
    def _draw(
        painter: QPainter, option: QStyleOptionViewItem, progress: Progress, text: str
    ) -> None:
        ink = _ink(option)
        inner = option.rect.adjusted(MARGIN, 0, -MARGIN, 0)
        reserved = option.fontMetrics.horizontalAdvance(_WIDEST)
        number = inner.adjusted(inner.width() - reserved, 0, 0, 0)
        painter.setPen(ink)
        painter.drawText(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        width = inner.width() - reserved - GAP
        if width < BAR_HEIGHT:
            return
        top = inner.center().y() - BAR_HEIGHT / 2 + 0.5
        track = QRectF(inner.x(), top, width, BAR_HEIGHT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_faded(ink, TRACK_ALPHA))
        painter.drawRoundedRect(track, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        percent = done_percent(progress)
        if percent:
            painter.setBrush(_bar_colour(option, progress.transfer.state))
            track.setWidth(max(BAR_HEIGHT, width * percent / 100))
            painter.drawRoundedRect(track, BAR_HEIGHT / 2, BAR_HEIGHT / 2)


def _is_selected(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & QStyle.StateFlag.State_Selected)


def _group(option: QStyleOptionViewItem) -> QPalette.ColorGroup:
    is_active = bool(option.state & QStyle.StateFlag.State_Active)
    return QPalette.ColorGroup.Active if is_active else QPalette.ColorGroup.Inactive


def _ink(option: QStyleOptionViewItem) -> QColor:
    selected, resting = QPalette.ColorRole.HighlightedText, QPalette.ColorRole.Text
    return option.palette.color(_group(option), selected if _is_selected(option) else resting)


def _bar_colour(option: QStyleOptionViewItem, state: TransferState) -> QColor:
    if state is not TransferState.RUNNING:
        return _faded(_ink(option), REST_ALPHA)
    if _is_selected(option):
        return _ink(option)
    return option.palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Accent)


def _faded(colour: QColor, alpha: float) -> QColor:
    faded = QColor(colour)
    faded.setAlphaF(alpha)
    return faded
