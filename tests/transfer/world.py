"""One transfer at a time, without a queue: a store, a journal, a board, and files to move."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import Transfer, TransferSpec, TransferState
from s4desk.core.store.limits import Slots
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.job import JobContext, Sizes, Stop, TransferJob
from s4desk.core.transfer.jobs import make_job
from s4desk.core.transfer.journal import MemoryJournal
from s4desk.core.transfer.older_copies import MemoryOlderCopies
from s4desk.core.transfer.progress import ProgressBoard
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, ELSEWHERE, download_spec, upload_spec

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.domain.identity import Address, ConnectionId, Location
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.journal import Journal
    from s4desk.core.transfer.older_copies import OlderCopies

PART = 1000
SIZES = Sizes(
    multipart_from=2 * PART,
    part=PART,
    ranges_above=2 * PART,
    range=PART,
    single_copy=4 * PART,
    copied_part=PART,
)


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.store = ScriptedStore(MemoryStore([BUCKET], clock=self.clock))
        self.other = ScriptedStore(MemoryStore([BUCKET], clock=self.clock))
        self.journal: Journal = MemoryJournal(self.clock)
        self.board = ProgressBoard(self.clock)
        self.parts = Slots(4)
        self.states: list[TransferState] = []
        self.sizes = SIZES
        self.reads_back = False
        self.older: OlderCopies = MemoryOlderCopies()

    # What is there

    def file(self, content: bytes, name: str = "source.bin") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    async def object(self, key: str, content: bytes) -> Location:
        location = upload_spec(key=key).target.location  # type: ignore[union-attr]
        await self.store.memory.put(location, content)
        return location

    def stored(self, key: str) -> bytes | None:
        newest = self.store.memory.buckets[BUCKET].newest(key)
        return None if newest is None else newest.data

    def held(self, address: Address) -> bytes | None:
        """The bytes at either connection."""
        store = self.other if address.connection == ELSEWHERE else self.store
        newest = store.memory.buckets[address.location.bucket].newest(address.location.key)
        return None if newest is None else newest.data

    def partials(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.name.endswith(".s4part")]

    @property
    def memory_journal(self) -> MemoryJournal:
        assert isinstance(self.journal, MemoryJournal)
        return self.journal

    # What is done

    def context(self) -> JobContext:
        return JobContext(
            self._store_of,
            self.journal,
            self.board,
            self.parts,
            self.clock,
            lambda error: f"{type(error).__name__}: {error}",
            self._report,
            self.sizes,
            reads_back=lambda: self.reads_back,
            older=self.older,
        )

    async def _store_of(self, connection: ConnectionId) -> Store:
        return self.other if connection == ELSEWHERE else self.store

    def _report(self, transfer: Transfer, done: int | None) -> None:
        self.states.append(transfer.state)
        self.journal.record(transfer)
        self.board.post(transfer, done=done)

    async def add(self, spec: TransferSpec) -> Transfer:
        (transfer,) = await self.journal.add([spec])
        self.board.post(transfer)
        return transfer

    async def upload(self, content: bytes, key: str = "key") -> Transfer:
        return await self.add(upload_spec(self.file(content), key, size=len(content)))

    async def download(self, content: bytes, key: str = "key") -> Transfer:
        await self.object(key, content)
        return await self.add(download_spec(key, self.folder / "target.bin", size=len(content)))

    def job(self, transfer: Transfer) -> TransferJob:
        """A new attempt; what was paused, failed or running in a former life is queued first."""
        latest = self.memory_journal.transfers[transfer.id]
        if latest.state is not TransferState.QUEUED:
            latest = Transfer(
                latest.id, latest.spec, latest.state.to(TransferState.QUEUED), attempts=1
            )
        return make_job(latest, self.context())

    async def run(self, transfer: Transfer) -> Transfer:
        """One attempt to its end."""
        job = self.job(transfer)
        await job.run()
        return job.transfer

    async def stopped_midway(self, transfer: Transfer, how: Stop, *, after: int = 0) -> TransferJob:
        """Let `after` requests with bytes through, and stop the job when the next one waits."""
        self.store.let_through(after)
        job = self.job(transfer)
        running = asyncio.ensure_future(job.run())
        await settle(self.store.is_stuck)
        job.stop(how)
        await running
        self.store.open_gate()
        return job

    async def closed_midway(self, transfer: Transfer, *, after: int = 0) -> None:
        """The application closes while bytes wait at the gate."""
        self.store.let_through(after)
        running = asyncio.ensure_future(self.job(transfer).run())
        await settle(self.store.is_stuck)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert running.cancelled()
        self.store.open_gate()
