"""Many small files by threads of the real byte path, on a network that misbehaves."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pytest

from s4desk.core.domain.identity import Location
from s4desk.core.domain.transfer import Transfer, TransferState
from s4desk.core.store.direct import DirectStore, DirectWrapper
from s4desk.core.store.wrapper import Request, StoreWrapper
from s4desk.core.transfer.admission import Limits
from tests.servers.client import s3_client
from tests.servers.fault import Cut, Flip, Stall, dropped_reply, error_reply, slow_down, truncated
from tests.transfer.settle import settle
from tests.transfer.specs import download_spec, upload_spec
from tests.transfer.test_real_servers import BATCH, Rig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from s4desk.core.domain.transfer import TransferSpec
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy

T = TypeVar("T")
S = TransferState
MANY = 120
SMALL_OF_PATHS = r"/f{:03d}(\?|$)"


class Lent(StoreWrapper):
    """Counts what threads asked for by themselves."""

    count: Counter[str]

    def _direct(self, inner: DirectStore) -> DirectStore:
        return _Counted(inner, self.count)


class _Counted(DirectWrapper):
    def __init__(self, inner: DirectStore, count: Counter[str]) -> None:
        super().__init__(inner)
        self._count = count

    def _around(self, request: Request, call: Callable[[], T]) -> T:
        self._count[request.operation] += 1
        return call()


class SmallRig(Rig):
    """Many small files, and what they are worth at the other end."""

    limits = Limits(jobs=8, crowds=True, in_a_row=True)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        numbers = random.Random(5)
        self.content = {f"f{n:03d}": numbers.randbytes(500 + 40 * n) for n in range(MANY)}
        self.count: Counter[str] = Counter()

    async def open(self, endpoint: Endpoint, bucket: str) -> None:
        await super().open(endpoint, bucket)
        lent = Lent(self.store)
        lent.count = self.count
        self.store = lent

    def ups(self) -> list[TransferSpec]:
        specs = []
        for name, content in self.content.items():
            (self.folder / name).write_bytes(content)
            spec = upload_spec(self.folder / name, name, size=len(content))
            where = replace(spec.target, location=Location(self.bucket, name))  # type: ignore[type-var]
            specs.append(replace(spec, target=where))
        return specs

    def downs(self) -> list[TransferSpec]:
        specs = []
        for name, content in self.content.items():
            spec = download_spec(name, self.folder / "back" / name, size=len(content))
            where = replace(spec.source, location=Location(self.bucket, name))  # type: ignore[type-var]
            specs.append(replace(spec, source=where))
        return specs

    def ended(self, name: str) -> Transfer:
        return next(each for each in self.queue.transfers() if name in str(each.spec.source))


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[SmallRig]:
    rig = SmallRig(tmp_path)
    yield rig
    await rig.aclose()


@pytest.fixture
async def proxy(
    rig: SmallRig,
    ceph: Endpoint,
    ceph_bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
) -> FaultProxy:
    proxy = fault_proxy(ceph)
    await rig.open(proxy.endpoint, ceph_bucket)
    return proxy


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No long pauses; and no server of a busy machine counts as far."""
    monkeypatch.setattr("s4desk.core.transfer.conveyor.FAR_S", 60.0)
    monkeypatch.setattr("s4desk.core.store.retry.BASE_S", 0.01)
    monkeypatch.setattr("s4desk.core.store.retry.THROTTLED_BASE_S", 0.01)


def _path(number: int) -> str:
    return SMALL_OF_PATHS.format(number)


def _stored(endpoint: Endpoint, bucket: str) -> dict[str, bytes]:
    with s3_client(endpoint) as client:
        listed = client.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {
            each["Key"]: client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            for each in listed
        }


async def test_many_go_up_whole_and_only_what_is_refused_fails(
    rig: SmallRig, proxy: FaultProxy, ceph: Endpoint
) -> None:
    mended = {
        3: Cut(100, "request"),
        7: dropped_reply(),
        11: slow_down(),
        13: Flip(10, "request"),
        17: error_reply(500, "InternalError"),
    }
    rules = [proxy.on(fault, method="PUT", path_re=_path(n)) for n, fault in mended.items()]
    refused = error_reply(403, "AccessDenied")
    rules.append(proxy.on(refused, method="PUT", path_re=_path(19), times=None))
    await rig.queue.submit(rig.ups())
    finished = await rig.queue.wait(BATCH)

    assert [rule.hits for rule in rules] == [1] * len(rules)
    assert (finished.completed, finished.failed) == (MANY - 1, 1)
    failed = rig.ended("f019")
    assert (failed.state, failed.error_kind) == (S.FAILED, "PermissionDeniedError")
    assert _stored(ceph, rig.bucket) == {k: v for k, v in rig.content.items() if k != "f019"}
    assert rig.count["put"] >= MANY // 2, "threads should have carried them"
    # What was cut is sent again by the connection itself, and counts as well.
    assert [rig.ended(f"f{number:03d}").effort.retries for number in mended] == [1] * len(mended)
    puts = [each for each in proxy.requests if each.method == "PUT"]
    assert len(puts) == MANY + len(mended)


async def test_many_come_down_whole_and_only_what_is_gone_fails(
    rig: SmallRig, proxy: FaultProxy, ceph: Endpoint
) -> None:
    with s3_client(ceph) as client:
        for name, content in rig.content.items():
            if name != "f019":
                client.put_object(Bucket=rig.bucket, Key=name, Body=content)
    mended = {3: Cut(100), 7: truncated(100), 11: slow_down(), 13: Flip(10), 17: dropped_reply()}
    rules = [proxy.on(fault, method="GET", path_re=_path(n)) for n, fault in mended.items()]
    await rig.queue.submit(rig.downs())
    finished = await rig.queue.wait(BATCH)

    assert [rule.hits for rule in rules] == [1] * len(rules)
    assert (finished.completed, finished.failed) == (MANY - 1, 1)
    assert rig.ended("f019").error_kind == "NotFoundError"
    arrived = {path.name: path.read_bytes() for path in (rig.folder / "back").iterdir()}
    assert arrived == {k: v for k, v in rig.content.items() if k != "f019"}
    assert rig.count["get"] >= MANY // 2, "threads should have carried them"


async def test_closed_while_replies_are_missing_the_next_life_sends_the_rest(
    rig: SmallRig, proxy: FaultProxy, ceph: Endpoint
) -> None:
    stalls = [Stall(None, "response"), Stall(None, "request")]
    for number, stall in enumerate(stalls):
        proxy.on(stall, method="PUT", path_re=_path(number))
    await rig.queue.submit(rig.ups())
    await settle(lambda: rig.board.totals().running == len(stalls) and rig.queue.is_busy)
    await settle(lambda: sum(e.state is S.COMPLETED for e in rig.queue.transfers()) == MANY - 2)
    began = time.monotonic()
    await rig.end()
    assert time.monotonic() - began < 10, "closing waited for replies"

    proxy.clear()
    for stall in stalls:
        stall.release()
    await rig.begin()
    finished = await rig.queue.wait(BATCH)
    assert (finished.failed, finished.cancelled) == (0, 0)
    assert {each.state for each in rig.queue.transfers()} == {S.COMPLETED}
    assert _stored(ceph, rig.bucket) == rig.content
