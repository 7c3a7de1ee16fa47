"""What was damaged on its way comes again, and nothing else where that can be told."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from s4desk.core.domain.errors import NotSupportedError, UnavailableError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Checksum, ObjectMeta, ObjectParts
from s4desk.core.domain.parts import MIB, PartPlan
from s4desk.core.domain.transfer import TransferState
from s4desk.core.store.memory_bucket import StoredVersion
from s4desk.core.transfer.arrival import Arrival
from s4desk.core.transfer.composite import (
    as_etag,
    composition,
    guessed,
    parts_told,
)
from s4desk.core.transfer.units import unit_sum
from s4desk.core.transfer.verify import algorithm_of_proof, has_same_bytes
from s4desk.core.wire.checksums import checksum, composite_sum
from tests.transfer.specs import BUCKET, download_spec
from tests.transfer.world import PART, World, noise, settle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.store.wrapper import Request

COUNT = 6
CONTENT = noise(COUNT * PART - 300)
COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED


def sums_of(algorithm: str, sizes: Sequence[int], content: bytes = CONTENT) -> list[str]:
    ends = itertools.accumulate(sizes)
    return [
        checksum(algorithm, content[end - size : end])
        for end, size in zip(ends, sizes, strict=True)
    ]


def even(size: int, content: bytes = CONTENT) -> list[int]:
    return [part.span.size for part in PartPlan(len(content), size)]


class Damaged:
    """An object in the memory of a world, of which some requests bring a flipped byte."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._gets = itertools.count()
        world.store.before = self._before
        self.bad: dict[int, int] = {}
        """By the number of the request for bytes, from 0: which byte is flipped then."""

    async def lay(
        self,
        sizes: Sequence[int] = (),
        *,
        kept: Checksum | None = None,
        etag: str = "opaque",
        parts: ObjectParts | None = None,
    ) -> None:
        await self._world.object("key", CONTENT)
        objects = self._world.store.memory.buckets[BUCKET].objects
        (whole,) = objects["key"]
        told = parts or (ObjectParts(list(sizes)) if sizes else None)
        self._right = _Stored(
            whole.id, CONTENT, etag, whole.modified, whole.attributes, told, kept=kept
        )
        objects["key"] = [self._right]

    def _before(self, request: Request) -> None:
        if request.operation != "get":
            return
        data, position = bytearray(CONTENT), self.bad.get(next(self._gets))
        if position is not None:
            data[position] ^= 1
        objects = self._world.store.memory.buckets[BUCKET].objects
        objects["key"] = [replace(self._right, data=bytes(data))]


@dataclass(frozen=True, slots=True)
class _Stored(StoredVersion):
    kept: Checksum | None = None

    def meta(self, location: Location) -> ObjectMeta:
        return replace(StoredVersion.meta(self, location), checksum=self.kept)


@pytest.fixture
def damaged(world: World) -> Damaged:
    return Damaged(world)


async def download(world: World) -> Transfer:
    spec = download_spec("key", world.folder / "target", size=len(CONTENT))
    return await world.run(await world.add(spec))


def shown_before(world: World) -> list[int]:
    """How far the transfer is at each request for bytes, as the window sees it."""
    shown: list[int] = []
    damage = world.store.before

    def look(request: Request) -> None:
        if request.operation == "get":
            (id_,) = world.memory_journal.transfers
            progress = world.board.progress(id_)
            assert progress is not None
            shown.append(progress.done)
        if damage is not None:
            damage(request)

    world.store.before = look
    return shown


def target(world: World) -> bytes:
    return (world.folder / "target").read_bytes()


