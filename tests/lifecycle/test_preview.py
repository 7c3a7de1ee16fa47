"""A preview says of each version what the evaluator says of it, and asks for no more than that."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s4desk.core.domain.lifecycle.candidates import Versioning
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
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.preview import Preview
from s4desk.core.lifecycle.question import Engine, Question
from tests.lifecycle.shelf import BUCKET, PREFIX, Shelf

if TYPE_CHECKING:
    from s4desk.core.lifecycle.findings import Finding

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
OLD = NOW - timedelta(days=400)


def rules(*rules: Rule, days: int = 30, engine: Engine = Engine.AWS, **more: Any) -> Question:
    return Question(Lifecycle(rules), NOW, days, engine, **more)


async def looked(store: Shelf, question: Question) -> tuple[Preview, Findings]:
    preview = Preview(store, PREFIX, question)
    found = Findings()
    async for batch in preview.batches():
        found.extend(batch)
    return preview, found


def by_hand(store: Shelf, question: Question, versioning: Versioning) -> dict[Any, Any]:
    """What happens first to each version, found out one by one with everything known."""
    evaluator = question.evaluator(versioning)
    expected: dict[Any, Any] = {}
    for key in store.buckets[BUCKET].objects:
        versions = as_stack(store.candidates(key))
        for event in evaluator.forecast(versions, NOW, question.days):
            if event.index < len(versions):
                version = versions[event.index].version
                step = event.decision.step
                told = (event.day, event.decision.skipped, step.action, step.rule)
                expected.setdefault((key, version), (*told, step.storage_class, step.due))
    return expected


def told_of(found: Finding) -> Any:
    step = found.decision.step
    told = (found.day, found.decision.skipped, step.action, step.rule)
    return (*told, step.storage_class)


FILTERS = st.builds(
    Filter,
    prefix=st.sampled_from(["", "a", "a/b", "b/"]),
    tags=st.sampled_from([(), (), (("keep", "no"),), (("keep", "no"), ("old", "1"))]),
    larger_than=st.sampled_from([None, 10]),
    smaller_than=st.sampled_from([None, SMALL]),
)
DAYS = st.sampled_from([0, 1, 2, 5, 9])
WHENS = st.builds(When, days=DAYS) | st.builds(
    When, date=st.just(datetime(2026, 11, 24, tzinfo=UTC))
)
TRANSITIONS = st.lists(
    st.builds(Transition, WHENS, st.sampled_from(["STANDARD_IA", "GLACIER", "ODD"])), max_size=2
).map(tuple)
RULES = st.lists(
    st.builds(
        Rule,
        is_enabled=st.sampled_from([True, True, True, False]),
        filter=FILTERS,
        expiration=st.none() | WHENS,
        expires_markers=st.booleans(),
        transitions=TRANSITIONS,
        noncurrent_expiration=st.none()
        | st.builds(NoncurrentExpiration, DAYS, st.sampled_from([0, 0, 1])),
        noncurrent_transitions=st.just(()) | st.just((Transition(When(2), "GLACIER"),)),
    ),
    min_size=1,
    max_size=4,
).map(tuple)
AGES = st.integers(-2 * 24 * 6, 12 * 24 * 6).map(lambda tens: timedelta(minutes=10 * tens))
LOCKS = st.sampled_from(
    [
        *[NO_LOCK] * 4,
        LockState(legal_hold=True),
        LockState(LockMode.GOVERNANCE, NOW + timedelta(days=2, hours=5)),
        LockState(LockMode.COMPLIANCE, NOW - timedelta(days=1)),
    ]
)
VERSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "age": AGES,
            "size": st.sampled_from([0, 10, 11, SMALL]),
            "tags": st.sampled_from([{}, {"keep": "no"}, {"keep": "no", "old": "1"}, {"x": "y"}]),
            "storage_class": st.sampled_from(["STANDARD", "STANDARD", "GLACIER"]),
            "lock": LOCKS,
            "replication": st.sampled_from(["", "", "COMPLETED", "PENDING"]),
            "is_marker": st.sampled_from([False, False, False, True]),
            "is_null": st.booleans(),
        }
    ),
    min_size=1,
    max_size=4,
)
KEYS = st.dictionaries(
    st.sampled_from(["a", "a/b", "a/b/c", "a/c", "b/x", "b/y", "c", "d", "e"]),
    VERSIONS,
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(Versioning), KEYS, RULES, st.sampled_from(Engine), st.integers(0, 8))
def test_each_version_has_the_fate_that_the_evaluator_gives_it(
    versioning: Versioning,
    keys: dict[str, Any],
    chosen: tuple[Rule, ...],
    engine: Engine,
    days: int,
) -> None:
    is_kept = versioning is not Versioning.OFF
    store = Shelf(versioning, lock=is_kept, replicates=is_kept)
    for key, versions in keys.items():
        newest_last = sorted(versions, key=lambda each: -each["age"])
        nulls = [at for at, each in enumerate(newest_last) if each["is_null"]]
        for at, each in enumerate(newest_last if is_kept else newest_last[-1:]):
            what = dict(each)
            created = NOW - what.pop("age")
            what["is_null"] = at in nulls[-1:]
            if what["is_marker"] or not is_kept:
                what |= {"lock": NO_LOCK, "replication": "", "is_marker": is_kept}
            if what["is_marker"]:
                what |= {"size": 0, "tags": {}, "storage_class": "STANDARD"}
            store.place(key, created, what.pop("size"), **what)
    question = rules(*chosen, days=days, engine=engine)
    preview, found = asyncio.run(looked(store, question))
    expected = by_hand(store, question, versioning)
    rows = [found[row] for row in range(len(found))]
    assert {(each.key, each.version): told_of(each) for each in rows} == {
        name: told[:-1] for name, told in expected.items()
    }
    end = NOW.timestamp() + 86_400
    for each in rows:
        due = expected[each.key, each.version][-1].timestamp()
        if due > end - 86_400 + (each.day - 1) * 86_400 or not each.day:
            assert each.due == pytest.approx(due)
    assert [each.key for each in rows] == sorted(each.key for each in rows)
    _adds_up(preview, store, rows)


def _adds_up(preview: Preview, store: Shelf, rows: list[Finding]) -> None:
    summary = preview.summary
    seen = sum(map(len, store.buckets[BUCKET].objects.values()))
    assert preview.is_whole
    assert summary.seen.objects == seen == summary.untouched.objects + len(rows)
    assert summary.touched.size == sum(each.size for each in rows)
    held = sum(each.decision.skipped is not None for each in rows)
    assert sum(tally.objects for tally in summary.skipped.values()) >= held
    # In a suspended bucket the null version may go on the same day on which a rule spares it.
    then = [event for each in rows for event in each.then if not event.day]
    later = sum(event.decision.skipped is None for event in then)
    dues = [each.due for each in rows if not each.day and each.decision.skipped is None]
    assert summary.due_now().objects == len(dues) + later
    assert summary.unmatched.objects <= summary.untouched.objects
    if dues and not later:
        first, _ = summary.due_now().span or (0.0, 0.0)
        assert first == pytest.approx(min(dues))
