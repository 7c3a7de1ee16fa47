"""What comes between plan and act: replaced, locked, tagged otherwise, gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from s4desk.core.domain.errors import (
    PermissionDeniedError,
)
from s4desk.core.domain.identity import VersionId
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.lifecycle.report import Outcome
from s4desk.core.store.memory import MemoryStore
from tests.lifecycle.applying import (
    allow_locks,
    at,
    expire,
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
