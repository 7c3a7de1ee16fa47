"""The checksums that S3 knows, behind one interface.

The CRCs of awscrt and the digests of hashlib let other threads run while they work.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final, Protocol, cast

from s4desk.core.wire.crc import CRCS

if TYPE_CHECKING:
    from collections.abc import Sequence

CRC64NVME: Final = "crc64nvme"
MD5: Final = "md5"

_DIGESTS: Final = ("sha256", "sha1", MD5)
ALGORITHMS: Final = (*CRCS, *_DIGESTS)
"""S3's names in lower case, what is preferred first."""


class RunningSum(Protocol):
    """The sum of all bytes it has been shown so far."""

    algorithm: str

    def update(self, view: memoryview) -> None: ...

    @property
    def digest(self) -> bytes: ...

    @property
    def value(self) -> str:
        """The sum in base64, as S3 writes it."""

    def fresh(self) -> RunningSum:
        """Another one of the same algorithm that has seen nothing."""


class _Crc:
    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self._kind = CRCS[algorithm]
        self._crc = 0

    def update(self, view: memoryview) -> None:
        self._crc = self._kind.updated(view, self._crc)

    @property
    def digest(self) -> bytes:
        return self._crc.to_bytes(self._kind.width, "big")

    @property
    def value(self) -> str:
        return base64.b64encode(self.digest).decode()

    def fresh(self) -> _Crc:
        return _Crc(self.algorithm)


class _Digest:
    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self._hash = hashlib.new(algorithm, usedforsecurity=False)

    def update(self, view: memoryview) -> None:
        self._hash.update(view)

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    @property
    def value(self) -> str:
        return base64.b64encode(self.digest).decode()

    def fresh(self) -> _Digest:
        return _Digest(self.algorithm)


class KnownSum:
    """The sum of bytes that were all seen before, `value` in base64."""

    def __init__(self, algorithm: str, value: str) -> None:
        self.algorithm = algorithm
        self.value = value

    def update(self, view: memoryview) -> None:
        """It is what it is."""

    @property
    def digest(self) -> bytes:
        return base64.b64decode(self.value, validate=True)

    def fresh(self) -> RunningSum:
        return running_sum(self.algorithm)


def running_sum(algorithm: str) -> RunningSum:
    """A sum that has seen nothing. Raises ValueError for a name that S3 does not know."""
    if algorithm in CRCS:
        return cast(RunningSum, _Crc(algorithm))
    if algorithm in _DIGESTS:
        return cast(RunningSum, _Digest(algorithm))
    raise ValueError(f"no such checksum: {algorithm}")


def checksum(algorithm: str, data: bytes | memoryview) -> str:
    """The sum of `data` in base64."""
    total = running_sum(algorithm)
    total.update(memoryview(data))
    return total.value


def can_combine(algorithm: str) -> bool:
    """Whether the sum of a whole follows from the sums of its parts."""
    return algorithm in CRCS


def combine(algorithm: str, first: str, second: str, second_size: int) -> str:
    """The sum of two runs of bytes from the sum of each, in base64; `second_size` in bytes.

    Raises ValueError for a digest and for what is not base64.
    """
    kind = CRCS.get(algorithm)
    if kind is None:
        raise ValueError(f"{algorithm} of a whole does not follow from its parts")
    joined = kind.joined(_number(first), _number(second), second_size)
    return base64.b64encode(joined.to_bytes(kind.width, "big")).decode()


def composite_sum(algorithm: str, sums: Sequence[str]) -> str:
    """The sum of sums (base64), with how many they are behind a hyphen, as S3 writes it.

    Raises ValueError for what is not base64.
    """
    total = running_sum(algorithm)
    total.update(memoryview(b"".join(base64.b64decode(value, validate=True) for value in sums)))
    return f"{total.value}-{len(sums)}"


def _number(value: str) -> int:
    return int.from_bytes(base64.b64decode(value, validate=True), "big")
