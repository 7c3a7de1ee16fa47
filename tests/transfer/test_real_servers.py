"""The whole engine against real servers, in peace and behind a network that misbehaves."""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.parts import MIB
from s4desk.core.domain.transfer import (
    BatchId,
    ConflictPolicy,
    Direction,
    Transfer,
    TransferSpec,
    TransferState,
)
from s4desk.core.persist.database import Database
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.events import EventBus
from s4desk.core.store.registry import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.store.wrapper import Call, Request, StoreWrapper
from s4desk.core.transfer.delete import Deletion
from s4desk.core.transfer.job import Sizes
from s4desk.core.transfer.ledger import NETWORK
from s4desk.core.transfer.planner import plan_downloads, plan_uploads
from s4desk.core.transfer.progress import ProgressBoard
from s4desk.core.transfer.queue import TransferQueue
from s4desk.core.wire.pool import WirePool
from tests.servers.client import s3_client
from tests.servers.fault import Cut, Flip, dropped_reply, slow_down, truncated
from tests.store.contract import ODD_KEYS, TWINS
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle
from tests.transfer.specs import HERE, download_spec, upload_spec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from s4desk.core.store.protocol import Moved, Store
    from s4desk.core.transfer.admission import Limits
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy, RecordedRequest
    from tests.servers.faults import Fault

T = TypeVar("T")
BATCH = BatchId("b")
ROOT = Path(__file__).parent.parent.parent
DATABASE_FILES = tuple(f"s4desk.sqlite{each}" for each in ("", "-wal", "-shm", ".lock"))
# 5 MiB is the smallest part a store takes.
SIZES = Sizes(multipart_from=12 * MIB, part=5 * MIB, ranges_above=6 * MIB, range=2 * MIB)
LARGE = random.Random(7).randbytes(13 * MIB + 17)
SMALL = b"a few bytes"
PUT_PART = r"partNumber=\d"


class Latch(StoreWrapper):
    """Holds back requests that move bytes, after some were let through."""

    def __init__(self, inner: Store) -> None:
        super().__init__(inner)
        self.held = asyncio.Event()
        self._gate = asyncio.Event()
        self.release()

    def hold_after(self, count: int) -> None:
        self._free = count
        self._gate.clear()
        self.held.clear()

    def release(self) -> None:
        self._free = 0
        self._gate.set()

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        if request.has_body and not self._gate.is_set():
            if not self._free:
                self.held.set()
                await self._gate.wait()
            self._free -= 1
        return await call(moved)


class Rig:
    """A queue over one real store."""

    limits: Limits | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pool = WirePool()
        self.store: Store
        self.events = EventBus()

    async def open(self, endpoint: Endpoint, bucket: str) -> None:
        self.bucket = bucket
        self.store = await self._connect(endpoint)
        await self.begin()

    async def begin(self) -> None:
        """One life; the database is the one of the life before."""
        self.database = Database(self.folder / "s4desk.sqlite")
        await self.database.open()
        self.board = ProgressBoard()
        self.queue = TransferQueue(
            store_of=self._store_of,
            journal=SqliteJournal(self.database),
            board=self.board,
            events=self.events,
            clock=SystemClock(),
            limits=self.limits,
            describe=lambda error: f"{type(error).__name__}: {error}",
            sizes=SIZES,
        )
        await self.queue.open()

    async def _connect(self, endpoint: Endpoint) -> Store:
        connection = Connection(HERE, endpoint.server, endpoint.url, endpoint.region)
        keys = GivenSecrets(Credentials(endpoint.access_key, endpoint.secret_key))
        return await open_store(connection, keys, self.pool)

    async def _store_of(self, _connection: object) -> Store:
        return self.store

    async def end(self) -> None:
        await self.queue.aclose()
        await self.database.aclose()

    async def aclose(self) -> None:
        await self.end()
        await self.store.aclose()
        await self.pool.aclose()

    async def run(self, *specs: TransferSpec) -> list[Transfer]:
        ids = await self.queue.submit(specs)
        await self.queue.wait(BATCH)
        return [each for each in self.queue.transfers() if each.id in ids]

    def up(self, content: bytes, key: str = "key") -> TransferSpec:
        path = self.folder / "source.bin"
        path.write_bytes(content)
        spec = upload_spec(path, key, size=len(content))
        return replace(spec, target=replace(spec.target, location=Location(self.bucket, key)))  # type: ignore[type-var]

    def down(self, size: int, key: str = "key") -> TransferSpec:
        spec = download_spec(key, self.folder / "target.bin", size=size)
        return replace(spec, source=replace(spec.source, location=Location(self.bucket, key)))  # type: ignore[type-var]

    @property
    def target(self) -> Path:
        return self.folder / "target.bin"

    async def uploads(self) -> int:
        return len(await self.store.list_uploads(Prefix(self.bucket)))

    def partials(self) -> list[str]:
        return [path.name for path in self.folder.rglob("*.s4part")]


