"""An object copied over its own key by the store itself: with other attributes, or of a version."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    PayloadTooLargeError,
    PreconditionFailedError,
    StoreError,
)
from s4desk.core.domain.parts import (
    MAX_SINGLE_COPY,
    MIN_PART_SIZE,
    PART_SIZE,
    PartPlan,
    plan_parts,
)
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import settled
from s4desk.core.store.protocol import Condition, PutReply
from s4desk.core.store.retry import looked_at_between
from s4desk.core.transfer.carrying import lost
from s4desk.core.transfer.composite import part_guesses, parts_told
from s4desk.core.transfer.leftovers import abort_for_good
from s4desk.core.wire.listing import STANDARD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.domain.objects import Attributes, ObjectMeta
    from s4desk.core.domain.parts import Part, PartReceipt
    from s4desk.core.store.protocol import ObjectStore, UploadTicket
    from s4desk.core.store.retry import Look

PARTS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class CopySizes:
    """In bytes: what is copied in one request, and how large the parts of a larger one are."""

    single: int = MAX_SINGLE_COPY
    part: int = 16 * PART_SIZE


S3_SIZES: Final = CopySizes()


async def rewrite(
    store: ObjectStore,
    source: ObjectMeta,
    attributes: Attributes,
    *,
    version: VersionId | None = None,
    is_newest: bool = True,
    look_again: Callable[[], Awaitable[None]] | None = None,
    sizes: CopySizes = S3_SIZES,
) -> PutReply:
    """Copy an object, or one `version` of it, over its key, with exactly these attributes.

    Without a version it is what the key holds when the store looks: a store that does not look at
    the ETag then copies the bytes of whoever was quicker, and none are lost. `is_newest` says that
    nothing else may be there at the end either, where the store heeds that. A copy in parts takes
    long, and so does one that is asked for again: `look_again` raises if what it shall carry has
    changed by its end, or before it is repeated. Raises PreconditionFailedError. What was begun in
    parts and failed is removed.
    """
    condition = Condition(if_match=source.etag, is_safeguard=True) if is_newest else None
    look = partial(_done_meanwhile, store, source, attributes, look_again)
    if source.size <= sizes.single:
        with suppress(PayloadTooLargeError), _between(look, is_newest=is_newest):
            return await store.copy(
                source.location,
                source.location,
                version=version,
                attributes=attributes,
                if_match=source.etag,
                condition=condition,
            )
    ticket = await _begun(store, source, attributes)
    try:
        receipts = await _copied_parts(store, source, ticket, version, sizes)
        if is_newest:
            await _refuse_other(store, source)
        if look_again is not None:
            await look_again()
        with _between(look, is_newest=is_newest):
            return await store.complete_multipart(
                source.location, ticket, receipts, condition=condition
            )
    except BaseException:
        gone = asyncio.ensure_future(abort_for_good(store, source.location, ticket.upload))
        with suppress(StoreError):
            await settled(gone)
        raise


def _between(look: Look, *, is_newest: bool) -> AbstractContextManager[None]:
    """A version may be put on top of whatever else came."""
    return looked_at_between(look) if is_newest else nullcontext()


async def _done_meanwhile(
    store: ObjectStore,
    source: ObjectMeta,
    attributes: Attributes,
    look_again: Callable[[], Awaitable[None]] | None,
) -> PutReply | None:
    """Before a copy is asked for again: the one that was made and of which nobody heard, or None.

    Not every store looks at the ETag, and whoever wrote meanwhile would get what belonged to the
    object before. Raises PreconditionFailedError then, and what `look_again` raises.
    """
    there = await store.head(source.location)
    if _told(there) == _told(source):
        if look_again is not None:
            await look_again()
        return None
    storage_class = attributes.storage_class or STANDARD
    is_ours = (there.size, there.storage_class) == (source.size, storage_class)
    if is_ours and not lost(attributes, there):
        return PutReply(there.etag, there.version, there.checksum)
    raise _written_meanwhile(source)


def _told(meta: ObjectMeta) -> tuple[object, ...]:
    return meta.etag, meta.size, meta.version, meta.modified, meta.storage_class


def _written_meanwhile(source: ObjectMeta) -> PreconditionFailedError:
    return PreconditionFailedError(
        "it was written while it was copied", operation="copy", location=source.location
    )


async def _begun(store: ObjectStore, source: ObjectMeta, attributes: Attributes) -> UploadTicket:
    """Nobody else would know of an upload whose begin is cancelled half-way."""
    begun = asyncio.ensure_future(store.create_multipart(source.location, attributes=attributes))
    try:
        return await settled(begun)
    except asyncio.CancelledError:
        if not begun.cancelled() and begun.exception() is None:
            gone = abort_for_good(store, source.location, begun.result().upload)
            with suppress(StoreError):
                await settled(asyncio.ensure_future(gone))
        raise


async def _copied_parts(
    store: ObjectStore,
    source: ObjectMeta,
    ticket: UploadTicket,
    version: VersionId | None,
    sizes: CopySizes,
) -> list[PartReceipt]:
    receipts: dict[int, PartReceipt] = {}

    async def copy(part: Part) -> None:
        receipts[part.number] = await store.copy_part(
            source.location,
            source.location,
            ticket,
            part.number,
            part.span,
            if_match=source.etag,
            version=version,
        )

    await run_bounded(map(copy, _plan(source, sizes)), PARTS_AT_ONCE)
    return [receipts[number] for number in sorted(receipts)]


async def _refuse_other(store: ObjectStore, source: ObjectMeta) -> None:
    """Not every store looks at the ETag of what it copies, and some parts may be of other bytes."""
    there = await store.head(source.location)
    if (there.etag, there.size, there.version) != (source.etag, source.size, source.version):
        raise _written_meanwhile(source)


def _plan(source: ObjectMeta, sizes: CopySizes) -> PartPlan:
    """Cut as the source was, if that can be guessed: then its ETag stays."""
    least = min(MIN_PART_SIZE, sizes.part)
    for plan in part_guesses(source.size, parts_told(source), sizes.part):
        if least <= plan.part_size <= sizes.single:
            return plan
    return plan_parts(source.size, sizes.part)
