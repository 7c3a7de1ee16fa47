"""One object, looked at: a card over the window, which the space bar brings and takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPalette,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.cells import plain_tip
from s4desk.gui.models.grid_table import GridTableModel
from s4desk.gui.models.json_tree import JsonTreeModel
from s4desk.gui.views.buttons import ElidedLabel, IconButton
from s4desk.gui.views.picture_view import PictureView
from s4desk.gui.views.preview_pages import Markdown, table_view, text_view, tree_view, unfold
from s4desk.gui.views.tabbing import step
from s4desk.viewmodels.preview import Form, Preview
from s4desk.viewmodels.text_decoding import ENCODINGS, encoding_label

if TYPE_CHECKING:
    from PySide6.QtGui import QImage, QMouseEvent, QPaintEvent

    from s4desk.gui.models.cells import Icons

ICON = QSize(20, 20)
LARGEST = QSize(1100, 900)
MARGIN = 24
MAX_COLUMN = 360
_Key = Qt.Key
_LEAVING = (_Key.Key_Space, _Key.Key_Escape)
_STEPS = {_Key.Key_Up: -1, _Key.Key_Down: 1}
_Feature = QTextDocument.MarkdownFeature
_DIALECT = _Feature.MarkdownDialectGitHub | _Feature.MarkdownNoHTML
_VEIL = QColor(0, 0, 0, 80)


class PreviewPanel(QWidget):
    """Shows a Preview or an image. It lies over its parent, and holds the keyboard. A
    click beside the card is one that takes it away.

    stepped(int)            to the object after (1) or before (-1)
    encoding_chosen(str)    "" is for finding it out
    load_wanted()           the button under a sentence
    details_wanted()        the one beside it, where the sentence is about an error
    edit_wanted()           the button beside the encoding
    left()                  Space, Escape or the button: whoever shows it hides it
    """

    stepped = Signal(int)
    encoding_chosen = Signal(str)
    load_wanted = Signal()
    details_wanted = Signal()
    left = Signal()
    edit_wanted = Signal()

    def __init__(self, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._icons = icons
        self._icon = ""
        self._card = QFrame(self)
        self._picture, self._title, self._details = QLabel(), ElidedLabel(), QLabel()
        self._encodings = QComboBox()
        self._edit = QPushButton(tr("&Edit…"))
        self._close = IconButton(icons, "close", tr("Close the preview (Space)"))
        self._stack = QStackedWidget()
        self._sentence, self._button = QLabel(), QPushButton()
        self._more = QPushButton(tr("Details…"))
        self._page = self._message_page()
        self._text, self._markdown = text_view(), Markdown()
        self._grid = GridTableModel(self)
        self._table = table_view(self._grid)
        self._json = JsonTreeModel(self)
        self._tree = tree_view(self._json)
        self._as_text = QPushButton(tr("As &Text"))
        self.image_view = PictureView()
        self._notes = QLabel()
        self.setAccessibleName(tr("Preview"))
        self._lay_out()
        self._listen()
        self.hide()

    def show_title(self, icon: str, title: str, details: str) -> None:
        self._icon = icon
        self.redraw_icons()
        self._title.say(title)
        self._details.setText(details)

    def show_sentence(self, text: str, button: str = "") -> None:
        """In place of the object; `button` labels the way out: `load_wanted`."""
        self._show(self._page, ())
        self._edit.hide()
        self._as_text.hide()
        self._sentence.setText(text)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._more.hide()
        self._encodings.hide()

    def show_failure(self, sentence: str, *, has_details: bool) -> None:
        """Why there is nothing to look at."""
        self.show_sentence(sentence, tr("Try Again"))
        self._more.setVisible(has_details)

    def show_preview(self, preview: Preview) -> None:
        if preview.form is Form.MESSAGE:
            self.show_sentence(preview.text)
            return
        self._as_text.setVisible(preview.form is Form.TREE)
        if preview.form is Form.TREE:
            self._text.setPlainText(preview.text)
            self._json.show_value(preview.tree)
            unfold(self._tree)
            self._show(self._text if self._as_text.isChecked() else self._tree, preview.notes)
        elif preview.form is Form.TABLE:
            self._grid.show_rows(preview.rows, preview.header)
            self._fit_columns()
            self._show(self._table, preview.notes)
        elif preview.form is Form.MARKDOWN:
            self._markdown.document().setMarkdown(preview.text, _DIALECT)
            self._show(self._markdown, preview.notes)
        else:
            self._text.setPlainText(preview.text)
            self._show(self._text, preview.notes)
        self._encodings.setVisible(bool(preview.encoding))
        self._edit.setVisible(preview.can_edit)
        if preview.encoding:
            said = tr("Guessed: {encoding}") if preview.is_guessed else tr("Found: {encoding}")
            label = encoding_label(preview.encoding)
            if not self._encodings.currentIndex():
                self._encodings.setItemText(0, said.format(encoding=label))

    def let_edit(self, obstacle: str) -> None:
        """`obstacle` is why nothing can be edited now, empty where it can."""
        self._edit.setEnabled(not obstacle)
        self._edit.setToolTip(plain_tip(obstacle))

    def show_image(self, image: QImage, details: str, notes: tuple[str, ...] = ()) -> None:
        self.image_view.show_image(image)
        self._details.setText(details)
        for control in (self._encodings, self._edit, self._as_text):
            control.hide()
        self._show(self.image_view, notes)

    def forget_encoding(self) -> None:
        """Find it out for the next object."""
        self._encodings.blockSignals(True)
        self._encodings.setCurrentIndex(0)
        self._encodings.blockSignals(False)

    def come_up(self) -> None:
        """Lie over the parent, with the keyboard."""
        self._place()
        self.show()
        self.raise_()
        self._focus_page()

    def redraw_icons(self) -> None:
        """The colours have changed."""
        if self._icon:
            self._picture.setPixmap(self._icons(self._icon).pixmap(ICON))

    def words(self) -> str:
        """What is read on it: the sentence, or the text as it is drawn."""
        shown = self._stack.currentWidget()
        if shown in (self._text, self._tree):
            return self._text.toPlainText()
        if shown is self._markdown:
            return self._markdown.toPlainText()
        return self._sentence.text() if shown is self._page else ""

    @property
    def encoding(self) -> str:
        """What a person chose, empty when it was found out."""
        return str(self._encodings.currentData())

    @property
    def notes(self) -> str:
        return self._notes.text()

    # How it is made

    def _lay_out(self) -> None:
        self._card.setFrameShape(QFrame.Shape.StyledPanel)
        self._card.setAutoFillBackground(True)
        self._card.setBackgroundRole(QPalette.ColorRole.Window)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        for label in (self._details, self._notes):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._notes.setWordWrap(True)
        self._notes.setContentsMargins(12, 6, 12, 8)
        self._encodings.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._encodings.setAccessibleName(tr("Encoding"))
        self._encodings.setToolTip(tr("Encoding"))
        self._encodings.addItem(tr("Automatic"), "")
        for encoding in ENCODINGS:
            self._encodings.addItem(encoding_label(encoding), encoding)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 8)
        head.setSpacing(8)
        for part in (self._picture, self._title, self._details):
            head.addWidget(part)
        head.addStretch(1)
        for control in (self._as_text, self._encodings, self._edit):
            head.addWidget(control)
        head.addWidget(self._close)
        for page in self._pages:
            self._stack.addWidget(page)
        layout = QVBoxLayout(self._card)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._notes)

    def _message_page(self) -> QWidget:
        page = QWidget()
        page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        page.setAutoFillBackground(True)
        page.setBackgroundRole(QPalette.ColorRole.Base)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.addStretch(1)
        layout.addWidget(self._sentence)
        buttons = QHBoxLayout()
        buttons.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        buttons.addWidget(self._button)
        buttons.addWidget(self._more)
        self._more.setObjectName("details")
        self._edit.setObjectName("edit")
        layout.addLayout(buttons)
        layout.addStretch(1)
        return page

    def _listen(self) -> None:
        self.image_view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._close.clicked.connect(self.left)
        self._button.clicked.connect(self.load_wanted)
        self._edit.clicked.connect(self.edit_wanted)
        self._as_text.setCheckable(True)
        self._as_text.setObjectName("as-text")
        self._as_text.toggled.connect(self._fold)
        self._more.clicked.connect(self.details_wanted)
        self._encodings.activated.connect(
            lambda at: self.encoding_chosen.emit(self._encodings.itemData(at))
        )
        for page in self._pages:
            page.installEventFilter(self)
        self._window.installEventFilter(self)

    def _show(self, page: QWidget, notes: tuple[str, ...]) -> None:
        had_focus = self._has_focus()
        self._stack.setCurrentWidget(page)
        self._notes.setText(" ".join(notes))
        self._notes.setVisible(bool(notes))
        if had_focus and self.isVisible():
            self._focus_page()

    def _fold(self, is_text: bool) -> None:
        """The same JSON as a tree, or as the text it is; what is chosen stays for the next one."""
        self._stack.setCurrentWidget(self._text if is_text else self._tree)

    @property
    def _pages(self) -> tuple[QWidget, ...]:
        text = (self._text, self._table, self._tree, self._markdown)
        return (self._page, *text, self.image_view)

    def _focus_page(self) -> None:
        if (page := self._stack.currentWidget()) is not None:
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _has_focus(self) -> bool:
        focus = self.window().focusWidget()
        return focus is not None and (focus is self or self.isAncestorOf(focus))

    def _fit_columns(self) -> None:
        self._table.resizeColumnsToContents()
        for column in range(self._grid.columnCount()):
            if self._table.columnWidth(column) > MAX_COLUMN:
                self._table.setColumnWidth(column, MAX_COLUMN)

    def _place(self) -> None:
        self.setGeometry(self._window.rect())
        room = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        area = QRect(room.topLeft(), room.size().boundedTo(LARGEST))
        area.moveCenter(room.center())
        self._card.setGeometry(area)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), _VEIL)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if not self._card.geometry().contains(event.position().toPoint()):
            self.left.emit()

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            if event.type() is QEvent.Type.Resize and self.isVisible():
                self._place()
        elif isinstance(event, QKeyEvent) and self._takes(event):
            return True
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """What lies under the card is not reached from it."""
        return step([self._card], is_forward=is_next)

    def event(self, event: QEvent) -> bool:
        """Take the keys before a shortcut of the window does."""
        return (isinstance(event, QKeyEvent) and self._takes(event)) or super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        key = _Key(event.key())
        control = Qt.KeyboardModifier.ControlModifier
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | control):
            return False
        if key in _STEPS and not event.modifiers() & control and self._is_inside_tree(event):
            # There the arrows go from line to line; with Ctrl they lead to another object.
            return False
        if key not in _LEAVING and key not in _STEPS:
            return False
        event.accept()
        if event.type() is QEvent.Type.KeyPress:
            if key in _STEPS:
                self.stepped.emit(_STEPS[key])
            elif not event.isAutoRepeat():
                self.left.emit()
        return True

    def _is_inside_tree(self, event: QKeyEvent) -> bool:
        """Whether the arrow has a line to go to in the tree; held down it stops at the end."""
        if self._stack.currentWidget() is not self._tree:
            return False
        here = self._tree.currentIndex()
        is_down = event.key() == _Key.Key_Down
        beside = self._tree.indexBelow(here) if is_down else self._tree.indexAbove(here)
        return beside.isValid() or event.isAutoRepeat()
