"""Locks that were read, as long as there is room for them and they are likely to be true."""

from __future__ import annotations

import math
from collections import OrderedDict
from itertools import repeat
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.core.domain.identity import ConnectionId, Location, VersionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.viewmodels.selection import Selection

MOST: Final = 20_000
LIFE_S: Final = 120.0
"""After that others may have changed it: what is on the screen is read again."""


class LockKey(NamedTuple):
    """One version; without `version` the newest of its key, as it was written at `modified`.

    That is in seconds since the epoch as the listing has it, 0 for unknown: what is written anew
    has another lock.
    """

    connection: ConnectionId
    location: Location
    version: VersionId | None = None
    modified: float = 0.0


def key_of(connection: ConnectionId, meta: ObjectMeta) -> LockKey:
    """The version that stands in a row."""
    modified = meta.modified.timestamp() if meta.modified is not None else math.nan
    return key_at(connection, meta.location, modified, meta.version)


def key_at(
    connection: ConnectionId,
    location: Location,
    modified: float,
    version: VersionId | None = None,
) -> LockKey:
    """The same of what was selected; `modified` is nan for unknown."""
    known = 0.0 if math.isnan(modified) else round(modified, 3)
    return LockKey(connection, location, version, known)


def keys_of(connection: ConnectionId, selection: Selection) -> Iterator[LockKey]:
    """The objects of a selection, or the versions that were selected."""
    versions = selection.versions or repeat(None)
    for location, modified, version in zip(
        selection.objects, selection.modified, versions, strict=False
    ):
        yield key_at(connection, location, modified, version)


class LockShelf:
    """Bounded; who was read first goes first. None is kept for what may not be read.

    What is old is still given: it was so, and nobody knows better. Times are in seconds of a
    clock that never goes back.
    """

    def __init__(self, most: int = MOST, life: float = LIFE_S) -> None:
        self._most = most
        self._life = life
        self._locks: OrderedDict[LockKey, tuple[LockState | None, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._locks)

    def __contains__(self, key: object) -> bool:
        return key in self._locks

    def get(self, key: LockKey) -> LockState | None:
        found = self._locks.get(key)
        return None if found is None else found[0]

    def is_fresh(self, key: LockKey, now: float) -> bool:
        """Whether it was read, and not long ago."""
        found = self._locks.get(key)
        return found is not None and now < found[1] + self._life

    def put(self, key: LockKey, lock: LockState | None, now: float) -> None:
        self._locks.pop(key, None)
        self._locks[key] = lock, now
        while len(self._locks) > self._most:
            self._locks.popitem(last=False)

    def forget(self, connection: ConnectionId, bucket: str, prefix: str = "") -> None:
        """Read what lies there again."""
        self._locks = OrderedDict(
            (key, kept)
            for key, kept in self._locks.items()
            if key.connection != connection
            or key.location.bucket != bucket
            or not key.location.key.startswith(prefix)
        )
