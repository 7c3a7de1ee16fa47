"""The object that was looked at cannot be had any more: another one is read, and all of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.errors import (
    PermissionDeniedError,
    PreconditionFailedError,
    UnavailableError,
)
from s4desk.core.domain.failover import Answer
from s4desk.core.domain.identity import Address, ConnectionId
from s4desk.core.domain.parts import PART_SIZE
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.failover.errors import (
    BackendDownError,
    BrieflyOutOfReachError,
    OutOfReachError,
    UsageLimitSkip,
)
from s4desk.core.store.limits import Slots
from s4desk.core.transfer.verifying import Finding, Pair, verify_object
from tests.failover.grouped import as_group, give_no_bytes, tried_again
from tests.failover.groups import CONTENT, K, fetched, limited, world_of
from tests.transfer.specs import at, download_spec, elsewhere
from tests.transfer.world import PART, World, noise

OTHER = bytes(255 - each for each in CONTENT)
SIZE = 6 * PART + 123
NEW, OLD = noise(SIZE), noise(SIZE - PART, seed=2)
COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED
SECOND = ConnectionId("second")


async def apart(**backends):
    """A group whose second has another object; the ETag of the first's."""
    world = await world_of("ab", backends=backends)
    await world.stores["b"].memory.put(K, OTHER)
    return world, (await world.store.head(K)).etag


# Of one request


async def test_the_error_says_who_cannot_give_it_and_what_there_is_instead():
    world, etag = await apart(a=limited("a", egress=1))
    with pytest.raises(OutOfReachError) as raised:
        await fetched(world, if_match=etag)
    error = raised.value
    assert (error.member, type(error.cause), error.retryable) == ("a", UsageLimitSkip, False)
    assert (error.location, error.group) == (K, "the group")
    assert error.other is not None
    assert (error.other.size, error.other.version) == (len(OTHER), None)
    assert error.answer == Answer(ConnectionId("b"), is_failover=True, may_be_old=True)


async def test_what_there_is_instead_is_asked_for_where_it_is():
    world, etag = await apart(a=limited("a", egress=1))
    with pytest.raises(OutOfReachError) as raised:
        await fetched(world, if_match=etag)
    world.stores["a"].calls.clear()
    data, _, reply = await fetched(world, if_match=raised.value.other.etag)
    assert (data, reply.meta.etag) == (OTHER, raised.value.other.etag)
    assert not world.stores["a"].calls


async def test_what_has_only_failed_once_is_asked_for_again():
    world, etag = await apart()
    world.stores["a"].cut_at = 20
    with pytest.raises(BrieflyOutOfReachError) as raised:
        await fetched(world, if_match=etag)
    assert raised.value.retryable


async def test_who_is_left_alone_is_so_for_longer():
    world, etag = await apart()
    world.member("a").health.pretend_down(is_down=True)
    with pytest.raises(OutOfReachError) as raised:
        await fetched(world, if_match=etag)
    assert (type(raised.value.cause), raised.value.retryable) == (BackendDownError, False)


async def test_what_was_replaced_is_not_out_of_reach():
    """The first is down, and what the second told of is no more."""
    world = await world_of("ab")
    world.member("a").health.pretend_down(is_down=True)
    etag = (await world.store.head(K)).etag
    await world.stores["b"].memory.put(K, OTHER)
    with pytest.raises(PreconditionFailedError) as raised:
        await fetched(world, if_match=etag)
    assert not isinstance(raised.value, OutOfReachError)


async def test_nothing_is_offered_by_the_name_of_what_is_out_of_reach():
    world = await world_of("ab", backends={"a": limited("a", egress=1)})
    await world.stores["b"].memory.put(K, OTHER)
    world.stores["a"].etag = world.stores["b"].etag = "1"
    etag = (await world.store.head(K)).etag
    with pytest.raises(OutOfReachError) as raised:
        await fetched(world, if_match=etag)
    assert raised.value.other is None


# Downloads


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setattr("s4desk.core.store.memory_upload.MIN_PART_SIZE", 1)
    return World(tmp_path)


async def without_bytes(world, other):
    """A group whose first tells of its object, and does not give it."""
    group, home, _ = await as_group(world, other)
    give_no_bytes(home)
    return group


async def downloading(world, content, other, **backends):
    transfer = await world.download(content)
    return transfer, *await as_group(world, other, **backends)


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("attempts", [0, 1])
async def test_all_of_what_another_has_is_fetched(world, small, attempts):
    """Of a small one that was tried before it is looked at before it is fetched, too."""
    new, old = (b"new", b"older") if small else (NEW, OLD)
    transfer = await world.download(new)
    group = await without_bytes(world, old)
    world.memory_journal.transfers[transfer.id] = replace(
        transfer, state=FAILED if attempts else transfer.state
    )
    done = await world.run(transfer)
    assert done.state is COMPLETED, done.error
    assert (world.folder / "target.bin").read_bytes() == old
    assert (done.effort.sent, done.effort.reused) == (len(old), 0)
    assert done.effort.answer == Answer(SECOND, is_failover=True, may_be_old=True)
    assert world.board.drain()[done.id].done == len(old)
    assert group.meter.of("second").egress == len(old)


