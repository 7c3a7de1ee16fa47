"""What a person picked in a listing: single objects, and prefixes with all below them."""

from __future__ import annotations

import math
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.store.parallel_listing import listing_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from s4desk.core.domain.objects import ObjectVersion, Page
    from s4desk.core.store.protocol import ObjectStore

CHUNK: Final = 1000

Selected = Location | Prefix | ObjectMeta
"""An ObjectMeta is a location whose size is known already."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How much a selection holds so far. `size` in bytes; single locations count without theirs.

    With versions `objects` counts versions and delete markers.
    """

    objects: int = 0
    size: int = 0


def collapsed(selection: Sequence[Selected]) -> list[Selected]:
    """The selection without what is selected twice, or lies below something selected."""
    prefixes = {each for each in selection if isinstance(each, Prefix)}
    kept: dict[Location | Prefix, Selected] = {}
    for each in selection:
        place = each.location if isinstance(each, ObjectMeta) else each
        if not any(_is_below(place, prefix) for prefix in prefixes):
            kept.setdefault(place, each)
    return list(kept.values())


async def pages_of(
    store: ObjectStore, prefix: Prefix, delimiter: str = ""
) -> AsyncGenerator[Page, None]:
    """All keys below a prefix, page by page, in order; many are read at several places at once.

    Close it when it is left early: requests may be under way.
    """
    async with listing_of(store.list_objects, prefix, delimiter) as listing:
        while listing.has_more:
            yield await listing.next_page(ahead=math.inf)


async def versions_of(
    store: ObjectStore, place: Location | Prefix
) -> AsyncGenerator[list[ObjectVersion], None]:
    """All versions and delete markers of one key, or of all keys below a prefix."""
    prefix = place if isinstance(place, Prefix) else Prefix(place.bucket, place.key)
    marker = None
    while True:
        page = await store.list_versions(prefix, delimiter="", marker=marker)
        found = [each for each in page.versions if place in (prefix, each.location)]
        yield found
        marker = page.next_marker
        # The versions of a key come before those of any longer key.
        if marker is None or (place != prefix and len(found) < len(page.versions)):
            return


async def chunks_of(
    store: ObjectStore, selection: Sequence[Selected]
) -> AsyncGenerator[list[Location], None]:
    """All objects of a selection, each once: some at a time, all of one bucket.

    Close it when it is left early, as with `pages_of`.
    """
    alone: list[Location] = []
    for each in collapsed(selection):
        place = each.location if isinstance(each, ObjectMeta) else each
        if isinstance(place, Location):
            if alone and (len(alone) == CHUNK or alone[0].bucket != place.bucket):
                yield alone
                alone = []
            alone.append(place)
            continue
        async with aclosing(pages_of(store, place)) as pages:
            async for page in pages:
                if page.keys:
                    yield [Location(place.bucket, key) for key in page.keys]
    if alone:
        yield alone


async def tally(
    store: ObjectStore, selection: Sequence[Selected], *, versions: bool = False
) -> AsyncIterator[Tally]:
    """Running counts, after each page; the last one is the whole. Leave the loop to stop it."""
    objects = size = 0
    for each in collapsed(selection):
        place = each.location if isinstance(each, ObjectMeta) else each
        if versions:
            async for found in versions_of(store, place):
                objects += len(found)
                size += sum(version.size for version in found)
                yield Tally(objects, size)
        elif isinstance(place, Prefix):
            async with aclosing(pages_of(store, place)) as pages:
                async for page in pages:
                    objects += len(page)
                    size += sum(page.sizes)
                    yield Tally(objects, size)
        else:
            objects += 1
            size += each.size if isinstance(each, ObjectMeta) else 0
            yield Tally(objects, size)


def _is_below(place: Location | Prefix, prefix: Prefix) -> bool:
    if place == prefix or place.bucket != prefix.bucket:
        return False
    name = place.prefix if isinstance(place, Prefix) else place.key
    return name.startswith(prefix.prefix)
