"""Bandwidth limits where bytes move: a real store object, real threads, a server that discards."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection, ConnectionLimits, Credentials
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.domain.parts import KIB, MIB
from s4desk.core.store.bandwidth import Bandwidth
from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.s3 import S3Store
from s4desk.core.wire.body import BytesSink
from s4desk.core.wire.pool import WirePool
from tests.servers.null import BUCKET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.servers.endpoint import Endpoint

ID = ConnectionId("c")
OBJECT = Location(BUCKET, "x-1m")
TARGET = Location(BUCKET, "target")


class World:
    def __init__(self, store: S3Store, bandwidth: Bandwidth) -> None:
        self.store = store
        self.bandwidth = bandwidth

    async def seconds(self, *work: object) -> float:
        began = time.monotonic()
        await asyncio.gather(*work)  # type: ignore[call-overload]
        return time.monotonic() - began


@pytest.fixture
async def world(null: Endpoint) -> AsyncIterator[World]:
    pool, bandwidth = WirePool(), Bandwidth()
    connection = Connection(ID, "null", null.url)
    key = Credentials(null.access_key, null.secret_key)
    store = S3Store(connection, lambda: key, pool, Capabilities(), bandwidth.paces(ID))
    yield World(store, bandwidth)
    await store.aclose()
    await pool.aclose()


async def test_uploads_and_downloads_have_limits_of_their_own(world: World) -> None:
    world.bandwidth.limit(up=4 * MIB, down=0)
    assert await world.seconds(world.store.put(TARGET, bytes(2 * MIB), moved=int)) > 0.35
    world.bandwidth.limit(up=0, down=2 * MIB)
    assert await world.seconds(world.store.get(OBJECT, BytesSink())) > 0.35


async def test_all_together_keep_to_the_limit(world: World) -> None:
    world.bandwidth.limit(up=4 * MIB, down=0)
    puts = [world.store.put(TARGET, bytes(512 * KIB), moved=int) for _ in range(4)]
    assert await world.seconds(*puts) > 0.35


async def test_a_connection_has_a_limit_of_its_own(world: World) -> None:
    world.bandwidth.limit(up=64 * MIB, down=64 * MIB)
    world.bandwidth.limit_connection(ID, ConnectionLimits(download_rate=2 * MIB))
    assert await world.seconds(world.store.get(OBJECT, BytesSink())) > 0.35


async def test_bytes_are_told_in_small_steps(world: World) -> None:
    world.bandwidth.limit(up=MIB, down=MIB)
    steps: list[int] = []
    await world.store.put(TARGET, bytes(256 * KIB), moved=steps.append)
    assert (sum(steps), max(steps)) == (256 * KIB, 64 * KIB)
    steps.clear()
    await world.store.get(Location(BUCKET, "x-256k"), BytesSink(), moved=steps.append)
    assert sum(steps) == 256 * KIB
    assert max(steps) <= 64 * KIB


async def test_a_limit_is_changed_while_bytes_move(world: World) -> None:
    """At the first limit it would take more than a day."""
    world.bandwidth.limit(up=KIB, down=0)
    begun = threading.Event()

    def moved(_count: int) -> None:
        begun.set()

    putting = asyncio.ensure_future(world.store.put(TARGET, bytes(100 * MIB), moved=moved))
    await asyncio.to_thread(begun.wait)
    world.bandwidth.limit(up=0, down=0)
    await asyncio.wait_for(putting, 60)


async def test_a_paced_transfer_is_cancelled_at_once(world: World) -> None:
    world.bandwidth.limit(up=KIB, down=0)
    begun = threading.Event()
    putting = asyncio.ensure_future(
        world.store.put(TARGET, bytes(10 * MIB), moved=lambda _: begun.set())
    )
    await asyncio.to_thread(begun.wait)
    began = time.monotonic()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert time.monotonic() - began < 1


async def test_requests_without_a_body_do_not_wait_behind_bodies(world: World) -> None:
    world.bandwidth.limit(up=KIB, down=KIB)
    begun = threading.Event()
    putting = asyncio.ensure_future(
        world.store.put(TARGET, bytes(10 * MIB), moved=lambda _: begun.set())
    )
    await asyncio.to_thread(begun.wait)
    assert await world.seconds(world.store.head(OBJECT)) < 5
    putting.cancel()
    await asyncio.gather(putting, return_exceptions=True)
