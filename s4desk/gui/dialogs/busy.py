"""Something that takes a while: said after a moment, with a button that stops it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QWidget

from s4desk.gui.dialogs.frame import button_box, column, paragraph

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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


@contextlib.asynccontextmanager
async def busy(title: str, window: QWidget) -> AsyncIterator[BusyDialog]:
    """Show a BusyDialog while inside, if that takes longer than a moment.

    Cancel cancels the task that is inside.
    """
    task = asyncio.current_task()
    assert task is not None
    dialog = BusyDialog(title, window)
    dialog.rejected.connect(task.cancel)
    soon = asyncio.get_running_loop().call_later(PATIENCE_S, dialog.open)
    try:
        yield dialog
    finally:
        soon.cancel()
        dialog.rejected.disconnect(task.cancel)
        dialog.close()
        dialog.deleteLater()
