"""A link that lets somebody else do one thing with one object, as it is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPixmap, QTextOption
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import SPACING, button_box, column, paragraph
from s4desk.gui.room import FRAME, fixed_font, roomy

if TYPE_CHECKING:
    from s4desk.viewmodels.forms import Form
    from s4desk.viewmodels.qr_code import Code

_Button = QDialogButtonBox.StandardButton
LINES = 5
CODE_SIDE = 380
AROUND_CODE = 200
LARGEST_MODULE = 8
"""Pixels."""


class ShareDialog(FormDialog):
    """Shows the link that the form asks for, whenever that changes; whoever opened it signs.

    `submitted` asks for a copy. It stays open for further links.
    """

    code_asked = Signal()

    def __init__(self, form: Form, place: str, warning: str, parent: QWidget | None = None) -> None:
        super().__init__(form, tr("&Copy Link"), parent)
        self.setWindowTitle(tr("Share “{name}”").format(name=place))
        self._link = QPlainTextEdit(self)
        self._warning = Note("warning", self)
        self._warning.say(warning, is_error=True)
        self.add_below_fields(self._link_rows())
        self.setTabOrder(self._more, self._link)
        self.add_button("code", tr("&QR Code…")).clicked.connect(self.code_asked)
        self._buttons.button(_Button.Cancel).setText(tr("Close"))
        self.show_link("", "")

    @property
    def link(self) -> str:
        """The link as it is shown; empty while there is none."""
        return self._link.toPlainText()

    def show_link(self, url: str, sentence: str) -> None:
        """With what is to be said of it. Without a link nothing can be copied."""
        self._link.setPlainText(url)
        self.outcome.say(sentence)
        for button in self._when_valid:
            button.setEnabled(bool(url) and not self.form.errors)

    def say_copied(self, sentence: str) -> None:
        self.outcome.say(sentence, is_success=True)

    def _link_rows(self) -> QWidget:
        box = self._link
        box.setObjectName("link")
        box.setReadOnly(True)
        box.setTabChangesFocus(True)
        box.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        box.setFont(fixed_font(box))
        around = 2 * (round(box.document().documentMargin()) + box.frameWidth())
        box.setFixedHeight(LINES * box.fontMetrics().lineSpacing() + around)
        label = QLabel(tr("&Link:"), self)
        label.setBuddy(box)
        holder = QWidget(self)
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addWidget(label)
        layout.addWidget(box)
        layout.addWidget(self._warning)
        return holder


class QrCodeDialog(QDialog):
    """A link as a QR code, as large as a camera needs it."""

    def __init__(self, code: Code, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("QR Code"))
        self.picture = picture_of(code, _module(self, len(code)))
        shown = QLabel(self)
        shown.setObjectName("code")
        shown.setPixmap(self.picture)
        shown.setAccessibleName(tr("QR code of the link"))
        shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = button_box(_Button.Close, self)
        copy = buttons.addButton(tr("Copy &Picture"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setObjectName("copy-picture")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setPixmap(self.picture))
        buttons.rejected.connect(self.reject)
        layout = column(self)
        layout.addWidget(shown)
        layout.addWidget(paragraph(sentence))
        layout.addWidget(buttons)


def picture_of(code: Code, module: int) -> QPixmap:
    """Black on white in any theme, each module a square of so many pixels of the screen."""
    side = len(code)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    black = QColor(Qt.GlobalColor.black).rgb()
    for y, row in enumerate(code):
        for x, is_dark in enumerate(row):
            if is_dark:
                image.setPixel(x, y, black)
    return QPixmap.fromImage(image.scaled(QSize(side * module, side * module)))


def _module(dialog: QDialog, side: int) -> int:
    """As large as is easily read, and as the screen has room for."""
    screen = dialog.screen().availableGeometry().size() - FRAME
    room = min(screen.width(), screen.height() - roomy(dialog, AROUND_CODE))
    wanted = min(LARGEST_MODULE, max(4, CODE_SIDE // side))
    return max(1, min(wanted, room // side))
