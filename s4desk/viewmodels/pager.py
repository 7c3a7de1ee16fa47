"""One listing, a page at a time, that can go on after an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from s4desk.core.store.parallel_listing import ParallelListing

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page
    from s4desk.core.domain.query import Query
    from s4desk.core.runtime.tasks import TaskScope
    from s4desk.core.store.parallel_listing import ListObjects


class PagerSource(Protocol):
    """Makes the Pager for one folder; called each time a folder is read."""

    def __call__(self, prefix: Prefix, *, with_owner: bool = False) -> Pager: ...


class Pager:
    """The pages of one prefix, in order, none twice and none left out.

    After an error the next call goes on behind the last key that was delivered. After a
    cancellation it goes on where it was. One call at a time. A listing that is opened anew gets a
    Pager of its own: whoever shows pages compares Pagers by identity.

    `searched` is how many objects a search has looked at; None for a listing.
    """

    searched: int | None = None

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


def without_first(page: Page) -> Page:
    """`page` without its first object."""
    return page.cut(slice(1, None))
