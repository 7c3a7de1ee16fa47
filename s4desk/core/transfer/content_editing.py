"""The bytes of a small object, changed as somebody looks at them: written only over what they saw.

All that belongs to the object stays: S3 takes a PUT for a new object, so its headers, metadata,
class, encryption, tags and grants are read before and written with it. They are read once more
right before each write, for an ETag is only of the bytes: what others changed of them stays too.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.access import canned_of
from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    LostUpdateError,
    NotFoundError,
    NotKeptError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
)
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.properties import encryption_of, is_all_told, spelling_of
from s4desk.core.domain.replication.stamp import unstamped
from s4desk.core.store.protocol import Condition
from s4desk.core.transfer.carrying import lost, read_tags, settle_tags
from s4desk.core.transfer.editing import ACL, TAGS, read_acl
from s4desk.core.transfer.moving import refuse_locked
from s4desk.core.wire.body import GlanceSink

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from s4desk.core.domain.access import Acl
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import Attributes, ObjectMeta
    from s4desk.core.store.protocol import ObjectStore, PutReply

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Content:
    """An object as somebody sees it. `acl` is None where grants cannot be read; `is_gone` when it
    has been deleted since. `owed` names what an own write lost: the next one brings it again."""

    meta: ObjectMeta
    data: bytes
    tags: Mapping[str, str]
    acl: Acl | None = None
    is_gone: bool = False
    owed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it. `is_guarded`: the store itself saw to it that nobody else was quicker.
    `not_kept` names what belonged to the object and does not any more."""

    content: Content
    is_guarded: bool
    not_kept: tuple[str, ...] = ()


async def read_content(store: ObjectStore, meta: ObjectMeta) -> Content:
    """What `head` told of, with all that a write has to bring along; it is held in memory.

    Raises PreconditionFailedError when it is another one by now, InvalidRequestError when a write
    would lose some of its metadata.
    """
    _refuse_untold(meta)
    sink = GlanceSink()
    if meta.size:
        await store.get(meta.location, sink, if_match=meta.etag)
    return await _with_belongings(store, meta, bytes(sink.data))


async def save_content(store: ObjectStore, seen: Content, body: bytes, now: datetime) -> Saved:
    """Write `body` over what was seen, and over nothing else.

    Raises LostUpdateError when somebody else has written or deleted the object meanwhile, and
    LockedError when they have locked it. A store without conditional writes is asked right before,
    which leaves a moment between.
    """
    location = seen.meta.location
    seen = await _renewed(store, seen, now)
    attributes = _attributes(seen)
    condition = Condition(if_absent=True) if seen.is_gone else Condition(if_match=seen.meta.etag)
    is_guarded = True
    try:
        reply = await store.put(location, body, attributes=attributes, condition=condition)
    except NotSupportedError as error:
        log.info("%s: no condition on its write: %s", location, error)
        await _unchanged(store, seen)
        reply = await store.put(location, body, attributes=attributes)
        is_guarded = False
    except (PreconditionFailedError, ConflictError, NotFoundError) as error:
        raise LostUpdateError(location, ("content",)) from error
    not_kept = await _settled(store, seen, attributes, reply)
    written = replace(seen.meta, etag=reply.etag, size=len(body), version=reply.version)
    content = replace(seen, meta=written, data=body, is_gone=False, owed=not_kept)
    return Saved(content, is_guarded, not_kept)


async def _renewed(store: ObjectStore, seen: Content, now: datetime) -> Content:
    """The same bytes with what belongs to them by now."""
    there = await _unchanged(store, seen)
    if there is None:
        return seen
    refuse_locked(there, now, "put")
    _refuse_untold(there)
    return _with_owed(await _with_belongings(store, there, seen.data), seen)


def _with_owed(there: Content, seen: Content) -> Content:
    """Only what nobody has set anew."""
    attributes, before = there.meta.attributes, seen.meta.attributes
    fields: dict[str, Any] = {
        name: getattr(before, name)
        for name in seen.owed
        if name not in (TAGS, ACL) and not getattr(attributes, name)
    }
    is_private = there.acl is None or there.acl.is_private
    return replace(
        there,
        meta=replace(there.meta, attributes=replace(attributes, **fields)),
        tags=seen.tags if TAGS in seen.owed and not there.tags else there.tags,
        acl=seen.acl if ACL in seen.owed and is_private else there.acl,
    )


async def _with_belongings(store: ObjectStore, meta: ObjectMeta, data: bytes) -> Content:
    tags = await read_tags(store, meta.location, meta.version)
    return Content(meta, data, tags, await _acl(store, meta))


def _refuse_untold(meta: ObjectMeta) -> None:
    if not is_all_told(meta.headers):
        said = "some metadata of the object cannot be told in a header"
        raise InvalidRequestError(said, operation="head", location=meta.location)


async def _acl(store: ObjectStore, meta: ObjectMeta) -> Acl | None:
    try:
        return await read_acl(store, meta)
    except PermissionDeniedError:
        # Many keys may not; and most objects are private, which is what a new one is by itself.
        return None


def _attributes(seen: Content) -> Attributes:
    """A new version gets the lock that its bucket gives it, not that of the one before. A replica
    that somebody changes is one no more."""
    meta = seen.meta
    return replace(
        meta.attributes,
        metadata=unstamped(meta.attributes.metadata),
        storage_class="" if meta.storage_class == "STANDARD" else meta.storage_class,
        tags=seen.tags,
        lock=NO_LOCK,
        encryption=encryption_of(meta.headers),
        spelling=spelling_of(meta.headers),
    )


async def _unchanged(store: ObjectStore, seen: Content) -> ObjectMeta | None:
    """What is there, if its bytes are those that were seen. Raises LostUpdateError."""
    location = seen.meta.location
    try:
        there: ObjectMeta | None = await store.head(location)
    except NotFoundError:
        there = None
    is_gone = there is None
    if is_gone is not seen.is_gone or (there is not None and there.etag != seen.meta.etag):
        raise LostUpdateError(location, ("content",))
    return there


async def _settled(
    store: ObjectStore, seen: Content, attributes: Attributes, reply: PutReply
) -> tuple[str, ...]:
    """See that what belongs to the object has come along; what has not."""
    location = seen.meta.location
    there = await store.head(location, version=reply.version)
    if there.etag != reply.etag:
        return ()  # somebody else has written it again, and what is there is theirs
    missing = lost(attributes, there)
    refusals = (NotKeptError, NotSupportedError, PermissionDeniedError, InvalidRequestError)
    try:
        await settle_tags(store, there, seen.tags)
    except refusals:
        missing.append(TAGS)
    try:
        await _settle_acl(store, location, seen.acl, reply)
    except refusals:
        missing.append(ACL)
    return tuple(missing)


async def _settle_acl(
    store: ObjectStore, location: Location, acl: Acl | None, reply: PutReply
) -> None:
    if acl is not None and not acl.is_private:
        await store.put_acl(location, canned_of(acl) or acl, version=reply.version)