async def test_nothing_is_fetched_instead_for_one_failure(world):
    transfer, _, home, _ = await downloading(world, NEW, OLD)
    ask = home._around

    async def around(request, call, moved=None):
        home.cut_at = 50 if request.operation == "get" and home.count("get") == 2 else None
        return await ask(request, call, moved)

    home._around = around
    done = await world.run(transfer)
    assert done.state is COMPLETED, done.error
    assert (world.folder / "target.bin").read_bytes() == NEW
    assert done.effort.retries == 1
    assert done.effort.answer == Answer(ConnectionId("home"))


async def test_what_came_of_the_first_is_not_used_for_the_other(world):
    """The bytes of the one run into the limit, and then the other one is fetched."""
    at_most = limited("home", egress=3 * PART + 50)
    transfer, group, _, _ = await downloading(world, NEW, OLD, home=at_most)
    done = await world.run(transfer)
    assert done.state is COMPLETED, done.error
    assert (world.folder / "target.bin").read_bytes() == OLD
    assert done.effort.sent == len(OLD) + group.meter.of("home").egress > len(OLD)
    assert world.board.drain()[done.id].done == len(OLD)


async def test_what_is_begun_anew_reuses_nothing(world):
    transfer = await world.download(NEW)
    await world.closed_midway(transfer, after=2)
    group = await without_bytes(world, OLD)
    done = await world.run(transfer)
    assert (done.state, done.effort.reused) == (COMPLETED, 0)
    assert done.effort.sent == group.meter.of("second").egress == len(OLD)


async def test_what_came_of_a_large_one_is_not_used_for_a_small_one(world):
    transfer = await world.download(NEW)
    await world.closed_midway(transfer, after=2)
    await without_bytes(world, b"older")
    done = await world.run(transfer)
    assert (done.state, done.effort.reused) == (COMPLETED, 0)
    assert (world.folder / "target.bin").read_bytes() == b"older"
    assert not world.partials()


@pytest.mark.parametrize("is_copy", [False, True])
async def test_who_gave_what_is_not_used_does_not_matter(world, is_copy):
    """The second told of its object, and gives it no more; the first is back."""
    await world.object("key", NEW)
    group, _, second = await as_group(world, OLD)
    group.member("home").health.pretend_down(is_down=True)
    ask = second._around

    async def around(request, call, moved=None):
        if request.operation == "get":
            group.member("home").health.pretend_down(is_down=False)
            raise UnavailableError("away")
        return await ask(request, call, moved)

    second._around = around
    spec = download_spec("key", world.folder / "target.bin", size=SIZE)
    if is_copy:
        spec = TransferSpec(Direction.COPY, at("key"), elsewhere("to"), SIZE)
    done = await world.run(await world.add(spec))
    assert done.state is COMPLETED, done.error
    assert done.effort.answer == Answer(ConnectionId("home"))


async def broken_off(world):
    """A download of what the second has, of which two ranges came; and how to let it go on."""
    world.parts = Slots(1)
    transfer = await world.download(NEW)
    group = await without_bytes(world, OLD)
    second = group.stores["second"]
    ask = second._around

    async def around(request, call, moved=None):
        if request.operation == "get" and second.count("get") == 2:
            raise PermissionDeniedError("no", operation="get")
        return await ask(request, call, moved)

    second._around = around
    failed = await world.run(transfer)
    assert (failed.state, failed.error_kind) == (FAILED, "OutOfReachError")
    second._around = ask
    return failed, group


async def test_what_came_of_another_goes_on_while_the_first_gives_nothing(world):
    failed, group = await broken_off(world)
    done = await world.run(failed)
    assert (done.state, done.effort.reused) == (COMPLETED, 2 * PART)
    assert done.effort.sent == len(OLD) - 2 * PART
    assert (world.folder / "target.bin").read_bytes() == OLD
    assert group.meter.of("second").egress == len(OLD)


async def test_what_came_of_another_is_of_no_use_when_the_first_is_back(world):
    failed, group = await broken_off(world)
    del group.stores["home"]._around
    done = await tried_again(world, failed)
    assert (done.state, done.effort.reused) == (COMPLETED, 0)
    assert done.effort.sent == len(NEW) + 2 * PART + 1
    assert (world.folder / "target.bin").read_bytes() == NEW
    assert done.effort.answer == Answer(ConnectionId("home"))


