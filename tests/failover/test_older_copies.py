"""What was copied from what may be older is remembered, and the next sync looks at it again."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Attributes, ObjectMeta
from s4desk.core.domain.transfer import BatchId, ConflictPolicy, Direction, TransferSpec
from s4desk.core.domain.transfer import TransferState as State
from s4desk.core.persist.older_copies import OlderCopyFile
from s4desk.core.transfer.copy_planner import CopyTarget, plan_copies
from s4desk.core.transfer.inventory import Held, RemoteInventory
from s4desk.core.transfer.names import LINUX
from s4desk.core.transfer.older_copies import OlderBelow, intended
from s4desk.core.transfer.planner import plan_uploads
from s4desk.core.transfer.sync import Change, Compare, Comparison, Why
from tests.failover.grouped import as_group, give_no_bytes, tried_again
from tests.transfer.specs import BUCKET, ELSEWHERE, HERE, at, elsewhere, upload_spec
from tests.transfer.test_crashes import CrashError, Fate
from tests.transfer.world import PART, World, noise

COMPLETED, FAILED = State.COMPLETED, State.FAILED
OVERWRITE, IF_ABSENT, RENEW = (
    ConflictPolicy.OVERWRITE,
    ConflictPolicy.IF_ABSENT,
    ConflictPolicy.RENEW,
)
SIZES = [9, 3 * PART + 5]
TO, WHOLE = elsewhere("key"), Prefix(BUCKET)
BY_LISTING = [Compare.SIZE, Compare.SIZE_AND_TIME]


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    world = World(tmp_path)
    world.older = OlderCopyFile(tmp_path / "older.sqlite", "{}/{}".format)
    return world


async def in_outage(world, size=9, *, is_late=False):
    """The first has something newer than the second, and cannot be read."""
    await world.object("key", noise(size))
    world.clock.advance(60)
    group, home, _ = await as_group(world, noise(size, seed=2))
    if is_late:
        give_no_bytes(home)
    else:
        outage(world)
    return group


def outage(world, *, is_over=False):
    world.group.member("home").health.pretend_down(is_down=not is_over)


async def written_at_home(world, content):
    await world.group.stores["home"].memory.put(at("key").location, content)


async def copied(world, policy=IF_ABSENT, size=9):
    return await world.run(await world.add(spec_of(policy, size)))


def source(size=9, etag=""):
    return ObjectMeta(at("key").location, size, None, etag)


def spec_of(policy=IF_ABSENT, size=9):
    return TransferSpec(Direction.COPY, at("key"), TO, size, policy)


async def remembered(world):
    return await world.older.below(ELSEWHERE, WHOLE)


async def etag(world, address=TO):
    store = world.other if address.connection == ELSEWHERE else world.store
    return (await store.memory.head(address.location)).etag


class Nobody:
    """Who copies what is as new as it can be asks nothing, and says nothing."""

    def __getattr__(self, name):
        raise AssertionError(name)


@pytest.mark.parametrize("policy", [IF_ABSENT, OVERWRITE, ConflictPolicy.SKIP])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_late", [False, True])
async def test_what_may_be_older_is_remembered_as_it_is_there(world, policy, size, is_late):
    await in_outage(world, size, is_late=is_late)
    assert (await copied(world, policy, size)).state is COMPLETED
    assert world.held(TO) == noise(size, seed=2)
    assert await remembered(world) == {"key": await etag(world)}


@pytest.mark.parametrize("policy", [IF_ABSENT, OVERWRITE])
async def test_what_is_of_no_group_costs_nothing(world, policy):
    world.older = Nobody()
    await world.object("key", noise(9))
    assert (await copied(world, policy)).state is COMPLETED


async def test_what_is_as_new_as_it_can_be_makes_no_file(world):
    await world.object("key", noise(9))
    await as_group(world, noise(9, seed=2))
    assert (await copied(world)).state is COMPLETED
    assert not world.older.path.exists()


async def test_what_was_there_is_not_remembered(world):
    await in_outage(world)
    for content in (b"something", noise(9, seed=2)):
        await world.other.memory.put(TO.location, content)
        await copied(world, OVERWRITE)
        assert await remembered(world) == {}


async def test_whatever_is_there_counts_where_a_store_tells_two_etags(world, monkeypatch):
    """One for the write, and another one after it."""
    await in_outage(world)
    put = world.other.memory.put

    async def renamed(*args, **named):
        return replace(await put(*args, **named), etag="another")

    monkeypatch.setattr(world.other.memory, "put", renamed)
    assert (await copied(world)).state is COMPLETED
    assert (await remembered(world))["key"].startswith("?9?")


async def test_nothing_is_written_that_would_not_be_remembered(world):
    await in_outage(world)
    world.older.path.mkdir()
    failed = await copied(world)
    assert (failed.state, failed.error_kind, world.held(TO)) == (FAILED, "DatabaseError", None)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_deadly", [True, False])
async def test_who_is_killed_at_any_step_leaves_nothing_that_is_not_remembered(
    tmp_path, monkeypatch, expected_logs, size, is_deadly
):
    """And nobody is told that it was copied before that is so."""
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    whole = Fate(0, is_deadly=False)
    assert (await killed(tmp_path / "whole", whole, size))[1:] == (True, True)
    assert whole.names[0] == "before head" != whole.names[-1]
    assert {"after intend", "after made"} < set(whole.names)
    found = set()
    for number in range(1, whole.steps + 1):
        fate = Fate(number, is_deadly=is_deadly)
        etag_, is_there, is_told = await killed(tmp_path / str(number), fate, size)
        assert fate.has_struck
        assert etag_ is not None or not is_there, fate.last_name
        assert is_there or not is_told
        found.add((etag_ is not None, is_there))
    # Before anything is said of it, when nothing was written yet, and afterwards.
    assert found == {(False, False), (True, False), (True, True)}


async def killed(folder, fate, size):
    """What is remembered then, whether it is there, and whether it was told to be."""
    folder.mkdir()
    world = World(folder)
    file = OlderCopyFile(folder / "older.sqlite", "{}/{}".format)
    await in_outage(world, size)
    world.older = Fateful(file, fate)
    world.other.before = lambda request: fate.step(f"before {request.operation}")
    world.other.after = lambda request: fate.step(f"after {request.operation}")
    transfer = await world.add(spec_of(OVERWRITE, size))
    running = asyncio.ensure_future(world.run(transfer))
    (ended,) = await asyncio.gather(running, return_exceptions=True)
    assert isinstance(ended, CrashError) == fate.has_struck
    world.other.before = world.other.after = None
    is_there = world.held(TO) is not None
    # Another process than the one that died.
    again = OlderCopyFile(file.path, "{}/{}".format)
    etag_ = (await again.below(ELSEWHERE, WHOLE)).get("key")
    if is_there and not etag_.startswith("?"):
        assert etag_ == await etag(world)
    return etag_, is_there, COMPLETED in world.states


class Fateful:
    """Dies before, or after, something is remembered."""

    def __init__(self, inner, fate):
        self._inner = inner
        self._fate = fate

    async def intend(self, target, source):
        self._fate.step("before intend")
        await self._inner.intend(target, source)
        self._fate.step("after intend")

    async def made(self, target, etag):
        self._fate.step("before made")
        await self._inner.made(target, etag)
        self._fate.step("after made")


# What becomes of it


async def in_peace_again(world):
    await in_outage(world)
    assert (await copied(world)).state is COMPLETED
    outage(world, is_over=True)


async def test_it_is_settled_by_what_the_first_has(world):
    await in_peace_again(world)
    done = await copied(world, RENEW)
    assert (done.state, done.skipped, world.held(TO)) == (COMPLETED, False, noise(9))
    assert await remembered(world) == {}


async def test_it_is_settled_without_a_copy_where_the_first_has_the_same(world):
    await in_peace_again(world)
    await written_at_home(world, noise(9, seed=2))
    done = await copied(world, RENEW)
    assert (done.state, done.skipped) == (COMPLETED, True)
    assert await remembered(world) == {}


async def test_the_same_bytes_with_something_else_about_them_are_copied(world):
    """A sync by times sees that an object was written again with other metadata only."""
    await in_peace_again(world)
    new = Attributes(metadata={"a": "b"})
    await world.store.put(at("key").location, noise(9, seed=2), attributes=new)
    assert (await copied(world, ConflictPolicy.IF_DIFFERENT)).skipped
    assert await remembered(world)
    done = await copied(world, RENEW)
    assert (done.state, done.skipped) == (COMPLETED, False)
    assert (await world.other.memory.head(TO.location)).attributes.metadata == {"a": "b"}
    assert await remembered(world) == {}


async def test_it_is_not_settled_by_another_that_may_be_older(world):
    await in_peace_again(world)
    outage(world)
    again = Attributes(metadata={"a": "b"})
    second = world.group.stores["second"].memory
    await second.put(at("key").location, noise(9, seed=2), attributes=again)
    done = await copied(world, RENEW)
    assert (done.state, done.skipped) == (COMPLETED, True)
    assert await remembered(world) == {"key": await etag(world)}


async def test_it_is_not_settled_by_what_fails(world):
    await in_peace_again(world)
    world.other.fail("put", S4DeskError("no"))
    assert (await copied(world, RENEW)).state is FAILED
    assert await remembered(world) == {"key": await etag(world)}


@pytest.mark.parametrize("content", [b"from here", noise(9, seed=2)])
async def test_it_is_settled_by_a_file(world, content):
    await in_peace_again(world)
    file = world.file(content)
    spec = replace(upload_spec(file, size=9), target=TO, on_conflict=RENEW)
    done = await world.run(await world.add(spec))
    assert (done.state, world.held(TO)) == (COMPLETED, content)
    assert done.skipped is (content != b"from here")
    assert await remembered(world) == {}


# A sync


async def compared(world, how=Compare.SIZE_AND_TIME):
    goal = CopyTarget(ELSEWHERE, WHOLE, keep_name=False)
    plan = plan_copies(world.store, HERE, [WHOLE], goal, BatchId("b"))
    return await run(world, plan, how)


async def run(world, plan, how):
    inventory = RemoteInventory(world.other, ELSEWHERE, WHOLE, local=LINUX)
    older = OlderBelow(world.older, ELSEWHERE, WHOLE)
    comparison = Comparison(plan, inventory, how, world._store_of, older=older)
    comparison.found = [each async for batch in comparison.run() for each in batch.differences]
    return comparison


def told(comparison):
    return [(each.change, each.why, each.spec.on_conflict) for each in comparison.found]


async def carried_out(world, comparison):
    for each in comparison.found:
        done = await world.run(await world.add(each.spec))
        assert done.state is COMPLETED, done.error


@pytest.mark.parametrize("how", BY_LISTING)
async def test_a_sync_after_the_outage_brings_what_is_newer_and_was_there_before(world, how):
    await in_outage(world)
    first = await compared(world, how)
    assert told(first) == [(Change.NEW, Why.NONE, IF_ABSENT)]
    await carried_out(world, first)
    outage(world, is_over=True)
    second = await compared(world, how)
    assert told(second) == [(Change.CHANGED, Why.OLDER, RENEW)]
    assert (second.older, second.found[0].would_go_back) == (1, False)
    await carried_out(world, second)
    assert world.held(TO) == noise(9)
    third = await compared(world, how)
    assert (told(third), third.same, third.older) == ([], 1, 0)


@pytest.mark.parametrize(("size", "is_ours"), [(9, True), (10, False)])
async def test_one_that_died_before_the_reply_counts_whatever_is_as_large(world, size, is_ours):
    await in_peace_again(world)
    await world.older.intend(TO, source(size))
    found = told(await compared(world))
    assert found == ([(Change.CHANGED, Why.OLDER, RENEW)] if is_ours else [])


@pytest.mark.parametrize(
    ("etag", "listed", "is_ours"),
    [
        ("a" * 32, "a" * 32, True),
        ("a" * 32, "b" * 32, False),
        ("a" * 32, "b" * 32 + "-2", True),
        ("a" * 32, "", True),
        ("a" * 32 + "-2", "b" * 32, True),
    ],
)
async def test_what_somebody_else_writes_after_an_attempt_that_failed_is_not_its_own(
    world, etag, listed, is_ours
):
    """As far as an ETag is made of the bytes."""
    await world.older.intend(TO, source(9, etag))
    below = OlderBelow(world.older, ELSEWHERE, WHOLE)
    await below.load()
    held = Held(TO.location, 9, 0.0, source(9, listed))
    assert below.has("key", held) is is_ours
    await below.tidy()
    assert await remembered(world)


@pytest.mark.parametrize("size", SIZES)
async def test_what_the_store_refused_is_not_remembered(world, monkeypatch, size):
    """Whatever comes there is somebody else's."""
    await in_outage(world, size)

    async def refuse(*_args, **_named):
        raise PermissionDeniedError("no", operation=name)

    name = "put" if size == SIZES[0] else "create_multipart"
    monkeypatch.setattr(world.other.memory, name, refuse)
    assert (await copied(world, size=size)).state is FAILED
    assert await remembered(world) == {}


