"""Where a stretch of keys may be cut in two: guesses from the keys seen, never promises.

Keys are counted as numbers whose digits are the bytes that were seen to vary. A guess that is
wrong costs a request; which keys a range holds does not depend on it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLED: Final = 32
DEPTH: Final = 6
"""So many bytes behind what keys have in common are counted with."""

_DIGITS: Final = frozenset(b"0123456789")
_LETTERS: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_CAPITALS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX: Final = frozenset(b"abcdefABCDEF")
_UNFIT: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What an XML reply that echoes the request cannot hold."""


def byte_order(key: str) -> bytes:
    """S3's order of keys is that of their UTF-8 bytes."""
    return key.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Sample:
    """What one page shows of the keys around it: `count` keys from `first` to `last`.

    `digits` are the bytes in which they differ, and their kin, ascending.
    """

    first: bytes
    last: bytes
    count: int
    digits: bytes

    @property
    def shared(self) -> int:
        return _shared(self.first, self.last)


def sample_of(entries: Sequence[str]) -> Sample | None:
    """`entries` in byte order; None when there are too few to learn from."""
    if len(entries) < 2:
        return None
    step = max(1, len(entries) // SAMPLED)
    some = [byte_order(entry) for entry in (*entries[::step], entries[-1])]
    start = _shared(some[0], some[-1])
    varying: set[int] = set()
    for place in range(start, start + DEPTH):
        here = {key[place] for key in some if len(key) > place}
        if len(here) > 1:
            varying |= here
    return Sample(some[0], some[-1], len(entries), _with_kin(varying))


@dataclass(frozen=True, slots=True)
class KeySpace:
    """The keys of one listing. Every guess is a key that fits into a request, or None."""

    prefix: str
    delimiter: str = ""

    def beyond(self, sample: Sample, after: str, count: float) -> str | None:
        """The key about `count` keys behind `after`, None where counting comes to its end."""
        digits = self._digits(sample, byte_order(after))
        unit = digits.value(sample.last) - digits.value(sample.first)
        if unit <= 0:
            return None
        step = max(1, int(unit * min(count, 1e15) / sample.count))
        return self._fitting(digits.key(digits.value(byte_order(after)) + step), after, None)

    def halfway(self, sample: Sample, after: str, upper: str) -> str | None:
        """A key in the middle between two."""
        low, high = byte_order(after), byte_order(upper)
        digits = self._digits(sample, low)
        first, last = digits.value(low), digits.size
        if high < digits.greatest:
            last = digits.value(high)
        guess = self._fitting(digits.key((first + last) // 2), after, upper)
        if guess is not None:
            return guess
        digits = _Digits.all(low, high, sample.digits)
        middle = (digits.value(low) + digits.value(high)) // 2
        return self._fitting(digits.key(middle), after, upper)

    def past(self, sample: Sample, after: str) -> str | None:
        """A key behind all that have the same words as `after` and other digits."""
        low = byte_order(after)
        start = len(byte_order(self.prefix))
        for place in range(min(sample.shared, len(low)) - 1, start - 1, -1):
            if low[place] not in sample.digits and low[place] < 0x7E:
                return self._fitting(low[:place] + bytes([low[place] + 1]), after, None)
        return None

    def _digits(self, sample: Sample, like: bytes) -> _Digits:
        return _Digits.in_words(
            like, sample.digits, len(byte_order(self.prefix)), sample.shared + DEPTH
        )

    def _fitting(self, guess: bytes | None, after: str, upper: str | None) -> str | None:
        if guess is None:
            return None
        key = _text(guess)
        unfit = _UNFIT.search(key)
        if unfit is not None:
            key = key[: unfit.start()]
        if self.delimiter:
            # Not inside a folder: it would be in both halves.
            cut = key.find(self.delimiter, len(self.prefix))
            key = key if cut < 0 else key[:cut]
        is_between = byte_order(after) < byte_order(key) and key.startswith(self.prefix)
        is_below = upper is None or byte_order(key) < byte_order(upper)
        return key if is_between and is_below else None


@dataclass(frozen=True, slots=True)
class _Digits:
    """Reads keys as numbers: `alphabets` has the digits of each place, one where it is a word."""

    alphabets: Sequence[bytes]

    @classmethod
    def in_words(cls, like: bytes, digits: bytes, start: int, length: int) -> _Digits:
        """Only where `like` has digits, from `start` on; the rest is as it is there."""
        padded = like.ljust(length, digits[:1] or b"0")[:length]
        return cls(
            [
                digits if place >= start and byte in digits else bytes([byte])
                for place, byte in enumerate(padded)
            ]
        )

    @classmethod
    def all(cls, low: bytes, high: bytes, digits: bytes) -> _Digits:
        """Every place behind what two keys have in common."""
        start = _shared(low, high)
        wider = bytes(sorted({*digits, *low[start : start + 1], *high[start : start + 1]}))
        return cls([bytes([byte]) for byte in low[:start]] + [wider] * DEPTH)

    @property
    def size(self) -> int:
        size = 1
        for alphabet in self.alphabets:
            size *= len(alphabet)
        return size

    @property
    def greatest(self) -> bytes:
        return bytes(alphabet[-1] for alphabet in self.alphabets)

    def value(self, key: bytes) -> int:
        total = 0
        for place, alphabet in enumerate(self.alphabets):
            digit = bisect_left(alphabet, key[place]) if place < len(key) else 0
            total = total * len(alphabet) + min(digit, len(alphabet) - 1)
        return total

    def key(self, value: int) -> bytes | None:
        """None when there is no such number."""
        if value >= self.size:
            return None
        reversed_key = bytearray()
        for alphabet in reversed(self.alphabets):
            value, digit = divmod(value, len(alphabet))
            reversed_key.append(alphabet[digit])
        return bytes(reversed(reversed_key))


def _shared(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def _with_kin(varying: set[int]) -> bytes:
    """Where some digits or letters occur the others will."""
    kin = set(varying)
    for family in (_DIGITS, _LETTERS, _CAPITALS):
        if mine := varying & family:
            kin |= family & _HEX if mine <= _HEX else family
    return bytes(sorted(kin))


def _text(data: bytes) -> str:
    """As much of it as is UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        return data[: error.start].decode()
