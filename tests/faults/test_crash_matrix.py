"""The program is killed at every kind of moment, and the same command makes it whole."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from uuid import uuid4

import pytest

from s4desk.core.transfer.units import unit_plan
from tests.faults.crash_lab import (
    IN_FLIGHT,
    MIB,
    PART,
    PARTS,
    RANGES,
    REACHED_S,
    SMALL,
    Download,
    Kind,
    Lab,
    Moment,
    Upload,
)

COMPLETE = r"uploadId="
LAST = PARTS

UPLOAD = [
    Moment("before it looked", "HEAD"),
    Moment("it looked, unheard", "HEAD", direction="response"),
    Moment("before the upload exists", "POST", "uploads"),
    Moment("the upload exists, unheard", "POST", "uploads", direction="response"),
    Moment("before the first part", "PUT", "partNumber=1&"),
    Moment("at the first byte", "PUT", "partNumber=1&", after=0),
    Moment("within the first part", "PUT", "partNumber=1&", after=MIB),
    Moment("a part arrived, unheard", "PUT", "partNumber=1&", direction="response"),
    Moment("within a middle part", "PUT", "partNumber=3&", after=PART - 1),
    Moment("a middle part arrived, unheard", "PUT", "partNumber=3&", direction="response"),
    Moment("before the last part", "PUT", f"partNumber={LAST}&"),
    Moment("the last part arrived, unheard", "PUT", f"partNumber={LAST}&", direction="response"),
    Moment("before it is joined", "POST", COMPLETE),
    Moment("within the list of parts", "POST", COMPLETE, after=20),
    Moment("joined, unheard", "POST", COMPLETE, direction="response"),
    Moment("joined, half heard", "POST", COMPLETE, direction="response", after=10),
    Moment("joined, not looked at", "HEAD", nth=2),
]
SMALL_UPLOAD = [
    Moment("before it is sent", "PUT"),
    Moment("half sent", "PUT", after=MIB // 2),
    Moment("stored, unheard", "PUT", direction="response"),
]
DOWNLOAD = [
    Moment("before it looked", "HEAD"),
    Moment("it looked, unheard", "HEAD", direction="response"),
    Moment("before the first range", "GET"),
    Moment("the first range, unheard", "GET", direction="response"),
    Moment("at the first byte", "GET", direction="response", after=0),
    Moment("within the first range", "GET", direction="response", after=MIB),
    Moment("one byte short", "GET", direction="response", after=PART - 1),
    Moment("before the second range", "GET", nth=2),
    Moment("within the second range", "GET", nth=2, direction="response", after=MIB),
    Moment("within the third range", "GET", nth=3, direction="response", after=1),
    Moment("before the last range", "GET", nth=RANGES),
    Moment("within the last range", "GET", nth=RANGES, direction="response", after=MIB),
    Moment("the last range, unheard", "GET", nth=RANGES, direction="response"),
]
SMALL_DOWNLOAD = [
    Moment("before it is asked for", "GET"),
    Moment("half there", "GET", direction="response", after=MIB // 2),
]
MATRIX: list[tuple[str, Kind, list[Moment]]] = [
    ("upload", Upload(), UPLOAD),
    ("small upload", Upload(SMALL), SMALL_UPLOAD),
    ("download", Download(), DOWNLOAD),
    ("small download", Download(SMALL), SMALL_DOWNLOAD),
]
CASES = [
    pytest.param(kind, moment, id=f"{name}: {moment}")
    for name, kind, moments in MATRIX
    for moment in moments
]


@pytest.mark.parametrize(("kind", "moment"), CASES)
def test_what_was_killed_is_made_whole(lab: Lab, kind: Kind, moment: Moment) -> None:
    key = f"k-{uuid4().hex[:8]}"
    words = kind.prepare(lab, key)
    first = kind.moved(lab.kill_at(moment, words))
    ended, requests = lab.again(words)
    assert (ended.code, [each["state"] for each in ended.records]) == (0, ["completed"]), ended.err
    kind.check(lab, key)
    second, size = kind.moved(requests), len(kind.content)
    assert first + second - size <= IN_FLIGHT * PART
    assert (lab.uploads(key), lab.run_files()) == ([], [])


def test_of_a_range_that_hangs_is_kept_what_came(lab: Lab) -> None:
    """On a slow line all ranges are under way for long: what is kept are their units."""
    key, kind = f"k-{uuid4().hex[:8]}", Download()
    words = kind.prepare(lab, key)
    unit = unit_plan(len(kind.content), PART).part_size
    late = Moment("late in the first range", "GET", direction="response", after=4 * MIB)
    with lab.stopped_at(late, words):
        noted_units(lab, -(-len(kind.content) // unit) - 1)
    ended, requests = lab.again(words)
    assert ended.code == 0, ended.err
    kind.check(lab, key)
    assert kind.moved(requests) == unit


def noted_units(lab: Lab, count: int) -> None:
    """Wait until the journal of the run has so many."""
    end = time.monotonic() + REACHED_S
    while time.monotonic() < end:
        (run,) = (lab.terminal.home / "data" / "runs").glob("*.sqlite")
        with closing(sqlite3.connect(f"{run.as_uri()}?mode=ro", uri=True)) as journal:
            if journal.execute("SELECT count(*) FROM download_range").fetchone()[0] == count:
                return
        threading.Event().wait(0.02)
    raise AssertionError("they were not noted")