async def rest(rig: Rig) -> None:
    while rig.queue.is_busy:  # noqa: ASYNC110 - it has no event, only tests need this
        await asyncio.sleep(0.01)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    await rig.aclose()


@pytest.fixture
async def on_server(rig: Rig, endpoint: Endpoint, bucket: str) -> Rig:
    """Each real server in turn."""
    await rig.open(endpoint, bucket)
    return rig


@pytest.fixture
async def proxy(
    rig: Rig,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
) -> FaultProxy:
    """The rig's way to Ceph leads through a fault proxy."""
    proxy = fault_proxy(ceph)
    await rig.open(proxy.endpoint, ceph_bucket)
    return proxy


@pytest.fixture
def quiet_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s4desk.core.store.retry.BASE_S", 0.01)
    monkeypatch.setattr("s4desk.core.store.retry.THROTTLED_BASE_S", 0.01)


def make_tree(top: Path) -> None:
    """A folder as people have them: mixed sizes, odd names, hidden and empty things."""
    numbers = random.Random(3)
    (top / "empty" / "deeper").mkdir(parents=True)
    (top / "many").mkdir()
    (top / ".git").mkdir()
    (top / ".git" / "config").write_text("[core]")
    (top / "nothing").write_bytes(b"")
    (top / "large.bin").write_bytes(LARGE)
    (top / "middle.bin").write_bytes(numbers.randbytes(7 * MIB))
    for number in range(60):
        (top / "many" / f"{number:03}.dat").write_bytes(numbers.randbytes(number * 100))
    odd = (
        "a b+c%20.txt",
        "ünï 😀.txt",
        "cafe\u0301",
        "caf\u00e9",
        "x=1&y?#[]",
        "~'();:@,$!*",
        "...",
    )
    for name in odd:
        (top / name).write_text(name)


def tree(top: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(top)): None if path.is_dir() else path.read_bytes()
        for path in top.rglob("*")
    }


async def test_a_folder_comes_back_byte_for_byte(on_server: Rig) -> None:
    rig = on_server
    source, target = rig.folder / "photos", rig.folder / "back"
    make_tree(source)
    where = Prefix(rig.bucket, "to/")
    async for planned in plan_uploads([source], HERE, where, BATCH):
        assert not planned.problems
        await rig.queue.submit(planned.specs)
    up = await rig.queue.wait(BATCH)
    assert (up.failed, up.skipped) == (0, 0), [each.error for each in rig.queue.transfers()]

    rig.queue.clear_finished()
    async for planned in plan_downloads(
        rig.store, HERE, [Prefix(rig.bucket, "to/photos/")], target, BATCH
    ):
        await rig.queue.submit(planned.specs)
    down = await rig.queue.wait(BATCH)
    assert (down.failed, down.completed) == (0, up.completed)
    assert tree(target / "photos") == tree(source)
    assert (rig.partials(), await rig.uploads()) == ([], 0)

    # And once more, where nothing is left to do.
    rig.queue.clear_finished()
    policy = ConflictPolicy.IF_DIFFERENT
    async for planned in plan_uploads([source], HERE, where, BATCH, on_conflict=policy):
        await rig.queue.submit(planned.specs)
    again = await rig.queue.wait(BATCH)
    assert (again.failed, again.skipped) == (0, up.completed)

    report = await Deletion(rig.store, [Prefix(rig.bucket)]).run()
    assert (report.deleted, report.failures, report.error) == (up.completed, (), None)
    assert len(await rig.store.list_objects(Prefix(rig.bucket), delimiter="")) == 0


