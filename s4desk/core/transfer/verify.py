"""Whether what arrived is what was sent, with the sums that stores keep."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from s4desk.core.domain.objects import Checksum, ObjectMeta
from s4desk.core.domain.parts import MIB, PartReceipt, Span
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.files import SteadySource, add_to_sum, modified_of
from s4desk.core.wire.checksums import ALGORITHMS, MD5, can_combine, combine, running_sum

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.wire.body import Source

SIZE_ONLY = "size-only"
_HASHED_PER_HOP = 32 * MIB
_MD5_ETAG = re.compile(r"[0-9a-f]{32}")
_COMPOSITE_ETAG = re.compile(r"[0-9a-f]{32}-[0-9]+")
_ENCRYPTION = "x-amz-server-side-encryption"


def expected_sum(meta: ObjectMeta) -> Checksum | None:
    """The sum that the whole object must have, None when the store does not say.

    An ETag is an MD5 only for an object that was put in one piece and is not encrypted with
    SSE-KMS or SSE-C ("Object" in the S3 API reference).
    """
    known = meta.checksum
    if known is not None and known.is_full and known.algorithm in ALGORITHMS:
        return known
    is_secret = meta.headers.get(_ENCRYPTION, "").startswith("aws:kms")
    is_secret |= f"{_ENCRYPTION}-customer-algorithm" in meta.headers
    if is_secret or not _MD5_ETAG.fullmatch(meta.etag):
        return None
    return Checksum(MD5, base64.b64encode(bytes.fromhex(meta.etag)).decode())


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
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"


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
    total = running_sum(algorithm)
    for offset in range(0, size, _HASHED_PER_HOP):
        span = Span(offset, min(_HASHED_PER_HOP, size - offset))
        await in_thread(add_to_sum, total, source, span)
    return total.value


async def is_same(path: Path, meta: ObjectMeta, *, is_target: bool) -> bool:
    """Whether a file and an object need not be moved over each other.

    Of the same size, with the same sum; where the store keeps none, when the target (the file if
    `is_target`) is not older than the source. Raises LocalFileError, SourceChangedError.
    """
    source = SteadySource(path)
    try:
        await in_thread(source.open)
        if source.fingerprint.size != meta.size:
            return False
        expected = expected_sum(meta)
        if expected is not None:
            return await sum_of(source, meta.size, expected.algorithm) == expected.value
    finally:
        source.close()
    if meta.modified is None:
        return False
    modified = await in_thread(modified_of, path)
    return modified >= meta.modified if is_target else meta.modified >= modified
