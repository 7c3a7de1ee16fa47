"""Previews and applications of lifecycle rules that are stopped, fail, rest or are closed amid."""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QLineEdit, QPushButton

from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.past_change import ChangeKind
from s4desk.core.lifecycle.report import RunState
from s4desk.core.lifecycle.schedule_entries import DAILY, Entry
from s4desk.core.persist.lifecycle_schedule import SCHEDULES, ScheduleFile
from s4desk.core.runtime.events import LifecycleRan, ObjectsChanged
from s4desk.gui.commands import lifecycle_reports
from s4desk.gui.dialogs.lifecycle_apply import LifecycleApplyDialog
from s4desk.gui.dialogs.lifecycle_apply import Stage as Stage_
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.rows import format_count
from tests.gui.bucket_config import press
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.gui.stage import press as press_words
from tests.gui.test_lifecycle_previewing import (
    LOGS,
    PAST,
    filled,
    gone,
    is_done,
    keys,
    note,
    previewed,
    sums,
    tell,
)
from tests.store.scripted import ScriptedStore

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

KEYS = 300
"""The first is deleted alone."""
DELETE = "delete_many"
LISTINGS = ("list_objects", "list_versions")


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


async def scripted(stage: Stage) -> ScriptedStore:
    script = ScriptedStore(await stage.store())
    stage.desk.stores._stores[HOME] = script
    return script


async def left_in(script: ScriptedStore) -> list[str]:
    page = await script.list_objects(Prefix(BUCKET), delimiter="")
    return list(page.keys)


async def looking(stage: Stage) -> tuple[ScriptedStore, LifecyclePreviewDialog]:
    """A preview that has begun to list, which stands at the gate."""
    await filled(stage)
    await tell(stage, LOGS, PAST)
    script = await scripted(stage)
    script.on_enter = lambda: script.open.clear() if script.seen[-1] in LISTINGS else None
    stage.give(Act.LIFECYCLE_PREVIEW)
    dialog = await stage.opened(LifecyclePreviewDialog)
    await until(lambda: script.inside and set(LISTINGS) & set(script.seen))
    script.on_enter = lambda: None
    return script, dialog


