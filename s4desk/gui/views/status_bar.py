"""The last line of the window: what is listed, what is selected, what is moving, what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStatusBar, QStyle, QToolButton

from s4desk.core.runtime.i18n import tr
from s4desk.gui.focus_marks import mark_focus
from s4desk.gui.models.cells import plain_tip
from s4desk.gui.views.buttons import ElidedLabel
from s4desk.viewmodels.transfer_text import brief_totals_text

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from s4desk.core.transfer.progress import Totals
    from s4desk.viewmodels.listing import ListingStatus
    from s4desk.viewmodels.selection import Summary

ICON_SIZE = 16
GAP = 6
ROOM = 6
"""Height of a part beyond that of its text."""
SPACINGS = 64
"""Gaps between the parts, and the grip in the corner."""
FEW_LETTERS = "MMMMMMMMMM…"


class ErrorLine(QAbstractButton):
    """A warning sign and a sentence that gives way when there is no room for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._sentence = ""

    @property
    def is_cut(self) -> bool:
        """Whether there is less room than the sentence takes."""
        return self.width() < self.sizeHint().width()

    def say(self, sentence: str) -> None:
        self._sentence = sentence
        self.setAccessibleName(sentence)
        self.setToolTip(plain_tip(sentence))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self._size_of(self._sentence)

    def minimumSizeHint(self) -> QSize:
        return self._size_of(min(self._sentence, FEW_LETTERS, key=len))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        inner = self.rect().adjusted(GAP, 0, -GAP, 0)
        icon = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        top = inner.center().y() - ICON_SIZE // 2 + 1
        icon.paint(painter, QRect(inner.x(), top, ICON_SIZE, ICON_SIZE))
        words = inner.adjusted(ICON_SIZE + GAP, 0, 0, 0)
        text = self.fontMetrics().elidedText(
            self._sentence, Qt.TextElideMode.ElideRight, words.width()
        )
        self.style().drawItemText(
            painter,
            words,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            self.palette(),
            self.isEnabled(),
            text,
            self.foregroundRole(),
        )
        painter.end()
        mark_focus(self, self)

    def _size_of(self, text: str) -> QSize:
        width = self.fontMetrics().horizontalAdvance(text) + 1
        return QSize(width + ICON_SIZE + 3 * GAP, max(ICON_SIZE, self.fontMetrics().height()) + 4)


class StatusBar(QStatusBar):
    """A sentence about an error stays until it is clicked, the next one comes, or whoever said it
    takes it back."""

    transfers_clicked = Signal()
    error_clicked = Signal()
    group_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listing = ElidedLabel(self)
        self._selection = ElidedLabel(self)
        self._error = ErrorLine(self)
        self._group = QToolButton(self)
        self._group.setObjectName("group")
        self._group.setAutoRaise(True)
        self._group.setToolTip(tr("Show how the members of this group are"))
        self._group.clicked.connect(self.group_clicked)
        self._transfers = QToolButton(self)
        self._transfers.setObjectName("transfers")
        self._transfers.setAutoRaise(True)
        self._transfers.setToolTip(tr("Show or hide the transfers"))
        self._transfers.clicked.connect(self.transfers_clicked)
        self._error.clicked.connect(self._look_at_error)
        self._listing.setContentsMargins(GAP, 0, 0, 0)
        self._selection.setContentsMargins(GAP, 0, 0, 0)
        # All as high as the highest, before they are in it: when the bar has to be of another
        # height, as after a change of the theme, Qt shows the labels again although a message is
        # where they are.
        height = max(ICON_SIZE, self.fontMetrics().height()) + ROOM
        for part in (
            self._listing,
            self._selection,
            self._error,
            self._group,
            self._transfers,
        ):
            part.setFixedHeight(height)
        self.addWidget(self._listing)
        self.addWidget(self._selection)
        self.addPermanentWidget(self._error)
        self.addPermanentWidget(self._group)
        self.addPermanentWidget(self._transfers)
        self._error.hide()
        self._group.hide()
        self._transfers.hide()
        self.messageChanged.connect(self._announce)

    def show_listing(self, status: ListingStatus) -> None:
        self._listing.say(status.text)
        self._share_room()

    def show_selection(self, summary: Summary) -> None:
        self._selection.say(summary.text)
        self._share_room()

    def show_transfers(self, totals: Totals) -> None:
        """What moves, what rests and what failed; nothing when there is nothing of it."""
        text = brief_totals_text(totals)
        if text != self._transfers.text():
            self._transfers.setText(text)
        self._transfers.setVisible(bool(text))
        self._share_room()

    def show_group(self, text: str) -> None:
        """Which member of a group has answered last; nothing where there is no group."""
        self._group.setText(text)
        self._group.setVisible(bool(text))
        self._share_room()

    @property
    def error(self) -> str:
        """The sentence that stands there, empty for none."""
        return self._error.accessibleName()

    @property
    def is_error_cut(self) -> bool:
        """Whether the end of it cannot be read there."""
        return self._error.is_cut

    def show_error(self, sentence: str, *, is_news: bool = True) -> None:
        """An empty sentence takes the last one away; what is no news is not read out."""
        self._error.say(sentence)
        self._error.setVisible(bool(sentence))
        if is_news:
            self._announce(sentence)
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """An error may be long: it gets what the others leave. A message hides some of them for a
        while, and they want their room back."""
        others = (self._listing, self._selection, self._group, self._transfers)
        taken = sum(each.sizeHint().width() for each in others if each.text())
        left = self.width() - taken - SPACINGS
        self._error.setMaximumWidth(max(self._error.minimumSizeHint().width(), left))

    def _announce(self, sentence: str) -> None:
        """Have it read out: nobody goes to the last line to hear what is new."""
        if sentence and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))

    def _look_at_error(self) -> None:
        self.error_clicked.emit()
        self.show_error("")
