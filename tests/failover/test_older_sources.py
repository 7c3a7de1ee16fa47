"""What may be older than what a group should have replaces nothing that nobody gave up."""

from __future__ import annotations

import os
import time
from array import array
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from s4desk.core.domain.connection import Connection, group_connection
from s4desk.core.domain.errors import (
    MalformedReplyError,
    PermissionDeniedError,
    ThrottledError,
)
from s4desk.core.domain.failover import Answer, Backend, FailoverGroup
from s4desk.core.domain.identity import ConnectionId, Generation, Prefix
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.replication.stamp import Stamp, stamped
from s4desk.core.domain.transfer import (
    BatchId,
    ConflictPolicy,
    Direction,
    TransferSpec,
    TransferState,
)
from s4desk.core.store.limits import Slots
from s4desk.core.transfer.files import may_be_older
from s4desk.core.transfer.inventory import LocalInventory, RemoteInventory
from s4desk.core.transfer.names import LINUX
from s4desk.core.transfer.origin import older_source, seen
from s4desk.core.transfer.planner import plan_downloads, plan_uploads
from s4desk.core.transfer.sync import Change, Compare, Comparison
from s4desk.viewmodels.error_text import describe
from tests.failover.grouped import as_group, give_no_bytes, give_no_tags, tried_again
from tests.failover.groups import replicate
from tests.transfer.specs import BUCKET, HERE, at, download_spec, elsewhere
from tests.transfer.world import PART, World, noise

COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED
OVERWRITE, IF_DIFFERENT = ConflictPolicy.OVERWRITE, ConflictPolicy.IF_DIFFERENT
REPLACING = [OVERWRITE, IF_DIFFERENT]
RENEW, LONG_AGO = ConflictPolicy.RENEW, 1_000_000_000
SIZES = [9, 3 * PART + 5]
TO = elsewhere("to")


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    return World(tmp_path)


async def with_old(world, size, *, is_late=False):
    """The first is down, or if that is found out late gives no bytes; the second's object."""
    await world.object("key", noise(size))
    old = noise(size, seed=2)
    group, home, _ = await as_group(world, old)
    if not is_late:
        group.member("home").health.pretend_down(is_down=True)
        return old, home
    give_no_bytes(home)
    return old, home


async def copied(world, policy, size):
    spec = TransferSpec(Direction.COPY, at("key"), TO, size, policy)
    return await world.run(await world.add(spec))


@pytest.mark.parametrize("policy", REPLACING)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_late", [False, True])
async def test_nothing_in_another_store_is_replaced(world, policy, size, is_late):
    await with_old(world, size, is_late=is_late)
    await world.other.memory.put(TO.location, b"newer")
    failed = await copied(world, policy, size)
    assert (failed.state, failed.error_kind) == (FAILED, "OlderSourceError")
    assert world.held(TO) == b"newer"
    assert not world.other.count["put"] + world.other.count["complete_multipart"]


@pytest.mark.parametrize("policy", [*REPLACING, ConflictPolicy.IF_ABSENT, ConflictPolicy.SKIP])
@pytest.mark.parametrize("size", SIZES)
async def test_what_is_nowhere_else_is_written(world, policy, size):
    old, _ = await with_old(world, size)
    done = await copied(world, policy, size)
    assert done.state is COMPLETED, done.error
    assert world.held(TO) == old


@pytest.mark.parametrize("policy", REPLACING)
@pytest.mark.parametrize("size", SIZES)
async def test_what_came_meanwhile_is_not_replaced_either(world, monkeypatch, policy, size):
    await with_old(world, size)
    memory = world.other.memory
    write = memory.put if size == SIZES[0] else memory.complete_multipart
    put = memory.put

    async def overtaken(*args, **named):
        await put(TO.location, b"newer")
        return await write(*args, **named)

    monkeypatch.setattr(memory, write.__name__, overtaken)
    failed = await copied(world, policy, size)
    assert (failed.state, failed.error_kind) == (FAILED, "OlderSourceError")
    assert world.held(TO) == b"newer"
    assert not world.other.memory.uploads


