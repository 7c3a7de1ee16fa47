"""What all dialogs share: they are opened, never executed, and answer to a coroutine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.frame import FORM_WIDTH, SPACING, choice_box, column
from s4desk.viewmodels.forms import TICKED, FieldKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from PySide6.QtGui import QPaintEvent

    from s4desk.viewmodels.forms import Field, Form

T = TypeVar("T")

TICK = 16
DARK = 128
GREEN_ON_DARK, GREEN_ON_LIGHT = "#63c174", "#1e7a34"


async def accepted(dialog: QDialog) -> bool:
    """Show a dialog over its window and wait for its end; say whether it was accepted.

    Everything else goes on meanwhile. A caller that is cancelled takes the dialog with it.
    """
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    dialog.finished.connect(lambda result: _settle(ended, result))
    dialog.open()
    try:
        return await ended == QDialog.DialogCode.Accepted
    finally:
        dialog.close()
        dialog.deleteLater()


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


class Note(QLabel):
    """A sentence under a field or a form: an error in the colour of errors, or a plain remark."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_ticked = False
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def say(self, text: str, *, is_error: bool = False, is_success: bool = False) -> None:
        """Show `text`, a success with a tick beside it; nothing takes no room."""
        self.is_ticked = is_success
        self.setContentsMargins(TICK + SPACING // 2 if is_success else 0, 0, 0, 0)
        role = QPalette.ColorRole.BrightText if is_error else QPalette.ColorRole.WindowText
        self.setForegroundRole(role)
        self.setText(text)
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.is_ticked:
            is_dark = self.palette().color(QPalette.ColorRole.Window).lightness() < DARK
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(GREEN_ON_DARK if is_dark else GREEN_ON_LIGHT), 2))
            top = self.rect().center().y() - TICK // 2
            corners = ((1, TICK // 2), (TICK // 3 + 1, TICK - 4), (TICK - 1, 3))
            painter.drawPolyline([QPoint(x, top + y) for x, y in corners])
            painter.end()


class FormDialog(QDialog):
    """Shows a Form. The widgets write to it; its errors come back; it decides when OK is allowed.

    `submissions` waits for each press of OK: the caller does the work and either accepts the
    dialog or calls `fail`, and the person can correct what they typed.
    """

    submitted = Signal()
    edited = Signal()

    def __init__(
        self,
        form: Form,
        accept_text: str,
        parent: QWidget | None = None,
        *,
        rare: Collection[str] = (),
    ) -> None:
        """`rare` fields are behind “More options” as long as they say nothing of their own."""
        super().__init__(parent)
        self.form = form
        self._rare = frozenset(rare)
        self.setWindowTitle(form.title)
        self._editors: dict[str, QWidget] = {}
        self._notes: dict[str, Note] = {}
        self._touched: set[str] = set()
        self._focused: QWidget | None = None
        self._grid = QFormLayout()
        self._below = QVBoxLayout()
        for name, field in form.fields.items():
            self._add_row(name, field)
        # Tab follows the order of creation, so what comes after the fields is made after them.
        self._more = _more_button(self)
        self._more.setVisible(bool(rare))
        self._more.toggled.connect(self._show_rare)
        self.outcome = Note("outcome", self)
        self._buttons = choice_box(self, accept_text)
        self._ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setDefault(True)
        self._when_valid = [self._ok]
        self._buttons.accepted.connect(self._submit)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._show_state()

    def add_button(self, name: str, text: str) -> QPushButton:
        """A further button beside OK and Cancel that does not end the dialog.

        It can be pressed when OK can."""
        button = self._buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setObjectName(name)
        button.setAutoDefault(False)
        self._when_valid.append(button)
        self._show_state()
        return button

    def add_below_fields(self, widget: QWidget) -> None:
        self._below.addWidget(widget)

    def fail(self, sentence: str) -> None:
        """Say why what was asked could not be done, and let the person try again."""
        self.set_busy(False)
        self.outcome.say(sentence, is_error=True)

    def set_busy(self, is_busy: bool, sentence: str = "") -> None:
        """While busy, fields and OK are closed and `sentence` says what is going on.

        What is closed loses the keyboard's focus, and gets it back when it is opened again.
        """
        if is_busy:
            self._focused = self.focusWidget() or self._focused
        for editor in self._editors.values():
            editor.setEnabled(not is_busy)
        self.outcome.say(sentence)
        self._show_state(is_busy=is_busy)
        if not is_busy and self._focused is not None:
            self._focused.setFocus(Qt.FocusReason.OtherFocusReason)
            self._focused = None

    def focus_on(self, name: str) -> None:
        """Put the cursor into a field."""
        self._editors[name].setFocus(Qt.FocusReason.OtherFocusReason)

    async def submission(self) -> bool:
        """Wait until OK is pressed on a valid form; False when the dialog was closed instead."""
        pressed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        ok = self.submitted.connect(lambda: _settle(pressed, True))
        end = self.finished.connect(lambda _: _settle(pressed, False))
        self.open()
        try:
            return await pressed
        finally:
            self.submitted.disconnect(ok)
            self.finished.disconnect(end)

    def _submit(self) -> None:
        if not self.form.errors:
            self.submitted.emit()

    def _lay_out(self) -> None:
        self._grid.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._grid.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.setHorizontalSpacing(SPACING)
        layout = column(self)
        layout.addLayout(self._grid)
        layout.addWidget(self._more, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(self._below)
        layout.addWidget(self.outcome)
        layout.addStretch()
        layout.addWidget(self._buttons)
        self.setMinimumWidth(FORM_WIDTH)

    def _add_row(self, name: str, field: Field[object]) -> None:
        editor = _editor(name, field, lambda text: self._edited(name, text))
        editor.setParent(self)
        note = Note(f"{name}-error", self)
        cell = QVBoxLayout()
        cell.setSpacing(2)
        cell.addWidget(editor)
        cell.addWidget(note)
        if field.hint:
            cell.addWidget(_hint(field.hint))
        self._editors[name], self._notes[name] = editor, note
        holder = QWidget(self)
        holder.setLayout(cell)
        cell.setContentsMargins(0, 0, 0, 0)
        if field.kind is FieldKind.TICK:
            self._grid.addRow("", holder)
        else:
            label = QLabel(f"{field.label}:", self)
            label.setBuddy(editor.focusProxy() or editor)
            self._grid.addRow(label, holder)

    def _edited(self, name: str, text: str) -> None:
        self._touched.add(name)
        self.form.edit(name, text)
        self.outcome.say("")
        self._show_state()
        self.edited.emit()

    def _show_state(self, *, is_busy: bool = False) -> None:
        errors = self.form.errors
        for name, note in self._notes.items():
            note.say(errors.get(name, "") if name in self._touched else "", is_error=True)
            self._grid.setRowVisible(self._row(name), self._is_visible(name))
        for button in self._when_valid:
            button.setEnabled(not errors and not is_busy)
            button.setToolTip(next(iter(errors.values()), ""))

    def _is_visible(self, name: str) -> bool:
        is_hidden = name in self._rare and not self._more.isChecked()
        return self.form.is_shown(name) and not (is_hidden and not self._notes[name].text())

    def _show_rare(self, is_on: bool) -> None:
        self._more.setArrowType(Qt.ArrowType.DownArrow if is_on else Qt.ArrowType.RightArrow)
        self._show_state()
        self.adjustSize()

    def show_rare(self) -> None:
        """Open “More options”."""
        self._more.setChecked(True)

    def _row(self, name: str) -> int:
        return list(self._editors).index(name)


def _more_button(parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setObjectName("more")
    button.setText(tr("More options"))
    button.setCheckable(True)
    button.setAutoRaise(True)
    button.setArrowType(Qt.ArrowType.RightArrow)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def _editor(name: str, field: Field[object], edited: Callable[[str], None]) -> QWidget:
    """The widget for one field; it calls `edited` with the field's text."""
    if field.kind is FieldKind.CHOICE:
        widget: QWidget = _choice(field, edited)
    elif field.kind is FieldKind.TICK:
        widget = _tick(field, edited)
    elif field.kind is FieldKind.FILE:
        widget = _file(name, field, edited)
    else:
        widget = _line(field, edited)
    if not widget.objectName():
        widget.setObjectName(name)
    widget.setAccessibleName(field.label)
    widget.setAccessibleDescription(field.hint)
    return widget


def _line(field: Field[object], edited: Callable[[str], None]) -> QLineEdit:
    line = QLineEdit(field.text)
    line.setPlaceholderText(field.placeholder)
    if field.kind is FieldKind.SECRET:
        line.setEchoMode(QLineEdit.EchoMode.Password)
        line.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
    line.textChanged.connect(edited)
    return line


def _choice(field: Field[object], edited: Callable[[str], None]) -> QComboBox:
    box = QComboBox()
    for text, label in field.choices:
        box.addItem(label, text)
    box.setCurrentIndex(max(box.findData(field.text), 0))
    box.currentIndexChanged.connect(lambda index: edited(box.itemData(index)))
    return box


def _tick(field: Field[object], edited: Callable[[str], None]) -> QCheckBox:
    tick = QCheckBox(field.label)
    tick.setChecked(field.text == TICKED)
    tick.toggled.connect(lambda is_on: edited(TICKED if is_on else ""))
    return tick


def _file(name: str, field: Field[object], edited: Callable[[str], None]) -> QWidget:
    holder = QWidget()
    holder.setObjectName(f"{name}-chooser")
    line = _line(field, edited)
    line.setObjectName(name)
    line.setAccessibleName(field.label)
    button = QPushButton(tr("Browse…"))
    button.setAccessibleName(tr("Choose a file for “{field}”").format(field=field.label))
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(line)
    row.addWidget(button)
    holder.setFocusProxy(line)

    def choose() -> None:
        chooser = QFileDialog(holder, field.label)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(line.setText)
        chooser.open()

    button.clicked.connect(choose)
    return holder


def _hint(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