async def test_what_somebody_else_has_just_written_is_not_remembered(world, monkeypatch):
    await in_outage(world)
    put = world.other.memory.put

    async def overtaken(*args, **named):
        await put(TO.location, b"theirs!!!")
        return await put(*args, **named)

    monkeypatch.setattr(world.other.memory, "put", overtaken)
    assert (await copied(world)).state is FAILED
    assert (world.held(TO), await remembered(world)) == (b"theirs!!!", {})


async def test_what_an_attempt_did_not_hear_of_is_known_by_the_next(world):
    await in_outage(world)
    first = await copied(world)
    await world.older.intend(TO, source(9))
    again = await tried_again(world, replace(first, state=FAILED))
    assert (again.state, again.attempts > 1) == (COMPLETED, True)
    assert await remembered(world) == {"key": await etag(world)}


async def test_what_the_first_gives_settles_it_though_nothing_was_there(world):
    await in_outage(world)
    await world.older.intend(TO, source(9))
    outage(world, is_over=True)
    assert (await copied(world)).state is COMPLETED
    assert await remembered(world) == {}


async def test_another_size_is_looked_at_as_well(world):
    await in_peace_again(world)
    await written_at_home(world, noise(10))
    assert told(await compared(world)) == [(Change.CHANGED, Why.OLDER, RENEW)]


