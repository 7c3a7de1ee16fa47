"""Ctrl-C, however often and whenever: a word, the exit code 130, and never a death by signal."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ENDED = "Ended at once. What was under way is in “s4desk transfers list”, if it can go on.\n"

START = """
import atexit, os, signal, sys

def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)
"""

MAIN = """
from s4desk.app.main import main
sys.argv = ["s4desk", "connections", "list"]
sys.exit(main())
"""

IMPORTING = """
class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "asyncio":
            {deed}

sys.meta_path.insert(0, Impatient())
"""

VERB = """
import asyncio
from s4desk.app.cli.console import Console
from s4desk.app.cli.interrupts import Interrupts
from s4desk.app.cli import run

console = Console(as_json=False)

async def verb(*_):
    {deed}
    await asyncio.sleep(60)

run._loaded = lambda _: verb
run.Console = lambda **_: console
"""


def ended(code: str, home: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "S4DESK_HOME": str(home), "PYTHONIOENCODING": "utf-8"},
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("deed", ["ctrl_c()", "exec('ctrl_c()')"])
def test_while_something_is_loaded(tmp_path: Path, deed: str) -> None:
    """A module that makes a class by `exec` is no other."""
    code = START + IMPORTING.format(deed=deed) + MAIN
    assert ended(code, tmp_path) == (130, "Interrupted.\n")


def test_twice_while_something_is_loaded(tmp_path: Path) -> None:
    """The second one comes while the word is said."""
    again = """
class Again:
    def __getattr__(self, name):
        return getattr(sys.__stderr__, name)
    def write(self, text):
        ctrl_c()
        return sys.__stderr__.write(text)

sys.stderr = Again()
"""
    code = START + again + IMPORTING.format(deed="ctrl_c()") + MAIN
    assert ended(code, tmp_path) == (130, "Interrupted.\n")


@pytest.mark.parametrize("before", ["", "ctrl_c(); "])
def test_when_all_is_done(tmp_path: Path, before: str) -> None:
    """The interpreter takes a while to end."""
    code = START + VERB.format(deed=f"{before}await asyncio.sleep(0); return") + MAIN
    code = code.replace("sys.exit(", "atexit.register(ctrl_c)\nsys.exit(")
    told = (130, "Interrupted.\n") if before else (0, "")
    assert ended(code, tmp_path) == told


def test_the_second_one_ends_a_verb_with_a_word(tmp_path: Path) -> None:
    code = START + VERB.format(deed="ctrl_c(); ctrl_c()") + MAIN
    assert ended(code, tmp_path) == (130, ENDED)


def test_a_third_one_does_not_take_the_word_away(tmp_path: Path) -> None:
    late = "console.flush = ctrl_c\n"
    code = START + VERB.format(deed="ctrl_c(); ctrl_c()") + late + MAIN
    assert ended(code, tmp_path) == (130, ENDED)


def test_it_may_come_while_another_word_is_said(tmp_path: Path) -> None:
    """Nobody may write into a stream that is being written to."""
    busy = """
import io
class Busy(io.TextIOBase):
    encoding = "utf-8"
    def fileno(self):
        return 2
    def write(self, text):
        raise RuntimeError("reentrant call")

sys.stderr = Busy()
"""
    code = START + busy + VERB.format(deed="ctrl_c(); ctrl_c()") + MAIN
    assert ended(code, tmp_path) == (130, ENDED)


def test_whoever_is_not_heard_ends_it_a_little_later(tmp_path: Path) -> None:
    """Its last words have no reader, say."""
    stuck = """
import time
from s4desk.app.cli import interrupts

def wait():
    interrupts.PATIENCE_S = -1.0
    while True:
        ctrl_c()

console.flush = wait
"""
    code = START + VERB.format(deed="ctrl_c(); ctrl_c()") + stuck + MAIN
    assert ended(code, tmp_path) == (130, ENDED)