def test_looking_is_stopped_and_begun_again(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        script, dialog = await looking(stage)
        assert not dialog.findChild(QPushButton, "apply").isEnabled()
        press(dialog, "look")
        await until(lambda: is_done(dialog))
        assert note(dialog, "outcome") == "Stopped: there is more."
        assert keys(dialog) == []
        script.open.set()
        press(dialog, "look")
        await until(lambda: is_done(dialog) and len(keys(dialog)) == 4)
        assert note(dialog, "outcome") == ""
        await gone(stage, dialog)

    perform(desk, story)


def test_a_bucket_that_cannot_be_listed_says_why(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        script = await scripted(stage)
        for each in LISTINGS:
            script.before[each] = [PermissionDeniedError("not for you")]
        dialog = await previewed(stage)
        assert "has no permission" in note(dialog, "outcome")
        assert keys(dialog) == []
        script.before.clear()
        press(dialog, "look")
        await until(lambda: is_done(dialog) and len(keys(dialog)) == 4)
        assert note(dialog, "outcome") == ""
        await gone(stage, dialog)

    perform(desk, story)


def test_what_is_changed_while_one_looks_is_told_at_the_end(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        script, dialog = await looking(stage)
        desk.events.publish(ObjectsChanged(HOME, Prefix(BUCKET)))
        assert note(dialog, "outcome") == ""
        script.open.set()
        await until(lambda: is_done(dialog))
        assert note(dialog, "outcome").startswith("The bucket was changed since it was looked at.")
        await gone(stage, dialog)

    perform(desk, story)


def test_a_preview_that_is_closed_while_it_looks_ends(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS)
        script = await scripted(stage)
        script.open.clear()
        stage.give(Act.LIFECYCLE_PREVIEW)
        dialog = await stage.opened(LifecyclePreviewDialog)
        await until(lambda: script.inside)
        await gone(stage, dialog)
        await until(lambda: not script.inside)

    perform(desk, story)


class TestWhileItApplies:
    """The rules are being applied, and a request stands at the gate."""

    @staticmethod
    async def under_way(stage: Stage) -> tuple[ScriptedStore, LifecycleApplyDialog]:
        for number in range(KEYS):
            await stage.put(f"tmp/{number:04}")
        await stage.open()
        await tell(stage, PAST)
        preview = await previewed(stage)
        press(preview, "apply")
        dialog = await stage.opened(LifecycleApplyDialog)
        await until(lambda: dialog.stage is Stage_.PLANNED)
        script = await scripted(stage)
        script.on_enter = lambda: script.open.clear() if script.seen[-1] == DELETE else None
        dialog.findChild(QLineEdit, "word").setText(BUCKET)
        press(dialog, "apply")
        await until(lambda: script.inside and not script.open.is_set())
        assert dialog.stage is Stage_.RUNNING
        script.on_enter = lambda: None
        return script, dialog

    @staticmethod
    async def told(stage: Stage, script: ScriptedStore, dialog: LifecycleApplyDialog) -> str:
        """What the report says, and the file of it: they agree."""
        await until(lambda: dialog.stage is Stage_.DONE)
        said = dialog.findChild(QLabel, "plan").text()
        (record,) = await stage.desk.lifecycle_runs.records(HOME)
        left = len(await left_in(script))
        assert record.report.buckets == (BUCKET,)
        assert record.report.tried == KEYS - left
        assert sums(dialog)["deleted"] == format_count(KEYS - left)
        return said

    @staticmethod
    async def end(stage: Stage, dialog: LifecycleApplyDialog) -> None:
        dialog.reject()
        await until(lambda: stage.dialog(LifecycleApplyDialog) is None)
        if (preview := stage.dialog(LifecyclePreviewDialog)) is not None:
            await gone(stage, preview)

    def test_it_rests_and_goes_on(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            script, dialog = await self.under_way(stage)
            press(dialog, "pause")
            script.open.set()
            await until(lambda: not script.inside)
            left = len(await left_in(script))
            pause = dialog.findChild(QPushButton, "pause")
            assert pause.text() == "&Go On"
            for _ in range(5):
                await asyncio.sleep(0)
            assert len(await left_in(script)) == left > 0
            said = f"Paused: {format_count(KEYS - left)} of {format_count(KEYS)}."
            await until(lambda: dialog.findChild(QLabel, "plan").text() == said)
            press(dialog, "pause")
            await self.told(stage, script, dialog)
            assert await left_in(script) == []
            await self.end(stage, dialog)

        perform(desk, story)

    def test_what_was_sent_is_awaited_when_it_is_stopped(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            script, dialog = await self.under_way(stage)
            press(dialog, "stop")
            script.open.set()
            assert "Stopped: " in await self.told(stage, script, dialog)
            left = len(await left_in(script))
            assert left > 0
            (noted,) = await stage.desk.history.changes()
            assert (noted.kind, noted.done) == (ChangeKind.LIFECYCLE, KEYS - left)
            await self.end(stage, dialog)

        perform(desk, story)

    def test_the_report_that_is_saved_names_each_object(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "report.csv"

        async def chosen(*_: object) -> Path:
            return path

        monkeypatch.setattr(lifecycle_reports, "choose_target", chosen)

        async def story(stage: Stage) -> None:
            script, dialog = await self.under_way(stage)
            script.open.set()
            await self.told(stage, script, dialog)
            press(dialog, "report")
            await until(path.exists)
            with path.open(encoding="utf-8-sig", newline="") as sheet:
                rows = list(csv.DictReader(sheet))
            assert sorted(row["key"] for row in rows) == [f"tmp/{at:04}" for at in range(KEYS)]
            assert {(row["action"], row["outcome"]) for row in rows} == {("expire", "done")}
            await until(lambda: "Written to report.csv" in note(dialog, "outcome"))
            await self.end(stage, dialog)

        perform(desk, story)

    def test_closing_it_stops_it_and_shows_the_report(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            script, dialog = await self.under_way(stage)
            dialog.close()
            assert dialog.isVisible()
            script.open.set()
            assert "Stopped: " in await self.told(stage, script, dialog)
            dialog.close()
            assert not dialog.isVisible()
            await gone(stage, await stage.opened(LifecyclePreviewDialog))

        perform(desk, story)

    def test_the_preview_may_be_closed_meanwhile(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            script, dialog = await self.under_way(stage)
            await gone(stage, await stage.opened(LifecyclePreviewDialog))
            assert dialog.isVisible()
            script.open.set()
            await self.told(stage, script, dialog)
            assert await left_in(script) == []
            await self.end(stage, dialog)

        perform(desk, story)

    def test_closing_the_window_asks_and_nothing_is_forgotten(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            assert stage.window is not None
            script, dialog = await self.under_way(stage)
            stage.window.close()
            asked = await stage.opened(QuestionDialog)
            said = [label.text() for label in asked.findChildren(QLabel)]
            assert said == [
                f"Lifecycle rules are being applied to {BUCKET}.",
                "What the rules did stays done; the rest of it is not done.",
            ]
            press_words(asked, "&Stay")
            await until(lambda: stage.dialog(QuestionDialog) is None)
            assert dialog.stage is Stage_.RUNNING
            script.on_enter = lambda: script.open.clear() if script.seen[-1] == DELETE else None
            script.open.set()  # the first is deleted, and the next stands at the gate
            await until(lambda: script.seen.count(DELETE) == 2 and not script.open.is_set())
            stage.window.close()
            press_words(await stage.opened(QuestionDialog), "&Close")
            await until(lambda: not script.inside)

        perform(desk, story)
        (record,) = asyncio.run(desk.lifecycle_runs.records(HOME))
        assert record.report.state is RunState.CUT_OFF
        assert record.report.planned == KEYS
        # It began when it was agreed to, and not when it was planned.
        assert record.report.moment < record.report.started
        (noted,) = asyncio.run(desk.history.changes())
        assert (noted.kind, noted.done) == (ChangeKind.LIFECYCLE, 1)

    def test_the_computer_stays_awake_while_it_does_not_rest(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            awake = stage.desk.wakefulness
            script, dialog = await self.under_way(stage)
            assert awake.is_busy
            press(dialog, "pause")
            assert not awake.is_busy
            press(dialog, "pause")
            assert awake.is_busy
            script.open.set()
            await self.told(stage, script, dialog)
            assert not awake.is_busy
            await self.end(stage, dialog)

        perform(desk, story)

    def test_two_clicks_apply_once(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            await filled(stage)
            await tell(stage, PAST)
            preview = await previewed(stage)
            press(preview, "apply")
            dialog = await stage.opened(LifecycleApplyDialog)
            await until(lambda: dialog.stage is Stage_.PLANNED)
            dialog.findChild(QLineEdit, "word").setText(BUCKET)
            dialog.apply_asked.emit()
            dialog.apply_asked.emit()
            await until(lambda: dialog.stage is Stage_.DONE)
            close = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Close)
            assert close.isEnabled()
            assert len(await stage.desk.lifecycle_runs.records(HOME)) == 1
            await self.end(stage, dialog)

        perform(desk, story)


def test_closing_the_window_asks_while_the_schedule_acts(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        assert stage.window is not None
        await filled(stage)
        await tell(stage, PAST)
        script = await scripted(stage)
        script.on_enter = lambda: script.open.clear() if script.seen[-1].startswith("del") else None
        file = ScheduleFile(stage.desk.folders.config / SCHEDULES)
        await file.put(Entry(HOME, BUCKET, is_on=True, since=datetime.now(UTC) - DAILY))
        stage.desk.lifecycle.look_again()
        await until(lambda: script.inside and not script.open.is_set())
        assert stage.desk.wakefulness.is_busy
        stage.window.close()
        asked = await stage.opened(QuestionDialog)
        assert [label.text() for label in asked.findChildren(QLabel)] == [
            f"Lifecycle rules are being applied to {BUCKET}.",
            "What the schedule has left is done after the next start.",
        ]
        press_words(asked, "&Stay")
        await until(lambda: stage.dialog(QuestionDialog) is None)
        script.on_enter = lambda: None
        script.open.set()
        await until(lambda: not stage.desk.lifecycle.under_way())
        await until(lambda: not stage.desk.wakefulness.is_busy)
        assert "tmp/a" not in await left_in(script)

    perform(desk, story)


def test_what_another_process_switches_on_is_heard_of(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, PAST)
        elsewhere = ScheduleFile(stage.desk.folders.config / SCHEDULES)
        await elsewhere.put(Entry(HOME, BUCKET, is_on=True))
        ran: list[str] = []
        stage.desk.events.subscribe(LifecycleRan, lambda event: ran.append(event.bucket))
        await until(lambda: ran == [BUCKET])
        assert "tmp/a" not in await stage.keys()

    perform(desk, story)
