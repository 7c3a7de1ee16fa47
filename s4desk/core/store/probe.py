"""Finding out by experiment whether a store honours conditional writes.

Explicit, because it writes: a few small objects under a random key, all of them removed again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from s4desk.core.domain.errors import (
    ConflictError,
    NotSupportedError,
    PreconditionFailedError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.store.capabilities import IfMatch
from s4desk.core.store.conditional import put_if_absent, put_if_match
from s4desk.core.store.protocol import Condition, ConfigKind
from s4desk.core.wire.body import BytesSink

if TYPE_CHECKING:
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.protocol import Store

WRITERS: Final = 8
RACE: Final = "-race"


async def probe_conditional_put(
    store: Store, trial: Capabilities, bucket: str, prefix: str = ""
) -> None:
    """Learn into `trial` how `store` treats If-None-Match and If-Match.

    `trial` must be the capabilities of `store`, and of nobody else: while the probe runs they
    claim what is yet to be seen. Raises NotSupportedError for a bucket that would keep the
    objects by a default retention, and the StoreError that stands in the way.
    """
    await _refuse_retention(store, bucket)
    key = Location(bucket, f"{prefix}.s4desk-probe-{uuid4().hex}")
    race = Location(bucket, key.key + RACE)
    trial.conditional_put = True
    try:
        trial.conditional_put = await _keeps_first(store, key) and await _has_one_winner(
            store, race
        )
        trial.conditional_copy = True
        trial.conditional_copy = await _copies_keep_first(store, key)
        trial.if_match = await _if_match(store, trial, key)
    finally:
        await _remove(store, key)


async def _refuse_retention(store: Store, bucket: str) -> None:
    try:
        lock = await store.get_config(bucket, ConfigKind.OBJECT_LOCK)
    except NotSupportedError:
        return
    if lock and lock.get("Rule"):
        raise NotSupportedError("the bucket's default retention would keep what a probe writes")


async def _keeps_first(store: Store, key: Location) -> bool:
    try:
        return await put_if_absent(store, key, _unique()) and not await put_if_absent(
            store, key, _unique()
        )
    except NotSupportedError:
        return False


async def _copies_keep_first(store: Store, key: Location) -> bool:
    """Over an object, a copy that needs the key to be absent must be refused."""
    other = Location(key.bucket, key.key + RACE)
    first = _unique()
    await store.put(key, first)
    await store.put(other, _unique())
    try:
        await store.copy(other, key, condition=Condition(if_absent=True))
    except (PreconditionFailedError, ConflictError):
        # LocalStack refuses, and has replaced the bytes all the same.
        there = BytesSink()
        await store.get(key, there)
        return there.data == first
    except NotSupportedError:
        return False
    return False


async def _has_one_winner(store: Store, key: Location) -> bool:
    async with asyncio.TaskGroup() as group:
        writers = [group.create_task(put_if_absent(store, key, _unique())) for _ in range(WRITERS)]
    return sum(writer.result() for writer in writers) == 1


async def _if_match(store: Store, trial: Capabilities, key: Location) -> IfMatch:
    """A spelling counts when the present ETag is accepted and a stale one refused."""
    present = (await store.put(key, _unique())).etag
    for spelling in (IfMatch.QUOTED, IfMatch.BARE):
        trial.if_match = spelling
        try:
            if await put_if_match(store, key, _unique(), present):
                is_refused = not await put_if_match(store, key, _unique(), present)
                return spelling if is_refused else IfMatch.UNSUPPORTED
        except NotSupportedError:
            break
    return IfMatch.UNSUPPORTED


async def _remove(store: Store, key: Location) -> None:
    """Remove all versions of all keys that begin with the random one."""
    try:
        page = await store.list_versions(Prefix(key.bucket, key.key), delimiter="")
    except NotSupportedError:
        for name in (key.key, key.key + RACE):
            await store.delete(Location(key.bucket, name))
        return
    for each in page.versions:
        await store.delete(each.location, version=each.version)


def _unique() -> bytes:
    return uuid4().bytes
