"""What each member of a group holds, side by side: who lacks what, and who has something else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import NotFoundError, S4DeskError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.stamp import stamp_of
from s4desk.core.failover.holdings import (
    MISSING,
    Holding,
    MemberSummary,
    MergedRow,
    MergedSummary,
    Standing,
    compared,
)
from s4desk.core.failover.member_listing import MemberListing
from s4desk.core.failover.twins import is_twin
from s4desk.core.runtime.tasks import TaskScope, run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.request import at
from s4desk.core.store.s3_integrity import has_md5_etag

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.failover.member import Member

LOOKS_IN_FLIGHT: Final = 16


class MergedView:
    """All keys below a prefix of a group, of all of its members.

    Reading it counts as use of the members; one that is down, or may not be used, is left out. It
    is read once.
    """

    def __init__(self, members: Sequence[Member], prefix: Prefix) -> None:
        self._prefix = prefix
        self._cursors = [MemberListing(each, prefix) for each in members]
        self._counts = [MemberSummary(each.id, each.name) for each in members]
        self._keys = 0
        self._same = 0
        self._alike = 0

    @property
    def summary(self) -> MergedSummary:
        """Of what `rows` has told so far."""
        members = [
            replace(count, has_bucket=cursor.has_bucket, error=cursor.error)
            for count, cursor in zip(self._counts, self._cursors, strict=True)
        ]
        return MergedSummary(self._keys, self._same, tuple(members), self._alike)

    async def rows(self) -> AsyncGenerator[list[MergedRow]]:
        """Piece by piece, in the order of keys.

        Raises MalformedReplyError when a store does not list in that order; what else a member
        fails with is in the summary.
        """
        scope = TaskScope("merged view")
        try:
            for each in self._cursors:
                each.begin(scope)
            while True:
                empty = [each for each in self._cursors if each.is_empty]
                await run_bounded((each.fill() for each in empty), max(1, len(empty)))
                pieces = await in_thread(_merged, self._cursors)
                if not pieces:
                    return
                rows = await self._judged(pieces)
                self._count(rows)
                yield rows
        finally:
            await scope.aclose()

    async def _judged(self, rows: list[MergedRow]) -> list[MergedRow]:
        """The same, when the members were asked about what no listing tells."""
        doubtful = [number for number, row in enumerate(rows) if row.is_unproved]

        async def look(number: int) -> None:
            rows[number] = await self._looked(rows[number])

        await run_bounded(map(look, doubtful), LOOKS_IN_FLIGHT)
        return rows

    async def _looked(self, row: MergedRow) -> MergedRow:
        """A row with objects of one size whose ETags are not the same."""
        if not row.is_unproved:
            return row
        location = Location(self._prefix.bucket, row.key)
        first = next(number for number, each in enumerate(row.holdings) if each.is_held)
        holdings = list(row.holdings)
        original = await self._head(first, location)
        if isinstance(original, NotFoundError):
            # It is gone since it was listed.
            holdings[first] = MISSING
            return await self._looked(MergedRow(row.key, compared(holdings)))
        if isinstance(original, S4DeskError):
            return row
        for number, each in enumerate(holdings):
            if each.standing is Standing.UNPROVED:
                there = await self._head(number, location)
                holdings[number] = _beside(each, original, there)
        return MergedRow(row.key, tuple(holdings))

    async def _head(self, number: int, location: Location) -> ObjectMeta | S4DeskError:
        """The object as its member tells of it, or why it does not."""
        member = self._cursors[number].member
        try:
            found = await member.ask(at("head", location), lambda store, _: store.head(location))
        except S4DeskError as error:
            return error
        return member.as_there(found)

    def _count(self, rows: list[MergedRow]) -> None:
        self._keys += len(rows)
        self._same += sum(row.is_same for row in rows)
        self._alike += sum(not row.differs for row in rows)
        for number, count in enumerate(self._counts):
            mine = [row.holdings[number] for row in rows]
            standings = [each.standing for each in mine]
            self._counts[number] = replace(
                count,
                held=count.held + sum(each.is_held for each in mine),
                size=count.size + sum(each.size or 0 for each in mine),
                missing=count.missing + standings.count(Standing.MISSING),
                other=count.other + standings.count(Standing.OTHER),
                unproved=count.unproved + standings.count(Standing.UNPROVED),
                unread=count.unread + standings.count(Standing.UNREAD),
                only=count.only + sum(row.only_at == number for row in rows),
            )


def _merged(cursors: Sequence[MemberListing]) -> list[MergedRow]:
    """Rows until one of the pages is used up. On a thread: nobody else looks at them meanwhile."""
    rows = []
    while not any(each.is_empty for each in cursors):
        heads = [each.order[each.at] for each in cursors if each.at < len(each.order)]
        if not heads:
            break
        key = min(heads)
        holdings = [each.take(key) for each in cursors]
        rows.append(MergedRow(key.decode("utf-8", "surrogateescape"), compared(holdings)))
    return rows


def _beside(listed: Holding, original: ObjectMeta, there: ObjectMeta | S4DeskError) -> Holding:
    """What a member has when it was asked, too."""
    if isinstance(there, NotFoundError):
        return MISSING
    if isinstance(there, S4DeskError):
        return listed
    return replace(listed, standing=_proved(original, there))


def _proved(one: ObjectMeta, other: ObjectMeta) -> Standing:
    """By sizes, by the sums that both keep, and by what replicas say that they were made of."""
    if is_twin(one, other):
        return Standing.SAME
    first, second = _summed_by(one), _summed_by(other)
    if one.size != other.size or (first and first == second):
        return Standing.OTHER
    if has_md5_etag(one.headers) and has_md5_etag(other.headers):
        return Standing.OTHER
    made_of = [stamp.etag for stamp in (stamp_of(one), stamp_of(other)) if stamp is not None]
    if not any(made_of):
        return Standing.UNPROVED
    return Standing.SAME if len(made_of) == 2 and len({*made_of}) == 1 else Standing.OTHER


def _summed_by(meta: ObjectMeta) -> str:
    """The algorithm of the sum of all bytes that a store keeps, "" for none."""
    return meta.checksum.algorithm if meta.checksum is not None and meta.checksum.is_full else ""
