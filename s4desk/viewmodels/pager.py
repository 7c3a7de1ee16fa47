"""One listing, a page at a time, that can go on after an error."""

from __future__ import annotations

from array import array
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.errors import StoreError
from s4desk.core.domain.identity import EVERYWHERE, Prefix
from s4desk.core.domain.objects import Page
from s4desk.core.store.parallel_listing import ParallelListing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import Bucket
    from s4desk.core.domain.query import Query
    from s4desk.core.runtime.tasks import TaskScope
    from s4desk.core.store.parallel_listing import ListObjects
    from s4desk.core.store.version_listing import ListVersions

    ListBuckets = Callable[[], Awaitable[Sequence[Bucket]]]
    MakeSearch = Callable[[Prefix], "SearchPager"]
    Missed = tuple[str, StoreError]

NO_PAGE: Final = Page(EVERYWHERE, [], array("q"), array("d"), [], [])


class PagerSource(Protocol):
    """Makes the Pager for one folder; called each time a folder is read."""

    def __call__(self, prefix: Prefix, *, with_owner: bool = False) -> Pager: ...


class Pager:
    """The pages of one prefix, in order, none twice and none left out.

    After an error the next call goes on behind the last key that was delivered. After a
    cancellation it goes on where it was. One call at a time. A listing that is opened anew gets a
    Pager of its own: whoever shows pages compares Pagers by identity.

    `searched` is how many objects a search has looked at; None for a listing. `missed` are the
    buckets that it could not look into. `is_of_versions`: an object has a row for each of its
    versions. `moment` is when what comes was so, None for now. `has_deleted`: all that was there is
    deleted, and versions of it are left. `members` are those of a failover group that have listed
    it so far.
    """

    searched: int | None = None
    missed: Sequence[Missed] = ()
    is_of_versions = False
    moment: datetime | None = None
    has_deleted = False
    members: Collection[ConnectionId] = ()

    def __init__(
        self,
        list_objects: ListObjects,
        prefix: Prefix,
        delimiter: str = "/",
        *,
        with_owner: bool = False,
        scope: TaskScope | None = None,
    ) -> None:
        """With a `scope` pages may be fetched ahead, in tasks of that scope."""
        self.prefix = prefix
        self.delimiter = delimiter
        self.with_owner = with_owner
        self._listing = ParallelListing(
            list_objects, prefix, delimiter, with_owner=with_owner, scope=scope
        )

    @property
    def has_more(self) -> bool:
        return self._listing.has_more

    @property
    def last(self) -> str:
        """The key or folder, in full, up to which everything was delivered."""
        return self._listing.last

    async def next_page(self, *, ahead: float = 0) -> Page:
        """The next page; up to `ahead` further ones are asked for before they are wanted.

        Raises what the store raises, and MalformedReplyError for a page token that came before.
        """
        return await self._listing.next_page(ahead)

    def close(self) -> None:
        """Stop fetching ahead; a later `next_page` goes on."""
        self._listing.pause()


class FolderPager(Pager):
    """The pages of a folder as it is now. `has_deleted`: nothing is there, and versions are left of
    what was; that costs one request more, and only where nothing is there."""

    def __init__(
        self,
        list_objects: ListObjects,
        prefix: Prefix,
        list_versions: ListVersions,
        *,
        with_owner: bool = False,
        scope: TaskScope | None = None,
    ) -> None:
        super().__init__(list_objects, prefix, with_owner=with_owner, scope=scope)
        self._list_versions = list_versions
        self._is_empty = True

    async def next_page(self, *, ahead: float = 0) -> Page:
        page = await super().next_page(ahead=ahead)
        self._is_empty = self._is_empty and not page.keys and not page.folders
        if self._is_empty and not self.has_more:
            self.has_deleted = await self._is_left_over()
        return page

    async def _is_left_over(self) -> bool:
        # Not every store has versions, and not every key may look.
        with suppress(StoreError):
            found = await self._list_versions(self.prefix, delimiter="", limit=1)
            return bool(found.versions)
        return False


class SearchPager(Pager):
    """The objects below a prefix that fit a query. A page may be empty, and others follow it."""

    def __init__(
        self, list_objects: ListObjects, prefix: Prefix, query: Query, scope: TaskScope
    ) -> None:
        super().__init__(list_objects, prefix, "", scope=scope)
        self.searched: int = 0
        self._query = query

    async def next_page(self, *, ahead: float = 0) -> Page:
        page = await super().next_page(ahead=ahead)
        self.searched += len(page)
        return self._query.within(page)


class WideSearchPager(Pager):
    """The objects in all buckets of a connection that fit a query, bucket after bucket.

    Names begin with the bucket. A bucket that cannot be read does not end the search: it is
    `missed`. What trying again may help against is raised, and the next call goes on there.
    """

    def __init__(
        self, list_buckets: ListBuckets, list_objects: ListObjects, make: MakeSearch
    ) -> None:
        super().__init__(list_objects, EVERYWHERE, "")
        self.searched: int = 0
        self.missed: list[Missed] = []
        self._list_buckets = list_buckets
        self._make = make
        self._waiting: list[str] | None = None
        self._inside: SearchPager | None = None

    @property
    def has_more(self) -> bool:
        is_inside = self._inside is not None and self._inside.has_more
        return self._waiting is None or bool(self._waiting) or is_inside

    @property
    def last(self) -> str:
        return "" if self._inside is None else _named(self._inside, self._inside.last)

    async def next_page(self, *, ahead: float = 0) -> Page:
        if self._waiting is None:
            buckets = await self._list_buckets()
            self._waiting = [bucket.name for bucket in reversed(buckets)]
        inside = self._entered(self._waiting)
        if inside is None:
            return NO_PAGE
        before = inside.searched
        try:
            page = await inside.next_page(ahead=ahead)
        except StoreError as error:
            if error.retryable:
                raise
            self.missed.append((inside.prefix.bucket, error))
            inside.close()
            self._inside = None
            return NO_PAGE
        self.searched += inside.searched - before
        keys = [_named(inside, key) for key in page.keys]
        return replace(page, prefix=EVERYWHERE, keys=keys)

    def close(self) -> None:
        if self._inside is not None:
            self._inside.close()

    def _entered(self, waiting: list[str]) -> SearchPager | None:
        """The bucket that is looked into now; None behind the last one."""
        if self._inside is None or not self._inside.has_more:
            self._inside = self._make(Prefix(waiting.pop())) if waiting else None
        return self._inside


def _named(inside: Pager, key: str) -> str:
    return f"{inside.prefix.bucket}/{key}"


def without_first(page: Page) -> Page:
    """`page` without its first object."""
    return page.cut(slice(1, None))
