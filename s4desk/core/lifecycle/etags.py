"""Many ETags in little memory: as text they would cost as much as the keys."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, overload

if TYPE_CHECKING:
    from collections.abc import Iterable

_MD5: Final = 16
_USUAL: Final = re.compile(r"([0-9a-f]{32})(?:-([1-9][0-9]{0,4}))?")
_WHOLE: Final = 0
_ODD: Final = -1


class Etags(Sequence[str]):
    """The MD5 of an object, or of its parts with their number, takes 20 bytes; any other text is
    kept as it is."""

    def __init__(self) -> None:
        self._sums = bytearray()
        self._parts = array("i")
        self._odd: dict[int, str] = {}

    def append(self, etag: str) -> None:
        usual = _USUAL.fullmatch(etag)
        if usual is None:
            self._odd[len(self._parts)] = etag
            self._sums += bytes(_MD5)
            self._parts.append(_ODD)
        else:
            self._sums += bytes.fromhex(usual[1])
            self._parts.append(int(usual[2] or _WHOLE))

    def extend(self, etags: Iterable[str]) -> None:
        """Add many; those of another of these cost nothing."""
        if not isinstance(etags, Etags):
            for etag in etags:
                self.append(etag)
            return
        rows = len(self._parts)
        # ruff: noqa: SLF001 - the other is of this class
        self._odd.update((rows + row, etag) for row, etag in etags._odd.items())
        self._sums += etags._sums
        self._parts += etags._parts

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
