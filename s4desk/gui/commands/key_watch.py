"""Keys that end while nobody asks for anything: renewed in time, or a person is told in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.viewmodels.sign_in_text import warning_text

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.commands.notices import Notices

WATCH_S = 10.0


class KeyWatch:
    """Says once of keys that they end soon, once that they have ended, and takes it back after."""

    def __init__(self, desk: Desk, notices: Notices, clock: Clock) -> None:
        self._desk = desk
        self._notices = notices
        self._clock = clock
        self._told: dict[ConnectionId, tuple[bool, str]] = {}

    async def run(self) -> None:
        while True:
            await self._clock.sleep(WATCH_S)
            for each in self._desk.connections.all():
                await self._renew(each.id)
                self.look(each)

    def look(self, connection: Connection) -> None:
        """Say what is to be said of the keys of a connection now."""
        now = self._clock.now()
        life = self._desk.stores.key_life(connection.id)
        text = warning_text(connection, life, now) if life is not None else ""
        is_over = life is not None and life.has_ended(now)
        was_over, before = self._told.get(connection.id, (False, ""))
        if not text:
            self._told.pop(connection.id, None)
            self._notices.take_back(before)
            return
        self._told[connection.id] = (is_over, text)
        if not before or is_over != was_over:
            self._notices.remind(text)
        elif text != before:
            self._notices.replace(before, text)

    async def _renew(self, connection: ConnectionId) -> None:
        """As a request would: only trying shows whether it takes a person."""
        life = self._desk.stores.key_life(connection)
        if life is not None and life.ends_at is not None and not life.wants_person:
            await self._desk.stores.renew_keys(connection)
