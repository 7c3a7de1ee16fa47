"""Whose rows are shown of a failover group: read anew when another member would show them now, and
nothing is done to what home may have otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.definite import is_definite
from s4desk.core.domain.errors import StoreError
from s4desk.viewmodels.group_seen import home_refusal, listing_member, rows_refusal
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.views.objects_pane import ObjectsPane

REST_S: Final = 60.0
"""A member that says that it is well and lists nothing is not asked again and again."""


class GroupRows:
    """A stand-in shows what it has, and whatever is deleted, renamed or moved is so at home, where
    something newer may be. Tabs that are not shown are read when they are."""

    def __init__(
        self, desk: Desk, clock: Clock, notices: Notices, browsing: Browsing, pane: ObjectsPane
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._notices = notices
        self._browsing = browsing
        self._pane = pane
        self._forget: Callable[[], None] = _nothing
        self._lists: dict[ConnectionId, ConnectionId] = {}
        self._read_for: dict[ConnectionId, tuple[ConnectionId, float]] = {}
        self._is_due = False

    def let_forget(self, forget: Callable[[], None]) -> None:
        """`forget` is called when what is kept of objects was told by another member."""
        self._forget = forget

    def changed(self, group: ConnectionId) -> None:
        """How a group is, is another than before."""
        member = self._member(Place(group))
        if member is not None and member != self._lists.get(group, member):
            self._forget()
            self._browsing.refresh_tree(Place(group))
        if member is not None:
            self._lists[group] = member
        self._is_due = True
        self.look()

    def look(self) -> None:
        """Read what is shown anew if it was listed by another member than would list it now; what
        is being read is looked at when it is here."""
        place = self._browsing.place
        if not self._is_due or place is None or self._pane.status.is_busy:
            return
        self._is_due = False
        member = self._member(place)
        if member is None or not self._is_of_another(member, place):
            return
        before, until = self._read_for.get(place.connection, (None, 0.0))
        now = self._clock.monotonic()
        if member != before or now >= until:
            self._read_for[place.connection] = member, now + REST_S
            self._browsing.refresh()

    def refuses(self, connection: ConnectionId) -> bool:
        """Whether nothing may be deleted, renamed or moved of what is shown, because it is not what
        home has, or home is down; that is said, and what can be done about it is done."""
        place, status = self._browsing.place, self._desk.groups.status(connection)
        if status is None or place is None or place.connection != connection:
            return False
        name_of = self._desk.connections.name_of
        if said := home_refusal(status):
            self._notices.warn(said)
        elif said := rows_refusal(status, self._pane.status.members, name_of):
            self._notices.warn(said)
            self._browsing.refresh()
        return bool(said)

    def _member(self, place: Place) -> ConnectionId | None:
        status = self._desk.groups.status(place.connection)
        bucket = "" if place.prefix is None else place.prefix.bucket
        return None if status is None else listing_member(status, bucket)

    def _is_of_another(self, member: ConnectionId, place: Place) -> bool:
        status = self._pane.status
        if isinstance(status.failure, StoreError) and not is_definite(status.failure):
            return True
        # A search takes long, and is what was found at its time.
        return place.query is None and bool(status.members - {member})


def _nothing() -> None:
    """Until somebody keeps something."""
