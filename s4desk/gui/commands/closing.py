"""Closing the window while transfers are under way, or lifecycle rules are being applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk


class Closing:
    """Asks once before a window is closed that still moves or deletes something."""

    def __init__(
        self,
        desk: Desk,
        close: Callable[[], None],
        applied: Callable[[], Sequence[str]],
        window: QWidget,
    ) -> None:
        """`close` closes the window without a question; `applied` are the buckets whose lifecycle
        rules are being applied because somebody pressed a button."""
        self._desk = desk
        self._applied = applied
        self._close = close
        self._window = window
        self._is_asking = False

    def is_question(self) -> bool:
        """Whether closing is to be asked about: something is queued or running."""
        by_clock = self._desk.lifecycle.under_way()
        return self._desk.board.totals().under_way > 0 or bool(self._applied() or by_clock)

    async def ask(self) -> None:
        """Close the window if the person says so; one question at a time."""
        if self._is_asking:
            return
        self._is_asking = True
        try:
            dialog = QuestionDialog(
                tr("Close"),
                *self._words(),
                tr("&Close"),
                self._window,
                decline_text=tr("&Stay"),
            )
            if await accepted(dialog):
                self._close()
        finally:
            self._is_asking = False

    def _words(self) -> tuple[str, str]:
        """What is under way, and what becomes of it."""
        count, buckets = self._desk.board.totals().under_way, self._applied()
        by_clock = self._desk.lifecycle.under_way()
        sentences, ends = [], []
        if count:
            moving = tr_n(
                "{count} transfer is under way.", "{count} transfers are under way.", count
            )
            sentences.append(moving.format(count=format_count(count)))
            if not self._desk.is_passing:
                ends.append(
                    tr_n("It goes on at the next start.", "They go on at the next start.", count)
                )
        if buckets or by_clock:
            applying = tr("Lifecycle rules are being applied to {buckets}.")
            names = dict.fromkeys(map(printable, (*buckets, *by_clock)))
            sentences.append(applying.format(buckets=", ".join(names)))
        if buckets:
            ends.append(tr("What the rules did stays done; the rest of it is not done."))
        if by_clock:
            ends.append(tr("What the schedule has left is done after the next start."))
        if self._desk.is_passing:
            ends = [tr("The demo forgets everything when it closes.")]
        return "\n".join(sentences), "\n".join(ends)
