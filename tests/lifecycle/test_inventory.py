"""The preview of a report is the preview of a listing of the same versions, and costs no memory."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import Counter
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s4desk.core.domain.identity import Location
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Skipped
from s4desk.core.domain.lifecycle.likeness import as_stack
from s4desk.core.domain.lifecycle.rules import (
    SMALL,
    Filter,
    Lifecycle,
    NoncurrentExpiration,
    Rule,
    Transition,
    When,
)
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.lifecycle import inventory_stacks
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.findings import Finding, Findings, held_until
from s4desk.core.lifecycle.inventory import open_inventory
from s4desk.core.lifecycle.inventory_database import StoppedError
from s4desk.core.lifecycle.inventory_manifest import InventoryError
from s4desk.core.lifecycle.inventory_progress import Passes
from s4desk.core.lifecycle.inventory_wanted import EVERYTHING, Wanted
from s4desk.core.lifecycle.question import Engine, Question
from s4desk.core.lifecycle.summary import Summary
from s4desk.core.store.memory import MemoryStore
from tests.lifecycle.reports import COLUMNS, csv_text, write_csv, write_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from s4desk.core.lifecycle.inventory import InventoryPreview

NOW = datetime(2026, 11, 21, 12, 34, 56, 789012, tzinfo=UTC)
DAY = timedelta(days=1)
PLAIN = ("Bucket", "Key", "Size", "LastModifiedDate", "StorageClass", "ETag")

Key = list[Candidate]
"""The versions of one, the newest first."""


# What a listing would find, version by version


def expected(
    keys: Sequence[Key], question: Question, versioning: Versioning
) -> tuple[list[Finding], Summary]:
    evaluator = question.evaluator(versioning)
    summary = Summary(question.rounding, question.days)
    found = []
    for key in keys:
        versions = as_stack(key)
        events = evaluator.forecast(versions, question.now, question.days)
        for at, version in enumerate(versions):
            # The removal of the marker to come stands with the version that brings it.
            own = tuple(
                event
                for event in events
                if event.index == at
                or (
                    not at
                    and event.index >= len(versions)
                    and event.decision.step.action is Action.REMOVE_DELETE_MARKER
                )
            )
            since = version.created if version.is_current else version.noncurrent_since
            seconds = math.nan if since is None else since.timestamp()
            summary.add(own, 1, version.size, seconds, seconds, seconds)
            summary.markers += version.is_delete_marker
            if own:
                told = replace(version, version="") if versioning is Versioning.OFF else version
                found.append(_finding(told, own, seconds, question))
    return found, summary


def _finding(version: Candidate, own: Any, since: float, question: Question) -> Finding:
    event = own[0]
    is_locked = event.decision.skipped is Skipped.LOCKED
    return Finding(
        version.key,
        version.version,
        version.etag,
        version.size,
        version.storage_class,
        math.nan if version.created is None else version.created.timestamp(),
        event.day,
        question.rounding.due(event, since, since),
        event.decision,
        own[1:],
        held_until(version) if is_locked else math.nan,
    )


def seen(found: Finding) -> tuple[object, ...]:
    """All of a finding but the exact times of what was like it: those of its steps."""
    step = found.decision.step
    return (
        *(found.key, found.version, found.etag, found.size, found.storage_class),
        *(repr(found.created), found.day, round(found.due, 3), repr(found.until)),
        *(found.decision.skipped, step.action, step.rule, step.when, step.storage_class),
        tuple((each.day, each.decision.step.action, each.decision.skipped) for each in found.then),
    )


def sums(summary: Summary) -> dict[str, object]:
    def rounded(tally: Any) -> tuple[object, ...]:
        return (tally.objects, tally.size, round_(tally.first), round_(tally.last))

    def round_(moment: float) -> float:
        return round(moment, 3) if math.isfinite(moment) else moment

    return {
        "seen": rounded(summary.seen),
        "touched": rounded(summary.touched),
        "untouched": rounded(summary.untouched),
        "markers": summary.markers,
        "done": {key: rounded(tally) for key, tally in summary.done.items()},
        "skipped": {key: rounded(tally) for key, tally in summary.skipped.items()},
    }


async def looked_at(
    path: Path, question: Question, wanted: Wanted = EVERYTHING
) -> tuple[list[Finding], InventoryPreview]:
    async with open_inventory([path], question) as preview:
        await preview.count()
        return await all_of(preview, wanted), preview


async def all_of(preview: InventoryPreview, wanted: Wanted = EVERYTHING) -> list[Finding]:
    found: list[Finding] = []
    async with aclosing(preview.findings(wanted)) as batches:
        async for batch in batches:
            found += [batch[row] for row in range(len(batch))]
    return found


# Random ones

AGES = st.one_of(
    st.integers(0, 60 * 86400).map(lambda s: timedelta(seconds=s)),
    st.integers(0, 60).map(lambda d: d * DAY),
    st.integers(0, 60 * 86400 * 10**6).map(lambda us: timedelta(microseconds=us)),
)
LOCKS = st.one_of(
    st.just(LockState()),
    st.just(LockState()),
    st.builds(LockState, st.sampled_from(LockMode), AGES.map(lambda age: NOW + age - 20 * DAY)),
    st.just(LockState(legal_hold=True)),
)
VERSIONS = st.builds(
    Candidate,
    key=st.just(""),
    size=st.sampled_from([0, 100, 101, SMALL, SMALL + 1, 10**7]),
    storage_class=st.sampled_from(["STANDARD", "STANDARD", "STANDARD_IA", "GLACIER"]),
    tags=st.sampled_from([{}, {}, {"keep": "no"}, {"keep": "yes", "a": ""}]),
    is_delete_marker=st.sampled_from([False, False, False, True]),
    lock=LOCKS,
    replication=st.sampled_from(["", "", "", "PENDING", "COMPLETED"]),
)
NAMES = st.sampled_from(["logs/a", "logs/é", "logs/old/b", "c", "x y+%41", "\udcff"])


def _key(name: str, at: int, versions: list[Candidate], ages: list[timedelta], nulls: bool) -> Key:
    moments = sorted({NOW - age for age in ages}, reverse=True)
    made = []
    for place, (version, created) in enumerate(zip(versions, moments, strict=False)):
        is_marker = version.is_delete_marker
        changes: dict[str, Any] = {"size": 0, "storage_class": "STANDARD", "tags": {}}
        changes |= {"lock": LockState(), "replication": ""}
        last = place == min(len(versions), len(moments)) - 1
        made.append(
            replace(
                version,
                key=f"{name}{at}",
                version="null" if nulls and last else f"v{at}-{place}",
                etag="" if is_marker else f"e{at}-{place}",
                created=created,
                is_current=place == 0,
                **(changes if is_marker else {}),
            )
        )
    return made


def _keys(drawn: list[tuple[str, list[Candidate], list[timedelta], bool]]) -> list[Key]:
    return [_key(name, at, *rest) for at, (name, *rest) in enumerate(drawn)]


KEYS = st.lists(
    st.tuples(
        NAMES,
        st.lists(VERSIONS, min_size=1, max_size=4),
        st.lists(AGES, min_size=1, max_size=4),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
).map(_keys)
WHENS = st.one_of(
    st.builds(When, st.sampled_from([0, 1, 10, 30])),
    st.builds(When, date=AGES.map(lambda age: (NOW + age - 30 * DAY).replace(hour=0))),
)
DAYS = st.sampled_from([1, 10, 30])
FILTERS = st.builds(
    Filter,
    prefix=st.sampled_from(["", "", "logs/", "logs/old/"]),
    tags=st.sampled_from([(), (), (("keep", "no"),)]),
    larger_than=st.sampled_from([None, None, 100]),
)
RULES = st.builds(
    Rule,
    filter=FILTERS,
    expiration=st.one_of(st.none(), WHENS),
    expires_markers=st.booleans(),
    transitions=st.one_of(
        st.just(()),
        st.builds(lambda when: (Transition(when, "GLACIER"),), WHENS),
    ),
    noncurrent_expiration=st.one_of(
        st.none(), st.builds(NoncurrentExpiration, DAYS, st.sampled_from([0, 0, 1]))
    ),
)


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("name", ["report.csv", "report.parquet"])
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(keys=KEYS, rules=st.lists(RULES, min_size=1, max_size=3), days=st.sampled_from([0, 1, 40]))
def test_a_report_tells_what_a_listing_does(
    tmp_path: Path, engine: Engine, name: str, keys: list[Key], rules: list[Rule], days: int
) -> None:
    question = Question(Lifecycle(tuple(rules)), NOW, days, engine)
    versions = [version for key in keys for version in key]
    write = write_parquet if name.endswith("parquet") else write_csv
    path = write(tmp_path / name, sorted(versions, key=lambda each: each.etag))
    has_ids = any(each.version != "null" or each.is_delete_marker for each in versions)
    versioning = Versioning.SUSPENDED if has_ids else Versioning.OFF
    wanted, summary = expected(keys, question, versioning)

    found, preview = asyncio.run(looked_at(path, question))
    assert Counter(map(seen, found)) == Counter(map(seen, wanted))
    assert sums(preview.summary) == sums(summary)
    assert [each.doubt for each in preview.concerns] == [Doubt.VERSIONING] * has_ids


@pytest.mark.parametrize("engine", Engine)
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(keys=KEYS, rules=st.lists(RULES, min_size=1, max_size=3))
def test_a_report_of_current_objects_is_a_bucket_without_versions(
    tmp_path: Path, engine: Engine, keys: list[Key], rules: list[Rule]
) -> None:
    objects = [
        [replace(key[0], version="", lock=LockState(), replication="", tags={})]
        for key in keys
        if not key[0].is_delete_marker
    ]
    untagged = [replace(rule, filter=replace(rule.filter, tags=())) for rule in rules]
    question = Question(Lifecycle(tuple(untagged)), NOW, 40, engine)
    path = write_csv(tmp_path / "report.csv.gz", [key[0] for key in objects], PLAIN)
    wanted, summary = expected(objects, question, Versioning.OFF)

    found, preview = asyncio.run(looked_at(path, question))
    assert Counter(map(seen, found)) == Counter(map(seen, wanted))
    assert sums(preview.summary) == sums(summary)
    lacks = {each.names[0] for each in preview.concerns if each.doubt is Doubt.REPORT_LACKS}
    assert lacks == {"versions", "locks", "replication"}


# What else it promises


def old(key: str, days: int = 100, **more: Any) -> Candidate:
    return Candidate(key, 1000, NOW - days * DAY, etag=key, **more)


EXPIRING = Lifecycle((Rule("short", expiration=When(30)),))


async def test_rules_that_cannot_be_told_are_left_out_and_named(tmp_path: Path) -> None:
    rules = (
        Rule("tagged", filter=Filter(tags=(("keep", "no"),)), expiration=When(1)),
        Rule("sized", filter=Filter("a", larger_than=1), expiration=When(1)),
        Rule("plain", filter=Filter("b"), expiration=When(1), abort_days=3),
    )
    path = write_csv(tmp_path / "r.csv", [old("a"), old("b")], ("Key", "LastModifiedDate"))
    found, preview = await looked_at(path, Question(Lifecycle(rules), NOW, 0))
    assert [(each.key, each.decision.step.rule) for each in found] == [("b", 2)]
    assert preview.untold == (0, 1)
    untold = [each for each in preview.concerns if each.doubt is Doubt.UNTOLD_RULE]
    assert [(each.rule, each.names) for each in untold] == [(0, ("Tags",)), (1, ("Size",))]
    lacks = [each.names[0] for each in preview.concerns if each.doubt is Doubt.REPORT_LACKS]
    assert lacks == ["versions", "sizes", "classes", "locks", "replication", "uploads"]
    assert preview.summary.unmatched.objects == 0


async def test_only_what_is_wanted_comes(tmp_path: Path) -> None:
    rules = (
        Rule("logs", filter=Filter("logs/"), expiration=When(30)),
        Rule("rest", filter=Filter("big/"), transitions=(Transition(When(30), "GLACIER"),)),
        Rule(filter=Filter("logs/"), noncurrent_expiration=NoncurrentExpiration(30)),
    )
    held = LockState(LockMode.GOVERNANCE, NOW + DAY)
    objects = [
        *(old("logs/Ä1"), old("logs/2", 20), old("big/1", version="v", replication="FAILED")),
        *(old("big/2"), replace(old("big/2", 200), is_current=False)),
        *(old("logs/3", 50, version="v2"), old("logs/3", 90, is_current=False, lock=held)),
    ]
    objects = [replace(each, size=SMALL, version=f"v{at}") for at, each in enumerate(objects)]
    path = write_parquet(tmp_path / "r.parquet", objects)
    question = Question(Lifecycle(rules), NOW, 30)
    async with open_inventory([path], question) as preview:
        await preview.count()

        async def keys(**wanted: Any) -> list[str]:
            return sorted(each.key for each in await all_of(preview, Wanted(**wanted)))

        logs = ["logs/2", "logs/3", "logs/3", "logs/Ä1"]
        assert await keys() == ["big/1", "big/2", *logs]
        assert await keys(rule=0) == ["logs/2", "logs/3", "logs/Ä1"]
        # It is held back, and goes when that ends.
        assert await keys(action=Action.EXPIRE_NONCURRENT) == ["logs/3"]
        assert await keys(action=Action.TRANSITION) == ["big/2"]
        assert await keys(skipped=Skipped.LOCKED) == ["logs/3"]
        assert await keys(days=0) == ["big/1", "big/2", "logs/3", "logs/3", "logs/Ä1"]
        assert await keys(day=0, is_held=False) == ["big/2", "logs/3", "logs/Ä1"]
        assert await keys(day=1, moves=False) == ["logs/3"]
        assert await keys(day=11) == ["logs/2"]
        assert await keys(moves=True, is_held=False) == ["big/2"]
        assert await keys(moves=False, is_held=False) == logs
        assert await keys(is_held=True) == ["big/1", "logs/3"]
        assert await keys(part="ä1") == ["logs/Ä1"]
        assert await keys(part="S/3") == ["logs/3", "logs/3"]


async def test_portions_part_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory_stacks, "PORTION", 3)
    versions = [
        Candidate(
            f"k{key}", 10, NOW - (100 + at) * DAY, version=f"v{at}", etag="e", is_current=at == 0
        )
        for key in range(50)
        for at in range(4)
    ]
    rules = Lifecycle((Rule(noncurrent_expiration=NoncurrentExpiration(1, 1)),))
    found, preview = await looked_at(
        write_parquet(tmp_path / "r.parquet", versions), Question(rules, NOW, 0)
    )
    assert Counter(each.version for each in found) == {"v2": 50, "v3": 50}
    assert preview.summary.done.popitem()[1].objects == 100
    assert preview.summary.seen.objects == 200


def test_portions_are_as_large_as_they_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory_stacks, "PORTION", 10)
    shares = [(0, 4), (1, 6), (3, 1), (4, 30), (5, 9), (6, 2)]
    assert inventory_stacks.portions(shares) == [(0, 1), (3, 3), (4, 4), (5, 5), (6, 6)]


async def test_rows_of_two_buckets_are_told(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    text = csv_text([old("a")]) + csv_text([old("b")], has_header=False, bucket="other")
    path.write_bytes(text)
    with pytest.raises(InventoryError, match=r"several buckets \(b, other\)"):
        await looked_at(path, Question(EXPIRING, NOW, 0))


@pytest.mark.parametrize("engine", Engine)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(keys=KEYS, rules=st.lists(RULES, min_size=1, max_size=2), more=st.integers(1, 3))
def test_rows_that_are_there_twice_count_once(
    tmp_path: Path, engine: Engine, keys: list[Key], rules: list[Rule], more: int
) -> None:
    question = Question(Lifecycle(tuple(rules)), NOW, 40, engine)
    rows = [version for key in keys for version in key]
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    write_csv(once, rows)
    write_csv(twice, [*rows, *rows[:more], *rows[:more]])
    found, preview = asyncio.run(looked_at(once, question))
    again, doubled = asyncio.run(looked_at(twice, question))
    assert Counter(map(seen, again)) == Counter(map(seen, found))
    assert sums(doubled.summary) == sums(preview.summary)
    assert (preview.doubles, doubled.doubles) == (0, 2 * len(rows[:more]))
    assert [each.doubt for each in preview.concerns] == [
        each.doubt for each in doubled.concerns if each.doubt is not Doubt.DOUBLED
    ]


async def test_of_two_reports_the_newer_one_counts(tmp_path: Path) -> None:
    """Without versions a key that was written again is in both."""
    one, two = tmp_path / "1.csv", tmp_path / "2.csv"
    young = Candidate("a", 7, NOW - DAY)
    write_csv(one, [Candidate("a", 5, NOW - 50 * DAY), Candidate("b", 1, NOW)], PLAIN)
    write_csv(two, [young], PLAIN)
    question = Question(Lifecycle((Rule(expiration=When(30)),)), NOW, 0)
    async with open_inventory([one, two], question) as preview:
        await preview.count()
        assert await all_of(preview) == []
        assert (preview.summary.seen.objects, preview.summary.seen.size) == (2, 8)
        assert (preview.doubles, preview.versioning) == (1, Versioning.OFF)


async def test_a_row_without_a_key_is_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [old("a"), old("")])
    with pytest.raises(InventoryError, match="without a key"):
        await looked_at(path, Question(EXPIRING, NOW, 0))


@pytest.mark.parametrize("size", ["a lot", "-5"])
async def test_a_damaged_row_ends_it(tmp_path: Path, size: str) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(csv_text([old("a"), old("b")]).replace(b'"1000"', f'"{size}"'.encode()))
    said = rf"r\.csv, line 2: “{size}” is no value of the column"
    with pytest.raises(InventoryError, match=said):
        await looked_at(path, Question(EXPIRING, NOW, 0))


async def test_a_report_in_a_bucket_is_fetched_and_removed(tmp_path: Path) -> None:
    store = MemoryStore(["reports"])
    place = Location("reports", "x.csv")
    await store.put(place, csv_text([old("a"), old("b", 3)]))
    async with open_inventory([(store, place)], Question(EXPIRING, NOW, 0)) as preview:
        folder = preview.folder
        found: list[Findings] = []
        async with aclosing(preview.batches()) as batches:
            found += [batch async for batch in batches]
        assert [batch[0].key for batch in found] == ["a"]
    assert not folder.exists()


async def test_nothing_is_no_failure(tmp_path: Path) -> None:
    found, preview = await looked_at(
        write_csv(tmp_path / "r.csv", [], COLUMNS), Question(EXPIRING, NOW, 0)
    )
    assert (found, preview.summary.seen.objects) == ([], 0)


async def test_a_cancellation_ends_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "r.parquet"
    write_parquet(path, [old("a")])
    async with open_inventory([path], Question(EXPIRING, NOW, 0)) as preview:
        began = asyncio.Event()
        loop = asyncio.get_running_loop()

        def endless() -> None:
            loop.call_soon_threadsafe(began.set)
            preview.database.do(f"CREATE TABLE t AS SELECT sum(hash(i)) FROM range({10**15}) r(i)")

        work = asyncio.ensure_future(preview.asked(endless))
        await began.wait()
        started = time.monotonic()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert time.monotonic() - started < 1
        assert preview.database.all("SELECT count(*) FROM duckdb_tables()") == [(0,)]
        await preview.count()
        await preview.count()
        assert len(await all_of(preview)) == preview.summary.seen.objects == 1
        assert preview.concerns == []


async def test_what_was_begun_is_left_at_any_point(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [old(f"{at}") for at in range(10_000)])
    async with open_inventory([path], Question(EXPIRING, NOW, 0)) as preview:
        await preview.count()
        async with aclosing(preview.findings()) as batches:
            assert len(await anext(batches))
        assert len(await all_of(preview)) == 10_000


async def test_how_far_it_is_never_goes_back(tmp_path: Path) -> None:
    """A file that is packed is read once more than others."""
    versions = [
        replace(old(f"{at}", 60 + each), version=f"v{each}", is_current=each == 0)
        for at in range(30_000)
        for each in range(2)
    ]
    path = write_csv(tmp_path / "r.csv.gz", versions)
    rules = Lifecycle((Rule(noncurrent_expiration=NoncurrentExpiration(1)),))
    async with open_inventory([path], Question(rules, NOW, 0)) as preview:
        told: list[float] = []
        await preview.count(told.append)
        assert told == sorted(told)
        assert 0 <= told[0] < 1
        assert preview.passes.share == told[-1] == 1.0
        passes = preview.passes
        await preview.count()
        assert passes is not preview.passes
        assert preview.passes.share == 1.0


def test_passes_count_alike_and_plans_may_change() -> None:
    passes = Passes()
    assert passes.share == 0
    passes.expect(4)
    with passes.going(lambda: 0.5):
        assert passes.share == 0.125
    assert passes.share == 0.25
    passes.expect(1)
    with passes.going(lambda: 7.0):
        assert passes.share == 1
    passes.expect(9)
    assert passes.share == 1  # not back


async def test_another_question_is_asked_of_the_same_report(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv.gz", [old("a"), old("b", 20)])
    async with open_inventory([path], Question(EXPIRING, NOW, 0)) as preview:
        await preview.count()
        assert [each.key for each in await all_of(preview)] == ["a"]
        preview.ask(Question(EXPIRING, NOW, 15))
        assert await all_of(preview) == []  # not before it is counted
        await preview.count()
        assert sorted(each.key for each in await all_of(preview)) == ["a", "b"]
        assert preview.newest == (NOW - 20 * DAY).timestamp()


@pytest.mark.parametrize(
    ("told", "versioning", "lacks"),
    [
        (None, Versioning.OFF, ["versions", "locks", "replication"]),
        (Versioning.OFF, Versioning.OFF, []),
        (Versioning.ENABLED, Versioning.ENABLED, ["old_versions", "locks", "replication"]),
        (Versioning.SUSPENDED, Versioning.SUSPENDED, ["old_versions", "locks", "replication"]),
    ],
)
async def test_what_the_bucket_says_of_versions_counts(
    tmp_path: Path, told: Versioning | None, versioning: Versioning, lacks: list[str]
) -> None:
    path = write_csv(tmp_path / "r.csv", [old("a")], PLAIN)
    question = Question(EXPIRING, NOW, 0)
    async with open_inventory([path], question) as preview:
        preview.ask(question, told)
        await preview.count()
        assert preview.versioning is versioning
        assert [each.names[0] for each in preview.concerns] == lacks
        assert [each.key for each in await all_of(preview)] == ["a"]


@pytest.mark.parametrize(
    ("told", "versioning", "doubts"),
    [
        (None, Versioning.SUSPENDED, [Doubt.VERSIONING]),
        (Versioning.OFF, Versioning.SUSPENDED, [Doubt.VERSIONING]),
        (Versioning.SUSPENDED, Versioning.SUSPENDED, []),
        (Versioning.ENABLED, Versioning.ENABLED, []),
    ],
)
async def test_a_report_with_ids_calls_nothing_kept_that_may_be_lost(
    tmp_path: Path, told: Versioning | None, versioning: Versioning, doubts: list[Doubt]
) -> None:
    path = write_csv(tmp_path / "r.csv", [old("a", version="v"), old("b", version="null")])
    question = Question(EXPIRING, NOW, 0)
    async with open_inventory([path], question) as preview:
        preview.ask(question, told)
        await preview.count()
        assert preview.versioning is versioning
        assert [each.doubt for each in preview.concerns] == doubts
        hides = {each.key: each.decision.hides for each in await all_of(preview)}
        assert hides == {"a": True, "b": versioning is Versioning.ENABLED}


async def test_of_a_bucket_that_was_made_anew_counts_what_is_said_by_hand(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [old("a", version="v")])
    question = Question(EXPIRING, NOW, 0)
    async with open_inventory([path], question) as preview:
        preview.ask(question, Versioning.OFF, otherwise=Versioning.ENABLED)
        await preview.count()
        assert (preview.versioning, preview.concerns) == (Versioning.ENABLED, [])


@pytest.mark.parametrize("otherwise", [None, Versioning.ENABLED, Versioning.SUSPENDED])
async def test_what_another_bucket_says_of_versions_does_not_count(
    tmp_path: Path, otherwise: Versioning | None
) -> None:
    path = write_csv(tmp_path / "r.csv", [old("b", version="null"), old("c", version="v")])
    question = Question(EXPIRING, NOW, 0)
    async with open_inventory([path], question) as preview:
        preview.ask(question, Versioning.ENABLED, of="another", otherwise=otherwise)
        await preview.count()
        assert preview.is_of_another("another")
        assert preview.told is otherwise
        assert preview.versioning is (otherwise or Versioning.SUSPENDED)
        # Its own word counts before what is said by hand.
        preview.ask(question, Versioning.ENABLED, of=preview.bucket, otherwise=otherwise)
        await preview.count()
        assert preview.versioning is Versioning.ENABLED


async def test_all_that_is_wanted_goes_through_on_a_thread(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [old(f"{at}") for at in range(10_000)])
    async with open_inventory([path], Question(EXPIRING, NOW, 0)) as preview:
        await preview.count()

        def sizes(batches: Iterator[Findings]) -> tuple[str, list[int]]:
            return threading.current_thread().name, [len(batch) for batch in batches]

        thread, found = await preview.through(sizes, Wanted(part="9"))
        assert thread != threading.current_thread().name
        assert sum(found) == 3439  # with a 9 in it
        assert len(await preview.through(next, EVERYTHING)) > 0
        assert len(await all_of(preview)) == 10_000


async def test_closing_ends_what_runs(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "r.csv", [old("a")])
    async with open_inventory([path], Question(EXPIRING, NOW, 0)) as preview:
        began = asyncio.Event()
        loop = asyncio.get_running_loop()

        def endless() -> None:
            loop.call_soon_threadsafe(began.set)
            preview.database.do(f"CREATE TABLE t AS SELECT sum(hash(i)) FROM range({10**15}) r(i)")

        work = asyncio.ensure_future(preview.asked(endless))
        await began.wait()
    with pytest.raises(StoppedError):
        await work
    assert preview.database.progress() == 0
    assert not preview.folder.exists()
    with pytest.raises(StoppedError):
        await preview.count()
