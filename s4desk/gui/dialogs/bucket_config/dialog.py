"""The configuration of a bucket: its pages on the left, the chosen one on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QBrush, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.bucket_config.page import ConfigPage
from s4desk.gui.dialogs.frame import MARGIN, SPACING, button_box, settle
from s4desk.gui.dialogs.question import ask_to_discard
from s4desk.gui.room import claim, roomy_icon
from s4desk.viewmodels.config_pages import PageState, state_text, words_of
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.gui.models.cells import Icons

SIZE = (980, 640)
LEAST = (560, 360)
MARK = 14
AROUND_TITLE = 64
"""Pixels for the mark of a page, the scroll bar and the air around them."""
_MARKS = {
    PageState.SET: "check",
    PageState.NOT_SET: "minus",
    PageState.EDITED: "edit",
    PageState.FAILED: "warning",
    PageState.CANNOT: "cancel",
    PageState.READING: "refresh",
}


class BucketConfigDialog(QDialog):
    """It stays open. Pages are made, and their configurations asked for, when they are looked at.

    page_opened(object)  a ConfigPage is looked at for the first time
    """

    page_opened = Signal(object)

    def __init__(
        self,
        bucket: str,
        icons: Icons,
        lacks: Mapping[ConfigKind, str],
        parent: QWidget | None = None,
    ) -> None:
        """`lacks` says of kinds why the store has none."""
        super().__init__(parent)
        self.setWindowTitle(tr("Configuration of “{bucket}”").format(bucket=display_name(bucket)))
        self.bucket = bucket
        self._icons = icons
        self._lacks = lacks
        self._pages: dict[ConfigKind, ConfigPage] = {}
        self._items: dict[ConfigKind, QListWidgetItem] = {}
        self._is_sure = False
        self._no_mark = _blank(roomy_icon(self, MARK))
        self._list = QListWidget(self)
        self._stack = QStackedWidget(self)
        self._fill()
        self._lay_out()
        self._list.currentRowChanged.connect(self._turn_to)

    @property
    def pages(self) -> list[ConfigPage]:
        """Those that were looked at."""
        return list(self._pages.values())

    def show_page(self, kind: ConfigKind) -> None:
        self._list.setCurrentRow(list(ConfigKind).index(kind))

    def page(self, kind: ConfigKind) -> ConfigPage:
        """Makes it, and tells so, if nobody has looked at it yet."""
        if kind not in self._pages:
            page = ConfigPage(kind, self.bucket)
            self._pages[kind] = page
            self._stack.addWidget(page)
            page.come_after(self._list)
            page.changed.connect(lambda: self._mark(kind, page.state))
            if reason := self._lacks.get(kind, ""):
                page.show_lack(reason)
            self.page_opened.emit(page)
        return self._pages[kind]

    def look_at_all(self) -> None:
        """Make every page."""
        for kind in ConfigKind:
            self.page(kind)

    def reject(self) -> None:
        edited = [words_of(page.kind).title for page in self.pages if page.draft.is_edited]
        if not edited or self._is_sure:
            super().reject()
            return
        ask_to_discard(", ".join(edited), self._discard, self)

    def _discard(self) -> None:
        self._is_sure = True
        self.reject()

    def _turn_to(self, row: int) -> None:
        kind = list(ConfigKind)[row]
        self._stack.setCurrentWidget(self.page(kind))

    def _mark(self, kind: ConfigKind, state: PageState) -> None:
        item, title, said = self._items[kind], words_of(kind).title, state_text(state)
        name = _MARKS.get(state)
        item.setIcon(self._icons(name) if name else self._no_mark)
        item.setToolTip(self._lacks.get(kind) or said)
        text = tr("{page}: {state}").format(page=title, state=said) if said else title
        item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
        is_quiet = state in (PageState.CANNOT, PageState.NOT_SET)
        role = QPalette.ColorRole.PlaceholderText if is_quiet else QPalette.ColorRole.Text
        item.setForeground(QBrush(self.palette().color(role)))
        font = item.font()
        font.setBold(state is PageState.EDITED)
        item.setFont(font)

    def _fill(self) -> None:
        for kind in ConfigKind:
            item = QListWidgetItem(words_of(kind).title, self._list)
            item.setSizeHint(QSize(0, self.fontMetrics().height() + SPACING))
            self._items[kind] = item
            self._mark(kind, PageState.CANNOT if kind in self._lacks else PageState.UNREAD)

    def _lay_out(self) -> None:
        self._list.setObjectName("pages")
        self._list.setAccessibleName(tr("Pages"))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setIconSize(roomy_icon(self, MARK))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        widest = max(
            self.fontMetrics().horizontalAdvance(words_of(kind).title) for kind in ConfigKind
        )
        self._list.setMinimumWidth(widest + AROUND_TITLE + roomy_icon(self, MARK).width())
        halves = QSplitter(self)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self._list)
        halves.addWidget(self._stack)
        halves.setStretchFactor(1, 1)
        every = QPushButton(tr("Look at A&ll"), self)
        every.setObjectName("all")
        every.setAutoDefault(False)
        every.setToolTip(tr("Ask the store for every page, to see which are set"))
        every.clicked.connect(self.look_at_all)
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        below = QHBoxLayout()
        below.setContentsMargins(MARGIN, SPACING // 2, MARGIN, SPACING)
        below.addWidget(every)
        below.addWidget(buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(halves, 1)
        whole.addLayout(below)
        claim(self, SIZE, LEAST)
        settle(self)


def _blank(size: QSize) -> QIcon:
    """Takes the room of a mark, so that all names begin at the same place."""
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)
