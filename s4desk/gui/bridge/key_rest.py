"""Waiting until nobody types into a window: what opens then takes no keys meant for another."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

REST_S: Final = 0.7
"""Longer than between two letters of who types slowly."""


class KeyRest(QObject):
    """Watches the keys of one window, but only while somebody waits."""

    def __init__(self, window: QWidget, is_writing: Callable[[], bool]) -> None:
        """`is_writing` tells whether a line is open that somebody writes in, or thinks at."""
        super().__init__(window)
        self._window = window
        self._is_writing = is_writing
        self._pressed = asyncio.Event()

    async def come(self, rest_s: float = REST_S) -> None:
        """Wait until no key came for so long, and no line is open."""
        handle = self._window.windowHandle()
        if handle is None:
            return
        handle.installEventFilter(self)
        try:
            while await self._is_pressed_within(rest_s) or self._is_writing():
                self._pressed.clear()
        finally:
            handle.removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress:
            self._pressed.set()
        return False

    async def _is_pressed_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._pressed.wait()
        return self._pressed.is_set()
