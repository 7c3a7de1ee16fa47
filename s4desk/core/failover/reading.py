"""The read protocol: who is asked for an object, in what order, and when there is none."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from s4desk.core.domain.errors import NotFoundError, S4DeskError, StoreError, UnreachableError
from s4desk.core.domain.failover import Answer
from s4desk.core.failover.broadcast import Probed, Won, broadcast
from s4desk.core.failover.counters import Counters
from s4desk.core.failover.errors import (
    AllDownError,
    BackendDownError,
    DegradedReadsOffError,
    HomeDownError,
    IndexUnavailableError,
    MixedOutcomeError,
    UsageLimitExceededError,
    UsageLimitSkip,
)
from s4desk.core.failover.health import is_failure
from s4desk.core.failover.outcomes import Outcomes, goes_on
from s4desk.core.runtime.answers import note_answer

if TYPE_CHECKING:
    from s4desk.core.domain.failover import FailoverGroup
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.failover.index import LocationIndex
    from s4desk.core.failover.location_cache import LocationCache
    from s4desk.core.failover.member import Member
    from s4desk.core.failover.outcomes import GoesOn
    from s4desk.core.runtime.clock import Clock

log = logging.getLogger(__name__)
T = TypeVar("T")

Try = Callable[["Member"], Awaitable[Probed[T]]]
LOST_WAY_S: Final = 5.0
"""When nothing comes from anybody it is our own network, or what we ask for at once is too much for
the last one: no backend is left alone for minutes."""

HOME_REST_S: Final = 10.0
"""So long after a failure the first backend is not tried again by what it alone can do."""


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to ask, one after the other. `known` are those that were seen to hold the object."""

    members: Sequence[Member]
    known: frozenset[Member] = frozenset()
    is_degraded: bool = False