async def test_the_same_bytes_need_not_be_written(world):
    old, _ = await with_old(world, 9)
    await world.other.memory.put(TO.location, old)
    done = await copied(world, OVERWRITE, 9)
    assert (done.state, done.skipped) == (COMPLETED, True)


@pytest.mark.parametrize("size", SIZES)
async def test_what_lacks_its_tags_is_begun_anew_with_that_of_another(world, size):
    """Bytes of the one and tags of the other would be an object that never was."""
    await world.object("key", noise(size))
    old = noise(size, seed=2)
    _, home, second = await as_group(world, old)
    give_no_tags(home)
    await second.memory.put_tags(at("key").location, {"of": "second"})
    done = await copied(world, ConflictPolicy.IF_ABSENT, size)
    assert done.state is COMPLETED, done.error
    assert world.held(TO) == old
    assert await world.other.memory.get_tags(TO.location) == {"of": "second"}
    assert done.effort.answer.may_be_old
    assert not world.other.memory.uploads


@pytest.mark.parametrize("is_there", [False, True])
async def test_who_knows_no_tags_gives_its_object_all_the_same(world, is_there):
    await world.object("key", b"from home")
    _, home, _ = await as_group(world, b"older one")
    give_no_tags(home, MalformedReplyError("the object itself"))
    if is_there:
        await world.other.memory.put(TO.location, b"something")
    done = await copied(world, OVERWRITE, 9)
    assert (done.state, world.held(TO)) == (COMPLETED, b"from home")


async def test_who_asks_for_patience_is_not_passed_over_for_an_older_object(world):
    await world.object("key", b"from home")
    _, home, _ = await as_group(world, b"older one")
    give_no_tags(home, ThrottledError("slow down", code="SlowDown", status=503))
    failed = await copied(world, OVERWRITE, 9)
    assert (failed.state, failed.error_kind) == (FAILED, "ThrottledError")
    assert not world.other.count["put"]


async def test_a_time_that_nobody_can_mean_is_none(world):
    """Anybody may write metadata."""
    group, _, _ = await as_group(world, None)
    place = at("key").location
    stamp = Stamp("of-home", None, Generation(1), 9, 253402300800)
    attributes = Attributes(metadata=stamped({}, stamp, place))
    await group.stores["second"].memory.put(place, b"older one", attributes=attributes)
    group.member("home").health.pretend_down(is_down=True)
    assert (await copied(world, OVERWRITE, 9)).state is COMPLETED


@pytest.mark.parametrize("policy", REPLACING)
async def test_what_the_first_gives_replaces(world, policy):
    await world.object("key", b"from home")
    await as_group(world, b"older one")
    await world.other.memory.put(TO.location, b"something")
    done = await copied(world, policy, 9)
    assert (done.state, world.held(TO)) == (COMPLETED, b"from home")


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_replica_replaces_only_what_the_first_has_just_told_of(world, is_late):
    """It may have something newer by now, which another program has written."""
    await world.object("key", b"from home")
    group, home, _ = await as_group(world, None)
    await replicate(group, "home", "second", at("key").location)
    await group.store.head(at("key").location)
    if is_late:
        give_no_bytes(home)
    else:
        group.member("home").health.pretend_down(is_down=True)
    await world.other.memory.put(TO.location, b"something")
    done = await copied(world, OVERWRITE, 9)
    assert done.effort.answer.is_failover
    assert done.state is (COMPLETED if is_late else FAILED)
    assert world.held(TO) == (b"from home" if is_late else b"something")


async def test_when_the_first_is_back_it_replaces(world):
    """What an earlier attempt heard is of no matter."""
    await world.object("key", noise(9))
    group, _, _ = await as_group(world, noise(9, seed=2))
    group.member("home").health.pretend_down(is_down=True)
    await world.other.memory.put(TO.location, b"newer")
    spec = TransferSpec(Direction.COPY, at("key"), TO, 9, OVERWRITE)
    failed = await world.run(await world.add(spec))
    assert failed.state is FAILED
    group.member("home").health.pretend_down(is_down=False)
    done = await tried_again(world, failed)
    assert (done.state, world.held(TO)) == (COMPLETED, noise(9))
    assert done.effort.answer == Answer(ConnectionId("home"))


