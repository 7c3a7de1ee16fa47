"""Whether what arrived is what was sent, with the sums that stores keep."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from s4desk.core.domain.objects import Checksum, ObjectMeta
from s4desk.core.domain.parts import (
    MIB,
    PART_SIZE,
    Part,
    PartPlan,
    PartReceipt,
    Span,
    plan_parts,
)
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.files import SteadySource, add_to_sum
from s4desk.core.wire.checksums import ALGORITHMS, MD5, can_combine, combine, running_sum

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.wire.body import Source

SIZE_ONLY = "size-only"
_HASHED_PER_HOP = 32 * MIB
_MD5_ETAG = re.compile(r"[0-9a-f]{32}")
_COMPOSITE_ETAG = re.compile(r"[0-9a-f]{32}-([0-9]{1,5})")
_ENCRYPTION = "x-amz-server-side-encryption"
_USUAL_PART_SIZES = tuple(size * MIB for size in (5, 8, 15, 16, 64))
_MOST_GUESSES = 4


def expected_sum(meta: ObjectMeta) -> Checksum | None:
    """The sum that the whole object must have, None when the store does not say.

    An ETag is an MD5 only for an object that was put in one piece and is not encrypted with
    SSE-KMS or SSE-C ("Object" in the S3 API reference).
    """
    known = meta.checksum
    if known is not None and known.is_full and known.algorithm in ALGORITHMS:
        return known
    if _is_secret(meta) or not _MD5_ETAG.fullmatch(meta.etag):
        return None
    return Checksum(MD5, base64.b64encode(bytes.fromhex(meta.etag)).decode())


def _is_secret(meta: ObjectMeta) -> bool:
    """Whether it is encrypted in a way that makes its ETag no MD5 of anything we know."""
    is_kms = meta.headers.get(_ENCRYPTION, "").startswith("aws:kms")
    return is_kms or f"{_ENCRYPTION}-customer-algorithm" in meta.headers


def parts_told(meta: ObjectMeta) -> int:
    """Of how many parts the ETag was made, 0 when it was not, or not of their MD5s."""
    found = _COMPOSITE_ETAG.fullmatch(meta.etag)
    return int(found[1]) if found and not _is_secret(meta) else 0


def has_same_bytes(one: ObjectMeta, other: ObjectMeta) -> bool:
    """Whether two objects are proved equal by their sums, or by ETags of the same parts."""
    if one.size != other.size:
        return False
    first, second = expected_sum(one), expected_sum(other)
    if first is not None and second is not None and first.algorithm == second.algorithm:
        return first.value == second.value
    return parts_told(one) > 0 and parts_told(other) > 0 and one.etag == other.etag


def algorithm_of_proof(one: ObjectMeta, other: ObjectMeta) -> str:
    """By what two objects of which `has_same_bytes` is true are the same."""
    first, second = expected_sum(one), expected_sum(other)
    is_by_sum = first is not None and second is not None and first.algorithm == second.algorithm
    return first.algorithm if first is not None and is_by_sum else MD5


def joined(algorithm: str, sums: Sequence[tuple[str, int]]) -> str | None:
    """The sum of a whole from those of its parts, each with its size in bytes.

    None when the algorithm does not allow it or a sum is missing.
    """
    if not sums or not can_combine(algorithm) or not all(value for value, _ in sums):
        return None
    whole = sums[0][0]
    for value, size in sums[1:]:
        whole = combine(algorithm, whole, value, size)
    return whole


def is_joined_of(meta: ObjectMeta, algorithm: str, parts: Sequence[PartReceipt]) -> bool:
    """Whether an object is what these parts, all of them in order, make when joined."""
    if meta.size != sum(part.size for part in parts):
        return False
    whole = joined(algorithm, [(part.checksum, part.size) for part in parts])
    known = meta.checksum
    if whole is not None and known is not None and known.is_full and known.algorithm == algorithm:
        return known.value == whole
    return meta.etag == composite_etag(parts)


def composite_etag(parts: Sequence[PartReceipt]) -> str | None:
    """The ETag a store gives to joined parts, None when theirs are not MD5s."""
    if not all(_MD5_ETAG.fullmatch(part.etag) for part in parts):
        return None
    return _joined_etag([bytes.fromhex(part.etag) for part in parts])


def etag_of_sums(sums: Sequence[str]) -> str:
    """The ETag a store gives to joined parts with these MD5s (base64)."""
    return _joined_etag([base64.b64decode(value) for value in sums])


def _joined_etag(digests: Sequence[bytes]) -> str:
    whole = hashlib.md5(b"".join(digests), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(digests)}"


def contradicts(meta: ObjectMeta, algorithm: str, parts: Sequence[PartReceipt]) -> bool:
    """Whether the store's own words show that the joined object is not what was sent."""
    if meta.size != sum(part.size for part in parts):
        return True
    whole = joined(algorithm, [(part.checksum, part.size) for part in parts])
    known = meta.checksum
    if whole is None or known is None or not known.is_full or known.algorithm != algorithm:
        return False
    return known.value != whole


