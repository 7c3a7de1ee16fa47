"""What was written over what at a source: one that keeps versions can bring back what was replaced,
when somebody deletes the version that came after it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import StoreError
from s4desk.core.domain.identity import Prefix
from s4desk.core.replication.found_writes import versions_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.replication.buckets import BucketShelf
    from s4desk.core.replication.found_writes import Found
    from s4desk.core.replication.table import Source
    from s4desk.core.store.protocol import ObjectStore


class Standing(StrEnum):
    """Of another version of a key: it was written after ours, before it, or is not there."""

    ABOVE = "above"
    BELOW = "below"
    ABSENT = "absent"


async def can_return(buckets: BucketShelf, of: Source, meta: ObjectMeta) -> bool:
    """Whether what a key of a bucket has now may have been replaced before. Raises StoreError."""
    if meta.version is not None:
        return True
    facts = await buckets.facts(of, is_fresh=True)
    return facts.has_versions or facts.is_versioned is None


async def standing(
    store: ObjectStore, meta: ObjectMeta, is_it: Callable[[Found], bool]
) -> Standing:
    """Where the newest version stands that `is_it`, seen from ours. Raises StoreError when nobody
    answers; what may not be listed is not there."""
    bucket, key = meta.location.bucket, meta.location.key
    is_above = True
    try:
        async for rows in versions_in(store, Prefix(bucket, key)):
            for each in rows:
                if each.key != key:
                    return Standing.ABSENT
                if _is_same(each, meta):
                    is_above = False
                elif is_it(each):
                    return Standing.ABOVE if is_above else Standing.BELOW
    except StoreError as error:
        if error.retryable:
            raise
    return Standing.ABSENT


def _is_same(row: Found, meta: ObjectMeta) -> bool:
    """No reply names the null version; what was read without a name is the newest one."""
    return row.is_latest if meta.version is None else row.version == meta.version
