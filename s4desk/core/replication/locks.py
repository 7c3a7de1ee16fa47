"""The lock of a replica: what it has to be, and that it is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import LockNotKeptError, StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import Store


def wanted_lock(source: ObjectMeta, now: datetime) -> LockState:
    """What the replica is to be locked by: of a retention that has run out nothing, and an explicit
    OFF of a legal hold too."""
    return source.attributes.lock.still(now)


async def see_lock(store: Store, there: ObjectMeta, wanted: LockState) -> None:
    """Read a lock back; one that did not come with the write is set. Raises LockNotKeptError,
    StoreError."""
    if _is_kept(wanted, there.attributes.lock):
        return
    location, version = there.location, there.version
    if wanted.mode is not None:
        await store.put_retention(location, wanted, version=version)
    if wanted.legal_hold is not None:
        await store.put_legal_hold(location, is_on=wanted.legal_hold, version=version)
    found = await store.get_lock(location, version=version)
    if not _is_kept(wanted, found):
        raise LockNotKeptError(str(found), operation="get_lock", location=location)


async def try_lock(store: Store, there: ObjectMeta, wanted: LockState) -> bool:
    """The same where nobody knows whether there are locks; whether it is locked. Raises StoreError
    when nobody answers."""
    try:
        await see_lock(store, there, wanted)
    except StoreError as error:
        if error.retryable:
            raise
        return False
    return True


def _is_kept(wanted: LockState, found: LockState) -> bool:
    """Whether it is locked at least so; the default of a bucket may lock what need not be."""
    if bool(wanted.legal_hold) != bool(found.legal_hold):
        return False
    held = replace(wanted, legal_hold=found.legal_hold)
    return wanted.mode is None or held.is_as(found)
