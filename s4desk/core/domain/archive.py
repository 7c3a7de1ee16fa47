"""Objects in an archive: which classes cannot be read at once, and how far a restore is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ARCHIVES: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""The storage classes whose objects have to be restored before they can be read."""

TIERED: Final = "INTELLIGENT_TIERING"
"""Its objects may be in an archive too; only a HEAD tells."""

_MAY_BE_FAR: Final = frozenset({*ARCHIVES, TIERED, ""})

MAX_DAYS: Final = 36_500

RESTORE: Final = "x-amz-restore"
ARCHIVE_STATUS: Final = "x-amz-archive-status"
_ONGOING: Final = re.compile(r'ongoing-request\s*=\s*"(true|false)"', re.IGNORECASE)
_EXPIRY: Final = re.compile(r'expiry-date\s*=\s*"([^"]*)"', re.IGNORECASE)


def is_at_hand(storage_class: str) -> bool:
    """Whether a class tells by its name that its objects can be read at once."""
    return storage_class not in _MAY_BE_FAR


class Tier(StrEnum):
    """How quickly an object is fetched, and at what price."""

    EXPEDITED = "Expedited"
    STANDARD = "Standard"
    BULK = "Bulk"


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """Whether an object can be read. `until` is when a restored copy goes away again."""

    is_archived: bool = False
    is_restoring: bool = False
    until: datetime | None = None

    def can_read(self, now: datetime) -> bool:
        return not self.is_archived or (self.until is not None and now < self.until)


AT_HAND: Final = ArchiveState()


def archive_state(storage_class: str, headers: Mapping[str, str]) -> ArchiveState:
    """What a HEAD tells ("HeadObject" in the S3 API reference); header names in lower case."""
    is_archived = storage_class in ARCHIVES or bool(headers.get(ARCHIVE_STATUS))
    if not is_archived:
        return AT_HAND
    told = headers.get(RESTORE, "")
    ongoing, expiry = _ONGOING.search(told), _EXPIRY.search(told)
    until = None
    if expiry is not None:
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 - few objects need it

        try:
            until = parsedate_to_datetime(expiry[1])
        except ValueError:
            until = None
        if until is not None:
            until = until.astimezone(UTC) if until.tzinfo else until.replace(tzinfo=UTC)
    return ArchiveState(True, ongoing is not None and ongoing[1].lower() == "true", until)
