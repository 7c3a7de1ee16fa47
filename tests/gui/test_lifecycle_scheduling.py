"""Rules that are applied by the clock: switched on with open eyes, listed, switched off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QSpinBox,
)

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.lifecycle.question import Engine
from s4desk.core.lifecycle.schedule_entries import Entry
from s4desk.core.runtime.events import LifecycleRan
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.gui.dialogs.lifecycle_schedule import LifecycleScheduleDialog
from s4desk.gui.dialogs.lifecycle_schedules import LifecycleSchedulesDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.rows import format_time
from tests.gui.bucket_config import press
from tests.gui.reading import nameless, out_of_order, twins
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.gui.test_commands import choose
from tests.gui.test_lifecycle_previewing import (
    LOGS,
    PAST,
    filled,
    gone,
    is_done,
    keys,
    note,
    previewed,
    tell,
)

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

OK = QDialogButtonBox.StandardButton.Ok
PLACE = f"Home:{BUCKET}"


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


async def asked(stage: Stage, preview: LifecyclePreviewDialog) -> LifecycleScheduleDialog:
    press(preview, "schedule")
    return await stage.opened(LifecycleScheduleDialog)


async def shut(stage: Stage, dialog: LifecycleScheduleDialog) -> None:
    dialog.reject()
    await until(lambda: stage.dialog(LifecycleScheduleDialog) is None)


def status(stage: Stage) -> str:
    assert stage.window is not None
    return stage.window.status_bar.currentMessage()


def ahead_of(hours: int) -> str:
    return format_time((datetime.now(UTC) + timedelta(hours=hours)).timestamp())


def says(dialog: LifecycleScheduleDialog, words: str) -> bool:
    return any(words in label.text() for label in dialog.findChildren(QLabel))


def cells(dialog: LifecycleSchedulesDialog) -> list[list[str]]:
    model = dialog.rows
    columns = range(model.columnCount())
    return [[model.index(row, at).data() for at in columns] for row in range(model.rowCount())]


def test_nothing_runs_at_once_and_it_is_said_when_it_will(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        ran: list[str] = []
        desk.events.subscribe(LifecycleRan, lambda event: ran.append(event.bucket))
        preview = await previewed(stage)
        dialog = await asked(stage, preview)
        assert PLACE in dialog.windowTitle()
        save = dialog.findChild(QDialogButtonBox).button(OK)
        assert save.isEnabled()
        assert note(dialog, "ahead") == ""
        await until(lambda: says(dialog, "The bucket has 2 rules now."))
        dialog.findChild(QCheckBox, "on").setChecked(True)
        assert not save.isEnabled()
        earliest = ahead_of(6)
        dialog.findChild(QSpinBox, "hours").setValue(6)
        said = note(dialog, "ahead")
        assert said.startswith("Nothing runs at once: the first run is at ")
        assert earliest in said or ahead_of(6) in said
        assert "not known before it is previewed" in said
        dialog.findChild(QLineEdit, "word").setText(BUCKET)
        assert (nameless(dialog), out_of_order(dialog), twins(dialog)) == ([], [], [])
        save.click()
        await until(lambda: PLACE in status(stage))
        entry = await desk.lifecycle.entry(HOME, BUCKET)
        assert entry.due is not None
        assert format_time(entry.due.timestamp()) in status(stage)
        assert (entry.is_on, entry.every, entry.last) == (True, timedelta(hours=6), None)
        dialog = await asked(stage, preview)
        assert note(dialog, "ahead").startswith("The next run is at ")
        await shut(stage, dialog)
        await gone(stage, preview)
        assert not ran
        assert "tmp/a" in await stage.keys()

    perform(desk, story)


def test_what_it_would_do_is_looked_at_before(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        preview = await previewed(stage)
        dialog = await asked(stage, preview)
        press(dialog, "preview")
        ahead: list[LifecyclePreviewDialog] = []

        def is_there() -> bool:
            shown = (w for w in QApplication.topLevelWidgets() if w.parent() is dialog)
            ahead[:] = [w for w in shown if isinstance(w, LifecyclePreviewDialog) and is_done(w)]
            return bool(ahead)

        await until(is_there)
        assert ahead[0].engine is Engine.FIRST_MATCH
        assert keys(ahead[0])[-1] == "tmp/a"
        names = ("apply", "schedule")
        assert [ahead[0].findChild(type(ahead[0]._look), each).isVisible() for each in names] == [
            False,
            False,
        ]
        await shut(stage, dialog)  # it goes with it
        await until(lambda: len(stage.commands.lifecycle_previewing._views) == 1)
        await gone(stage, preview)

    perform(desk, story)


def test_a_run_is_told_and_listed_and_its_report_saved(desk: Desk, tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        await desk.lifecycle.put(Entry(HOME, BUCKET, is_on=True))
        await desk.lifecycle.run_now(HOME, BUCKET)
        await until(lambda: status(stage) == f"Lifecycle rules of {PLACE}, by the clock: {DONE}")
        preview = await previewed(stage)
        dialog = await asked(stage, preview)
        last, next_ = note(dialog, "last").splitlines()
        assert last.startswith("Last run: ")
        assert next_.startswith("Next run: ")
        await until(lambda: dialog.runs.rowCount() == 1)
        assert (nameless(dialog), out_of_order(dialog), twins(dialog)) == ([], [], [])
        told = [dialog.runs.index(0, column).data() for column in range(1, 6)]
        assert told == ["the schedule", "finished", "1", "0", "0"]
        press(dialog, "report")
        choose(await stage.opened(QFileDialog), tmp_path / "run.csv")
        await until(lambda: dialog.outcome.text() == "Written to run.csv.")
        assert "expire" in (tmp_path / "run.csv").read_text("utf-8-sig")
        await shut(stage, dialog)
        await gone(stage, preview)

    perform(desk, story)


DONE = "1 done, 0 left, 0 errors."


def test_all_that_is_scheduled_is_listed_opened_switched_off_and_forgotten(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, PAST)
        stage.give(Act.LIFECYCLE_SCHEDULES)
        dialog = await stage.opened(LifecycleSchedulesDialog)
        await until(lambda: note(dialog, "schedules") != "")
        dialog.reject()
        await until(lambda: stage.dialog(LifecycleSchedulesDialog) is None)

        old = Entry(ConnectionId("gone"), "b", last=datetime(2026, 1, 2, tzinfo=UTC))
        await desk.lifecycle.put(old)
        await desk.lifecycle.put(Entry(HOME, BUCKET, is_on=True))
        stage.give(Act.LIFECYCLE_SCHEDULES)
        dialog = await stage.opened(LifecycleSchedulesDialog)
        await until(lambda: dialog.rows.rowCount() == 2)
        entry = await desk.lifecycle.entry(HOME, BUCKET)
        assert entry.due is not None
        removed, mine = cells(dialog)
        assert removed[:4] == ["(removed)", "b", "Off", ""]
        assert removed[5] == "Nothing was due."
        due = format_time(entry.due.timestamp())
        assert mine == ["Home", BUCKET, "Every 24 hours", due, "", ""]
        assert (nameless(dialog), out_of_order(dialog), twins(dialog)) == ([], [], [])

        await desk.lifecycle.run_now(HOME, BUCKET)
        await until(lambda: cells(dialog)[1][5] == DONE)  # while one looks
        dialog._table.selectRow(1)
        press(dialog, "open")
        schedule = await stage.opened(LifecycleScheduleDialog)
        assert PLACE in schedule.windowTitle()
        schedule.findChild(QSpinBox, "hours").setValue(2)
        schedule.findChild(QDialogButtonBox).button(OK).click()
        await until(lambda: cells(dialog)[1][2] == "Every 2 hours")
        press(dialog, "off")
        await until(lambda: cells(dialog)[1][2] == "Off")
        assert not (await desk.lifecycle.entry(HOME, BUCKET)).is_on
        dialog._table.selectRow(0)
        press(dialog, "forget")
        await until(lambda: dialog.rows.rowCount() == 1)
        (kept,) = await desk.lifecycle.entries()
        assert kept.bucket == BUCKET
        dialog.reject()
        await until(lambda: stage.dialog(LifecycleSchedulesDialog) is None)

    perform(desk, story)


def test_rules_that_are_kept_here_are_told_as_those(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        entry = Entry(HOME, BUCKET, is_on=True, rules={"Rules": [PAST, LOGS]})
        await desk.lifecycle.put(replace(entry, is_on=False))
        preview = await previewed(stage)
        dialog = await asked(stage, preview)
        assert says(dialog, "2 rules that are kept here")
        await shut(stage, dialog)
        await gone(stage, preview)

    perform(desk, story)


def test_one_goes_back_from_rules_that_are_kept_to_those_of_the_bucket(desk: Desk) -> None:
    """Other rules delete other things: the name of the bucket is asked for again."""

    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, PAST)
        kept = Entry(HOME, BUCKET, is_on=True, rules={"Rules": [PAST, LOGS]})
        await desk.lifecycle.put(kept)
        preview = await previewed(stage)
        dialog = await asked(stage, preview)
        own, save = (
            dialog.findChild(QCheckBox, "own"),
            dialog.findChild(QDialogButtonBox).button(OK),
        )
        assert save.isEnabled()
        save.click()
        await until(lambda: PLACE in status(stage))
        assert (await desk.lifecycle.entry(HOME, BUCKET)).rules == kept.rules

        dialog = await asked(stage, preview)
        own, save = (
            dialog.findChild(QCheckBox, "own"),
            dialog.findChild(QDialogButtonBox).button(OK),
        )
        assert own.isVisible()
        own.setChecked(True)
        await until(lambda: says(dialog, "The bucket has 1 rule now."))
        assert says(dialog, "It goes by the rules that the bucket has when it runs.")
        assert not says(dialog, "rules that are kept here")
        assert not save.isEnabled()
        dialog.findChild(QLineEdit, "word").setText(BUCKET)
        assert (nameless(dialog), out_of_order(dialog), twins(dialog)) == ([], [], [])
        assert stage.window is not None
        stage.window.status_bar.clearMessage()
        save.click()
        await until(lambda: PLACE in status(stage))
        entry = await desk.lifecycle.entry(HOME, BUCKET)
        assert (entry.is_on, entry.rules) == (True, None)

        dialog = await asked(stage, preview)
        assert not dialog.findChild(QCheckBox, "own").isVisible()
        await shut(stage, dialog)
        await gone(stage, preview)

    perform(desk, story)
