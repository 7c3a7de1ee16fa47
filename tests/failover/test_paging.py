"""Listings that begin at one backend and may end at another."""

from __future__ import annotations

import pytest

from s4desk.core.domain.errors import (
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)
from s4desk.core.domain.failover import Answer, Backend
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.failover.errors import MixedOutcomeError
from s4desk.core.failover.paging import PageToken, behind
from s4desk.core.runtime.answers import listen_to_answers
from s4desk.core.store.memory import MemoryStore
from tests.failover.groups import GroupWorld, HandClock, Turned, world_of

AWAY = UnavailableError("away")
PLAIN = [f"k{at:03}" for at in range(40)]
ODD = [
    *("a", "a ", "a+b", "a/", "a//", "a/b", "a/b/c", "a/b/d", "a0", "a?x=1&y#z", "a\\b"),
    *("b%20c", "é", "e\u0301", "ü/ü/ü", "漢/字", "😀", "\udcff", "\ud7ff", "\uffff", "~"),
    *(".", "..", "./x", "../x", "/", "//", "[1,2]", '"quoted"', "new\nline", "tab\tx", "z/z/z"),
]
EVERYTHING = Prefix("b")


async def listed(keys, names="abc", **options):
    world = await world_of(names, holding="", **options)
    for store in world.stores.values():
        for key in keys:
            await store.memory.put(Location("b", key), b"1")
    return world


async def walk(world, *, limit, delimiter="", prefix=EVERYTHING, start_after="", between=None):
    """All that a listing shows, in order; `between` is called after each page."""
    shown, token = [], None
    while True:
        page = await world.store.list_objects(
            prefix, delimiter=delimiter, token=token, start_after=start_after, limit=limit
        )
        shown += sorted(
            [*page.keys, *page.folders], key=lambda key: key.encode(errors="surrogateescape")
        )
        if page.next_token is None:
            return shown
        token = page.next_token
        if between is not None:
            between(world, len(shown))


def by_turns(world, count):
    """Another one is down after each page."""
    for at, store in enumerate(world.stores.values()):
        store.error = None if at == count % len(world.stores) else AWAY
    for each in world.members:
        each.health.reset()


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("delimiter", ["", "/"])
@pytest.mark.parametrize("keys", [PLAIN, sorted(ODD)], ids=["plain", "odd"])
async def test_no_key_twice_and_none_missing(keys, delimiter, limit):
    world = await listed(keys)
    whole = await walk(world, limit=1000, delimiter=delimiter)
    assert await walk(world, limit=limit, delimiter=delimiter, between=by_turns) == whole


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("start_after", ["a/", "a/b", "a/b/", "a/b/c", "a/zzz", "k"])
@pytest.mark.parametrize("prefix", [EVERYTHING, Prefix("b", "a/")])
async def test_nor_where_it_began_in_the_middle(prefix, start_after, limit):
    """A folder in which it begins is shown, once."""
    world = await listed(["a", "a/b/c", "a/b/d", "a/e", "b/1", "b/2", "k", "l"])
    options = {"delimiter": "/", "start_after": start_after, "prefix": prefix}
    plain = GroupWorld({"x": world.stores["a"].memory}, clock=HandClock())
    whole = await walk(plain, limit=1000, **options)
    assert await walk(world, limit=1000, **options) == whole
    assert await walk(world, limit=limit, between=by_turns, **options) == whole


class Repeating(Turned):
    """As S3 does, it shows a folder once more when it is to begin behind its name."""

    async def list_objects(self, prefix, *, start_after="", **named):
        return await super().list_objects(prefix, start_after=start_after.rstrip("/"), **named)


async def test_a_first_page_is_as_its_store_has_it():
    store = Repeating(MemoryStore(["b"]))
    await store.memory.put(Location("b", "a/x"), b"")
    world = GroupWorld({"a": store}, clock=HandClock())
    page = await world.store.list_objects(EVERYTHING, start_after="a/")
    assert page.folders == ["a/"]


@pytest.mark.parametrize(
    ("last", "left"),
    [
        ("", ["a", "b/", "c", "d/", "e"]),
        ("a", ["b/", "c", "d/", "e"]),
        ("b/", ["c", "d/", "e"]),
        ("b/x", ["b/", "c", "d/", "e"]),
        ("c", ["d/", "e"]),
        ("d/", ["e"]),
        ("z", []),
    ],
)
async def test_what_lies_behind_a_key_and_is_not_listed_yet(last, left):
    store = MemoryStore(["b"])
    for key in ("a", "b/x", "b/y", "c", "d/x", "e"):
        await store.put(Location("b", key), b"")
    page = behind(await store.list_objects(EVERYTHING), last)
    assert sorted([*page.keys, *page.folders]) == left


async def test_it_goes_on_where_it_began():
    told = []
    listen_to_answers(told.append)
    world = await listed(PLAIN)
    world.stores["a"].error = AWAY
    page = await world.store.list_objects(EVERYTHING, limit=10)
    world.stores["a"].error = None
    world.member("a").health.reset()
    await world.store.list_objects(EVERYTHING, limit=10, token=page.next_token)
    assert told == [Answer("b", is_failover=True, may_be_old=True)] * 2


async def test_it_goes_on_though_its_backend_is_no_member_any_more():
    world = await listed(PLAIN)
    page = await world.store.list_objects(EVERYTHING, limit=10)
    begun = PageToken.parse(page.next_token)
    gone = str(PageToken(ConnectionId("gone"), begun.token, begun.last))
    following = await world.store.list_objects(EVERYTHING, token=gone)
    assert following.keys == PLAIN[10:]


