"""What was there at a moment, told by a page of versions."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from math import nan

import pytest

from s4desk.core.domain.identity import Location, Prefix, VersionId
from s4desk.core.domain.objects import (
    DELETED,
    LATEST,
    ObjectVersion,
    Page,
    VersionPage,
    Versions,
)
from s4desk.core.domain.past import had_come, rows_at

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
BUCKET = Prefix("bucket")


def page(*rows: tuple[str, float, int]) -> Page:
    """Versions of keys, each with the hour in which it came and its mark."""
    hours = [
        hour if hour != hour else (BEGIN + timedelta(hours=hour)).timestamp() for _, hour, _ in rows
    ]
    return Page(
        BUCKET,
        [key for key, _, _ in rows],
        array("q", [1] * len(rows)),
        array("d", hours),
        ["e"] * len(rows),
        ["STANDARD"] * len(rows),
        versions=[VersionId(f"v{at}") for at in range(len(rows))],
        marks=bytes(mark for *_, mark in rows),
    )


HISTORY = page(("a", 5, LATEST), ("a", 3, 0), ("a", 1, 0), ("b", 4, LATEST | DELETED), ("b", 2, 0))


@pytest.mark.parametrize(
    ("hour", "rows"), [(0, []), (1, [2]), (2.5, [2, 4]), (3, [1, 4]), (4, [1]), (9, [0])]
)
def test_of_each_key_the_newest_that_had_come_is_shown(hour: float, rows: list[int]) -> None:
    assert rows_at(HISTORY, BEGIN + timedelta(hours=hour))[0] == rows


def test_a_key_that_goes_on_in_the_next_page_is_settled_once() -> None:
    moment = BEGIN + timedelta(hours=4)
    first, rest = HISTORY.cut(slice(0, 2)), HISTORY.cut(slice(2, None))
    rows, decided = rows_at(first, moment)
    assert (rows, decided) == ([1], "a")
    assert rows_at(rest, moment, decided) == ([], "b")


def test_what_has_no_date_was_always_there() -> None:
    undated = page(("a", 5, LATEST), ("a", nan, 0))
    assert rows_at(undated, BEGIN)[0] == [1]
    assert had_come(undated.version(1), BEGIN)
    assert not had_come(undated.version(0), BEGIN)


def test_versions_and_their_page_say_the_same() -> None:
    versions = Versions(HISTORY)
    assert list(versions[1:3]) == [versions[1], versions[2]] == [*versions][1:3]
    assert versions[-1] == ObjectVersion(
        Location("bucket", "b"),
        VersionId("v4"),
        is_latest=False,
        is_delete_marker=False,
        modified=BEGIN + timedelta(hours=2),
        size=1,
        etag="e",
    )
    again = VersionPage(BUCKET, list(versions)).page
    assert (again.keys, again.marks, again.versions) == (
        HISTORY.keys,
        HISTORY.marks,
        HISTORY.versions,
    )
    assert again.modified == HISTORY.modified
    assert VersionPage(BUCKET, versions).page is HISTORY


def test_rows_are_taken_in_any_order() -> None:
    taken = HISTORY.of_rows([4, 0])
    assert (taken.keys, taken.versions, taken.marks) == (["b", "a"], ["v4", "v0"], b"\0\1")
    assert HISTORY.meta(4).version == "v4"