@pytest.mark.parametrize("how", [Compare.CHECKSUM, Compare.ETAG])
async def test_who_compares_content_has_no_need_of_it(world, how):
    await in_peace_again(world)
    world.older = Nobody()
    assert told(await compared(world, how)) == [(Change.CHANGED, Why.CONTENT, OVERWRITE)]


async def test_what_is_second_hand_now_brings_nothing_newer(world):
    await in_peace_again(world)
    outage(world)
    comparison = await compared(world, Compare.SIZE)
    assert (told(comparison), comparison.same) == ([], 1)
    outage(world, is_over=True)
    assert told(await compared(world, Compare.SIZE)) == [(Change.CHANGED, Why.OLDER, RENEW)]


async def test_what_was_written_over_since_is_forgotten(world):
    await in_peace_again(world)
    await world.other.memory.put(TO.location, b"by others")
    assert told(await compared(world)) == []
    assert await remembered(world) == {}


async def test_what_was_deleted_since_is_forgotten(world):
    await in_peace_again(world)
    await world.other.memory.delete(TO.location)
    assert told(await compared(world)) == [(Change.NEW, Why.NONE, IF_ABSENT)]
    assert await remembered(world) == {}


async def test_what_may_just_be_written_is_not_forgotten(world):
    await in_peace_again(world)
    await world.other.memory.delete(TO.location)
    await world.older.intend(TO, source(9))
    assert told(await compared(world)) == [(Change.NEW, Why.NONE, IF_ABSENT)]
    assert await remembered(world) == {"key": intended(source(9))}


