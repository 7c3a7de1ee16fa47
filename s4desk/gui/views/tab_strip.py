"""The tabs above the rows. Hidden while there is only one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QTabBar, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import plain_tip
from s4desk.gui.room import roomy
from s4desk.gui.views.buttons import IconButton
from s4desk.gui.views.file_drops import paint_target
from s4desk.gui.views.place_drops import PlaceDrops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDragMoveEvent,
        QMouseEvent,
        QPaintEvent,
    )

    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.places import Place

WIDEST = 220
CLOSE_SIZE = QSize(12, 12)
CLOSE_SIDE = QTabBar.ButtonPosition.RightSide
SPRING_MS = 700
"""How long something is held over a tab until it is shown."""


class TabStrip(PlaceDrops, QTabBar):
    """What is dropped on a tab goes to its place; who waits there with it is shown the place.

    picked(int)      a tab is to be shown
    closed(int)      a tab is to be closed
    moved_to(int, int)
    """

    picked = Signal(int)
    closed = Signal(int)
    moved_to = Signal(int, int)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._places: Sequence[Place | None] = ()
        self._over = -1
        self._spring = QTimer(self, singleShot=True, interval=SPRING_MS)
        self._spring.timeout.connect(self._show_held)
        self.setAccessibleName(tr("Tabs"))
        self.setDocumentMode(True)
        self.setDrawBase(True)
        self.setExpanding(False)
        self.setMovable(True)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehaviorOnRemove(QTabBar.SelectionBehavior.SelectRightTab)
        self.setAcceptDrops(True)
        self.currentChanged.connect(self.picked)
        self.tabMoved.connect(lambda was, now: self.moved_to.emit(was, now))
        self.hide()

    def show_tabs(
        self, titles: Sequence[str], tips: Sequence[str], places: Sequence[Place | None], index: int
    ) -> None:
        """Show these; nothing is emitted."""
        self.blockSignals(True)
        while self.count() > len(titles):
            self.removeTab(self.count() - 1)
        while self.count() < len(titles):
            self._add_close_button(self.addTab(""))
        for at, (title, tip) in enumerate(zip(titles, tips, strict=True)):
            self.setTabText(at, title.replace("&", "&&"))
            self.setTabToolTip(at, plain_tip(tip))
        self.setCurrentIndex(index)
        self.blockSignals(False)
        self._places = places
        self.setVisible(len(titles) > 1)

    def _add_close_button(self, index: int) -> None:
        button = IconButton(self._icons, "close", tr("Close the tab"), self)
        button.setIconSize(CLOSE_SIZE)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.closed.emit(self._index_of(button)))
        self.setTabButton(index, CLOSE_SIDE, button)

    def _index_of(self, button: IconButton) -> int:
        return next(at for at in range(self.count()) if self.tabButton(at, CLOSE_SIDE) is button)

    def _show_held(self) -> None:
        if self._over >= 0:
            self.picked.emit(self._over)

    def _hold_over(self, position: QPoint) -> None:
        over = self.tabAt(position)
        if over != self._over:
            self._over = over
            self.update()
            self._spring.stop()
            if over not in (-1, self.currentIndex()):
                self._spring.start()
        place = self._places[over] if 0 <= over < len(self._places) else None
        can_take = place is not None and place.prefix is not None and place.moment is None
        self.drop_target = place if can_take else None

    def _leave(self) -> None:
        self._spring.stop()
        self._over = -1
        self.update()

    # Qt

    def tabSizeHint(self, index: int) -> QSize:
        size = super().tabSizeHint(index)
        size.setWidth(min(size.width(), roomy(self, WIDEST)))
        return size

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton and at >= 0:
            self.closed.emit(at)
        else:
            super().mouseReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._hold_over(event.position().toPoint())
        super().dragEnterEvent(event)
        # Who only waits here is to be shown the place, also where nothing can be dropped.
        event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._hold_over(event.position().toPoint())
        super().dragMoveEvent(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._leave()
        super().dragLeaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.paint_mark()

    def paint_mark(self) -> None:
        if self._is_over and self._over >= 0:
            painter = QPainter(self)
            paint_target(painter, self.palette(), self.tabRect(self._over))
            painter.end()
