"""Many ETags in little memory: as text they would cost as much as the keys."""

from __future__ import annotations

import functools
import re
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

_MD5: Final = 16
_HEX: Final = re.compile(r"[0-9a-f]*")
_REST: Final = re.compile(r"(?:-([1-9][0-9]{0,4}))?")
_WHOLE: Final = 0
_ODD: Final = -1


@functools.lru_cache(maxsize=10_001)
def _parts_in(rest: str) -> int:
    """The number of parts, of what stands behind a sum."""
    found = _REST.fullmatch(rest)
    return _ODD if found is None else int(found[1] or _WHOLE)


class Etags(Sequence[str]):
    """The MD5 of an object, or of its parts with their number, takes 20 bytes; any other text is
    kept as it is."""

    def __init__(self) -> None:
        self._sums = bytearray()
        self._parts = array("i")
        self._odd: dict[int, str] = {}

    def append(self, etag: str) -> None:
        sum_, parts = etag[: 2 * _MD5], _parts_in(etag[2 * _MD5 :])
        if parts == _ODD or len(sum_) < 2 * _MD5 or not _HEX.fullmatch(sum_):
            self._odd[len(self._parts)] = etag
            self._sums += bytes(_MD5)
            self._parts.append(_ODD)
        else:
            self._sums += bytes.fromhex(sum_)
            self._parts.append(parts)

    def extend(self, etags: Iterable[str]) -> None:
        """Add many; those of another of these cost nothing."""
        if not isinstance(etags, Etags):
            self._add_all(list(etags))
            return
        rows = len(self._parts)
        # ruff: noqa: SLF001 - the other is of this class
        self._odd.update((rows + row, etag) for row, etag in etags._odd.items())
        self._sums += etags._sums
        self._parts += etags._parts

    def _add_all(self, etags: list[str]) -> None:
        """Most pages have nothing but sums, which are read in one piece."""
        sums = [etag[: 2 * _MD5] for etag in etags]
        together = "".join(sums)
        if set(map(len, sums)) <= {2 * _MD5} and _HEX.fullmatch(together):
            parts = [_parts_in(etag[2 * _MD5 :]) for etag in etags]
            if _ODD not in parts:
                self._sums += bytes.fromhex(together)
                self._parts.extend(parts)
                return
        for etag in etags:
            self.append(etag)

    def __len__(self) -> int:
        return len(self._parts)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        row = range(len(self))[at]
        parts = self._parts[row]
        if parts == _ODD:
            return self._odd[row]
        sum_ = self._sums[_MD5 * row : _MD5 * (row + 1)].hex()
        return sum_ if parts == _WHOLE else f"{sum_}-{parts}"
