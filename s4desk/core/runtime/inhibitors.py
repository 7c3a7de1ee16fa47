"""What systems offer to keep them awake."""

from __future__ import annotations

import ctypes
import logging
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.runtime.wakefulness import Inhibitor

log = logging.getLogger(__name__)

_END_S: Final = 5.0
_CONTINUOUS: Final = 0x80000000
_SYSTEM_REQUIRED: Final = 0x00000001


class HeldProcess:
    """An inhibitor that is another program's doing: it lasts as long as that program runs.

    The program ends with its standard input, so that it never outlives this process, however that
    dies.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            log.info("the computer cannot be kept awake: %s", error)

    def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.communicate(timeout=_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        if process.returncode:
            log.info("%s ended with %d", self._command[0], process.returncode)


class WindowsInhibitor:
    """SetThreadExecutionState, which holds as long as the thread lives that called it."""

    def __init__(self) -> None:
        self._over: threading.Event | None = None

    def begin(self) -> None:
        self._over = threading.Event()
        threading.Thread(target=_hold, args=(self._over,), name="awake", daemon=True).start()

    def end(self) -> None:
        if self._over is not None:
            self._over.set()


def _hold(over: threading.Event) -> None:
    set_state = getattr(ctypes, "windll").kernel32.SetThreadExecutionState  # noqa: B009
    set_state(_CONTINUOUS | _SYSTEM_REQUIRED)
    over.wait()
    set_state(_CONTINUOUS)


def system_inhibitor(why: str) -> Inhibitor | None:
    """What this system offers, None for nothing. `why` is shown to whoever asks it."""
    if sys.platform == "win32":
        return WindowsInhibitor()
    if sys.platform == "darwin":
        return HeldProcess(["caffeinate", "-i", "cat"])
    if shutil.which("systemd-inhibit") is None:
        return None
    return HeldProcess(
        [
            "systemd-inhibit",
            "--what=idle:sleep",
            "--mode=block",
            "--who=s4desk",
            f"--why={why}",
            "cat",
        ]
    )
