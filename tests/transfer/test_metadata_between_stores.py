"""Metadata that goes from store to store arrives as it was meant, or it is said that it did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.transfer import ConflictPolicy, Direction, TransferSpec, TransferState
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.s3_headers import decode_value
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.wire.pool import WirePool
from tests.transfer.specs import BUCKET
from tests.transfer.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import Store
    from tests.servers.endpoint import Endpoint

SERVERS = ("ceph", "localstack", "moto")
MEMORY = "memory"
ROUND = ("ceph", "localstack", "ceph", "moto", "localstack", "moto", MEMORY, "ceph")
ATTACHMENT = 'attachment; filename="\xc3\xbc.txt"'
"""The bytes of the header as Latin-1, as all here."""

KEPT = [
    "plain",
    "",
    "a  b",
    "a,b;c='d'",
    "%C3%BC",
    "=?",
    "\xc3\xbc \xe6\x97\xa5",
    "=?UTF-8?B?w7w=?=",
    "=?utf-8?q?=C3=BC_=F0=9F=98=80?=",
    "=?ISO-8859-1?Q?=FC?=",
    "a =?UTF-8?B?w7w=?= b",
    "=?UTF-8?B?w7w=?= =?UTF-8?B?w7w=?=",
    "=?UTF-8?Q?_=C3=BC_?=",
    "=?UTF-8?Q?=C2=A0x=C2=A0?=",
    "=?UTF-8?Q?a=09b?=",
    # "Ã¼", meant so: no store has taken that for Latin-1.
    "=?UTF-8?Q?=C3=83=C2=BC?=",
    "=?UTF-8?B?w4PCvA==?=",
]
LOST = [
    # LocalStack decodes it, and answers with blanks that no header can have, ...
    "=?UTF-8?Q?_lead?=",
    "=?UTF-8?Q?trail_?=",
    # ... with what means something else, ...
    "=?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=",
    # ... or not at all: this is no UTF-8.
    "=?UTF-8?Q?caf=E9?=",
]


class Stores(World):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.opened: dict[str, Store] = {MEMORY: MemoryStore([BUCKET])}
        self.buckets = {MEMORY: BUCKET}

    async def _store_of(self, connection: ConnectionId) -> Store:
        return self.opened[connection]

    store_of = _store_of

    async def copied(self, source: Address, server: str) -> tuple[Transfer, Address]:
        number = source.location.key.partition("-")[2]
        key = f"key-{int(number) + 1}"
        target = Address(ConnectionId(server), Location(self.buckets[server], key))
        done = await self.run(await self.add(TransferSpec(Direction.COPY, source, target, 4)))
        return done, target

    async def value(self, place: Address) -> str:
        meta = await self.opened[place.connection].head(place.location)
        assert meta.attributes.content_disposition == decode_value(ATTACHMENT)
        if place.connection != MEMORY:
            assert meta.headers["content-disposition"] == ATTACHMENT
        return meta.attributes.metadata["u"]

    async def put(self, server: str, written: str) -> Address:
        """An object as somebody else wrote it."""
        headers = {"x-amz-meta-u": written, "content-disposition": ATTACHMENT}
        place = Address(ConnectionId(server), Location(self.buckets[server], "key-0"))
        attributes = Attributes(
            content_disposition=decode_value(ATTACHMENT),
            metadata={"u": decode_value(written)},
            spelling=headers,
        )
        await self.opened[server].put(place.location, b"text", attributes=attributes)
        return place


@pytest.fixture
async def stores(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    new_bucket: Callable[[Endpoint], str],
) -> AsyncIterator[Stores]:
    stores, pool = Stores(tmp_path), WirePool()
    for name in SERVERS:
        server: Endpoint = request.getfixturevalue(name)
        connection = Connection(ConnectionId(name), name, server.url, server.region)
        keys = GivenSecrets(Credentials(server.access_key, server.secret_key))
        stores.opened[name] = await open_store(connection, keys, pool, attempts=1)
        stores.buckets[name] = new_bucket(server)
    yield stores
    for store in stores.opened.values():
        await store.aclose()
    await pool.aclose()


@pytest.mark.parametrize("written", KEPT)
async def test_all_the_way_round_it_means_the_same(stores: Stores, written: str) -> None:
    place = await stores.put("ceph", written)
    for server in ROUND[1:]:
        done, place = await stores.copied(place, server)
        assert (done.state, done.error) == (TransferState.COMPLETED, "")
        assert await stores.value(place) == decode_value(written)


@pytest.mark.parametrize("written", LOST)
async def test_what_a_store_does_not_give_back_is_said(stores: Stores, written: str) -> None:
    first = await stores.put("ceph", written)
    for server in ("moto", "ceph", MEMORY, "ceph"):
        done, place = await stores.copied(first, server)
        assert (done.error, await stores.value(place)) == ("", decode_value(written))
    done, _ = await stores.copied(first, "localstack")
    if done.state is TransferState.COMPLETED:
        assert done.error == "LeftBehindError: metadata"
    else:
        assert done.state is TransferState.FAILED


async def test_where_it_is_kept_so_is_its_spelling(stores: Stores) -> None:
    """Unless AWS would spoil it: raw UTF-8, and words with text beside them."""
    for written in (*KEPT, "=?UTF-8?Q?two=0Alines?="):
        done, place = await stores.copied(await stores.put("ceph", written), "moto")
        assert done.state is TransferState.COMPLETED
        kept = (await stores.opened["moto"].head(place.location)).headers["x-amz-meta-u"]
        is_new = not written.isascii() or " =?" in written
        assert (kept == written) is not is_new


async def test_a_store_that_keeps_what_it_refuses(stores: Stores) -> None:
    """moto says InvalidTag, and has the object without its tags."""
    first = await stores.put("ceph", "plain")
    await stores.opened["ceph"].put_tags(first.location, {"a&b": "x!y*"})
    target = Address(ConnectionId("moto"), Location(stores.buckets["moto"], "key-1"))
    spec = TransferSpec(Direction.COPY, first, target, 4, ConflictPolicy.SKIP)
    failed = await stores.run(await stores.add(spec))
    assert (failed.state, failed.error_kind) == (TransferState.FAILED, "NotKeptError")
    with pytest.raises(NotFoundError):
        await stores.opened["moto"].head(target.location)
