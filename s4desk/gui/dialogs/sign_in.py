"""Signing in: the code to confirm on a page, and the code that a device shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.dialogs.frame import FORM_WIDTH, button_box, column, headline, paragraph
from s4desk.gui.room import roomy
from s4desk.viewmodels.sign_in_text import CodeForm, code_question

if TYPE_CHECKING:
    from s4desk.core.domain.sign_in import DeviceCode, SignInNeed

LARGER = 2.2
_Action = QDialogButtonBox.ButtonRole.ActionRole


class PageDialog(QDialog):
    """Shows the code of a portal until whoever opened it knows that it was confirmed.

    `page_asked` wants the page opened once more, `code_asked` another code after one that failed.
    """

    page_asked = Signal()
    code_asked = Signal()

    def __init__(self, need: SignInNeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Sign In"))
        self._headline = headline(tr("Sign in for “{name}”").format(name=need.name))
        self._portal = paragraph(tr("Portal: {portal}").format(portal=need.portal))
        self._large = _large_label(self)
        self._page = paragraph("")
        self._page.setObjectName("page")
        self.outcome = Note("outcome", self)
        self._buttons = button_box(QDialogButtonBox.StandardButton.Cancel, self)
        self._buttons.rejected.connect(self.reject)
        self._open = self._add_button("open", tr("&Open the Page Again"), self.page_asked.emit)
        self._copy = self._add_button("copy", tr("&Copy the Code"), self._copy_code)
        self._again = self._add_button("again", tr("&New Code"), self.code_asked.emit)
        self._lay_out()
        self.wait_for_code()

    def wait_for_code(self) -> None:
        """The portal is asked for one."""
        self._show(None)
        self.outcome.say(tr("Asking the portal for a code…"))

    def show_code(self, code: DeviceCode) -> None:
        self._show(code)

    def say(self, sentence: str) -> None:
        self.outcome.say(sentence)

    def fail(self, problem: BaseException | str) -> None:
        """It came to nothing; another code can be asked for."""
        self._show(None)
        self._again.setVisible(True)
        self._again.setFocus(Qt.FocusReason.OtherFocusReason)
        self.outcome.fail(problem)
        self._fit()

    def _show(self, code: DeviceCode | None) -> None:
        for widget in (self._large, self._page, self._open, self._copy):
            widget.setVisible(code is not None)
        self._again.setVisible(False)
        if code is not None:
            self._large.setText(code.code)
            page = tr("Your browser shows {page}. Compare the code there with this one.")
            self._page.setText(page.format(page=code.page))
            self._open.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fit()

    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self._large.text())

    def _add_button(self, name: str, text: str, pressed: object) -> QPushButton:
        button = self._buttons.addButton(text, _Action)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _lay_out(self) -> None:
        layout = column(self)
        for widget in (self._headline, self._portal, self._large, self._page, self.outcome):
            layout.addWidget(widget)
        layout.addStretch()
        layout.addWidget(self._buttons)
        self.setMinimumWidth(roomy(self, FORM_WIDTH))

    def _fit(self) -> None:
        """As high as what is shown now, where it is shown already."""
        layout = self.layout()
        if layout is not None and self.isVisible():
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))


class CodeDialog(FormDialog):
    """Asks for the one-time code of a device."""

    form: CodeForm

    def __init__(self, need: SignInNeed, parent: QWidget | None = None) -> None:
        super().__init__(CodeForm(), tr("Sign In"), parent)
        about = Note("about", self)
        about.say(code_question(need))
        self.add_below_fields(about)
        self.edited.connect(self.fit_height)
        self.focus_on("code")


def _large_label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName("code")
    label.setAccessibleName(tr("Code"))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * LARGER)
    font.setBold(True)
    label.setFont(font)
    return label
