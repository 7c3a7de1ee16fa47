"""What of a selection is locked, asked of the store before something would hide or replace it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.selection import collapsed, pages_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
    from datetime import datetime

    from s4desk.core.domain.lock import LockState
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.selection import Selected

AT_ONCE: Final = 16
MOST: Final = 1000
"""Who is told that so many are locked needs to know no more."""
STEP: Final = 500

Locked = tuple[Location, "LockState"]


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

    async with aclosing(_steps(store, chosen)) as steps:
        async for locations in steps:
            await run_bounded((look(each) for each in locations), AT_ONCE)
            looked(count)
            if len(found) >= MOST:
                break
    return sorted(found, key=lambda each: each[0].key)


async def _steps(
    store: ObjectStore, chosen: Sequence[Selected]
) -> AsyncGenerator[list[Location], None]:
    single: list[Location] = []
    folders: list[Prefix] = []
    for each in collapsed(chosen):
        if isinstance(each, Prefix):
            folders.append(each)
        else:
            single.append(each.location if isinstance(each, ObjectMeta) else each)
    for some in _cut(single):
        yield some
    for folder in folders:
        async with aclosing(pages_of(store, folder)) as pages:
            async for page in pages:
                for some in _cut([Location(folder.bucket, key) for key in page.keys]):
                    yield some


def _cut(locations: list[Location]) -> Iterator[list[Location]]:
    return (locations[at : at + STEP] for at in range(0, len(locations), STEP))
