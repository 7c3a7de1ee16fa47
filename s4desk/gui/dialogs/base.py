"""What all dialogs share: they are opened, never executed, and answer to a coroutine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar, cast

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from s4desk.gui.dialogs.fields import FormRows, Note
from s4desk.gui.dialogs.frame import FORM_WIDTH, MARGIN, SPACING, choice_box, column
from s4desk.gui.dialogs.more_button import MoreButton
from s4desk.gui.dialogs.scrolled import Scrolled
from s4desk.gui.room import roomy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from s4desk.viewmodels.forms import Form

T = TypeVar("T")


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


async def pressed(dialog: QDialog, signal: SignalInstance) -> bool:
    """Show a dialog and wait for a signal of it, True, or for its end, False; it stays open."""
    ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    yes = signal.connect(lambda: _settle(ended, True))
    end = dialog.finished.connect(lambda _: _settle(ended, False))
    dialog.open()
    try:
        return await ended
    finally:
        signal.disconnect(yes)
        dialog.finished.disconnect(end)


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


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
        names: Collection[str] | None = None,
    ) -> None:
        """`rare` fields are behind “More options” as long as they say nothing of their own. `names`
        are those that stand above all else; without it all do."""
        super().__init__(parent)
        self.form = form
        self._rare = frozenset(rare)
        self.setWindowTitle(form.title)
        self._focused: QWidget | None = None
        self._inside = QWidget(self)
        self._below = QVBoxLayout()
        self._rows = FormRows(form, self, names=names)
        self._rows.edited.connect(self._edited)
        self._rows.setHidden(names is not None and not names)  # else a gap is in its place
        self._more_rows: list[FormRows] = []
        # Tab follows the order of creation, so what comes after the fields is made after them.
        self._more = MoreButton(self)
        self._more.setVisible(bool(rare))
        self._more.toggled.connect(lambda _on: self._show_rare())
        self.outcome = Note("outcome", self)
        self._outcome_frame: QWidget = self.outcome
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

    def add_above_fields(self, widget: QWidget) -> None:
        """What the fields are about, where nothing scrolls."""
        cast(QVBoxLayout, self.layout()).insertWidget(0, widget)

    def add_below_fields(self, widget: QWidget, *, takes_room: bool = False) -> None:
        """A larger dialog gives what it has to what `takes_room`."""
        self._below.addWidget(widget, int(takes_room))
        if takes_room:
            self._scrolled.take_room()
            cast(QVBoxLayout, self._inside.layout()).setStretchFactor(self._below, 1)
            cast(QVBoxLayout, self.layout()).setStretchFactor(self._scrolled, 1)

    def add_below_outcome(self, widget: QWidget) -> None:
        """Beside the sentence that says what came of it, where nothing scrolls."""
        layout = cast(QVBoxLayout, self.layout())
        layout.insertWidget(layout.indexOf(self._outcome_frame) + 1, widget)

    def more_rows(self, names: Collection[str]) -> FormRows:
        """Further fields of the form, for whoever puts them in their place."""
        rows = FormRows(self.form, self._inside, names=names)
        rows.edited.connect(self._edited)
        self._more_rows.append(rows)
        return rows

    def frame_outcome(self, frame: Callable[[Note], QWidget]) -> None:
        """Let another widget hold that sentence, in its place."""
        layout = cast(QVBoxLayout, self.layout())
        place = layout.indexOf(self._outcome_frame)
        self._outcome_frame = frame(self.outcome)
        layout.insertWidget(place, self._outcome_frame)

    def bring_out(self, name: str) -> None:
        """Show a rare field from now on."""
        self._rare -= {name}
        self._show_state()

    def fit_height(self) -> None:
        """As high as what is shown now, at the width that it has."""
        layout = cast(QVBoxLayout, self.layout())
        layout.activate()
        self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def leave_room(self, height: int) -> None:
        """Scroll the fields before something of that height does not fit on the screen."""
        self._scrolled.leave_room(height)

    def fail(self, problem: BaseException | str) -> None:
        """Say why what was asked could not be done, and let the person try again."""
        self.set_busy(False)
        self.outcome.fail(problem)

    def set_busy(self, is_busy: bool, sentence: str = "") -> None:
        """While busy, fields and OK are closed and `sentence` says what is going on.

        What is closed loses the keyboard's focus, and gets it back when it is opened again.
        """
        if is_busy:
            self._focused = self.focusWidget() or self._focused
        for rows in (self._rows, *self._more_rows):
            rows.open_fields(not is_busy)
        self.outcome.say(sentence)
        self._show_state(is_busy=is_busy)
        if not is_busy and self._focused is not None:
            self._focused.setFocus(Qt.FocusReason.OtherFocusReason)
            self._focused = None

    def focus_on(self, name: str) -> None:
        """Put the cursor into a field, and the field where it is seen."""
        self._rows.focus_on(name)
        if (widget := self.focusWidget()) is not None:
            self._scrolled.ensureWidgetVisible(widget)

    def offer(self, name: str, offers: Mapping[str, str]) -> None:
        """Let the text of a field be chosen among these, each with its meaning; others can be
        typed all the same."""
        self._rows.offer(name, offers)

    def refresh(self) -> None:
        """Show what the form says, when somebody else has changed it."""
        for rows in (self._rows, *self._more_rows):
            rows.refresh()
        self._edited()

    async def submission(self) -> bool:
        """Wait until OK is pressed on a valid form; False when the dialog was closed instead."""
        return await pressed(self, self.submitted)

    def _submit(self) -> None:
        if not self.form.errors:
            self.submitted.emit()

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(SPACING)
        inside.addWidget(self._rows)
        inside.addWidget(self._more, alignment=Qt.AlignmentFlag.AlignLeft)
        inside.addLayout(self._below)
        layout = column(self)
        self._scrolled = Scrolled(self._inside, self)
        layout.addWidget(self._scrolled)
        layout.addWidget(self.outcome)
        layout.addStretch()
        layout.addWidget(self._buttons)
        # Not that of the dialog: it would forbid it to grow with what it holds.
        self._buttons.setMinimumWidth(roomy(self, FORM_WIDTH) - 2 * MARGIN)

    def _edited(self) -> None:
        self.outcome.say("")
        self._show_state()
        self.edited.emit()

    def _show_state(self, *, is_busy: bool = False) -> None:
        errors = self.form.errors
        self._rows.show_state(lambda name: name in self._rare and not self._more.isChecked())
        for rows in self._more_rows:
            rows.show_state()
        # Before it is shown nobody tells a layout that rows are hidden.
        for widget in (self._rows, *self._more_rows, self._inside, self._scrolled):
            widget.updateGeometry()
        for button in self._when_valid:
            button.setEnabled(not errors and not is_busy)
            button.setToolTip(next(iter(errors.values()), ""))

    def _show_rare(self) -> None:
        self._show_state()
        self.adjustSize()

    def show_rare(self) -> None:
        """Open “More options”."""
        self._more.setChecked(True)
