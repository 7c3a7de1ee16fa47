"""A queue, everything it works with, and lives that follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import BatchId, TransferId, TransferSpec, TransferState
from s4desk.core.runtime.events import BatchFinished, EventBus, ObjectsChanged
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.admission import Limits
from s4desk.core.transfer.journal import MemoryJournal
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.core.transfer.queue import TransferQueue
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle
from tests.transfer.specs import BUCKET, ELSEWHERE, upload_spec
from tests.transfer.world import SIZES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.journal import Journal

S = TransferState
AT_REST = frozenset({S.PAUSED, S.COMPLETED, S.FAILED, S.CANCELLED})


class QueueWorld:
    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.store = ScriptedStore(MemoryStore([BUCKET], clock=self.clock))
        self.other = ScriptedStore(MemoryStore([BUCKET], clock=self.clock))
        self.journal: Journal = MemoryJournal(self.clock)
        self.events = EventBus()
        self.finished: list[BatchFinished] = []
        self.changed: list[ObjectsChanged] = []
        self.events.subscribe(BatchFinished, self.finished.append)
        self.events.subscribe(ObjectsChanged, self.changed.append)
        self._limits = limits or Limits(jobs=4, large=2, parts=4)
        self.connect_error: Exception | None = None
        self.board, self.queue = self._life()

    def _life(self) -> tuple[ProgressBoard, TransferQueue]:
        board = ProgressBoard(self.clock)
        queue = TransferQueue(
            store_of=self._store_of,
            connection_of=self._connection_of,
            journal=self.journal,
            board=board,
            events=self.events,
            clock=self.clock,
            limits=self._limits,
            describe=lambda error: f"{type(error).__name__}: {error}",
            sizes=SIZES,
        )
        return board, queue

    def _connection_of(self, _: ConnectionId) -> Connection | None:
        return None

    async def _store_of(self, connection: ConnectionId) -> Store:
        if self.connect_error is not None:
            raise self.connect_error
        return self.other if connection == ELSEWHERE else self.store

    async def restart(self, *, auto_resume: bool = True) -> None:
        """The application closes and starts again."""
        await self.queue.aclose()
        self.board, self.queue = self._life()
        await self.queue.open(auto_resume=auto_resume)

    def spec(self, name: str, content: bytes = b"hello", *, batch: str = "b") -> TransferSpec:
        path = self.folder / name.replace("/", "-")
        path.write_bytes(content)
        return upload_spec(path, name, size=len(content), batch=batch)

    async def submit(
        self, *names: str, content: bytes = b"hello", batch: str = "b"
    ) -> list[TransferId]:
        return await self.queue.submit([self.spec(n, content, batch=batch) for n in names])

    def state(self, id_: TransferId) -> TransferState:
        return next(each.state for each in self.queue.transfers() if each.id == id_)

    def states(self, ids: Iterable[TransferId] | None = None) -> list[str]:
        wanted = None if ids is None else set(ids)
        return [
            each.state.value
            for each in self.queue.transfers()
            if wanted is None or each.id in wanted
        ]

    async def rest(self) -> None:
        """Wait until nothing is queued or running any more."""
        await settle(lambda: {each.state for each in self.queue.transfers()} <= AT_REST)
        await settle(lambda: not self.queue.is_busy)

    async def stuck(self) -> None:
        """Wait until everything that goes on waits at the store's gate."""
        await settle(self.store.is_stuck)
        await settle()

    def stored(self) -> dict[str, bytes | None]:
        held = self.store.memory.buckets[BUCKET]
        return {key: held.newest(key).data for key in held.objects if held.newest(key)}  # type: ignore[union-attr]

    def moving(self) -> int:
        return self.states().count("running")


BATCH = BatchId("b")
