"""Changes of what belongs to objects beside their bytes: of one, or of all that was selected.

S3 changes headers, metadata and the storage class of nothing in place: the object is copied onto
itself, with everything that is not to change. Tags and grants have requests of their own.
"""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.access import Acl, canned_of
from s4desk.core.domain.archive import archive_state
from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    LostUpdateError,
    MalformedReplyError,
    NotKeptError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
    PropertiesLostError,
    S4DeskError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.properties import (
    CONTENT_FIELDS,
    changed_names,
    encryption_of,
    is_all_told,
    spelling_of,
)
from s4desk.core.domain.replication.stamp import unstamped
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.carrying import lost, read_tags, settle_tags
from s4desk.core.transfer.rewriting import S3_SIZES, rewrite
from s4desk.core.transfer.selection import collapsed, pages_of
from s4desk.core.transfer.verify import expected_sum

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterable,
        Callable,
        Collection,
        Mapping,
        Sequence,
    )
    from datetime import datetime

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import Attributes
    from s4desk.core.domain.properties import PropertyChange
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.rewriting import CopySizes
    from s4desk.core.transfer.selection import Selected

PAGE: Final = 1000
AT_ONCE: Final = 8
"""Each object takes some requests to look, one to copy, and some to look again."""

TAGS: Final = "tags"
ACL: Final = "acl"
_TYPE: Final = "content_type"
_KEPT_BY: Final = {
    "get_tags": TAGS,
    "put_tags": TAGS,
    "get_acl": ACL,
    "put_acl": ACL,
    "put_retention": "lock",
    "put_legal_hold": "lock",
}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw of an object before they changed it; None was not looked at."""

    meta: ObjectMeta
    tags: Mapping[str, str] | None = None
    acl: Acl | None = None


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What became of one object. `changed` names what is another now, or would be: fields of
    Attributes, `storage_class`, `tags`, `acl`. `version` is the one that was made, if one was;
    `has_unseen_acl` says that grants it may have had could not be read, and so not be kept. With
    an `error` nothing was changed, unless that is a PropertiesLostError or a LostUpdateError that
    is mixed."""

    location: Location
    changed: tuple[str, ...] = ()
    version: VersionId | None = None
    has_unseen_acl: bool = False
    error: S4DeskError | None = None


@dataclass(slots=True)
class _Work:
    """One object while it is changed."""

    store: ObjectStore
    change: PropertyChange
    meta: ObjectMeta
    tags: Mapping[str, str] | None = None
    acl: Acl | None = None
    has_unseen_acl: bool = False
    changed: list[str] = field(default_factory=list)

    def outcome(self, version: VersionId | None = None, *, has_lost: bool = False) -> EditOutcome:
        location, is_unseen = self.meta.location, self.has_unseen_acl and has_lost
        return EditOutcome(location, tuple(self.changed), version, is_unseen)


async def edit(
    store: ObjectStore,
    location: Location,
    change: PropertyChange,
    now: datetime,
    *,
    seen: Seen | None = None,
    is_dry: bool = False,
    sizes: CopySizes = S3_SIZES,
) -> EditOutcome:
    """Change one object; with `is_dry` only say what would change.

    What is so already is not written again. Raises LostUpdateError, before anything is written,
    when the object is not the one that was `seen`; PropertiesLostError for what the store did not
    keep; ConflictError for what is in an archive; StoreError.
    """
    try:
        return await _edited(store, location, change, now, seen, is_dry, sizes)
    except NotKeptError as error:
        raise PropertiesLostError(
            error.detail, operation=error.operation, location=location
        ) from error


async def _edited(
    store: ObjectStore,
    location: Location,
    change: PropertyChange,
    now: datetime,
    seen: Seen | None,
    is_dry: bool,
    sizes: CopySizes,
) -> EditOutcome:
    work = _Work(store, change, await store.head(location))
    if seen is not None:
        _refuse_changed(seen.meta, work.meta)
    await _look(work, seen)
    rewritten = changed_names(change, work.meta) if change.rewrites else ()
    work.changed += rewritten
    if rewritten:
        _refuse_unfit(work.meta, now)
    if is_dry or not work.changed:
        return work.outcome(has_lost=bool(rewritten))
    if rewritten:
        return work.outcome(await _rewritten(work, now, sizes), has_lost=True)
    if TAGS in work.changed:
        await settle_tags(store, work.meta, change.tags.applied(work.tags or {}))
    if ACL in work.changed and change.acl is not None:
        await _settle_acl(work, work.meta)
    return work.outcome()


