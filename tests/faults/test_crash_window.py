"""The window is killed while it deletes: another window offers the rest, a verb can finish it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.crash_lab import Moment
from tests.faults.test_crash_moves import BATCH, FEW, MANY, Doomed, fill

if TYPE_CHECKING:
    from tests.faults.crash_lab import Lab

MOMENTS = [
    (FEW, Moment("before the batch", "POST", BATCH)),
    (FEW, Moment("deleted, unheard", "POST", BATCH, direction="response")),
    (MANY, Moment("before the second batch", "POST", BATCH, nth=2)),
]


@pytest.mark.parametrize(("count", "moment"), MOMENTS, ids=str)
def test_a_window_that_is_killed_while_it_deletes(lab: Lab, count: int, moment: Moment) -> None:
    folder = Doomed.laid(lab, count)
    folder.grow_old()
    window = [sys.executable, "-m", "tests.gui.deleting_window", "T", lab.bucket]
    with lab.stopped_at(moment, [*window, f"{folder.key}/x/"], is_program=True):
        (run,) = lab.terminal.ok("transfers", "list", "--json").records
        assert run["running"]
        refused = lab.terminal.run("transfers", "resume", run["id"])
        assert "another process" in refused.err
    came = f"{folder.key}/x/new"
    fill(lab, {came})
    (left,) = lab.terminal.ok("transfers", "list", "--json").records
    assert (left["id"], left["running"], left["interrupted"]) == (run["id"], False, False)
    # What no reply was noted of may be deleted all the same.
    known = left["completed"]
    assert left["unfinished"] == (None if known is None else count - known)
    assert known is None or (moment.nth > 1 and known > 0)

    lab.terminal.ok("transfers", "resume")
    # The person had selected what was there, one by one: what came later was never meant.
    assert folder.left() == folder.neighbours | {came}
    assert lab.run_files() == []
