"""Which sums go with an upload, and what the store's reply proves about it.

A store that keeps checksums is sent a CRC64NVME and echoes it. Any other is sent a Content-MD5,
and its ETag is compared: that is the MD5 of what arrived, unless the store encrypted it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import IntegrityError
from s4desk.core.store.s3_headers import CHECKSUM
from s4desk.core.wire.checksums import CRC64NVME, MD5, can_combine, combine
from s4desk.core.wire.listing import bare_etag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.parts import PartReceipt
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.wire.checksums import RunningSum

_MD5_ETAG: Final = re.compile(r"[0-9a-f]{32}")
_ENCRYPTION: Final = "x-amz-server-side-encryption"


def algorithms_for(capabilities: Capabilities) -> tuple[str, ...]:
    """What a body is summed with: both kinds, until the store has shown what it does with them."""
    if capabilities.keeps_checksums is None:
        return (CRC64NVME, MD5)
    return (CRC64NVME,) if capabilities.keeps_checksums else (MD5,)


def sum_headers(sums: Sequence[RunningSum]) -> dict[str, str]:
    return {
        "content-md5" if each.algorithm == MD5 else CHECKSUM + each.algorithm: each.value
        for each in sums
    }


def verified_by(headers: Mapping[str, str], sums: Sequence[RunningSum]) -> str:
    """The algorithm by which the reply to an upload proves that our bytes arrived, or nothing.

    Raises IntegrityError when it proves that others did.
    """
    for each in sums:
        echo = headers.get(CHECKSUM + each.algorithm)
        if echo:
            _compare(each.algorithm, echo, each.value)
            return each.algorithm
    for each in sums:
        if each.algorithm == MD5 and has_md5_etag(headers):
            _compare(MD5, bare_etag(headers.get("etag")), each.digest.hex())
            return MD5
    return ""


def has_md5_etag(headers: Mapping[str, str]) -> bool:
    """Whether the ETag in a reply is the MD5 of the bytes: not of parts, not of ciphertext."""
    is_encrypted = (
        headers.get(_ENCRYPTION, "").startswith("aws:kms")
        or f"{_ENCRYPTION}-customer-algorithm" in headers
    )
    return not is_encrypted and bool(_MD5_ETAG.fullmatch(bare_etag(headers.get("etag"))))


def _compare(algorithm: str, theirs: str, ours: str) -> None:
    if theirs != ours:
        raise IntegrityError(f"the store received other bytes: {algorithm} {theirs}, not {ours}")


def checksum_of_parts(algorithm: str, parts: Sequence[PartReceipt]) -> str:
    """The sum of the whole object in base64, empty when a part has none."""
    if not can_combine(algorithm) or not parts or not all(part.checksum for part in parts):
        return ""
    total = parts[0].checksum
    for part in parts[1:]:
        total = combine(algorithm, total, part.checksum, part.size)
    return total


def verified_by_parts(etag: str, parts: Sequence[PartReceipt]) -> str:
    """`md5` when every part arrived as we summed it and the ETag is that of these parts."""
    digests = []
    for part in parts:
        if not part.checksum or base64.b64decode(part.checksum).hex() != part.etag:
            return ""
        digests.append(bytes.fromhex(part.etag))
    whole = hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()
    return MD5 if etag == f"{whole}-{len(parts)}" else ""
