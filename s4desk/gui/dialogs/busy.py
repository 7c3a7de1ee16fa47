"""Something that takes a while: said after a moment, with a button that stops it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QProgressBar, QWidget

from s4desk.gui.dialogs.frame import button_box, column, paragraph

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PATIENCE_S = 0.7
WIDTH = 420


class BusyDialog(QDialog):
    """A sentence that changes, a bar that only says it goes on, and a button that ends it."""

    def __init__(self, title: str, parent: QWidget | None = None, stop_text: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._sentence = paragraph(title)
        bar = QProgressBar(self)
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        buttons = button_box(QDialogButtonBox.StandardButton.Cancel, self)
        if stop_text:
            buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(stop_text)
        buttons.rejected.connect(self.reject)
        layout = column(self)
        layout.addWidget(self._sentence)
        layout.addWidget(bar)
        layout.addWidget(buttons)
        self.setMinimumWidth(WIDTH)

    def say(self, sentence: str) -> None:
        self._sentence.setText(sentence)


class _EarlyEscape(QObject):
    """Takes Escape for a dialog that is not open yet: who presses it at once means the same."""

    def __init__(self, dialog: QDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape or self._is_taken():
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress:
            self._dialog.reject()
        return True

    def _is_taken(self) -> bool:
        """Whether the key is another's: the dialog's own, that of a dialog before it, a menu's."""
        modal, parent = QApplication.activeModalWidget(), self._dialog.parentWidget()
        is_elsewhere = modal is not None and modal is not parent
        return is_elsewhere or QApplication.activePopupWidget() is not None


@contextlib.contextmanager
def patiently(dialog: QDialog) -> Iterator[None]:
    """Show a dialog while inside, if that takes longer than a moment; Escape ends it before, too.

    It is closed and given up at the end.
    """
    application, escape = QApplication.instance(), _EarlyEscape(dialog)
    assert application is not None

    def show() -> None:
        # What looks at every event of the window would slow it down in the long run.
        application.removeEventFilter(escape)
        dialog.open()

    soon = asyncio.get_running_loop().call_later(PATIENCE_S, show)
    dialog.rejected.connect(soon.cancel)
    application.installEventFilter(escape)
    try:
        yield
    finally:
        application.removeEventFilter(escape)
        soon.cancel()
        dialog.rejected.disconnect()
        dialog.close()
        dialog.deleteLater()


@contextlib.asynccontextmanager
async def busy(title: str, window: QWidget) -> AsyncIterator[BusyDialog]:
    """Show a BusyDialog while inside, if that takes longer than a moment.

    Cancel cancels the task that is inside.
    """
    task = asyncio.current_task()
    assert task is not None
    dialog = BusyDialog(title, window)
    dialog.rejected.connect(task.cancel)
    with patiently(dialog):
        yield dialog
