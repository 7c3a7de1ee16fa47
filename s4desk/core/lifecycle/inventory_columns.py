"""The columns of an S3 Inventory report, under the names that they have in its formats.

"Amazon S3 Inventory list" in the S3 user guide. CSV says LastModifiedDate, Parquet and ORC say
last_modified_date.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Format(StrEnum):
    """How the files of a report are written."""

    CSV = "csv"
    PARQUET = "parquet"
    ORC = "orc"

    @classmethod
    def named(cls, name: str) -> Format:
        """Raises ValueError for one that S3 does not have."""
        return cls(name.lower())


class Column(StrEnum):
    """What a lifecycle rule, or a person who reads of it, wants to know of a row."""

    BUCKET = "Bucket"
    KEY = "Key"
    VERSION = "VersionId"
    IS_LATEST = "IsLatest"
    IS_MARKER = "IsDeleteMarker"
    SIZE = "Size"
    MODIFIED = "LastModifiedDate"
    CLASS = "StorageClass"
    ETAG = "ETag"
    REPLICATION = "ReplicationStatus"
    LOCK_MODE = "ObjectLockMode"
    LOCK_UNTIL = "ObjectLockRetainUntilDate"
    LOCK_HOLD = "ObjectLockLegalHoldStatus"
    TAGS = "Tags"


NEEDED = (Column.KEY, Column.MODIFIED)
"""Without these nothing can be told."""


def _bare(name: str) -> str:
    return name.strip().replace("_", "").replace(" ", "").casefold()


_BY_NAME = {_bare(column): column for column in Column}


def known(name: str) -> Column | None:
    """The column of that name, in whatever format it was written."""
    return _BY_NAME.get(_bare(name))


def by_column(names: Iterable[str]) -> dict[Column, str]:
    """What the columns that are of use are called; the first of a name counts."""
    found: dict[Column, str] = {}
    for name in names:
        column = known(name)
        if column is not None:
            found.setdefault(column, name)
    return found


def is_header(cells: Sequence[str]) -> bool:
    """Whether the first row of a CSV file names its columns: an object may lie in a bucket and
    under a key that are called like two of them, but not of a time that is."""
    found = by_column(cells)
    return Column.KEY in found and (Column.MODIFIED in found or len(found) == len(cells))
