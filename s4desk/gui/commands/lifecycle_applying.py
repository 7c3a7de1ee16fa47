"""Carrying out the lifecycle rules of a bucket: planned, agreed to, done, told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Final

from shiboken6 import isValid

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Address, Location, Prefix, VersionId
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.lifecycle import manifest
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.planning import Planning
from s4desk.core.lifecycle.report import Outcome, changes_of
from s4desk.core.persist.needed_uploads import needed_uploads
from s4desk.core.replication.awaited import awaited_in
from s4desk.core.replication.found_writes import Found
from s4desk.core.replication.table import Seen
from s4desk.core.runtime.events import ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.gui.commands.lifecycle_reports import save_report, written
from s4desk.gui.commands.unreplicated import Unreplicated
from s4desk.gui.dialogs.files import choose_folder
from s4desk.gui.dialogs.lifecycle_apply import LifecycleApplyDialog
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.lifecycle_apply_text import (
    is_permanent,
    plan_rows,
    plan_warnings,
    report_rows,
    settled_row,
    state_text,
)
from s4desk.viewmodels.lifecycle_reason import concern_text
from s4desk.viewmodels.lifecycle_subject import first_match_text, place_text, rules_text
from s4desk.viewmodels.replication_backlog import backlog_text
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.lifecycle.plan import Plan
    from s4desk.core.lifecycle.report import ApplyReport, Settled
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.viewmodels.lifecycle_subject import RulesOf

TELL_EVERY_S: Final = 0.2
MOST_LISTED: Final = 10_000
_DELETING: Final = (Action.EXPIRE, Action.EXPIRE_NONCURRENT)


class LifecycleApplying:
    """One bucket at a time, each in a dialog of its own."""

    def __init__(self, desk: Desk, tasks: GuiTasks, clock: Clock, window: QWidget) -> None:
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._window = window
        self._views: list[_View] = []

    def under_way(self) -> Sequence[str]:
        """The buckets in which something is being done."""
        return [view.bucket for view in self._views if view.is_applying]

    async def show(
        self,
        connection: ConnectionId,
        bucket: str,
        lifecycle: Lifecycle,
        source: RulesOf,
        parent: QWidget | None = None,
    ) -> None:
        """Plan what is due by these rules, and do it once a person agrees; of a group at its first
        member."""
        home, there = self._desk.home_of(connection, bucket)
        place = place_text(self._desk.connections.name_of(home), Prefix(there))
        whose = f"{rules_text(source, len(lifecycle.rules))} {first_match_text()}"
        dialog = LifecycleApplyDialog(there, place, whose, parent or self._window)
        ended = asyncio.Event()
        dialog.finished.connect(lambda _: ended.set())
        dialog.destroyed.connect(ended.set)  # with the window that it belongs to
        view = _View(self._desk, self._tasks, self._clock, dialog, connection, bucket, lifecycle)
        self._views.append(view)
        dialog.show()
        try:
            await ended.wait()
        finally:
            view.leave()
            self._views = [each for each in self._views if each is not view or each.is_applying]
            if isValid(dialog):  # else it has gone with the window
                dialog.close()
                dialog.deleteLater()


class _View:
    """One dialog, from its opening to its end."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        clock: Clock,
        dialog: LifecycleApplyDialog,
        connection: ConnectionId,
        bucket: str,
        lifecycle: Lifecycle,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._dialog = dialog
        self._asked = Address(connection, Location(bucket, ""))
        self._connection, self.bucket = desk.home_of(connection, bucket)
        self._lifecycle = lifecycle
        self._plan: Plan | None = None
        self._execution: Execution | None = None
        self._report: ApplyReport | None = None
        self._run = ""
        self._target = f"lifecycle-{self.bucket}.csv"
        self._is_begun = self._is_ended = self._is_stopped = self._is_over = False
        dialog.apply_asked.connect(lambda: tasks.start(self._apply()))
        dialog.pause_asked.connect(self._pause)
        dialog.stop_asked.connect(self._stop)
        dialog.report_asked.connect(lambda: tasks.start(self._save_report()))
        dialog.manifest_asked.connect(lambda: tasks.start(self._save_manifest()))
        self._planning = tasks.start(self._make_plan())

    def leave(self) -> None:
        """The dialog is gone, or will be: nothing more is begun."""
        self._is_over = True
        self._stop()

    @property
    def is_applying(self) -> bool:
        return self._is_begun and not self._is_ended

    @property
    def _is_gone(self) -> bool:
        """Also with the window, before anybody is told."""
        return self._is_over or not isValid(self._dialog)

    def _stop(self) -> None:
        self._is_stopped = True
        self._planning.cancel()
        if self._execution is not None:
            self._execution.stop()

    def _pause(self, is_paused: bool) -> None:
        if self._execution is not None:
            (self._execution.pause if is_paused else self._execution.go_on)()
            self._desk.wakefulness.show(self.is_applying and not is_paused, self)
            self._dialog.show_paused(is_paused)
            self._show_progress(self._execution)

    # Planning

    async def _make_plan(self) -> None:
        try:
            store = await self._desk.home_store(self._asked.connection)
            planning = Planning(
                store,
                self.bucket,
                self._lifecycle,
                self._clock.now(),
                awaited=awaited_in(self._desk.replication, self._connection, self.bucket),
            )
            plan = await self._told(planning)
            backlog = await Unreplicated(self._desk).of(
                self._asked.connection, self._asked.location.bucket, _doomed(plan)
            )
        except S4DeskError as error:
            if not self._is_gone:
                self._dialog.show_failure(error)
            return
        except asyncio.CancelledError:
            if not self._is_gone:
                self._dialog.reject()
            raise
        if self._is_gone:
            return
        self._plan = plan
        rules = plan.lifecycle.rules
        warnings = [*plan_warnings(plan), *(concern_text(each, rules) for each in plan.concerns)]
        if backlog:
            warnings.append(backlog_text(backlog))
        self._dialog.show_plan(plan, plan_rows(plan), warnings, is_permanent=is_permanent(plan))

    async def _told(self, planning: Planning) -> Plan:
        """The plan; meanwhile how much was looked at."""
        telling = self._tasks.start(self._keep_telling(planning))
        try:
            return await planning.plan()
        finally:
            telling.cancel()

    async def _keep_telling(self, planning: Planning) -> None:
        while not self._is_gone:
            seen = format_count(planning.summary.seen.objects)
            sentence = tr("Looking for what is due: {count} looked at…")
            self._dialog.show_planning(sentence.format(count=seen))
            await asyncio.sleep(TELL_EVERY_S)

    # Doing

    async def _apply(self) -> None:
        plan = self._plan
        if plan is None or self._is_begun:
            return
        self._is_begun = True
        self._dialog.show_progress("", 0, len(plan))
        self._desk.wakefulness.show(True, self)
        try:
            store = await self._desk.home_store(self._asked.connection)
            await self._carry_out(store, plan)
        except S4DeskError as error:
            if not self._is_gone:
                self._dialog.show_failure(error)
        finally:
            self._is_ended = True
            self._desk.wakefulness.show(False, self)

    async def _carry_out(self, store: Store, plan: Plan) -> None:
        desk = self._desk
        about = {"verb": "window", "evaluator": "first-match"}
        # Not from when the plan is: somebody may have looked at it for long.
        journal = await desk.lifecycle_runs.begin(self._connection, about, self._clock.now())
        self._run = journal.id
        execution = self._execution = Execution(
            [Errand(store, plan, awaited_in(desk.replication, self._connection, self.bucket))],
            journal=journal,
            clock=self._clock,
            owners_of=lambda: needed_uploads(desk.runs, desk.database.path),
            describe=describe,
        )
        if self._is_stopped:
            execution.stop()
        telling = self._tasks.start(self._keep_showing(execution))
        try:
            await execution.run()
        finally:
            telling.cancel()
            await journal.aclose()
            changed = Prefix(self._asked.location.bucket)
            desk.events.publish(ObjectsChanged(self._asked.connection, changed))
            for change in changes_of(execution.report, self._connection):
                await desk.note(change)
            self._show_report(execution.report)

    async def _keep_showing(self, execution: Execution) -> None:
        while not self._is_gone:
            self._show_progress(execution)
            await asyncio.sleep(TELL_EVERY_S)

    def _show_progress(self, execution: Execution) -> None:
        report = execution.report
        said = state_text(report, is_paused=execution.is_paused)
        self._dialog.show_progress(said, report.tried, report.planned)

    def _show_report(self, report: ApplyReport) -> None:
        self._report = report
        if self._is_gone:
            return
        self._dialog.show_report(
            state_text(report), report_rows(report, self._plan), list(report.bucket_errors.values())
        )
        self._tasks.start(self._list_results())

    async def _list_results(self) -> None:
        """What became of each, first what was not done: the journal of the run has all of it."""
        objects = self._desk.lifecycle_runs.objects(self._run)
        rows, is_whole = await in_thread(_results, objects, self._plan)
        if not self._is_gone:
            self._dialog.show_results(rows, is_whole=is_whole)

    # Writing down

    async def _save_report(self) -> None:
        dialog = self._dialog
        if self._report is not None:
            objects = self._desk.lifecycle_runs.objects(self._run)
            target = await save_report(self._report, objects, self._target, dialog, dialog.outcome)
            self._target = target or self._target

    async def _save_manifest(self) -> None:
        plan = self._plan
        folder = await choose_folder(tr("Folder for Manifests"), "", tr("Write Here"), self._dialog)
        if folder is not None and plan is not None:
            await written(_write_manifest, folder, plan, self._dialog.outcome)


