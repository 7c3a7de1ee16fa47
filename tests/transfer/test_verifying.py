"""Reading again: what is the same, what differs, what nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.errors import LocalFileError, NotFoundError, PreconditionFailedError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Checksum, ObjectParts
from s4desk.core.domain.parts import PartPlan
from s4desk.core.domain.transfer import ConflictPolicy, Direction, TransferSpec, TransferState
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.composite import etag_of_sums
from s4desk.core.transfer.planner import plan_downloads
from s4desk.core.transfer.verifying import (
    Finding,
    Outcome,
    Pair,
    Verdict,
    Verification,
    pair_of,
    pairs_alone,
    pairs_with_files,
    verify_object,
)
from s4desk.core.wire.checksums import checksum
from tests.transfer.queue_world import BATCH, QueueWorld
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.specs import BUCKET, ELSEWHERE, HERE, at, elsewhere
from tests.transfer.world import noise

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId, VersionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import GetReply, Store
    from s4desk.core.wire.body import Sink

CONTENT = noise(10_500)
OTHER = CONTENT[:-1] + b"!"
COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED
SAME, DIFFERENT, UNPROVED = Finding.SAME, Finding.DIFFERENT, Finding.UNPROVED


class Telling(ScriptedStore):
    """A store that says of its objects what the test wants it to."""

    def __init__(self) -> None:
        super().__init__(MemoryStore([BUCKET]))
        self.says: dict[str, Any] = {}
        self.now_says: dict[str, Any] = {}

    async def head(self, location: Location, *, version: VersionId | None = None) -> ObjectMeta:
        return replace(await super().head(location, version=version), **self.says)

    async def get(self, location: Location, sink: Sink, **asked: Any) -> GetReply:
        reply = await super().get(location, sink, **{**asked, "if_match": ""})
        return replace(reply, meta=replace(reply.meta, **{**self.says, **self.now_says}))

    async def put_bytes(self, key: str, data: bytes = CONTENT) -> None:
        await self.memory.put(Location(BUCKET, key), data)


@pytest.fixture
def here() -> Telling:
    return Telling()


@pytest.fixture
def there() -> Telling:
    return Telling()


async def verified(
    pair: Pair, here: Telling, there: Telling | None = None, part_size: int = 1000
) -> Verdict:
    async def store_of(connection: ConnectionId) -> Store:
        return there if connection == ELSEWHERE and there is not None else here

    return await verify_object(pair, store_of, part_size=part_size)


def sum_as(algorithm: str, data: bytes = CONTENT) -> dict[str, Any]:
    return {"checksum": Checksum(algorithm, checksum(algorithm, data)), "etag": ""}


@pytest.mark.parametrize("algorithm", ["crc64nvme", "crc32c", "crc32", "sha256", "md5"])
@pytest.mark.parametrize("data", [CONTENT, b""])
async def test_an_object_is_what_its_store_says(here: Telling, algorithm: str, data: bytes) -> None:
    await here.put_bytes("a", data)
    here.says = sum_as(algorithm, data)
    found = await verified(Pair(at("a")), here)
    assert (found.finding, found.algorithm) == (SAME, algorithm)
    assert found.stored == found.read == checksum(algorithm, data)


@pytest.mark.parametrize("algorithm", ["crc64nvme", "sha256"])
async def test_a_flipped_bit_shows_both_sums(here: Telling, algorithm: str) -> None:
    await here.put_bytes("a", OTHER)
    here.says = sum_as(algorithm, CONTENT)
    found = await verified(Pair(at("a")), here)
    assert found.finding is DIFFERENT
    assert found.stored == checksum(algorithm, CONTENT)
    assert found.read == checksum(algorithm, OTHER)


async def test_large_objects_are_read_in_ranges_where_sums_can_be_joined(here: Telling) -> None:
    await here.put_bytes("a")
    here.says = sum_as("crc64nvme")
    await verified(Pair(at("a")), here)
    assert here.count["get"] == 11
    here.says = sum_as("sha256")
    await verified(Pair(at("a")), here)
    assert here.count["get"] == 12


async def test_without_a_sum_there_is_nothing_to_compare_with(here: Telling) -> None:
    await here.put_bytes("a")
    here.says = {"etag": "odd"}
    assert (await verified(Pair(at("a")), here)).finding is UNPROVED
    assert here.count["get"] == 0


@pytest.mark.parametrize(("cut", "finding"), [(1000, SAME), (1040, UNPROVED)])
async def test_only_parts_as_we_would_have_cut_them_prove_it(
    here: Telling, cut: int, finding: Finding
) -> None:
    await here.put_bytes("a")
    parts = [CONTENT[start : start + cut] for start in range(0, len(CONTENT), cut)]
    here.says = {"etag": etag_of_sums([checksum("md5", part) for part in parts])}
    assert (await verified(Pair(at("a")), here)).finding is finding


@pytest.mark.parametrize(
    ("data", "cut", "finding"),
    [(OTHER, 1000, DIFFERENT), (OTHER, 1040, DIFFERENT), (CONTENT, 1040, SAME)],
)
async def test_parts_that_a_store_tells_when_asked_for_each_prove_or_refute_it(
    here: Telling, data: bytes, cut: int, finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = PartPlan(len(CONTENT), cut)

    async def tells(_meta: ObjectMeta, *, exactly: bool = False) -> ObjectParts | None:
        return ObjectParts([part.span.size for part in plan]) if exactly else None

    monkeypatch.setattr(here, "object_parts", tells)
    await here.put_bytes("a", data)
    parts = [CONTENT[part.span.offset : part.span.end] for part in plan]
    here.says = {"etag": etag_of_sums([checksum("md5", part) for part in parts])}
    found = await verified(Pair(at("a")), here)
    assert (found.finding, found.stored) == (finding, here.says["etag"])
    assert here.count["get"] == plan.count * (1 if cut == 1000 else 2)


async def test_an_object_that_is_replaced_meanwhile_is_no_mismatch(here: Telling) -> None:
    await here.put_bytes("a")
    here.now_says = {"etag": "another"}
    with pytest.raises(PreconditionFailedError):
        await verified(Pair(at("a")), here)


@pytest.mark.parametrize("says", [{"etag": ""}, sum_as("crc64nvme"), sum_as("sha256")])
async def test_an_object_and_a_file(here: Telling, tmp_path: Path, says: dict[str, Any]) -> None:
    await here.put_bytes("a")
    here.says = says
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    assert (await verified(Pair(at("a"), path), here)).finding is SAME
    path.write_bytes(OTHER)
    found = await verified(Pair(at("a"), path), here)
    assert found.finding is DIFFERENT
    assert found.other != found.read
    assert found.stored in ("", found.read)


async def test_both_alike_but_not_what_the_store_keeps(here: Telling, tmp_path: Path) -> None:
    await here.put_bytes("a", OTHER)
    here.says = sum_as("crc64nvme", CONTENT)
    path = tmp_path / "file"
    path.write_bytes(OTHER)
    assert (await verified(Pair(at("a"), path), here)).finding is DIFFERENT


async def test_another_size_needs_no_reading(here: Telling, tmp_path: Path) -> None:
    await here.put_bytes("a")
    path = tmp_path / "file"
    path.write_bytes(CONTENT[:-1])
    found = await verified(Pair(at("a"), path), here)
    assert (found.finding, found.size, found.other_size) == (DIFFERENT, 10_500, 10_499)
    assert here.count["get"] == 0


async def test_two_objects(here: Telling, there: Telling) -> None:
    await here.put_bytes("a")
    await there.put_bytes("b")
    pair = Pair(at("a"), elsewhere("b"))
    assert (await verified(pair, here, there)).finding is SAME
    await there.put_bytes("b", OTHER)
    assert (await verified(pair, here, there)).finding is DIFFERENT


async def test_what_is_not_there_is_no_mismatch(here: Telling, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        await verified(Pair(at("gone")), here)
    await here.put_bytes("a")
    with pytest.raises(LocalFileError):
        await verified(Pair(at("a"), tmp_path / "gone"), here)


# Many


async def ran(verification: Verification, pairs: AsyncIterator[Sequence[Pair]]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    await verification.run(pairs, outcomes.append)
    return outcomes


async def test_one_that_cannot_be_read_stops_no_other(here: Telling, tmp_path: Path) -> None:
    async def store_of(_: object) -> Store:
        return here

    for name in ("top/a", "top/b/c", "top/b/", "top/gone"):
        await here.put_bytes(name, b"" if name.endswith("/") else CONTENT)
    for name in ("a", "b/c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(CONTENT if name == "a" else OTHER)
    plan = plan_downloads(here, HERE, [Prefix(BUCKET, "top/")], tmp_path, "x", keep_name=False)  # type: ignore[arg-type]
    verification = Verification(store_of, part_size=1000)
    outcomes = await ran(verification, pairs_with_files(plan))
    told = {each.pair.address.location.key: each for each in outcomes}
    assert told.keys() == {"top/a", "top/b/c", "top/gone"}
    assert isinstance(told["top/gone"].error, LocalFileError)
    assert verification.counts == {SAME: 1, DIFFERENT: 1}
    assert (verification.failed, verification.done) == (1, 3)
    assert verification.bytes_read == 2 * len(CONTENT)


async def test_a_selection_alone(here: Telling) -> None:
    async def store_of(_: object) -> Store:
        return here

    for name in ("one", "folder/", "folder/two"):
        await here.put_bytes(name, b"" if name.endswith("/") else CONTENT)
    selection = [Location(BUCKET, "one"), Prefix(BUCKET, "folder/")]
    verification = Verification(store_of)
    outcomes = await ran(verification, pairs_alone(here, HERE, selection))
    assert sorted(each.pair.address.location.key for each in outcomes) == ["folder/two", "one"]
    assert verification.counts == {SAME: 2}


def test_what_a_transfer_is_verified_with(tmp_path: Path) -> None:
    up = TransferSpec(Direction.UPLOAD, tmp_path, at("a"))
    down = TransferSpec(Direction.DOWNLOAD, at("a"), tmp_path)
    copy = TransferSpec(Direction.COPY, at("a"), elsewhere("b"))
    assert pair_of(up) == pair_of(down) == Pair(at("a"), tmp_path)
    assert pair_of(copy) == Pair(elsewhere("b"), at("a"))
    assert pair_of(replace(up, removes_source=True)) == Pair(at("a"))
    assert pair_of(replace(up, source=tmp_path / "deleted since")) == Pair(at("a"))
    assert pair_of(replace(down, removes_source=True)) is None
    assert pair_of(replace(up, is_folder=True)) is None


# In the queue


async def test_a_completed_transfer_is_judged(tmp_path: Path) -> None:
    world = QueueWorld(tmp_path)
    await world.queue.open()
    only_new = replace(world.spec("a"), on_conflict=ConflictPolicy.IF_ABSENT)
    (id_,) = await world.queue.submit([only_new])
    await world.queue.wait(BATCH)
    world.queue.judge(id_, "sha256")
    (judged,) = world.queue.transfers()
    assert (judged.verified, judged.state, len(world.finished)) == ("sha256", COMPLETED, 1)
    world.queue.judge(id_, "", "the sums differ: x, y")
    (failed,) = world.queue.transfers()
    assert (failed.state, failed.error, failed.verified) == (FAILED, "the sums differ: x, y", "")
    assert (world.finished[-1].failed, world.finished[-1].completed) == (1, 0)
    world.queue.judge(id_, "md5")  # nobody takes that back but a new attempt
    assert world.queue.transfers() == [failed]
    world.store.memory.buckets[BUCKET].objects.clear()
    await world.store.memory.put(Location(BUCKET, "a"), b"rotten")
    world.queue.retry([id_])
    await world.queue.wait(BATCH)
    assert world.stored() == {"a": b"hello"}
    await world.queue.aclose()
