"""Copies and moves on real servers, in peace, behind a bad network, and killed in the middle."""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pytest

from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.parts import MIB
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.store.wrapper import Call, Request, StoreWrapper
from s4desk.core.wire.body import BytesSink
from tests.servers.fault import dropped_reply, error_reply
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.specs import ELSEWHERE, HERE
from tests.transfer.test_real_servers import BATCH, ROOT, SIZES, Rig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.protocol import Moved, Store
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy, RecordedRequest

T = TypeVar("T")
COMPLETED = TransferState.COMPLETED
LARGE = random.Random(11).randbytes(13 * MIB + 17)
SMALL = b"a few bytes"
KEPT = Attributes(
    content_type="text/x-odd", cache_control="max-age=9", metadata={"a": "b ü"}, tags={"t": "1 ü"}
)


class Hold(StoreWrapper):
    """Lets nothing of one operation through; of parts, nothing after two."""

    def __init__(self, inner: Store, operation: str) -> None:
        super().__init__(inner)
        self.held = asyncio.Event()
        self._operation = operation
        self._free = 2 if operation == "put_part" else 0

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        if request.operation == self._operation:
            self._free -= 1
            if self._free < 0:
                self.held.set()
                await asyncio.Event().wait()
        return await call(moved)


class Pair(Rig):
    """Two connections: HERE, and ELSEWHERE, where the objects are that come here."""

    sizes = replace(SIZES, single_copy=6 * MIB, copied_part=5 * MIB)

    async def join(self, endpoint: Endpoint, bucket: str) -> None:
        self.other_bucket = bucket
        self.other = await self._connect(endpoint)
        self.queue._context = replace(self.queue._context, sizes=self.sizes)

    async def _store_of(self, connection: object) -> Store:
        return self.other if connection == ELSEWHERE else self.store

    async def aclose(self) -> None:
        await self.other.aclose()
        await super().aclose()

    def at(self, key: str, connection: ConnectionId = HERE) -> Address:
        bucket = self.other_bucket if connection == ELSEWHERE else self.bucket
        return Address(connection, Location(bucket, key))

    def spec(self, key: str, source: ConnectionId, *, move: bool = True) -> TransferSpec:
        there = self.at(f"to/{key}")
        spec = TransferSpec(Direction.COPY, self.at(key, source), there, batch=BATCH)
        return replace(spec, removes_source=move)

    async def held(self, address: Address) -> bytes | None:
        store = await self._store_of(address.connection)
        page = await store.list_objects(
            Prefix(address.location.bucket, address.location.key), delimiter=""
        )
        if address.location.key not in page.keys:
            return None
        sink = BytesSink()
        await store.get(address.location, sink)
        return bytes(sink.data)

    async def has_moved(self, spec: TransferSpec, content: bytes) -> bool:
        assert isinstance(spec.source, Address)
        assert isinstance(spec.target, Address)
        held = (await self.held(spec.source), await self.held(spec.target))
        return held == (None, content)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    pair = Pair(tmp_path)
    yield pair
    await pair.aclose()


@pytest.fixture
async def within(
    pair: Pair, endpoint: Endpoint, bucket: str, new_bucket: Callable[..., str]
) -> Pair:
    """Two buckets of each real server in turn, at two connections."""
    await pair.open(endpoint, bucket)
    await pair.join(endpoint, new_bucket(endpoint))
    return pair


@pytest.fixture
async def proxied(
    pair: Pair,
    ceph: Endpoint,
    ceph_bucket: str,
    new_bucket: Callable[..., str],
    fault_proxy: Callable[[Endpoint], FaultProxy],
    monkeypatch: pytest.MonkeyPatch,
) -> FaultProxy:
    monkeypatch.setattr("s4desk.core.store.retry.BASE_S", 0.01)
    proxy = fault_proxy(ceph)
    await pair.open(proxy.endpoint, ceph_bucket)
    await pair.join(proxy.endpoint, new_bucket(ceph))
    return proxy


