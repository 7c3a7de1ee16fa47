"""Two sides of a sync that are one place under two names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection
from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError, ValidationError
from s4desk.core.domain.failover import Backend
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.one_place import bucket_name, is_alias, is_one_endpoint
from s4desk.core.domain.transfer import BatchId
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.retry import RetryingStore
from s4desk.core.transfer.older_copies import MemoryOlderCopies
from s4desk.core.transfer.sync import Compare
from s4desk.core.transfer.sync_overlap import overlap, refuse_one_place
from s4desk.core.transfer.sync_sides import StoreFolder, comparison_of, refuse_nothing
from tests.failover.groups import GroupWorld
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.specs import BUCKET, at

if TYPE_CHECKING:
    from s4desk.core.store.protocol import Store

WHOLE, FOLDER = Prefix(BUCKET), Prefix(BUCKET, "fold/")
ALIAS = "point-abc123-s3alias"
DENIED = PermissionDeniedError("no", operation="ListObjectsV2")


async def with_access_point() -> MemoryStore:
    """One bucket with two names."""
    memory = MemoryStore([BUCKET, ALIAS])
    memory.buckets[ALIAS] = memory.buckets[BUCKET]
    await memory.put(at("fold/x").location, b"A")
    return memory


def connection(name: str, endpoint: str) -> Connection:
    return Connection(ConnectionId(name), name, endpoint)


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("http://x", "HTTP://X.:80/", True),
        ("https://x/s3", "https://x:443/s3/", True),
        ("http://x", "http://x:8080", False),
        ("http://x", "https://x", False),
        ("http://x", "http://y", False),
        ("", "https://s3.eu-west-1.amazonaws.com", True),
        ("", "https://s3.cn-north-1.amazonaws.com.cn", False),
        ("http://x:bad", "http://x:bad", True),
    ],
)
def test_addresses_that_lead_to_one_store(one: str, other: str, is_one: bool) -> None:
    here, there = connection("a", one), connection("b", other)
    assert is_one_endpoint(here, there) == is_one
    assert (bucket_name(here, "b") == bucket_name(there, "b")) == is_one
    assert bucket_name(here, "b") != bucket_name(here, "c")


def test_what_overlaps() -> None:
    assert overlap(WHOLE, FOLDER)
    assert overlap(Prefix(BUCKET, "fold"), FOLDER)
    assert not overlap(FOLDER, Prefix(BUCKET, "folder/"))
    assert not overlap(WHOLE, Prefix("another", "fold/"))


@pytest.mark.parametrize(
    ("source", "target"),
    [(FOLDER, WHOLE), (WHOLE, FOLDER), (WHOLE, WHOLE), (WHOLE, Prefix(BUCKET, "new/"))],
)
async def test_one_bucket_behind_two_stores(source: Prefix, target: Prefix) -> None:
    memory = MemoryStore([BUCKET])
    await memory.put(at("fold/x").location, b"A")
    here, there = ScriptedStore(memory), ScriptedStore(memory)
    with pytest.raises(ValidationError, match="same place"):
        await refuse_one_place(here, source, there, target)


async def test_one_bucket_with_another_name_in_a_group() -> None:
    memory = MemoryStore(["there"])
    await memory.put(Location("there", "fold/x"), b"A")
    backend = Backend(ConnectionId("a"), ((BUCKET, "there"),))
    group = RetryingStore(GroupWorld({"a": memory}, backends={"a": backend}).store)
    for here, source, there, target in (
        (memory, Prefix("there", "fold/"), group, WHOLE),
        (group, FOLDER, memory, Prefix("there")),
    ):
        with pytest.raises(ValidationError, match="same place"):
            await refuse_one_place(here, source, there, target)


async def test_two_buckets_of_one_name() -> None:
    here, there = MemoryStore([BUCKET]), MemoryStore([BUCKET])
    await here.put(at("fold/x").location, b"A")
    await refuse_one_place(here, FOLDER, there, WHOLE)
    await there.put(at("fold/x").location, b"B")
    await refuse_one_place(here, FOLDER, there, WHOLE)
    await there.put(at("other/y").location, b"C")
    await refuse_one_place(here, Prefix(BUCKET, "other/"), there, Prefix(BUCKET, "third/"))


async def test_what_cannot_be_listed_above_prevents_nothing() -> None:
    here, there = ScriptedStore(MemoryStore([BUCKET])), MemoryStore([BUCKET])
    here.fail("list_objects", None, PermissionDeniedError("no", operation="ListObjectsV2"))
    await refuse_one_place(here, FOLDER, there, WHOLE)


async def test_no_comparison_is_made_of_one_bucket_behind_two_connections() -> None:
    memory = MemoryStore([BUCKET])
    await memory.put(at("fold/x").location, b"A")
    stores = {ConnectionId(name): ScriptedStore(memory) for name in ("one", "other")}

    async def store_of(connection: ConnectionId) -> Store:
        return stores[connection]

    source, target = (StoreFolder(*each) for each in zip(stores, (FOLDER, WHOLE), strict=True))
    with pytest.raises(ValidationError, match="same place"):
        await comparison_of(
            source,
            target,
            Compare.SIZE_AND_TIME,
            BatchId("b"),
            store_of,
            older=MemoryOlderCopies(),
        )


async def test_nothing_is_made_like_a_folder_that_is_not_there() -> None:
    store = MemoryStore([BUCKET])
    await store.put(at("marked/").location, b"")
    await store.put(at("object").location, b"x")
    for there in ("", "marked/"):
        await refuse_nothing(store, Prefix(BUCKET, there))
    for missing in ("typo/", "object/"):
        with pytest.raises(NotFoundError):
            await refuse_nothing(store, Prefix(BUCKET, missing))


def test_names_of_access_points() -> None:
    arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/point"
    names = (ALIAS, "point-xyz--ol-s3", "mfzwi23gnjvgw.mrap", arn)
    assert all(map(is_alias, names))
    assert not any(map(is_alias, (BUCKET, "s3alias", "a-s3alias-b", "zone--x-s3", "mrap")))


@pytest.mark.parametrize("prefixes", [("fold/", ""), ("", "fold/"), ("", ""), ("fold/", "fold/b/")])
async def test_an_access_point_of_the_same_bucket(prefixes: tuple[str, str]) -> None:
    memory = await with_access_point()
    one, other = prefixes
    for source, target in ((BUCKET, ALIAS), (ALIAS, BUCKET)):
        with pytest.raises(ValidationError, match="access point leads to the same bucket"):
            await refuse_one_place(memory, Prefix(source, one), memory, Prefix(target, other))


async def test_an_access_point_of_another_bucket_or_beside_it_is_no_obstacle() -> None:
    memory = await with_access_point()
    await refuse_one_place(memory, FOLDER, memory, Prefix(ALIAS, "other/"))
    other = MemoryStore([BUCKET, ALIAS])
    await other.put(at("fold/x").location, b"A")
    await refuse_one_place(other, WHOLE, other, Prefix(ALIAS))
    # Two plain names are never asked about.
    silent = ScriptedStore(MemoryStore([BUCKET]))
    silent.fail("list_objects", DENIED)
    await refuse_one_place(silent, WHOLE, silent, Prefix("another"))


@pytest.mark.parametrize("nth", [0, 1])
async def test_an_access_point_that_may_not_be_listed_is_refused(nth: int) -> None:
    memory = MemoryStore([BUCKET, ALIAS])
    here = ScriptedStore(memory)
    here.fail("list_objects", *[None] * nth, DENIED)
    with pytest.raises(ValidationError, match="cannot be told"):
        await refuse_one_place(here, FOLDER, ScriptedStore(memory), Prefix(ALIAS))
