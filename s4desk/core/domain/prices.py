"""What storage costs by prices that a person knows; nobody else is asked for any."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_GIB: Final = 1024**3


@dataclass(frozen=True, slots=True)
class Prices:
    """For a GiB kept for a month, by storage class. `currency` is a word for people."""

    currency: str = ""
    per_class: Mapping[str, Decimal] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.per_class)

    def cost(self, sizes: Mapping[str, int]) -> Decimal | None:
        """Of so many bytes by class, for a month; classes without a price are left out. None when
        all are."""
        priced = [
            self.per_class[name] * size / _GIB
            for name, size in sizes.items()
            if name in self.per_class
        ]
        return sum(priced, Decimal()) if priced else None
