"""Plans carried out on the store in memory: each action, and what it leaves alone."""

from __future__ import annotations

import asyncio

from s4desk.core.domain.identity import VersionId
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.parts import MIB
from s4desk.core.lifecycle.report import Outcome, RunState
from s4desk.core.transfer.owners import Owners
from s4desk.core.transfer.rewriting import CopySizes
from tests.lifecycle.applying import (
    at,
    expire,
    versions_in,
)
from tests.lifecycle.executing import (
    ABORT,
    DAY,
    NONCURRENT,
    B,
    outcomes,
    to_class,
)


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


async def test_a_bucket_with_versions_gets_markers_and_loses_nothing(world):
    await world.versioned()
    await world.put("a")
    world.clock.advance(2 * DAY)
    report = await world.execution(await world.plan(expire(1))).run()
    assert report.counters["expired"] == 1
    assert await world.keys() == []
    assert [is_marker for _, is_marker in await versions_in(world.memory, B, "a")] == [True, False]


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
