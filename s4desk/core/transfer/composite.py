"""Objects that were joined of parts: how they may have been cut, and the sum of their parts' sums.

A store keeps such a sum of sums as the checksum of type COMPOSITE, or as an ETag of the parts' MD5s
("Checking object integrity" in the S3 user guide). It proves the bytes to whoever knows the cuts.
"""

from __future__ import annotations

import base64
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import StoreError, ThrottledError
from s4desk.core.domain.objects import Checksum
from s4desk.core.domain.parts import GIB, MAX_PARTS, MIB, PART_SIZE, PartPlan, Span, plan_parts
from s4desk.core.wire.checksums import ALGORITHMS, MD5, composite_sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from s4desk.core.domain.objects import ObjectMeta, ObjectParts
    from s4desk.core.domain.parts import PartReceipt
    from s4desk.core.store.protocol import ObjectStore

_MD5_ETAG = re.compile(r"[0-9a-f]{32}")
_COMPOSITE_ETAG = re.compile(r"([0-9a-f]{32})-([0-9]{1,5})")
_COUNT = re.compile(r"[0-9]{1,5}")
_ENCRYPTION = "x-amz-server-side-encryption"
_USUAL_PART_SIZES = tuple(size * MIB for size in (5, 8, 10, 15, 16, 32, 50, 64, 100, 128))
_FEW_GUESSES = 4
_MANY_GUESSES = 12
_MOST_MULTIPLES = 256
_CHEAP = GIB // 2
"""So many bytes are summed for guesses, if there are not few of them."""


def is_secret(meta: ObjectMeta) -> bool:
    """Whether it is encrypted in a way that makes its ETag no MD5 of anything we know."""
    is_kms = meta.headers.get(_ENCRYPTION, "").startswith("aws:kms")
    return is_kms or f"{_ENCRYPTION}-customer-algorithm" in meta.headers


def composites_of(meta: ObjectMeta) -> list[Checksum]:
    """The sums of the parts' sums, their values as `composite_sum` has them.

    A checksum comes before the ETag, which is one of MD5s where nothing is encrypted.
    """
    found = []
    kept = meta.checksum
    if kept is not None and not kept.is_full and kept.algorithm in ALGORITHMS:
        value, _, count = kept.value.partition("-")
        # Some stores leave out how many they are; every ETag of joined parts tells.
        count = count or meta.etag.rpartition("-")[2]
        if _COUNT.fullmatch(count):
            found.append(Checksum(kept.algorithm, f"{value}-{int(count)}", is_full=False))
    etag = None if is_secret(meta) else _COMPOSITE_ETAG.fullmatch(meta.etag)
    if etag is not None:
        value = base64.b64encode(bytes.fromhex(etag[1])).decode()
        found.append(Checksum(MD5, f"{value}-{int(etag[2])}", is_full=False))
    return found


def composite_of(meta: ObjectMeta) -> Checksum | None:
    """The best of them, None when none is told."""
    return next(iter(composites_of(meta)), None)


def parts_told(meta: ObjectMeta) -> int:
    """Of how many parts the object was made, 0 when no sum of their sums is told."""
    composite = composite_of(meta)
    count = int(composite.value.rpartition("-")[2]) if composite else 0
    return count if count <= MAX_PARTS else 0


def composite_etag(parts: Sequence[PartReceipt]) -> str | None:
    """The ETag a store gives to joined parts, None when theirs are not MD5s."""
    if not all(_MD5_ETAG.fullmatch(part.etag) for part in parts):
        return None
    return etag_of_sums([base64.b64encode(bytes.fromhex(part.etag)).decode() for part in parts])


def etag_of_sums(sums: Sequence[str]) -> str:
    """The ETag a store gives to joined parts with these MD5s (base64)."""
    return as_etag(composite_sum(MD5, sums))


def as_etag(composite: str) -> str:
    """A composite MD5 as an ETag has it."""
    value, _, count = composite.rpartition("-")
    return f"{base64.b64decode(value).hex()}-{count}"