@pytest.mark.parametrize("content", [b"", SMALL, LARGE])
async def test_every_transfer_says_how_it_was_verified(on_server: Rig, content: bytes) -> None:
    rig = on_server
    (up,) = await rig.run(rig.up(content))
    (down,) = await rig.run(rig.down(len(content)))
    assert (up.state, down.state) == (TransferState.COMPLETED,) * 2, (up.error, down.error)
    assert rig.target.read_bytes() == content
    assert up.verified in {"md5", "crc64nvme"}
    if content != LARGE:
        assert down.verified in {"md5", "crc64nvme"} or not content


async def test_paused_closed_and_resumed_on_a_real_server(on_server: Rig) -> None:
    rig = on_server
    slow = rig.store = Latch(rig.store)
    for spec in (rig.up(LARGE), rig.down(len(LARGE))):
        slow.hold_after(2)
        ids = await rig.queue.submit([spec])
        await slow.held.wait()
        rig.queue.pause(ids)
        await rest(rig)
        assert [each.state for each in rig.queue.transfers()] == [TransferState.PAUSED]
        assert await rig.uploads() == (spec.direction == "upload")
        await rig.end()
        slow.release()
        await rig.begin()
        rig.queue.resume_all()
        await rig.queue.wait(BATCH)
        (done,) = rig.queue.transfers()
        assert (done.state, done.error) == (TransferState.COMPLETED, "")
        rig.queue.clear_finished()
    assert rig.target.read_bytes() == LARGE
    assert (rig.partials(), await rig.uploads()) == ([], 0)


async def test_cancelled_on_a_real_server_nothing_is_left(on_server: Rig) -> None:
    rig = on_server
    slow = rig.store = Latch(rig.store)
    slow.hold_after(1)
    ids = await rig.queue.submit([rig.up(LARGE)])
    await slow.held.wait()
    assert await rig.uploads() == 1
    rig.queue.cancel(ids)
    await rest(rig)
    (cancelled,) = rig.queue.transfers()
    assert (cancelled.state, await rig.uploads()) == (TransferState.CANCELLED, 0)
    slow.release()


async def test_odd_keys_come_down_safely_are_copied_and_deleted(
    rig: Rig, ceph: Endpoint, ceph_bucket: str
) -> None:
    """Every object arrives, inside the folder, under a name of its own."""
    await rig.open(ceph, ceph_bucket)
    keys = [*ODD_KEYS.values(), *TWINS, "/etc/passwd", "../../evil", "a/../../b", "//", "a/b/"]
    content = {key: key.encode() for key in keys}
    await asyncio.gather(
        *(rig.store.put(Location(rig.bucket, key), body) for key, body in content.items())
    )
    folder = rig.folder / "chosen"
    arrived = {}
    everything = [Prefix(rig.bucket)]
    async for planned in plan_downloads(rig.store, HERE, everything, folder, BATCH):
        arrived.update({spec.source.location.key: spec.target for spec in planned.specs})  # type: ignore[union-attr]
        await rig.queue.submit(planned.specs)
    finished = await rig.queue.wait(BATCH)
    assert (finished.completed, finished.failed) == (len(content), 0)
    assert {key: path.read_bytes() for key, path in arrived.items()} == content  # type: ignore[union-attr]
    assert {path.name for path in rig.folder.iterdir()} <= {"chosen", *DATABASE_FILES}

    copies = [
        TransferSpec(
            Direction.COPY,
            Address(HERE, Location(rig.bucket, key)),
            Address(HERE, Location(rig.bucket, f"copy/{key}"[:1024])),
            batch=BatchId("copies"),
        )
        for key in keys
    ]
    await rig.queue.submit(copies)
    assert (await rig.queue.wait(BatchId("copies"))).failed == 0

    report = await Deletion(rig.store, [Prefix(rig.bucket)]).run()
    assert (report.failures, report.error) == ((), None)
    assert len(await rig.store.list_objects(Prefix(rig.bucket), delimiter="")) == 0


