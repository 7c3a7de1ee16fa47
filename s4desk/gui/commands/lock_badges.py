"""Badges of locks: read for the rows on the screen, a few at a time, and kept for a while."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError, StoreError
from s4desk.core.failover.passing import may_pass
from s4desk.gui.views.seen_rows import SeenRows
from s4desk.viewmodels.error_text import fault_of
from s4desk.viewmodels.lock_shelf import key_of
from s4desk.viewmodels.lock_text import badge_of, unknown_badge, unreadable_badge
from s4desk.viewmodels.ordering import Column

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.lock_reading import LockReading
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.viewmodels.lock_shelf import LockKey
    from s4desk.viewmodels.lock_text import Badge

AT_ONCE: Final = 8
PATIENCE: Final = 3
"""After so many failures in a row nothing is read for a while."""
REST_S: Final = 30.0


class LockBadges:
    """At most one request for each row that is seen, and none in a bucket without Object Lock.

    What leaves the screen is read no further. Where nobody can tell for a while, as in a failover
    group without its first member, the rows say that and why. `let_follow` is for whoever wants to
    know when one more is known.
    """

    def __init__(
        self,
        reading: LockReading,
        tasks: GuiTasks,
        clock: Clock,
        browsing: Browsing,
        pane: ObjectsPane,
    ) -> None:
        self._reading = reading
        self._tasks = tasks
        self._clock = clock
        self._browsing = browsing
        self._pane = pane
        self._follow: Callable[[], None] = _nothing
        self._changed: Callable[[], None] = _nothing
        self._metas: Sequence[ObjectMeta] = ()
        self._running: dict[LockKey, asyncio.Task[None]] = {}
        self._waiting: list[LockKey] = []
        self._asking: asyncio.Task[None] | None = None
        self._failures = 0
        self._rests_until = 0.0
        self._refusal: tuple[ConnectionId, S4DeskError] | None = None
        pane.browsers.let_badge(Column.LOCK, self.badge)
        self._seen = [SeenRows(view) for view in pane.browsers.all]
        for seen in self._seen:
            seen.unsettled.connect(self._waiting_no_more)
            seen.settled.connect(self.look)
        browsing.moved.connect(self._moved)

    def let_follow(self, follow: Callable[[], None], changed: Callable[[], None]) -> None:
        """`follow` is called when the lock of a row is known now, `changed` when locks are others
        than before."""
        self._follow, self._changed = follow, changed

    def badge(self, meta: ObjectMeta) -> Badge | None:
        """What is shown of the lock of a version at the connection that is shown: of what was read
        already. Asked for while cells are painted."""
        connection = self._browsing.connection
        if connection is None:
            return None
        key = key_of(connection.id, meta)
        lock = self._reading.known(key)
        if lock is not None:
            return badge_of(lock, self._clock.now())
        if key in self._reading.shelf:
            return unreadable_badge()
        if self._refusal is None or self._refusal[0] != connection.id:
            return None
        is_locking = self._reading.is_locking(connection.id, meta.location.bucket)
        return unknown_badge(fault_of(self._refusal[1])) if is_locking else None

    def look(self, metas: Sequence[ObjectMeta]) -> None:
        """These objects are on the screen now, and no others."""
        self._metas = metas
        connection = self._browsing.connection
        keys: list[LockKey] = []
        if connection is not None:
            buckets = {meta.location.bucket for meta in metas}
            is_locking = {name: self._reading.is_locking(connection.id, name) for name in buckets}
            unknown = [name for name, known in is_locking.items() if known is None]
            if unknown and self._asking is None and not self._is_resting:
                self._asking = self._tasks.start(self._ask(connection.id, unknown))
                self._asking.add_done_callback(self._asked)
            if any(is_locking.values()):
                self._pane.browsers.show_badged(Column.LOCK, True)
            keys = [
                key_of(connection.id, meta) for meta in metas if is_locking[meta.location.bucket]
            ]
        for key, task in self._running.items():
            if key not in keys:
                task.cancel()
        self._waiting = [key for key in keys if not self._reading.is_fresh(key)]
        self._go_on()

    def tell_changed(self) -> None:
        """Locks were changed by a person here: what was read is forgotten."""
        self._moved()
        self.look_again()
        self._changed()

    def try_again(self) -> None:
        """Whoever could not answer may do so now."""
        self._failures, self._rests_until, self._refusal = 0, 0.0, None
        self.tell_changed()

    def look_again(self) -> None:
        """What was read may not be true any more."""
        for seen in self._seen:
            seen.look_again()

    def refresh(self) -> None:
        """The person wants to see what is so now."""
        place = self._browsing.place
        if place is not None and place.prefix is not None:
            self._reading.forget(place.connection, place.prefix.bucket)
        self.look_again()

    @property
    def is_busy(self) -> bool:
        """Whether something is read, or is going to be."""
        return bool(self._running or self._asking)

    def close(self) -> None:
        """Begin nothing more."""
        self._waiting = []
        for seen in self._seen:
            seen.settled.disconnect(self.look)

    @property
    def _is_resting(self) -> bool:
        return self._clock.monotonic() < self._rests_until

    def _moved(self) -> None:
        place = self._browsing.place
        is_locking = False
        if place is not None and place.prefix is not None:
            is_locking = bool(self._reading.is_locking(place.connection, place.prefix.bucket))
        self._pane.browsers.show_badged(Column.LOCK, is_locking)

    def _waiting_no_more(self) -> None:
        self._waiting = []

    async def _ask(self, connection: ConnectionId, buckets: Sequence[str]) -> None:
        try:
            for bucket in buckets:
                await self._reading.locks(connection, bucket)
        except S4DeskError as error:
            self._failed(connection, error, PATIENCE)

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking = None
        if not task.cancelled():
            self.look(self._metas)
            self._follow()

    def _go_on(self) -> None:
        if self._is_resting:
            return
        # Who is being cancelled still holds its place, and may be wanted again.
        while self._waiting and len(self._running) < AT_ONCE:
            key = next((key for key in self._waiting if key not in self._running), None)
            if key is None:
                return
            self._waiting.remove(key)
            task = self._running[key] = self._tasks.start(self._read(key))
            task.add_done_callback(partial(self._ended, key))

    def _ended(self, key: LockKey, _task: object) -> None:
        del self._running[key]
        self._go_on()

    async def _read(self, key: LockKey) -> None:
        try:
            await self._reading.read(key)
            self._failures, self._refusal = 0, None
        except S4DeskError as error:
            if not isinstance(error, StoreError) or may_pass(error):
                self._failed(key.connection, error)
                return
        self._pane.browsers.show_badges()
        self._follow()

    def _failed(self, connection: ConnectionId, error: S4DeskError, times: int = 1) -> None:
        self._failures += times
        self._refusal = connection, error
        self._pane.browsers.show_badges()
        if self._failures >= PATIENCE:
            self._failures = 0
            self._rests_until = self._clock.monotonic() + REST_S
            self._waiting = []


def _nothing() -> None:
    """Until somebody wants to know."""
