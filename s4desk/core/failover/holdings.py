"""What members of a group have of one key, and what was counted of many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.identity import ConnectionId


class Standing(StrEnum):
    """What a member has of a key. OTHER and UNPROVED are beside the first member that holds it:
    other bytes, or of one size and nothing says whether they are the same. UNREAD: the member could
    not be listed, and nobody knows."""

    SAME = "same"
    OTHER = "other"
    UNPROVED = "unproved"
    MISSING = "missing"
    UNREAD = "unread"


_HELD: Final = (Standing.SAME, Standing.OTHER, Standing.UNPROVED)


@dataclass(frozen=True, slots=True)
class Holding:
    """What one member has of one key. `size` is in bytes, None where nothing is; `modified` is in
    seconds since the epoch in UTC, None where nobody said."""

    standing: Standing
    size: int | None = None
    etag: str = ""
    modified: float | None = None

    @property
    def is_held(self) -> bool:
        return self.standing in _HELD


MISSING: Final = Holding(Standing.MISSING)
UNREAD: Final = Holding(Standing.UNREAD)


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A key of the group, and what each member has of it, in the order of the members."""

    key: str
    holdings: tuple[Holding, ...]

    @property
    def is_same(self) -> bool:
        """Whether all members are known to hold the same."""
        return all(each.standing is Standing.SAME for each in self.holdings)

    @property
    def differs(self) -> bool:
        """Whether those that were read are not all known to hold the same."""
        return any(each.standing not in (Standing.SAME, Standing.UNREAD) for each in self.holdings)

    @property
    def is_unproved(self) -> bool:
        """Whether it is not known if all who hold it have the same bytes."""
        return any(each.standing is Standing.UNPROVED for each in self.holdings)

    @property
    def only_at(self) -> int | None:
        """Which member alone holds it: it could not be read without that. None where somebody could
        not be listed, who may hold it too."""
        if any(each.standing is Standing.UNREAD for each in self.holdings):
            return None
        holders = [number for number, each in enumerate(self.holdings) if each.is_held]
        return holders[0] if len(holders) == 1 and len(self.holdings) > 1 else None

    def is_missing_at(self, member: int) -> bool:
        return self.holdings[member].standing is Standing.MISSING


@dataclass(frozen=True, slots=True)
class MemberSummary:
    """What a member was found to have so far. `held` keys have `size` bytes; of those `other` and
    `unproved` are not, or may not be, what the first holder has; `only` are nowhere else. Without
    `has_bucket` there is no such bucket. `error` is why it could not be listed to the end, and
    `unread` how many keys of others nobody knows of it for that."""

    id: ConnectionId
    name: str
    has_bucket: bool = True
    held: int = 0
    size: int = 0
    missing: int = 0
    other: int = 0
    unproved: int = 0
    only: int = 0
    unread: int = 0
    error: S4DeskError | None = None


@dataclass(frozen=True, slots=True)
class MergedSummary:
    """All that was found so far: of `keys` all members are known to hold `same` alike, and those
    that could be read hold `alike`."""

    keys: int
    same: int
    members: tuple[MemberSummary, ...]
    alike: int = 0

    @property
    def is_read(self) -> bool:
        """Whether all members were."""
        return not any(each.error for each in self.members)

    @property
    def is_alike(self) -> bool:
        """Whether all members were read, and hold the same."""
        return self.keys == self.same and self.is_read


def compared(holdings: Sequence[Holding]) -> tuple[Holding, ...]:
    """What listings tell of them beside the first that holds the key."""
    first = next((each for each in holdings if each.is_held), None)
    if first is None:
        return tuple(holdings)
    return tuple(
        replace(each, standing=_listed(first, each)) if each.is_held else each for each in holdings
    )


def _listed(first: Holding, other: Holding) -> Standing:
    if other is first:
        return Standing.SAME
    if first.size != other.size:
        return Standing.OTHER
    return Standing.SAME if first.etag == other.etag else Standing.UNPROVED