@dataclass(slots=True)
class Reader:
    """Asks the members of one group, or if it `is_at_home` the first of them alone."""

    id: ConnectionId
    group: FailoverGroup
    members: Sequence[Member]
    index: LocationIndex
    cache: LocationCache
    clock: Clock
    counters: Counters = field(default_factory=Counters)
    told: Callable[[Answer], None] = lambda _: None
    not_listed: Callable[[S4DeskError | None], None] = lambda _: None
    gave: Callable[[Location, Member], None] = lambda _location, _member: None
    lost: Callable[[Location, Member], None] = lambda _location, _member: None
    is_at_home: bool = False

    @property
    def asked(self) -> Sequence[Member]:
        """Who may be asked."""
        return self.members[:1] if self.is_at_home else self.members

    async def order(self, location: Location) -> Order:
        """Those first that are known to hold an object, all others behind them.

        Raises DegradedReadsOffError when nobody knows, and nobody may be asked at random.
        """
        if self.is_at_home:
            self.hurry_home()
            return Order(self.asked, frozenset(self.asked))
        try:
            copies = await self.index.copies(location)
        except IndexUnavailableError as error:
            if not self.group.degraded_reads:
                said = "the location index cannot be read, and degraded reads are off"
                raise DegradedReadsOffError(said) from error
            self.counters.degraded += 1
            cached = self.cache.get(location)
            return self._ordered({cached} if cached else set(), is_degraded=True)
        # What is newest is at home, whatever else is known: only there it is written.
        home = self.members[0].id
        holders = {home, *(each.backend for each in copies)}
        return self._ordered(holders, is_degraded=False)

    def _ordered(self, holders: set[ConnectionId], *, is_degraded: bool) -> Order:
        known = [each for each in self.members if each.id in holders]
        others = [each for each in self.members if each.id not in holders]
        return Order([*known, *others], frozenset(known), is_degraded)

    async def read(
        self,
        location: Location,
        attempt: Try[T],
        *,
        only: Member | None = None,
        may_go_on: GoesOn = goes_on,
    ) -> T:
        """What the first member gives that has the object, or the `only` one that may be asked.

        Where nobody knows who that is, several are asked at once if the group says so: `attempt` is
        of what costs little, and disturbs nobody when it is given up. Raises what `Outcomes` makes
        of the failures.
        """
        order = await self.order(location)
        if only is not None:
            order = replace(order, members=[only], known=frozenset([only]))
        outcomes = self.outcomes(order, may_go_on)
        for member in [each for each in order.members if each in order.known]:
            try:
                probed = await attempt(member)
            except S4DeskError as error:
                self.missed(location, member, error, outcomes)
            else:
                self.served(location, member, order, outcomes)
                return probed.value
        won = await self.broadcast(location, order, attempt, outcomes)
        if won is None:
            failure = self.given_up(outcomes, location)
            if only is not None and isinstance(failure, AllDownError):
                # The others may be well.
                [failure] = failure.outcomes.values()
            raise failure
        self.served(location, won.backend, order, outcomes)
        return won.probed.value

    async def broadcast(
        self, location: Location, order: Order, attempt: Try[T], outcomes: Outcomes
    ) -> Won[Member, T] | None:
        """Ask those of whom nobody knows whether they have the object."""
        return await broadcast(
            [each for each in order.members if each not in order.known],
            attempt,
            lambda member, error: self.missed(location, member, error, outcomes),
            cap=self.group.parallel if order.is_degraded else 1,
            drain_s=self.group.timeout_s,
            clock=self.clock,
        )

    def outcomes(self, order: Order, may_go_on: GoesOn = goes_on) -> Outcomes:
        """Of one read. While the first backend is left alone, or one that was seen to hold the
        object, nobody believes that there is none."""
        home = self.members[0]
        return Outcomes(lambda member: member is home or member in order.known, may_go_on)

    def missed(
        self, location: Location, member: Member, error: S4DeskError, outcomes: Outcomes
    ) -> None:
        """A member did not give it. Raises `error` when nobody else can do better."""
        if isinstance(error, NotFoundError):
            self.lost(location, member)
            self.index.unlearn(location, member.id)
            if self.cache.get(location) == member.id:
                self.cache.forget(location)
        self.counters.skipped += isinstance(error, UsageLimitSkip)
        outcomes.add(member, error)
        log.info("%s at %s: %s", location, member.name, error)

    def served(
        self,
        location: Location,
        member: Member,
        order: Order,
        outcomes: Outcomes,
        *,
        is_current: bool = False,
    ) -> None:
        """A member did. What home was last seen to have is no proof that it has nothing newer: only
        what it has told for this very read makes it `is_current`."""
        self.gave(location, member)
        if order.is_degraded:
            self.cache.put(location, member.id)
        home = self.members[0]
        is_other = member is not home
        may_be_old, limit = is_other and not is_current, outcomes.limit_of(home)
        self.tell(Answer(member.id, is_other, order.is_degraded, may_be_old, limit))

    def tell(self, answer: Answer) -> None:
        note_answer(answer)
        self.count(answer)

    def count(self, answer: Answer, served: int = 1) -> None:
        """So many requests were served so; whoever waits for them has heard of it."""
        self.counters.reads += served
        self.counters.failovers += served if answer.is_failover else 0
        self.told(answer)

    def given_up(self, outcomes: Outcomes, location: Location | None = None) -> S4DeskError:
        """The error of a read that nobody could serve."""
        error = outcomes.error()
        if self.is_at_home:
            if isinstance(error, AllDownError):
                [down] = error.outcomes.values()
                return self.home_down(down)
            self.mark_home_alone(error)
        if isinstance(error, StoreError) and error.location is None:
            error.location = location
        self.counters.mixed += isinstance(error, MixedOutcomeError)
        self.look_for_way()
        return error

    def home_down(
        self, error: S4DeskError, kind: type[HomeDownError] = HomeDownError
    ) -> S4DeskError:
        """What it means where nobody else may be asked that the first backend was not; `error`
        says why.

        Where there is no way to it it is that, as it was before: who waits for a way goes on
        waiting.
        """
        home = self.members[0].name
        self.look_for_way()
        if isinstance(error, UsageLimitSkip):
            beyond = UsageLimitExceededError(f"{home}: {error}", {home: error.limit})
            self.mark_home_alone(beyond)
            return beyond
        cause = error.cause if isinstance(error, BackendDownError) else error
        if not isinstance(cause, UnreachableError):
            return kind(str(error), backend=home, cause=cause)
        refusal = UnreachableError(cause.detail, operation=cause.operation)
        refusal.connection = cause.connection
        self.mark_home_alone(refusal)
        return refusal

    def mark_home_alone(self, error: S4DeskError) -> None:
        """Of the first backend, where nobody else may be asked: if it is of no use, that is to be
        said. The error stays what it is, so that it is tried again as any other."""
        if is_failure(error) or isinstance(error, UsageLimitExceededError):
            error.backend, error.is_home_alone = self.members[0].name, True

    def look_for_way(self) -> None:
        """Where nobody is left to ask, leave nobody alone for long from whom nothing came."""
        if all(each.health.is_left_alone for each in self.members):
            for each in self.members:
                if each.health.is_silent:
                    each.health.try_in(LOST_WAY_S)

    def hurry_home(self) -> None:
        """Before what only the first backend does: to leave it alone for long spares nobody."""
        self.members[0].health.hurry(HOME_REST_S)

    async def in_turn(
        self, attempt: Try[T], first: Member | None = None, *, may_go_on: GoesOn = goes_on
    ) -> tuple[Member, T]:
        """What is no object's: the first member answers that can, `first` before all others."""
        if self.is_at_home:
            self.hurry_home()
        outcomes = Outcomes(lambda member: member is self.members[0], may_go_on)
        for member in sorted(self.asked, key=lambda each: each is not first):
            try:
                probed = await attempt(member)
            except S4DeskError as error:
                outcomes.add(member, error)
                log.info("a listing at %s: %s", member.name, error)
            else:
                # What one backend tells of many things is as old as the oldest of them.
                home = self.members[0]
                is_other, limit = member is not home, outcomes.limit_of(home)
                answer = Answer(member.id, is_other, may_be_old=is_other, limit=limit)
                if not is_other or outcomes.has(home):
                    self.not_listed(outcomes.refusal_of(home))
                self.tell(answer)
                return member, probed.value
        raise self.given_up(outcomes)
