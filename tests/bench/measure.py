"""What every benchmark needs: CPU and memory of a process, and how late a window is."""

from __future__ import annotations

import asyncio
import os
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path


def cpu_seconds() -> float:
    """User and system time of this process and the children it has reaped."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def own_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident_mb() -> float:
    """Memory of this process now, in 10^6 bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class Stopwatch:
    """Wall and CPU seconds between `with` and its end."""

    wall: float = 0.0
    cpu: float = 0.0
    _start: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def __enter__(self) -> Stopwatch:
        self._start = (time.perf_counter(), own_cpu_seconds())
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._start[0]
        self.cpu = own_cpu_seconds() - self._start[1]


class Lateness:
    """How late a precise 16 ms timer of the window fires, in milliseconds.

    Made and read on the GUI thread.
    """

    INTERVAL_MS = 16

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._late: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(self.INTERVAL_MS)

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late.append((now - self._last) * 1e3 - self.INTERVAL_MS)
        self._last = now

    def restart(self) -> None:
        self._late.clear()
        self._last = time.perf_counter()

    def percentile(self, share: float) -> float:
        ordered = sorted(self._late) or [0.0]
        return max(0.0, ordered[min(len(ordered) - 1, int(len(ordered) * share))])

    def __str__(self) -> str:
        return f"p99 {self.percentile(0.99):.0f} ms, max {self.percentile(1):.0f} ms"


class LateLoop:
    """How late a loop comes to a timer of 5 ms, in milliseconds. Made on the loop."""

    INTERVAL_S = 0.005

    def __init__(self) -> None:
        self._late: list[float] = []
        self._task = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(self.INTERVAL_S)
            self._late.append((time.perf_counter() - began - self.INTERVAL_S) * 1e3)

    def told(self) -> str:
        """Since it was told last."""
        ordered = sorted(self._late) or [0.0]
        self._late = []
        late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        return f"loop late by {late:.0f} ms (p99), {ordered[-1]:.0f} at most"
