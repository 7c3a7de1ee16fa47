"""What a selection holds at this moment, to be compared with what it holds later."""

from __future__ import annotations

from collections import defaultdict
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.selection import collapsed, pages_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.objects import Page
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.selection import Selected

FEW: Final = 50
"""So many objects of one folder are asked for one by one; more are found in its listing."""
_AT_ONCE: Final = 16

Content = dict[Location, tuple[int, str, "datetime | None"]]
"""The size, the ETag and the time of each object; what is not there is not in it."""


async def content_of(store: ObjectStore, selection: Sequence[Selected]) -> Content:
    """Raises StoreError."""
    found: Content = {}
    alone: defaultdict[Prefix, set[Location]] = defaultdict(set)
    for each in collapsed(selection):
        place = each.location if isinstance(each, ObjectMeta) else each
        if isinstance(place, Location):
            alone[place.parent].add(place)
        else:
            async with aclosing(pages_of(store, place)) as pages:
                async for page in pages:
                    _take(found, page)

    async def ask(location: Location) -> None:
        meta = await head_if_there(store, location)
        if meta is not None:
            found[location] = (meta.size, meta.etag, meta.modified)

    for folder, locations in alone.items():
        if len(locations) <= FEW:
            await run_bounded(map(ask, locations), _AT_ONCE)
            continue
        listed: Content = {}
        async with aclosing(pages_of(store, folder, "/")) as pages:
            async for page in pages:
                _take(listed, page)
        found |= {each: listed[each] for each in locations & listed.keys()}
    return found


def _take(found: Content, page: Page) -> None:
    for row in range(len(page)):
        meta = page.meta(row)
        found[meta.location] = (meta.size, meta.etag, meta.modified)
