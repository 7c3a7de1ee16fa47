"""Deleting objects and buckets, after saying what that means here."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotSupportedError, S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.persist.deletions import LastingDeletion, command_of
from s4desk.core.runtime.events import BucketsChanged, ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.configuration import read_config
from s4desk.core.transfer.confirmed import confirm_now
from s4desk.core.transfer.delete import Deletion, delete_emptied
from s4desk.core.transfer.past_changes import deletion_of, place_above
from s4desk.core.transfer.selection import Tally, tally
from s4desk.gui.commands.transferring import places, selected
from s4desk.gui.commands.unreplicated import Unreplicated, found_object, found_version
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.busy import BusyDialog, busy, patiently
from s4desk.gui.dialogs.deletion import DeletionDialog, DeletionQuestion
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.viewmodels.deletion_text import (
    Keeping,
    bucket_text,
    confirmation_word,
    consequence,
    doomed_names,
    failure_rows,
    keeping_of,
    nothing_deleted,
    objects_question,
    report_text,
    so_far,
    tally_text,
)
from s4desk.viewmodels.group_seen import awaited_text
from s4desk.viewmodels.locked_text import Threat, hiding_question, hiding_text
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.replication_backlog import backlog_text
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.domain.objects import ObjectMeta, ObjectVersion
    from s4desk.core.persist.peek import Command
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.delete import DeleteReport
    from s4desk.core.transfer.selection import Selected
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.lock_guard import LockGuard
    from s4desk.gui.commands.notices import Notices
    from s4desk.viewmodels.selection import Selection

NAMES_SHOWN = 200
LOOK_EVERY_S = 0.2
WITH_BUCKET = "bucket"


class Deleting:
    """Commands that delete. One that is stopped says how far it got."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        browsing: Browsing,
        guard: LockGuard,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._browsing = browsing
        self.guard = guard
        self._window = window
        self._unreplicated = Unreplicated(desk)
        self._offer: Callable[[], Awaitable[None]] = _nothing

    async def objects(
        self, connection: ConnectionId, selection: Selection, *, hides: bool = False
    ) -> None:
        """Delete the selection, with everything below selected folders.

        What is locked stops it, unless the person `hides` it: then they know that it stays.
        """
        if selection.prefix is None or not len(selection):
            return
        store = await self._desk.stores.get(connection)
        doomed = selected(selection)
        if not hides and not await self.guard.allows(connection, doomed, Threat.DELETE):
            return
        async with self._waiting_for(connection, tr("Asking the store…")):
            keeping = await keeping_in(store, selection.prefix.bucket)
        entries = places(selection)
        question = DeletionQuestion(
            title=tr("Hide") if hides else tr("Delete"),
            problem=hiding_question(entries) if hides else objects_question(entries),
            consequence=hiding_text() if hides else consequence(keeping),
            names=doomed_names(entries[:NAMES_SHOWN]),
            word=confirmation_word(keeping),
            accept_text=tr("&Hide") if hides else "",
        )
        count = _Count()
        if keeping is not Keeping.VERSIONS or self._desk.settings.current.confirm_delete:
            dialog = DeletionDialog(question, self._window)
            counting = self._count(dialog, connection, doomed, count)
            telling = self.tell_replication(dialog, connection, doomed)
            if not await self._accepted_while(dialog, counting, telling):
                return
        try:
            async with self._waiting_for(connection, tr("Deleting")):
                confirmed = await confirm_now(
                    store,
                    entries,
                    self._endpoint(connection),
                    is_kept=keeping is Keeping.VERSIONS,
                    total=count.total,
                )
        except S4DeskError as error:
            self._notices.fail(error, lead=nothing_deleted())
            return
        run = await self._desk.runs.begin(
            _command(connection, selection.prefix, entries), confirmed
        )
        deletion = LastingDeletion(run, Deletion(store, doomed))
        await self.see_through(deletion, connection, selection.prefix, entries)
        report = deletion.report
        if not (report.is_stopped or report.failures or report.error or report.spared):
            self._browsing.no_longer_found(connection, entries)

    async def bucket(self, connection: ConnectionId, bucket: str) -> None:
        """Delete a bucket, and before it everything in it: versions and unfinished uploads too."""
        store = await self._desk.stores.get(connection)
        everything = [Prefix(bucket)]
        with_versions = await _lists_versions(store, bucket)
        dialog = DeletionDialog(
            DeletionQuestion(
                title=tr("Delete Bucket"),
                problem=tr("Delete the bucket “{name}”?").format(name=display_name(bucket)),
                consequence=tr("This cannot be undone, and others may take its name."),
                word=bucket,
                accept_text=tr("&Delete Bucket"),
            ),
            self._window,
        )
        count = _Count()
        counting = self._count(
            dialog, connection, everything, count, versions=with_versions, told=bucket_text
        )
        telling = self.tell_replication(dialog, connection, everything)
        if not await self._accepted_while(dialog, counting, telling):
            return
        try:
            async with self._waiting_for(connection, tr("Deleting")):
                confirmed = await confirm_now(
                    store,
                    everything,
                    self._endpoint(connection),
                    with_versions=with_versions,
                    with_bucket=True,
                    total=count.total,
                )
        except S4DeskError as error:
            self._notices.fail(error, lead=nothing_deleted())
            return
        command = command_of(connection, everything[0], (WITH_BUCKET,))
        run = await self._desk.runs.begin(command, confirmed)
        deletion = LastingDeletion(run, Deletion(store, everything, versions=with_versions))
        await self.see_bucket_through(deletion, store, connection, bucket)

    # From the question to the end

    async def see_through(
        self,
        deletion: LastingDeletion | Deletion,
        connection: ConnectionId,
        prefix: Prefix,
        among: Sequence[Location | Prefix] = (),
    ) -> None:
        """Delete, and tell what became of it; what could not be deleted may be tried again.

        `prefix` is where something is another then, `among` what it was, if that is known better.
        """
        trial: Deletion | LastingDeletion = deletion
        while True:
            report = await self.carry_out(trial, connection)
            place = place_above(among or [prefix])
            await self._desk.note(deletion_of(report, connection, place))
            self._desk.events.publish(ObjectsChanged(connection, prefix))
            if not await self._tell(report, may_repeat=True):
                break
            trial = trial.again()
        if isinstance(deletion, LastingDeletion) and deletion.is_kept:
            await self._offer()

    async def see_bucket_through(
        self, deletion: LastingDeletion, store: Store, connection: ConnectionId, bucket: str
    ) -> None:
        """Delete all that is in a bucket, and then the bucket."""
        report = await self.carry_out(deletion, connection)
        await self._desk.note(deletion_of(report, connection, Prefix(bucket)))
        is_empty = report.error is None and not report.failures and not report.spared
        if is_empty and not report.is_stopped:
            await delete_emptied(store, bucket)
            self._leave(connection, bucket)
            self._notices.say(tr("The bucket “{name}” is deleted.").format(name=bucket))
            self._desk.events.publish(BucketsChanged(connection))
            return
        self._desk.events.publish(ObjectsChanged(connection, Prefix(bucket)))
        await self._tell(report)
        if deletion.is_kept:
            await self._offer()

    def let_offer(self, offer: Callable[[], Awaitable[None]]) -> None:
        """`offer` lets a person decide about deletions that were cut off."""
        self._offer = offer

    def _endpoint(self, connection: ConnectionId) -> str:
        known = self._desk.connections.get(connection)
        return known.endpoint if known is not None else ""

    @contextlib.asynccontextmanager
    async def _waiting_for(self, connection: ConnectionId, title: str) -> AsyncIterator[None]:
        """Say whom it waits for what is done before anything is deleted."""
        async with busy(title, self._window) as dialog:
            with self._saying(lambda: dialog.say(self._awaited(connection) or title)):
                yield

    @contextlib.contextmanager
    def _saying(self, say: Callable[[], None]) -> Iterator[None]:
        """Say it now and then, however long nothing comes."""

        async def go_on() -> None:
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                say()

        saying = self._tasks.start(go_on())
        try:
            yield
        finally:
            saying.cancel()

    def _awaited(self, connection: ConnectionId) -> str:
        status = self._desk.groups.status(connection)
        return "" if status is None else awaited_text(status)

    # Asking

    async def tell_replication(
        self,
        dialog: DeletionDialog,
        connection: ConnectionId,
        doomed: Sequence[Prefix | ObjectMeta],
    ) -> None:
        """Say what of one bucket would go before it has a replica. Not knowing forbids nothing."""
        rows = [found_object(each) for each in doomed if not isinstance(each, Prefix)]
        folders = [each for each in doomed if isinstance(each, Prefix)]
        first = doomed[0]
        bucket = first.bucket if isinstance(first, Prefix) else first.location.bucket
        backlog = await self._unreplicated.of(connection, bucket, rows, folders)
        dialog.show_replication(backlog_text(backlog))

    async def tell_replication_of(
        self, dialog: DeletionDialog, connection: ConnectionId, versions: Sequence[ObjectVersion]
    ) -> None:
        """The same, of versions of objects in one bucket."""
        rows = [found_version(each) for each in versions]
        bucket = versions[0].location.bucket
        dialog.show_replication(backlog_text(await self._unreplicated.of(connection, bucket, rows)))

    async def _accepted_while(
        self, dialog: DeletionDialog, *works: Coroutine[Any, Any, None]
    ) -> bool:
        running = [self._tasks.start(each) for each in works]
        try:
            return await accepted(dialog)
        finally:
            for each in running:
                each.cancel()

    async def _count(
        self,
        dialog: DeletionDialog,
        connection: ConnectionId,
        doomed: Sequence[Selected],
        count: _Count,
        *,
        versions: bool = False,
        told: Callable[[Tally], str] | None = None,
    ) -> None:
        """Show how much it is, while it is counted. Not knowing does not forbid deleting."""
        counted = Tally()

        def show() -> None:
            said = tally_text(counted, is_complete=False), self._awaited(connection)
            dialog.show_tally(" ".join(filter(None, said)))

        show()
        try:
            store = await self._desk.stores.get(connection)
            with self._saying(show):
                async for so_many in tally(store, doomed, versions=versions):
                    counted = so_many
                    show()
        except S4DeskError as error:
            dialog.fail(error)
        else:
            final = told(counted) if told else tally_text(counted, is_complete=True)
            dialog.show_tally(final)
            count.total = counted.objects

    # Doing

    async def carry_out(
        self, deletion: Deletion | LastingDeletion, connection: ConnectionId
    ) -> DeleteReport:
        """Delete, with a dialog that counts along and can stop it.

        A person who stops it does not want the rest: a journal of it is forgotten then.
        """
        dialog = BusyDialog(tr("Deleting"), self._window, tr("Stop"))
        dialog.rejected.connect(deletion.stop)
        running = self._tasks.start(_carried_out(deletion))
        with patiently(dialog):
            while not running.done():
                await asyncio.wait([running], timeout=LOOK_EVERY_S)
                report = deletion.report
                said = so_far(report.deleted, are_versions=report.is_of_versions)
                dialog.say(f"{said} {self._awaited(connection)}".strip())
        return deletion.report

    async def _tell(self, report: DeleteReport, *, may_repeat: bool = False) -> bool:
        """Tell what was done and what was not; whether to try again what could not be deleted."""
        if report.error is not None:
            # None that is noted is not none that is deleted.
            self._notices.fail(report.error, lead=report_text(report) if report.deleted else "")
            return False
        if not report.failures:
            self._notices.say(report_text(report))
            return False
        return await accepted(
            ReviewDialog(
                tr("Not Deleted"),
                report_text(report),
                (tr("Key"), tr("Why")),
                failure_rows(report.failures),
                tr("&Try Again") if may_repeat and not report.is_stopped else "",
                self._window,
                is_grave=True,
            )
        )

    def _leave(self, connection: ConnectionId, bucket: str) -> None:
        """Go up when what was deleted is what is shown."""
        place = self._browsing.place
        if place is None or place.connection != connection or place.prefix is None:
            return
        if place.prefix.bucket == bucket:
            self._browsing.go(Place(connection))


@dataclass(slots=True)
class _Count:
    """How many objects there were when all were counted; None before."""

    total: int | None = None


async def _carried_out(deletion: Deletion | LastingDeletion) -> None:
    await deletion.run()


async def _nothing() -> None:
    """Until somebody offers what was cut off."""


def _command(
    connection: ConnectionId, folder: Prefix, places: Sequence[Prefix | Location]
) -> Command:
    """Of the same things in the same folder it is the same, and the later one goes on."""
    if len(places) == 1:
        return command_of(connection, places[0])
    names = sorted(repr(place) for place in places)
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    return command_of(connection, folder, (digest,))


async def keeping_in(store: Store, bucket: str) -> Keeping:
    """What a bucket does with what is deleted in it, as far as the store says."""
    try:
        return keeping_of(await read_config(store, bucket, ConfigKind.VERSIONING))
    except S4DeskError:
        return Keeping.UNKNOWN


async def _lists_versions(store: Store, bucket: str) -> bool:
    try:
        await store.list_versions(Prefix(bucket), limit=1)
    except NotSupportedError:
        return False
    return True
