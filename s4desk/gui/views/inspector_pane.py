"""What is selected, told in sections of names and values that can be selected and copied."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QPalette, QTextDocument, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.focus_marks import mark_focus
from s4desk.gui.views.buttons import ElidedLabel, IconButton
from s4desk.viewmodels.inspector import Offer

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPaintEvent

    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.inspector import Fact, Section, Sheet

ICON = QSize(20, 20)
COPY_ICON = 12
LONG_NAME = 14
_COPY = "copy:"
_OFFER = "offer:"
_PICTURE = "picture:copy"


class InspectorPane(QWidget):
    """Shows a Sheet.

    copy_asked(str)     the exact value of a fact
    offer_taken(Offer)  what a section offers was clicked
    count_asked()       the button that counts, or stops it
    closed()            the person wants it gone
    """

    copy_asked = Signal(str)
    offer_taken = Signal(object)
    count_asked = Signal()
    closed = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._sheet: Sheet | None = None
        self._facts: list[Fact] = []
        self._picture, self._title = QLabel(), ElidedLabel()
        self._close = IconButton(icons, "close", tr("Close the inspector"))
        self._text = _Facts()
        self._count = QPushButton()
        self.setAccessibleName(tr("Inspector"))
        self._lay_out()
        self._close.clicked.connect(self.closed)
        self._count.clicked.connect(self.count_asked)
        self._text.anchorClicked.connect(self._follow)
        self._text.menu_requested.connect(self._open_menu)
        self._text.left.connect(self.closed)

    @property
    def sheet(self) -> Sheet | None:
        return self._sheet

    def show_sheet(self, sheet: Sheet) -> None:
        """What was selected of the text, and how far it was scrolled, stays for the same thing."""
        before, self._sheet = self._sheet, sheet
        if sheet == before:
            return
        self._title.say(sheet.title)
        self._count.setText(sheet.counts)
        self._count.setVisible(bool(sheet.counts))
        bar = self._text.verticalScrollBar()
        scrolled = bar.value() if before is not None and before.title == sheet.title else 0
        self.redraw_icons()
        bar.setValue(scrolled)

    def add_below(self, widget: QWidget) -> None:
        """Show more of the selection, below its facts."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(widget)

    def focus_facts(self) -> None:
        """Let the keys go to the text: the arrows scroll, Tab goes from value to value."""
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)

    def redraw_icons(self) -> None:
        """The colours have changed."""
        if self._sheet is None:
            return
        self._picture.setPixmap(self._icons(self._sheet.icon).pixmap(ICON))
        ratio = self.devicePixelRatioF()
        picture = self._icons("copy").pixmap(QSize(COPY_ICON, COPY_ICON), ratio)
        document = self._text.document()
        document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(_PICTURE), picture)
        self._facts = []
        quiet = self.palette().color(QPalette.ColorRole.PlaceholderText).name()
        parts = [self._section(section, quiet) for section in self._sheet.sections]
        self._text.setHtml("".join(parts))

    def _lay_out(self) -> None:
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 6, 2)
        head.setSpacing(8)
        head.addWidget(self._picture)
        head.addWidget(self._title, 1)
        head.addStretch()
        head.addWidget(self._close)
        below = QHBoxLayout()
        below.setContentsMargins(12, 2, 12, 0)
        below.addWidget(self._count)
        below.addStretch()
        self._count.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(below)
        layout.addWidget(self._text, 1)

    def _section(self, section: Section, quiet: str) -> str:
        is_stacked = any(len(fact.name) > LONG_NAME for fact in section.facts)
        rows = "".join(self._row(fact, quiet, is_stacked) for fact in section.facts)
        note = f'<p style="color:{quiet}; margin:2px 0 2px 2px">{_plain(section.note)}</p>'
        link = f'<a href="{_OFFER}{section.deed}">{_plain(section.offer)}</a>'
        offer = f'<p style="margin:2px">{link}</p>'
        return (
            f'<p style="font-weight:600; margin:12px 0 2px 2px">{_plain(section.title)}</p>'
            f'<table width="100%" cellspacing="0" cellpadding="2">{rows}</table>'
            f"{note if section.note else ''}{offer if section.offer else ''}"
        )

    def _row(self, fact: Fact, quiet: str, is_stacked: bool) -> str:
        """The name before its value, or above it where names are long."""
        name = f'<span style="color:{quiet}">{_plain(fact.name)}</span>'
        if not fact.name:
            value = f'<span style="color:{quiet}">{_plain(fact.value)}</span>'
            before = "" if is_stacked else '<td width="32%"></td>'
            return f"<tr>{before}<td>{value}</td><td></td></tr>"
        self._facts.append(fact)
        link = f'<a href="{_COPY}{len(self._facts) - 1}"><img src="{_PICTURE}"></a>'
        cells = f"<td>{_plain(fact.value)}</td><td width='16' align='right'>{link}</td>"
        if is_stacked:
            return f'<tr><td colspan="2">{name}</td></tr><tr>{cells}</tr>'
        return f'<tr><td width="32%">{name}</td>{cells}</tr>'

    def _fact_of(self, link: str) -> Fact | None:
        number = link.removeprefix(_COPY)
        return self._facts[int(number)] if number.isdigit() else None

    def _follow(self, url: QUrl) -> None:
        if url.toString().startswith(_OFFER):
            self.offer_taken.emit(Offer(url.toString().removeprefix(_OFFER)))
        elif (fact := self._fact_of(url.toString())) is not None:
            self.copy_asked.emit(fact.copied)

    def _open_menu(self, position: QPoint, link: str, chosen: str) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if chosen:
            copy = menu.addAction(self._icons("copy"), tr("&Copy"))
            copy.triggered.connect(self._text.copy)
        fact = self._fact_of(link) if link else None
        if fact is not None:
            value = menu.addAction(tr("Copy &Value"))
            value.triggered.connect(lambda: self.copy_asked.emit(fact.copied))
        everything = menu.addAction(tr("Copy &All"))
        everything.triggered.connect(lambda: self.copy_asked.emit(self._text.toPlainText().strip()))
        menu.addAction(tr("Select A&ll")).triggered.connect(self._text.selectAll)
        menu.popup(position)


class _Facts(QTextBrowser):
    """Text that follows no link and fetches nothing."""

    menu_requested = Signal(QPoint, str, str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("What is known of the selection"))
        self.document().setDocumentMargin(8)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Only what was given to the document: a value may look like the address of an image."""
        return super().loadResource(kind, name) if name == QUrl(_PICTURE) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.textCursor().charFormat().anchorHref():
            mark_focus(self, self.viewport())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        link = self.anchorAt(event.pos())
        if not link:
            link = self._link_beside(event.pos())
        chosen = self.textCursor().selectedText()
        self.menu_requested.emit(event.globalPos(), link, chosen)

    def _link_beside(self, position: QPoint) -> str:
        """The link at the end of the row that is pointed at."""
        cursor = self.cursorForPosition(position)
        table = cursor.currentTable()
        if table is None:
            return ""
        cell = table.cellAt(table.cellAt(cursor).row(), table.columns() - 1)
        last = cell.lastCursorPosition()
        return last.charFormat().anchorHref()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _plain(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
