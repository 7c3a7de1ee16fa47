"""How an object is cut into parts, and what is remembered of the ones that are done.

Limits: "Amazon S3 multipart upload limits" in the S3 user guide; SPEC.md section 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s4desk.core.domain.identity import UploadId

KIB = 1024
MIB = 1024**2
GIB = 1024**3
TIB = 1024**4

MULTIPART_THRESHOLD = 64 * MIB
PART_SIZE = 16 * MIB
MIN_PART_SIZE = 5 * MIB
MAX_PART_SIZE = 5 * GIB
MAX_PARTS = 10_000
MAX_SINGLE_PUT = 5 * GIB
MAX_SINGLE_COPY = 5 * GIB
MAX_OBJECT_AWS = 488 * TIB // 10  # 48.8 TiB
MAX_OBJECT = 5 * TIB
RANGED_DOWNLOAD_THRESHOLD = 25 * MIB


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open run of bytes: `offset` and `size`, both in bytes."""

    offset: int
    size: int

    @property
    def end(self) -> int:
        return self.offset + self.size

    @property
    def header(self) -> str:
        """The value of an HTTP Range header."""
        return f"bytes={self.offset}-{self.end - 1}"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a plan. Numbers start at 1, as S3's do."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class PartPlan:
    """How `size` bytes are cut into parts of `part_size`, the last one shorter."""

    size: int
    part_size: int

    def __post_init__(self) -> None:
        if self.size < 0 or self.part_size < 1:
            raise ValueError(f"cannot cut {self.size} bytes into parts of {self.part_size}")

    @property
    def count(self) -> int:
        return -(-self.size // self.part_size)

    def part(self, number: int) -> Part:
        offset = (number - 1) * self.part_size
        return Part(number, Span(offset, min(self.part_size, self.size - offset)))

    def __iter__(self) -> Iterator[Part]:
        return (self.part(number) for number in range(1, self.count + 1))


def plan_parts(size: int, part_size: int = PART_SIZE) -> PartPlan:
    """Cut `size` bytes, doubling `part_size` until S3's 10 000 parts are enough.

    Raises ValueError when even parts of 5 GiB are not.
    """
    while size > part_size * MAX_PARTS:
        if part_size == MAX_PART_SIZE:
            raise ValueError(f"{size} bytes are more than S3 takes in one object")
        part_size = min(2 * part_size, MAX_PART_SIZE)
    return PartPlan(size, part_size)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells whether a local file is still the one that was read.

    `ctime_ns` is when anything of it was changed: who writes into a file and puts its time back
    cannot put back that one. On Windows it never changes; 0 is one that was not noted.
    """

    size: int
    mtime_ns: int
    file_id: int
    ctime_ns: int = 0


@dataclass(frozen=True, slots=True)
class ObjectIdentity:
    """What tells whether an object is still the one that was read.

    `modified` is in whole seconds since the epoch, as HEAD tells it; 0 where it does not.
    """

    size: int
    etag: str
    version: str = ""
    modified: int = 0


Identity = Fingerprint | ObjectIdentity


@dataclass(frozen=True, slots=True)
class PartReceipt:
    """A part that a store holds. `checksum` is base64 of the algorithm the upload uses."""

    number: int
    size: int
    etag: str
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class UploadCheckpoint:
    """What is needed to go on with a multipart upload after a restart.

    `algorithm` is what the parts are summed with, as the upload was created; `is_composite`: the
    object will have a sum of these sums.
    """

    upload: UploadId
    part_size: int
    source: Identity
    algorithm: str = "md5"
    parts: Mapping[int, PartReceipt] = field(default_factory=dict)
    is_composite: bool = False


@dataclass(frozen=True, slots=True)
class MoveCheckpoint:
    """A move whose target is complete, and whose source may still be there.

    Both are as they were when it had arrived. `verified` says how they were proved to hold the same
    bytes; size-only: that is yet to be done.
    """

    source: Identity
    target: Identity
    verified: str


@dataclass(frozen=True, slots=True)
class DownloadCheckpoint:
    """What is needed to go on with a ranged download: the object, and the ranges that are on disk.

    `done` maps part number to the sum of that range as it arrived, in `algorithm` (base64).
    """

    etag: str
    version: str
    size: int
    part_size: int
    partial: str
    algorithm: str = "crc32"
    done: Mapping[int, str] = field(default_factory=dict)
