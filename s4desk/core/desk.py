"""The desk: everything the window and the headless verbs work with, built once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.transfer import TransferState, written
from s4desk.core.persist.database import DatabaseError
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.roles import stores_by_role

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s4desk.core.domain.identity import Address, ConnectionId
    from s4desk.core.domain.past_change import PastChange
    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.failover.service import Groups
    from s4desk.core.lifecycle.schedule import LifecycleSchedule
    from s4desk.core.persist.bookmarks import BookmarkFile
    from s4desk.core.persist.connections import ConnectionBook
    from s4desk.core.persist.database import Database
    from s4desk.core.persist.history import History
    from s4desk.core.persist.journal import SqliteJournal
    from s4desk.core.persist.lifecycle_runs import RunShelf
    from s4desk.core.persist.price_file import PriceFile
    from s4desk.core.persist.runs import RunFolder
    from s4desk.core.persist.secrets import Keychain
    from s4desk.core.persist.settings import SettingsFile
    from s4desk.core.persist.shortcuts import ShortcutFile
    from s4desk.core.replication.service import Replication
    from s4desk.core.runtime.events import EventBus
    from s4desk.core.runtime.wakefulness import Wakefulness
    from s4desk.core.store.protocol import Store, StoreOf
    from s4desk.core.store.registry import StoreRegistry
    from s4desk.core.transfer.older_copies import OlderCopies
    from s4desk.core.transfer.progress import ProgressBoard
    from s4desk.core.transfer.queue import TransferQueue

_RESTING = (TransferState.QUEUED, TransferState.PAUSED, TransferState.FAILED)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where s4desk keeps what it keeps; each exists and only its owner may enter."""

    config: Path
    data: Path
    cache: Path
    logs: Path


@dataclass(frozen=True, slots=True)
class Desk:
    """Made by `app/wiring` and given to whoever needs it; nobody else makes one.

    Building it reads the settings and the connections and opens nothing else: no S3 library is
    imported and no thread runs before `open`, which waits for the first paint. What a passing desk
    keeps is gone when it closes. `details_of` is what a store said about a failure of which a
    sentence is kept, as long as that is remembered.
    """

    folders: Folders
    settings: SettingsFile
    connections: ConnectionBook
    bookmarks: BookmarkFile
    shortcuts: ShortcutFile
    prices: PriceFile
    secrets: Keychain
    events: EventBus
    stores: StoreRegistry
    board: ProgressBoard
    queue: TransferQueue
    database: Database
    journal: SqliteJournal
    history: History
    runs: RunFolder
    lifecycle_runs: RunShelf
    lifecycle: LifecycleSchedule
    replication: Replication
    groups: Groups
    older: OlderCopies
    wakefulness: Wakefulness
    is_passing: bool = False
    details_of: Callable[[str], str] = lambda _: ""

    async def open(self) -> list[TransferId]:
        """Open the database and take up the queue that was kept in it; begin to look at the clock
        for rules that were scheduled, and to replicate.

        Returns what was under way and is paused now, because it shall not go on by itself.
        """
        await self.database.open()
        goes_on = self.settings.current.resume_at_start
        under_way = await self.queue.open(auto_resume=goes_on)
        await self._show_kept()
        self.lifecycle.start()
        self.replication.start()
        self.groups.start()
        return [] if goes_on else under_way

    async def _show_kept(self) -> None:
        """How far what rests had come before this start."""
        for id_, count in (await self.journal.kept()).items():
            shown = self.board.progress(id_)
            if shown is not None and shown.transfer.state in _RESTING:
                self.board.post(shown.transfer, done=min(count, shown.total), note=shown.note)

    async def remember_former(self) -> None:
        """Put into the history what had ended before this start; there is no hurry. Raises
        DatabaseError."""
        await self.journal.archive_former()
        await self.history.prune()

    def home_of(self, connection: ConnectionId, bucket: str) -> tuple[ConnectionId, str]:
        """Which connection the rules of a bucket are kept at, and what it is called there: of a
        failover group its first backend."""
        return self.groups.behind(connection, bucket, True) or (connection, bucket)

    async def home_store(self, connection: ConnectionId) -> Store:
        """The store of a connection, for whoever calls its buckets as `home_of` does. What is asked
        of the first backend of a group is asked through the group: it may be left alone, or be at a
        limit. Raises as `stores.get`."""
        return await self.groups.home_store(connection)

    def stores_for(
        self, source: Path | Address, target: Path | Address, *, removes_source: bool = False
    ) -> StoreOf:
        """How a copy or a move gets at its stores: any backend of a group may answer for a source
        that stays as it is, unless the target is in one of them."""
        places = written(source, target, removes_source=removes_source)
        to_write, to_read = self.stores.get, self.stores.to_read
        if not self.groups.may_stand_in(source, places):
            to_read = to_write
        return stores_by_role(to_write, to_read, {each.connection for each in places})

    async def note(self, change: PastChange) -> None:
        """Put what was done to objects into the history, if something was; a history that cannot
        be written stops nobody."""
        if not (change.done or change.failed):
            return
        try:
            await self.history.note(change)
        except DatabaseError as error:
            log.warning("the history goes without what was %s: %s", change.kind, error)

    async def gather_history(self) -> None:
        """Let the history know of all that has ended by now, here and in other processes.

        A journal that cannot be read is left out.
        """
        runs = await in_thread(self.runs.journals)
        if self.queue.is_open:
            await self.journal.flush()
        for path in (self.database.path, *runs):
            try:
                await self.history.take(path, only_begun=path in runs)
            except DatabaseError as error:
                log.warning("the history goes without %s: %s", path, error)

    async def aclose(self) -> None:
        """Bring everything to rest. Transfers stay where they are, for the next start."""
        await self.lifecycle.aclose()
        await self.replication.aclose()
        await self.queue.aclose()
        await self.wakefulness.aclose()
        await self.stores.aclose()
        await self.groups.aclose()
        await self.database.aclose()