@pytest.mark.parametrize("algorithm", ["sha256", "crc32"])
@pytest.mark.parametrize("flipped", [[3], [0, 5]])
async def test_only_the_parts_that_are_wrong_come_again(
    world: World, damaged: Damaged, algorithm: str, flipped: list[int]
) -> None:
    sizes = even(PART)
    sums = sums_of(algorithm, sizes)
    kept = Checksum(algorithm, composite_sum(algorithm, sums), is_full=False)
    await damaged.lay(kept=kept, parts=ObjectParts(sizes, algorithm, sums))
    damaged.bad = {number: number * PART + 7 for number in flipped}
    shown = shown_before(world)
    done = await download(world)
    # What comes again is not there until it is.
    assert max(shown[COUNT:]) < len(CONTENT)
    assert (done.state, done.verified, target(world)) == (COMPLETED, algorithm, CONTENT)
    assert world.store.count["get"] == COUNT + len(flipped)
    assert done.effort.retries == len(flipped)
    assert (done.effort.parts, done.effort.sent) == (
        COUNT,
        len(CONTENT) + sum(sizes[number] for number in flipped),
    )
    progress = world.board.progress(done.id)
    assert progress is not None
    assert progress.done == len(CONTENT)


async def test_of_a_large_part_all_ranges_come_again(world: World, damaged: Damaged) -> None:
    """Parts of odd sizes, some larger than a range."""
    sizes = [300, 3200, len(CONTENT) - 3500]
    sums = sums_of("sha256", sizes)
    kept = Checksum("sha256", composite_sum("sha256", sums), is_full=False)
    await damaged.lay(kept=kept, parts=ObjectParts(sizes, "sha256", sums))
    damaged.bad = {4: 4 * PART + 7}
    done = await download(world)
    assert (done.verified, target(world), done.effort.retries) == ("sha256", CONTENT, 3)


