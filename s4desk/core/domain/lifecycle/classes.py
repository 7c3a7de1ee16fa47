"""Storage classes of S3 among which objects are transitioned.

"Transitioning objects using Amazon S3 Lifecycle" in the S3 user guide.
"""

from __future__ import annotations

from typing import Final

STANDARD: Final = "STANDARD"
ARCHIVES: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
CHEAPEST_FIRST: Final = (
    "DEEP_ARCHIVE",
    "GLACIER",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "ONEZONE_IA",
    "STANDARD_IA",
)
"""Which wins of two: "How Amazon S3 handles conflicts in lifecycle configurations". Intelligent
tiering comes before all but the two archives there."""
RANKS: Final = {name: rank for rank, name in enumerate(CHEAPEST_FIRST)}

_WAYS_DOWN: Final = {
    "STANDARD_IA": frozenset(CHEAPEST_FIRST) - {"STANDARD_IA"},
    "INTELLIGENT_TIERING": frozenset({"ONEZONE_IA", "GLACIER_IR", *ARCHIVES}),
    "ONEZONE_IA": ARCHIVES,
    "GLACIER_IR": ARCHIVES,
    "GLACIER": frozenset({"DEEP_ARCHIVE"}),
    "DEEP_ARCHIVE": frozenset(),
}


def can_become(now: str, then: str) -> bool:
    """Whether a transition leads from one class to the other.

    There is no way back up. A class that S3 does not have may become any other.
    """
    if now == then or then in (STANDARD, "REDUCED_REDUNDANCY"):
        return False
    ways = _WAYS_DOWN.get(now)
    return ways is None or then in ways or then not in RANKS
