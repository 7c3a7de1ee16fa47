"""Comparing a bucket with its replicas, rule by rule."""

from __future__ import annotations

import asyncio
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.replication.comparing import Kind, comparison_by
from s4desk.core.replication.differing import REQUESTS_S
from s4desk.core.replication.manifest import Manifest
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.files import choose_target
from s4desk.gui.dialogs.replication_compare import ReplicationCompareDialog
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.replication_compare import (
    compare_row,
    compared_text,
    comparing_text,
    incomparable_text,
)
from s4desk.viewmodels.replication_overview import bucket_text, looking_text
from s4desk.viewmodels.replication_rule_text import destination_text
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.comparing import Comparison
    from s4desk.core.replication.rule_book import Ruled
    from s4desk.core.replication.table import Source
    from s4desk.core.runtime.clock import Clock
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.dialogs.fields import Note
    from s4desk.viewmodels.replication_overview import RuleId

MOST_LISTED: Final = 10_000
_MANIFEST: Final = "manifest.csv"
_MENDED: Final = (Kind.MISSING, Kind.DIFFERENT, Kind.ATTRIBUTES)
_SENT_AGAIN: Final = (Kind.MISSING, Kind.DIFFERENT)
"""By a look of ours, which goes by bytes."""


def look_thoroughly(desk: Desk, source: Source, outcome: Note) -> None:
    """Let a bucket be compared with its destinations, and tell what will become of that."""
    running = desk.replication.running
    is_begun = desk.replication.look_now(source, thorough=True)
    outcome.say(
        looking_text(running, bucket_text(source, desk.connections.name_of)), is_error=not is_begun
    )


class ReplicationComparing:
    """One rule at a time; closing the dialog ends it."""

    def __init__(self, desk: Desk, tasks: GuiTasks, clock: Clock) -> None:
        self._desk = desk
        self._tasks = tasks
        self._clock = clock

    async def show(self, of: RuleId, parent: QWidget) -> None:
        """Until the dialog is closed."""
        ruled = await self._desk.replication.ruled(of.source)
        rule = next((each for each in ruled.rules if each.id == of.rule), None)
        if rule is None:
            return
        name_of = self._desk.connections.name_of
        title = tr("Compare: {place}, rule “{rule}”").format(
            place=bucket_text(of.source, name_of), rule=printable(rule.id)
        )
        there = printable(destination_text(rule.destination, name_of))
        dialog = ReplicationCompareDialog(title, there, parent)
        folder = Path(await in_thread(mkdtemp, None, "s4desk-manifest-"))
        view = _View(self._desk, self._tasks, self._clock, dialog, ruled, rule, folder)
        dialog.ask()
        try:
            await accepted(dialog)
        finally:
            view.leave()
            await in_thread(rmtree, folder, True)


class _View:
    """One dialog, from its opening to its end. What is to be on a manifest is written down while it
    is found: it may be more than is listed."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        clock: Clock,
        dialog: ReplicationCompareDialog,
        ruled: Ruled,
        rule: Rule,
        folder: Path,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._tasks = tasks
        self._dialog = dialog
        self._ruled = ruled
        self._rule = rule
        self._folder = folder
        self._comparing: asyncio.Task[None] | None = None
        dialog.compare_asked.connect(self._begin)
        dialog.stop_asked.connect(self.leave)
        dialog.look_asked.connect(self._look)
        dialog.manifest_asked.connect(lambda: tasks.start(self._save_manifest()))

    def leave(self) -> None:
        """Compare no more."""
        if self._comparing is not None:
            self._comparing.cancel()

    def _begin(self, is_thorough: bool) -> None:
        self._comparing = self._tasks.start(self._compare(is_thorough, self._comparing))

    def _look(self) -> None:
        look_thoroughly(self._desk, self._ruled.source, self._dialog.outcome)

    async def _compare(self, is_thorough: bool, former: asyncio.Task[None] | None) -> None:
        if former is not None:
            former.cancel()
            await asyncio.wait([former])
        dialog = self._dialog
        dialog.begin(tr("Both places are listed…"), is_thorough=is_thorough)
        requests_s = REQUESTS_S if is_thorough else 0
        try:
            comparison = await comparison_by(
                self._rule, self._ruled, self._desk.stores.get, self._clock, requests_s=requests_s
            )
            if comparison is None:
                dialog.fail(printable(incomparable_text(self._rule)))
                return
            await self._tell(comparison)
        except S4DeskError as error:
            dialog.fail(error)

    async def _tell(self, comparison: Comparison) -> None:
        """Everything that is found, and what came of it, also of a part."""
        manifest = await in_thread(Manifest, self._folder / _MANIFEST, self._ruled.source.bucket)
        listed, is_stopped = 0, True
        try:
            async for some in comparison.differences():
                mended = [each.key for each in some if each.kind in _MENDED]
                await in_thread(manifest.add, mended)
                self._dialog.add([compare_row(each) for each in some[: MOST_LISTED - listed]])
                listed = min(MOST_LISTED, listed + len(some))
                self._dialog.state.say(comparing_text(comparison))
            await in_thread(manifest.finish)
            is_stopped = False
        finally:
            manifest.close()
            if isValid(self._dialog):
                self._end(comparison, listed, is_stopped=is_stopped)

    def _end(self, comparison: Comparison, listed: int, *, is_stopped: bool) -> None:
        said = compared_text(comparison, is_stopped=is_stopped)
        if sum(comparison.counts.values()) > listed:
            more = tr("Only the first {count} are listed.").format(count=format_count(listed))
            said = f"{said} {more}"
        differs = any(comparison.counts[kind] for kind in _MENDED)
        can_look = any(comparison.counts[kind] for kind in _SENT_AGAIN)
        self._dialog.end(said, can_look=can_look, can_save=differs and not is_stopped)

    async def _save_manifest(self) -> None:
        bucket = self._ruled.source.bucket
        path = await choose_target(tr("Save Manifest"), f"{bucket}-manifest.csv", self._dialog)
        if path is None:
            return
        try:
            await in_thread(copyfile, self._folder / _MANIFEST, path)
        except OSError as error:
            self._dialog.outcome.fail(tr("The file cannot be written: {error}").format(error=error))
            return
        self._dialog.outcome.say(tr("Written to {file}.").format(file=path), is_success=True)
