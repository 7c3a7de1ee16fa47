"""Real stores, read at several places at once: what page by page shows, and nothing twice."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.objects import Doomed
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.key_space import byte_order
from s4desk.core.store.parallel_listing import listing_of
from s4desk.core.store.readers import READERS
from s4desk.core.store.s3 import S3Store
from s4desk.core.wire.pool import WirePool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.servers.endpoint import Endpoint

EVERYTHING = float("inf")
STAY, COME_AND_GO = 2000, 300
PUTS_AT_ONCE = 8
PATIENCE = {"moto": 500}
"""It answers 500 to whoever lists while somebody writes."""

PLAIN = [*"abcXYZ019-_.", "log-", "2026"]
ODD = [*" +%&'\"()=;?#~!é～😀\ue000", "%2F", "%00", "&amp;", "//", "<b>"]
"""LocalStack compares keys as they are written in its replies: there such characters lose keys."""


@pytest.fixture
async def store(endpoint: Endpoint) -> AsyncIterator[S3Store]:
    pool = WirePool()
    connection = Connection(ConnectionId("c"), "c", endpoint.url, endpoint.region)
    key = Credentials(endpoint.access_key, endpoint.secret_key)
    try:
        yield S3Store(connection, lambda: key, pool, Capabilities())
    finally:
        await pool.aclose()


@pytest.fixture(autouse=True)
def far_away(monkeypatch):
    """A server on this machine is too near to be asked by many."""
    monkeypatch.setattr("s4desk.core.store.readers.HANDLING_S", 1e-9)


def keys_of(chance: random.Random, alphabet: list[str], count: int) -> list[str]:
    """Flat ones, folders of some and of many, numbers: a third each."""
    found: set[str] = set()
    while len(found) < count:
        word = "".join(chance.choices(alphabet, k=chance.randint(2, 5)))
        found.add(
            chance.choice(
                [word, f"f{chance.randrange(9)}/{word}", f"number/{chance.randrange(10**5):06}"]
            ).strip("./")
            or "dot"
        )
    return sorted(found, key=byte_order)


class Short:
    """The listings of a store in short pages, and how many were asked for at once."""

    def __init__(self, store: S3Store, chance: random.Random) -> None:
        self._store, self._chance = store, chance
        self.inside = self.most_inside = self.pages = 0

    async def __call__(self, prefix, **how):
        self.inside += 1
        self.pages += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            return await self._store.list_objects(prefix, **how, limit=self._chance.randint(15, 40))
        finally:
            self.inside -= 1


async def page_by_page(store: S3Store, prefix: Prefix, delimiter: str) -> list[str]:
    found: list[str] = []
    token = None
    while True:
        page = await store.list_objects(prefix, delimiter=delimiter, token=token, limit=400)
        found += [*page.keys, *page.folders]
        token = page.next_token
        if token is None:
            return sorted(found, key=byte_order)


async def at_several_places(
    asking: Short, prefix: Prefix, delimiter: str, *, patience: int = 0
) -> list[str]:
    """In the order in which they come; of a page the folders among its keys."""
    found: list[str] = []
    async with listing_of(asking, prefix, delimiter) as listing:
        while listing.has_more:
            try:
                page = await listing.next_page(EVERYTHING)
            except UnavailableError:
                patience -= 1
                if patience < 0:
                    raise
                continue
            found += sorted([*page.keys, *page.folders], key=byte_order)
    return found


async def put_all(store: S3Store, bucket: str, keys: list[str]) -> None:
    await run_bounded((store.put(Location(bucket, key), b"") for key in keys), PUTS_AT_ONCE)


async def write(store: S3Store, bucket: str, keys: list[str], chance: random.Random) -> None:
    """Put and delete, on and on."""
    while True:
        some = chance.sample(keys, 20)
        await put_all(store, bucket, some)
        await store.delete_many(bucket, [Doomed(key) for key in chance.sample(some, 15)])


async def test_a_listing_at_several_places_is_the_listing(
    store: S3Store, bucket: str, endpoint: Endpoint
):
    chance = random.Random(8)
    alphabet = PLAIN if endpoint.server == "localstack" else PLAIN + ODD
    keys = keys_of(chance, alphabet, STAY + COME_AND_GO)
    fleeting = set(chance.sample(keys, COME_AND_GO))
    stay = [key for key in keys if key not in fleeting]
    await put_all(store, bucket, stay)
    for prefix, delimiter in (
        (Prefix(bucket), ""),
        (Prefix(bucket), "/"),
        (Prefix(bucket, "f"), ""),
    ):
        asking = Short(store, chance)
        found = await at_several_places(asking, prefix, delimiter)
        assert found == await page_by_page(store, prefix, delimiter)
        if not delimiter:
            assert found == [key for key in stay if key.startswith(prefix.prefix)]
            # How many at once is for the machine to say as well.
            assert asking.most_inside > READERS // 2

    writing = asyncio.ensure_future(write(store, bucket, sorted(fleeting), chance))
    try:
        for _ in range(3):
            found = await at_several_places(
                Short(store, chance), Prefix(bucket), "", patience=PATIENCE.get(endpoint.server, 0)
            )
            assert found == sorted(set(found), key=byte_order)
            assert set(stay) <= set(found) <= set(keys)
            assert [key for key in found if key not in fleeting] == stay
    finally:
        writing.cancel()
        await asyncio.wait([writing])
    assert writing.cancelled()
