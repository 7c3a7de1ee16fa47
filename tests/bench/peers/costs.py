"""What a whole process costs: seconds on the wall, processor seconds, peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process and all it started. `peak` is the largest of them, in 10^6 bytes."""

    wall: float
    cpu: float
    peak: float


class RefusedError(Exception):
    """The client did not do what it was asked; the message is the end of what it said."""


def run(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end. Raises RefusedError."""
    with log.open("w+b") as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(max(0, said.tell() - 600))
            raise RefusedError(said.read().decode(errors="replace").strip())
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)
