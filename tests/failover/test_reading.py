"""The read protocol: SPEC.md section 6, sentence by sentence."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    StoreError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
    UnreachableError,
    WrongRegionError,
)
from s4desk.core.domain.failover import Answer, Backend, UsageLimits
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.objects import Doomed
from s4desk.core.domain.parts import Span
from s4desk.core.failover.errors import (
    BackendDownError,
    BrieflyOutOfReachError,
    HomeDownError,
    MixedOutcomeError,
    OutOfReachError,
    UsageLimitExceededError,
    UsageLimitSkip,
    WritesRefusedError,
)
from s4desk.core.failover.index import Copy
from s4desk.core.failover.reading import HOME_REST_S
from s4desk.core.runtime.answers import listen_to_answers
from s4desk.core.wire.body import BytesSink
from tests.failover.groups import (
    CONTENT,
    K,
    fetched,
    keep_versions,
    limited,
    replicate,
    turns,
    world_of,
)

AWAY = UnavailableError("away")
ABSENT = Location("b", "absent")


def heads(world):
    """How often each was asked for an object, by name."""
    return {name: store.count("head") for name, store in world.stores.items()}


def down(world, *names):
    """Have their breakers open."""
    for name in names:
        for _ in range(5):
            world.member(name).health.failed(AWAY)


@pytest.fixture
def answers():
    told = []
    listen_to_answers(told.append)
    return told


async def test_all_that_hold_it_are_tried_in_the_order_of_the_group(answers):
    world = await world_of("abcd", holding="bcd")
    world.learn(K, "d", "b")
    for name in "ab":
        world.stores[name].error = AWAY
    await world.store.head(K)
    assert heads(world) == {"a": 1, "b": 1, "c": 0, "d": 1}
    assert answers == [Answer("d", is_failover=True, may_be_old=True)]


async def test_the_first_success_wins(answers):
    world = await world_of("ab")
    world.learn(K, "a", "b")
    await world.store.head(K)
    assert heads(world) == {"a": 1, "b": 0}
    assert answers == [Answer("a")]


OF_B = Answer("b", is_failover=True)
OLD_OF_B = Answer("b", is_failover=True, may_be_old=True)


async def test_a_copy_elsewhere_is_told(answers):
    """The first says that it has none: it may have been deleted there."""
    world = await world_of("ab", holding="b")
    world.learn(K, "b")
    await world.store.head(K)
    assert answers == [OLD_OF_B]
    assert world.reader.counters.failovers == 1


async def test_what_the_index_does_not_know_is_absent_when_all_say_so():
    world = await world_of("abc")
    with pytest.raises(NotFoundError):
        await world.store.head(ABSENT)
    assert heads(world) == {"a": 1, "b": 1, "c": 1}


async def test_what_the_index_does_not_know_is_found():
    world = await world_of("abc", holding="c")
    assert (await world.store.head(K)).size == len(CONTENT)
    assert [each.backend for each in await world.index.copies(K)] == ["c"]


async def test_who_has_it_no_more_is_unlearned():
    world = await world_of("ab", holding="a")
    world.learn(K, "b")
    world.stores["a"].error = AWAY
    with pytest.raises(MixedOutcomeError):
        await world.store.head(K)
    assert await world.index.copies(K) == []


# Degraded


async def test_without_an_index_all_are_asked_and_the_winner_is_remembered(answers):
    world = await world_of("abc", holding="c")
    world.index.is_broken = True
    await world.store.head(K)
    assert world.cache.get(K) == "c"
    assert answers == [Answer("c", is_failover=True, is_degraded=True, may_be_old=True)]
    assert world.reader.counters.degraded == 1


async def test_without_an_index_who_is_remembered_is_asked_first():
    world = await world_of("abc", holding="c")
    world.index.is_broken = True
    world.cache.put(K, "c")
    await world.store.head(K)
    assert heads(world) == {"a": 0, "b": 0, "c": 1}


async def test_who_is_remembered_wrongly_is_forgotten():
    world = await world_of("ab", holding="a")
    world.index.is_broken = True
    world.cache.put(K, "b")
    await world.store.head(K)
    assert world.cache.get(K) == "a"
    world.cache.put(ABSENT, "b")
    with pytest.raises(NotFoundError):
        await world.store.head(ABSENT)
    assert world.cache.get(ABSENT) is None


async def test_with_an_index_nobody_is_remembered():
    world = await world_of("ab", holding="b")
    await world.store.head(K)
    assert world.cache.get(K) is None


@pytest.mark.parametrize(("parallel", "asked"), [(1, 1), (2, 2), (3, 3)])
async def test_so_many_are_asked_at_once_as_the_group_says(parallel, asked):
    world = await world_of("abcd", parallel=parallel)
    world.index.is_broken = True
    for store in world.stores.values():
        store.stick()
    reading = asyncio.ensure_future(world.store.head(K))
    await turns()
    assert sum(heads(world).values()) == asked
    for store in world.stores.values():
        store.go_on()
    await reading
    assert sum(heads(world).values()) == asked


async def test_with_an_index_one_is_asked_after_the_other():
    world = await world_of("abc", parallel=3, holding="b")
    world.stores["b"].stick()
    reading = asyncio.ensure_future(world.store.head(K))
    await turns()
    assert heads(world) == {"a": 1, "b": 1, "c": 0}
    world.stores["b"].go_on()
    await reading


async def test_degraded_reads_may_be_off():
    world = await world_of("ab", degraded_reads=False)
    await world.store.head(K)
    world.index.is_broken = True
    for read in (world.store.head, world.store.get_tags):
        with pytest.raises(UnavailableError):
            await read(K)
    assert heads(world) == {"a": 1, "b": 0}


# What failures mean


async def test_a_mix_is_unavailable_and_counted():
    world = await world_of("ab", holding="")
    world.stores["a"].error = AWAY
    with pytest.raises(MixedOutcomeError) as raised:
        await world.store.head(K)
    outcomes = {name: type(each) for name, each in raised.value.outcomes.items()}
    assert outcomes == {"a": UnavailableError, "b": NotFoundError}
    assert world.reader.counters.mixed == 1


async def test_one_that_is_left_alone_does_not_keep_a_404_from_being_believed():
    world = await world_of("abc", holding="")
    down(world, "c")
    with pytest.raises(NotFoundError):
        await world.store.head(K)
    assert heads(world)["c"] == 0


async def test_the_first_one_does():
    world = await world_of("abc", holding="")
    down(world, "a")
    with pytest.raises(MixedOutcomeError):
        await world.store.head(K)


async def test_so_does_one_that_was_seen_to_hold_it():
    world = await world_of("abc", holding="")
    world.learn(K, "c")
    down(world, "c")
    with pytest.raises(MixedOutcomeError):
        await world.store.head(K)


async def test_all_that_failed_fail_with_the_last_error():
    world = await world_of("ab")
    world.stores["a"].error, world.stores["b"].error = AWAY, UnavailableError("last")
    with pytest.raises(UnavailableError, match="last"):
        await world.store.head(K)


async def test_all_that_are_left_alone_are_unavailable():
    world = await world_of("ab")
    down(world, "a", "b")
    with pytest.raises(UnavailableError) as raised:
        await world.store.head(K)
    assert raised.value.retryable
    assert not isinstance(raised.value, BackendDownError)


async def test_what_a_person_has_to_do_is_said():
    world = await world_of("ab", holding="")
    world.stores["a"].error = PermissionDeniedError("not you")
    with pytest.raises(PermissionDeniedError):
        await world.store.head(K)


async def test_other_keys_may_be_good_ones():
    world = await world_of("ab")
    for error in (PermissionDeniedError("not you"), UnauthenticatedError("expired")):
        world.stores["a"].error = error
        assert (await world.store.head(K)).size


ARCHIVED = ConflictError("archived", status=403, code="InvalidObjectState")


@pytest.mark.parametrize(
    "error",
    [
        InvalidRequestError("400 without a body", status=400),
        WrongRegionError("elsewhere", status=301),
        NotSupportedError("not implemented", status=501),
        ConflictError("conflict", status=409),
        ARCHIVED,
    ],
)
async def test_whatever_one_says_of_itself_another_may_do_better(error):
    world = await world_of("ab")
    world.stores["a"].error = error
    for _ in range(6):
        assert (await world.store.head(K)).size
        sink = BytesSink()
        await world.store.get(K, sink)
        assert bytes(sink.data) == CONTENT
        assert (await world.store.list_objects(K.parent)).keys == ["K"]
        assert (await world.store.list_buckets())[0].name == "b"
        assert (await world.store.head_bucket("b")).name == "b"
    assert world.member("a").health.report.is_well


async def test_what_is_said_of_the_request_is_said_once():
    world = await world_of("ab")
    with pytest.raises(InvalidRequestError):
        await world.store.get(K, BytesSink(), span=Span(1000, 1))
    assert world.stores["b"].calls == []


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ({"a": NotSupportedError("a"), "b": InvalidRequestError("b"), "c": AWAY}, "a"),
        ({"a": AWAY, "b": InvalidRequestError("b"), "c": UnavailableError("c")}, "b"),
        ({"a": NotSupportedError("a"), "b": ARCHIVED, "c": ConflictError("c")}, "archived"),
        ({"a": AWAY, "b": NotFoundError("b"), "c": ARCHIVED}, "archived"),
    ],
)
async def test_where_all_fail_it_is_told_what_a_person_can_do(errors, told):
    world = await world_of("abc")
    for name, each in errors.items():
        world.stores[name].error = each
    with pytest.raises(StoreError, match=told):
        await world.store.head(K)


# What belongs to an object


async def test_tags_are_those_of_who_gave_the_object():
    world = await world_of("ab")
    for name, store in world.stores.items():
        await store.memory.put_tags(K, {"of": name})
    await world.store.head(K)
    world.stores["a"].error = PermissionDeniedError("not its tags")
    with pytest.raises(PermissionDeniedError):
        await world.store.get_tags(K)
    assert world.stores["b"].calls == []
    world.stores["a"].error = AWAY
    for _ in range(2):
        with pytest.raises(BrieflyOutOfReachError) as caught:
            await world.store.get_tags(K)
    assert (caught.value.member, caught.value.cause) == ("a", AWAY)
    assert caught.value.other.size == len(CONTENT)
    assert caught.value.answer == OLD_OF_B
    assert world.stores["b"].count("get_tags") == 0
    await world.store.head(K)
    world.stores["a"].error = None
    assert await world.store.get_tags(K) == {"of": "b"}
    assert await world.store.at_home().get_tags(K) == {"of": "a"}
    await world.store.get(K, BytesSink())
    assert await world.store.get_tags(K) == {"of": "a"}


async def test_who_gave_it_and_is_left_alone_is_named():
    world = await world_of("ab")
    await world.store.head(K)
    down(world, "a")
    with pytest.raises(OutOfReachError) as caught:
        await world.store.get_tags(K)
    assert (caught.value.member, caught.value.retryable) == ("a", False)
    await world.stores["b"].memory.delete(K)
    with pytest.raises(BackendDownError) as raised:
        await world.store.get_tags(K)
    assert (raised.value.backend, raised.value.retryable) == ("a", True)


@pytest.mark.parametrize("version", [None, "of-b"])
async def test_where_nobody_knows_who_gave_it_a_refusal_is_the_answer(version):
    world = await world_of("abc", holding="bc")
    for name in "bc":
        await world.stores[name].memory.put_tags(K, {"of": name})
    world.stores["b"].error = AWAY
    assert await world.store.get_tags(K) == {"of": "c"}
    world.stores["b"].error = PermissionDeniedError("not its tags")
    with pytest.raises(PermissionDeniedError):
        await world.store.get_tags(K, version=version)


async def test_who_gave_it_is_forgotten_when_it_is_written_or_gone():
    world = await world_of("ab")
    for forget in (
        lambda: world.store.put(K, b"new"),
        lambda: world.stores["a"].memory.delete(K),
    ):
        await world.store.head(K)
        await forget()
        with suppress(NotFoundError):
            await world.store.get_tags(K)
        down(world, "a")
        assert await world.store.get_tags(K) == {}
        world.member("a").health.reset()


# Breakers


async def test_five_failures_in_a_row_and_it_is_left_alone():
    world = await world_of("ab")
    world.stores["a"].error = AWAY
    for _ in range(8):
        await world.store.head(K)
    assert heads(world) == {"a": 5, "b": 8}


async def test_one_probe_goes_there_after_the_pause():
    world = await world_of("ab")
    down(world, "a")
    world.clock.advance(299.9)
    await world.store.head(K)
    assert heads(world) == {"a": 0, "b": 1}
    world.clock.advance(0.1)
    world.stores["a"].stick()
    probe = asyncio.ensure_future(world.store.head(K))
    await turns()
    await world.store.head(K)
    assert heads(world) == {"a": 1, "b": 2}
    world.stores["a"].go_on()
    await probe
    await world.store.head(K)
    assert heads(world) == {"a": 2, "b": 2}


@pytest.mark.parametrize("error", [NotFoundError("none"), ThrottledError("slow down")])
async def test_answers_trip_nothing(error):
    world = await world_of("ab")
    world.stores["a"].error = error
    for _ in range(20):
        await world.store.head(K)
    assert world.member("a").health.report.is_well
    assert heads(world)["a"] == 20


async def test_cancellations_trip_nothing():
    world = await world_of("ab")
    world.stores["a"].stick()
    for _ in range(20):
        reading = asyncio.ensure_future(world.store.head(K))
        await turns(10)
        reading.cancel()
        await asyncio.wait([reading])
        assert reading.cancelled()
    assert world.member("a").health.report.is_well
    assert heads(world) == {"a": 20, "b": 0}


async def test_a_network_that_is_down_leaves_nobody_alone_for_long():
    world = await world_of("ab")
    for store in world.stores.values():
        store.error = UnreachableError("no route")
    for _ in range(6):
        with pytest.raises(UnavailableError):
            await world.store.head(K)
    assert heads(world) == {"a": 5, "b": 5}
    for store in world.stores.values():
        store.error = None
    world.clock.advance(5)
    assert (await world.store.head(K)).size


async def test_where_nobody_is_of_use_the_others_are_named():
    world = await world_of("abc")
    for name, store in world.stores.items():
        store.error = UnavailableError(f"{name} is away")
    with pytest.raises(UnavailableError, match="c is away") as caught:
        await world.store.head(K)
    assert (caught.value.backend, caught.value.failed_too) == ("c", ["a", "b"])


async def test_who_alone_cannot_be_reached_is_left_alone_for_long():
    world = await world_of("ab")
    world.stores["a"].error = UnreachableError("no route")
    for _ in range(6):
        await world.store.head(K)
    world.stores["a"].error = None
    world.clock.advance(5)
    await world.store.head(K)
    assert heads(world)["a"] == 5


async def test_who_said_that_it_is_broken_is_left_alone_though_nobody_else_is_left():
    world = await world_of("ab")
    broken = UnavailableError("broken", status=500)
    world.stores["a"].error, world.stores["b"].error = UnreachableError("no route"), broken
    for _ in range(6):
        with pytest.raises(UnavailableError):
            await world.store.head(K)
    world.clock.advance(5)
    with pytest.raises(UnavailableError):
        await world.store.head(K)
    assert heads(world) == {"a": 6, "b": 5}


async def test_what_the_first_alone_can_do_tries_it_again_soon():
    """A person says so by asking: to leave it alone for minutes would spare nobody."""
    world = await world_of("ab")
    down(world, "a")
    home = world.store.at_home()
    asked = (
        lambda: home.head(K),
        lambda: home.list_objects(K.parent),
        lambda: world.store.put(K, b"new"),
        lambda: world.store.list_versions(K.parent),
    )
    for each in asked:
        with pytest.raises(HomeDownError):
            await each()
    assert not world.stores["a"].calls
    world.clock.advance(HOME_REST_S)
    await world.store.head(K)  # which another serves
    assert not world.stores["a"].calls
    for each in asked:
        await each()
        down(world, "a")
        world.clock.advance(HOME_REST_S)
    assert world.stores["a"].calls


# Limits


async def test_who_would_exceed_a_limit_is_skipped_and_counted():
    world = await world_of("ab", backends={"a": limited("a", requests=2)})
    for _ in range(5):
        await world.store.head(K)
    assert heads(world) == {"a": 2, "b": 3}
    assert world.reader.counters.skipped == 3
    assert world.member("a").health.report.is_well


async def test_all_that_were_skipped_is_an_error_of_its_own():
    backends = {name: limited(name, requests=1) for name in "ab"}
    world = await world_of("ab", backends=backends)
    for _ in range(2):
        await world.store.head(K)
    with pytest.raises(UsageLimitExceededError):
        await world.store.head(K)


async def test_one_that_failed_beside_those_that_were_skipped_is_the_error():
    world = await world_of("ab", backends={"b": limited("b", requests=1)})
    world.stores["a"].error = AWAY
    await world.store.head(K)
    with pytest.raises(UnavailableError) as raised:
        await world.store.head(K)
    assert not isinstance(raised.value, UsageLimitSkip)


@pytest.mark.parametrize(
    "read",
    [
        lambda store: store.head(K),
        lambda store: store.get(K, BytesSink()),
        lambda store: store.list_objects(Prefix("b")),
    ],
)
@pytest.mark.parametrize("is_known", [False, True])
async def test_that_it_was_for_a_limit_is_told(answers, read, is_known):
    world = await world_of("ab", backends={"a": limited("a", requests=1)})
    if is_known:
        world.learn(K, "a", "b")
    await read(world.store)
    await read(world.store)
    assert answers == [Answer("a"), replace(OLD_OF_B, limit=UsageLimits(requests=1))]
    down(world, "a")
    world.member("a").backend = Backend(ConnectionId("a"))
    await read(world.store)
    assert answers[-1] == OLD_OF_B


async def test_deletes_are_never_limited():
    world = await world_of("ab", backends={"a": limited("a", requests=1, ingress=1)})
    await world.store.put(Location("b", "x"), b"1")
    for limited_write in (world.store.put(K, b""), world.store.list_uploads(K.parent)):
        with pytest.raises(UsageLimitExceededError):
            await limited_write
    await world.store.delete(K)
    await world.store.delete_many("b", [])
    await world.store.abort_multipart(K, "none")
    await world.store.delete(Location("b", "x"))
    await world.store.delete_bucket("b")
    assert world.meter.of("a").requests == 6


async def test_bodies_that_would_exceed_a_limit_are_not_sent():
    world = await world_of("ab", backends={"a": limited("a", ingress=10)})
    with pytest.raises(UsageLimitExceededError):
        await world.store.put(K, bytes(11))
    await world.store.put(K, bytes(10))
    assert world.meter.of("a").ingress == 10
    assert world.stores["b"].calls == []


# Writes


async def test_writes_never_fail_over():
    world = await world_of("ab")
    world.stores["a"].error = AWAY
    for _ in range(5):
        with pytest.raises(UnavailableError):
            await world.store.put(K, b"new")
    with pytest.raises(WritesRefusedError) as raised:
        await world.store.put(K, b"new")
    assert raised.value.backend == "a"
    assert raised.value.cause is AWAY
    assert world.stores["b"].calls == []


async def test_writes_wait_where_there_is_no_way_to_the_first():
    """As they do for any connection: whoever waits for a way is told that there is none."""
    world = await world_of("ab")
    world.stores["a"].error = UnreachableError("no route")
    for _ in range(6):
        with pytest.raises(UnreachableError, match="no route"):
            await world.store.put(K, b"new")
    assert len(world.stores["a"].calls) == 5


async def test_reads_go_on_while_writes_are_refused():
    world = await world_of("ab")
    world.member("a").health.pretend_down(is_down=True)
    with pytest.raises(WritesRefusedError):
        await world.store.delete(K)
    assert (await world.store.head(K)).size


async def test_what_was_written_is_another_object():
    world = await world_of("ab")
    before = (await world.store.head(K)).etag
    await world.store.put(K, b"new")
    assert (await world.store.head(K)).etag != before
    await world.store.delete(K)
    assert [each.backend for each in await world.index.copies(K)] == []


# Versions


async def test_a_version_is_of_the_backend_that_knows_it():
    world = await world_of("ab", holding="")
    version = await keep_versions(world, "b")
    assert (await world.store.head(K, version=version)).size == len(CONTENT)


async def test_a_version_nobody_can_ask_for_is_no_404():
    world = await world_of("ab")
    world.stores["a"].error = AWAY
    with pytest.raises(UnavailableError) as caught:
        await world.store.head(K, version="of-a")
    assert (caught.value.backend, caught.value.is_home_alone) == ("a", True)
    down(world, "a")
    with pytest.raises(HomeDownError, match="left alone"):
        await world.store.head(K, version="of-a")


async def test_a_version_that_home_has_not_may_be_that_of_one_who_is_away():
    world = await world_of("ab")
    world.stores["b"].error = AWAY
    with pytest.raises(MixedOutcomeError):
        await world.store.head(K, version="of-b")


async def test_what_has_no_version_at_home_is_not_what_has_none_elsewhere(answers):
    """Where the others keep no versions they would give their newest object as that."""
    world = await world_of("ab")
    assert (await world.store.head(K, version="null")).size == len(CONTENT)
    assert answers == [Answer("a")]
    down(world, "a")
    for read in (
        world.store.head(K, version="null"),
        world.store.get(K, BytesSink(), version="null"),
        world.store.get_tags(K, version="null"),
    ):
        with pytest.raises(HomeDownError):
            await read
    assert not world.stores["b"].calls


# Connections that are no more


async def test_a_member_that_was_removed_is_unavailable():
    world = await world_of("ab", holding="")
    world.stores["b"] = UnavailableError("this connection was removed")
    with pytest.raises(UnavailableError):
        await world.store.head(K)


# Copies that may be old


async def old_copy():
    """The first has written something new, and is away; the other has what was there before."""
    world = await world_of("ab")
    await world.store.put(K, b"newer")
    down(world, "a")
    return world


async def test_an_older_copy_is_told(answers):
    world = await old_copy()
    answers.clear()
    await world.store.head(K)
    sink = BytesSink()
    await world.store.get(K, sink)
    assert bytes(sink.data) == CONTENT
    assert answers == [OLD_OF_B, OLD_OF_B]


async def test_what_the_first_was_seen_to_have_is_no_proof(answers):
    """Somebody else may have written there since, by another program."""
    world = await old_copy()
    await world.stores["b"].memory.put(K, b"newer")
    answers.clear()
    await world.store.head(K)
    await world.store.get(K, BytesSink())
    assert answers == [OLD_OF_B, OLD_OF_B]


async def test_what_the_first_has_told_of_for_this_is_not_old(answers):
    world = await world_of("ab")
    named = await world.store.head(K)
    down(world, "a")
    answers.clear()
    await world.store.get(K, BytesSink(), if_match=named.etag)
    assert answers == [OF_B]


async def test_what_the_first_has_no_more_is_old(answers):
    """Though it has told of it just before."""
    world = await world_of("ab")
    named = await world.store.head(K)
    await world.stores["a"].memory.delete(K)
    answers.clear()
    await world.store.get(K, BytesSink(), if_match=named.etag)
    assert answers == [OLD_OF_B]


async def test_a_replica_in_other_parts_is_as_new(answers):
    world = await world_of("ab")
    await replicate(world, "a", "b")
    named = await world.store.head(K)
    down(world, "a")
    answers.clear()
    await world.store.get(K, BytesSink(), if_match=named.etag)
    assert answers == [OF_B]


@pytest.mark.parametrize("first", ["a", "b"])
async def test_what_broke_off_at_the_first_goes_on_as_that(answers, first):
    """And what a stand-in has begun is as old as it was."""
    world = await world_of("abc")
    await world.store.head(K)
    if first == "b":
        down(world, "a")
        await world.store.head(K)
    world.stores[first].cut_at = 5
    answers.clear()
    data, _, _ = await fetched(world)
    assert data == CONTENT
    assert answers == [Answer("b" if first == "a" else "c", True, may_be_old=first == "b")]


async def test_what_the_first_was_never_seen_to_have_may_be_old(answers):
    world = await world_of("ab")
    down(world, "a")
    await world.store.head(K)
    await world.store.get(K, BytesSink())
    await world.store.get_tags(K)
    await world.store.list_buckets()
    await world.store.head_bucket("b")
    await world.store.list_objects(K.parent)
    assert answers == [OLD_OF_B] * 6


@pytest.mark.parametrize("way", ["here", "with others", "elsewhere"])
@pytest.mark.parametrize("read", ["head", "get", "get_tags"])
async def test_what_was_deleted_may_be_old(answers, read, way):
    """Also when the first is asked no more."""
    world = await world_of("ab")
    requests = {"get": lambda: world.store.get(K, BytesSink())}
    ask = requests.get(read, lambda: getattr(world.store, read)(K))
    await world.store.head(K)
    answers.clear()
    if way == "here":
        await world.store.delete(K)
    elif way == "with others":
        await world.store.delete_many("b", [Doomed(K.key)])
    else:
        await world.stores["a"].memory.delete(K)
        with suppress(NotFoundError):
            # What belongs to it is asked for where it was.
            await ask()
    down(world, "a")
    await ask()
    assert {each for each in answers if each.backend == "b"} == {OLD_OF_B}


async def test_of_what_was_seen_in_two_ways_both_count(answers):
    """What the index knows may be newer than what was seen here, and older."""
    world = await world_of("ab")
    await world.store.head(K)
    down(world, "a")
    world.index.learn([Copy(K, ConnectionId("a"), "0" * 32)])
    await world.store.head(K)
    assert answers[-1] == OLD_OF_B


async def test_one_name_that_is_not_of_bytes_proves_nothing(answers):
    world = await world_of("ab")
    world.index.learn([Copy(K, ConnectionId("a"), "7")])
    world.stores["b"].etag = "7"
    down(world, "a")
    await world.store.head(K)
    assert answers[-1] == OLD_OF_B


async def test_without_an_index_what_was_seen_here_is_no_proof_either(answers):
    world = await world_of("ab")
    await world.store.head(K)
    world.index.is_broken = True
    down(world, "a")
    await world.store.head(K)
    assert answers[-1] == replace(OLD_OF_B, is_degraded=True)


async def test_without_an_index_the_quicker_one_may_be_old(answers):
    world = await world_of("ab", parallel=2)
    world.index.is_broken = True
    world.stores["a"].stick()
    await world.store.head(K)
    assert answers == [replace(OLD_OF_B, is_degraded=True)]


def test_of_several_requests_who_stood_in_is_told():
    """A write that follows to the first, or to another store, does not hide it."""
    home = Answer("a")
    assert home.after(OLD_OF_B) == OLD_OF_B
    assert OF_B.after(home) == OF_B
    assert OF_B.after(OLD_OF_B) == OLD_OF_B
    assert Answer("c").after(home) == Answer("c")
    limited_once = replace(OLD_OF_B, limit=UsageLimits(requests=1))
    assert home.after(limited_once) == OLD_OF_B.after(limited_once) == limited_once
