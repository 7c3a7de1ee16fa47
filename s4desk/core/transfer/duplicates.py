"""Copies beside their originals, under names that are free."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.copy_planner import CopyTarget, plan_copies
from s4desk.core.transfer.names import NameRules, numbered
from s4desk.core.transfer.planner import KEY_LIMIT
from s4desk.core.transfer.selection import Selected, collapsed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import BatchId
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.planner import Planned


async def plan_duplicates(
    store: ObjectStore,
    connection: ConnectionId,
    selection: Sequence[Selected],
    batch: BatchId,
) -> AsyncIterator[Planned]:
    """Plan `photo (2).jpg` beside `photo.jpg`, and the same for folders. Raises StoreError."""
    taken: set[str] = set()
    for each in collapsed(selection):
        place = each.location if isinstance(each, ObjectMeta) else each
        parent = place.parent or Prefix(place.bucket)
        name = await _free_name(store, place, parent, taken)
        target = CopyTarget(connection, parent, new_name=name)
        plan = plan_copies(store, connection, [each], target, batch)
        async with aclosing(cast("AsyncGenerator[Planned, None]", plan)) as planned:
            async for some in planned:
                yield some


async def _free_name(
    store: ObjectStore, place: Location | Prefix, parent: Prefix, taken: set[str]
) -> str:
    slash = "/" if isinstance(place, Prefix) or place.name.endswith("/") else ""
    name = place.name.removesuffix("/")
    above = len(f"{parent.prefix}{slash}".encode("utf-8", "surrogateescape"))
    rules = NameRules(limit=KEY_LIMIT - above)
    number = 2
    while True:
        # What looks like the ending of a folder's name is none.
        free = f"{name} ({number})" if slash else numbered(name, number, rules)
        key = f"{parent.prefix}{free}{slash}"
        if key not in taken and not await _is_taken(store, Location(parent.bucket, key)):
            taken.add(key)
            return free
        number += 1


async def _is_taken(store: ObjectStore, target: Location) -> bool:
    if not target.key.endswith("/"):
        return await head_if_there(store, target) is not None
    page = await store.list_objects(Prefix(target.bucket, target.key), delimiter="", limit=1)
    return len(page) > 0