async def test_the_index_learns_from_it():
    world = await listed(PLAIN)
    await world.store.list_objects(EVERYTHING)
    [copy] = await world.index.copies(Location("b", "k007"))
    meta = await world.stores["a"].memory.head(Location("b", "k007"))
    assert (copy.backend, copy.etag, copy.size) == ("a", meta.etag, 1)


@pytest.mark.parametrize("token", ["", "nonsense", "5", "[1]", "{}", "null"])
async def test_what_is_no_token_of_ours_is_refused(token):
    world = await listed(PLAIN)
    with pytest.raises(InvalidRequestError):
        await world.store.list_objects(EVERYTHING, token=token)


async def test_a_bucket_that_one_does_not_have_is_listed_at_the_next():
    world = await listed(PLAIN)
    world.stores["a"].error = NotFoundError("NoSuchBucket")
    assert len((await world.store.list_objects(EVERYTHING)).keys) == 40


async def test_a_bucket_that_nobody_has_is_not_there():
    world = await listed(PLAIN)
    for store in world.stores.values():
        store.error = NotFoundError("NoSuchBucket")
    with pytest.raises(NotFoundError):
        await world.store.list_objects(EVERYTHING)


async def test_a_refusal_is_told_where_nobody_can_do_better():
    world = await listed(PLAIN)
    for store in world.stores.values():
        store.error = PermissionDeniedError("not you")
    with pytest.raises(PermissionDeniedError):
        await world.store.list_objects(EVERYTHING)


# Versions


async def test_versions_are_those_of_the_first_and_of_no_other():
    """By their ids they are deleted there, and “null” is an id that every store knows."""
    world = await listed(PLAIN)
    page = await world.store.list_versions(EVERYTHING, delimiter="")
    assert [each.location.key for each in page.versions] == PLAIN
    for refusal in (AWAY, PermissionDeniedError("no", status=403)):
        world.stores["a"].error = refusal
        with pytest.raises(type(refusal)):
            await world.store.list_versions(EVERYTHING, delimiter="")
    assert world.stores["b"].count("list_versions") == 0


# Names of buckets


@pytest.fixture
async def named():
    """Bucket b is called so at a; at b it is called there, and what is called b there is hidden."""
    stores = {"a": Turned(MemoryStore(["b"])), "b": Turned(MemoryStore(["there", "b", "own"]))}
    for store, bucket in ((stores["a"], "b"), (stores["b"], "there")):
        for key in PLAIN:
            await store.memory.put(Location(bucket, key), key.encode())
    await stores["b"].memory.put(Location("b", "hidden"), b"")
    backends = {"b": Backend(ConnectionId("b"), (("b", "there"),))}
    world = GroupWorld(stores, clock=HandClock(), backends=backends)
    world.stores["a"].error = AWAY
    return world


async def test_a_bucket_has_one_name_in_the_group(named):
    page = await named.store.list_objects(EVERYTHING, limit=10)
    assert page.prefix == EVERYTHING
    assert page.keys == PLAIN[:10]
    meta = await named.store.head(Location("b", "k001"))
    assert meta.location == Location("b", "k001")
    assert (await named.store.head_bucket("b")).name == "b"


async def test_a_bucket_that_has_its_name_taken_is_not_shown(named):
    assert sorted(each.name for each in await named.store.list_buckets()) == ["b", "own"]
    with pytest.raises(UnavailableError):
        await named.store.head(Location("b", "hidden"))


async def test_errors_name_it_as_the_group_does(named):
    named.stores["b"].error = PermissionDeniedError("not you", location=Location("there", "x"))
    named.stores["a"].error = NotFoundError("none")
    with pytest.raises(PermissionDeniedError) as raised:
        await named.store.head(Location("b", "x"))
    assert raised.value.location == Location("b", "x")


async def test_a_listing_goes_on_under_the_other_name(named):
    named.stores["a"].error = None
    assert await walk(named, limit=7, between=by_turns) == PLAIN


async def test_nobody_believes_a_stand_in_that_there_is_nothing():
    world = await world_of("ab")
    world.stores["a"].error = UnavailableError("away")
    with pytest.raises(MixedOutcomeError) as raised:
        await world.store.list_objects(Prefix("b", "only-at-home/"))
    assert set(raised.value.outcomes) == {"a", "b"}
    assert raised.value.location == Location("b", "only-at-home/")
    assert (await world.store.list_objects(Prefix("b"))).keys


@pytest.mark.parametrize("refusal", [AWAY, PermissionDeniedError("not you", status=403)])
async def test_who_is_left_is_asked_before_nobody_knows(refusal):
    """The second was given nothing; the third has a copy of all."""
    world = await world_of("abc", holding="c")
    world.stores["a"].error = refusal
    assert (await world.store.list_objects(EVERYTHING)).keys == ["K"]
    with pytest.raises(MixedOutcomeError) as raised:
        await world.store.list_objects(Prefix("b", "only-at-home/"))
    outcomes = raised.value.outcomes
    assert {name: type(each) for name, each in outcomes.items()} == {
        "a": type(refusal),
        "b": NotFoundError,
        "c": NotFoundError,
    }


async def test_the_first_is_believed_that_there_is_nothing():
    world = await world_of("ab", holding="b")
    assert (await world.store.list_objects(EVERYTHING)).keys == []
    assert world.stores["b"].calls == []
