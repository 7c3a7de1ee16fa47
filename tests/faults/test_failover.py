"""Two real stores with the same objects: one fails while they are read, and every read ends right.

S4DESK_FAILOVER=long reads 1 000 small objects and 2 GiB; without it little enough for every day.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.wire.body import BytesSink
from tests.failover.real_desk import GROUP, HOME, opened
from tests.servers.ceph import Ceph
from tests.servers.client import s3_client
from tests.servers.fault import Cut, FaultProxy, error_reply
from tests.servers.fixtures import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from s4desk.core.desk import Desk
    from tests.servers.endpoint import Endpoint

T = TypeVar("T")

IS_LONG = os.environ.get("S4DESK_FAILOVER") == "long"
pytestmark = pytest.mark.timeout(900 if IS_LONG else 180)
MIB = 1024**2
READS = 1000 if IS_LONG else 240
PART = 16 * MIB
PARTS = 128 if IS_LONG else 16
SIZE = PARTS * PART
AT_ONCE = 4
TIMEOUT_S = 1.5
BUCKET = "failover"
LARGE = "large"


@dataclass(slots=True)
class Ends:
    """Two stores of equal content. What is read of the first may come by `proxy`."""

    ceph: Ceph
    home: Endpoint
    other: Endpoint
    proxy: FaultProxy
    digest: str


@pytest.fixture(scope="module", params=["ceph", "localstack"])
def ends(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Iterator[Ends]:
    other: Endpoint = request.getfixturevalue(request.param)
    server = Ceph()
    with running(server, pytestconfig) as home, FaultProxy(home) as proxy:
        digests = {_filled(each) for each in (home, other)}
        yield Ends(server, home, other, proxy, *digests)
        with s3_client(other) as client:
            for key in [LARGE, *map(_key, range(READS))]:
                client.delete_object(Bucket=BUCKET, Key=key)
            client.delete_bucket(Bucket=BUCKET)


def _filled(endpoint: Endpoint) -> str:
    """The digest of the large object."""
    total = hashlib.sha256()
    with s3_client(endpoint) as client:
        client.create_bucket(Bucket=BUCKET)
        for at in range(READS):
            client.put_object(Bucket=BUCKET, Key=_key(at), Body=_content(at))
        where = {"Bucket": BUCKET, "Key": LARGE}
        upload = client.create_multipart_upload(**where)["UploadId"]
        parts = []
        for number in range(1, PARTS + 1):
            body = random.Random(number).randbytes(MIB) * (PART // MIB)
            total.update(body)
            told = client.upload_part(**where, UploadId=upload, PartNumber=number, Body=body)
            parts.append({"ETag": told["ETag"], "PartNumber": number})
        client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    return total.hexdigest()


def _key(at: int) -> str:
    return f"small/{at:04}"


def _content(at: int) -> bytes:
    return random.Random(at).randbytes(100 + at * 97 % 40_000)


@dataclass(slots=True)
class Reads:
    """Small reads through a group, several at once; each is checked."""

    desk: Desk
    first_byte_s: list[tuple[float, float]] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)
    wrong: int = 0

    async def run(self, numbers: range) -> None:
        store = await self.desk.stores.to_read(GROUP)
        feed = iter(numbers)

        async def reader() -> None:
            for at in feed:
                await self._read(store, at)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(reader())

    async def _read(self, store: Any, at: int) -> None:
        sink, began, came = BytesSink(), time.perf_counter(), []
        try:
            await store.get(
                Location(BUCKET, _key(at)), sink, moved=lambda _: came.append(time.perf_counter())
            )
        except Exception as error:  # noqa: BLE001 - counted
            self.failed.append(error)
            return
        self.first_byte_s.append((began, came[0] - began))
        self.wrong += bytes(sink.data) != _content(at)

    def first_byte(self, begin: float, end: float) -> str:
        """Of what began or was under way in that time."""
        those = sorted(1e3 * s for at, s in self.first_byte_s if at + s >= begin and at < end)
        p50, p99 = (those[int(len(those) * share)] for share in (0.5, 0.99))
        return f"first byte p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most {those[-1]:.0f} ms"


async def until(look: Callable[[], T]) -> T:
    """What `look` gives as soon as that is true."""
    while not (found := look()):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.005)
    return found


def killed(ends: Ends) -> Callable[[], None]:
    ends.ceph.kill_gateway()
    # Here, and not in another thread: it would die with that.
    return ends.ceph.start_gateway


def stopped(ends: Ends) -> Callable[[], None]:
    ends.ceph.freeze_gateway()
    return ends.ceph.thaw_gateway


def answers_503(ends: Ends) -> Callable[[], None]:
    ends.proxy.on(error_reply(503, "ServiceUnavailable"), times=None)
    return ends.proxy.clear


def drops_connections(ends: Ends) -> Callable[[], None]:
    """At any byte, of some; the others pass."""
    chance = random.Random(5)
    for _ in range(200):
        ends.proxy.on(
            Cut(chance.randrange(1, 4 * MIB)),
            method="GET",
            where=lambda _: chance.random() < 0.3,
        )
    for _ in range(100):
        ends.proxy.on(Cut(chance.randrange(100)), method="GET", path_re="small/")
    return ends.proxy.clear


@pytest.mark.parametrize("fail", [killed, stopped, answers_503, drops_connections])
async def test_every_read_ends_right(
    ends: Ends,
    fail: Callable[[Ends], Callable[[], None]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    is_by_proxy = fail in (answers_503, drops_connections)
    home = ends.proxy.endpoint if is_by_proxy else ends.home
    async with opened(tmp_path / "home", home, ends.other, TIMEOUT_S) as desk:
        reads = Reads(desk)
        # All is well.
        await reads.run(range(READS // 4))
        assert desk.groups.status(GROUP).last.backend == HOME, [
            each.health for each in desk.groups.status(GROUP).backends
        ]

        target = tmp_path / "large"
        source = Address(GROUP, Location(BUCKET, LARGE))
        [large] = await desk.queue.submit([TransferSpec(Direction.DOWNLOAD, source, target, SIZE)])
        came_before = await until(
            lambda: (done := desk.board.progress(large).done) > SIZE // 4 and done
        )
        before = desk.groups.status(GROUP)
        began = time.perf_counter()
        mend = fail(ends)
        try:
            await reads.run(range(READS // 4, READS))
            ended = time.perf_counter()
            await until(lambda: desk.queue.transfers()[0].state is not TransferState.RUNNING)
        finally:
            mend()
        after = desk.groups.status(GROUP)
        [transfer] = desk.queue.transfers()
        assert transfer.state is TransferState.COMPLETED, transfer.error
        digest = await asyncio.to_thread(_digest, target)
        assert digest == ends.digest
        assert (reads.failed, reads.wrong) == ([], 0)
        assert transfer.attempts == 1
        # It went on, and did not begin anew.
        again = transfer.effort.sent - SIZE
        assert again < SIZE - came_before
        assert after.counters.failovers > before.counters.failovers

        # And home again when it returns.
        desk.groups.try_now(GROUP, HOME)
        await reads.run(range(AT_ONCE * 4))
        assert desk.groups.status(GROUP).last.backend == HOME
        assert desk.groups.status(GROUP).backends[0].health.is_well
        assert (reads.failed, reads.wrong) == ([], 0)

    requests = sum(each.used.requests for each in after.backends)
    requests -= sum(each.used.requests for each in before.backends)
    served = after.counters.reads - before.counters.reads
    with capsys.disabled():
        print(
            f"\n{fail.__name__}, read on at {ends.other.server}: {reads.first_byte(began, ended)};"
            f" {requests - served} extra requests beside {served};"
            f" {len(reads.failed)} of {READS} reads failed;"
            f" {again / MIB:.1f} of {SIZE // MIB} MiB came twice"
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
