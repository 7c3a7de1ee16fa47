"""Reading again what was moved, to see whether every byte is what it should be."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    LocalFileError,
    S4DeskError,
)
from s4desk.core.domain.identity import Address, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.parts import PART_SIZE
from s4desk.core.failover.errors import OutOfReachError
from s4desk.core.runtime.answers import hearing_answers
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.composite import as_etag, composition
from s4desk.core.transfer.files import SteadySource
from s4desk.core.transfer.selection import collapsed, pages_of
from s4desk.core.transfer.sides import FileSide, ObjectSide, Side
from s4desk.core.transfer.verify import expected_sum
from s4desk.core.wire.checksums import CRC64NVME, MD5, composite_sum

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId, VersionId
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.store.protocol import Moved, ObjectStore, StoreOf
    from s4desk.core.transfer.composite import Composition
    from s4desk.core.transfer.inventory import LocalInventory
    from s4desk.core.transfer.planner import Planned
    from s4desk.core.transfer.selection import Selected

OBJECTS_IN_FLIGHT = 8


class Finding(StrEnum):
    """UNPROVED: nothing is known that the object could be compared with."""

    SAME = "same"
    DIFFERENT = "different"
    UNPROVED = "unproved"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reading an object again has shown.

    Sums are of `algorithm`, in base64 (of MD5s of parts: an ETag). `stored` is the one that the
    store keeps with the object, `read` that of the bytes as they came now, `other` that of the file
    or object it was compared with; each empty when there is none. Sizes in bytes, `other_size` None
    when it was compared with nothing. `served` is who of a failover group gave the bytes, None
    where there is no group.
    """

    finding: Finding
    algorithm: str = ""
    stored: str = ""
    read: str = ""
    other: str = ""
    size: int = 0
    other_size: int | None = None
    served: Answer | None = None

    @property
    def may_be_old(self) -> bool:
        """Whether another backend than the first gave the bytes, and may have an older object."""
        return self.served is not None and self.served.may_be_old