async def edit_many(
    store: ObjectStore,
    pages: AsyncIterable[Sequence[Location]],
    change: PropertyChange,
    now: datetime,
    told: Callable[[EditOutcome], None],
    *,
    is_dry: bool = False,
    sizes: CopySizes = S3_SIZES,
) -> None:
    """Change many, and tell of each as it ends; one that fails does not keep the others.

    `pages` are taken one after another, so memory does not grow with what there is.
    """

    async def one(location: Location) -> None:
        try:
            outcome = await edit(store, location, change, now, is_dry=is_dry, sizes=sizes)
        except S4DeskError as error:
            outcome = EditOutcome(location, error=error)
        told(outcome)

    async for locations in pages:
        await run_bounded(map(one, locations), AT_ONCE)


async def locations_in(
    store: ObjectStore, selection: Sequence[Selected], classes: Collection[str] = ()
) -> AsyncGenerator[list[Location], None]:
    """All objects of a selection, page by page; below prefixes only those of certain storage
    classes, if any are named. Close it when it is left early."""
    single = []
    for each in collapsed(selection):
        if isinstance(each, Prefix):
            async with aclosing(pages_of(store, each)) as pages:
                async for page in pages:
                    yield [
                        Location(each.bucket, key)
                        for key, kind in zip(page.keys, page.classes, strict=True)
                        if not classes or kind in classes
                    ]
        else:
            single.append(each.location if isinstance(each, ObjectMeta) else each)
    for first in range(0, len(single), PAGE):
        yield single[first : first + PAGE]


async def read_acl(store: ObjectStore, meta: ObjectMeta) -> Acl | None:
    """The grants of an object, None where a store has none. Raises PermissionDeniedError."""
    try:
        return await store.get_acl(meta.location, version=meta.version)
    except (NotSupportedError, MalformedReplyError) as error:
        # A store that has never heard of grants may answer with the object itself.
        log.info("%s has no grants that can be read: %s", meta.location, error.detail)
        return None


# Looking, before anything is written


async def _look(work: _Work, seen: Seen | None) -> None:
    """Read what a copy has to carry, or is to be changed."""
    store, change, meta = work.store, work.change, work.meta
    if change.rewrites or change.tags:
        work.tags = await read_tags(store, meta.location, meta.version)
        if change.tags:
            if seen is not None and seen.tags is not None and dict(seen.tags) != dict(work.tags):
                raise LostUpdateError(meta.location, (TAGS,))
            if change.tags.applied(work.tags) != dict(work.tags):
                work.changed.append(TAGS)
    if change.acl is not None or change.rewrites:
        await _look_at_acl(work, seen)


async def _look_at_acl(work: _Work, seen: Seen | None) -> None:
    acl = work.change.acl
    try:
        work.acl = await read_acl(work.store, work.meta)
    except PermissionDeniedError:
        if acl is not None:
            raise
        # Many keys may not; and most objects are private, which is what a copy is by itself.
        work.has_unseen_acl = True
        return
    if acl is None:
        return
    if (
        seen is not None
        and seen.acl is not None
        and (work.acl is None or not work.acl.is_same(seen.acl))
    ):
        raise LostUpdateError(work.meta.location, (ACL,))
    if not isinstance(acl, Acl) or work.acl is None or not acl.is_same(work.acl):
        work.changed.append(ACL)


def _refuse_changed(seen: ObjectMeta, there: ObjectMeta) -> None:
    """An ETag is only of the bytes: what belongs to them may be another all the same."""
    is_same = (seen.etag, seen.size, seen.version) == (there.etag, there.size, there.version)
    if not is_same:
        raise LostUpdateError(there.location, ("content",))
    if _comparable(seen) != _comparable(there):
        raise LostUpdateError(there.location, ("metadata",))


def _comparable(meta: ObjectMeta) -> tuple[object, ...]:
    attributes = replace(meta.attributes, metadata={}, lock=NO_LOCK)
    return meta.modified, meta.storage_class, attributes, dict(meta.attributes.metadata)


def _refuse_unfit(meta: ObjectMeta, now: datetime) -> None:
    """What cannot be copied onto itself without a loss."""
    if not archive_state(meta.storage_class, meta.headers).can_read(now):
        raise ConflictError(
            "it is in an archive",
            operation="copy",
            location=meta.location,
            code="InvalidObjectState",
        )
    if not is_all_told(meta.headers):
        raise InvalidRequestError(
            "some metadata of the object cannot be told in a header",
            operation="head",
            location=meta.location,
        )


# Copying onto itself


