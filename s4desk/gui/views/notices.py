"""Sentences in place of rows, or beside them, each with what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from s4desk.gui.views.place_drops import PlaceDrops
from s4desk.viewmodels.listing import Notice

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QPaintEvent, QResizeEvent

    from s4desk.core.domain.identity import Prefix
    from s4desk.gui.models.cells import Icons

BIG_ICON = QSize(48, 48)
SMALL_ICON = QSize(16, 16)
TEXT_WIDTH = 440
GAP = 8
LINE_HEIGHT = 2
SWEEP_MS = 1400
SWEEP_SHARE = 0.25


class NoticePage(PlaceDrops, QWidget):
    """Fills the place of the rows when there are none. It takes all the same what rows take."""

    chosen = Signal(object)
    menu_requested = Signal(object)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._notice = Notice("", "", "")
        self._picture, self._title, self._text = QLabel(), QLabel(), QLabel()
        self._buttons = QHBoxLayout()
        self.setAcceptDrops(True)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._lay_out()

    def show_notice(self, notice: Notice, here: Prefix | None) -> None:
        """Say `notice`. What is dropped here goes to `here`, if that is a place."""
        self.drop_target = here
        if notice == self._notice:
            return
        self._notice = notice
        self._picture.setPixmap(self._icons(notice.icon).pixmap(BIG_ICON))
        self._title.setText(notice.title)
        self._text.setText(notice.text)
        self._text.setVisible(bool(notice.text))
        self.setAccessibleName(notice.title)
        self.setAccessibleDescription(notice.text)
        _set_buttons(self._buttons, notice, self)

    @property
    def notice(self) -> Notice:
        return self._notice

    def redraw_icons(self) -> None:
        """The colours have changed."""
        self._picture.setPixmap(self._icons(self._notice.icon).pixmap(BIG_ICON))

    def _lay_out(self) -> None:
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self._title.setFont(font)
        self._text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(2)
        for label in (self._picture, self._title, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(label is not self._picture)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setMaximumWidth(TEXT_WIDTH)
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(label, 100)
            row.addStretch(1)
            layout.addLayout(row)
        self._buttons.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(4)
        layout.addLayout(self._buttons)
        layout.addStretch(3)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.paint_mark()


class Banner(QFrame):
    """One line below the rows; hidden when there is nothing to say. Where a long text has no room
    beside the buttons they are below it."""

    chosen = Signal(object)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._notice: Notice | None = None
        self._picture, self._text = QLabel(), QLabel()
        self._buttons = QHBoxLayout()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAutoFillBackground(True)
        said = QHBoxLayout()
        said.addWidget(self._picture)
        said.addWidget(self._text, 1)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(8, 3, 6, 3)
        for layout in (said, self._layout):
            layout.setSpacing(GAP)
        self._layout.addLayout(said, 1)
        self._layout.addLayout(self._buttons)
        self._layout.setAlignment(self._buttons, Qt.AlignmentFlag.AlignRight)
        self.hide()

    @property
    def notice(self) -> Notice | None:
        return self._notice

    def redraw_icons(self) -> None:
        """The colours have changed."""
        if self._notice is not None:
            self._picture.setPixmap(self._icons(self._notice.icon).pixmap(SMALL_ICON))

    def show_notice(self, notice: Notice | None) -> None:
        """Say `notice`, or nothing."""
        before, self._notice = self._notice, notice
        self.setVisible(notice is not None)
        if notice is None or notice == before:
            return
        self._text.setText(notice.text)
        if before is None or notice.icon != before.icon:
            self._picture.setPixmap(self._icons(notice.icon).pixmap(SMALL_ICON))
        if before is None or notice.remedies != before.remedies:
            _set_buttons(self._buttons, notice, self)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Put the buttons where all of it is lower."""
        inside = self.contentsRect().marginsRemoved(self._layout.contentsMargins())
        width, buttons = inside.width() - SMALL_ICON.width() - GAP, self._buttons.sizeHint()
        beside = self._text.heightForWidth(max(1, width - buttons.width() - GAP))
        below = self._text.heightForWidth(max(1, width)) + GAP + buttons.height()
        directions = QBoxLayout.Direction
        is_below = self._buttons.count() and below < beside
        self._layout.setDirection(directions.TopToBottom if is_below else directions.LeftToRight)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawLine(self.rect().topLeft(), self.rect().topRight())
        painter.end()


class LoadingLine(QWidget):
    """A thin line that moves while something is loading; it takes its room at all times."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(LINE_HEIGHT)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._sweep = QVariantAnimation(self)
        self._sweep.setStartValue(-SWEEP_SHARE)
        self._sweep.setEndValue(1.0)
        self._sweep.setDuration(SWEEP_MS)
        self._sweep.setLoopCount(-1)
        self._sweep.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._sweep.valueChanged.connect(lambda _: self.update())

    @property
    def is_moving(self) -> bool:
        return self._sweep.state() is QVariantAnimation.State.Running

    def set_moving(self, is_moving: bool) -> None:
        if is_moving and not self.is_moving:
            self._sweep.start()
        elif not is_moving and self.is_moving:
            self._sweep.stop()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.is_moving:
            at = float(self._sweep.currentValue())
            part = QRectF(at * self.width(), 0, SWEEP_SHARE * self.width(), self.height())
            painter = QPainter(self)
            painter.fillRect(part, self.palette().color(QPalette.ColorRole.Highlight))
            painter.end()


def _set_buttons(layout: QHBoxLayout, notice: Notice, owner: NoticePage | Banner) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.setParent(None)
            widget.deleteLater()
    for remedy, label in notice.remedies:
        button = QPushButton(label, owner)
        button.setObjectName(remedy)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False, remedy=remedy: owner.chosen.emit(remedy))
        layout.addWidget(button)