async def run_moves(pair: Pair, source: ConnectionId) -> None:
    keys = {"small ü +%": SMALL, "large ü +%": LARGE, "empty": b"", "folder/": b""}
    store = await pair._store_of(source)
    for key, content in keys.items():
        await store.put(pair.at(key, source).location, content, attributes=KEPT)
    specs = {key: pair.spec(key, source) for key in keys}
    done = await pair.run(*specs.values())
    assert [(each.state, each.error) for each in done] == [(COMPLETED, "")] * len(keys)
    assert all(each.verified not in ("", "size-only") for each in done)
    for key, content in keys.items():
        assert await pair.has_moved(specs[key], content)
        there = specs[key].target.location  # type: ignore[union-attr]
        kept = (await pair.store.head(there)).attributes
        assert (kept.content_type, kept.cache_control) == ("text/x-odd", "max-age=9")
        assert dict(kept.metadata) == {"a": "b ü"}
        assert dict(await pair.store.get_tags(there)) == {"t": "1 ü"}
    assert await pair.uploads() == 0


@pytest.mark.parametrize("source", [HERE, ELSEWHERE])
async def test_moves_on_each_server(within: Pair, source: ConnectionId) -> None:
    await run_moves(within, source)


@pytest.mark.parametrize("way", [("ceph", "localstack"), ("localstack", "ceph")])
async def test_moves_from_one_make_to_another(
    request: pytest.FixtureRequest,
    pair: Pair,
    way: tuple[str, str],
    new_bucket: Callable[..., str],
) -> None:
    source, target = (request.getfixturevalue(server) for server in way)
    await pair.open(target, new_bucket(target))
    await pair.join(source, new_bucket(source))
    await run_moves(pair, ELSEWHERE)


async def test_a_large_object_is_copied_in_parts_by_the_store(within: Pair) -> None:
    counted = within.store = ScriptedStore(within.store)  # type: ignore[arg-type]
    await within.store.put(within.at("large").location, LARGE, attributes=KEPT)
    spec = within.spec("large", HERE, move=False)
    (done,) = await within.run(spec)
    assert (done.state, done.error) == (COMPLETED, "")
    assert (counted.count["copy_part"], counted.count["get"]) == (3, 0)
    assert await within.held(spec.target) == LARGE  # type: ignore[arg-type]
    assert dict(await within.store.get_tags(spec.target.location)) == {"t": "1 ü"}  # type: ignore[union-attr]


async def test_a_move_over_something_leaves_none_of_its_tags(within: Pair) -> None:
    """Not every store forgets them with what had them."""
    spec = within.spec("plain", HERE)
    await within.store.put(within.at("plain").location, SMALL)
    target = spec.target.location  # type: ignore[union-attr]
    await within.store.put(target, b"before", attributes=KEPT)
    (done,) = await within.run(spec)
    assert (done.state, await within.store.get_tags(target)) == (COMPLETED, {})


async def test_a_small_move_takes_six_requests(pair: Pair, proxied: FaultProxy) -> None:
    """source seen, copied, copy seen, tags of the source, source seen again, source deleted"""
    await pair.store.put(pair.at("plain").location, SMALL)
    before = len(proxied.requests)
    (done,) = await pair.run(pair.spec("plain", HERE))
    assert done.state is COMPLETED
    asked = [(each.method, "?" in each.target) for each in proxied.requests[before:]]
    assert asked == [
        ("HEAD", False),
        ("PUT", False),
        ("HEAD", False),
        ("GET", True),
        ("HEAD", False),
        ("DELETE", False),
    ]


# A network that misbehaves


def is_copy(request: RecordedRequest) -> bool:
    return "x-amz-copy-source" in request.headers and "partNumber" not in request.target


def is_part_copy(request: RecordedRequest) -> bool:
    return "x-amz-copy-source" in request.headers and "partNumber" in request.target


def is_delete(request: RecordedRequest) -> bool:
    return request.method == "DELETE" and "?" not in request.target


FAULTS: dict[str, Callable[[FaultProxy], object]] = {
    "a lost reply to copy": lambda p: p.on(dropped_reply(), where=is_copy, times=2),
    "a copy that is not there": lambda p: p.on(
        error_reply(501, "NotImplemented"), where=is_copy, times=None
    ),
    "a copy that fails inside a 200": lambda p: p.on(
        error_reply(200, "InternalError"), where=is_copy, times=2
    ),
    "a copy that is refused inside a 200": lambda p: p.on(
        error_reply(200, "NotImplemented"), where=is_copy, times=None
    ),
    "a lost reply to a part": lambda p: p.on(dropped_reply(), where=is_part_copy, times=2),
    "a part that is not there": lambda p: p.on(
        error_reply(501, "NotImplemented"), where=is_part_copy, times=None
    ),
    "a part that fails inside a 200": lambda p: p.on(
        error_reply(200, "InternalError"), where=is_part_copy, times=2
    ),
    "a lost reply to complete": lambda p: p.on(dropped_reply(), method="POST", path_re="uploadId="),
    "a lost reply to delete": lambda p: p.on(dropped_reply(), where=is_delete, times=2),
}


