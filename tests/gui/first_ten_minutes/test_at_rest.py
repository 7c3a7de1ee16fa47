"""What the program costs that is only open: `s4desk` itself, on a folder of twenty thousand."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.gui.actors import PATIENCE_S
from tests.gui.scenery import open_window
from tests.servers.process import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gui.actors import Actor, Hand
    from tests.servers.endpoint import Endpoint

MIB = 1024**2
REST_S = 6
MOST_CPU = 0.02
"""Of one processor."""

MOST_MEMORY = 400 * MIB
MOST_GROWTH = 4 * MIB
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """Processor time of a process so far, in seconds; see proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def rest(window: subprocess.Popen[bytes]) -> tuple[float, int]:
    """The share of a processor that it takes from now on, and how many bytes it grows."""
    cpu, size = cpu_s(window.pid), memory(window.pid)
    with pytest.raises(subprocess.TimeoutExpired):  # it does not end meanwhile
        window.wait(REST_S)
    return (cpu_s(window.pid) - cpu) / REST_S, memory(window.pid) - size


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.timeout(180)
def test_a_window_at_rest_costs_next_to_nothing(
    actor: Callable[..., Actor], hand: Hand, null: Endpoint, x11_env: dict[str, str]
) -> None:
    before = open_window(actor, hand, null, "b")  # it is kept as the last place
    assert before.quit() == (0, "")
    keys = {"AWS_ACCESS_KEY_ID": null.access_key, "AWS_SECRET_ACCESS_KEY": null.secret_key}
    window = subprocess.Popen([sys.executable, "-m", "s4desk"], cwd=ROOT, env={**x11_env, **keys})
    try:
        _wait_for_title(x11_env, "b at Story")
        end = time.monotonic() + PATIENCE_S
        share, growth = rest(window)
        while share > MOST_CPU or growth > MOST_GROWTH:  # what came with the start goes on a while
            assert time.monotonic() < end, (share, growth)
            share, growth = rest(window)
        assert memory(window.pid) < MOST_MEMORY
    finally:
        window.terminate()
        assert window.wait(PATIENCE_S) == 0


def _wait_for_title(env: dict[str, str], title: str) -> None:
    words = ["xdotool", "search", "--sync", "--onlyvisible", "--name", title]
    subprocess.run(words, env=env, check=True, capture_output=True, timeout=PATIENCE_S)