@dataclass(frozen=True, slots=True)
class Pair:
    """An object, and what must hold the same bytes; None: only the sum that the store keeps.

    `version` is the one of the object that is meant, None for the newest.
    """

    address: Address
    other: Path | Address | None = None
    version: VersionId | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a pair: a verdict, or the error why there is none."""

    pair: Pair
    verdict: Verdict | None = None
    error: S4DeskError | None = None


def is_only_there(outcome: Outcome) -> bool:
    """Whether an object has no verdict because there is no file that could stand for it."""
    error = outcome.error
    return isinstance(error, LocalFileError) and isinstance(error.cause, FileNotFoundError)


async def verify_object(
    pair: Pair,
    store_of: StoreOf,
    *,
    part_size: int = PART_SIZE,
    moved: Moved = lambda _: None,
) -> Verdict:
    """Read an object again, all of it, and compare; nothing is kept of it.

    `moved` counts the bytes that are read from stores. Raises StoreError, LocalFileError; for what
    changes while it is read PreconditionFailedError, SourceChangedError.
    """
    store = await store_of(pair.address.connection)
    other = pair.other
    beside = await store_of(other.connection) if isinstance(other, Address) else None
    with hearing_answers() as answers:
        meta = await store.head(pair.address.location, version=pair.version)
        one = ObjectSide(store, meta, moved, part_size)
        may_turn = pair.version is None
        if other is None:
            verdict = await _read(lambda: _against_store(one, part_size), one, may_turn=may_turn)
        elif isinstance(other, Path):
            verdict = await _against_file(one, other, may_turn=may_turn)
        else:
            assert beside is not None
            two = ObjectSide(beside, await beside.head(other.location), moved, part_size)
            verdict = await _read(lambda: _against(one, two), one, two, may_turn=may_turn)
    served: Answer | None = None
    for each in answers:
        served = each.after(served)
    return replace(verdict, served=served)


async def _against_file(one: ObjectSide, path: Path, *, may_turn: bool) -> Verdict:
    source = SteadySource(path)
    try:
        await in_thread(source.open)
        return await _read(lambda: _against(one, FileSide(source)), one, may_turn=may_turn)
    finally:
        source.close()


async def _read(
    compare: Callable[[], Awaitable[Verdict]], *sides: ObjectSide, may_turn: bool
) -> Verdict:
    """What a comparison shows; of other objects, where those that were looked at cannot be had."""
    while True:
        try:
            return await compare()
        except OutOfReachError:
            if not may_turn or not any(side.turn() for side in sides):
                raise


async def _against_store(one: ObjectSide, part_size: int) -> Verdict:
    stored = expected_sum(one.meta)
    if stored is not None:
        read = await one.whole(stored.algorithm)
        finding = Finding.SAME if read == stored.value else Finding.DIFFERENT
        return Verdict(finding, stored.algorithm, stored.value, read, size=one.size)
    known, found = await _composed(one, part_size)
    if known is None:
        return Verdict(Finding.UNPROVED, size=one.size)
    cut, expected = known.cuts[0], known.composite.value
    # Another one is no contradiction where it may have been cut elsewhere.
    other = Finding.DIFFERENT if cut.is_certain else Finding.UNPROVED
    finding = Finding.SAME if found == expected else other
    told, read = (_shown(known.algorithm, each) for each in (expected, found))
    return Verdict(finding, known.algorithm, told, read, size=one.size)


async def _composed(one: ObjectSide, part_size: int) -> tuple[Composition | None, str]:
    """How an object is composed, and the sum of the sums of its parts as they are read; nothing
    where no cut is known. A cut that proves nothing is made sure of."""
    known = await composition(one.store, one.meta, part_size)
    if known is None:
        return None, ""
    found = await _read_as(one, known) if known.cuts else ""
    if found == known.composite.value or known.is_certain:
        return known, found
    exact = await composition(one.store, one.meta, part_size, exactly=True)
    if exact is None or not exact.is_certain:
        if await one.is_cut_as(known, known.cuts[1:]):
            return known, known.composite.value
        return (known, found) if known.cuts else (None, "")
    if known.cuts and exact.cuts[0].spans == known.cuts[0].spans:
        return exact, found
    return exact, await _read_as(one, exact)


async def _read_as(one: ObjectSide, known: Composition) -> str:
    sums = await one.parts(known.algorithm, known.cuts[0].spans)
    return composite_sum(known.algorithm, sums)


def _shown(algorithm: str, composite: str) -> str:
    """A sum of sums as the store writes it: MD5s are in the ETag."""
    return as_etag(composite) if algorithm == MD5 else composite


async def _against(one: ObjectSide, other: Side) -> Verdict:
    stored = expected_sum(one.meta)
    algorithm = stored.algorithm if stored is not None else CRC64NVME
    if one.size != other.size:
        return Verdict(Finding.DIFFERENT, size=one.size, other_size=other.size)
    sums: dict[str, str] = {}

    async def read(name: str, side: Side) -> None:
        sums[name] = await side.whole(algorithm)

    await run_bounded((read(name, side) for name, side in (("one", one), ("other", other))), 2)
    kept = stored.value if stored is not None else ""
    is_same = {sums["one"], sums["other"], kept or sums["one"]} == {sums["one"]}
    return Verdict(
        Finding.SAME if is_same else Finding.DIFFERENT,
        algorithm,
        kept,
        sums["one"],
        sums["other"],
        one.size,
        other.size,
    )


# Many of them


def pair_of(spec: TransferSpec) -> Pair | None:
    """What a finished transfer made, and what it was made of; None for a folder. It blocks.

    Where a source was moved, or is no more, only the sum that the store keeps can be compared.
    """
    if spec.is_folder:
        return None
    if isinstance(spec.target, Address):
        is_gone = isinstance(spec.source, Path) and not spec.source.exists()
        return Pair(spec.target, None if is_gone or spec.removes_source else spec.source)
    if isinstance(spec.source, Address) and not spec.removes_source:
        return Pair(spec.source, spec.target, spec.version)
    return None


async def pairs_alone(
    store: ObjectStore, connection: ConnectionId, selection: Sequence[Selected]
) -> AsyncIterator[list[Pair]]:
    """All objects of a selection, in batches, each to be compared with what its store says."""
    chosen = collapsed(selection)
    singles = [each.location if isinstance(each, ObjectMeta) else each for each in chosen]
    yield [Pair(Address(connection, each)) for each in singles if not isinstance(each, Prefix)]
    for each in chosen:
        if isinstance(each, Prefix):
            async with aclosing(pages_of(store, each)) as pages:
                async for page in pages:
                    yield [
                        Pair(Address(connection, page.meta(row).location))
                        for row, key in enumerate(page.keys)
                        if page.sizes[row] or not key.endswith("/")
                    ]


async def pairs_with_files(
    plan: AsyncIterator[Planned], inventory: LocalInventory | None = None
) -> AsyncIterator[list[Pair]]:
    """What a plan would download, each object with the file that stands for it here.

    In `inventory` that file is marked: in the end it knows which files are only here.
    """
    async for planned in plan:
        if inventory is not None:
            for spec in planned.specs:
                inventory.meet(spec)
        yield [pair for pair in map(_downloaded, planned.specs) if pair is not None]


def _downloaded(spec: TransferSpec) -> Pair | None:
    if spec.is_folder or not isinstance(spec.source, Address):
        return None
    return Pair(spec.source, spec.target, spec.version)


class Verification:
    """Verifies many pairs, several at once. One that cannot be read does not stop the others.

    `counts`, `older` (how many of these may be older copies) and `bytes_read` may be looked at
    while it runs; cancel the task to stop it.
    """

    def __init__(
        self,
        store_of: StoreOf,
        *,
        part_size: int = PART_SIZE,
        in_flight: int = OBJECTS_IN_FLIGHT,
    ) -> None:
        self._store_of = store_of
        self._part_size = part_size
        self._in_flight = in_flight
        self._lock = threading.Lock()
        self.counts: Counter[Finding] = Counter()
        self.failed = self.older = 0
        self.bytes_read = 0

    @property
    def done(self) -> int:
        """How many pairs have been looked at."""
        return self.counts.total() + self.failed

    async def run(
        self, pairs: AsyncIterator[Sequence[Pair]], tell: Callable[[Outcome], None]
    ) -> None:
        """Tell each outcome as it comes. Raises what finding the pairs raises."""

        async def read(pair: Pair) -> None:
            tell(await self._outcome(pair))

        async for batch in pairs:
            await run_bounded(map(read, batch), self._in_flight)

    async def _outcome(self, pair: Pair) -> Outcome:
        try:
            verdict = await verify_object(
                pair, self._store_of, part_size=self._part_size, moved=self._moved
            )
        except S4DeskError as error:
            self.failed += 1
            return Outcome(pair, error=error)
        self.counts[verdict.finding] += 1
        self.older += verdict.may_be_old
        return Outcome(pair, verdict)

    def _moved(self, count: int) -> None:
        with self._lock:
            self.bytes_read += count