async def test_a_store_that_lists_no_etags_hides_nothing(world, monkeypatch):
    await in_peace_again(world)
    list_objects = world.other.memory.list_objects

    async def without(*args, **named):
        page = await list_objects(*args, **named)
        return replace(page, etags=[""] * len(page))

    monkeypatch.setattr(world.other.memory, "list_objects", without)
    assert told(await compared(world)) == [(Change.CHANGED, Why.OLDER, RENEW)]


async def test_a_sync_of_files_to_the_same_place_goes_by_what_they_say(world):
    """What they have to do with the group nobody knows."""
    await in_peace_again(world)
    top = world.folder / "top"
    top.mkdir()
    (top / "key").write_bytes(b"from here")
    plan = plan_uploads([top], ELSEWHERE, WHOLE, BatchId("b"), keep_name=False)
    assert told(await run(world, plan, Compare.SIZE)) == []
    assert await remembered(world) == {"key": await etag(world)}


@pytest.mark.parametrize(("fraction", "is_newer"), [(0.1234567, False), (0.5, True)])
async def test_a_file_of_what_may_be_older_is_no_newer_source(world, fraction, is_newer):
    """It has the time of a replica, which may have come late."""
    (top := world.folder / "top").mkdir()
    (top / "key").write_bytes(b"from away")
    await world.other.memory.put(TO.location, b"from home")
    later = int((await world.other.memory.head(TO.location)).modified.timestamp()) + 1000
    os.utime(top / "key", (later + fraction,) * 2)
    plan = plan_uploads([top], ELSEWHERE, WHOLE, BatchId("b"), keep_name=False)
    found = told(await run(world, plan, Compare.SIZE_AND_TIME))
    assert found == ([(Change.CHANGED, Why.NEWER, OVERWRITE)] if is_newer else [])