# Files


async def fetched(world, policy, size, content):
    target = world.file(content, "target.bin") if content else world.folder / "target.bin"
    spec = replace(download_spec("key", target, size=size), on_conflict=policy)
    done = await world.run(await world.add(spec))
    return done, target.read_bytes()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("policy", [IF_DIFFERENT, RENEW])
async def test_a_file_is_replaced_only_where_somebody_said_so(world, size, is_late, policy):
    old, _ = await with_old(world, size, is_late=is_late)
    failed, there = await fetched(world, policy, size, b"newer")
    assert (failed.state, failed.error_kind, there) == (FAILED, "OlderSourceError", b"newer")
    done, there = await fetched(world, OVERWRITE, size, b"newer")
    assert (done.state, there) == (COMPLETED, old)
    assert done.effort.answer.may_be_old


async def test_a_file_is_replaced_when_the_first_is_back(world):
    await world.object("key", noise(9))
    group, _, _ = await as_group(world, noise(9, seed=2))
    group.member("home").health.pretend_down(is_down=True)
    failed, _ = await fetched(world, IF_DIFFERENT, 9, b"newer")
    assert failed.state is FAILED
    group.member("home").health.pretend_down(is_down=False)
    done = await tried_again(world, failed)
    assert (done.state, (world.folder / "target.bin").read_bytes()) == (COMPLETED, noise(9))
    assert done.effort.answer == Answer(ConnectionId("home"))


@pytest.mark.parametrize("policy", [*REPLACING, ConflictPolicy.IF_ABSENT, ConflictPolicy.SKIP])
@pytest.mark.parametrize("size", SIZES)
async def test_a_file_that_is_not_there_is_written(world, policy, size):
    old, _ = await with_old(world, size)
    done, there = await fetched(world, policy, size, b"")
    assert (done.state, there) == (COMPLETED, old)


async def test_the_same_file_is_left(world):
    old, _ = await with_old(world, SIZES[1])
    done, _ = await fetched(world, IF_DIFFERENT, SIZES[1], old)
    assert (done.state, done.skipped) == (COMPLETED, True)


@pytest.mark.parametrize("policy", [OVERWRITE, RENEW, ConflictPolicy.IF_ABSENT])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_late", [False, True])
async def test_a_file_of_what_may_be_older_is_dated_as_that_is(world, policy, size, is_late):
    """A sync by times would miss what is newer at the first, if the file were of now."""
    await with_old(world, size, is_late=is_late)
    done, _ = await fetched(world, policy, size, b"")
    assert done.effort.answer.may_be_old
    meta = await world.group.stores["second"].memory.head(at("key").location)
    modified = (world.folder / "target.bin").stat().st_mtime
    assert int(modified) == int(meta.modified.timestamp())
    assert may_be_older(modified)


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_of_a_replica_is_dated_as_what_that_was_made_of(world, size):
    """The replica may have come when something newer was at the first already."""
    group, _, _ = await as_group(world, None)
    place, written = at("key").location, datetime(2020, 2, 2, tzinfo=UTC)
    stamp = Stamp("of-home", None, Generation(1), size, int(written.timestamp()))
    attributes = Attributes(metadata=stamped({}, stamp, place))
    await group.stores["second"].memory.put(place, noise(size), attributes=attributes)
    group.member("home").health.pretend_down(is_down=True)
    done, _ = await fetched(world, OVERWRITE, size, b"")
    assert done.state is COMPLETED
    modified = (world.folder / "target.bin").stat().st_mtime
    assert (int(modified), may_be_older(modified)) == (int(written.timestamp()), True)


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_of_the_first_is_dated_now(world, size):
    await world.object("key", noise(size))
    await as_group(world, noise(size, seed=2))
    began = time.time()
    done, _ = await fetched(world, OVERWRITE, size, b"")
    assert done.effort.answer == Answer(ConnectionId("home"))
    modified = (world.folder / "target.bin").stat().st_mtime
    assert (modified >= began - 1, may_be_older(modified)) == (True, False)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("policy", [IF_DIFFERENT, RENEW])
