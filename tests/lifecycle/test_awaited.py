"""What has no replica yet by rules of s4desk is left alone by it."""

from __future__ import annotations

from collections import Counter

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Skipped
from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule, When
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.findings import Findings
from s4desk.core.lifecycle.planning import Planning
from s4desk.core.lifecycle.preview import Preview
from s4desk.core.lifecycle.question import Engine, Question
from s4desk.core.lifecycle.report import Outcome
from s4desk.core.lifecycle.schedule import LOOK_EVERY_S
from s4desk.core.lifecycle.schedule_entries import DAILY, Entry, Trouble
from s4desk.viewmodels.lifecycle_reason import concern_text
from tests.lifecycle.applying import keys_in
from tests.lifecycle.executing import DAY, NONCURRENT, B, World, outcomes
from tests.lifecycle.shelf import BUCKET, PREFIX, Shelf
from tests.lifecycle.test_preview_asking import HOLD, NOW, OLD, ago
from tests.lifecycle.test_schedule import WEEK, C
from tests.lifecycle.test_schedule import World as ScheduleWorld

WEEK_OLD = Rule(expiration=When(7))
PENDING = Skipped.REPLICATION_PENDING


class Replicas:
    """Those that are awaited: versions by key."""

    def __init__(self, **awaited):
        self.awaited = awaited
        self.asked = Counter()
        self.error = None

    async def is_any(self):
        return bool(self.awaited)

    async def of(self, keys):
        if self.error is not None:
            raise self.error
        self.asked.update(keys)
        return {key: self.awaited[key] for key in keys if key in self.awaited}


async def found_in(store, replicas, *rules, engine=Engine.FIRST_MATCH):
    question = Question(Lifecycle(rules), NOW, 0, engine)
    preview = Preview(store, PREFIX, question, replicas)
    found = Findings()
    async for batch in preview.batches():
        found.extend(batch)
    told = [found[row] for row in range(len(found))]
    return preview, {(each.key, each.version): each.decision for each in told}


@pytest.mark.parametrize("versioning", [Versioning.OFF, Versioning.ENABLED])
async def test_what_waits_is_held_back_and_counted(versioning):
    store = Shelf(versioning, page=2)
    for key in ("a", "b", "c", "d", "young"):
        store.place(key, ago(1 if key == "young" else 20))
    replicas = Replicas(b={""}, d={""}, young={""})
    preview, found = await found_in(store, replicas, WEEK_OLD)
    skipped = [decision.skipped for decision in found.values()]
    assert skipped == [None, PENDING, None, PENDING]
    assert [(each.skipped, tally.objects) for each, tally in preview.summary.skipped.items()] == [
        (PENDING, 2)
    ]
    # Only of what something happens to.
    assert replicas.asked == {"a": 1, "b": 1, "c": 1, "d": 1}


async def test_nobody_is_asked_key_by_key_where_nothing_waits():
    store = Shelf()
    store.place("a", ago(20))
    replicas = Replicas()
    _, found = await found_in(store, replicas, WEEK_OLD)
    assert [each.skipped for each in found.values()] == [None]
    assert not replicas.asked


async def test_of_a_version_that_waits_the_others_go():
    store = Shelf(Versioning.ENABLED)
    for days in (30, 20, 10):
        store.place("a", ago(days))
    oldest, middle = sorted(key for key in (await found_in(store, None, OLD))[1])
    _, found = await found_in(store, Replicas(a={middle[1]}), OLD)
    assert {key: each.skipped for key, each in found.items()} == {oldest: None, middle: PENDING}
    # What the key has now is none of them.
    _, found = await found_in(store, Replicas(a={""}), OLD)
    assert {each.skipped for each in found.values()} == {None}


async def test_what_is_asked_besides_forgets_nothing():
    store = Shelf(Versioning.ENABLED, lock=True, replicates=True)
    store.place("a", ago(20), replication="COMPLETED")
    store.place("b", ago(20), lock=HOLD)
    _, found = await found_in(store, Replicas(a={""}, b={""}), WEEK_OLD)
    assert next(each.skipped for each in found.values()) is PENDING
    assert all(each.action is None for each in found.values())


