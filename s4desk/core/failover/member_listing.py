"""The keys of one member of a group, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import MalformedReplyError, NotFoundError, S4DeskError
from s4desk.core.failover.holdings import MISSING, UNREAD, Holding, Standing
from s4desk.core.store.key_space import byte_order
from s4desk.core.store.parallel_listing import ParallelListing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Page
    from s4desk.core.failover.member import Member
    from s4desk.core.runtime.tasks import TaskScope


@dataclass(slots=True, eq=False)
class MemberListing:
    """How far one member is listed: to row `at` of its page, which was taken last."""

    member: Member
    prefix: Prefix
    has_bucket: bool = True
    error: S4DeskError | None = None
    is_done: bool = False
    page: Page | None = None
    order: Sequence[bytes] = ()
    at: int = 0
    last: bytes = b""
    listing: ParallelListing | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        return not self.is_done and self.at >= len(self.order)

    def begin(self, scope: TaskScope) -> None:
        self.listing = ParallelListing(self.member.list_objects, self.prefix, scope=scope)

    async def fill(self) -> None:
        """Have rows, or be done. Raises MalformedReplyError where keys come in no order."""
        listing = self.listing
        while listing is not None and self.is_empty:
            try:
                page = await listing.next_page(ahead=1) if listing.has_more else None
            except NotFoundError:
                self.has_bucket, page = False, None
            except S4DeskError as error:
                self.error, page = error, None
            if page is None:
                self.is_done, self.order, self.at = True, (), 0
                return
            self._take(page)

    def _take(self, page: Page) -> None:
        order = [byte_order(key) for key in page.keys]
        for each in order:
            if each < self.last:
                said = f"{self.member.name}: keys come in no order"
                raise MalformedReplyError(said, operation="list_objects")
            self.last = each
        self.page, self.order, self.at = page, order, 0

    @property
    def absent(self) -> Holding:
        """What is said of a key that this member has not told of."""
        return UNREAD if self.error is not None else MISSING

    def take(self, key: bytes) -> Holding:
        """What it has of a key that is the next of all members."""
        page, row = self.page, self.at
        if page is None or row >= len(self.order) or self.order[row] != key:
            return self.absent
        self.at += 1
        modified = page.modified[row]
        moment = None if isnan(modified) else modified
        return Holding(Standing.SAME, page.sizes[row], page.etags[row], moment)
