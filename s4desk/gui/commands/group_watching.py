"""Saying which member of a failover group answers, and who is down, while one looks into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.breaker import BreakerState
from s4desk.viewmodels.group_seen import chip_text, group_notice
from s4desk.viewmodels.listing import Remedy

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.failover.service import GroupStatus
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.bridge.ticker import Ticker
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.group_looking import GroupLooking
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.gui.views.status_bar import StatusBar
    from s4desk.viewmodels.listing import ListingStatus

EVERY_S: Final = 1.0
"""A countdown goes by seconds."""


class GroupWatching:
    """A line above the rows as long as something is not as it should be, and a word in the last
    line of the window."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        ticker: Ticker,
        clock: Clock,
        browsing: Browsing,
        looking: GroupLooking,
        pane: ObjectsPane,
        status_bar: StatusBar,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._ticker = ticker
        self._clock = clock
        self._browsing = browsing
        self._looking = looking
        self._pane = pane
        self._bar = pane.group_bar
        self._status_bar = status_bar
        self._shown = _whose(pane.status)
        self._counts_down = self._is_time = False
        self._due = 0.0
        ticker.add(self.frame)

    def fit(self) -> None:
        """The place is another one, or the group may be."""
        status, name_of = self._status, self._desk.connections.name_of
        shown = self._pane.status
        self._shown = _whose(shown)
        self._bar.show_notice(None if status is None else group_notice(status, name_of, shown))
        self._status_bar.show_group("" if status is None else chip_text(status, name_of, shown))
        self._due = self._clock.monotonic() + EVERY_S
        self._counts_down = status is not None and any(
            each.health.state is not BreakerState.CLOSED for each in status.backends
        )
        self._is_time = status is not None and status.is_probe_due
        if self._counts_down:
            self._ticker.wake()

    def rows_changed(self) -> None:
        """The listing that is shown may be that of other members of a group."""
        if _whose(self._pane.status) != self._shown:
            self.fit()

    def frame(self) -> bool:
        """Count down, and at the end of that ask who was left alone: nobody else may for a long
        time. True while there is something to count."""
        if self._counts_down and self._clock.monotonic() >= self._due:
            self.fit()
            place = self._browsing.place
            if self._is_time and place is not None:
                self._tasks.start(self._desk.groups.probe(place.connection))
        return self._counts_down

    def show_status(self) -> None:
        """All of the group that is looked into."""
        place = self._browsing.place
        self._looking.show(None if place is None else place.connection)

    def failed_member(self, failure: BaseException | None) -> ConnectionId | None:
        """Which member of the group that is looked into has failed so; None where there is no
        group, or nobody knows."""
        status = self._status
        failed = (
            each.backend.connection
            for each in (status.backends if status is not None else ())
            if failure is not None and _are_alike(each.health.error, failure)
        )
        return next(failed, None)

    def remedy(self, remedy: Remedy) -> None:
        """What a button of the line does."""
        place, status = self._browsing.place, self._status
        if place is None or status is None:
            return
        groups = self._desk.groups
        if remedy is Remedy.GROUP_STATUS:
            self.show_status()
        elif remedy is Remedy.END_DRILL:
            for each in status.backends:
                groups.pretend_down(place.connection, each.backend.connection, is_down=False)
            self.fit()
        elif remedy is Remedy.REFRESH:
            self._browsing.refresh()
        elif remedy is Remedy.TRY_GROUP:
            self._tasks.start(self._try(place.connection))

    async def _try(self, group: ConnectionId) -> None:
        await self._looking.look(group)
        self._browsing.refresh()

    def close(self) -> None:
        """Say nothing more."""
        self._ticker.remove(self.frame)

    @property
    def _status(self) -> GroupStatus | None:
        place = self._browsing.place
        return None if place is None else self._desk.groups.status(place.connection)


def _whose(shown: ListingStatus) -> tuple[object, ...]:
    """What of a listing says who has listed it."""
    return shown.members, shown.is_of_versions, shown.is_unreadable


def _are_alike(one: BaseException | None, other: BaseException) -> bool:
    """Whether they say the same: the tree and the rows ask at once, and only one is kept."""
    return type(one) is type(other) and str(one) == str(other)
