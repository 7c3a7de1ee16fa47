"""The fields of a form as rows: label, editor, and under it what is wrong or worth knowing."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QIcon,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.details import DetailsDialog
from s4desk.gui.dialogs.frame import SPACING
from s4desk.viewmodels.error_text import describe, details, explain
from s4desk.viewmodels.forms import TICKED, FieldKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from PySide6.QtGui import QPaintEvent

    from s4desk.viewmodels.forms import Field, Form

TICK = 16
DARK = 128
GREEN_ON_DARK, GREEN_ON_LIGHT = "#63c174", "#1e7a34"


class Note(QLabel):
    """A sentence under a field or a form: an error in the colour of errors, or a plain remark.

    What is known of an error beside its sentence is behind a link at the end of it.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_ticked = False
        self._failure: BaseException | None = None
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.linkActivated.connect(lambda _: self.show_details())
        self.hide()

    def say(
        self,
        text: str,
        *,
        is_error: bool = False,
        is_success: bool = False,
        failure: BaseException | None = None,
    ) -> None:
        """Show `text`, a success with a tick beside it; nothing takes no room. What is known of
        `failure` can be read."""
        self.is_ticked = is_success
        self._failure = failure if failure is not None and details(failure) else None
        if self._failure is not None:
            text = _with_link(text)
        self.setContentsMargins(TICK + SPACING // 2 if is_success else 0, 0, 0, 0)
        role = QPalette.ColorRole.BrightText if is_error else QPalette.ColorRole.WindowText
        self.setForegroundRole(role)
        self._allow_link(self._failure is not None)
        self.setText(text)
        self.setVisible(bool(text))

    def fail(self, problem: BaseException | str, *, lead: str = "") -> None:
        """Say what went wrong, after `lead`, and have its details at hand."""
        if isinstance(problem, str):
            self.say(problem, is_error=True)
        else:
            self.say(f"{lead} {describe(problem)}".strip(), is_error=True, failure=problem)

    def show_details(self) -> None:
        """What the store said about the failure that is shown, to read and to copy."""
        if self._failure is None:
            return
        text = explain(self._failure)
        dialog = DetailsDialog(text.problem, text.advice, details(self._failure), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _allow_link(self, is_there: bool) -> None:
        """A sentence is plain text, whatever a store says in it."""
        kind, flags = Qt.TextFormat, Qt.TextInteractionFlag
        self.setTextFormat(kind.RichText if is_there else kind.PlainText)
        self.setTextInteractionFlags(
            flags.LinksAccessibleByMouse | flags.LinksAccessibleByKeyboard
            if is_there
            else flags.NoTextInteraction
        )

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


def _with_link(text: str) -> str:
    lines = html.escape(text, quote=False).replace("\n", "<br>")
    return f'{lines} <a href="details">{tr("Details…")}</a>'


class _Cell(QWidget):
    """An editor and the texts under it, never lower than they need: a QFormLayout forgets how high
    a text is that wraps."""

    def __init__(self, column: QVBoxLayout, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = column
        column.setContentsMargins(0, 0, 0, 0)
        self.setLayout(column)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            # It is negative where nothing wraps.
            self.setMinimumHeight(max(0, self._column.totalHeightForWidth(self.width())))
            # One that was hidden meanwhile has grown without a word to what stands in it.
            self._column.setGeometry(self.rect())
        return handled


class FormRows(QWidget):
    """Shows the fields of a Form: the widgets write to it, and its errors come back.

    An error, or else a remark, is shown once its field was edited.
    """

    edited = Signal(str)

    def __init__(
        self, form: Form, parent: QWidget | None = None, *, names: Collection[str] | None = None
    ) -> None:
        """`names` are the fields that are shown here; without it all are."""
        super().__init__(parent)
        self._form = form
        self._editors: dict[str, QWidget] = {}
        self._notes: dict[str, Note] = {}
        self._touched: set[str] = set()
        self._grid = QFormLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._grid.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.setHorizontalSpacing(SPACING)
        for name, field in form.fields.items():
            if names is None or name in names:
                self._add(name, field)
        self.show_state()

    def show_state(self, is_hidden: Callable[[str], bool] = lambda _: False) -> None:
        """Show the errors, and the rows that mean something and are not `is_hidden`; one that says
        something of its own always is."""
        errors = self._form.errors
        for row, (name, note) in enumerate(self._notes.items()):
            if name in self._touched:
                error = errors.get(name, "")
                note.say(error or self._form.fields[name].remark, is_error=bool(error))
            is_shown = self._form.is_shown(name) and (bool(note.text()) or not is_hidden(name))
            self._grid.setRowVisible(row, is_shown)

    def open_fields(self, is_open: bool) -> None:
        """Let the fields be edited, or not."""
        for name, editor in self._editors.items():
            editor.setEnabled(is_open and not self._form.fields[name].obstacle)

    def let_labels_stand_above(self) -> None:
        """Where there is no room for them beside their fields."""
        self._grid.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)

    def focus_on(self, name: str) -> None:
        """Put the cursor into a field."""
        self._editors[name].setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_on_gap(self) -> None:
        """Put the cursor into the first field that is not as it has to be, if there is one."""
        errors = self._form.errors
        for name in self._editors:
            if name in errors and self._form.is_shown(name):
                self.focus_on(name)
                return

    def offer(self, name: str, offers: Mapping[str, str]) -> None:
        """Let a text be chosen among these, each shown with what it means; others can be typed
        all the same. It takes the place of what was offered before."""
        line = self._editors[name]
        if not isinstance(line, QLineEdit):
            return
        for action in line.findChildren(QAction, f"{name}-offers"):
            line.removeAction(action)
            action.deleteLater()
        line.setCompleter(_completer(line, offers) if offers else None)  # type: ignore[arg-type]
        if offers:
            action = line.addAction(_chevron(line), QLineEdit.ActionPosition.TrailingPosition)
            action.setObjectName(f"{name}-offers")
            action.setText(tr("Show what there is"))
            action.triggered.connect(lambda: _show_all(line))

    def refresh(self) -> None:
        """Show what the form says now, where it was changed by other than its editor."""
        for name, editor in self._editors.items():
            text = self._form.fields[name].text
            if _show_text(editor, text):
                self._touched.add(name)

    def _add(self, name: str, field: Field[object]) -> None:
        editor = _editor(name, field, lambda text: self._edited(name, text))
        editor.setParent(self)
        note = Note(f"{name}-error", self)
        cell = QVBoxLayout()
        cell.setSpacing(2)
        cell.addWidget(editor)
        cell.addWidget(note)
        if hint := field.obstacle or field.hint:
            cell.addWidget(_hint(hint))
        editor.setEnabled(not field.obstacle)
        cell.addStretch(1)
        self._editors[name], self._notes[name] = editor, note
        holder = _Cell(cell, self)
        if field.kind is FieldKind.TICK:
            self._grid.addRow("", holder)
        else:
            label = QLabel(f"{field.label}:", self)
            label.setBuddy(editor.focusProxy() or editor)
            self._grid.addRow(label, holder)

    def _edited(self, name: str, text: str) -> None:
        self._touched.add(name)
        self._form.edit(name, text)
        self.refresh()
        self.edited.emit(name)


def _chevron(widget: QWidget) -> QIcon:
    """An arrow down in the colour of quiet text: the style's own is black on any ground."""
    ratio = widget.devicePixelRatioF()
    pixmap = QPixmap(round(TICK * ratio), round(TICK * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(widget.palette().color(QPalette.ColorRole.PlaceholderText), 1.5))
    painter.drawPolyline([QPoint(4, 6), QPoint(8, 10), QPoint(12, 6)])
    painter.end()
    return QIcon(pixmap)


def _completer(line: QLineEdit, offers: Mapping[str, str]) -> QCompleter:
    """Completes texts, and shows what they mean beside them."""
    model = QStandardItemModel(len(offers), 1, line)
    for row, (text, meaning) in enumerate(offers.items()):
        model.setItem(row, QStandardItem(f"{text}   {meaning}" if meaning else text))
        model.item(row).setData(text, Qt.ItemDataRole.UserRole)
    completer = QCompleter(model, line)
    completer.setCompletionRole(Qt.ItemDataRole.UserRole)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    return completer


def _show_text(editor: QWidget, text: str) -> bool:
    """Show a text without telling; says whether it was another one."""
    widget = editor.focusProxy() or editor
    with QSignalBlocker(widget):
        if isinstance(widget, QLineEdit) and widget.text() != text:
            widget.setText(text)
        elif isinstance(widget, QComboBox) and widget.currentIndex() != _row_of(widget, text):
            widget.setCurrentIndex(_row_of(widget, text))
        elif isinstance(widget, QCheckBox) and widget.isChecked() is not (text == TICKED):
            widget.setChecked(text == TICKED)
        else:
            return False
    return True


def _editor(name: str, field: Field[object], edited: Callable[[str], None]) -> QWidget:
    """The widget for one field; it calls `edited` with the field's text."""
    if field.kind is FieldKind.CHOICE:
        widget: QWidget = _choice(field, edited)
    elif field.kind is FieldKind.TICK:
        widget = _tick(field, edited)
    elif field.kind in (FieldKind.FILE, FieldKind.FOLDER):
        widget = _file(name, field, edited)
    else:
        widget = _line(field, edited)
    if not widget.objectName():
        widget.setObjectName(name)
    widget.setAccessibleName(field.label.replace("&", ""))
    widget.setAccessibleDescription(field.obstacle or field.hint)
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
    box.setCurrentIndex(_row_of(box, field.text))
    box.currentIndexChanged.connect(lambda index: edited(box.itemData(index)))
    return box


def _row_of(box: QComboBox, text: str) -> int:
    return max(box.findData(text), 0)


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
    button.setAutoDefault(False)
    is_folder = field.kind is FieldKind.FOLDER
    said = tr("Choose a folder for “{field}”") if is_folder else tr("Choose a file for “{field}”")
    button.setAccessibleName(said.format(field=field.label))
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(line)
    row.addWidget(button)
    holder.setFocusProxy(line)

    def choose() -> None:
        chooser = QFileDialog(holder, field.label)
        mode = QFileDialog.FileMode
        chooser.setFileMode(mode.Directory if is_folder else mode.ExistingFile)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(line.setText)
        chooser.open()

    button.clicked.connect(choose)
    return holder


def _show_all(line: QLineEdit) -> None:
    completer = line.completer()
    line.setFocus(Qt.FocusReason.OtherFocusReason)  # only then what is chosen is taken
    completer.setCompletionPrefix("")
    completer.complete()


def _hint(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
