"""What a failover group costs when all is well, beside the plain connection to its first backend.

    TMPDIR=/dev/shm python -m tests.bench.failover [ROUNDS]

Without TMPDIR the files are on a disk, whose whims are larger than what is looked for.
Two servers that make their content up; each measure runs in pairs, in turns, in one process.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.wire.body import BytesSink
from tests.bench.measure import own_cpu_seconds
from tests.failover.real_desk import GROUP, HOME, opened
from tests.servers.null import Null

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId

BUCKET = "b"
LARGE = 1 << 30
SMALL = 4096
READS = 1500
FILES = 4000


async def download(desk: Desk, connection: ConnectionId, folder: Path) -> float:
    """Seconds for one large file."""
    source = Address(connection, Location(BUCKET, "large-1g"))
    spec = TransferSpec(Direction.DOWNLOAD, source, folder / "large", LARGE)
    return await carried(desk, [spec])


async def read(desk: Desk, connection: ConnectionId, _folder: Path) -> float:
    """Seconds for one small read, one after the other."""
    store = await desk.stores.to_read(connection)
    began = time.perf_counter()
    for at in range(READS):
        await store.get(Location(BUCKET, f"small/{at:05}-4k"), BytesSink())
    return (time.perf_counter() - began) / READS


async def look(desk: Desk, connection: ConnectionId, _folder: Path) -> float:
    """Seconds for one HEAD, one after the other."""
    store = await desk.stores.to_read(connection)
    began = time.perf_counter()
    for at in range(READS):
        await store.head(Location(BUCKET, f"small/{at:05}-4k"))
    return (time.perf_counter() - began) / READS


async def fetch_many(desk: Desk, connection: ConnectionId, folder: Path) -> float:
    """Seconds for one of many small files, by the queue."""
    specs = [
        TransferSpec(
            Direction.DOWNLOAD,
            Address(connection, Location(BUCKET, f"small/{at:05}-4k")),
            folder / f"{at:05}",
            SMALL,
        )
        for at in range(FILES)
    ]
    return await carried(desk, specs) / FILES


async def carried(desk: Desk, specs: list[TransferSpec]) -> float:
    began = time.perf_counter()
    await desk.queue.submit(specs)
    await asyncio.sleep(0)
    while (totals := desk.board.totals()).queued + totals.running:  # noqa: ASYNC110 - polled
        await asyncio.sleep(0.002)
    took = time.perf_counter() - began
    states = {each.state for each in desk.queue.transfers()}
    assert states == {TransferState.COMPLETED}, [each.error for each in desk.queue.transfers()][:3]
    desk.queue.clear_finished()
    return took


MEASURES: dict[str, Callable[[Desk, ConnectionId, Path], Awaitable[float]]] = {
    "a file of 1 GiB": download,
    "a read of 4 KiB": read,
    "a HEAD": look,
    "one of many files of 4 KiB": fetch_many,
}


async def measure(desk: Desk, rounds: int, folder: Path) -> None:
    for name, call in MEASURES.items():
        pairs, cpu = [], []
        for at in range(rounds + 1):
            took, spent = {}, {}
            for connection in (HOME, GROUP) if at % 2 else (GROUP, HOME):
                with tempfile.TemporaryDirectory(dir=folder) as target:
                    before = own_cpu_seconds()
                    took[connection] = await call(desk, connection, Path(target))
                    spent[connection] = own_cpu_seconds() - before
            # The first warms up.
            if at:
                pairs.append((took[HOME], took[GROUP]))
                cpu.append(spent[GROUP] / spent[HOME])
        plain, group = (statistics.median(each) for each in zip(*pairs, strict=True))
        ratio = statistics.median(group / plain for plain, group in pairs)
        more = statistics.median(group - plain for plain, group in pairs)
        print(
            f"{name}: plain {plain * 1e3:.2f} ms, group {group * 1e3:.2f} ms,"
            f" {more * 1e3:+.2f} ms, x {ratio:.3f}; CPU x {statistics.median(cpu):.3f}"
        )


def main(rounds: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="s4desk-bench-")))
        servers = [Null(), Null()]
        for each in servers:
            stack.callback(each.stop)
        home, other = (each.start() for each in servers)

        async def run() -> None:
            async with opened(folder / "home", home, other) as desk:
                await measure(desk, rounds, folder)

        asyncio.run(run())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
