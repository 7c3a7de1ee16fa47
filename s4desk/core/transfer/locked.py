"""What of a selection is locked, asked of the store before something would hide or replace it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Final, NamedTuple

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.selection import CHUNK, chunks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.locking import Target
    from s4desk.core.transfer.selection import Selected

AT_ONCE: Final = 16
MOST: Final = 1000
"""Who is told that so many are locked needs to know no more."""

ENOUGH: Final = 1000
"""After so many that were looked at, one that is locked is found often enough to be told."""

Locked = tuple["Location", "LockState"]


class Found(NamedTuple):
    """`is_all` False: not everything was looked at, there may be more."""

    locked: list[Locked]
    is_all: bool


async def locked_among(
    store: ObjectStore,
    chosen: Sequence[Selected],
    now: datetime,
    looked: Callable[[int], None],
) -> Found:
    """The newest versions that are locked, of a selection and all below its folders: one HEAD for
    each, until ENOUGH were looked at and one is locked. `looked` gets how many were looked at.

    What is not there, or may not be looked at, is left to the store. Raises StoreError.
    """
    look, is_all = _Look(store, now, looked), True
    async with aclosing(chunks_of(store, chosen)) as chunks:
        async for locations in chunks:
            await look.at([(location, None) for location in locations])
            if look.found and look.count >= ENOUGH:
                is_all = await anext(chunks, None) is None
                break
    return Found(sorted(look.found, key=lambda each: each[0].key), is_all)


async def locked_versions(
    store: ObjectStore, versions: Sequence[Target], now: datetime, looked: Callable[[int], None]
) -> list[Locked]:
    """The same of certain versions, none of them a delete marker."""
    look = _Look(store, now, looked)
    for first in range(0, len(versions), CHUNK):
        await look.at(versions[first : first + CHUNK])
    return look.found


class _Look:
    """Looks at locks, AT_ONCE at a time."""

    def __init__(self, store: ObjectStore, now: datetime, looked: Callable[[int], None]) -> None:
        self.found: list[Locked] = []
        self._store = store
        self._now = now
        self._looked = looked
        self.count = 0

    async def at(self, targets: Sequence[Target]) -> None:
        await run_bounded((self._one(*each) for each in targets), AT_ONCE)
        self._looked(self.count)

    async def _one(self, location: Location, version: VersionId | None) -> None:
        try:
            lock = (await self._store.head(location, version=version)).attributes.lock
        except (NotFoundError, PermissionDeniedError):
            return
        finally:
            self.count += 1
        if lock.is_locked(self._now):
            self.found.append((location, lock))
