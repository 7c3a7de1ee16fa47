"""What comes between plan and act: replaced, locked, tagged otherwise, gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from s4desk.core.domain.errors import (
    PermissionDeniedError,
)
from s4desk.core.domain.identity import VersionId
from s4desk.core.domain.lifecycle.decisions import Action, Skipped
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.planning import Planning
from s4desk.core.lifecycle.question import Engine
from s4desk.core.lifecycle.report import Outcome
from s4desk.core.store.memory import MemoryStore
from tests.lifecycle.applying import (
    allow_locks,
    at,
    expire,
    rules,
    versions_in,
)
from tests.lifecycle.executing import (
    DAY,
    HELD,
    NONCURRENT,
    B,
    Singly,
    World,
    outcomes,
    replace_unseen,
    to_class,
)


@pytest.mark.parametrize("body", [b"other", b"x"], ids=["other", "the same bytes again"])
async def test_what_is_replaced_after_the_plan_survives(world, body):
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.clock.advance(60)
    await world.put("b", body=body)
    report = await world.execution(plan).run()
    assert await world.keys() == ["b"]
    assert outcomes(report) == {"b": Outcome.CHANGED}
    assert report.counters["changed_since"] == 1


@pytest.mark.parametrize("kind", [MemoryStore, Singly])
async def test_what_is_replaced_between_look_and_deletion_survives_where_the_store_heeds_etags(
    kind,
):
    world = World(kind)
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))

    def replaced(request):
        is_late = world.store.count["delete_many"] > 1 or request.key == "b"
        if request.operation.startswith("delete") and is_late:
            world.store.before = None
            replace_unseen(world, "b")

    world.store.before = replaced
    report = await world.execution(plan).run()
    assert await world.keys() == ["b"]
    assert outcomes(report) == {"b": Outcome.CHANGED}


async def test_what_is_replaced_within_the_same_second_survives(world):
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    replace_unseen(world, "b")
    report = await world.execution(plan).run()
    assert await world.keys() == ["b"]
    assert outcomes(report) == {"b": Outcome.CHANGED}


async def test_what_is_gone_by_itself_is_told(world):
    await world.put("a", "b")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    await world.memory.delete(at(B, "a"))
    report = await world.execution(plan).run()
    assert outcomes(report) == {"a": Outcome.GONE}
    assert report.counters["expired"] == 1


async def test_a_lock_that_is_set_after_the_plan_is_honoured(world):
    await world.versioned()
    await allow_locks(world.memory, B)
    await world.put("a", "b")
    await world.put("locked before", lock=HELD)
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    await world.memory.put_legal_hold(at(B, "b"), is_on=True)
    report = await world.execution(plan).run()
    assert await world.keys() == ["b", "locked before"]
    assert outcomes(report) == {"b": Outcome.LOCKED}
    assert report.counters["skipped_locked"] == 2
    assert report.counters["expired"] == 1


async def test_who_may_not_see_a_lock_deletes_nothing(plain):
    await plain.versioned()
    await allow_locks(plain.memory, B)
    await plain.put("a")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(expire(1))
    plain.store.fail("get_lock", PermissionDeniedError("no", code="AccessDenied"))
    report = await plain.execution(plan).run()
    assert await plain.keys() == ["a"]
    assert outcomes(report) == {"a": Outcome.FAILED}


async def test_a_lock_that_is_set_amid_a_deletion_of_versions_is_honoured(plain):
    """The store refuses then; it is told as what it is."""
    await plain.versioned()
    await allow_locks(plain.memory, B)
    await plain.put("a")
    await plain.put("a", body=b"new")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan({"NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    (old,) = [plan.findings[row].version for row in plan.rows(Action.EXPIRE_NONCURRENT)]
    bucket = plain.memory.buckets[B]

    def lock(request):
        if request.operation == "delete_many":
            found = next(each for each in bucket.objects["a"] if each.id == old)
            bucket.lock(at(B, "a"), found, HELD)

    plain.store.before = lock
    report = await plain.execution(plan).run()
    assert outcomes(report) == {"a": Outcome.LOCKED}
    assert len(await versions_in(plain.memory, B, "a")) == 2


async def test_a_version_that_was_locked_after_the_plan_is_not_even_asked_for(plain):
    await plain.versioned()
    await allow_locks(plain.memory, B)
    await plain.put("a")
    await plain.put("a", body=b"new")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(NONCURRENT)
    (old,) = [plan.findings[row].version for row in plan.rows(Action.EXPIRE_NONCURRENT)]
    await plain.memory.put_legal_hold(at(B, "a"), is_on=True, version=VersionId(old))
    report = await plain.execution(plan).run()
    assert outcomes(report) == {"a": Outcome.LOCKED}
    assert plain.store.count["delete_many"] == 0


async def test_tags_that_are_others_by_now_count(plain):
    await plain.put("a", "b", tags={"keep": "no"})
    plain.clock.advance(2 * DAY)
    tag = {"Tag": {"Key": "keep", "Value": "no"}}
    plan = await plain.plan(expire(1, Filter=tag))
    await plain.memory.put_tags(at(B, "b"), {"keep": "yes"})
    report = await plain.execution(plan).run()
    assert await plain.keys() == ["b"]
    assert outcomes(report) == {"b": Outcome.CHANGED}


async def test_a_year_of_retention_counts_as_a_lock(plain):
    await plain.versioned()
    await allow_locks(plain.memory, B)
    await plain.put("a")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(expire(1))
    until = plain.clock.now() + timedelta(days=365)
    await plain.memory.put_retention(at(B, "a"), LockState(LockMode.GOVERNANCE, until))
    report = await plain.execution(plan).run()
    assert outcomes(report) == {"a": Outcome.LOCKED}
    plain.clock.advance(366 * DAY)
    report = await plain.execution(await plain.plan(expire(1))).run()
    assert report.counters["expired"] == 1


async def test_nothing_is_planned_by_a_rule_that_is_not_understood(world):
    """The evaluator of the store goes by what is known: as a preview, not as an order."""
    await world.put("a")
    world.clock.advance(9 * DAY)
    value = rules(expire(1, Filter={"And": {}}), expire(5, Filter={"Prefix": "a"}))
    for engine in Engine:
        planning = Planning(world.memory, B, lifecycle_of(value), world.clock.now(), engine)
        plan = await planning.plan()
        assert [each.decision.step.rule for each in plan.findings] == [1]
        assert [(each.doubt, each.rule) for each in plan.concerns] == [(Doubt.UNKNOWN_RULE, 0)]


TAGGED = {"Filter": {"Tag": {"Key": "keep", "Value": "no"}}}


async def suspended(world):
    """A version on top of the null version, and versions are not kept any more."""
    await world.put("a", body=b"null")
    await world.versioned("Enabled")
    await world.put("a", body=b"second", tags={"keep": "no"})
    await world.versioned("Suspended")
    world.clock.advance(2 * DAY)
    lifecycle = lifecycle_of(rules(expire(1, **TAGGED)))
    plan = await Planning(world.memory, B, lifecycle, world.clock.now()).plan()
    assert [each.decision.action for each in plan.findings] == [
        Action.EXPIRE,
        Action.EXPIRE_NONCURRENT,
    ]
    return plan


async def test_the_plan_of_a_suspended_bucket_says_what_markers_replace(world):
    """Written before versions were kept, meanwhile, both, and after."""
    await world.put("before", "both")
    await world.versioned("Enabled")
    await world.put("meanwhile", "both")
    await world.versioned("Suspended")
    await world.put("after")
    world.clock.advance(2 * DAY)
    lifecycle = lifecycle_of(rules(expire(1)))
    for engine in Engine:
        # A whole day later, for some count from midnights.
        now = world.clock.now() + timedelta(days=1)
        plan = await Planning(world.memory, B, lifecycle, now, engine).plan()
        kept = [each.key for each in plan.findings if each.decision.hides]
        assert kept == ["both", "meanwhile"]
        assert plan.kept[0] == 2
        assert plan.counts[Action.EXPIRE][0] == 4
        assert list(plan.consequences) == ["both"]


def bodies(world):
    return [each.data for each in world.memory.buckets[B].objects["a"]]


async def test_where_a_marker_takes_the_place_of_the_null_version_both_go_together(world):
    plan = await suspended(world)
    report = await world.execution(plan).run()
    assert (await versions_in(world.memory, B, "a"))[0] == ("null", True)
    assert b"second" in bodies(world)
    assert b"null" not in bodies(world)
    assert outcomes(report) == {}
    counters = report.counters
    assert (counters["expired"], counters["noncurrent_expired"]) == (1, 1)
    assert (report.tried, report.planned) == (2, 2)


async def test_the_null_version_stays_when_what_would_have_hidden_it_stays(world):
    plan = await suspended(world)
    await world.memory.put_tags(at(B, "a"), {"keep": "yes"})
    report = await world.execution(plan).run()
    assert sorted(bodies(world)) == [b"null", b"second"]
    assert [each.outcome for each in report.not_done] == 2 * [Outcome.CHANGED]
    assert report.tried == 2


async def test_a_null_version_that_is_none_of_the_plan_is_not_destroyed(world):
    plan = await suspended(world)
    versions = world.memory.buckets[B].objects["a"]
    at_null = next(at for at, each in enumerate(versions) if each.data == b"null")
    versions[at_null] = replace(versions[at_null], data=b"brought back", etag="another")
    report = await world.execution(plan).run()
    assert sorted(bodies(world)) == [b"brought back", b"second"]
    assert report.counters["changed_since"] == 2


async def test_no_copy_takes_the_place_of_a_null_version(world):
    await world.put("a", body=b"null")
    await world.versioned("Enabled")
    await world.put("a", body=b"second")
    await world.put("b", body=b"alone")
    await world.versioned("Suspended")
    world.clock.advance(2 * DAY)
    # With a size AWS has no minimum of its own.
    sized = {"Filter": {"ObjectSizeGreaterThan": 0}}
    lifecycle = lifecycle_of(rules(to_class("GLACIER") | sized))
    moved = 0
    for engine in Engine:
        now = world.clock.now() + timedelta(days=1)
        plan = await Planning(world.memory, B, lifecycle, now, engine).plan()
        is_ours = engine is Engine.FIRST_MATCH
        assert [each.key for each in plan.held] == (["a"] if is_ours else [])
        assert plan.skipped == ({Skipped.REPLACES: 1} if is_ours else {})
        report = await world.execution(plan).run()
        assert sorted(bodies(world)) == [b"null", b"second"]
        assert report.left == {(B, Outcome.REPLACES): 1}
        assert (report.counters["changed_since"], report.counters["not_possible"]) == (0, 1)
        moved += report.counters["transitioned"]
    assert moved == 1


async def test_a_copy_comes_when_the_null_version_goes_as_well(world):
    await world.put("a", body=b"null")
    await world.versioned("Enabled")
    await world.put("a", body=b"second")
    await world.versioned("Suspended")
    world.clock.advance(2 * DAY)
    old = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    lifecycle = lifecycle_of(rules(to_class("GLACIER") | old))
    plan = await Planning(world.memory, B, lifecycle, world.clock.now()).plan()
    report = await world.execution(plan).run()
    assert b"null" not in bodies(world)
    assert outcomes(report) == {}
    assert report.counters["transitioned"] == 1


async def test_markers_are_none_of_the_versions_that_are_kept(world):
    """Of four versions the last two are to stay, though newer ones went and markers came."""
    await world.versioned()
    for number in range(4):
        await world.put("a", body=b"%d" % number)
    await world.memory.delete(at(B, "a"))
    await world.put("a", body=b"top")
    world.clock.advance(3 * DAY)
    keeps = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}}
    plan = await world.plan(keeps)
    assert len(plan) == 3
    old = [id_ for id_, is_marker in (await versions_in(world.memory, B, "a"))[1:] if not is_marker]
    for id_ in old[:2]:
        await world.memory.delete(at(B, "a"), version=VersionId(id_))
    report = await world.execution(plan).run()
    assert sorted(each for each in bodies(world) if each) == [b"0", b"1", b"top"]
    assert report.counters["changed_since"] == 3  # the old marker too
