"""Closing the window while transfers are under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk


class Closing:
    """Asks once before a window is closed that still moves something."""

    def __init__(self, desk: Desk, close: Callable[[], None], window: QWidget) -> None:
        """`close` closes the window without a question."""
        self._desk = desk
        self._close = close
        self._window = window
        self._is_asking = False

    def is_question(self) -> bool:
        """Whether closing is to be asked about: transfers are queued or running."""
        return self._desk.board.totals().under_way > 0

    async def ask(self) -> None:
        """Close the window if the person says so; one question at a time."""
        if self._is_asking:
            return
        self._is_asking = True
        try:
            count = self._desk.board.totals().under_way
            sentence = tr_n(
                "{count} transfer is under way.", "{count} transfers are under way.", count
            )
            explanation = (
                tr("The demo forgets everything when it closes.")
                if self._desk.is_passing
                else tr_n("It goes on at the next start.", "They go on at the next start.", count)
            )
            dialog = QuestionDialog(
                tr("Close"),
                sentence.format(count=format_count(count)),
                explanation,
                tr("&Close"),
                self._window,
                decline_text=tr("&Stay"),
            )
            if await accepted(dialog):
                self._close()
        finally:
            self._is_asking = False
