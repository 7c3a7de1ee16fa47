"""Writes that happen only if nobody else wrote first (SPEC.md section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ConflictError, PreconditionFailedError
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.store.protocol import Condition

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.wire.body import Body


async def put_if_absent(
    store: ObjectStore, location: Location, body: Body, *, attributes: Attributes = NO_ATTRIBUTES
) -> bool:
    """Create the object; False when the key exists or another writer won the race.

    Raises NotSupportedError, with nothing written, for a store that is not known to honour
    If-None-Match.
    """
    return await _put(store, location, body, attributes, Condition(if_absent=True))


async def put_if_match(
    store: ObjectStore,
    location: Location,
    body: Body,
    etag: str,
    *,
    attributes: Attributes = NO_ATTRIBUTES,
) -> bool:
    """Replace the object whose bare ETag is `etag`; False when it is another one by now.

    Raises NotFoundError when there is none, NotSupportedError as `put_if_absent` does.
    """
    return await _put(store, location, body, attributes, Condition(if_match=etag))


async def _put(
    store: ObjectStore, location: Location, body: Body, attributes: Attributes, condition: Condition
) -> bool:
    try:
        await store.put(location, body, attributes=attributes, condition=condition)
    except (PreconditionFailedError, ConflictError):
        return False
    return True
