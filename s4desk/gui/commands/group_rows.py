"""Whose rows are shown of a failover group: read anew when another member would show them now, and
nothing is done to what home may have otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import StoreError
from s4desk.core.failover.passing import is_shut_out, may_pass
from s4desk.viewmodels.group_recovery import retold
from s4desk.viewmodels.group_seen import home_refusal, listing_member, rows_refusal, used_up
from s4desk.viewmodels.listing import ListingState
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.service import GroupStatus
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.ticker import Ticker
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.views.objects_pane import ObjectsPane

    Obstacle = Callable[[GroupStatus], str]
    """What is in the way of something now, empty for nothing."""

REST_S: Final = 60.0
"""A member that comes and goes has nothing read anew more often."""


@dataclass(slots=True)
class _Reading:
    """That a place was read anew, so that another member would list it; not again before `until`,
    and only if who would is another one since."""

    until: float
    may_again: bool = False


class GroupRows:
    """A stand-in shows what it has, and whatever is deleted, renamed or moved is so at home, where
    something newer may be. Tabs that are not shown are read when they are.

    A member that answers and still does not list a place (a key may not list it) is not asked to
    again and again.
    """

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        ticker: Ticker,
        notices: Notices,
        browsing: Browsing,
        pane: ObjectsPane,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._ticker = ticker
        self._notices = notices
        self._browsing = browsing
        self._pane = pane
        self._forget: Callable[[], None] = _nothing
        self._lists: dict[ConnectionId, ConnectionId | None] = {}
        self._readings: dict[Place, _Reading] = {}
        self._is_due = False
        self._rests_until = inf
        self._is_home_back = False
        self._refusal = ""
        self._refused: ConnectionId | None = None
        self._obstacle: Obstacle = home_refusal
        ticker.add(self.frame)

    def let_forget(self, forget: Callable[[], None]) -> None:
        """`forget` is called when what is kept of objects was told by another member."""
        self._forget = forget

    def changed(self, group: ConnectionId) -> None:
        """How a group is, is another than before."""
        member = self._member(Place(group))
        if member is not None and member != self._lists.get(group, member):
            self._is_home_back |= self._is_home(member, here=group)
            self._forget()
            self._browsing.refresh_tree(Place(group))
            for place, reading in self._readings.items():
                reading.may_again |= place.connection == group
        self._lists[group] = member
        self.fit(group)
        self._is_due = True
        self.look()

    def fit(self, group: ConnectionId) -> None:
        """Say no longer what is not so any more of a group, whatever made it another one."""
        status = self._desk.groups.status(group)
        if group == self._refused and (status is None or not self._obstacle(status)):
            self._take_back()
        if status is not None:
            self._notices.reword(lambda failure: retold(status, failure))

    def look(self) -> None:
        """Read what is shown anew if it was listed by another member than would list it now; what
        is being read is looked at when it is here."""
        place = self._browsing.place
        if place is None or self._pane.status.is_busy:
            # It is looked at again when it is here.
            self._rests_until = inf
            return
        if place.connection == self._refused:
            self.fit(place.connection)
        if not self._is_due:
            return
        is_back, self._is_home_back = self._is_home_back, False
        self._is_due, self._rests_until = False, inf
        member = self._member(place)
        if member is None:
            return
        if not self._is_of_another(member, place, is_back=is_back):
            self._readings.pop(place, None)
            return
        reading = self._readings.get(place)
        if reading is None or (reading.may_again and self._clock.monotonic() >= reading.until):
            self._read_anew(place)
        elif reading.may_again:
            self._is_due, self._rests_until = True, reading.until
            self._ticker.wake()

    def frame(self) -> bool:
        """Look again when what was read anew lately may be so again; True while that is to come."""
        if self._clock.monotonic() >= self._rests_until:
            self.look()
        return self._rests_until < inf

    def close(self) -> None:
        """Read nothing more."""
        self._ticker.remove(self.frame)

    def refuses(self, connection: ConnectionId) -> bool:
        """Whether nothing may be deleted, renamed or moved of what is shown, because it is not what
        home has, or home is down; that is said, and what can be done about it is done."""
        self._take_back()
        place, status = self._browsing.place, self._desk.groups.status(connection)
        if status is None or place is None or place.connection != connection:
            return False
        name_of, shown = self._desk.connections.name_of, self._pane.status
        # Who is used up lists nothing before the month is over.
        is_used_up = bool(used_up(status.backends[0]))
        was_read = is_used_up or (not shown.is_busy and self._was_just_read(place))
        if said := home_refusal(status):
            self._notices.refuse(said)
            self._refused, self._obstacle = connection, home_refusal
        elif said := rows_refusal(status, shown.members, name_of, was_read=was_read):
            self._notices.refuse(said)
            if was_read:
                # Who is to choose again has to know why also when the rows are here.
                self._refused = connection
                self._obstacle = _is_used_up if is_used_up else self._others_rows
            if not was_read and not shown.is_busy:
                self._read_anew(place)
        self._refusal = said
        return bool(said)

    def _others_rows(self, status: GroupStatus) -> str:
        """The obstacle that the rows are those of another."""
        name_of, shown = self._desk.connections.name_of, self._pane.status
        return rows_refusal(status, shown.members, name_of, was_read=True)

    def _was_just_read(self, place: Place) -> bool:
        """Whether it would be no other list if it was read anew."""
        reading = self._readings.get(place)
        return (
            reading is not None
            and not reading.may_again
            and self._clock.monotonic() < reading.until
        )

    def _take_back(self) -> None:
        """What was refused is done now, or could be."""
        said, self._refusal, self._refused = self._refusal, "", None
        self._notices.take_back(said)

    def _read_anew(self, place: Place) -> None:
        self._readings[place] = _Reading(self._clock.monotonic() + REST_S)
        # It is looked at again when it is here.
        self._is_due = True
        self._browsing.refresh()

    def _member(self, place: Place) -> ConnectionId | None:
        status = self._desk.groups.status(place.connection)
        bucket = "" if place.prefix is None else place.prefix.bucket
        return None if status is None else listing_member(status, bucket)

    def _is_home(self, member: ConnectionId, here: ConnectionId) -> bool:
        """Whether a member is the first one of a group that is looked into."""
        place, status = self._browsing.place, self._desk.groups.status(here)
        is_shown = place is not None and place.connection == here
        return is_shown and status is not None and status.group.home.connection == member

    def _is_of_another(self, member: ConnectionId, place: Place, *, is_back: bool) -> bool:
        status = self._pane.status
        if place.query is not None or status.state is ListingState.STOPPED:
            # A search takes long, and is what was found at its time; what was stopped stays so.
            return False
        error = status.failure
        if isinstance(error, StoreError) and (may_pass(error) or is_shut_out(error)):
            return True
        if is_back and place.versions:
            # Nobody stands in for home there, so these are its rows of before it was left alone.
            return True
        return bool(status.members - {member})


def _is_used_up(status: GroupStatus) -> str:
    return used_up(status.backends[0])


def _nothing() -> None:
    """Until somebody keeps something."""
