"""What is known of the replication of an object, and what may replace what is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.identity import Generation

ATTEMPTS: Final = 3
PAUSES_S: Final = (0.05, 0.1, 0.2)
"""Before the second attempt, the third, and the word that it has failed."""


class Status(StrEnum):
    """As `x-amz-replication-status` calls them ("GetObject" in the S3 API reference), and one of
    our own: no rule is about what was written, now that its tags are known."""

    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    REPLICA = "REPLICA"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Entry:
    """The status of one source object. `attempts` and `error`, a sentence, are of the last write
    that was seen; `recorded_at` is when it was said, in UTC."""

    status: Status
    generation: Generation
    recorded_at: datetime
    attempts: int = 0
    error: str = ""
    lock_left: bool = False
