"""Plans carried out on the store in memory, and everything that comes between plan and act."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from s4desk.core.domain.errors import (
    NotSupportedError,
    PermissionDeniedError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.domain.identity import VersionId
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.parts import MIB
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.looking import AT_ONCE
from s4desk.core.lifecycle.report import Outcome, RunState
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.retry import RetryingStore
from s4desk.core.transfer.owners import Owners
from s4desk.core.transfer.rewriting import CopySizes
from tests.lifecycle.applying import (
    ListJournal,
    allow_locks,
    at,
    expire,
    keep_versions,
    keys_in,
    plan_of,
    rules,
    versions_in,
)
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore

B = "bucket"
DAY = 86_400
HELD = LockState(legal_hold=True)


class Blind(MemoryStore):
    """Looks at no ETag of a deletion, as most stores do, and refuses to promise it."""

    async def delete(self, location, *, version=None, bypass=False, if_match=""):
        if if_match:
            raise NotSupportedError("not known")
        await super().delete(location, version=version, bypass=bypass)

    async def delete_many(self, bucket, doomed, *, bypass=False):
        if any(each.etag for each in doomed):
            raise NotSupportedError("not known")
        return await super().delete_many(bucket, doomed, bypass=bypass)


class Singly(MemoryStore):
    """Heeds If-Match, and no ETags in a DeleteObjects."""

    async def delete_many(self, bucket, doomed, *, bypass=False):
        if any(each.etag for each in doomed):
            raise NotSupportedError("not known")
        return await super().delete_many(bucket, doomed, bypass=bypass)


class World:
    def __init__(self, kind=MemoryStore):
        self.clock = FakeClock()
        self.memory = kind([B, "other"], clock=self.clock)
        self.store = ScriptedStore(self.memory)
        self.versioning = Versioning.OFF

    async def versioned(self, status="Enabled"):
        await keep_versions(self.memory, B, status)
        self.versioning = Versioning.ENABLED

    async def put(self, *keys, body=b"x", **attributes):
        for key in keys:
            await self.memory.put(at(B, key), body, attributes=Attributes(**attributes))

    async def plan(self, *described, bucket=B):
        now = self.clock.now()
        return await plan_of(self.memory, bucket, rules(*described), now, self.versioning)

    def execution(self, *plans, **how):
        errands = [Errand(self.store, each) for each in plans]
        return Execution(errands, clock=self.clock, **how)

    async def keys(self):
        return await keys_in(self.memory, B)


@pytest.fixture(params=[MemoryStore, Singly, Blind])
def world(request):
    return World(request.param)


@pytest.fixture
def plain():
    return World()


def outcomes(report):
    return {each.key: each.outcome for each in report.not_done}


async def test_what_is_due_goes_and_nothing_else(world):
    await world.put("old/1", "old/2", "keep/1", body=b"12345")
    world.clock.advance(10 * DAY)
    await world.put("old/3")
    plan = await world.plan(expire(7, Filter={"Prefix": "old/"}))
    assert plan.counts == {Action.EXPIRE: (2, 10)}
    report = await world.execution(plan).run()
    assert await world.keys() == ["keep/1", "old/3"]
    assert report.state is RunState.FINISHED
    assert report.done == {(B, Action.EXPIRE): 2}
    assert report.sizes == {(B, Action.EXPIRE): 10}
    assert report.counters["expired"] == 2
    assert report.counters["objects_evaluated"] == 4
    assert report.counters["buckets_scanned"] == 1
    assert report.errors == 0
    again = await world.plan(expire(7, Filter={"Prefix": "old/"}))
    assert len(again) == 0


async def test_more_than_a_batch_goes(world):
    keys = [f"{number:05}" for number in range(2100)]
    await world.put(*keys)
    world.clock.advance(2 * DAY)
    report = await world.execution(await world.plan(expire(1))).run()
    assert report.counters["expired"] == 2100
    assert await world.keys() == []


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


def replace_unseen(world, key):
    """By other bytes of the same length, within the same second."""
    bucket = world.memory.buckets[B]
    (seen,) = bucket.objects[key]
    bucket.objects[key] = [replace(seen, data=b"y", etag="other")]


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


async def test_a_bucket_with_versions_gets_markers_and_loses_nothing(world):
    await world.versioned()
    await world.put("a")
    world.clock.advance(2 * DAY)
    report = await world.execution(await world.plan(expire(1))).run()
    assert report.counters["expired"] == 1
    assert await world.keys() == []
    assert [is_marker for _, is_marker in await versions_in(world.memory, B, "a")] == [True, False]


NONCURRENT = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}


async def test_noncurrent_versions_go_by_their_ids(plain):
    await plain.versioned()
    for body in (b"1", b"2", b"3"):
        await plain.put("a", "ab", body=body)
    plain.clock.advance(2 * DAY)
    report = await plain.execution(await plain.plan(NONCURRENT)).run()
    assert report.counters["noncurrent_expired"] == 4
    assert len(await versions_in(plain.memory, B, "a")) == 2  # that of a and that of ab
    assert await plain.keys() == ["a", "ab"]


async def test_the_newest_noncurrent_ones_stay_though_fewer_are_there_by_now(plain):
    await plain.versioned()
    for body in (b"1", b"2", b"3", b"4"):
        await plain.put("a", body=body)
    plain.clock.advance(2 * DAY)
    kept = {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}
    plan = await plain.plan({"NoncurrentVersionExpiration": kept})
    assert len(plan) == 2
    versions = await versions_in(plain.memory, B, "a")
    await plain.memory.delete(at(B, "a"), version=VersionId(versions[1][0]))
    report = await plain.execution(plan).run()
    assert report.counters["noncurrent_expired"] == 1
    assert report.counters["changed_since"] == 1
    left = [version for version, _ in await versions_in(plain.memory, B, "a")]
    assert left == [versions[0][0], versions[2][0]]


async def test_what_is_undeleted_after_the_plan_survives(plain):
    await plain.versioned()
    await plain.put("a")
    await plain.memory.delete(at(B, "a"))
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(NONCURRENT)
    assert len(plan) == 1
    (marker, _), *_ = await versions_in(plain.memory, B, "a")
    await plain.memory.delete(at(B, "a"), version=VersionId(marker))
    report = await plain.execution(plan).run()
    assert await plain.keys() == ["a"]
    assert outcomes(report) == {"a": Outcome.CHANGED}


async def test_a_marker_that_is_alone_goes_and_one_that_is_not_any_more_stays(plain):
    await plain.versioned()
    for key in ("alone", "again"):
        await plain.put(key)
        await plain.memory.delete(at(B, key))
        _, (version, _) = await versions_in(plain.memory, B, key)
        await plain.memory.delete(at(B, key), version=VersionId(version))
    plain.clock.advance(2 * DAY)
    plan = await plain.plan({"Expiration": {"ExpiredObjectDeleteMarker": True}})
    assert len(plan) == 2
    await plain.put("again")
    report = await plain.execution(plan).run()
    assert report.counters["delete_markers_removed"] == 1
    assert await versions_in(plain.memory, B, "alone") == []
    assert len(await versions_in(plain.memory, B, "again")) == 2
    assert outcomes(report) == {"again": Outcome.CHANGED}


def to_class(name, days=1):
    return {"Transitions": [{"Days": days, "StorageClass": name}]}


async def test_a_transition_keeps_all_that_belongs_to_the_object(world):
    tags, metadata = {"t": "1"}, {"m": "2"}
    await world.put("a", tags=tags, metadata=metadata, content_type="a/b")
    world.clock.advance(2 * DAY)
    report = await world.execution(await world.plan(to_class("STANDARD_IA"))).run()
    assert report.counters["transitioned"] == 1
    there = await world.memory.head(at(B, "a"))
    assert (there.storage_class, there.size) == ("STANDARD_IA", 1)
    assert there.attributes.content_type == "a/b"
    assert dict(there.attributes.metadata) == metadata
    assert dict(await world.memory.get_tags(at(B, "a"))) == tags
    assert len(await world.plan(to_class("STANDARD_IA"))) == 0


async def test_what_is_replaced_before_a_transition_is_not_touched(plain):
    await plain.put("a", "b")
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(to_class("STANDARD_IA"))
    await plain.put("b", body=b"new")
    report = await plain.execution(plan).run()
    assert outcomes(report) == {"b": Outcome.CHANGED}
    assert (await plain.memory.head(at(B, "b"))).storage_class == "STANDARD"


async def test_a_large_object_is_moved_in_parts(plain):
    await plain.put("a", body=bytes(11 * MIB))
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(to_class("STANDARD_IA"))
    report = await plain.execution(plan, sizes=CopySizes(5 * MIB, 5 * MIB)).run()
    assert report.counters["transitioned"] == 1
    there = await plain.memory.head(at(B, "a"))
    assert (there.storage_class, there.size) == ("STANDARD_IA", 11 * MIB)
    assert plain.memory.uploads == {}


async def test_a_large_copy_is_undone_when_it_is_stopped(plain):
    await plain.put("a", body=bytes(11 * MIB))
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(to_class("STANDARD_IA"))
    execution = plain.execution(plan, sizes=CopySizes(5 * MIB, 5 * MIB))
    reached = asyncio.Event()
    waits = asyncio.Event()
    copy_part = plain.memory.copy_part

    async def stuck(*args, **kwargs):
        reached.set()
        await waits.wait()
        return await copy_part(*args, **kwargs)

    plain.memory.copy_part = stuck
    running = asyncio.create_task(execution.run())
    await reached.wait()
    execution.stop()
    report = await running
    assert report.state is RunState.STOPPED
    assert plain.memory.uploads == {}
    assert (await plain.memory.head(at(B, "a"))).storage_class == "STANDARD"


async def test_no_client_moves_a_noncurrent_version(plain):
    await plain.versioned()
    await plain.put("a")
    await plain.put("a", body=b"new")
    plain.clock.advance(2 * DAY)
    move = {"NoncurrentDays": 1, "StorageClass": "GLACIER"}
    plan = await plain.plan({"NoncurrentVersionTransitions": [move]})
    report = await plain.execution(plan).run()
    assert outcomes(report) == {"a": Outcome.IMPOSSIBLE}
    assert report.counters["not_possible"] == 1


ABORT = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}


async def test_old_uploads_are_aborted_but_for_those_that_are_needed_here(plain):
    for key in ("a", "needed", "gone"):
        await plain.memory.create_multipart(at(B, key))
    plain.clock.advance(2 * DAY)
    await plain.memory.create_multipart(at(B, "young"))
    plan = await plain.plan(ABORT)
    owners = Owners()
    ids = {upload.location.key: id_ for id_, upload in plain.memory.uploads.items()}
    owners.add("t1", at(B, "needed"), ids["needed"])
    await plain.memory.abort_multipart(at(B, "gone"), ids["gone"])

    async def owners_of():
        return owners

    report = await plain.execution(plan, owners_of=owners_of).run()
    left = {upload.location.key for upload in plain.memory.uploads.values()}
    assert left == {"needed", "young"}
    assert report.counters["aborted_uploads"] == 1
    assert outcomes(report) == {"needed": Outcome.NEEDED, "gone": Outcome.GONE}


# What goes wrong


async def test_one_object_that_fails_keeps_none_of_the_others(world):
    await world.put(*(f"{number}" for number in range(10)))
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.fail("head", None, None, PermissionDeniedError("no", code="AccessDenied"))
    report = await world.execution(plan).run()
    assert report.counters["expired"] == 9
    assert report.errors == 1
    (failed,) = report.not_done
    assert (failed.outcome, failed.code) == (Outcome.FAILED, "AccessDenied")


async def test_one_bucket_that_fails_keeps_none_of_the_others(plain):
    await plain.put("a")
    await plain.memory.put(at("other", "b"), b"x")
    plain.clock.advance(2 * DAY)
    plans = [await plain.plan(expire(1)), await plain.plan(expire(1), bucket="other")]
    plain.store.fail("get_document object_lock", UnauthenticatedError("expired"))
    report = await plain.execution(*plans).run()
    assert await plain.keys() == ["a"]
    assert await keys_in(plain.memory, "other") == []
    assert report.done == {("other", Action.EXPIRE): 1}
    assert list(report.bucket_errors) == [B]
    assert report.errors == 1


async def test_a_store_that_is_gone_is_not_asked_for_ever(plain):
    await plain.put(*(f"{number:05}" for number in range(2000)))
    plain.clock.advance(2 * DAY)
    plan = await plain.plan(expire(1))
    plain.store.fail("head", *[UnavailableError("down")] * 2000)
    report = await plain.execution(plan).run()
    assert plain.store.count["head"] < 100
    assert list(report.bucket_errors) == [B]
    assert len(await plain.keys()) == 2000


async def test_a_store_that_deletes_nothing_is_not_asked_for_ever(world):
    await world.put(*(f"{number:05}" for number in range(2000)))
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.fail("delete_many", *[ThrottledError("slow down")] * 100)
    world.store.fail("delete", *[ThrottledError("slow down")] * 100)
    report = await world.execution(plan).run()
    assert report.errors
    assert world.store.count["delete_many"] + world.store.count["delete"] < 300
    kept = len(await world.keys())
    assert kept + report.counters["expired"] == 2000


async def test_a_reply_that_is_lost_counts_what_is_gone(world):
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    lost = UnavailableError("reply lost")
    world.store.lose_reply("delete_many", lost)
    world.store.lose_reply("delete", lost)
    report = await world.execution(plan).run()
    assert await world.keys() == []
    assert (report.counters["expired"], report.errors) == (3, 0)


async def test_a_reply_that_is_lost_and_asked_again_counts_as_done(world):
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.lose_reply("delete_many", UnavailableError("reply lost"))
    world.store.lose_reply("delete", UnavailableError("reply lost"))
    store = RetryingStore(world.store, jitter=lambda: 0.0)
    report = await Execution([Errand(store, plan)], clock=world.clock).run()
    assert await world.keys() == []
    assert (report.counters["expired"], report.errors) == (3, 0)


async def test_a_reply_that_is_lost_puts_no_second_marker_on_top(world):
    await world.versioned()
    await world.put("a", "b", "c")
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    world.store.lose_reply("delete_many", *[UnavailableError("reply lost")] * 2)
    world.store.lose_reply("delete", UnavailableError("reply lost"))
    store = RetryingStore(world.store, jitter=lambda: 0.0)
    running = asyncio.create_task(Execution([Errand(store, plan)], clock=world.clock).run())
    while not running.done():
        await asyncio.sleep(0)
        world.clock.advance(1)
    report = running.result()
    assert (report.counters["expired"], report.errors) == (3, 0)
    for key in ("a", "b", "c"):
        marks = [is_marker for _, is_marker in await versions_in(world.memory, B, key)]
        assert marks == [True, False]


# Pause, stop, go on


async def test_stopped_it_says_what_was_done_and_goes_on_by_another_plan(world):
    await world.put(*(f"{number:05}" for number in range(500)))
    world.clock.advance(2 * DAY)
    execution = world.execution(await world.plan(expire(1)))
    execution_stopped = []

    def stop(request):
        if request.operation.startswith("delete") and not execution_stopped:
            execution_stopped.append(execution.report)
            execution.stop()

    world.store.before = stop
    report = await execution.run()
    left = len(await world.keys())
    assert report.state is RunState.STOPPED
    assert 0 < report.counters["expired"] == 500 - left < 500
    world.store.before = None
    again = await world.execution(await world.plan(expire(1))).run()
    assert again.counters["expired"] == left
    assert await world.keys() == []


async def test_stopped_amid_copies_no_other_begins(plain):
    await plain.put(*(f"{number:02}" for number in range(60)))
    plain.clock.advance(2 * DAY)
    execution = plain.execution(await plain.plan(to_class("STANDARD_IA")))
    plain.store.after = lambda request: execution.stop() if request.operation == "copy" else None
    report = await execution.run()
    assert report.state is RunState.STOPPED
    assert plain.store.count["copy"] == report.counters["transitioned"] <= 2 * AT_ONCE


async def test_paused_nothing_begins_until_it_goes_on(world):
    await world.put(*(f"{number:05}" for number in range(300)))
    world.clock.advance(2 * DAY)
    execution = world.execution(await world.plan(expire(1)))
    execution.pause()
    running = asyncio.create_task(execution.run())
    for _ in range(50):
        await asyncio.sleep(0)
    assert execution.is_paused
    assert not world.store.calls
    execution.go_on()
    report = await running
    assert report.counters["expired"] == 300


async def test_what_is_paused_can_be_stopped(plain):
    await plain.put("a")
    plain.clock.advance(2 * DAY)
    execution = plain.execution(await plain.plan(expire(1)))
    execution.pause()
    running = asyncio.create_task(execution.run())
    await asyncio.sleep(0)
    execution.stop()
    report = await running
    assert report.state is RunState.STOPPED
    assert await plain.keys() == ["a"]


async def test_nothing_is_sent_that_is_not_in_the_journal(world):
    await world.put(*(f"{number:05}" for number in range(200)))
    world.clock.advance(2 * DAY)
    plan = await world.plan(expire(1))
    journal = ListJournal()
    noted: list[str] = []

    def look(request):
        if request.operation.startswith("delete"):
            noted.append(request.operation)
            assert any(line[0] == "sent" for line in journal.lines)

    world.store.before = look
    await world.execution(plan, journal=journal).run()
    sent = [key for line in journal.lines if line[0] == "sent" for key in line[2]]
    done = [key for line in journal.lines if line[0] == "settled" for key, _ in line[2]]
    assert noted
    assert sorted(sent) == sorted(done) == [f"{number:05}" for number in range(200)]


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


async def everything(world):
    """A bucket with something for each action, and a neighbour of each that must stay."""
    await world.versioned()
    await world.put("old", "stays/old")
    await world.put("move")
    for body in (b"1", b"2"):
        await world.put("versions", "stays/versions", body=body)
    await world.put("deleted")
    await world.memory.delete(at(B, "deleted"))
    _, (version, _) = await versions_in(world.memory, B, "deleted")
    await world.memory.delete(at(B, "deleted"), version=VersionId(version))
    await world.memory.create_multipart(at(B, "upload"))
    world.clock.advance(3 * DAY)


EVERY_RULE = (
    {"Filter": {"Prefix": "old"}, "Expiration": {"Days": 1}},
    {"Filter": {"Prefix": "move"}, **to_class("STANDARD_IA")},
    {"Filter": {"Prefix": "versions"}, **NONCURRENT},
    {"Filter": {"Prefix": "deleted"}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    {"Filter": {"Prefix": "upload"}, **ABORT},
)


async def state_of(world):
    keys = ("old", "stays/old", "move", "versions", "stays/versions", "deleted")
    marks = {key: [each for _, each in await versions_in(world.memory, B, key)] for key in keys}
    moved = (await world.memory.head(at(B, "move"))).storage_class
    return marks, moved, len(world.memory.uploads)


DONE = (
    {
        "old": [True, False],
        "stays/old": [False],
        "move": [False, False],
        "versions": [False],
        "stays/versions": [False, False],
        "deleted": [],
    },
    "STANDARD_IA",
    0,
)


@pytest.mark.parametrize("is_sent", [False, True], ids=["before a request", "after it"])
async def test_wherever_it_ends_the_next_run_leaves_what_one_run_would(is_sent):
    """Cut off at the first request, at the second, and so on: nothing is done twice."""
    for count in range(1, 200):
        world = World(Blind)
        await everything(world)
        plan = await world.plan(*EVERY_RULE)
        running = asyncio.create_task(world.execution(plan).run())

        left = iter(range(count - 1, -1, -1))

        def cut(_, running=running, left=left):
            if next(left, None) == 0:
                running.cancel()

        setattr(world.store, "after" if is_sent else "before", cut)
        ended = await asyncio.gather(running, return_exceptions=True)
        world.store.before = world.store.after = None
        await world.execution(await world.plan(*EVERY_RULE)).run()
        assert await state_of(world) == DONE, count
        if not isinstance(ended[0], asyncio.CancelledError):
            break
    else:
        pytest.fail("it never came to its end")
    assert count > 10
