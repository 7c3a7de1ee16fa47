"""The bytes of a small object, changed as somebody looks at them: written only over what they saw.

All that belongs to the object stays: S3 takes a PUT for a new object, so its headers, metadata,
class, encryption, tags and grants are read before and written with it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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
from s4desk.core.store.protocol import Condition
from s4desk.core.transfer.carrying import lost, read_tags, settle_tags
from s4desk.core.transfer.editing import read_acl
from s4desk.core.wire.body import GlanceSink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.access import Acl
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import Attributes, ObjectMeta
    from s4desk.core.store.protocol import ObjectStore, PutReply

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Content:
    """An object as somebody sees it. `acl` is None where grants cannot be read; `is_gone` when it
    has been deleted since."""

    meta: ObjectMeta
    data: bytes
    tags: Mapping[str, str]
    acl: Acl | None = None
    is_gone: bool = False


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
    location = meta.location
    if not is_all_told(meta.headers):
        said = "some metadata of the object cannot be told in a header"
        raise InvalidRequestError(said, operation="head", location=location)
    sink = GlanceSink()
    if meta.size:
        await store.get(location, sink, if_match=meta.etag)
    tags = await read_tags(store, location, meta.version, must_tell=True)
    return Content(meta, bytes(sink.data), tags, await _acl(store, meta))


async def save_content(store: ObjectStore, seen: Content, body: bytes) -> Saved:
    """Write `body` over what was seen, and over nothing else.

    Raises LostUpdateError when somebody else has written or deleted the object meanwhile. A store
    without conditional writes is asked right before, which leaves a moment between.
    """
    location = seen.meta.location
    attributes = _attributes(seen)
    condition = Condition(if_absent=True) if seen.is_gone else Condition(if_match=seen.meta.etag)
    is_guarded = True
    try:
        reply = await store.put(location, body, attributes=attributes, condition=condition)
    except NotSupportedError as error:
        log.info("%s: no condition on its write: %s", location, error)
        await _refuse_changed(store, seen)
        reply = await store.put(location, body, attributes=attributes)
        is_guarded = False
    except (PreconditionFailedError, ConflictError, NotFoundError) as error:
        raise LostUpdateError(location, ("content",)) from error
    not_kept = await _settled(store, seen, attributes, reply)
    written = replace(seen.meta, etag=reply.etag, size=len(body), version=reply.version)
    return Saved(replace(seen, meta=written, data=body, is_gone=False), is_guarded, not_kept)


async def _acl(store: ObjectStore, meta: ObjectMeta) -> Acl | None:
    try:
        return await read_acl(store, meta)
    except PermissionDeniedError:
        # Many keys may not; and most objects are private, which is what a new one is by itself.
        return None


def _attributes(seen: Content) -> Attributes:
    """A new version gets the lock that its bucket gives it, not that of the one before."""
    meta = seen.meta
    return replace(
        meta.attributes,
        storage_class="" if meta.storage_class == "STANDARD" else meta.storage_class,
        tags=seen.tags,
        lock=NO_LOCK,
        encryption=encryption_of(meta.headers),
        spelling=spelling_of(meta.headers),
    )


async def _refuse_changed(store: ObjectStore, seen: Content) -> None:
    location = seen.meta.location
    try:
        there: ObjectMeta | None = await store.head(location)
    except NotFoundError:
        there = None
    is_gone = there is None
    if is_gone is not seen.is_gone or (there is not None and there.etag != seen.meta.etag):
        raise LostUpdateError(location, ("content",))


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
        missing.append("tags")
    try:
        await _settle_acl(store, location, seen.acl, reply)
    except refusals:
        missing.append("acl")
    return tuple(missing)


async def _settle_acl(
    store: ObjectStore, location: Location, acl: Acl | None, reply: PutReply
) -> None:
    if acl is not None and not acl.is_private:
        await store.put_acl(location, canned_of(acl) or acl, version=reply.version)
