"""GET from a group: a body that breaks off goes on at the next backend."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    MalformedReplyError,
    NotFoundError,
    PreconditionFailedError,
    S4DeskError,
)
from s4desk.core.domain.failover import Answer
from s4desk.core.failover.broadcast import Probed
from s4desk.core.failover.errors import out_of_reach
from s4desk.core.failover.index import Copy
from s4desk.core.store.protocol import GetReply
from s4desk.core.store.request import at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.objects import Checksum, ObjectMeta
    from s4desk.core.failover.delivery import Delivery
    from s4desk.core.failover.member import Member
    from s4desk.core.failover.outcomes import Outcomes
    from s4desk.core.failover.reading import Order, Reader
    from s4desk.core.failover.twins import Twins

log = logging.getLogger(__name__)

_SPOILT = (IntegrityError, MalformedReplyError)
"""What came before is not to be trusted either."""


@dataclass(slots=True)
class Fetch:
    """One GET. `etag` is what the group calls the object that is wanted, "" for whatever is there;
    when bytes came it is the object that they are of. `version` is what the first backend calls it.
    If the caller named the ETag it `is_pinned`: no other object will do.
    """

    reader: Reader
    twins: Twins
    location: Location
    delivery: Delivery
    etag: str = ""
    version: VersionId | None = None
    is_pinned: bool = False
    _asked_for: str = field(default="", init=False)
    _lost: tuple[Member, S4DeskError] | None = field(default=None, init=False)
    """Who has the object that was named, and why it cannot give it."""
    _other: tuple[Member, ObjectMeta] | None = field(default=None, init=False)
    """Who was seen to have another one, which is that."""
    _is_begun_at_home: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.is_pinned = bool(self.etag)

    async def run(self) -> GetReply:
        """Ask one member after the other until all bytes are there.

        Raises PreconditionFailedError when those who answer have another object than the one that
        was named, OutOfReachError if that is still there, at somebody who does not answer.
        """
        order = await self.reader.order(self.location)
        outcomes = self.reader.outcomes(order)
        if order.is_degraded and not order.known and self.reader.group.parallel > 1:
            order = await self._found(order, outcomes)
        refusal: PreconditionFailedError | None = None
        for member in self._likely_first(order.members):
            try:
                reply = await self._from(member)
            except PreconditionFailedError as error:
                if self._is_final(member):
                    raise
                refusal = error
            except S4DeskError as error:
                self._missed(member, error, outcomes)
            else:
                self.reader.served(
                    self.location, member, order, outcomes, is_current=self._is_current
                )
                return reply
        raise self._out_of_reach(refusal) or self.reader.given_up(outcomes, self.location)

    def _likely_first(self, members: Sequence[Member]) -> Sequence[Member]:
        """Those last who are known to have another object than the one that was named."""
        if not self.is_pinned:
            return members
        return sorted(members, key=self._has_other)

    def _has_other(self, member: Member) -> bool:
        known = self.twins.known_at(self.location, member)
        return known is not None and not self._name(member, known)

    def _out_of_reach(
        self, refusal: PreconditionFailedError | None
    ) -> PreconditionFailedError | None:
        """What a refusal of others means where whoever has the object did not answer."""
        if refusal is None or self._lost is None:
            return refusal
        member, cause = self._lost
        other = answer = None
        giver = member
        if self._other is not None:
            holder, there = self._other
            shown = self.twins.shown(self.location, holder, there)
            if shown.etag != self.etag:
                is_stand_in = holder is not self.reader.members[0]
                other, giver = shown, holder
                answer = Answer(holder.id, is_failover=is_stand_in, may_be_old=is_stand_in)
        return out_of_reach(cause)(
            f"{member.name}: {cause}; {refusal.detail}",
            member=member.name,
            cause=cause,
            other=other,
            answer=answer,
            location=self.location,
            turn=partial(self.reader.gave, self.location, giver),
        )

    @property
    def _is_current(self) -> bool:
        """Whether home has told of the very object that came: to who named it, or in this fetch."""
        is_told = bool(self.etag) and (self.is_pinned or self._is_begun_at_home)
        return is_told and self.twins.is_that_of_home(self.location, self.etag)

    async def _found(self, order: Order, outcomes: Outcomes) -> Order:
        """Him first who has it: several are asked at once who that is, and one for the bytes."""

        async def look(member: Member) -> Probed[Member]:
            await self._looked_at(member)
            return Probed(member)

        won = await self.reader.broadcast(self.location, order, look, outcomes)
        if won is None:
            raise self.reader.given_up(outcomes, self.location)
        others = [each for each in order.members if each is not won.backend]
        return replace(order, members=[won.backend, *others])

    def _is_final(self, member: Member) -> bool:
        """Whether the object that was named is no more: it was the first backend's, and that has
        another one now."""
        is_home = member is self.reader.members[0]
        return is_home and not self.twins.is_anothers(self.location, member, self.etag)

    def _missed(self, member: Member, error: S4DeskError, outcomes: Outcomes) -> None:
        if self._lost is None and not isinstance(error, NotFoundError) and self._holds(member):
            self._lost = member, error
        self.reader.missed(self.location, member, error, outcomes)
        if isinstance(error, _SPOILT) or not self.delivery.can_go_on:
            self.delivery.start_over()
            return
        known = self.twins.known_at(self.location, member)
        if not self.etag and known is not None and self._asked_for == known.etag:
            # Bytes of this object came, and of no other: others go on with no other.
            self.etag = self.twins.shown(self.location, member, known).etag
            self._is_begun_at_home = member is self.reader.members[0]

    def _holds(self, member: Member) -> bool:
        """Whether it is known to have the object that was named."""
        if not self.is_pinned:
            return False
        known = self.twins.known_at(self.location, member)
        return self._is_final(member) if known is None else bool(self._name(member, known))

    async def _from(self, member: Member) -> GetReply:
        etag = await self._etag_at(member)
        try:
            return await self._asked(member, etag)
        except PreconditionFailedError:
            if self.is_pinned or not etag:
                raise
        # What was known of it is not so any more, and anything will do.
        self.twins.forget(self.location)
        self._begin_anew()
        return await self._asked(member, "")

    async def _asked(self, member: Member, etag: str) -> GetReply:
        self._asked_for = etag
        delivery, there = self.delivery, self.twins.known_at(self.location, member)
        span = delivery.span
        if delivery.is_begun:
            assert there is not None, "bytes go on where the object is known to be the same"
            span = delivery.rest(there.size)
        if delivery.is_begun and span is not None and not span.size:
            return self._replied(member, there, None)
        size = delivery.wanted(None if there is None else there.size)
        reply = await member.ask(
            at("get", self.location, has_body=True),
            lambda store, moved: store.get(
                self.location,
                delivery.sink,
                span=span,
                if_match=etag,
                version=self._version_at(member),
                algorithm=delivery.algorithm,
                moved=moved,
            ),
            size=size,
            moved=delivery.moved,
        )
        return self._replied(member, member.as_there(reply.meta), reply.received)

    async def _etag_at(self, member: Member) -> str:
        """What the object is called there; "" for whatever is there. Raises PreconditionFailedError
        for another object than the one that is wanted."""
        if not self.etag:
            if self.delivery.is_begun:
                # Of what the bytes were nobody knows.
                self.delivery.start_over()
            # Of what is named it is known whose bytes came, if they break off.
            known = self.twins.known_at(self.location, member)
            return known.etag if known is not None and self.delivery.may_go_on else ""
        known = self.twins.known_at(self.location, member)
        if known is None or not self._name(member, known):
            if self._is_final(member) and not self.delivery.is_begun:
                # At home it is called what the group calls it, and the request itself tells.
                return self.etag
            known = await self._looked_at(member)
        etag = self._name(member, known)
        if etag:
            return etag
        if self.is_pinned:
            self._other = self._other or (member, known)
            said = f"{member.name} has another object there, or nobody knows that it is the same"
            raise PreconditionFailedError(said, operation="get", location=self.location)
        self._begin_anew()
        return ""

    def _begin_anew(self) -> None:
        """With whatever is there."""
        self.delivery.start_over()
        self.etag = ""

    def _version_at(self, member: Member) -> VersionId | None:
        return self.version if member is self.reader.members[0] else None

    def _name(self, member: Member, there: ObjectMeta) -> str:
        return self.twins.etag_for(self.location, member, there, self.etag)

    async def _looked_at(self, member: Member) -> ObjectMeta:
        found = await member.ask(
            at("head", self.location),
            lambda store, _: store.head(self.location, version=self._version_at(member)),
        )
        there = member.as_there(found)
        self.twins.note(self.location, member, there)
        return there

    def _replied(
        self, member: Member, there: ObjectMeta | None, summed: Checksum | None
    ) -> GetReply:
        assert there is not None
        there = self.twins.note(self.location, member, there)
        received = self.delivery.received(there, summed)
        self.reader.index.learn([Copy(self.location, member.id, there.etag, there.size)])
        shown = self.twins.shown(self.location, member, there)
        if self.etag:
            # The same object by another member has the name by which it was asked for.
            shown = replace(shown, etag=self.etag)
        return GetReply(shown, received)
