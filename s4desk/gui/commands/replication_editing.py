"""Changing the replication rules of a bucket: checked as they are typed, and at both ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.replication.problems import RuledBucket
from s4desk.core.replication.buckets import BucketShelf
from s4desk.core.replication.checking import concerns_of
from s4desk.core.replication.service import Running
from s4desk.core.replication.table import Source
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.findings import identity
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.files import choose_file, choose_target
from s4desk.gui.dialogs.replication_native import NativeReplicationDialog
from s4desk.gui.dialogs.replication_rules import ReplicationRulesDialog
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.replication_overview import bucket_text
from s4desk.viewmodels.replication_rule_list import Neighbours, ReplicationRuleList
from s4desk.viewmodels.replication_rule_text import concern_text
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.replication.checking import Concern
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.configuring import Configuring
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.replication_reading import ReplicationReading


PATIENCE_S: Final = 20.0
"""So long both ends are waited for."""


class ReplicationEditing:
    """One bucket at a time."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        clock: Clock,
        reading: ReplicationReading,
        configuring: Configuring,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._clock = clock
        self._reading = reading
        self._configuring = configuring
        self._window = window

    async def edit(self, source: Source, parent: QWidget | None = None) -> None:
        """Show the rules of a bucket, and save what becomes of them.

        Of a group they are those of its first member, between whose own connection and others
        there is replication: raises HomeDownError while somebody pretends that it is down.
        """
        asked = source
        self._desk.groups.refuse_in_drill(asked.connection)
        source = Source(*self._desk.home_of(asked.connection, asked.bucket))
        ruled = await self._desk.replication.ruled(source)
        if self._reading.replicates(source) is None:
            await self._ask_store(source, asked.connection)
        rules = ReplicationRuleList(
            ruled,
            await self._neighbours(),
            self._reading.of_store(source),
            is_elsewhere=self._desk.replication.running is Running.ELSEWHERE,
        )
        place = bucket_text(source, self._desk.connections.name_of)
        dialog = ReplicationRulesDialog(rules, place, parent or self._window)
        editor = _Editor(self, dialog, self._desk, self._tasks)
        asking: list[asyncio.Task[None]] = []
        dialog.save_asked.connect(lambda: asking.append(self._tasks.start(editor.save())))
        dialog.check_asked.connect(lambda: asking.append(self._tasks.start(editor.check())))
        # Whoever gives up while both ends are asked wants nothing saved.
        dialog.rejected.connect(lambda: [each.cancel() for each in asking])
        dialog.import_asked.connect(lambda: self._tasks.start(editor.read_file()))
        dialog.export_asked.connect(lambda: self._tasks.start(editor.write_file()))
        dialog.native_asked.connect(lambda: self._tasks.start(editor.show_native(place)))
        dialog.stores_asked.connect(lambda: self._tasks.start(self._show_stores(asked, dialog)))
        if await accepted(dialog):
            self._notices.say(_saved_text(await self._desk.replication.ruled(source), place))

    async def concerns(self, ruled: Ruled) -> list[Concern]:
        """What the rules will come up against."""
        buckets = BucketShelf(self._desk.stores.get, self._clock)
        return await concerns_of(ruled, self._desk.stores.get, buckets)

    async def _ask_store(self, source: Source, asked: ConnectionId) -> None:
        try:
            await self._reading.ask(source, asked)
        except S4DeskError:
            # Its own rules are missing in the list; ours can be edited all the same.
            return

    async def _neighbours(self) -> Neighbours:
        def store_of(id_: ConnectionId) -> str:
            found = self._desk.connections.get(id_)
            return str(id_) if found is None else identity(self._desk.stores.reached(found))

        return Neighbours(
            [(each.id, each.name) for each in self._desk.connections.all()],
            [
                RuledBucket(each.source.connection, each.source.bucket, each.rules)
                for each in await self._desk.replication.all_ruled()
            ],
            store_of,
        )

    async def _show_stores(self, source: Source, dialog: QWidget) -> None:
        """What the store replicates by itself is a part of how the bucket is configured."""
        await self._configuring.show(
            source.connection, source.bucket, ConfigKind.REPLICATION, dialog
        )


