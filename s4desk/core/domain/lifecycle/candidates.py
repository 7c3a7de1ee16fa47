"""What rules are asked about: a version, a delete marker, an unfinished upload."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lock import NO_LOCK, LockState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


NULL_VERSION: Final = "null"
"""The id of what was written while versioning was not enabled."""
HELD_REPLICATION: Final = frozenset({"PENDING", "FAILED"})
"""What is not replicated yet is left alone: "How S3 Lifecycle interacts with other bucket
configurations" in the S3 user guide."""
AWAITED_REPLICATION: Final = "PENDING"
"""What s4desk replicates, and has not arrived, counts as."""


class Versioning(StrEnum):
    """What becomes of the current version of a key that is deleted."""

    OFF = "off"
    ENABLED = "enabled"
    SUSPENDED = "suspended"

    def keeps(self, version: str) -> bool:
        """Whether a current version of that id is still there after its key was deleted."""
        if self is Versioning.SUSPENDED:
            return version not in ("", NULL_VERSION)
        return self is Versioning.ENABLED


def _none() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One version of a key, or a delete marker. Times are in UTC, `size` is in bytes.

    `created` None is an object that nobody dated: its age is 0. `newer_noncurrent` is how many
    noncurrent versions of the key are newer than this one; noncurrent markers do not count there
    ("Lifecycle configuration elements"). `is_alone` is true of a marker that no version is behind.
    `replication` is the store's x-amz-replication-status, unless s4desk replicates it.
    """

    key: str
    size: int = 0
    created: datetime | None = None
    storage_class: str = "STANDARD"
    version: str = ""
    etag: str = ""
    tags: Mapping[str, str] = field(default_factory=_none)
    is_current: bool = True
    is_delete_marker: bool = False
    is_alone: bool = False
    noncurrent_since: datetime | None = None
    newer_noncurrent: int = 0
    lock: LockState = NO_LOCK
    replication: str = ""


@dataclass(frozen=True, slots=True)
class UploadCandidate:
    """An unfinished multipart upload. It has no tags, and its size counts as 0."""

    key: str
    upload: str
    initiated: datetime | None = None
