"""What is sent again is looked at before, and what a bucket is by now counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.errors import (
    NotSupportedError,
    PermissionDeniedError,
    ThrottledError,
    UnavailableError,
)
from s4desk.core.domain.identity import VersionId
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.domain.lifecycle.rules import MinimumSize
from s4desk.core.domain.objects import Attributes
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.planning import Planning
from s4desk.core.lifecycle.question import Engine
from s4desk.core.lifecycle.report import Outcome
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.memory_bucket import NULL_VERSION, StoredVersion
from s4desk.core.store.retry import RetryingStore
from s4desk.viewmodels.lifecycle_apply_text import not_done_text
from tests.lifecycle.applying import at, expire, keep_versions, rules, versions_in
from tests.lifecycle.executing import (
    DAY,
    NONCURRENT,
    B,
    Blind,
    World,
    ended,
    outcomes,
    to_class,
)

SLOW, LOST = ThrottledError("slow down"), UnavailableError("reply lost")
TAGGED = {"Filter": {"Tag": {"Key": "keep", "Value": "yes"}}}


def after_the_failure(world, deed):
    """Do it once, before whatever is asked next after the second DeleteObjects."""

    def before(request):
        sent = world.store.count["delete_many"]
        if sent > 2 or (sent == 2 and request.operation not in ("delete_many", "delete")):
            world.store.before = None
            deed()

    world.store.before = before


def put_anew(world, key):
    now = world.clock.now()
    stored = StoredVersion(NULL_VERSION, b"new", "new", now, Attributes())
    world.memory.buckets[B].objects[key] = [stored]


@pytest.mark.parametrize("is_lost", [False, True], ids=["throttled", "lost"])
async def test_what_is_written_while_one_waits_survives(is_lost):
    world = World(Blind)
    await world.put("a", "b")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    after_the_failure(world, lambda: put_anew(world, "a"))
    # The first is refused: it would have had ETags.
    (world.store.lose_reply if is_lost else world.store.fail)(
        "delete_many", *[LOST] if is_lost else [None, SLOW]
    )
    store = RetryingStore(world.store, clock=world.clock, jitter=lambda: 0.0)
    report = await ended(world.clock, Execution([Errand(store, plan)], clock=world.clock))
    assert await world.keys() == ["a"]
    assert outcomes(report) == {"a": Outcome.CHANGED}
    assert report.counters["expired"] == 1


async def test_a_version_that_is_brought_back_while_one_waits_survives(plain):
    await plain.versioned()
    await plain.put("a", body=b"precious")
    await plain.memory.delete(at(B, "a"))
    (marker, _), (old, _) = await versions_in(plain.memory, B, "a")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(NONCURRENT)
    plain.store.fail("delete_many", SLOW)
    objects = plain.memory.buckets[B].objects

    def restore(request):
        if request.operation == "list_versions" and plain.store.count["delete_many"]:
            objects["a"] = [each for each in objects["a"] if each.id != marker]

    plain.store.before = restore
    store = RetryingStore(plain.store, jitter=lambda: 0.0)
    report = await ended(plain.clock, Execution([Errand(store, plan)], clock=plain.clock))
    assert await versions_in(plain.memory, B, "a") == [(old, False)]
    assert outcomes(report) == {"a": Outcome.CHANGED}
    assert plain.store.count["delete_many"] == 1


async def test_what_is_slowed_down_for_ever_is_tried_so_often(plain):
    await plain.versioned()
    await plain.put("a")
    await plain.put("a", body=b"new")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(NONCURRENT)
    plain.store.fail("delete_many", *[SLOW] * 99)
    store = RetryingStore(plain.store, jitter=lambda: 0.0)
    report = await ended(plain.clock, Execution([Errand(store, plan)], clock=plain.clock))
    assert plain.store.count["delete_many"] == 5
    assert outcomes(report) == {"a": Outcome.FAILED}


async def test_what_was_sent_and_cannot_be_looked_at_again_is_in_doubt(plain):
    await plain.versioned()
    await plain.put("a")
    await plain.put("a", body=b"new")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(NONCURRENT)
    plain.store.lose_reply("delete_many", LOST)

    def deny(request):
        if request.operation == "delete_many":
            plain.store.fail("list_versions", *[PermissionDeniedError("no")] * 9)

    plain.store.before = deny
    report = await ended(plain.clock, plain.execution(plan))
    assert outcomes(report) == {"a": Outcome.IN_DOUBT}


# What a bucket does with versions


async def test_where_versioning_is_suspended_after_the_plan_nothing_is_lost(world):
    await world.put("a", body=b"null")
    await world.versioned()
    await world.put("b")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    await keep_versions(world.memory, B, "Suspended")
    report = await world.execution(plan).run()
    assert await world.keys() == ["a", "b"]
    assert {each.outcome for each in report.not_done} == {Outcome.VERSIONING}
    assert (report.tried, report.counters["changed_since"]) == (2, 2)


async def test_a_copy_replaces_no_null_version_where_versioning_is_suspended_meanwhile(plain):
    await plain.put("a", body=b"null")
    await plain.versioned()
    await plain.put("a", body=b"second")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(to_class("STANDARD_IA"))
    await keep_versions(plain.memory, B, "Suspended")
    report = await plain.execution(plan).run()
    assert outcomes(report) == {"a": Outcome.VERSIONING}
    assert len(await versions_in(plain.memory, B, "a")) == 2


async def test_a_version_id_gives_the_lie_to_who_says_that_there_are_none(world):
    await world.versioned()
    await world.put("a")
    world.clock.advance(2 * DAY)
    silent = NotSupportedError("no", code="NotImplemented", status=501)
    world.store.fail("get_document versioning", *[silent] * 9)
    world.versioning = Versioning.OFF
    plan = await world.plan(expire(1))
    report = await world.execution(plan).run()
    assert await world.keys() == ["a"]
    assert outcomes(report) == {"a": Outcome.VERSIONING}


@pytest.mark.parametrize(
    ("code", "status", "doubts", "kept"),
    [
        ("NotImplemented", 501, [], Versioning.OFF),
        ("", 501, [], Versioning.OFF),
        ("MethodNotAllowed", 405, [Doubt.VERSIONING], Versioning.SUSPENDED),
        ("NoAnswer", 0, [Doubt.VERSIONING], Versioning.SUSPENDED),
    ],
)
async def test_only_who_says_so_has_no_versions(plain, code, status, doubts, kept):
    await plain.put("a")
    plain.clock.advance(2 * DAY)
    odd = NotSupportedError("no", code=code, status=status)
    plain.store.fail("get_document versioning", odd)
    lifecycle = lifecycle_of(rules(expire(1)))
    plan = await Planning(plain.store, B, lifecycle, plain.clock.now()).plan()
    assert ([each.doubt for each in plan.concerns], plan.versioning) == (doubts, kept)
    plain.store.fail("get_document versioning", *[odd] * 9)
    report = await plain.execution(plan).run()
    assert (report.counters["expired"], await plain.keys()) == (1, [])


class Unlisted(Blind):
    """Who uses it may not list versions."""

    async def list_versions(self, prefix, **query):
        raise PermissionDeniedError("no", code="AccessDenied", status=403)


@pytest.mark.parametrize("rule", [expire(1), to_class("STANDARD_IA")], ids=["expire", "move"])
async def test_what_may_replace_a_version_that_nobody_may_see_is_left_alone(rule):
    world = World(Unlisted)
    await world.put("a", "plain", body=b"null")
    await world.versioned()
    await world.put("a", body=b"second")
    await world.versioned("Suspended")
    world.clock.advance(2 * DAY)
    lifecycle = lifecycle_of(rules(rule))
    plan = await Planning(world.memory, B, lifecycle, world.clock.now()).plan()
    assert [each.version for each in plan.findings] == ["", ""]
    report = await world.execution(plan).run()
    assert outcomes(report) == {"a": Outcome.HIDDEN}
    assert len(world.memory.buckets[B].objects["a"]) == 2
    assert report.counters["not_possible"] == 1


# What the rules say by now


@pytest.mark.parametrize("engine", Engine)
async def test_a_tag_that_brings_another_rule_into_play_counts(world, engine):
    await world.put("a", "b")
    world.clock.advance(9 * DAY)
    first = {"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]}
    # AWS asks all rules: there the tag brings what is done instead of a move.
    value = [{**first, **TAGGED}, expire(1)]
    if engine is Engine.AWS:
        value = [first, {**expire(1), **TAGGED}]
    lifecycle = replace(lifecycle_of(rules(*value)), minimum=MinimumSize.NONE)
    plan = await Planning(world.memory, B, lifecycle, world.clock.now(), engine).plan()
    assert len(plan) == 2
    await world.memory.put_tags(at(B, "b"), {"keep": "yes"})
    report = await world.execution(plan).run()
    assert outcomes(report) == {"b": Outcome.CHANGED}
    assert report.tried - len(report.not_done) == 1


async def test_a_tag_of_an_old_version_brings_another_rule_into_play_too(plain):
    await plain.versioned()
    for key in ("a", "b"):
        await plain.put(key)
        await plain.put(key, body=b"new")
    plain.clock.advance(2 * DAY)
    moves = {"NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]}
    plan = await plain.plan({**moves, **TAGGED}, NONCURRENT)
    assert len(plan) == 2
    _, (old, _) = await versions_in(plain.memory, B, "b")
    await plain.memory.put_tags(at(B, "b"), {"keep": "yes"}, version=VersionId(old))
    report = await plain.execution(plan).run()
    assert outcomes(report) == {"b": Outcome.CHANGED}
    assert report.counters["noncurrent_expired"] == 1


async def test_the_tags_of_an_old_null_version_are_its_own(plain):
    await plain.put("a", tags={"keep": "yes"})
    await plain.versioned()
    await plain.put("a", body=b"new")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan({**NONCURRENT, **TAGGED})
    report = await plain.execution(plan).run()
    assert (report.counters["noncurrent_expired"], outcomes(report)) == (1, {})


async def test_tags_are_not_asked_for_where_they_cannot_decide(plain):
    await plain.put("a")
    plain.clock.advance(2 * DAY)
    behind = {**to_class("GLACIER"), **TAGGED}
    elsewhere = to_class("GLACIER") | {
        "Filter": {"And": {"Prefix": "b", "Tags": [{"Key": "keep", "Value": "yes"}]}}
    }
    plan = await plain.plan(elsewhere, expire(1), behind)
    report = await plain.execution(plan).run()
    assert (report.counters["expired"], plain.store.count["get_tags"]) == (1, 0)


class Unheeding(MemoryStore):
    """Somebody writes right before a copy, and no ETag is looked at."""

    async def copy(self, source, target, **how):
        theirs = Attributes(metadata={"m": "new"}, tags={"t": "new"})
        await self.put(target, b"new", attributes=theirs)
        return await super().copy(source, target, attributes=how["attributes"])


async def test_what_a_move_has_damaged_is_told():
    world = World(Unheeding)
    await world.put("a", body=b"old", metadata={"m": "old"}, tags={"t": "old"})
    world.clock.advance(2 * DAY)
    report = await world.execution(await world.plan(to_class("GLACIER_IR"))).run()
    assert outcomes(report) == {"a": Outcome.MIXED}
    assert report.errors == 1
    assert "metadata" in not_done_text(report.not_done[0])


# What time it is


class Dated(MemoryStore):
    """Tells when it sends what it knows of an object."""

    date = ""

    async def head(self, location, *, version=None):
        return replace(await super().head(location, version=version), headers={"date": self.date})


@pytest.mark.parametrize("is_head", [False, True], ids=["versioning", "head"])
@pytest.mark.parametrize(("minutes", "left"), [(-4, []), (4, []), (-6, ["a"]), (6, ["a"])])
async def test_a_clock_that_is_not_the_stores_holds_all_back(minutes, left, is_head):
    world = World(Dated)
    await world.put("a")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    there = world.clock.now() + timedelta(minutes=minutes)
    if is_head:
        world.memory.date = format_datetime(there, usegmt=True)
    else:
        body = b"<VersioningConfiguration/>"
        world.memory.buckets[B].tell(BucketDocument(ConfigKind.VERSIONING, body, at=there))
    report = await world.execution(plan).run()
    assert await world.keys() == left
    assert list(report.bucket_errors) == ([B] if left else [])
