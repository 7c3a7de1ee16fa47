"""What a person types while a verb runs. Ctrl-C ends every wait at once."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import sys
from typing import TYPE_CHECKING

from s4desk.core.runtime.threads import in_thread

if sys.platform != "win32":
    import termios

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 4096


def is_somebody_there() -> bool:
    """Whether standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


async def ask(question: str) -> str:
    """The line that was typed in answer, without its end; empty for none."""
    _write(question)
    if sys.platform == "win32":  # its loop cannot wait for a console; Ctrl-C ends the read there
        return (await in_thread(sys.stdin.readline)).rstrip("\r\n")
    return await _line()


async def ask_secret(question: str) -> str:
    """As `ask`; what is typed is not shown."""
    if sys.platform == "win32":
        return await in_thread(getpass.getpass, question)
    with _unseen(sys.stdin.fileno()):
        _write(question)
        try:
            return await _line()
        finally:
            _write("\n")


async def read_input() -> str:
    """All of standard input, up to its end."""
    if sys.stdin is None:
        return ""
    if sys.platform == "win32":
        return await in_thread(sys.stdin.read)
    pieces = []
    while piece := await _piece():
        pieces.append(piece)
    return _text(b"".join(pieces))


async def _line() -> str:
    """A terminal hands out at most one line at a time."""
    line = b""
    while not line.endswith(b"\n"):
        piece = await _piece()
        if not piece:
            break
        line += piece
    return _text(line).rstrip("\r\n")


async def _piece() -> bytes:
    """Some bytes of standard input, none at its end."""
    handle, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    is_ready = asyncio.Event()
    with contextlib.suppress(PermissionError):  # a file is always ready
        loop.add_reader(handle, is_ready.set)
        try:
            await is_ready.wait()
        finally:
            loop.remove_reader(handle)
    return os.read(handle, CHUNK)


@contextlib.contextmanager
def _unseen(handle: int) -> Iterator[None]:
    """No echo meanwhile, and what was typed ahead is thrown away."""
    if sys.platform == "win32":
        raise NotImplementedError
    before = termios.tcgetattr(handle)
    silent = [*before]
    silent[3] &= ~termios.ECHO
    try:
        termios.tcsetattr(handle, termios.TCSAFLUSH, silent)
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSAFLUSH, before)


def _text(typed: bytes) -> str:
    return typed.decode(sys.stdin.encoding or "utf-8", "surrogateescape")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
