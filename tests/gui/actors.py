"""Processes with windows, and the hand that moves the pointer between them."""

from __future__ import annotations

import json
import queue
import reprlib
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.servers.process import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATIENCE_S = 60.0
STEP_S = "0.04"
STEPS = 12

_BRIEF = reprlib.Repr()
_BRIEF.maxdict, _BRIEF.maxlist, _BRIEF.maxstring = 40, 8, 200


class Actor:
    """A Python module that prints JSON lines; `latest` holds all that it said last."""

    def __init__(self, module: str, *words: str, env: Mapping[str, str]) -> None:
        self.latest: dict[str, Any] = {}
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._errors: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ends_by_itself(self) -> bool:
        """Wait until it ends, True, or says something, False."""
        try:
            self._take_line(time.monotonic() + PATIENCE_S)
        except AssertionError:
            return self._process.wait(PATIENCE_S) is not None
        return False

    def until(self, is_so: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait until what it says is so; raises AssertionError when it never is."""
        end = time.monotonic() + PATIENCE_S
        while not (self.latest and is_so(self.latest)):
            self._take_line(end)
        return self.latest

    def quit(self) -> tuple[int, str]:
        """Ask it to end; returns the exit code and what it wrote to stderr."""
        self._process.terminate()
        return self.wait()

    def wait(self) -> tuple[int, str]:
        code = self._process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        return code, "".join(self._errors)

    def kill(self) -> None:
        """End it, whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
            self.wait()

    def _take_line(self, end: float) -> None:
        try:
            line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"it never came; last: {_BRIEF.repr(self.latest)}") from None
        if line is None:
            raise AssertionError(f"the process ended: {''.join(self._errors)}")
        self.latest |= json.loads(line)

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)


class Hand:
    """Moves the pointer and presses keys, by the X server's own means."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def click(self, place: list[int]) -> None:
        self._do("mousemove", *_at(place), "sleep", "0.2", "click", "1")

    def double_click(self, place: list[int]) -> None:
        self._do("mousemove", *_at(place), "sleep", "0.2", "click", "--repeat", "2", "1")

    def key(self, *keys: str) -> None:
        self._do("key", *keys)

    def type(self, text: str) -> None:
        self._do("type", "--delay", "20", text)

    def drag(
        self, start: list[int], end: list[int], *, rest_s: float = 0.3, holding: str = ""
    ) -> None:
        """Press, move away a little, rest, move on, rest, release: as a person does.

        The key `holding` goes down on the way and up after the button.
        """
        away = [start[0] + 40, start[1] + 15]
        words = ["mousemove", *_at(start), "sleep", "0.3", "mousedown", "1", "sleep", "0.15"]
        words += [*_steps(start, away), "sleep", str(rest_s), *_steps(away, end)]
        words += ["keydown", holding] if holding else []
        words += ["sleep", "0.5", "mousemove_relative", "1", "1", "sleep", "0.4", "mouseup", "1"]
        words += ["sleep", "0.2", "keyup", holding] if holding else []
        self._do(*words)

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._env, check=True, capture_output=True)


def _at(place: list[int]) -> tuple[str, str]:
    return str(place[0]), str(place[1])


def _steps(start: list[int], end: list[int]) -> list[str]:
    words: list[str] = []
    for step in range(1, STEPS + 1):
        x = start[0] + (end[0] - start[0]) * step // STEPS
        y = start[1] + (end[1] - start[1]) * step // STEPS
        words += ["mousemove", str(x), str(y), "sleep", STEP_S]
    return words
