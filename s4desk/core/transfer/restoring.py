"""Objects as they were at a moment: which version each key had, and how that becomes the newest.

Versions are never deleted here, only markers that hide them and that came after the moment.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.past import had_come
from s4desk.core.domain.properties import encryption_of, spelling_of
from s4desk.core.domain.replication.stamp import stamp_of, unstamped
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.carrying import read_tags, settle_tags
from s4desk.core.transfer.rewriting import S3_SIZES, rewrite
from s4desk.core.transfer.selection import versions_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import Location, Prefix
    from s4desk.core.domain.objects import ObjectMeta, ObjectVersion
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.rewriting import CopySizes

AT_ONCE: Final = 16


class Step(StrEnum):
    """What makes a key as it was."""

    UNHIDE = "unhide"
    COPY = "copy"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Restoration:
    """One key that is not as it was. `version` is what it had, None when there was nothing.

    `markers` are those that hide the version and came later, newest first.
    """

    location: Location
    step: Step
    version: ObjectVersion | None = None
    markers: tuple[ObjectVersion, ...] = ()


def restoration(versions: Sequence[ObjectVersion], moment: datetime) -> Restoration | None:
    """What makes a key as it was at `moment`, None when it is so; `versions` are all it has, the
    newest first. A time that the store did not tell counts as long ago."""
    newer = []
    wanted = None
    for each in versions:
        if had_come(each, moment):
            wanted = each
            break
        newer.append(each)
    location = versions[0].location
    if not newer:
        return None
    if wanted is None or wanted.is_delete_marker:
        is_hidden = newer[0].is_delete_marker
        return None if is_hidden else Restoration(location, Step.HIDE)
    if all(each.is_delete_marker for each in newer):
        return Restoration(location, Step.UNHIDE, wanted, tuple(newer))
    newest = newer[0]
    if (newest.etag, newest.size) == (wanted.etag, wanted.size) and not newest.is_delete_marker:
        # It was restored before, or written again.
        return None
    return Restoration(location, Step.COPY, wanted)


def undeletion(versions: Sequence[ObjectVersion]) -> Restoration | None:
    """What makes a key visible again, None when it is, or when there is nothing under its markers;
    `versions` are all it has, the newest first."""
    markers = tuple(takewhile(lambda each: each.is_delete_marker, versions))
    if not markers or len(markers) == len(versions):
        return None
    return Restoration(versions[0].location, Step.UNHIDE, versions[len(markers)], markers)


async def restorations(
    store: ObjectStore, place: Location | Prefix, moment: datetime
) -> AsyncGenerator[list[Restoration], None]:
    """Everything below a place that is not as it was, page by page."""
    async with aclosing(histories(store, place)) as pages:
        async for keys in pages:
            found = (restoration(versions, moment) for versions in keys)
            yield [each for each in found if each is not None]


async def histories(
    store: ObjectStore, place: Location | Prefix
) -> AsyncGenerator[list[list[ObjectVersion]], None]:
    """All versions of each key below a place, the newest first; the keys page by page."""
    key: list[ObjectVersion] = []
    async for versions in versions_of(store, place):
        found = []
        for version in versions:
            if key and version.location != key[0].location:
                found.append(key)
                key = []
            key.append(version)
        yield found
    # The last key of a page may go on, on the next.
    if key:
        yield [key]


async def restore(
    store: ObjectStore, restored: Restoration, *, sizes: CopySizes = S3_SIZES
) -> None:
    """Make one key as it was. Raises StoreError; then it is as it was before, or has fewer of the
    markers in front of its version."""
    location, version = restored.location, restored.version
    if version is None:
        await store.delete(location)
    elif restored.step is Step.UNHIDE:
        for marker in restored.markers:
            await store.delete(location, version=marker.version)
    else:
        meta = await store.head(location, version=version.version)
        if version.size > sizes.single or stamp_of(meta) is not None:
            await _copied_forward(store, meta, version, sizes)
        else:
            await store.copy(location, location, version=version.version, seen=meta)


async def _copied_forward(
    store: ObjectStore, meta: ObjectMeta, version: ObjectVersion, sizes: CopySizes
) -> None:
    """With all that belongs to it, but for a lock. What was a replica is none when somebody brings
    it back: it is replicated on as any other write."""
    tags = await read_tags(store, meta.location, version.version)
    kept = replace(
        meta.attributes,
        metadata=unstamped(meta.attributes.metadata),
        storage_class=meta.storage_class,
        tags=tags,
        lock=NO_LOCK,
        encryption=encryption_of(meta.headers),
        spelling=spelling_of(meta.headers),
    )
    reply = await rewrite(store, meta, kept, version=version.version, is_newest=False, sizes=sizes)
    there = await store.head(meta.location, version=reply.version)
    await settle_tags(store, there, tags)


async def restore_all(
    store: ObjectStore,
    pages: AsyncIterable[Sequence[Restoration]],
    told: Callable[[Restoration, S4DeskError | None], None],
) -> None:
    """Make many as they were, and tell of each; one that fails does not keep the others."""

    async def one(each: Restoration) -> None:
        try:
            await restore(store, each)
        except S4DeskError as error:
            told(each, error)
        else:
            told(each, None)

    async for page in pages:
        await run_bounded((one(each) for each in page), AT_ONCE)