async def test_a_store_does_not_wait_and_that_is_said():
    store = Shelf()
    for key in ("a", "b"):
        store.place(key, ago(20))
    for replicas, doubts in ((Replicas(b={""}), [Doubt.UNHEEDED_REPLICAS]), (Replicas(), [])):
        preview, found = await found_in(store, replicas, WEEK_OLD, engine=Engine.AWS)
        assert {each.skipped for each in found.values()} == {None}
        assert [each.doubt for each in preview.concerns] == doubts
        assert all(concern_text(each, [WEEK_OLD]) for each in preview.concerns)
        assert not replicas.asked


@pytest.mark.parametrize("engine", Engine)
async def test_no_plan_has_what_waits(engine):
    store = Shelf()
    for key in ("a", "b"):
        store.place(key, ago(20))
    planning = Planning(store, BUCKET, Lifecycle((WEEK_OLD,)), NOW, engine, Replicas(b={""}))
    plan = await planning.plan()
    assert plan.findings.keys == ["a"]
    assert plan.skipped == {PENDING: 1}
    assert plan.held.keys == ["b"]


async def test_where_it_cannot_be_known_there_is_no_plan():
    store, replicas = Shelf(), Replicas(a={""})
    store.place("a", ago(20))
    replicas.error = S4DeskError("the table cannot be read")
    with pytest.raises(S4DeskError, match="the table"):
        await Planning(store, BUCKET, Lifecycle((WEEK_OLD,)), NOW, awaited=replicas).plan()


# Between the plan and the act


async def carried_out(world, plan, replicas):
    return await Execution([Errand(world.store, plan, replicas)], clock=world.clock).run()


async def test_what_waits_only_since_the_plan_is_left_alone():
    world = World()
    await world.put("a", "b")
    world.clock.advance(8 * DAY)
    plan = await world.plan({"Expiration": {"Days": 7}})
    assert len(plan) == 2
    report = await carried_out(world, plan, Replicas(b={""}))
    assert outcomes(report) == {"b": Outcome.REPLICATION_PENDING}
    assert await world.keys() == ["b"]


async def test_of_an_old_version_only_that_counts():
    world = World()
    await world.versioned()
    for body in (b"1", b"2", b"3"):
        await world.put("a", body=body)
        world.clock.advance(8 * DAY)
    plan = await world.plan(NONCURRENT)
    first, second = (plan.findings[row] for row in range(2))
    assert first.decision.step.action is Action.EXPIRE_NONCURRENT
    report = await carried_out(world, plan, Replicas(a={"", first.version}))
    assert [each.outcome for each in report.not_done] == [Outcome.REPLICATION_PENDING]
    left = {each.id for each in world.memory.buckets[B].objects["a"]}
    assert first.version in left
    assert second.version not in left


async def test_what_cannot_be_known_any_more_is_not_touched():
    world, replicas = World(), Replicas(a={""})
    await world.put("a")
    world.clock.advance(8 * DAY)
    plan = await world.plan({"Expiration": {"Days": 7}})
    replicas.error = S4DeskError("the table cannot be read")
    report = await carried_out(world, plan, replicas)
    assert outcomes(report) == {"a": Outcome.FAILED}
    assert await world.keys() == ["a"]


class Late(Replicas):
    """Of which nothing is known before somebody acts."""

    async def of(self, keys):
        is_first = not self.asked
        found = await super().of(keys)
        return {} if is_first else found


async def scheduled(folder, replicas):
    """A schedule of which one run has ended, and its report."""
    world = ScheduleWorld(
        folder, awaited_in=lambda connection, bucket: replicas[connection, bucket]
    )
    await world.memory.put_document(B, from_json(ConfigKind.LIFECYCLE, WEEK))
    await world.old("a", "b")
    world.schedule.start()
    await world.rest()
    await world.schedule.put(Entry(C, B, is_on=True))
    await world.rest()
    world.clock.advance(DAILY.total_seconds() + LOOK_EVERY_S)
    entry, report = await world.hear()
    await world.schedule.aclose()
    assert entry.trouble is Trouble.NONE
    assert report.counters["expired"] == 1
    assert await keys_in(world.memory, B) == ["a"]
    return report


async def test_a_schedule_leaves_alone_what_waits(tmp_path):
    report = await scheduled(tmp_path, {(C, B): Replicas(a={""})})
    assert report.planned == 1


async def test_a_schedule_leaves_alone_what_waits_only_since_its_plan(tmp_path):
    report = await scheduled(tmp_path, {(C, B): Late(a={""})})
    assert report.planned == 2
    assert outcomes(report) == {"a": Outcome.REPLICATION_PENDING}
