"""How many requests of one listing are under way at once."""

from __future__ import annotations

import math
from typing import Final

READERS: Final = 8
FEWEST: Final = 2
"""While one page is on its way another can be read in."""
HANDLING_S: Final = 0.005
"""What a page of 1000 keys takes here: reading its XML, and a place in a table or on paper."""
SLACK: Final = 2


class Readers:
    """As many as fit into a round trip, at most `most`.

    Pages are read in and shown one after the other. While a page of a store next door is on its
    way there is time for one more or two: those beyond bring nothing, and take turns from the
    window. The shortest answer tells how far the store is, however busy this machine is.
    """

    def __init__(self, most: int = READERS) -> None:
        self._most = most
        self._shortest = math.inf
        self._pages = 0

    @property
    def most(self) -> int:
        return self._most

    @property
    def at_once(self) -> int:
        """Slowly at first: most listings end before they need them all."""
        worthwhile = SLACK * self._shortest / HANDLING_S
        return int(min(self._most, max(FEWEST, worthwhile), max(1, 2 * self._pages - 2)))

    def answered(self, seconds: float) -> None:
        """A page came, so long after it was asked for."""
        self._pages += 1
        self._shortest = min(self._shortest, seconds)

    def throttled(self) -> None:
        """The store asks for patience."""
        self._most = max(1, self._most // 2)