async def test_a_file_that_came_meanwhile_is_not_replaced(world, size, policy):
    await world.object("key", noise(size))
    group, _, second = await as_group(world, noise(size, seed=2))
    group.member("home").health.pretend_down(is_down=True)
    target = world.folder / "target.bin"
    spec = replace(download_spec("key", target, size=size), on_conflict=policy)
    ask = second._around

    async def around(request, call, moved=None):
        if request.operation == "get":
            target.write_bytes(b"newer")
        return await ask(request, call, moved)

    second._around = around
    failed = await world.run(await world.add(spec))
    assert (failed.state, failed.error_kind) == (FAILED, "OlderSourceError")
    assert target.read_bytes() == b"newer"


async def test_what_came_of_the_first_is_kept_for_when_it_is_back(world):
    """The other one is refused: nothing of this one is given up for it."""
    size = SIZES[1]
    world.parts = Slots(1)
    await world.object("key", noise(size))
    group, home, _ = await as_group(world, noise(size, seed=2))
    ask = home._around

    async def around(request, call, moved=None):
        if request.operation == "get" and home.count("get") == 2:
            group.member("home").health.pretend_down(is_down=True)
        return await ask(request, call, moved)

    home._around = around
    target = world.file(b"something", "target.bin")
    spec = replace(download_spec("key", target, size=size), on_conflict=IF_DIFFERENT)
    transfer = await world.add(spec)
    failed = await world.run(transfer)
    assert (failed.state, failed.error_kind) == (FAILED, "OlderSourceError")
    home._around = ask
    group.member("home").health.pretend_down(is_down=False)
    done = await world.run(transfer)
    assert (done.state, target.read_bytes()) == (COMPLETED, noise(size))
    assert group.meter.of("home").egress == size


# A sync


async def run(world, plan, inventory, how=Compare.SIZE):
    async def store_of(_):
        return world.store

    comparison = Comparison(plan, inventory, how, store_of)
    comparison.found = [each async for batch in comparison.run() for each in batch.differences]
    return comparison


async def compared(world, plan, inventory):
    found = (await run(world, plan, inventory)).found
    assert [each.change for each in found] == [Change.CHANGED]
    return found[0].spec.on_conflict


async def test_a_sync_to_files_replaces_nothing_with_what_may_be_older(world):
    """It is listed at the first, and read when that may be down."""
    await world.object("d/key", b"in the store")
    top = Prefix(BUCKET, "d/")
    here = world.folder / "here"
    here.mkdir()
    (here / "key").write_bytes(b"here")

    async def policies():
        down = plan_downloads(world.store, HERE, [top], here, BatchId("b"), keep_name=False)
        up = plan_uploads([here], HERE, top, BatchId("b"), keep_name=False)
        there = RemoteInventory(world.store, HERE, top, local=LINUX)
        return (
            await compared(world, down, LocalInventory(here)),
            await compared(world, up, there),
        )

    assert await policies() == (OVERWRITE, OVERWRITE)
    await as_group(world, None)
    assert await policies() == (RENEW, OVERWRITE)


@pytest.mark.parametrize("trouble", ["", "down", "unlisted", "no head"])
async def test_a_sync_knows_whether_anything_would_be_replaced(world, trouble):
    """The first may give what it does not list; who gives nothing is not counted on."""
    await world.object("d/key", b"in the store")
    group, home, second = await as_group(world, None)
    await second.memory.put(at("d/key").location, b"older")
    here = world.folder / "here"
    here.mkdir()
    (here / "key").write_bytes(b"here")
    refused = {"unlisted": ("list_objects",), "no head": ("list_objects", "head")}
    for store in (home, second):
        refuse(store, refused.get(trouble, ())[1 if store is second else 0 :])
    group.member("home").health.pretend_down(is_down=trouble == "down")
    top = Prefix(BUCKET, "d/")
    plan = plan_downloads(world.store, HERE, [top], here, BatchId("b"), keep_name=False)
    comparison = await run(world, plan, LocalInventory(here))
    assert comparison.counts[Change.CHANGED] == 1
    assert comparison.may_replace is (trouble in ("", "unlisted"))
    assert comparison.stand_in == (ConnectionId("second") if trouble else None)
    assert comparison.may_delete is not bool(trouble)