@pytest.mark.parametrize("source", [HERE, ELSEWHERE])
@pytest.mark.parametrize("fault", FAULTS)
async def test_moves_behind_a_bad_network(
    pair: Pair, proxied: FaultProxy, fault: str, source: ConnectionId
) -> None:
    store = await pair._store_of(source)
    for key, content in (("small", SMALL), ("large", LARGE)):
        await store.put(pair.at(key, source).location, content, attributes=KEPT)
    FAULTS[fault](proxied)
    specs = [pair.spec(key, source) for key in ("small", "large")]
    done = await pair.run(*specs)
    assert [(each.state, each.error) for each in done] == [(COMPLETED, "")] * 2
    assert await pair.has_moved(specs[0], SMALL)
    assert await pair.has_moved(specs[1], LARGE)
    assert await pair.uploads() == 0


@pytest.mark.parametrize("source", [HERE, ELSEWHERE])
async def test_a_copy_that_fails_for_good_leaves_the_source(
    pair: Pair, proxied: FaultProxy, source: ConnectionId
) -> None:
    store = await pair._store_of(source)
    for key, content in (("small", SMALL), ("large", LARGE)):
        await store.put(pair.at(key, source).location, content)
    proxied.on(
        error_reply(403, "AccessDenied"),
        where=lambda request: request.method == "PUT",
        times=None,
    )
    specs = [pair.spec(key, source) for key in ("small", "large")]
    failed = await pair.run(*specs)
    assert [each.error_kind for each in failed] == ["PermissionDeniedError"] * 2
    assert await pair.held(specs[0].source) == SMALL  # type: ignore[arg-type]
    assert await pair.held(specs[1].source) == LARGE  # type: ignore[arg-type]
    pair.queue.cancel([each.id for each in failed])
    await pair.queue.at_rest()
    assert await pair.uploads() == 0


# kill -9


CHILD = """
import asyncio, pathlib, sys
from tests.servers.endpoint import Endpoint
from tests.transfer.specs import ELSEWHERE
from tests.transfer.test_real_moves import Hold, Pair

async def main(folder, held, bucket, other, *endpoint):
    pair = Pair(pathlib.Path(folder))
    await pair.open(Endpoint(*endpoint), bucket)
    await pair.join(Endpoint(*endpoint), other)
    here, there = pair.store, pair.other = Hold(pair.store, held), Hold(pair.other, held)
    await pair.queue.submit([pair.spec("large", ELSEWHERE)])
    waiting = [asyncio.create_task(each.held.wait()) for each in (here, there)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0.5)
    print("now", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("held", ["put_part", "complete_multipart", "delete"])
async def test_a_killed_move_is_gone_on_with(
    pair: Pair, ceph: Endpoint, ceph_bucket: str, new_bucket: Callable[..., str], held: str
) -> None:
    """kill -9 while parts are under way, before they are joined, and before the source goes."""
    other = new_bucket(ceph)
    await pair.open(ceph, ceph_bucket)
    await pair.join(ceph, other)
    await pair.end()
    await pair.other.put(pair.at("large", ELSEWHERE).location, LARGE, attributes=KEPT)
    facts = (ceph.server, ceph.url, ceph.access_key, ceph.secret_key, ceph.region)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, str(pair.folder), held, ceph_bucket, other, *facts),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"now\n"
    finally:
        child.kill()
        await child.wait()

    spec = pair.spec("large", ELSEWHERE)
    assert await pair.held(spec.source) == LARGE  # type: ignore[arg-type]
    assert await pair.uploads() == (held != "delete")
    counted = pair.store = ScriptedStore(pair.store)  # type: ignore[arg-type]
    await pair.begin()
    pair.queue._context = replace(pair.queue._context, sizes=pair.sizes)
    await pair.queue.wait(BATCH)
    (done,) = pair.queue.transfers()
    assert (done.state, done.error) == (COMPLETED, "")
    assert await pair.has_moved(spec, LARGE)
    assert (counted.count["create_multipart"], await pair.uploads()) == (0, 0)
    assert counted.count["put_part"] == {"put_part": 1, "complete_multipart": 0, "delete": 0}[held]
