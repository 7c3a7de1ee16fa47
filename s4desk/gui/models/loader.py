"""Brings the pages of one listing, as many as are wanted."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.viewmodels.listing import ListingState

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.objects import Page
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.viewmodels.pager import Pager


class ListingLoader:
    """Asks a Pager for pages and hands each to `take`, in order, on the GUI thread.

    `told` is called after each page and each change of state. A page that was asked of another
    Pager than the present one is dropped. After `stop` no page comes, not even one under way.
    """

    def __init__(
        self, tasks: GuiTasks, take: Callable[[Page], None], told: Callable[[], None]
    ) -> None:
        self._tasks = tasks
        self._take = take
        self._told = told
        self._task: asyncio.Task[None] | None = None
        self._held: Page | None = None
        self._wanted = 0.0
        self.pager: Pager | None = None
        self.state = ListingState.CLOSED
        self.failure: BaseException | None = None

    @property
    def is_loading_all(self) -> bool:
        return math.isinf(self._wanted) and self.state is ListingState.LOADING

    @property
    def has_more(self) -> bool:
        return self.pager is not None and (self.pager.has_more or self._held is not None)

    @property
    def is_satisfied(self) -> bool:
        """Whether the page that `take` has just got was the last one that is wanted."""
        return self._wanted <= 0 or not self.has_more

    def open(self, pager: Pager, pages: float) -> None:
        """Load the first `pages` of another listing."""
        self._leave()
        self.pager = pager
        self._start(pages)

    def close(self) -> None:
        """Forget the listing; what is under way is cancelled."""
        self._leave()
        self._enter(ListingState.CLOSED)

    def _leave(self) -> None:
        self._cancel()
        self._task = None
        if self.pager is not None:
            self.pager.close()
        self.pager = self._held = self.failure = None

    def more(self, pages: float = 1) -> None:
        """Load further: a page, `math.inf` for everything. After an error: from there."""
        if not self.has_more:
            return
        if self.state is ListingState.LOADING:
            self._wanted = max(self._wanted, pages)
            self._told()
        else:
            self._start(pages)

    def stop(self) -> None:
        """Stop at once. `more` goes on without a gap."""
        if self.state is ListingState.LOADING:
            self._cancel()
            if self.pager is not None:
                self.pager.close()
            self._enter(ListingState.STOPPED)

    def _start(self, pages: float) -> None:
        if self.pager is None:
            return
        self._wanted = pages
        self.failure = None
        self._enter(ListingState.LOADING)
        self._task = self._tasks.start(self._load(self.pager, self._task))

    def _cancel(self) -> None:
        self._wanted = 0
        if self._task is not None:
            self._task.cancel()

    def _enter(self, state: ListingState) -> None:
        self.state = state
        self._told()

    async def _load(self, pager: Pager, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            while self._wanted > 0 and self._is_loading(pager) and self.has_more:
                page = await self._next(pager)
                if page is None:
                    return
                self._wanted -= 1
                self._take(page)
                self._told()
                if not self.is_satisfied:
                    # Many pages may be waiting: the window has its turn between any two of them.
                    await asyncio.sleep(0)
        except S4DeskError as failure:
            self._fail(pager, failure)
        except Exception as failure:
            self._fail(pager, failure)
            raise
        else:
            if self._is_loading(pager):
                self._enter(ListingState.PAUSED if self.has_more else ListingState.COMPLETE)

    async def _next(self, pager: Pager) -> Page | None:
        """The next page, None when nobody waits for it any more.

        One that `stop` came before is held: the Pager will not give it again.
        """
        page, self._held = self._held, None
        if page is None:
            page = await pager.next_page(ahead=self._wanted - 1)
        if self._is_loading(pager):
            return page
        if pager is self.pager:
            self._held = page
        return None

    def _is_loading(self, pager: Pager) -> bool:
        return pager is self.pager and self.state is ListingState.LOADING

    def _fail(self, pager: Pager, failure: BaseException) -> None:
        if self._is_loading(pager):
            self.failure = failure
            self._enter(ListingState.FAILED)
