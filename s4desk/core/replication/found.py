"""Replicas that were there before the table knew of them: of a former life, or another program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.objects import NO_METADATA
from s4desk.core.domain.replication.stamp import stamp_of, unstamped
from s4desk.core.transfer.carrying import read_tags
from s4desk.core.transfer.conflicts import head_if_there

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.objects import Attributes, ObjectMeta, VersionMarker
    from s4desk.core.store.protocol import ObjectStore

MOST_VERSIONS: Final = 100
"""Of a key with more that nobody knows, the rest is written again rather than looked at."""


async def find_replica(
    origin: ObjectStore,
    source: ObjectMeta,
    store: ObjectStore,
    place: Location,
    version: VersionId | None,
    *,
    is_any: bool = False,
) -> ObjectMeta | None:
    """What is at `place` and is a replica of `source` in all but its lock.

    With `is_any` it may be an older version there, stamped with this `version`. Raises StoreError.
    """
    there = await head_if_there(store, place)
    if there is not None and await _is_alike(origin, source, store, there, version):
        return there
    if is_any and version is not None:
        return await _older(origin, source, store, place, version)
    return None


async def _older(
    origin: ObjectStore,
    source: ObjectMeta,
    store: ObjectStore,
    place: Location,
    version: VersionId,
) -> ObjectMeta | None:
    marker: VersionMarker | None = None
    looked = 0
    while looked < MOST_VERSIONS:
        found = await store.list_versions(
            Prefix(place.bucket, place.key), delimiter="", marker=marker
        )
        mine = [each for each in found.versions if each.location.key == place.key]
        for each in mine:
            if each.is_delete_marker or each.size != source.size:
                continue
            looked += 1
            there = await head_if_there(store, place, version=each.version)
            if there is not None and await _is_alike(origin, source, store, there, version):
                return there
        # The key itself comes before all keys that go on behind it.
        if found.next_marker is None or len(mine) < len(found.versions):
            break
        marker = found.next_marker
    return None


async def _is_alike(
    origin: ObjectStore,
    source: ObjectMeta,
    store: ObjectStore,
    there: ObjectMeta,
    version: VersionId | None,
) -> bool:
    """A stamp says of what it was made; without one the ETags must be the same. Metadata may have
    been changed since, with neither."""
    stamp = stamp_of(there)
    if stamp is None:
        is_same = there.etag == source.etag and version is None
    else:
        is_same = stamp.etag == source.etag and stamp.version == version
    if not is_same or there.size != source.size:
        return False
    if _told(source.attributes) != _told(there.attributes):
        return False
    wanted = await read_tags(origin, source.location, source.version)
    return wanted == await read_tags(store, there.location, there.version)


def _told(attributes: Attributes) -> Attributes:
    """What a HEAD tells that a replica has too. Classes differ as the rule says, and encryption as
    the destination does it."""
    return replace(
        attributes,
        metadata=unstamped(attributes.metadata),
        storage_class="",
        tags=NO_METADATA,
        lock=NO_LOCK,
        encryption=None,
    )
