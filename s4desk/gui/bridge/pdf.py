"""A page of a PDF, drawn by another process."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from s4desk.core.runtime.threads import settled
from s4desk.viewmodels.pdf_page import TIMEOUT_S, command, drawn_page

if TYPE_CHECKING:
    from s4desk.viewmodels.pdf_page import DrawnPage

_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


async def first_page(data: bytes) -> tuple[QImage, int] | None:
    """The first page, and how many there are; None for one that could not be drawn.

    Cancelled, it ends the process.
    """
    drawing = _Drawing()
    work = asyncio.get_running_loop().run_in_executor(None, drawing.run, data)
    try:
        await asyncio.wait([work])
    finally:
        drawing.stop()
        page = await settled(work)
    return None if page is None else (_image(page), page.pages)


class _Drawing:
    """One process: started and waited for in a thread, ended from any other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_over = False

    def run(self, data: bytes) -> DrawnPage | None:
        pipe = subprocess.PIPE
        with self._lock:
            if self._is_over:
                return None
            process = self._process = subprocess.Popen(
                command(),
                stdin=pipe,
                stdout=pipe,
                stderr=subprocess.DEVNULL,
                creationflags=_NO_WINDOW,
            )
        try:
            written, _ = process.communicate(data, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None
        return drawn_page(written) if process.returncode == 0 else None

    def stop(self) -> None:
        with self._lock:
            self._is_over = True
            if self._process is not None:
                self._process.kill()


def _image(page: DrawnPage) -> QImage:
    """A copy: the one that is made first does not keep the pixels alive."""
    kind = QImage.Format.Format_BGR888
    return QImage(page.pixels, page.width, page.height, page.stride, kind).copy()
