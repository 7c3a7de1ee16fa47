"""Sizes, rates and counts that a person types."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

_QUANTITY: Final = re.compile(r"(\d{1,15}(?:[.,]\d{1,6})?)\s*([kKmMgGtT]?)(i?)[bB]?\Z")
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_UNITS: Final = [
    (f"{letter}{'i' if base == 1024 else ''}B".replace("KB", "kB"), base**power)
    for power, letter in ((4, "T"), (3, "G"), (2, "M"), (1, "K"))
    for base in (1024, 1000)
]


def parse_size(text: str) -> int:
    """Bytes, from “16 MiB”, “16M” (both binary) or “16 MB” (decimal)."""
    match = _QUANTITY.match(text.strip())
    if match is None or not (match[2] or text.strip().upper().endswith("B")):
        raise ValidationError(tr("Enter a size with its unit, such as 16 MiB."))
    is_decimal = not match[3] and text.strip().upper().endswith("B")
    base = 1000 if is_decimal else 1024
    return int(Decimal(match[1].replace(",", ".")) * base ** _POWERS[match[2].lower()])


def size_words(size: int) -> str:
    """Bytes in the largest unit that tells them without loss: `parse_size` reads it back."""
    for unit, factor in _UNITS:
        thousandths, rest = divmod(size * 1000, factor)
        if size >= factor and not rest:
            return f"{Decimal(thousandths) / 1000:f} {unit}"
    return f"{size} B"


def size_between(least: int, most: int) -> Callable[[str], int]:
    """A parser of sizes that are neither too small nor too large."""

    def parse(text: str) -> int:
        size = parse_size(text)
        if not least <= size <= most:
            said = tr("Enter a size from {least} to {most}.")
            raise ValidationError(said.format(least=size_words(least), most=size_words(most)))
        return size

    return parse


def rate_from(least: int) -> Callable[[str], int]:
    """A parser of bytes per second; nothing is 0, which means no limit."""

    def parse(text: str) -> int:
        stripped = text.strip()
        if not stripped:
            return 0
        try:
            rate = parse_size(re.sub(r"\s*(/\s*s|ps)\Z", "", stripped))
        except ValidationError:
            said = tr("Enter a speed with its unit, such as 2.5 MB/s, or nothing for no limit.")
            raise ValidationError(said) from None
        if rate < least:
            said = tr("Less than {least} is too little to keep a connection alive.")
            raise ValidationError(said.format(least=rate_words(least)))
        return rate

    return parse


def rate_example() -> str:
    """What stands where no speed is typed: what that means, and how one is written."""
    return tr("no limit; or such as 2.5 MB/s")


def rate_words(rate: int) -> str:
    """Bytes per second as `rate_from` reads them; nothing for no limit."""
    return f"{size_words(rate)}/s" if rate else ""


def count_between(least: int, most: int, *, empty: int | None = None) -> Callable[[str], int]:
    """A parser of whole numbers; `empty` is what nothing means, if it means something."""

    def parse(text: str) -> int:
        stripped = text.strip()
        if not stripped and empty is not None:
            return empty
        if not stripped.isdecimal() or not least <= int(stripped) <= most:
            said = tr("Enter a number from {least} to {most}.")
            raise ValidationError(said.format(least=least, most=most))
        return int(stripped)

    return parse