async def test_a_replica_that_came_late_is_no_newer_source(world, monkeypatch):
    """What was written at the target meanwhile is newer than what it was made of."""
    await world.object("d/key", b"in the store")
    _, home, second = await as_group(world, None)
    await second.memory.put(at("d/key").location, b"in the store")
    listing = second.memory.list_objects

    async def late(*args, **named):
        page = await listing(*args, **named)
        return replace(page, modified=array("d", [each + 10**9 for each in page.modified]))

    monkeypatch.setattr(second.memory, "list_objects", late)
    refuse(home, ("list_objects",))
    (here := world.folder / "here").mkdir()
    (here / "key").write_bytes(b"edited here!")
    written = (await home.memory.head(at("d/key").location)).modified.timestamp()
    found = {}
    for minutes in (1, -60):
        os.utime(here / "key", (written + 60 * minutes,) * 2)
        top = Prefix(BUCKET, "d/")
        plan = plan_downloads(world.store, HERE, [top], here, BatchId("b"), keep_name=False)
        comparison = await run(world, plan, LocalInventory(here), Compare.SIZE_AND_TIME)
        found[minutes] = [each.change for each in comparison.found]
        assert comparison.is_second_hand
    assert found == {1: [], -60: [Change.CHANGED]}


def refuse(store, operations):
    ask = store._around

    async def around(request, call, moved=None):
        if request.operation in operations:
            raise PermissionDeniedError("no", operation=request.operation)
        return await ask(request, call, moved)

    store._around = around


@pytest.mark.parametrize(("policy", "is_dated"), [(RENEW, True), (IF_DIFFERENT, False)])
async def test_what_a_sync_found_to_be_the_same_is_not_looked_at_again(world, policy, is_dated):
    await world.object("key", noise(9))
    await as_group(world, None)
    done, modified = await long_ago(world, policy, noise(9))
    assert (done.state, done.skipped, modified > LONG_AGO) == (COMPLETED, True, is_dated)


async def test_what_may_be_older_dates_nothing(world):
    """What is newer at the first would not be seen to be so."""
    old, _ = await with_old(world, 9)
    done, modified = await long_ago(world, RENEW, old)
    assert (done.state, done.skipped, modified) == (COMPLETED, True, LONG_AGO)


async def long_ago(world, policy, content):
    target = world.file(content, "target.bin")
    os.utime(target, (LONG_AGO, LONG_AGO))
    spec = replace(download_spec("key", target, size=len(content)), on_conflict=policy)
    done = await world.run(await world.add(spec))
    return done, target.stat().st_mtime


# What it says


async def test_the_error_names_who_stood_in_for_whom(world):
    old, _ = await with_old(world, 9)
    group = FailoverGroup((Backend(ConnectionId("home")), Backend(ConnectionId("second"))))
    connections = {
        HERE: group_connection(HERE, "Both", group),
        ConnectionId("home"): Connection(ConnectionId("home"), "Work", "https://one.example"),
        ConnectionId("second"): Connection(ConnectionId("second"), "Spare", "https://two.example"),
    }
    source = await seen(world.store.head(at("key").location))
    spec = TransferSpec(Direction.COPY, at("key"), elsewhere("to"), len(old))
    assert describe(older_source(source, spec, connections.get)) == (
        "“Both:bucket/key” was read from Spare, because Work did not give it, and may be older than"
        " what is at the target: nothing was replaced. Wait for Work, or delete the target first."
    )
