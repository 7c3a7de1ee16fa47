"""What lifecycle rules will do, in the window: drawn, summed up, listed, filtered, written down."""

from __future__ import annotations

import asyncio
import csv
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTabWidget,
)
from shiboken6 import isValid

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.runtime.events import ObjectsChanged
from s4desk.gui.commands.lifecycle_scheduling import LifecycleScheduling
from s4desk.gui.dialogs.lifecycle_apply import LifecycleApplyDialog
from s4desk.gui.dialogs.lifecycle_apply import Stage as Stage_
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.gui.dialogs.lifecycle_schedule import LifecycleScheduleDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.lifecycle_sheet import FindingColumn, Kind
from tests.gui.bucket_config import opened as configured
from tests.gui.bucket_config import press
from tests.gui.lifecycle_rules import turned_to_rules
from tests.gui.reading import nameless, out_of_order, twins
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.gui.test_commands import choose

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

LOGS = {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 3}}
COLD = {
    "ID": "cold",
    "Filter": {"Prefix": ""},
    "Status": "Enabled",
    "Transitions": [{"Days": 0, "StorageClass": "GLACIER"}],
}
PAST = {
    "ID": "past",
    "Filter": {"Prefix": "tmp/"},
    "Status": "Enabled",
    "Expiration": {"Date": "2020-01-01T00:00:00Z"},
}
FEW_KB = b"x" * 3000
AWAY = ConnectionId("away")


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


async def tell(stage: Stage, *rules: dict[str, Any]) -> None:
    document = from_json(ConfigKind.LIFECYCLE, {"Rules": list(rules)})
    await (await stage.store()).put_document(BUCKET, document)


async def filled(stage: Stage) -> None:
    for number in range(3):
        await stage.put(f"logs/{number}", FEW_KB)
    await stage.put("tmp/a", FEW_KB)
    await stage.put("keep", FEW_KB)
    await stage.open()


def is_done(dialog: LifecyclePreviewDialog) -> bool:
    return dialog.findChild(QPushButton, "look").text() == "&Look Again"


async def previewed(stage: Stage) -> LifecyclePreviewDialog:
    stage.give(Act.LIFECYCLE_PREVIEW)
    dialog = await stage.opened(LifecyclePreviewDialog)
    await until(lambda: is_done(dialog))
    return dialog


async def gone(stage: Stage, dialog: LifecyclePreviewDialog) -> None:
    dialog.reject()
    await until(lambda: stage.dialog(LifecyclePreviewDialog) is None)


def cells(dialog: LifecyclePreviewDialog, column: FindingColumn) -> list[str]:
    model = dialog.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def keys(dialog: LifecyclePreviewDialog) -> list[str]:
    return cells(dialog, FindingColumn.KEY)


def pick(dialog: LifecyclePreviewDialog, name: str, data: object) -> None:
    combo = dialog.findChild(QComboBox, name)
    combo.setCurrentIndex(combo.findData(data))


def note(dialog: QDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


def sums(dialog: LifecycleApplyDialog) -> dict[str, str]:
    """How many of what, in a plan and in a report."""
    model = dialog.sums
    return {
        model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())
    }


def results(dialog: LifecycleApplyDialog) -> list[list[str]]:
    """What became of each."""
    model = dialog.results
    columns = range(model.columnCount())
    return [[model.index(row, at).data() for at in columns] for row in range(model.rowCount())]


