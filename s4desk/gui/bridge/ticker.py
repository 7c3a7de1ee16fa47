"""The only clock of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME_MS = 100


class Ticker(QObject):
    """Calls its frames ten times a second while one of them has something to do.

    A frame returns whether it expects more. When all say no the timer stops, until `wake`.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frames: list[Callable[[], bool]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def is_awake(self) -> bool:
        return self._timer.isActive()

    def add(self, frame: Callable[[], bool]) -> None:
        self._frames.append(frame)

    def remove(self, frame: Callable[[], bool]) -> None:
        self._frames.remove(frame)

    def wake(self) -> None:
        """Begin to tick, if it does not already. To be called on the GUI thread."""
        if not self._timer.isActive():
            self._timer.start()

    def tick(self) -> None:
        """One frame now."""
        is_busy = [frame() for frame in list(self._frames)]
        if not any(is_busy):
            self._timer.stop()
