"""One listing, a page at a time, that can go on after an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.errors import MalformedReplyError, S4DeskError
from s4desk.core.store.protocol import MAX_KEYS

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page
    from s4desk.core.runtime.tasks import TaskScope


class ListObjects(Protocol):
    """`ObjectStore.list_objects` of some store."""

    async def __call__(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        token: str | None = None,
        start_after: str = "",
        limit: int = MAX_KEYS,
        with_owner: bool = False,
    ) -> Page: ...


class PagerSource(Protocol):
    """Makes the Pager for one folder; called each time a folder is read."""

    def __call__(self, prefix: Prefix, *, with_owner: bool = False) -> Pager: ...


class Pager:
    """The pages of one prefix, in order, none twice and none left out.

    After an error the next call goes on behind the last key that was delivered. After a
    cancellation it asks for the same page again. One call at a time. A listing that is opened
    anew gets a Pager of its own: whoever shows pages compares Pagers by identity.
    """

    def __init__(
        self,
        list_objects: ListObjects,
        prefix: Prefix,
        delimiter: str = "/",
        *,
        with_owner: bool = False,
        scope: TaskScope | None = None,
    ) -> None:
        """With a `scope` one page may be fetched ahead, in a task of that scope."""
        self.prefix = prefix
        self.delimiter = delimiter
        self.with_owner = with_owner
        self._list_objects = list_objects
        self._scope = scope
        self._token: str | None = None
        self._seen: set[str] = set()
        self._start_after = ""
        self._last = ""
        self._last_folder = ""
        self._is_complete = False
        self._ahead: asyncio.Task[Page | S4DeskError] | None = None

    @property
    def has_more(self) -> bool:
        return not self._is_complete

    @property
    def last(self) -> str:
        """The key or folder, in full, up to which everything was delivered."""
        return self._last

    async def next_page(self, *, ahead: bool = False) -> Page:
        """The next page; with `ahead` the one after it is asked for at once.

        Raises what the store raises, and MalformedReplyError for a page token that came before.
        """
        try:
            page = self._checked(await self._taken())
        except S4DeskError:
            self._go_back()
            raise
        page = self._without_repeats(page)
        self._advance(page)
        if ahead and self._scope is not None and self.has_more:
            self._ahead = self._scope.start(self._outcome())
        return page

    def close(self) -> None:
        """Give up the page that is being fetched ahead."""
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None

    async def _taken(self) -> Page:
        if self._ahead is None:
            return await self._ask()
        task, self._ahead = self._ahead, None
        outcome = await task
        if isinstance(outcome, S4DeskError):
            raise outcome
        return outcome

    async def _outcome(self) -> Page | S4DeskError:
        """A page ahead; its error is kept for whoever asks for the page."""
        try:
            return await self._ask()
        except S4DeskError as error:
            return error

    async def _ask(self) -> Page:
        return await self._list_objects(
            self.prefix,
            delimiter=self.delimiter,
            token=self._token,
            start_after=self._start_after,
            with_owner=self.with_owner,
        )

    def _checked(self, page: Page) -> Page:
        if page.next_token is not None and page.next_token in self._seen:
            raise MalformedReplyError(
                "the listing goes round in circles: a page token came twice",
                operation="list_objects",
                location=self.prefix.location(""),
            )
        return page

    def _go_back(self) -> None:
        """Leave the token, which may be what the store chokes on, and start behind the last key."""
        self._token = None
        self._seen.clear()
        self._start_after = self._last

    def _without_repeats(self, page: Page) -> Page:
        """Drop what was delivered before.

        A listing that starts after a folder's name names that folder again: its keys come later.
        """
        folders, keys = page.folders, page.keys
        if folders and folders[0] == self._last_folder:
            page = replace(page, folders=folders[1:])
        if keys and keys[0] == self._last:
            page = without_first(page)
        return page

    def _advance(self, page: Page) -> None:
        if page.folders:
            self._last_folder = page.folders[-1]
        ends = [self._last, *page.keys[-1:], *page.folders[-1:]]
        self._last = max(ends, key=_bytes)
        self._token = page.next_token
        if self._token is None:
            self._is_complete = True
        else:
            self._seen.add(self._token)


def without_first(page: Page) -> Page:
    """`page` without its first object."""
    owners: Sequence[str] = page.owners[1:]
    return replace(
        page,
        keys=page.keys[1:],
        sizes=page.sizes[1:],
        modified=page.modified[1:],
        etags=page.etags[1:],
        classes=page.classes[1:],
        owners=owners,
    )


def _bytes(key: str) -> bytes:
    """S3's order of keys is that of their bytes."""
    return key.encode("utf-8", "surrogateescape")
