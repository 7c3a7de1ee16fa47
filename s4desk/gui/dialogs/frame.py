"""What every dialog looks like: its margins, its sentences, its buttons."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from s4desk.gui.room import FRAME

SPACING = 12
MARGIN = SPACING + 4
FORM_WIDTH = 460
SETTLING_MS = 1000
"""A window manager takes less to put a window into its frame, a person more to move it."""

_Button = QDialogButtonBox.StandardButton
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def column(dialog: QDialog) -> QVBoxLayout:
    """The layout of a dialog: one below the other."""
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
    layout.setSpacing(SPACING)
    settle(dialog)
    return layout


def settle(dialog: QDialog) -> None:
    """Let it come up over the middle of its window, all of it on the screen, and answer to keys."""
    dialog.installEventFilter(_Centring(dialog))
    dialog.installEventFilter(_Keys(dialog))


class _Centring(QObject):
    """Puts a dialog over the middle of its window, and all of it on the screen.

    Qt does that too, but trusts in what it believes about frames before there are any. What grows
    while the window manager still puts it into its frame would be put where Qt believes it to be
    meanwhile: in the corner of the screen. So for a moment it is put in its place again.
    """

    def __init__(self, dialog: QDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._is_ours = False
        self._shown = QElapsedTimer()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._dialog:
            return False
        if event.type() is QEvent.Type.LayoutRequest:
            _grow(self._dialog)
        elif event.type() is QEvent.Type.Show:
            _fit(self._dialog, self._dialog.screen().availableGeometry().size())
            is_moved = self._dialog.testAttribute(Qt.WidgetAttribute.WA_Moved)
            self._is_ours = self._dialog.parentWidget() is not None and not is_moved
            self._shown.start()
            self._put()
        elif event.type() is QEvent.Type.Resize and not event.spontaneous():
            self._put()
        return False

    def _put(self) -> None:
        """In its place as long as it is ours to choose, and on the screen ever after."""
        dialog, window = self._dialog, self._dialog.parentWidget()
        if not dialog.isVisible() or not self._shown.isValid():
            return
        screen = dialog.screen().availableGeometry()
        if self._is_ours and window is not None and self._shown.elapsed() < SETTLING_MS:
            dialog.move(placed(dialog.size() + FRAME, window.window().frameGeometry(), screen))
        else:
            _keep_on_screen(dialog, screen)


class _Keys(QObject):
    """Lets the Tab key reach every button of a dialog, and Enter press the one that has it.

    A box hands the focus on to its default button, so that Tab passes over what stands before
    that one. And Qt lets Enter press the default button, whatever button has the focus, if that
    one is not to become the default while it has it.
    """

    def __init__(self, dialog: QDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._dialog:
            return False
        if event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest):
            for box in self._dialog.findChildren(QDialogButtonBox):
                if box.focusProxy() is not None:
                    box.setFocusProxy(None)  # type: ignore[arg-type]  # none is allowed
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return event.key() in _ENTER and self._press_focused()
        return False

    def _press_focused(self) -> bool:
        focused = self._dialog.focusWidget()
        if not isinstance(focused, QPushButton | QToolButton) or not focused.isEnabled():
            return False
        focused.click()
        return True


def _fit(dialog: QDialog, screen: QSize) -> None:
    """Make it no larger than its screen, and no higher than its sentences need at its width: Qt
    asks how high they are before it knows how wide."""
    size, layout = dialog.size(), dialog.layout()
    is_free = not dialog.testAttribute(Qt.WidgetAttribute.WA_Resized)
    if is_free and layout is not None and layout.hasHeightForWidth():
        size.setHeight(layout.totalHeightForWidth(size.width()))
    dialog.resize(size.boundedTo(screen - FRAME))


def _grow(dialog: QDialog) -> None:
    """Make room for a sentence that came when it was on the screen already."""
    layout = dialog.layout()
    if not dialog.isVisible() or layout is None or not layout.hasHeightForWidth():
        return
    needed = layout.totalMinimumHeightForWidth(dialog.width())
    if needed > dialog.height():
        screen = dialog.screen().availableGeometry().size() - FRAME
        dialog.resize(dialog.width(), min(needed, screen.height()))


def _keep_on_screen(dialog: QDialog, screen: QRect) -> None:
    """Move up what has grown over the lower edge: its buttons would be out of sight."""
    frame = dialog.frameGeometry()
    over = frame.bottom() - screen.bottom()
    if over > 0:
        dialog.move(frame.left(), max(screen.top(), frame.top() - over))


def placed(size: QSize, window: QRect, screen: QRect) -> QPoint:
    """The corner of what is so large, over the middle of `window` as far as `screen` has room."""
    place = QRect(QPoint(), size)
    place.moveCenter(window.center())
    place.moveRight(min(place.right(), screen.right()))
    place.moveBottom(min(place.bottom(), screen.bottom()))
    return QPoint(max(place.left(), screen.left()), max(place.top(), screen.top()))


def choice_box(parent: QWidget, accept_text: str, decline_text: str = "") -> QDialogButtonBox:
    """OK, named after what it does, and Cancel."""
    box = button_box(_Button.Ok | _Button.Cancel, parent)
    box.button(_Button.Ok).setText(accept_text)
    if decline_text:
        box.button(_Button.Cancel).setText(decline_text)
    return box


def let_enter_decline(box: QDialogButtonBox) -> None:
    """Enter presses Cancel: what a dialog asks about cannot be undone.

    The button gets the focus too, because one that has it is what Enter presses.
    """
    decline = box.button(_Button.Cancel)
    decline.setDefault(True)
    decline.setFocus(Qt.FocusReason.OtherFocusReason)


def button_box(buttons: QDialogButtonBox.StandardButton, parent: QWidget) -> QDialogButtonBox:
    """The buttons of a dialog, in the order of the platform, with words only."""
    box = QDialogButtonBox(buttons, parent)
    for button in box.buttons():
        button.setIcon(QIcon())
    return box


def headline(text: str) -> QLabel:
    """The sentence a dialog is about."""
    label = paragraph(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def be_narrow(box: QComboBox, letters: int) -> None:
    """Let a choice be cut to so many letters where there is no room for the longest one."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(letters)


def paragraph(text: str) -> QLabel:
    """Plain text that wraps and can be selected."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
