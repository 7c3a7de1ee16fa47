"""A server that is killed while transfers run, and started again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.parts import MIB
from s4desk.core.domain.transfer import BatchId, Direction, TransferSpec, TransferState
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.events import EventBus
from s4desk.core.store.bandwidth import Bandwidth
from s4desk.core.store.registry import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.transfer.journal import MemoryJournal
from s4desk.core.transfer.ledger import NETWORK
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.core.transfer.queue import TransferQueue
from s4desk.core.wire.pool import WirePool
from tests.servers.null import BUCKET, Null
from tests.transfer.settle import settle
from tests.transfer.specs import HERE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.servers.endpoint import Endpoint

S = TransferState
SIZE = 64 * MIB


class Rig:
    """A queue over a server, which moves so slowly that there is time to kill it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.board = ProgressBoard()
        self.bandwidth = Bandwidth()
        self.pool = WirePool()

    async def open(self) -> None:
        there = self.endpoint
        store = await open_store(
            Connection(HERE, "null", there.url, there.region),
            GivenSecrets(Credentials(there.access_key, there.secret_key)),
            self.pool,
            paces=self.bandwidth.paces(HERE),
        )

        async def store_of(_connection: object) -> object:
            return store

        self.store = store
        self.queue = TransferQueue(
            store_of=store_of,  # type: ignore[arg-type]
            journal=MemoryJournal(),
            board=self.board,
            events=EventBus(),
            clock=SystemClock(),
        )
        await self.queue.open()

    async def aclose(self) -> None:
        await self.queue.aclose()
        await self.store.aclose()
        await self.pool.aclose()

    def states(self) -> set[str]:
        return {each.state.value for each in self.queue.transfers()}

    def waiting(self) -> int:
        return len(self.board.noted(NETWORK))


@pytest.fixture
def server() -> Iterator[Null]:
    server = Null(total=1)
    yield server
    server.stop()


@pytest.fixture
async def rig(server: Null) -> AsyncIterator[Rig]:
    rig = Rig(server.start())
    await rig.open()
    yield rig
    await rig.aclose()


def specs(folder: Path) -> list[TransferSpec]:
    source = folder / "source"
    with source.open("wb") as file:
        file.truncate(SIZE)
    up = [
        TransferSpec(
            Direction.UPLOAD,
            source,
            Address(HERE, Location(BUCKET, f"up-{n}")),
            SIZE,
            batch=BatchId("b"),
        )
        for n in range(2)
    ]
    down = [
        TransferSpec(
            Direction.DOWNLOAD,
            Address(HERE, Location(BUCKET, "x-64m")),
            folder / f"down-{n}",
            SIZE,
            batch=BatchId("b"),
        )
        for n in range(2)
    ]
    return up + down


async def test_transfers_wait_for_a_server_that_was_killed(
    rig: Rig, server: Null, tmp_path: Path
) -> None:
    rig.bandwidth.limit(up=8 * MIB, down=8 * MIB)
    await rig.queue.submit(specs(tmp_path))
    await settle(lambda: bool(rig.board.drain()) and rig.board.totals().done > 4 * MIB)
    server.stop()
    await settle(lambda: rig.waiting() == 4)
    assert rig.states() == {"queued"}
    assert {each.error_kind for each in rig.queue.transfers()} == {"UnreachableError"}

    rig.bandwidth.limit(up=0, down=0)
    again = Null(total=1, port=urlsplit(rig.endpoint.url).port or 0)
    try:
        again.start()
        await rig.queue.wait(BatchId("b"))
        assert {each.state: each.error for each in rig.queue.transfers()} == {S.COMPLETED: ""}
        assert rig.waiting() == 0
        assert (tmp_path / "down-0").stat().st_size == SIZE
    finally:
        again.stop()


async def test_a_server_that_was_never_there_fails_its_transfers(
    rig: Rig, server: Null, tmp_path: Path
) -> None:
    server.stop()
    await rig.queue.submit(specs(tmp_path)[:1])
    await rig.queue.wait(BatchId("b"))
    (failed,) = rig.queue.transfers()
    assert (failed.state, failed.error_kind) == (S.FAILED, "UnreachableError")
