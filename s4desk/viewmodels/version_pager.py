"""Versions of objects page by page, and folders as they were at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.store.version_listing import PastListing, VersionListing
from s4desk.viewmodels.pager import NO_PAGE, Pager

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page
    from s4desk.core.store.version_listing import ListVersions


class VersionPager(Pager):
    """All versions and delete markers of a folder, the newest of a key first.

    After an error the next call asks for the same page again.
    """

    is_of_versions = True

    def __init__(self, list_versions: ListVersions, prefix: Prefix) -> None:
        super().__init__(_nothing, prefix)
        self._versions = self._opened(list_versions)

    def _opened(self, list_versions: ListVersions) -> VersionListing:
        return VersionListing(list_versions, self.prefix, self.delimiter)

    @property
    def has_more(self) -> bool:
        return self._versions.has_more

    @property
    def last(self) -> str:
        return self._versions.last

    async def next_page(self, *, ahead: float = 0) -> Page:
        return await self._versions.next_page(ahead)

    def close(self) -> None:
        """Nothing is fetched ahead."""


class PastPager(VersionPager):
    """A folder as it was at `moment`, each object with the version that it was."""

    is_of_versions = False

    def __init__(self, list_versions: ListVersions, prefix: Prefix, moment: datetime) -> None:
        self.moment = moment
        super().__init__(list_versions, prefix)

    def _opened(self, list_versions: ListVersions) -> VersionListing:
        assert self.moment is not None
        return PastListing(list_versions, self.prefix, self.moment, self.delimiter)


async def _nothing(prefix: Prefix, **_how: Any) -> Page:
    del prefix
    return NO_PAGE
