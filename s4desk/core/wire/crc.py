"""The CRCs that S3 knows, of a library in C, and the first few of a program without it.

To load the library takes 30 ms: a tenth of what a script takes that moves one small file.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LIBRARY: Final = "awscrt.checksums"

SMALL: Final = 32 * 1024
"""Up to so many bytes are summed here, in 2 ms or less, if the library is not there yet."""

_ALLOWANCE: Final = threading.Semaphore(4)
"""How often still; whoever sums more is better off with the library."""


@dataclass(frozen=True)
class Crc:
    """A CRC that begins and ends inverted, of `width` bytes; `polynomial` is reflected."""

    name: str
    width: int
    polynomial: int

    def updated(self, view: memoryview, crc: int) -> int:
        """The sum of what `crc` is the sum of, and of what follows it."""
        if not _has_library() and len(view) <= SMALL and _ALLOWANCE.acquire(blocking=False):
            return self.updated_slowly(view, crc)
        return self._quickly(view, crc)

    def updated_slowly(self, view: memoryview, crc: int) -> int:
        """The same without the library."""
        table, inverted = self._table, (1 << 8 * self.width) - 1
        crc ^= inverted
        for byte in view.cast("B"):
            crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
        return crc ^ inverted

    def joined(self, first: int, second: int, second_size: int) -> int:
        """The sum of two runs of bytes from the sum of each."""
        return int(getattr(load(), f"combine_{self.name}")(first, second, second_size))

    @cached_property
    def _quickly(self) -> Callable[[memoryview, int], int]:
        return cast("Callable[[memoryview, int], int]", getattr(load(), self.name))

    @cached_property
    def _table(self) -> Sequence[int]:
        table = []
        for entry in range(256):
            crc = entry
            for _ in range(8):
                crc = crc >> 1 ^ (self.polynomial if crc & 1 else 0)
            table.append(crc)
        return table


CRCS: Final = {
    each.name: each
    for each in (
        Crc("crc64nvme", 8, 0x9A6C_9329_AC4B_C9B5),
        Crc("crc32c", 4, 0x82F6_3B78),
        Crc("crc32", 4, 0xEDB8_8320),
    )
}


@cache
def load() -> Any:
    """Load the library, which does not let other threads run meanwhile."""
    return import_module(_LIBRARY)


def _has_library() -> bool:
    return _LIBRARY in sys.modules
