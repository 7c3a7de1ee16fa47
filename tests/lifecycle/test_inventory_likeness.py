"""What rules see of a row of a report is what they see of the version itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.core.domain.lifecycle.likeness import (
    Grain,
    Likeness,
    Matcher,
    Rounding,
    likeness_of,
    spans_of,
)
from s4desk.core.domain.lifecycle.rules import (
    SMALL,
    Filter,
    Lifecycle,
    NoncurrentExpiration,
    Rule,
    When,
)
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.lifecycle.inventory_database import Database
from s4desk.core.lifecycle.inventory_files import open_report, parts_of
from s4desk.core.lifecycle.inventory_likeness import rules_of
from s4desk.core.lifecycle.inventory_view import show_likeness, show_report
from tests.lifecycle.reports import write_csv, write_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NOW = datetime(2026, 11, 21, 12, 34, 56, 789012, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEYS = (
    *("logs/a", "logs/old/b", "logs", "c", "a b+c%41&=", "é/ü\n\"'\\x41,", "%", "%zz%4", "a\\x"),
    *("\udcff\udc80/a", "logs/\udcff+ %", "\U0001f600", "x\x7f\x01", "é\udcff"),
)
MOMENTS = st.one_of(
    st.integers(-40 * 86400, 40 * 86400).map(lambda s: NOW + timedelta(seconds=s)),
    st.integers(-40, 40).map(lambda d: NOW + timedelta(days=d)),
    st.integers(-40, 40).map(lambda d: datetime(2026, 11, 21, tzinfo=UTC) + timedelta(days=d)),
    st.integers(-(10**15), 4 * 10**15).map(lambda us: EPOCH + timedelta(microseconds=us)),
)
TAGS = st.dictionaries(
    st.sampled_from(["keep", "a=b", "ü&", ""]), st.sampled_from(["no", "", "a=b &+", "é"])
)
LOCKS = st.one_of(
    st.just(LockState()),
    st.builds(LockState, st.sampled_from(LockMode), MOMENTS, st.sampled_from([None, True, False])),
    st.builds(LockState, legal_hold=st.sampled_from([None, True, False])),
)
CANDIDATES = st.builds(
    Candidate,
    key=st.one_of(st.sampled_from(KEYS), st.text(min_size=1, max_size=5)),
    size=st.sampled_from([0, 99, 100, 101, SMALL - 1, SMALL, SMALL + 1, 5 * 2**40]),
    created=st.one_of(st.none(), MOMENTS),
    storage_class=st.sampled_from(["STANDARD", "GLACIER", "DEEP_ARCHIVE"]),
    version=st.sampled_from(["null", "v1", "v2"]),
    tags=TAGS,
    is_current=st.booleans(),
    lock=LOCKS,
    replication=st.sampled_from(["", "PENDING", "FAILED", "COMPLETED", "REPLICA"]),
)
FILTERS = st.builds(
    Filter,
    prefix=st.sampled_from(["", "logs/", "logs/old/", "é", "a b", "%", "\U0001f600", "\U0010ffff"]),
    tags=TAGS.map(lambda tags: tuple(sorted(tags.items()))),
    larger_than=st.sampled_from([None, 0, 100, SMALL]),
    smaller_than=st.sampled_from([None, 100, SMALL + 1]),
)
DAYS = st.sampled_from([0, 1, 5, 30])
RULES = st.builds(
    Rule,
    is_enabled=st.sampled_from([True, True, False]),
    filter=FILTERS,
    expiration=st.one_of(st.none(), st.builds(When, DAYS)),
    noncurrent_expiration=st.one_of(st.none(), st.builds(NoncurrentExpiration, DAYS)),
)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    made = Database()
    yield made
    made.close()


def seen(
    database: Database, path: Path, lifecycle: Lifecycle, rounding: Rounding
) -> dict[str, tuple[str, Likeness, bool]]:
    """By ETag: the key, what the SQL sees of it, and whether rules are about it."""
    show_report(database, open_report(parts_of(path), lambda: True))
    columns = show_likeness(database, lifecycle, rounding)
    words = sum(name.startswith("rules") for name in columns)
    found = {}
    for etag, key, *row in database.all(f"SELECT etag, key, {', '.join(columns)} FROM objects"):
        likeness = Likeness(rules_of(row[:words]), *row[words + 1 :])
        found[etag] = (key.decode("utf-8", "surrogateescape"), likeness, row[words])
    return found


def numbered(candidates: Sequence[Candidate]) -> list[Candidate]:
    return [replace(each, etag=f"e{at}") for at, each in enumerate(candidates)]


@pytest.mark.parametrize("grain", Grain)
@pytest.mark.parametrize("name", ["report.csv", "report.csv.gz", "report.parquet"])
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    candidates=st.lists(CANDIDATES, min_size=1, max_size=12),
    rules=st.lists(RULES, min_size=1, max_size=4),
    days=st.sampled_from([0, 30]),
    is_coarse=st.booleans(),
)
def test_a_row_is_like_its_version(
    database: Database,
    tmp_path: Path,
    grain: Grain,
    name: str,
    candidates: list[Candidate],
    rules: list[Rule],
    days: int,
    is_coarse: bool,
) -> None:
    candidates = numbered(candidates)
    write = write_parquet if name.endswith("parquet") else write_csv
    path = write(tmp_path / name, candidates)
    lifecycle = Lifecycle(tuple(rules))
    spans = spans_of(lifecycle) if is_coarse else None
    rounding = Rounding(grain, NOW.timestamp(), spans, days)
    matcher = Matcher(lifecycle)

    found = seen(database, path, lifecycle, rounding)
    for each in candidates:
        likeness = likeness_of(each, matcher, rounding)
        expected = (each.key, likeness, likeness.rules != 0)
        assert found[each.etag] == expected, each
    assert len(found) == len(candidates)


def test_a_thousand_rules_have_a_bit_each(database: Database, tmp_path: Path) -> None:
    lifecycle = Lifecycle(tuple(Rule(filter=Filter(prefix=f"{at:03}/")) for at in range(1000)))
    keys = [f"{at:03}/x" for at in range(0, 1000, 37)] + ["x"]
    candidates = numbered([Candidate(key, created=NOW) for key in keys])
    path = write_csv(tmp_path / "report.csv", candidates)
    rounding = Rounding(Grain.AGE, NOW.timestamp())

    found = seen(database, path, lifecycle, rounding)
    bits = [found[each.etag][1].rules for each in candidates]
    assert bits == [1 << at for at in range(0, 1000, 37)] + [0]