def part_guesses(size: int, count: int, part_size: int = PART_SIZE) -> list[PartPlan]:
    """The likeliest ways in which `size` bytes were cut into `count` parts: ours first.

    A few of a large object, more of a small one: to try each costs a sum of all bytes.
    """
    if not count:
        return []
    smallest = -(-size // count)
    power = MIB << (-(-smallest // MIB) - 1).bit_length()
    ours = plan_parts(size, part_size).part_size
    sizes = (ours, *_USUAL_PART_SIZES, power, *_round_sizes(size, count), smallest)
    plans = (PartPlan(size, each) for each in _distinct(min(each, size) for each in sizes))
    most = max(_FEW_GUESSES, min(_MANY_GUESSES, _CHEAP // max(size, 1)))
    return list(itertools.islice((plan for plan in plans if plan.count == count), most))


def _round_sizes(size: int, count: int) -> list[int]:
    """Sizes of parts of which `count` make `size`: those that people choose come first."""
    found = []
    for unit in (MIB, 1_000_000):
        least = -(-size // (count * unit))
        most = size // ((count - 1) * unit) if count > 1 else least
        for number in range(least, min(most, least + _MOST_MULTIPLES) + 1):
            rank = next((rank for rank, step in enumerate((5, 8, 2, 1)) if number % step == 0))
            found.append((rank, number, number * unit))
    return [each for *_, each in sorted(found)]


def _distinct(sizes: Iterable[int]) -> Iterator[int]:
    seen: set[int] = set()
    for each in sizes:
        if each not in seen:
            seen.add(each)
            yield each


@dataclass(frozen=True, slots=True)
class Cut:
    """A way in which an object may have been cut. `sums` are those of its parts, if the store tells
    them; `is_certain`: it told the sizes of all."""

    spans: tuple[Span, ...]
    sums: tuple[str, ...] = ()
    is_certain: bool = False

    def plan(self) -> PartPlan | None:
        """The same as a plan; None for parts of several sizes."""
        plan = PartPlan(self.spans[-1].end, self.spans[0].size)
        return plan if self.spans == _spans(plan) else None


@dataclass(frozen=True, slots=True)
class Composition:
    """The sum of the sums of an object's parts, and the ways in which they may have been cut, the
    likeliest first. A certain one is the only one."""

    composite: Checksum
    cuts: tuple[Cut, ...]

    @property
    def algorithm(self) -> str:
        return self.composite.algorithm

    @property
    def is_certain(self) -> bool:
        """Whether another sum of sums is a contradiction, and not only another cut."""
        return any(cut.is_certain for cut in self.cuts)


def guessed(meta: ObjectMeta, part_size: int = PART_SIZE) -> Composition | None:
    """What is known of an object without asking for more; None for one that is not composed.

    `part_size` (bytes) is how we would have cut it.
    """
    composite = composite_of(meta)
    if composite is None or not meta.size:
        return None
    plans = part_guesses(meta.size, parts_told(meta), part_size)
    # One part is all of it.
    return Composition(
        composite, tuple(Cut(_spans(plan), is_certain=plan.count == 1) for plan in plans)
    )


async def composition(
    store: ObjectStore, meta: ObjectMeta, part_size: int = PART_SIZE, *, exactly: bool = False
) -> Composition | None:
    """The same, with what the store tells of the parts; that it does not tell is no failure.

    `exactly` asks for every part: worth it where bytes were not proved by the likeliest cuts.
    Raises UnavailableError, ThrottledError then: a line that breaks is no answer.
    """
    found = guessed(meta, part_size)
    if found is None:
        return None
    try:
        told = await store.object_parts(meta, exactly=exactly)
    except StoreError as error:
        is_passing = error.retryable and not error.status
        if exactly and (is_passing or isinstance(error, ThrottledError)):
            raise
        return found
    cut = None if told is None else _told(meta, found.composite, told)
    if cut is None:
        return found
    others = () if cut.is_certain else tuple(each for each in found.cuts if each.spans != cut.spans)
    return Composition(found.composite, (cut, *others))


def _told(meta: ObjectMeta, composite: Checksum, told: ObjectParts) -> Cut | None:
    """What a store tells, unless it is of another object or contradicts itself."""
    if sum(told.sizes) != meta.size or len(told.sizes) != parts_told(meta) or 0 in told.sizes:
        return None
    spans, offset = [], 0
    for size in told.sizes:
        spans.append(Span(offset, size))
        offset += size
    if told.algorithm != composite.algorithm or not told.sums:
        return Cut(tuple(spans), is_certain=told.is_exact)
    if not _is_sum_of(composite, told.sums):
        return None
    return Cut(tuple(spans), tuple(told.sums), is_certain=True)


def _is_sum_of(composite: Checksum, sums: Sequence[str]) -> bool:
    try:
        return composite_sum(composite.algorithm, sums) == composite.value
    except ValueError:
        # Not even base64.
        return False


def _spans(plan: PartPlan) -> tuple[Span, ...]:
    return tuple(part.span for part in plan)
