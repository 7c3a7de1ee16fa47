"""What a listing of a source has, key by key, and which of it is to be replicated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING

from s4desk.core.domain.objects import DELETED, LATEST
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.replication.table import Seen, Write
from s4desk.core.store.parallel_listing import listing_of
from s4desk.core.store.version_listing import VersionListing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence

    from s4desk.core.domain.identity import Prefix, VersionId
    from s4desk.core.domain.objects import Page
    from s4desk.core.domain.replication.rules import Matcher
    from s4desk.core.store.protocol import ObjectStore


@dataclass(frozen=True, slots=True)
class Found:
    """One row of a listing. Without a `version` it was a listing of what is there now."""

    key: str
    seen: Seen
    version: VersionId | None = None
    is_latest: bool = True


async def pages_in(store: ObjectStore, prefix: Prefix, delimiter: str = "") -> AsyncGenerator[Page]:
    """What is below a prefix now, in the order of keys. Raises StoreError."""
    async with listing_of(store.list_objects, prefix, delimiter) as listing:
        while listing.has_more:
            page = await listing.next_page(ahead=1)
            if page.keys:
                yield page


async def versions_in(
    store: ObjectStore, prefix: Prefix, delimiter: str = ""
) -> AsyncGenerator[list[Found]]:
    """All versions below a prefix in the order of keys; of one key the newest first, and never cut
    in two. Raises StoreError."""
    versions = VersionListing(store.list_versions, prefix, delimiter)
    held: list[Found] = []
    while versions.has_more:
        held += rows_of(await versions.next_page())
        cut = _whole(held) if versions.has_more else len(held)
        if cut:
            yield held[:cut]
        held = held[cut:]


def writes_of(rows: Sequence[Found], matcher: Matcher, *, keeps_versions: bool) -> list[Write]:
    """Which writes of one key are to be replicated, the oldest first."""
    candidates = matcher.candidates(rows[0].key)
    is_all = keeps_versions and any(each.versions is Kept.ALL for each in candidates)
    found = []
    for row in reversed(rows):
        rules = candidates
        if row.seen.is_marker:
            # A marker has no tags.
            rules = [each for each in candidates if each.delete_markers and not each.filter.tags]
        if rules and (is_all or row.is_latest):
            found.append(Write(row.key, row.seen, rules[0].id, row.version if is_all else None))
    return found


def _whole(rows: Sequence[Found]) -> int:
    """How many belong to keys that have come to their end: not those of the last one."""
    cut = len(rows)
    while cut and rows[cut - 1].key == rows[-1].key:
        cut -= 1
    return cut


def rows_of(page: Page, numbers: Iterable[int] | None = None) -> Iterator[Found]:
    """The rows of a page, or those with these numbers."""
    for at in range(len(page)) if numbers is None else numbers:
        modified = page.modified[at]
        moment = None if isnan(modified) else datetime.fromtimestamp(modified, UTC)
        marks = page.marks[at] if page.marks else LATEST
        is_marker = bool(marks & DELETED)
        seen = Seen("" if is_marker else page.etags[at], page.sizes[at], moment, is_marker)
        version = page.versions[at] if page.versions else None
        yield Found(page.keys[at], seen, version, bool(marks & LATEST))