async def _rewritten(work: _Work, now: datetime, sizes: CopySizes) -> VersionId | None:
    """The version that was made."""
    meta, change = work.meta, work.change
    tags = change.tags.applied(work.tags or {})
    lock = _carried_lock(meta.attributes.lock, now)
    then = change.applied(meta.attributes, meta.storage_class)
    if change.fields or change.metadata:
        # A replica that somebody changes is one no more: what he has changed is replicated on.
        then = replace(then, metadata=unstamped(then.metadata))
    wanted = replace(
        then,
        tags=tags,
        lock=lock,
        encryption=encryption_of(meta.headers),
        spelling=spelling_of(meta.headers),
    )
    try:
        reply = await rewrite(
            work.store, meta, wanted, look_again=partial(_refuse_late, work), sizes=sizes
        )
    except PreconditionFailedError as error:
        raise LostUpdateError(meta.location, ("content",)) from error
    there = await work.store.head(meta.location, version=reply.version)
    try:
        await _settle(work, there, wanted)
    except (
        *(PermissionDeniedError, NotSupportedError, InvalidRequestError),
        ConflictError,  # some tell nothing of what is in an archive now
    ) as error:
        what = _KEPT_BY.get(error.operation, error.operation)
        raise NotKeptError(what, operation="copy", location=there.location) from error
    # Ceph does not name it when it answers.
    return there.version


async def _refuse_late(work: _Work) -> None:
    """Minutes may have passed since it was looked at. Raises LostUpdateError."""
    meta = work.meta
    there = await work.store.head(meta.location)
    if (there.attributes, there.storage_class) != (meta.attributes, meta.storage_class):
        raise LostUpdateError(meta.location, ("metadata",))
    tags = await read_tags(work.store, meta.location, meta.version)
    if dict(tags) != dict(work.tags or {}):
        raise LostUpdateError(meta.location, (TAGS,))
    if work.acl is not None and await read_acl(work.store, meta) != work.acl:
        raise LostUpdateError(meta.location, (ACL,))


def _carried_lock(lock: LockState, now: datetime) -> LockState:
    return lock.still(now) if lock.is_locked(now) else NO_LOCK


async def _settle(work: _Work, there: ObjectMeta, wanted: Attributes) -> None:
    """See that all of it has arrived. The lock first: it keeps the rest from being lost."""
    if wanted.lock != NO_LOCK and not there.attributes.lock.is_as(wanted.lock):
        await _settle_lock(work.store, there, wanted.lock)
        there = await work.store.head(there.location, version=there.version)
    if there.size != work.meta.size or _are_other_bytes(work.meta, there):
        raise LostUpdateError(there.location, ("content",), is_mixed=True)
    await settle_tags(work.store, there, wanted.tags)
    await _settle_acl(work, there)
    missing = _not_kept(wanted, there)
    if missing:
        raise NotKeptError(", ".join(missing), operation="copy", location=there.location)


def _are_other_bytes(before: ObjectMeta, there: ObjectMeta) -> bool:
    """Whether somebody was quicker, and the store did not look at the ETag."""
    first, second = expected_sum(before), expected_sum(there)
    if first is None or second is None or first.algorithm != second.algorithm:
        return False
    return first.value != second.value


def _not_kept(wanted: Attributes, there: ObjectMeta) -> list[str]:
    """Also what was to go and is still there; a type every object has."""
    names = lost(wanted, there)
    gone = [name for name in (*CONTENT_FIELDS, "metadata") if not getattr(wanted, name)]
    names += [name for name in gone if name != _TYPE and getattr(there.attributes, name)]
    if wanted.storage_class != there.storage_class:
        names.append("storage_class")
    return names


async def _settle_lock(store: ObjectStore, there: ObjectMeta, lock: LockState) -> None:
    """Some stores lock only what is put, and not what is copied."""
    present = there.attributes.lock
    is_retained = replace(present, legal_hold=lock.legal_hold).is_as(lock)
    if lock.mode is not None and not is_retained:
        await store.put_retention(there.location, lock, version=there.version)
    if lock.legal_hold and not present.legal_hold:
        await store.put_legal_hold(there.location, is_on=True, version=there.version)


async def _settle_acl(work: _Work, there: ObjectMeta) -> None:
    """Give the object its new grants, or those that a copy has lost."""
    wanted = work.change.acl or work.acl
    if wanted is None:
        return
    if work.change.acl is None and work.acl is not None and work.acl.is_private:
        return
    location, version = there.location, there.version
    # Some stores know only lists that have names.
    named = canned_of(wanted) if isinstance(wanted, Acl) else wanted
    await work.store.put_acl(location, named or wanted, version=version)
    if isinstance(wanted, Acl) and not wanted.has_addresses:
        now = await work.store.get_acl(location, version=version)
        if not now.is_same(wanted):
            raise NotKeptError(ACL, operation="put_acl", location=location)
