"""Whether what arrived is what was sent, with the sums that stores keep."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from s4desk.core.domain.objects import Checksum, ObjectMeta
from s4desk.core.domain.parts import (
    MIB,
    PART_SIZE,
    Part,
    PartReceipt,
    Span,
)
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.composite import (
    composite_etag,
    composite_of,
    composites_of,
    guessed,
    is_secret,
)
from s4desk.core.transfer.files import SteadySource, add_to_sum
from s4desk.core.wire.checksums import (
    ALGORITHMS,
    MD5,
    can_combine,
    combine,
    composite_sum,
    running_sum,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.transfer.composite import Composition
    from s4desk.core.wire.body import Source

SIZE_ONLY = "size-only"
_HASHED_PER_HOP = 32 * MIB
_MD5_ETAG = re.compile(r"[0-9a-f]{32}")


def expected_sum(meta: ObjectMeta) -> Checksum | None:
    """The sum that the whole object must have, None when the store does not say.

    An ETag is an MD5 only for an object that was put in one piece and is not encrypted with
    SSE-KMS or SSE-C ("Object" in the S3 API reference).
    """
    return next(iter(_whole_sums(meta)), None)


def _whole_sums(meta: ObjectMeta) -> list[Checksum]:
    """All sums of the whole object that the store tells, the best one first."""
    found = []
    known = meta.checksum
    if known is not None and known.is_full and known.algorithm in ALGORITHMS:
        found.append(known)
    if not is_secret(meta) and _MD5_ETAG.fullmatch(meta.etag):
        found.append(Checksum(MD5, base64.b64encode(bytes.fromhex(meta.etag)).decode()))
    return found


def has_same_bytes(one: ObjectMeta, other: ObjectMeta) -> bool:
    """Whether two objects are proved equal by their sums, or by those of the same parts.

    An ETag beside another sum may prove it too: the one store has checksums, the other has none.
    """
    if one.size != other.size:
        return False
    first, second = expected_sum(one), expected_sum(other)
    if first is not None and second is not None and first.algorithm == second.algorithm:
        return first.value == second.value
    return bool(_shared(one, other))


def algorithm_of_proof(one: ObjectMeta, other: ObjectMeta) -> str:
    """By what two objects of which `has_same_bytes` is true are the same."""
    shared = _shared(one, other)
    return shared[0].algorithm if shared else MD5


def _shared(one: ObjectMeta, other: ObjectMeta) -> list[Checksum]:
    """The sums that two objects have in common, the best one first."""
    theirs = (*_whole_sums(other), *composites_of(other))
    return [each for each in (*_whole_sums(one), *composites_of(one)) if each in theirs]


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
    sums = _kept_and_made(meta, algorithm, parts)
    return sums[0] == sums[1] if sums else meta.etag == composite_etag(parts)


def contradicts(meta: ObjectMeta, algorithm: str, parts: Sequence[PartReceipt]) -> bool:
    """Whether the store's own words show that the joined object is not what was sent."""
    if meta.size != sum(part.size for part in parts):
        return True
    sums = _kept_and_made(meta, algorithm, parts)
    return sums is not None and sums[0] != sums[1]


def is_joined_of_others(meta: ObjectMeta, parts: Sequence[PartReceipt]) -> bool:
    """Whether an object's ETag is one of parts as these are, and not of these: somebody else joined
    his after ours, or he did not see them."""
    if is_secret(meta) or not all(_is_md5(part) for part in parts):
        return False
    is_told = any(each.algorithm == MD5 for each in composites_of(meta))
    return is_told and meta.etag != composite_etag(parts)


def _is_md5(part: PartReceipt) -> bool:
    """Whether the store gave a part its MD5 as an ETag."""
    return part.checksum != "" and base64.b64decode(part.checksum).hex() == part.etag


def _kept_and_made(
    meta: ObjectMeta, algorithm: str, parts: Sequence[PartReceipt]
) -> tuple[str, str] | None:
    """The sum that the store keeps with an object, and the one that its parts make; None where
    they cannot be compared."""
    kept = meta.checksum
    if kept is None or kept.algorithm != algorithm or not all(part.checksum for part in parts):
        return None
    if kept.is_full:
        whole = joined(algorithm, [(part.checksum, part.size) for part in parts])
        return None if whole is None else (kept.value, whole)
    composite = composite_of(meta)
    made = composite_sum(algorithm, [part.checksum for part in parts])
    return None if composite is None else (composite.value, made)


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

    The proof is the sum that the store keeps; for joined parts without one, the sum of their sums
    or an ETag that comes out of the file when it is cut as the parts may have been, with
    `part_size` (bytes) first.
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
        return await composes(source, guessed(meta, part_size))
    finally:
        source.close()


async def composes(source: Source, known: Composition | None) -> bool:
    """Whether the sum of an object's sums comes out of `source` (of its size) in one of the ways
    in which it may have been cut."""
    if known is None:
        return False
    for cut in known.cuts:
        sums = [await sum_of_span(source, span, known.algorithm) for span in cut.spans]
        if composite_sum(known.algorithm, sums) == known.composite.value:
            return True
    return False
