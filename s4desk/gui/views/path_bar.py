"""Where the window is: a row of folders to click on, and a line to type into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QPoint, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QSizePolicy,
    QStackedLayout,
    QWidget,
)

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.gui.views.crumbs import CrumbStrip, crumbs_of
from s4desk.gui.views.row_delegate import RowDelegate
from s4desk.viewmodels.validation import parse_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QMoveEvent, QResizeEvent

    from s4desk.gui.models.cells import Icons
    from s4desk.gui.views.file_drops import Judge
    from s4desk.viewmodels.places import Place

NOTE_MARGIN = 4
OFFERED_ROWS = 12
TEXT_MARGIN = 5
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class PlaceEdit(QLineEdit):
    """Takes the Escape key for itself, whatever it means elsewhere in the window."""

    left = Signal()
    abandoned = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and _is_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.abandoned.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self.left.emit()


class PathBar(QFrame):
    """Shows a Place, and asks for another one.

    What is typed stays until a place is shown or the typing is given up. A place whose text was
    not touched is asked for as it is: its key may hold what no line of text can.
    """

    opened = Signal(object)
    typed = Signal(str, object)
    address_typed = Signal(str)
    typing = Signal(str)
    typing_ended = Signal()
    files_dropped = Signal(object, object)
    clip_dropped = Signal(object, object, object)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place: Place | None = None
        self._connection_name = ""
        self._begun_with = ""
        self._is_refused = False
        self._focus_before: QWidget | None = None
        self._strip = CrumbStrip(icons, self)
        self._edit = PlaceEdit(self)
        self._edit.setPlaceholderText(tr("s3://bucket/folder or NAME:bucket/folder"))
        self._edit.setAccessibleName(tr("Place"))
        self._edit.setFrame(False)
        self._edit.setTextMargins(TEXT_MARGIN, 0, TEXT_MARGIN, 0)
        self._names = QStringListModel(self)
        self._completer = QCompleter(self._names, self)
        # A bucket or a connection may be typed in any case; of folders only those are offered
        # that begin as typed.
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setMaxVisibleItems(OFFERED_ROWS)
        popup = QListView()
        self._completer.setPopup(popup)
        popup.setItemDelegate(RowDelegate(popup))
        self._edit.setCompleter(self._completer)
        self._note = QLabel(self)
        self._note.hide()
        self._warning = QLabel(self)
        self._warning.setObjectName("exposure")
        self._warning.setForegroundRole(QPalette.ColorRole.BrightText)
        self._warning.setContentsMargins(TEXT_MARGIN, 0, TEXT_MARGIN, 0)
        self._warning.hide()
        self._lay_out()
        self._strip.opened.connect(self.opened)
        self._strip.blank_clicked.connect(self.edit)
        self._strip.files_dropped.connect(self.files_dropped)
        self._strip.clip_dropped.connect(self.clip_dropped)
        self._edit.returnPressed.connect(self._submit)
        self._edit.textEdited.connect(self._note.hide)
        self._edit.textEdited.connect(self.typing)
        self._completer.activated.connect(self.typing)
        self._edit.abandoned.connect(self._abandon)
        self._edit.left.connect(self._leave)

    def let_judge(self, judge: Judge) -> None:
        """Who decides what becomes of a clip that falls on a step of the way."""
        self._strip.judge = judge

    @property
    def is_editing(self) -> bool:
        return self._stack.currentWidget() is self._edit

    def show_place(
        self, place: Place | None, connection_name: str, *, is_group: bool = False
    ) -> None:
        """Show `place` as crumbs; nothing for None. Another place than before ends typing."""
        has_moved = place != self._place
        self._place, self._connection_name = place, connection_name
        crumbs = [] if place is None else crumbs_of(place, connection_name, is_group=is_group)
        self._strip.show_crumbs(crumbs)
        if has_moved:
            self._abandon()

    def warn(self, words: str, sentence: str = "") -> None:
        """Say in red, beside the place, what others may do to it; nothing takes no room."""
        self._warning.setText(words)
        self._warning.setToolTip(sentence)
        self._warning.setAccessibleDescription(sentence)
        self._warning.setVisible(bool(words))

    def edit(self) -> None:
        """Turn into a line to type into, holding the place that is shown."""
        if not self.is_editing:
            self._focus_before = QApplication.focusWidget()
            self._edit.setText(self._text())
            self._begun_with = self._edit.text()
            self._stack.setCurrentWidget(self._edit)
        self._edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._edit.selectAll()

    def offer(self, texts: Sequence[str]) -> None:
        """Show how the place that is being typed may go on; see `typing`."""
        if self.is_editing:
            self._names.setStringList(texts)
            # What was chosen before was not typed, and Qt still filters by what was.
            self._completer.setCompletionPrefix(self._edit.text())
            self._completer.complete()

    def say(self, sentence: str) -> None:
        """Say below the line why what was typed leads nowhere."""
        self._is_refused = True
        if not self.is_editing:
            self.edit()
        self._note.setText(sentence)
        self._edit.setAccessibleDescription(sentence)
        self._note.setParent(self.window())  # it must not push anything away
        self._note.show()
        self._note.raise_()
        self._place_note()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._place_note()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_note()

    def _lay_out(self) -> None:
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        self._stack = QStackedLayout()
        row.addLayout(self._stack, 1)
        row.addWidget(self._warning)
        self._stack.addWidget(self._strip)
        self._stack.addWidget(self._edit)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setFrameShape(QFrame.Shape.StyledPanel)
        self._note.setMargin(NOTE_MARGIN)
        self._note.setAutoFillBackground(True)
        self._note.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self._note.setForegroundRole(QPalette.ColorRole.ToolTipText)

    def _place_note(self) -> None:
        """Lay the note over the window, below this line."""
        if self._note.isHidden():
            return
        corner = self.mapTo(self.window(), QPoint(0, self.height() + 1))
        width = min(self._note.sizeHint().width(), self.width())
        self._note.setGeometry(corner.x(), corner.y(), width, self._note.sizeHint().height())

    def _text(self) -> str:
        if self._place is None:
            return ""
        if self._place.prefix is None:
            return f"{self._connection_name}:"
        return str(self._place.prefix)

    def _submit(self) -> None:
        self._is_refused = False
        if self._edit.text() == self._begun_with and self._place is not None:
            self.typed.emit("", self._place.prefix)
        else:
            self._ask_for(self._edit.text().lstrip().rstrip("\r\n"))
        if not self._is_refused:
            self._abandon()

    def _ask_for(self, text: str) -> None:
        if text.lower().startswith(("http://", "https://")):
            self.address_typed.emit(text.strip())
            return
        try:
            name, prefix = parse_place(text)
        except ValidationError as error:
            self.say(str(error))
        else:
            self.typed.emit(name, prefix)

    def _abandon(self) -> None:
        """Show the crumbs again, and let the keys go where they went before."""
        had_focus, before = self._edit.hasFocus(), self._focus_before
        self._leave()
        if had_focus and before is not None and shiboken6.isValid(before):
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave(self) -> None:
        self._focus_before = None
        self._note.hide()
        self._edit.setAccessibleDescription("")
        self._stack.setCurrentWidget(self._strip)
        self.typing_ended.emit()


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