def _results(objects: Iterable[Settled], plan: Plan | None) -> tuple[list[list[str]], bool]:
    """As many rows as are listed, and whether those are all."""
    versioning = Versioning.OFF if plan is None else plan.versioning
    classes = {} if plan is None else plan.class_by_version
    done: list[list[str]] = []
    left: list[list[str]] = []
    is_whole = True
    for each in objects:
        rows = done if each.outcome is Outcome.DONE else left
        if len(rows) < MOST_LISTED:
            storage_class = classes.get((each.key, each.version), "")
            rows.append(settled_row(each, versioning, storage_class))
        else:
            is_whole = False
    listed = [*left, *done]
    return listed[:MOST_LISTED], is_whole and len(listed) <= MOST_LISTED


def _doomed(plan: Plan) -> Iterator[Found]:
    """The objects and versions that the plan deletes, as they were seen."""
    findings = plan.findings
    for row, decision in enumerate(findings.decisions):
        if decision.action in _DELETING:
            found = findings[row]
            moment = None if isnan(found.created) else datetime.fromtimestamp(found.created, UTC)
            seen = Seen(found.etag, found.size, moment)
            version = VersionId(found.version) if found.version else None
            yield Found(found.key, seen, version, decision.action is Action.EXPIRE)


def _write_manifest(folder: Path, plan: Plan) -> None:
    manifest.write(plan, folder)
