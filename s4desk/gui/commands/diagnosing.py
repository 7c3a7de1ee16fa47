"""What belongs into a report: gathered, shown, copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.diagnostics import DiagnosticsDialog
from s4desk.viewmodels.diagnostics import as_text, gather

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk


class Diagnosing:
    """A dialog shows what would be copied before it is."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        self._desk = desk
        self._window = window

    async def show(self) -> None:
        """Raises LocalFileError for a log that cannot be read."""
        told = await gather(self._desk, _of_the_window(self._window))
        dialog = DiagnosticsDialog(self._window)

        def fill() -> None:
            dialog.text.setPlainText(as_text(told, with_names=dialog.names.isChecked()))

        dialog.asked.connect(fill)
        fill()
        await accepted(dialog)


def _of_the_window(window: QWidget) -> dict[str, str]:
    screen = window.screen()
    size = screen.size()
    return {
        "qt": qVersion() or "",
        "qt platform": QGuiApplication.platformName(),
        "qt style": QApplication.style().objectName(),
        "screen": f"{size.width()} x {size.height()}, ratio {screen.devicePixelRatio():g}",
    }
