"""An older write that only came to light again: what was made of a newer one stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import NULL_VERSION
from s4desk.core.domain.replication.stamp import stamp_of
from s4desk.core.replication.judging import Looked, Verdict, newer_of
from s4desk.core.replication.past import Standing, can_return, standing

if TYPE_CHECKING:
    from s4desk.core.domain.replication.stamp import Stamp
    from s4desk.core.replication.buckets import BucketShelf
    from s4desk.core.replication.found_writes import Found
    from s4desk.core.replication.table import Source
    from s4desk.core.store.protocol import ObjectStore


async def is_bygone(
    origin: ObjectStore, buckets: BucketShelf, of: Source, here: Looked, there: Looked
) -> bool:
    """Whether the replica `there` was made of a later write than the one that the source has now.

    That happens where versions are kept, and one is deleted. What its store lists above what
    the replica was made of is newer, whatever the times say: what is uploaded in parts may be dated
    from its beginning. Raises StoreError.
    """
    stamp = stamp_of(there.meta)
    if stamp is None or stamp.etag == here.meta.etag or not _may_be_later(stamp, here, there):
        return False
    if not await can_return(buckets, of, here.meta):
        return False
    found = await standing(origin, here.meta, lambda row: _is_of(row, stamp))
    return found is not Standing.BELOW


def _may_be_later(stamp: Stamp, here: Looked, there: Looked) -> bool:
    """By the times alone."""
    modified = here.meta.modified
    if modified is None:
        return False
    if stamp.modified is None:
        # Of former days: the replica is at least not older than what it was made of.
        return newer_of(here, there) is not Verdict.OLDER
    seconds = int(modified.timestamp())
    # The null version is written over without a trace, and within one second as well.
    is_null = here.meta.version in (None, NULL_VERSION)
    return seconds < stamp.modified or (seconds == stamp.modified and not is_null)


def _is_of(row: Found, stamp: Stamp) -> bool:
    """Whether a replica was made of this version."""
    if stamp.version is not None:
        return row.version == stamp.version
    at = row.seen.modified
    is_then = at is None or stamp.modified in (None, int(at.timestamp()))
    return is_then and row.seen.etag == stamp.etag
