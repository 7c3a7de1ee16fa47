"""Schedules survive the program, and what cannot be read is off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.lifecycle.schedule_entries import Entry, Trouble
from s4desk.core.persist.lifecycle_schedule import ScheduleFile

C = ConnectionId("c")
WHOLE = Entry(
    C,
    "b",
    is_on=True,
    every=timedelta(hours=6),
    rules={"Rules": [{"ID": "ü", "Expiration": {"Days": 1}}]},
    endpoint="http://here",
    last=datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC),
    report="20261120T010203-abc",
    trouble=Trouble.FAILED,
    detail="down",
    since=datetime(2026, 11, 19, 1, 2, 3, tzinfo=UTC),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lifecycle.toml"


async def test_what_is_put_is_there_in_the_next_life(path):
    await ScheduleFile(path).put(WHOLE)
    await ScheduleFile(path).put(Entry(C, "other"))
    assert await ScheduleFile(path).all() == [WHOLE, Entry(C, "other")]
    await ScheduleFile(path).put(Entry(C, "b"))
    await ScheduleFile(path).remove((C, "other"))
    assert await ScheduleFile(path).all() == [Entry(C, "b")]


async def test_what_a_later_version_says_beside_it_is_kept(path):
    path.write_text(
        'version = 1\n[[buckets]]\nconnection = "c"\nbucket = "b"\non = true\nevery_s = 60\n'
        'mood = "good"\n'
    )
    file = ScheduleFile(path)
    (entry,) = await file.all()
    await file.put(entry)
    assert 'mood = "good"' in path.read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        'on = "yes"',
        "on = true\nlast = 5",
        "on = true\nsince = 5",
        'on = true\nrules = "{"',
        'on = true\ntrouble = "x"',
    ],
)
async def test_what_cannot_be_read_does_not_run(path, wrong, expected_logs):
    path.write_text(
        f'version = 1\n[[buckets]]\nconnection = "c"\nbucket = "b"\nevery_s = 60\n{wrong}\n'
    )
    assert not any(entry.is_on for entry in await ScheduleFile(path).all())
