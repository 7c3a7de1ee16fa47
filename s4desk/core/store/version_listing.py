"""Listings of versions: all of them, or those that were the newest at a moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.errors import MalformedReplyError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import LATEST
from s4desk.core.domain.past import rows_at
from s4desk.core.runtime.tasks import run_bounded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Sequence
    from datetime import datetime

    from s4desk.core.domain.objects import Page, VersionMarker, VersionPage

LOOKS_IN_FLIGHT: Final = 8
MOST_LOOKS: Final = 200
"""Of a page with more folders than that, all are shown."""
LOOK: Final = 100
"""Most folders begin with something that was there."""


class ListVersions(Protocol):
    """ListObjectVersions of a store."""

    def __call__(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        marker: VersionMarker | None = None,
        limit: int = 1000,
    ) -> Awaitable[VersionPage]: ...


class VersionListing:
    """The versions and delete markers below a prefix, page by page, the newest of a key first.

    After an error, or a cancellation, the next call asks for the same page again. One at a time:
    where a page begins is only known from the one before.
    """

    def __init__(self, list_versions: ListVersions, prefix: Prefix, delimiter: str = "/") -> None:
        self._list_versions = list_versions
        self._prefix = prefix
        self._delimiter = delimiter
        self._marker: VersionMarker | None = None
        self.has_more = True
        self.last = ""

    async def next_page(self, ahead: float = 0) -> Page:
        """Raises what the store raises, and MalformedReplyError for a page that came before."""
        del ahead
        found = await self._list_versions(
            self._prefix, delimiter=self._delimiter, marker=self._marker
        )
        marker = found.next_marker
        if marker is not None and marker == self._marker:
            raise MalformedReplyError("the listing goes on where it already was")
        page = await self._chosen(found.page)
        self._marker, self.has_more = marker, marker is not None
        self.last = marker.key if marker is not None else self.last
        return page

    def pause(self) -> None:
        """Nothing is fetched ahead."""

    async def _chosen(self, page: Page) -> Page:
        return page


class PastListing(VersionListing):
    """What a listing would have shown at a moment, each object with the version that it was.

    A folder is shown if something was in it then; of very many, or where the first versions in it
    do not tell, nobody asks. A page may be empty, and others follow it.
    """

    def __init__(
        self,
        list_versions: ListVersions,
        prefix: Prefix,
        moment: datetime,
        delimiter: str = "/",
    ) -> None:
        super().__init__(list_versions, prefix, delimiter)
        self._moment = moment
        self._decided = ""

    async def _chosen(self, page: Page) -> Page:
        rows, decided = rows_at(page, self._moment, self._decided)
        folders = await self._folders_then(page.folders)
        self._decided = decided
        shown = page.of_rows(rows)
        # Then each of them was the latest of its key.
        return replace(shown, folders=folders, marks=bytes([LATEST]) * len(rows))

    async def _folders_then(self, folders: Sequence[str]) -> Sequence[str]:
        if len(folders) > MOST_LOOKS:
            return folders
        held: dict[str, bool] = {}

        async def look(folder: str) -> None:
            held[folder] = await self._held_something(Prefix(self._prefix.bucket, folder))

        await run_bounded(map(look, folders), LOOKS_IN_FLIGHT)
        return [folder for folder in folders if held[folder]]

    async def _held_something(self, folder: Prefix) -> bool:
        for limit in (LOOK, 10 * LOOK):
            found = await self._list_versions(folder, delimiter="", limit=limit)
            if rows_at(found.page, self._moment)[0]:
                return True
            if found.next_marker is None:
                return False
        return True


async def past_pages(
    list_versions: ListVersions, prefix: Prefix, moment: datetime
) -> AsyncGenerator[Page, None]:
    """All that lay below a prefix at a moment, page by page."""
    listing = PastListing(list_versions, prefix, moment, delimiter="")
    while listing.has_more:
        yield await listing.next_page()
