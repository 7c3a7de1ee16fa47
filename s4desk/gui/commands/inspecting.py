"""Telling of what is selected, as long as the inspector is shown."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import DELETED, ObjectMeta
from s4desk.core.runtime.answers import listen_to_answers
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.selection import tally
from s4desk.viewmodels.answer_text import answer_text
from s4desk.viewmodels.capability_text import lack_of
from s4desk.viewmodels.error_text import in_full
from s4desk.viewmodels.inspector import (
    Counted,
    Offer,
    Row,
    Told,
    folder_sheet,
    many_sheet,
    nothing_sheet,
    object_sheet,
)
from s4desk.viewmodels.link_owner import owner_of, signed_by
from s4desk.viewmodels.share_form import LinkDraft
from s4desk.viewmodels.version_text import marker_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from typing import Any

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.runtime.events import ObjectsChanged
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.views.inspector_pane import InspectorPane
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.viewmodels.inspector import Fact
    from s4desk.viewmodels.link_text import SignedLink

    ReplicationOf = Callable[[ConnectionId, ObjectMeta, bool], Awaitable[Sequence[Fact]]]

SETTLED_S = 0.25
"""A selection that runs along with the arrow keys asks nothing."""
TELL_EVERY_S = 0.1
LINK_S = 3600


class Inspecting:
    """One HEAD, and the tags, for the one object that is selected; what cannot be read says why in
    its place. All of it ends when the selection moves on, or the pane is hidden."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        browsing: Browsing,
        clock: Clock,
        rows: ObjectsPane,
        pane: InspectorPane,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._browsing = browsing
        self._clock = clock
        self._rows = rows
        self._pane = pane
        self._subject: object = None
        self._told = Told()
        self._running: asyncio.Task[None] | None = None
        self._counting: asyncio.Task[None] | None = None
        pane.copy_asked.connect(self.copy)
        pane.count_asked.connect(self.count)
        self._change_lock: Callable[[], None] = _nothing
        self._is_locking: Callable[[ConnectionId, str], bool | None] = _unknown
        self._replication_of: ReplicationOf = _no_facts
        pane.offer_taken.connect(self._take)

    def let_replicate(self, replication_of: ReplicationOf) -> None:
        """Who knows of the replication of an object of which a HEAD has told, which may be an older
        copy."""
        self._replication_of = replication_of

    def replication_changed(self) -> None:
        """What is known of replication was read again: that of what is shown may be another."""
        connection, row = self._browsing.connection, self._subject
        is_read = isinstance(self._told.meta, ObjectMeta)
        if connection is not None and isinstance(row, Row) and is_read:
            self._start(self._tell_replication(connection, row))

    def let_lock(
        self, is_locking: Callable[[ConnectionId, str], bool | None], change: Callable[[], None]
    ) -> None:
        """Who knows whether a bucket has Object Lock, and who changes the lock of what is
        selected."""
        self._is_locking, self._change_lock = is_locking, change

    def look(self) -> None:
        """The selection is another one, or what is selected may be; or the pane is shown now."""
        self._stop()
        if self._pane.isHidden():
            return
        connection, summary = self._browsing.connection, self._rows.summary
        if connection is None:
            self._subject = None
            self._pane.show_sheet(nothing_sheet())
        elif len(summary) > 1:
            self._subject = None
            self._pane.show_sheet(many_sheet(summary))
        else:
            self._look_at_one(connection)

    def objects_changed(self, event: ObjectsChanged) -> None:
        """Objects directly under a prefix were written or deleted: what is shown may be another."""
        row = self._subject
        if isinstance(row, Row) and row.location.parent == event.prefix:
            self.look()

    def count(self) -> None:
        """Count all below the folder that is shown; or stop that."""
        connection, folder = self._browsing.connection, self._folder
        if self._counting is not None:
            self._counting.cancel()
        elif connection is not None and folder is not None:
            self._counting = self._start(self._count(connection, folder))

    async def sign(self) -> None:
        """Sign a link to the object that is shown."""
        connection, row = self._browsing.connection, self._subject
        if connection is None or not isinstance(row, Row):
            return
        draft = LinkDraft("GET", LINK_S, {} if row.version is None else {"versionId": row.version})
        link: SignedLink | str
        try:
            owner = owner_of(self._desk.groups, connection.id, row.location.bucket, draft, None)
            keys, now = [row.location.key], self._clock.now()
            [link] = await signed_by(owner, self._desk.stores, keys, draft, now)
        except S4DeskError as error:
            link = in_full(error)
        if self._subject == row:
            self._show(connection, row, replace(self._told, link=link))

    def copy(self, text: str) -> None:
        # Bytes that are no text cannot be on a clipboard.
        text = text.encode("utf-8", "replace").decode()
        QGuiApplication.clipboard().setText(text)
        self._notices.say(tr("Copied: {text}").format(text=text.partition("\n")[0]))

    @property
    def _folder(self) -> Prefix | None:
        """The folder that is selected; with nothing selected the one that is shown."""
        only = self._rows.selection().only if len(self._rows.summary) == 1 else None
        if isinstance(only, Prefix):
            return only
        place = self._browsing.place
        return place.prefix if place is not None and only is None else None

    def _look_at_one(self, connection: Connection) -> None:
        folder = self._folder
        if folder is not None:
            self._pane.show_sheet(folder_sheet(connection, folder))
            self._subject = folder
            return
        selection = self._rows.selection()
        if not isinstance(selection.only, Location):
            self._subject = None
            self._pane.show_sheet(nothing_sheet())
            return
        row = Row(
            selection.only,
            selection.sizes[0] if selection.sizes else 0,
            selection.modified[0] if selection.modified else math.nan,
            selection.versions[0] if selection.versions else None,
        )
        if self._subject != row:
            self._show(connection, row, Told())
        self._subject = row
        if selection.marks and selection.marks[0] & DELETED:
            self._show(connection, row, Told(meta=marker_text()))
            return
        self._running = self._start(self._read(connection, row))

    def _show(self, connection: Connection, row: Row, told: Told) -> None:
        self._told = told
        has_tags = self._has_tags(connection)
        no_links = lack_of(self._desk.stores.report(connection.id), Capability.PRESIGN)
        sheet = object_sheet(
            connection,
            row,
            told,
            self._clock.now(),
            has_tags=has_tags,
            no_links=no_links,
            may_lock=bool(self._is_locking(connection.id, row.location.bucket)),
        )
        self._pane.show_sheet(sheet)

    def _take(self, offer: Offer) -> None:
        if offer is Offer.LOCK:
            self._change_lock()
        else:
            self._tasks.start(self.sign())

    def _has_tags(self, connection: Connection) -> bool:
        return not lack_of(self._desk.stores.report(connection.id), Capability.OBJECT_TAGGING)

    async def _read(self, connection: Connection, row: Row) -> None:
        await asyncio.sleep(SETTLED_S)
        answers: list[Answer] = []
        listen_to_answers(answers.append)
        try:
            store = await self._desk.stores.to_read(connection.id)
            meta = await store.head(row.location, version=row.version)
        except S4DeskError as error:
            self._show(connection, row, replace(self._told, meta=in_full(error)))
            return
        if answers:
            said = answer_text(answers[-1], self._desk.connections.name_of)
            may_be_old = answers[-1].may_be_old
            self._told = replace(self._told, read_from=said, may_be_old=may_be_old)
        facts = await self._replication_of(connection.id, meta, self._told.may_be_old)
        if not self._has_tags(connection):
            self._show(connection, row, replace(self._told, meta=meta, replication=facts))
            return
        try:
            tags = await store.get_tags(row.location, version=row.version)
        except S4DeskError as error:
            told = replace(self._told, meta=meta, tags=in_full(error))
        else:
            told = replace(self._told, meta=meta, tags=tags)
        self._show(connection, row, replace(told, replication=facts))

    async def _tell_replication(self, connection: Connection, row: Row) -> None:
        meta = self._told.meta
        if not isinstance(meta, ObjectMeta):
            return
        facts = await self._replication_of(connection.id, meta, self._told.may_be_old)
        if self._subject == row and self._told.meta is meta and facts != self._told.replication:
            self._show(connection, row, replace(self._told, replication=facts))

    async def _count(self, connection: Connection, folder: Prefix) -> None:
        counted, told_at = Counted(), 0.0
        self._pane.show_sheet(folder_sheet(connection, folder, counted))
        try:
            store = await self._desk.stores.to_read(connection.id)
            async for so_far in tally(store, [folder]):
                counted = Counted(so_far.objects, so_far.size)
                if time.monotonic() - told_at > TELL_EVERY_S:
                    told_at = time.monotonic()
                    self._pane.show_sheet(folder_sheet(connection, folder, counted))
            counted = replace(counted, is_running=False)
        except asyncio.CancelledError:
            counted = replace(counted, is_running=False, failure=tr("Stopped: there is more."))
            raise
        except S4DeskError as error:
            counted = replace(counted, is_running=False, failure=in_full(error))
        finally:
            if self._counting is asyncio.current_task():
                self._counting = None
                self._pane.show_sheet(folder_sheet(connection, folder, counted))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._tasks.start(work)

    def _stop(self) -> None:
        for task in (self._running, self._counting):
            if task is not None:
                task.cancel()
        self._running = self._counting = None


async def _no_facts(
    _connection: ConnectionId, _meta: ObjectMeta, _may_be_old: bool
) -> Sequence[Fact]:
    """Until somebody knows of replication."""
    return ()


def _nothing() -> None:
    """Until somebody changes locks."""


def _unknown(_connection: ConnectionId, _bucket: str) -> None:
    """Until somebody knows of locks."""
