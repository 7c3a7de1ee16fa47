"""A listing read at several places at once, and delivered in the order of its keys.

A page of a listing tells where the next one begins, so that on a real network a million keys are
a thousand round trips, one after the other. `start-after` begins anywhere: the keys to come are
cut into ranges that are read side by side. The cuts are guesses (`key_space`); what belongs to a
range is exact: all keys behind its beginning, up to and with its end.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from array import array
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.errors import MalformedReplyError, S4DeskError, ThrottledError
from s4desk.core.domain.objects import Page
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.store.key_range import Beyond, KeyRange, OrderError, is_ordered, last_of, without
from s4desk.core.store.key_space import KeySpace, byte_order
from s4desk.core.store.protocol import MAX_KEYS
from s4desk.core.store.range_plan import RangePlan
from s4desk.core.store.readers import READERS, Readers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from s4desk.core.domain.identity import Prefix

log = logging.getLogger(__name__)

WAITING_PAGES: Final = 128
"""So many may wait for their turn or be under way: at most some 30 MB."""
KEPT_PAGES: Final = 32
NEAR: Final = 4
"""The last of the room is kept for what comes first."""
FEW_PAGES: Final = 2
"""What is no longer than this costs the requests it costs without ranges."""
TIMES_TO_BE_SURE: Final = 5


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


class ParallelListing:
    """The pages of one prefix in order: no key is missing that was there all the while, and none
    comes twice.

    Requests run in tasks of `scope`, at most `workers` at once; without a scope they run in
    `next_page`, one by one. After an error the next call goes on behind the last key that was
    delivered, after a cancellation where it was. A store that answers in another order than that
    of bytes, or that does not know `start-after`, is read page by page as it pleases. A store that
    asks for patience is asked for less at once. One call at a time.
    """

    def __init__(
        self,
        list_objects: ListObjects,
        prefix: Prefix,
        delimiter: str = "",
        *,
        with_owner: bool = False,
        scope: TaskScope | None = None,
        workers: int = READERS,
    ) -> None:
        self.prefix = prefix
        self.delimiter = delimiter
        self.with_owner = with_owner
        self.last = ""
        self._list_objects = list_objects
        self._scope = scope
        self._readers = Readers(workers)
        self._plan = RangePlan(KeySpace(prefix.prefix, delimiter), workers)
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._ahead = 0.0
        self._is_ordered = True
        self._delivered = array("q")
        self._skipped: Collection[int] = ()
        self._promised: list[Beyond] = []
        self._held: Page | None = None

    @property
    def has_more(self) -> bool:
        return bool(self._plan.ranges) or self._held is not None

    async def next_page(self, ahead: float = 0) -> Page:
        """The next page, which is empty only at the end; up to `ahead` further ones are asked for.

        Several are asked for at once when more than `workers` are wanted. Raises what the store
        raises, and MalformedReplyError for a page token that came before.
        """
        self._ahead = ahead
        while True:
            if self._held is None:
                self._held = self._taken()
            if self._held is None:
                await self._progress()
            elif not await self._is_whole(self._held):
                self._read_anew()
            elif (page := self._held) is not None:
                # Not given up while it was looked after.
                break
        self._held = None
        self._note(page)
        if self._scope is not None and ahead:
            self._start_all(self._scope)
        return page

    async def _progress(self) -> None:
        """Wait until something was read."""
        if self._scope is None:
            await self._read(self._plan.ranges[0])
        else:
            self._news.clear()
            self._start_all(self._scope)
            await self._news.wait()

    def pause(self) -> None:
        """Stop the requests under way; `next_page` makes them again."""
        self._ahead = 0
        for task in self._tasks:
            task.cancel()

    # Delivery

    def _taken(self) -> Page | None:
        """The page whose turn it is, None while it is not here. Raises the error in its place."""
        while self._plan.ranges:
            head = self._plan.ranges[0]
            page = head.pages.popleft() if head.pages else None
            if not head.pages and head.is_done:
                del self._plan.ranges[0]
            elif page is None and head.error is not None:
                self._raise(head.error)
            elif page is None:
                return None
            has_any = page is not None and (page.keys or page.folders)
            if page is not None and (has_any or not self._plan.ranges or not self._plan.is_cut):
                return page
        return _empty(self.prefix)

    async def _is_whole(self, page: Page) -> bool:
        """Whether all is there that was seen behind the end of a range and left to the next.

        What is not may have been deleted, or written meanwhile.
        """
        for each in self._due(page):
            is_there = each.entry in page.keys or each.entry in page.folders
            if not is_there and await self._is_misplaced(each):
                return False
            if each in self._promised:
                self._promised.remove(each)
        return True

    async def _is_misplaced(self, seen: Beyond) -> bool:
        """Whether the store has an entry behind `last` but not behind `upper`, time and again."""
        for _ in range(TIMES_TO_BE_SURE):
            page = await self._ask(None, seen.last)
            if not is_ordered(page):
                return True
            if seen.entry not in page.keys and seen.entry not in page.folders:
                return False
            page = await self._ask(None, seen.upper)
            if seen.entry in page.keys or seen.entry in page.folders:
                return False
        return True

    def _due(self, page: Page) -> list[Beyond]:
        last = byte_order(last_of(page, ""))
        is_end = not self._plan.ranges
        return [each for each in self._promised if is_end or byte_order(each.entry) <= last]

    async def _ask(self, token: str | None, start_after: str) -> Page:
        return await self._list_objects(
            self.prefix,
            delimiter=self.delimiter,
            token=token,
            start_after="" if token else start_after,
            with_owner=self.with_owner,
        )

    def _note(self, page: Page) -> None:
        self.last = last_of(page, self.last)
        if self._is_ordered and self._scope is not None:
            # A store that loses its order late is read anew: eight bytes a key for that.
            self._delivered.extend(map(hash, page.keys))
            self._delivered.extend(map(hash, page.folders))

    def _raise(self, error: BaseException) -> None:
        """All that failed goes on at the next call."""
        self._ahead = 0
        for each in self._plan.ranges:
            if each.error is not None:
                each.error = None
                if self._is_ordered:
                    each.go_back()
        raise error

    # Requests

    def _start_all(self, scope: TaskScope) -> None:
        """Ask for as much as is allowed, from the front."""
        while len(self._tasks) < self._allowed:
            chosen = self._chosen()
            if chosen is None:
                return
            chosen.is_running = True
            task = scope.start(self._read(chosen))
            self._tasks.add(task)
            task.add_done_callback(functools.partial(self._ended, chosen))

    @property
    def _is_parallel(self) -> bool:
        is_wanted = self._ahead > self._readers.most and self._plan.pages_read >= FEW_PAGES
        return is_wanted and self._is_ordered and self._readers.most > 1

    @property
    def _allowed(self) -> int:
        return self._readers.at_once if self._is_parallel else 1

    def _chosen(self) -> KeyRange | None:
        """The first range that nobody reads, or a piece of one, while there is room for pages."""
        waiting = len(self._tasks) + sum(len(each.pages) for each in self._plan.ranges)
        room = min(self._ahead, WAITING_PAGES) - waiting
        for at, each in enumerate(self._plan.ranges):
            if each.error is not None:
                return None
            if not each.is_idle:
                continue
            is_wanted = room > (0 if at < NEAR else KEPT_PAGES) or (not at and not each.pages)
            if is_wanted and self._is_parallel:
                self._plan.cut(each)
            if is_wanted or room <= KEPT_PAGES:
                return each if is_wanted else self._split_head(room)
        return (
            self._plan.split(self._plan.ranges) if room > KEPT_PAGES and self._is_parallel else None
        )

    def _split_head(self, room: float) -> KeyRange | None:
        """Give others a part of what all wait for, when they may not read further behind it."""
        return self._plan.split(self._plan.ranges[:1]) if room > 0 and self._is_parallel else None

    async def _read(self, where: KeyRange) -> None:
        """Ask for the next page of a range; its error is kept for whoever comes to it."""
        where.requests += 1
        is_alone = len(self._tasks) <= 1
        try:
            asked = monotonic()
            page = await self._ask(where.token, where.after)
            self._readers.answered(monotonic() - asked)
            if where in self._plan.ranges:
                self._arrived(where, page)
        except ThrottledError as error:
            if is_alone:
                where.error = error
            self._readers.throttled()
        except S4DeskError as error:
            where.error = error

    def _ended(self, where: KeyRange, task: asyncio.Task[None]) -> None:
        # A task that is cancelled before it begins runs no line of `_read`.
        where.is_running = False
        self._tasks.discard(task)
        if task.cancelled():
            # Somebody wants an end of it.
            self._ahead = 0
        elif (error := task.exception()) is not None:
            where.error = error
        self._news.set()
        if self._ahead and self._scope is not None:
            self._start_all(self._scope)

    # Pages

    def _arrived(self, where: KeyRange, page: Page) -> None:
        if not where.goes_on_at(page.next_token):
            raise MalformedReplyError(
                "the listing goes round in circles: a page token came twice",
                operation="list_objects",
                location=self.prefix.location(""),
            )
        self._plan.note(page)
        if not self._is_ordered:
            self._keep(where, without(page, self._skipped) if self._skipped else page, page)
            return
        self._plan.reach_further(where, page)
        try:
            taken = where.take(page)
        except OrderError:
            self._give_up_order(where, page)
        else:
            if where.beyond is not None:
                self._promised.append(where.beyond)
            self._keep(where, taken, page)
            self._plan.learn(where)

    def _keep(self, where: KeyRange, taken: Page, page: Page) -> None:
        where.pages.append(taken)
        is_past = self._is_ordered and not where.reaches(last_of(page, ""))
        where.is_done = page.next_token is None or is_past or where.after == where.upper
        if page.next_token is None and not is_past:
            self._plan.end_at(where)

    def _give_up_order(self, where: KeyRange, page: Page) -> None:
        """From here on page by page, in whatever order; what was delivered does not come again."""
        if self._plan.is_cut:
            self._read_anew()
        else:
            self._is_ordered = False
            self._keep(where, page, page)

    def _read_anew(self) -> None:
        if not self._is_ordered:
            return
        log.info("%s: the store does not list in byte order, or ignores start-after", self.prefix)
        self._is_ordered = False
        self.pause()
        self._held = None
        self._promised.clear()
        self._skipped = frozenset(self._delivered)
        self._delivered = array("q")
        self._plan.begin_anew()


@asynccontextmanager
async def listing_of(
    list_objects: ListObjects, prefix: Prefix, delimiter: str = "", *, workers: int = READERS
) -> AsyncIterator[ParallelListing]:
    """A listing whose requests end with the block."""
    scope = TaskScope("listing")
    try:
        yield ParallelListing(list_objects, prefix, delimiter, scope=scope, workers=workers)
    finally:
        await scope.aclose()


def _empty(prefix: Prefix) -> Page:
    return Page(prefix, [], array("q"), array("d"), [], [])
