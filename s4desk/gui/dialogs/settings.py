"""The settings: pages on the left, the fields of one on the right, obeyed as they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.fields import FormRows
from s4desk.gui.dialogs.frame import MARGIN, SPACING, button_box, settle
from s4desk.gui.room import claim, roomy, roomy_icon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QIcon, QResizeEvent

    from s4desk.viewmodels.settings_form import SettingsPage

SIZE = (680, 460)
LEAST = (480, 320)
PAGES_WIDTH = 168
BESIDE_TITLE = 48
"""Pixels for the icon of a page, and the air around it."""
FIELDS_WIDTH = 460
TITLE_GROWTH = 1.25
PAUSE_MS = 400
"""How long nothing is typed before it is obeyed."""


class SettingsDialog(QDialog):
    """Tells in `changed` what was chosen, by the names of settings, once it can be used."""

    changed = Signal(object)

    def __init__(
        self,
        pages: Sequence[SettingsPage],
        icons: Callable[[str], QIcon],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pages = pages
        self._edited: list[tuple[SettingsPage, str]] = []
        self._list = QListWidget(self)
        self._stack = QStackedWidget(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self.setWindowTitle(tr("Settings"))
        self._fill(icons)
        self._lay_out()
        self._list.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._list.setCurrentRow(0)

    def show_page(self, row: int) -> None:
        self._list.setCurrentRow(row)

    def done(self, result: int) -> None:
        self._tell()
        super().done(result)

    def _fill(self, icons: Callable[[str], QIcon]) -> None:
        for page in self._pages:
            item = QListWidgetItem(icons(page.icon), page.title, self._list)
            item.setSizeHint(QSize(0, self.fontMetrics().height() + SPACING + SPACING // 2))
            self._stack.addWidget(self._shown(page))

    def _shown(self, page: SettingsPage) -> QWidget:
        title = QLabel(page.title)
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * TITLE_GROWTH)
        font.setBold(True)
        title.setFont(font)
        rows = FormRows(page)
        rows.edited.connect(lambda name: self._edit(page, rows, name))
        shown = _Page([title, rows])
        shown.setAccessibleName(page.title)
        return shown

    def _lay_out(self) -> None:
        self._list.setObjectName("pages")
        self._list.setAccessibleName(tr("Pages"))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setIconSize(roomy_icon(self, 18))
        self._list.setFixedWidth(max(PAGES_WIDTH, self._longest_title + BESIDE_TITLE))
        aside = QWidget(self)
        aside.setAutoFillBackground(True)
        aside.setBackgroundRole(QPalette.ColorRole.Base)
        around = QVBoxLayout(aside)
        around.setContentsMargins(SPACING // 2, SPACING // 2, SPACING // 2, SPACING // 2)
        around.addWidget(self._list)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(aside)
        beside.addWidget(_line(width=1))
        beside.addWidget(self._stack, 1)
        buttons = button_box(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        # Return ends a field here, and not the dialog.
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        below = QHBoxLayout()
        below.setContentsMargins(MARGIN, SPACING, MARGIN, SPACING)
        below.addWidget(buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(beside, 1)
        whole.addWidget(_line(height=1))
        whole.addLayout(below)
        needed = max(page.needed_width for page in self.findChildren(_Page))
        claim(self, SIZE, (max(LEAST[0], self._list.width() + 2 * SPACING + needed), LEAST[1]))
        settle(self)

    @property
    def _longest_title(self) -> int:
        return max(self.fontMetrics().horizontalAdvance(page.title) for page in self._pages)

    def _edit(self, page: SettingsPage, rows: FormRows, name: str) -> None:
        rows.show_state()
        self._edited.append((page, name))
        self._pause.start()

    def _tell(self) -> None:
        """What was edited and can be used; the rest waits until it can."""
        self._pause.stop()
        usable: dict[str, Any] = {}
        for page, name in self._edited:
            usable |= page.values([name])
        self._edited = [(page, name) for page, name in self._edited if name not in usable]
        if usable:
            self.changed.emit(usable)


class _Page(QScrollArea):
    """Widgets one below the other, never wider than is good for reading.

    The margin grows instead: a widget that has a greatest width is too low for its own texts.
    """

    def __init__(self, widgets: Sequence[QWidget]) -> None:
        super().__init__()
        self._column = QVBoxLayout()
        self._column.setSpacing(SPACING)
        for widget in widgets:
            self._column.addWidget(widget)
        self._column.addStretch(1)
        whole = QWidget()
        whole.setLayout(self._column)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # It scrolls to the field that has the keyboard; without one it would show nothing of it.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(whole)

    @property
    def needed_width(self) -> int:
        """How wide it has to be for all of it to be seen."""
        bar = self.verticalScrollBar().sizeHint().width()
        return self._least + 2 * MARGIN + bar

    @property
    def _least(self) -> int:
        margins = self._column.contentsMargins()
        return self._column.minimumSize().width() - margins.left() - margins.right()

    def resizeEvent(self, event: QResizeEvent) -> None:
        widest = max(self._least, roomy(self, FIELDS_WIDTH))
        right = max(MARGIN, self.viewport().width() - MARGIN - widest)
        self._column.setContentsMargins(MARGIN, MARGIN, right, MARGIN)
        super().resizeEvent(event)


def _line(*, width: int = 0, height: int = 0) -> QWidget:
    """A thin line between two parts of the dialog."""
    line = QWidget()
    line.setAutoFillBackground(True)
    line.setBackgroundRole(QPalette.ColorRole.Mid)
    if width:
        line.setFixedWidth(width)
    if height:
        line.setFixedHeight(height)
    return line