async def sum_of(source: Source, size: int, algorithm: str) -> str:
    """The checksum of a whole source in base64; a cancellation is obeyed every few slices."""
    return await sum_of_span(source, Span(0, size), algorithm)


async def sum_if_held(source: Source, part: Part, held: PartReceipt, algorithm: str) -> str | None:
    """The sum of a part's bytes, in `algorithm`, if the store proves to hold just these.

    The proof is the sum that it lists for the part, else an ETag that is their MD5.
    """
    value = await sum_of_span(source, part.span, algorithm)
    if held.checksum and algorithm != MD5:
        return value if held.checksum == value else None
    digest = value if algorithm == MD5 else await sum_of_span(source, part.span, MD5)
    return value if base64.b64decode(digest).hex() == held.etag else None


async def sum_of_span(source: Source, span: Span, algorithm: str) -> str:
    """The sum of some bytes of a file (base64)."""
    total = running_sum(algorithm)
    for offset in range(span.offset, span.end, _HASHED_PER_HOP):
        some = Span(offset, min(_HASHED_PER_HOP, span.end - offset))
        await in_thread(add_to_sum, total, source, some)
    return total.value


async def is_same(path: Path, meta: ObjectMeta, *, part_size: int = PART_SIZE) -> bool:
    """Whether a file and an object are proved to hold the same bytes.

    The proof is the sum that the store keeps; for joined parts without one, an ETag that comes
    out of the file when it is cut as the parts may have been, with `part_size` (bytes) first.
    Size and time prove nothing: where there is no proof the two count as different, and are moved
    (SPEC.md section 1). Raises LocalFileError, SourceChangedError.
    """
    source = SteadySource(path)
    try:
        await in_thread(source.open)
        if source.fingerprint.size != meta.size:
            return False
        if not meta.size:
            return True
        expected = expected_sum(meta)
        if expected is not None:
            return await sum_of(source, meta.size, expected.algorithm) == expected.value
        return await is_cut_as_told(source, meta, part_size=part_size)
    finally:
        source.close()


async def is_cut_as_told(source: Source, meta: ObjectMeta, *, part_size: int = PART_SIZE) -> bool:
    """Whether the ETag of joined parts comes out of `source` (of the object's size), cut as the
    parts may have been: with `part_size` (bytes) first, then as others do."""
    for plan in part_guesses(meta.size, parts_told(meta), part_size):
        if await _etag_when_cut(source, plan) == meta.etag:
            return True
    return False


def part_guesses(size: int, count: int, part_size: int = PART_SIZE) -> list[PartPlan]:
    """The likeliest ways in which `size` bytes were cut into `count` parts: ours first, a few."""
    if not count:
        return []
    smallest = -(-size // count)
    rounded = -(-smallest // MIB) * MIB
    power = MIB << (rounded // MIB - 1).bit_length()
    sizes = (plan_parts(size, part_size).part_size, *_USUAL_PART_SIZES, rounded, power, smallest)
    plans = (PartPlan(size, each) for each in dict.fromkeys(min(each, size) for each in sizes))
    return [plan for plan in plans if plan.count == count][:_MOST_GUESSES]


async def _etag_when_cut(source: Source, plan: PartPlan) -> str:
    return etag_of_sums([await sum_of_span(source, part.span, MD5) for part in plan])
