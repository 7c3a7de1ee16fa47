"""What was done to objects at a store and is no transfer, as the history keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId


class ChangeKind(StrEnum):
    """What was done."""

    DELETED = "deleted"
    """Objects: gone, or under delete markers where the bucket keeps versions."""
    VERSIONS_DELETED = "versions_deleted"
    """Single versions and delete markers, for good."""
    UNDELETED = "undeleted"
    """Objects came back: their delete markers were removed."""
    PROPERTIES = "properties"
    """Headers, metadata, tags, class or permissions."""
    LIFECYCLE = "lifecycle"
    """What lifecycle rules said of objects, versions, delete markers and uploads."""


@dataclass(frozen=True, slots=True)
class PastChange:
    """One run of it. `key` is that of a single object, or the prefix above all of them.

    `done` and `failed` count objects, or versions, and `doubtful` those of which nobody knows
    whether it was done. `moment` is when it ended (seconds since the epoch), 0 for now.
    """

    kind: ChangeKind
    connection: ConnectionId
    bucket: str
    key: str
    done: int
    failed: int = 0
    moment: float = 0.0
    doubtful: int = 0
