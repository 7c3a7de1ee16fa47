"""The bytes of the objects that the null server makes up, and what they add up to."""

from __future__ import annotations

import base64
import random
from functools import cache
from typing import TYPE_CHECKING

from awscrt import checksums

if TYPE_CHECKING:
    from collections.abc import Iterator

# Not a power of two, so that ranges put in the wrong place do not look right.
_PERIOD = (1 << 20) + 7
_CONTENT = memoryview(random.Random(4).randbytes(_PERIOD))


def content(offset: int, size: int) -> bytes:
    """Return that range of every made-up object, for tests to compare with."""
    return b"".join(pieces(range(offset, offset + size)))


def pieces(wanted: range) -> Iterator[memoryview]:
    """The same, without a copy."""
    position = wanted.start
    while position < wanted.stop:
        start = position % _PERIOD
        piece = _CONTENT[start : start + wanted.stop - position]
        position += len(piece)
        yield piece


@cache
def crc64nvme(size: int) -> str:
    """The checksum of a whole made-up object as S3 tells it."""
    total = 0
    for piece in pieces(range(size)):
        total = checksums.crc64nvme(piece, total)
    return base64.b64encode(total.to_bytes(8, "big")).decode()