async def test_a_version_that_was_named_is_not_exchanged_and_what_came_is_kept(world):
    await world.download(NEW)
    group, home, _ = await as_group(world, OLD)
    version = (await home.memory.list_versions(at("key").location.parent)).versions[0].version
    spec = download_spec("key", world.folder / "named.bin", size=SIZE)
    transfer = await world.add(replace(spec, version=version))
    ask = home._around

    async def around(request, call, moved=None):
        if request.operation == "get" and home.count("get") == 3:
            group.member("home").health.pretend_down(is_down=True)
        return await ask(request, call, moved)

    home._around = around
    failed = await world.run(transfer)
    assert (failed.state, failed.error_kind) == (FAILED, "OutOfReachError")
    group.member("home").health.pretend_down(is_down=False)
    home._around = ask
    done = await world.run(transfer)
    assert (done.state, done.effort.reused > 0) == (COMPLETED, True)
    assert (world.folder / "named.bin").read_bytes() == NEW


# Copies


@pytest.mark.parametrize("small", [False, True])
async def test_a_copy_is_of_what_another_has(world, small):
    new, old = (b"new", b"older") if small else (NEW, OLD)
    await world.object("key", new)
    group = await without_bytes(world, old)
    spec = TransferSpec(Direction.COPY, at("key"), elsewhere("to"), len(new))
    done = await world.run(await world.add(spec))
    assert done.state is COMPLETED, done.error
    assert world.held(elsewhere("to")) == old
    assert not world.other.memory.uploads
    assert done.effort.answer == Answer(SECOND, is_failover=True, may_be_old=True)
    # What nothing proves comes twice.
    assert group.meter.of("second").egress in (len(old), 2 * len(old))


async def test_what_belongs_to_it_is_that_of_the_same_object(world):
    await world.object("key", NEW)
    group = await without_bytes(world, OLD)
    for member, tag in (("home", "new"), ("second", "old")):
        await group.stores[member].memory.put_tags(at("key").location, {"is": tag})
    spec = TransferSpec(Direction.COPY, at("key"), elsewhere("to"), SIZE)
    done = await world.run(await world.add(spec))
    assert (done.state, world.held(elsewhere("to"))) == (COMPLETED, OLD)
    assert await world.other.memory.get_tags(elsewhere("to").location) == {"is": "old"}


async def test_nothing_is_left_of_the_parts_of_a_large_one(world):
    await world.object("key", NEW)
    await without_bytes(world, b"older")
    spec = TransferSpec(Direction.COPY, at("key"), elsewhere("to"), SIZE)
    done = await world.run(await world.add(spec))
    assert (done.state, world.held(elsewhere("to"))) == (COMPLETED, b"older")
    assert not world.other.memory.uploads


async def test_parts_of_the_first_are_not_joined_with_those_of_another(world):
    await world.object("key", NEW)
    await as_group(world, OLD, home=limited("home", egress=3 * PART + 50))
    spec = TransferSpec(Direction.COPY, at("key"), elsewhere("to"), SIZE)
    done = await world.run(await world.add(spec))
    assert done.state is COMPLETED, done.error
    assert world.held(elsewhere("to")) == OLD
    assert not world.other.memory.uploads


# Reading again


@pytest.mark.parametrize("size", [3, SIZE])
async def test_another_object_is_verified_and_may_be_older(world, size):
    new, old = noise(size), noise(size, seed=2)
    await world.object("key", new)
    await without_bytes(world, old)

    async def store_of(_):
        return world.store

    found = []
    for content in (old, new):
        pair = Pair(at("key"), world.file(content))
        verdict = await verify_object(pair, store_of, part_size=PART)
        found.append((verdict.finding, verdict.may_be_old))
    assert found == [(Finding.SAME, True), (Finding.DIFFERENT, True)]


async def test_both_ends_may_be_exchanged(world):
    """Two names of one group."""
    await world.object("key", NEW)
    await without_bytes(world, noise(SIZE, seed=2))

    async def store_of(_):
        return world.store

    pair = Pair(at("key"), Address(ConnectionId("twin"), at("key").location))
    verdict = await verify_object(pair, store_of, part_size=PART_SIZE)
    assert (verdict.finding, verdict.may_be_old) == (Finding.SAME, True)


async def test_what_the_first_gives_is_not_old(world):
    await world.object("key", NEW)
    await as_group(world, OLD)

    async def store_of(_):
        return world.store

    pair = Pair(at("key"), world.file(noise(SIZE, seed=2)))
    verdict = await verify_object(pair, store_of, part_size=PART)
    assert (verdict.finding, verdict.may_be_old) == (Finding.DIFFERENT, False)