@pytest.mark.parametrize("algorithm", ["crc64nvme", "crc32", "sha256"])
async def test_with_the_sum_of_the_whole_alone_ranges_come_again_until_it_is_right(
    world: World, damaged: Damaged, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s4desk.core.transfer.arrival.AT_ONCE", 1)
    await damaged.lay(kept=Checksum(algorithm, checksum(algorithm, CONTENT)))
    damaged.bad = {1: PART + 7}
    done = await download(world)
    assert (done.state, done.verified, target(world)) == (COMPLETED, algorithm, CONTENT)
    # The second one is the one.
    assert done.effort.retries == 2
    assert world.store.count["get"] == COUNT + 2


@pytest.mark.parametrize("bad", [[1], [1, 3], [0, 2, 5]])
async def test_ranges_that_come_again_side_by_side_leave_no_hole(
    world: World, damaged: Damaged, bad: list[int]
) -> None:
    """What has come again is joined with what is still on its way for the second time."""
    await damaged.lay(kept=Checksum("crc64nvme", checksum("crc64nvme", CONTENT)))
    damaged.bad = {number: number * PART + 7 for number in bad}
    world.store.let_through(COUNT + 2)
    job = world.job(
        await world.add(download_spec("key", world.folder / "target", size=len(CONTENT)))
    )
    running = asyncio.ensure_future(job.run())
    await settle(world.store.is_stuck)
    world.store.open_gate()
    await running
    done = job.transfer
    assert (done.state, done.verified, target(world)) == (COMPLETED, "crc64nvme", CONTENT), done


async def test_an_etag_of_parts_of_known_sizes_refutes(world: World, damaged: Damaged) -> None:
    sizes = [1300, 2700, len(CONTENT) - 4000]
    composite = composite_sum("md5", sums_of("md5", sizes))
    etag = as_etag(composite)
    await damaged.lay(sizes, etag=etag)
    damaged.bad = {2: 2 * PART}
    done = await download(world)
    assert (done.verified, target(world)) == ("md5", CONTENT)
    assert 0 < done.effort.retries <= COUNT

    damaged.bad = dict.fromkeys(range(100), 5)
    failed = await download(world)
    assert (failed.state, failed.error_kind) == (FAILED, "IntegrityError")
    assert composite in failed.error
    assert target(world) == CONTENT
    assert (world.partials(), world.memory_journal.downloads) == ([], {})


async def test_parts_that_are_asked_for_one_by_one_refute(
    world: World, damaged: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that first tells of one part alone; the guess of the others is right, or not."""
    asked: list[bool] = []
    known = type(world.store.memory).object_parts

    async def tells(store: Any, meta: ObjectMeta, *, exactly: bool = False) -> Any:
        asked.append(exactly)
        told = await known(store, meta)
        return told if exactly or told is None else replace(told, is_exact=False)

    monkeypatch.setattr(type(world.store.memory), "object_parts", tells)
    composite = composite_sum("md5", sums_of("md5", even(PART)))
    await damaged.lay(even(PART), etag=as_etag(composite))
    assert (await download(world)).verified == "md5"
    assert asked == [False]

    damaged.bad = dict.fromkeys(range(100), 5)
    failed = await download(world)
    assert (failed.state, failed.error_kind) == (FAILED, "IntegrityError")
    assert composite in failed.error
    assert asked == [False, False, True]
    assert target(world) == CONTENT
    assert (world.partials(), world.memory_journal.downloads) == ([], {})


async def test_one_part_is_all_of_it(world: World, damaged: Damaged) -> None:
    await damaged.lay(etag=as_etag(composite_sum("md5", [checksum("md5", CONTENT)])))
    first = await download(world)
    assert (first.verified, first.error) == ("md5", "")
    damaged.bad = dict.fromkeys(range(100), 5)
    failed = await download(world)
    assert (failed.state, failed.error_kind) == (FAILED, "IntegrityError")


async def test_a_line_that_breaks_while_parts_are_asked_for_is_no_answer() -> None:
    broken = cast("ObjectStore", Saying(UnavailableError("no")))
    with pytest.raises(UnavailableError):
        await composition(broken, KEPT, MIB, exactly=True)
    assert await composition(cast("ObjectStore", Saying(NotSupportedError("no"))), KEPT, MIB)


async def test_what_is_wrong_at_the_store_is_fetched_twice_and_no_more(
    world: World, damaged: Damaged
) -> None:
    await damaged.lay(kept=Checksum("crc32", checksum("crc32", b"other")))
    failed = await download(world)
    assert failed.state is FAILED
    assert checksum("crc32", CONTENT) in failed.error
    assert checksum("crc32", b"other") in failed.error
    assert world.store.count["get"] == 2 * COUNT
    assert not (world.folder / "target").exists()


async def test_a_small_object_of_parts_comes_again_as_one(world: World, damaged: Damaged) -> None:
    world.sizes = replace(world.sizes, ranges_above=10 * PART)
    sizes = [4000, len(CONTENT) - 4000]
    await damaged.lay(sizes, etag=as_etag(composite_sum("md5", sums_of("md5", sizes))))
    # The head of the first reply tells that it is not to be proved by its own bytes.
    damaged.bad = {1: 5}
    done = await download(world)
    assert (done.verified, target(world), done.effort.retries) == ("md5", CONTENT, 1)
    assert world.store.count["get"] == 3


# What is known of an object


def meta(size: int = 3 * MIB, **told: Any) -> ObjectMeta:
    return ObjectMeta(Location("b", "k"), size, None, **{"etag": "", **told})


SUMS = [checksum("sha256", bytes([number])) for number in range(3)]
WHOLE = composite_sum("sha256", SUMS)
ETAG = as_etag(composite_sum("md5", [checksum("md5", b"x")] * 3))


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ({"etag": ETAG}, 3),
        ({"etag": ETAG, "headers": {"x-amz-server-side-encryption": "aws:kms"}}, 0),
        ({"checksum": Checksum("sha256", WHOLE, is_full=False)}, 3),
        ({"checksum": Checksum("sha256", WHOLE[:-2], is_full=False)}, 0),
        ({"checksum": Checksum("sha256", WHOLE[:-2], is_full=False), "etag": ETAG}, 3),
        ({"checksum": Checksum("sha256", f"{WHOLE}9999", is_full=False)}, 0),
        ({"checksum": Checksum("sha256", SUMS[0])}, 0),
        ({"checksum": Checksum("odd", WHOLE, is_full=False)}, 0),
        ({"etag": "opaque"}, 0),
    ],
)
def test_of_how_many_parts(told: dict[str, Any], count: int) -> None:
    assert parts_told(meta(**told)) == count


def test_equal_sums_of_sums_prove_equal_bytes() -> None:
    kept = Checksum("sha256", WHOLE, is_full=False)
    both, one, other = meta(checksum=kept, etag=ETAG), meta(checksum=kept), meta(etag=ETAG)
    assert has_same_bytes(both, one)
    assert has_same_bytes(both, other)
    assert not has_same_bytes(one, other)
    assert not has_same_bytes(meta(), meta())
    assert (algorithm_of_proof(both, one), algorithm_of_proof(both, other)) == ("sha256", "md5")


class Saying:
    """A store that tells this of every object."""

    def __init__(self, told: ObjectParts | Exception | None) -> None:
        self._told = told

    async def object_parts(self, _meta: ObjectMeta, *, exactly: bool = False) -> ObjectParts | None:
        if isinstance(self._told, Exception):
            raise self._told
        return self._told


KEPT = meta(checksum=Checksum("sha256", WHOLE, is_full=False))
ODD = [MIB + 1, MIB - 2, MIB + 1]


@pytest.mark.parametrize(
    ("told", "is_certain", "first", "has_sums"),
    [
        (ObjectParts(ODD, "sha256", SUMS), True, MIB + 1, True),
        (ObjectParts(ODD, "md5", ["x"] * 3), True, MIB + 1, False),
        (ObjectParts(ODD), True, MIB + 1, False),
        (ObjectParts([MIB] * 3, is_exact=False), False, MIB, False),
        (ObjectParts(ODD, "sha256", SUMS[::-1]), False, MIB, False),
        (ObjectParts(ODD, "sha256", ["no sum", *SUMS[1:]]), False, MIB, False),
        (ObjectParts([MIB] * 4), False, MIB, False),
        (ObjectParts([0, MIB, 2 * MIB]), False, MIB, False),
        (NotSupportedError("no"), False, MIB, False),
        (UnavailableError("no"), False, MIB, False),
        (None, False, MIB, False),
    ],
)
async def test_what_a_store_tells_is_believed_if_it_fits(
    told: ObjectParts | Exception | None, is_certain: bool, first: int, has_sums: bool
) -> None:
    known = await composition(cast("ObjectStore", Saying(told)), KEPT, MIB)
    assert known is not None
    cut = known.cuts[0]
    assert (known.is_certain, cut.spans[0].size, bool(cut.sums)) == (is_certain, first, has_sums)
    assert len({each.spans for each in known.cuts}) == len(known.cuts)


async def test_what_is_not_joined_is_not_asked_about() -> None:
    store = cast("ObjectStore", Saying(AssertionError()))
    assert await composition(store, meta(etag="opaque")) is None


def test_units_are_summed_with_what_can_prove_the_whole() -> None:
    assert unit_sum(KEPT) == "crc64nvme"
    assert unit_sum(meta(checksum=Checksum("crc32c", "x"))) == "crc32c"
    assert unit_sum(meta(checksum=Checksum("sha256", "x"))) == "crc64nvme"
    assert unit_sum(meta(etag="0" * 32)) == "crc64nvme"


async def test_parts_that_came_whole_are_not_read_again(tmp_path: Path) -> None:
    sums = [checksum("sha256", bytes([each]) * MIB) for each in range(3)]
    composite = Checksum("sha256", composite_sum("sha256", sums), is_full=False)
    kept = meta(checksum=composite)
    known = guessed(kept, MIB)
    assert known is not None
    parts = dict(zip(known.cuts[0].spans, sums, strict=True))
    path, plan = tmp_path / "arrived", PartPlan(3 * MIB, MIB // 2)
    path.write_bytes(bytes(3 * MIB))
    units = dict.fromkeys(range(1, 7), "?")
    arrival = Arrival(path, kept, known, plan, "crc64nvme", units, parts)
    assert await arrival.proof() == "sha256"
    del parts[known.cuts[0].spans[1]]
    assert await arrival.proof() == ""
    assert "sha256 is" in arrival.detail