CHILD = """
import asyncio, pathlib, sys
from tests.servers.endpoint import Endpoint
from tests.transfer.test_real_servers import LARGE, Latch, Rig

async def main(folder, direction, bucket, *endpoint):
    rig = Rig(pathlib.Path(folder))
    await rig.open(Endpoint(*endpoint), bucket)
    latch = rig.store = Latch(rig.store)
    latch.hold_after(2)
    await rig.queue.submit([rig.up(LARGE) if direction == "up" else rig.down(len(LARGE))])
    await latch.held.wait()
    while rig.board.totals().done < 2 * 1024**2:
        rig.board.drain()
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)
    print("now", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("direction", ["up", "down"])
async def test_a_killed_process_is_gone_on_with(
    rig: Rig, ceph: Endpoint, ceph_bucket: str, direction: str
) -> None:
    """kill -9 in the middle; the next process finds what the first one left."""
    with s3_client(ceph) as client:
        client.put_object(Bucket=ceph_bucket, Key="key", Body=LARGE)
    facts = (ceph.server, ceph.url, ceph.access_key, ceph.secret_key, ceph.region)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, str(rig.folder), direction, ceph_bucket, *facts),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"now\n"
    finally:
        child.kill()
        await child.wait()

    counted = ScriptedStore(await rig._connect(ceph))  # type: ignore[arg-type]
    rig.bucket, rig.store = ceph_bucket, counted
    assert await rig.uploads() == (direction == "up")
    assert len(rig.partials()) == (direction == "down")
    await rig.begin()
    await rig.queue.wait(BATCH)
    (done,) = rig.queue.transfers()
    assert (done.state, done.error) == (TransferState.COMPLETED, "")
    if direction == "up":
        assert (counted.count["create_multipart"], counted.count["put_part"]) == (0, 1)
        await rig.run(rig.down(len(LARGE)))
    else:
        assert 0 < counted.count["get"] < 7
    assert rig.target.read_bytes() == LARGE
    assert (rig.partials(), await rig.uploads()) == ([], 0)


# A network that misbehaves


FAULTS: dict[str, Callable[[FaultProxy], object]] = {
    "a part is cut": lambda proxy: proxy.on(
        Cut(after=MIB, direction="request"), method="PUT", path_re=PUT_PART, times=2
    ),
    "a reply to a part is lost": lambda proxy: proxy.on(
        dropped_reply(), method="PUT", path_re=PUT_PART, times=2
    ),
    "patience is asked for": lambda proxy: proxy.on(slow_down(), times=5, skip=1),
    "the reply to complete is lost": lambda proxy: proxy.on(
        dropped_reply(), method="POST", path_re="uploadId="
    ),
    "the reply to complete is lost for good": lambda proxy: proxy.on(
        dropped_reply(), method="POST", path_re="uploadId=", times=None
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.usefixtures("quiet_retries")
async def test_an_upload_survives(rig: Rig, proxy: FaultProxy, fault: str) -> None:
    FAULTS[fault](proxy)
    (done,) = await rig.run(rig.up(LARGE))
    proxy.clear()
    assert (done.state, done.error, done.verified) == (TransferState.COMPLETED, "", "md5")
    await rig.run(rig.down(len(LARGE)))
    assert rig.target.read_bytes() == LARGE
    assert await rig.uploads() == 0


@pytest.mark.parametrize(
    "fault",
    [Cut(after=100_000), Cut(after=100_000, reset=False), truncated(100_000), slow_down()],
    ids=["reset", "cut", "truncated", "slow down"],
)
@pytest.mark.parametrize("size", [len(LARGE), 3 * MIB])
@pytest.mark.usefixtures("quiet_retries")
async def test_a_download_survives(rig: Rig, proxy: FaultProxy, fault: Fault, size: int) -> None:
    await rig.run(rig.up(LARGE[:size]))
    rule = proxy.on(fault, method="GET", path_re="/key", times=3)
    (done,) = (await rig.run(rig.down(size)))[-1:]
    assert (done.state, done.error) == (TransferState.COMPLETED, "")
    assert rule.hits == 3
    assert rig.target.read_bytes() == LARGE[:size]
    assert rig.partials() == []


@pytest.mark.parametrize("size", [len(LARGE), 3 * MIB])
async def test_an_object_changed_in_the_middle_is_fetched_anew(
    rig: Rig, proxy: FaultProxy, ceph: Endpoint, size: int
) -> None:
    """If-Match tells, or one reply has all; nothing of the old object is in the file."""
    other = bytes(reversed(LARGE[:size]))
    await rig.run(rig.up(LARGE[:size]))
    gets = 0

    def overwrite(request: RecordedRequest) -> bool:
        nonlocal gets
        is_get = request.method == "GET" and "/key" in request.target
        gets += is_get
        if is_get and gets == (3 if size == len(LARGE) else 1):
            with s3_client(ceph) as client:
                client.put_object(Bucket=rig.bucket, Key="key", Body=other)
        return False

    proxy.on(slow_down(), where=overwrite)
    rig.target.write_bytes(b"old")
    (done,) = (await rig.run(rig.down(size)))[-1:]
    assert (done.state, done.error) == (TransferState.COMPLETED, "")
    assert rig.target.read_bytes() == other
    is_one_reply = size < len(LARGE)
    assert (412 in {request.status for request in proxy.requests}) is not is_one_reply


@pytest.mark.parametrize("size", [len(LARGE), 3 * MIB])
@pytest.mark.usefixtures("quiet_retries")
async def test_a_flipped_byte_never_reaches_the_target(
    rig: Rig, proxy: FaultProxy, ceph: Endpoint, size: int
) -> None:
    with s3_client(ceph) as client:
        client.put_object(Bucket=rig.bucket, Key="key", Body=LARGE[:size])
    rig.target.write_bytes(b"old")
    proxy.on(Flip(at=1000), method="GET", path_re="/key", times=None)
    (failed,) = await rig.run(rig.down(size))
    assert (failed.state, rig.target.read_bytes()) == (TransferState.FAILED, b"old")
    assert failed.error.startswith("IntegrityError")
    assert rig.partials() == []
    proxy.clear()
    rig.queue.retry([failed.id])
    await rig.queue.wait(BATCH)
    assert rig.target.read_bytes() == LARGE[:size]


@pytest.mark.usefixtures("quiet_retries")
async def test_a_server_that_is_away_and_comes_back(rig: Rig, proxy: FaultProxy) -> None:
    latch = rig.store = Latch(rig.store)
    latch.hold_after(2)
    await rig.queue.submit([rig.up(LARGE)])
    await latch.held.wait()
    proxy.down()
    latch.release()
    await settle(lambda: bool(rig.board.noted(NETWORK)))
    proxy.up()
    assert (await rig.queue.wait(BATCH)).completed == 1
    await rig.run(rig.down(len(LARGE)))
    assert rig.target.read_bytes() == LARGE
    assert await rig.uploads() == 0