class _Editor:
    """One dialog, from its opening to its end."""

    def __init__(
        self,
        editing: ReplicationEditing,
        dialog: ReplicationRulesDialog,
        desk: Desk,
        tasks: GuiTasks,
    ) -> None:
        self._editing = editing
        self._dialog = dialog
        self._desk = desk
        self._tasks = tasks
        self._agreed: Ruled | None = None
        self._before = dialog.rules.before

    async def check(self) -> None:
        """Ask both ends."""
        wanted = self._dialog.rules.result()
        if await self._concern(wanted):
            self._agreed = wanted

    async def save(self) -> None:
        """Once both ends were asked, or by who insists."""
        wanted = self._dialog.rules.result()
        if wanted != self._agreed and await self._concern(wanted):
            # Pressed once more it is saved all the same.
            self._agreed = wanted
            return
        try:
            now = await self._desk.replication.ruled(wanted.source)
            if now != self._before:
                self._before = now
                self._dialog.outcome.fail(
                    tr("Meanwhile somebody else has changed the rules. Save again to replace them.")
                )
                return
            await self._desk.replication.put(wanted)
        except S4DeskError as error:
            self._dialog.set_busy(False)
            self._dialog.outcome.fail(error)
            return
        self._dialog.accept()

    async def read_file(self) -> None:
        path = await choose_file(tr("Import Rules"), "", tr("Import"), self._dialog)
        if path is None:
            return
        try:
            text = await in_thread(path.read_text, "utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self._dialog.outcome.fail(tr("The file cannot be read: {error}").format(error=error))
            return
        if self._dialog.take_json(text) is not None:
            self._dialog.show_json()

    async def write_file(self) -> None:
        name = f"{self._dialog.rules.before.source.bucket}-replication.json"
        await _write(self._dialog, tr("Export Rules"), name, lambda: self._dialog.rules.json)

    async def show_native(self, place: str) -> None:
        """The rules as they are now, for the store to carry them out."""
        rules = self._dialog.rules
        dialog = NativeReplicationDialog(rules.native(), place, self._dialog)
        name = f"{rules.before.source.bucket}-store-replication.json"
        dialog.save_asked.connect(
            lambda: self._tasks.start(
                _write(dialog, tr("Save Rules for the Store"), name, lambda: dialog.text)
            )
        )
        await accepted(dialog)

    async def _concern(self, wanted: Ruled) -> bool:
        """Tell what stands in the way; whether nothing would arrive by a rule."""
        self._dialog.set_busy(True, tr("Asking both ends…"))
        try:
            async with asyncio.timeout(PATIENCE_S):
                concerns = await self._editing.concerns(wanted)
        except TimeoutError:
            said = tr("There was no answer within {seconds} s.")
            self._dialog.show_concerns([said.format(seconds=f"{PATIENCE_S:.0f}")], is_grave=True)
            return True
        is_grave = any(each.is_grave for each in concerns)
        self._dialog.show_concerns(
            [concern_text(each, describe) for each in concerns], is_grave=is_grave
        )
        return is_grave


async def _write(
    dialog: ReplicationRulesDialog | NativeReplicationDialog,
    title: str,
    name: str,
    text: Callable[[], str],
) -> None:
    """Into the file that a person chooses."""
    path = await choose_target(title, name, dialog)
    if path is None:
        return
    try:
        await in_thread(path.write_text, f"{text()}\n", "utf-8")
    except (OSError, UnicodeEncodeError) as error:
        dialog.outcome.fail(tr("The file cannot be written: {error}").format(error=error))
        return
    dialog.outcome.say(tr("Written to {file}.").format(file=path), is_success=True)


def _saved_text(ruled: Ruled, place: str) -> str:
    if not ruled.rules:
        return tr("“{bucket}” has no replication rules any more.").format(bucket=place)
    said = tr_n(
        "“{bucket}” has {count} replication rule now.",
        "“{bucket}” has {count} replication rules now.",
        len(ruled.rules),
    )
    return said.format(bucket=place, count=format_count(len(ruled.rules)))
