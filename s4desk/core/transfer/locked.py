"""What of a selection is locked, asked of the store before something would hide or replace it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.selection import chunks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.lock import LockState
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.selection import Selected

AT_ONCE: Final = 16
MOST: Final = 1000
"""Who is told that so many are locked needs to know no more."""

Locked = tuple["Location", "LockState"]


async def locked_among(
    store: ObjectStore,
    chosen: Sequence[Selected],
    now: datetime,
    looked: Callable[[int], None],
) -> list[Locked]:
    """The newest versions that are locked, of a selection and all below its folders: one HEAD for
    each, until MOST are found. `looked` gets how many were looked at.

    What is not there, or may not be looked at, is left to the store. Raises StoreError.
    """
    found: list[Locked] = []
    count = 0

    async def look(location: Location) -> None:
        nonlocal count
        try:
            lock = (await store.head(location)).attributes.lock
        except (NotFoundError, PermissionDeniedError):
            return
        finally:
            count += 1
        if lock.is_locked(now):
            found.append((location, lock))

    async with aclosing(chunks_of(store, chosen)) as chunks:
        async for locations in chunks:
            await run_bounded((look(each) for each in locations), AT_ONCE)
            looked(count)
            if len(found) >= MOST:
                break
    return sorted(found, key=lambda each: each[0].key)