def test_saved_rules_are_shown_with_what_they_will_do(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        dialog = await previewed(stage)
        assert keys(dialog) == ["logs/0", "logs/1", "logs/2", "tmp/a"]
        assert cells(dialog, FindingColumn.DUE)[3] == "now"
        assert set(cells(dialog, FindingColumn.ACTION)) == {"delete"}
        assert cells(dialog, FindingColumn.REASON)[0] == "3 days after creation"
        said = note(dialog, "summary")
        assert "5 objects looked at" in said
        assert "Due now: 1 action (" in said
        assert "In 30 days: 4 actions (" in said
        assert dialog.windowTitle() == f"What Lifecycle Rules Will Do: Home:{BUCKET}"
        assert note(dialog, "source") == "2 rules as saved. The bucket as it is now."
        assert nameless(dialog) == []
        assert out_of_order(dialog) == []
        assert twins(dialog) == []
        await gone(stage, dialog)

    perform(desk, story)


def test_findings_are_filtered_by_kind_rule_text_and_day(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        dialog = await previewed(stage)
        pick(dialog, "kind", Kind.DUE)
        await until(lambda: keys(dialog) == ["tmp/a"])
        pick(dialog, "kind", Kind.ALL)
        pick(dialog, "rule", 0)
        await until(lambda: keys(dialog) == ["logs/0", "logs/1", "logs/2"])
        dialog.findChild(QLineEdit, "text").setText("S/1")
        await until(lambda: keys(dialog) == ["logs/1"])
        dialog.findChild(QLineEdit, "text").clear()
        pick(dialog, "rule", -1)
        await until(lambda: len(keys(dialog)) == 4)
        dialog.chart.setFocus()
        QTest.keyClick(dialog.chart, Qt.Key.Key_Home)  # what is due now
        await until(lambda: keys(dialog) == ["tmp/a"])
        assert "now\ndelete: 1 (" in dialog.chart.accessibleDescription()
        assert note(dialog, "chosen-day").startswith("Only what is due: now. ")
        await gone(stage, dialog)

    perform(desk, story)


def test_a_day_on_which_nothing_happens_says_so(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        dialog = await previewed(stage)
        dialog.chart.setFocus()
        QTest.keyClick(dialog.chart, Qt.Key.Key_End)
        await until(lambda: not keys(dialog))
        day = dialog.chart._bars[-1].when
        assert note(dialog, "chosen-day").startswith(f"Nothing is due: {day}. ")
        assert dialog.findChild(QLabel, "chosen-day").isVisible()
        QTest.keyClick(dialog.chart, Qt.Key.Key_End)  # that day again
        await until(lambda: len(keys(dialog)) == 4)
        assert note(dialog, "chosen-day") == ""
        assert dialog.chart.accessibleDescription() == ""
        await gone(stage, dialog)

    perform(desk, story)


def test_one_looks_again_when_days_or_the_engine_change(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        dialog = await previewed(stage)
        dialog.findChild(QSpinBox, "days").setValue(1)
        await until(lambda: is_done(dialog) and keys(dialog) == ["tmp/a"])
        assert "In 1 day: 1 action (" in note(dialog, "summary")
        dialog.findChild(QSpinBox, "days").setValue(0)
        await until(lambda: is_done(dialog) and "In " not in note(dialog, "summary"))
        pick(dialog, "engine", "first-match")
        await until(lambda: is_done(dialog) and keys(dialog) == ["tmp/a"])
        await gone(stage, dialog)

    perform(desk, story)


def test_enter_in_a_field_closes_nothing(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        dialog = await previewed(stage)
        days = dialog.findChild(QSpinBox, "days")
        days.setFocus()
        days.lineEdit().setText("1")
        QTest.keyClick(days, Qt.Key.Key_Return)
        await until(lambda: is_done(dialog) and "In 1 day: " in note(dialog, "summary"))
        QTest.keyClick(dialog.findChild(QLineEdit, "text"), Qt.Key.Key_Return)
        assert dialog.isVisible()
        press(dialog, "apply")
        apply = await stage.opened(LifecycleApplyDialog)
        await until(lambda: apply.stage is Stage_.PLANNED)
        QTest.keyClick(apply.findChild(QLineEdit, "word"), Qt.Key.Key_Return)
        assert apply.isVisible()
        apply.reject()
        await until(lambda: stage.dialog(LifecycleApplyDialog) is None)
        await gone(stage, dialog)

    perform(desk, story)


def test_what_was_changed_since_is_told_and_looked_at_again(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        dialog = await previewed(stage)
        changed = "The bucket was changed since it was looked at."
        for elsewhere in (ObjectsChanged(HOME, Prefix("b2")), ObjectsChanged(AWAY, Prefix(BUCKET))):
            desk.events.publish(elsewhere)
        assert note(dialog, "outcome") == ""
        desk.events.publish(ObjectsChanged(HOME, Prefix(BUCKET, "logs/")))
        assert changed in note(dialog, "outcome")
        press(dialog, "look")
        await until(lambda: is_done(dialog))
        assert note(dialog, "outcome") == ""
        await gone(stage, dialog)

    perform(desk, story)


def test_what_another_store_may_do_otherwise_is_noted(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, COLD)
        dialog = await previewed(stage)
        assert keys(dialog) == []  # they are small
        tabs = dialog.findChild(QTabWidget)
        assert tabs.tabText(2) == "Notes (1)"
        pick(dialog, "engine", "first-match")
        await until(lambda: is_done(dialog) and len(keys(dialog)) == 5)
        assert tabs.tabText(2) == "Notes"
        await gone(stage, dialog)

    perform(desk, story)


def test_a_bucket_without_rules_says_so(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        dialog = await previewed(stage)
        assert keys(dialog) == []
        assert note(dialog, "outcome") == "The bucket has no lifecycle rules."
        await gone(stage, dialog)

    perform(desk, story)


def test_rules_are_previewed_while_they_are_edited(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS)
        config = await configured(stage)
        page = await turned_to_rules(config)
        page.findChild(QPushButton, "preview").click()
        dialog = await stage.opened(LifecyclePreviewDialog)
        await until(lambda: is_done(dialog))
        assert keys(dialog) == ["logs/0", "logs/1", "logs/2"]
        assert note(dialog, "source").startswith("1 rule as saved.")  # nothing was edited
        await gone(stage, dialog)
        page.replace({"Rules": [PAST]})
        page.findChild(QPushButton, "preview").click()
        dialog = await stage.opened(LifecyclePreviewDialog)
        await until(lambda: is_done(dialog))
        assert keys(dialog) == ["tmp/a"]
        assert note(dialog, "source").startswith("1 rule as edited, not saved.")
        press(dialog, "schedule")
        schedule = await stage.opened(LifecycleScheduleDialog)
        assert "it goes by the rules that are" in note(schedule, "warning")
        schedule.reject()
        await until(lambda: stage.dialog(LifecycleScheduleDialog) is None)
        press(dialog, "apply")
        apply = await stage.opened(LifecycleApplyDialog)
        said = [label.text() for label in apply.findChildren(QLabel)]
        assert any(each.startswith("Home:photos: 1 rule as edited, not saved.") for each in said)
        apply.reject()
        await until(lambda: stage.dialog(LifecycleApplyDialog) is None)
        await gone(stage, dialog)
        assert config.isVisible()
        page.revert()
        config.reject()
        await until(lambda: not config.isVisible())

    perform(desk, story)


def test_what_fails_once_it_is_closed_is_told_nowhere(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    async def fail(*_args: object, **_how: object) -> None:
        begun.set()
        await gate.wait()
        raise UnavailableError("gone")

    async def story(stage: Stage) -> None:
        await filled(stage)
        await tell(stage, LOGS)
        monkeypatch.setattr(LifecycleScheduling, "ask", fail)
        dialog = await previewed(stage)
        press(dialog, "schedule")
        await begun.wait()
        dialog.reject()
        await until(lambda: not isValid(dialog))
        gate.set()
        for _ in range(5):  # of the loop, until it would have been told
            await asyncio.sleep(0)
        assert stage.error == ""

    perform(desk, story)


def test_what_is_shown_is_written_down(desk: Desk, tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await filled(stage)
        await stage.put("tmp/=1+1", FEW_KB)
        await tell(stage, LOGS, PAST)
        dialog = await previewed(stage)
        pick(dialog, "rule", 1)
        await until(lambda: len(keys(dialog)) == 2)
        press(dialog, "export")
        choose(await stage.opened(QFileDialog), tmp_path / "plan.csv")
        await until(lambda: note(dialog, "outcome") == "Written to plan.csv.")
        with (tmp_path / "plan.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(row["key"], row["action"], row["rule"]) for row in rows] == [
            ("tmp/=1+1", "expire", "past"),
            ("tmp/a", "expire", "past"),
        ]
        assert rows[0]["due"] == rows[0]["created"]  # it came after the date
        await gone(stage, dialog)

    perform(desk, story)


class TestApplying:
    """What is due is done by s4desk, once somebody typed the name of the bucket."""

    @staticmethod
    async def planned(stage: Stage) -> LifecycleApplyDialog:
        await filled(stage)
        await tell(stage, LOGS, PAST)
        preview = await previewed(stage)
        press(preview, "apply")
        dialog = await stage.opened(LifecycleApplyDialog)
        await until(lambda: dialog.stage is Stage_.PLANNED)
        return dialog

    @staticmethod
    async def end(stage: Stage, dialog: LifecycleApplyDialog) -> None:
        dialog.reject()
        await until(lambda: stage.dialog(LifecycleApplyDialog) is None)
        preview = stage.dialog(LifecyclePreviewDialog)
        assert preview is not None
        await gone(stage, preview)

    def test_the_plan_is_carried_out_once_it_is_agreed_to(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            dialog = await self.planned(stage)
            assert sums(dialog)["objects that are deleted"] == "1"
            apply = dialog.findChild(QPushButton, "apply")
            assert not apply.isEnabled()
            dialog.findChild(QLineEdit, "word").setText("another")
            assert not apply.isEnabled()
            dialog.findChild(QLineEdit, "word").setText(BUCKET)
            assert (nameless(dialog), out_of_order(dialog), twins(dialog)) == ([], [], [])
            press(dialog, "apply")
            await until(lambda: dialog.stage is Stage_.DONE)
            assert sums(dialog) == {"deleted": "1"}
            await until(lambda: dialog.results.rowCount() == 1)
            assert results(dialog) == [["tmp/a", "", "delete", "done"]]
            assert dialog.windowTitle() == f"Apply Lifecycle Rules to Home:{BUCKET}"
            preview = stage.dialog(LifecyclePreviewDialog)
            assert preview is not None
            assert "changed since it was looked at" in note(preview, "outcome")
            assert await stage.keys() == ["keep", "logs/0", "logs/1", "logs/2"]
            await self.end(stage, dialog)

        perform(desk, story)

    def test_what_came_since_is_left_and_told(self, desk: Desk, tmp_path: Path) -> None:
        async def story(stage: Stage) -> None:
            dialog = await self.planned(stage)
            await stage.put("tmp/a", b"newer")
            dialog.findChild(QLineEdit, "word").setText(BUCKET)
            press(dialog, "apply")
            await until(lambda: dialog.stage is Stage_.DONE)
            assert sums(dialog) == {"changed or gone since, and left": "1"}
            await until(lambda: dialog.results.rowCount() == 1)
            (left,) = results(dialog)
            assert left[3] == "changed since it was planned, and so it stays"
            assert await stage.read("tmp/a") == b"newer"
            press(dialog, "report")
            choose(await stage.opened(QFileDialog), tmp_path / "report.csv")
            await until(lambda: dialog.findChild(QLabel, "outcome").text() != "")
            assert "tmp/a" in (tmp_path / "report.csv").read_text("utf-8-sig")
            await self.end(stage, dialog)

        perform(desk, story)

    def test_nothing_is_done_without_a_word(self, desk: Desk) -> None:
        async def story(stage: Stage) -> None:
            dialog = await self.planned(stage)
            await self.end(stage, dialog)
            assert "tmp/a" in await stage.keys()

        perform(desk, story)

    def test_a_plan_is_handed_over(self, desk: Desk, tmp_path: Path) -> None:
        async def story(stage: Stage) -> None:
            dialog = await self.planned(stage)
            (tmp_path / "jobs").mkdir()
            press(dialog, "manifest")
            chooser = await stage.opened(QFileDialog)
            chooser.setDirectory(str(tmp_path / "jobs"))
            chooser.findChild(QLineEdit, "fileNameEdit").setText(str(tmp_path / "jobs"))
            chooser.accept()
            await until(lambda: dialog.findChild(QLabel, "outcome").text() != "")
            assert (tmp_path / "jobs" / "README.txt").exists()
            assert "tmp/a" in await stage.keys()
            await self.end(stage, dialog)

        perform(desk, story)
