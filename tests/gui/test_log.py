"""The log in its window: read, narrowed, followed, copied; also when there is a lot of it."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from s4desk.core.runtime.log_file import LogRecord
from s4desk.core.runtime.logs import BLOT, FILE_NAME, redact
from s4desk.gui.commands import log_reading
from s4desk.gui.dialogs.log import LogDialog
from s4desk.gui.models.log_table import LogTableModel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.log_rows import LogColumn, LogQuery
from tests.gui.models.fakes import no_icons
from tests.gui.stage import Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

MANY = 100_000


@pytest.fixture
def desk(qapp, tmp_path, monkeypatch):
    monkeypatch.setattr(log_reading, "LOOK_EVERY_S", 0.01)
    return memory_desk(tmp_path / "home")


def line(words: str, level: str = "INFO") -> str:
    return f"2026-11-20 22:00:00.123 {level:7} MainThread s4desk.core.test: {words}\n"


def write(folder: Path, *lines: str) -> None:
    with (folder / FILE_NAME).open("a", encoding="utf-8") as file:
        file.writelines(lines)


def messages(dialog: LogDialog) -> list[str]:
    model = dialog.model
    return [model.index(row, LogColumn.MESSAGE).data() for row in range(model.rowCount())]


async def opened(stage: Stage) -> LogDialog:
    stage.give(Act.SHOW_LOGS)
    await until(lambda: stage.dialog(LogDialog) is not None)
    dialog = stage.dialog(LogDialog)
    assert dialog is not None
    return dialog


def test_the_log_is_shown_narrowed_and_copied(desk):
    redact("not-for-anybody")

    async def story(stage: Stage) -> None:
        write(desk.folders.logs, line("one"), line("two", "WARNING"), line("not-for-anybody"))
        dialog = await opened(stage)
        await until(lambda: messages(dialog) == ["one", "two", BLOT])
        dialog.level.setCurrentIndex(dialog.level.findData(logging.WARNING))
        await until(lambda: messages(dialog) == ["two"])
        assert dialog.outcome.text() == "1 of 3 records"
        dialog.level.setCurrentIndex(0)
        QTest.keyClicks(dialog.words, "test: o")
        await until(lambda: messages(dialog) == ["one"])
        dialog.words.clear()
        await until(lambda: len(messages(dialog)) == 3)
        dialog.table.selectAll()
        assert dialog.text.toPlainText().count("\n") == 2
        dialog.findChild(QPushButton, "copy").click()
        copied = QApplication.clipboard().text()
        assert copied.startswith("2026-11-20 22:00:00.123 INFO")
        assert "anybody" not in copied
        dialog.close()

    perform(desk, story)


def test_it_is_followed_as_long_as_that_is_wanted(desk):
    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        write(desk.folders.logs, line("one"))
        await until(lambda: messages(dialog) == ["one"])
        dialog.follow.setChecked(False)
        await until(lambda: stage.commands.log_reading._following is None)
        write(desk.folders.logs, line("two"))
        await asyncio.sleep(0.05)
        assert messages(dialog) == ["one"]
        dialog.follow.setChecked(True)
        await until(lambda: messages(dialog) == ["one", "two"])
        dialog.close()
        await until(lambda: stage.commands.log_reading._following is None)
        assert len(messages(await opened(stage))) < 3
        await until(lambda: messages(stage.dialog(LogDialog)) == ["one", "two"])

    perform(desk, story)


def test_a_log_that_cannot_be_read_says_so(desk):
    (desk.folders.logs / FILE_NAME).mkdir()

    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        await until(lambda: FILE_NAME in dialog.outcome.text())
        dialog.close()

    perform(desk, story)


def test_a_hundred_thousand_records_do_not_hold_up_the_window(desk):
    some = [line(f"number {at}", "ERROR" if at % 100 == 0 else "INFO") for at in range(MANY)]

    async def story(stage: Stage) -> None:
        write(desk.folders.logs, *some)
        late: list[float] = []

        async def measure() -> None:
            while True:
                started = time.monotonic()
                await asyncio.sleep(0.005)
                late.append(time.monotonic() - started)

        measuring = asyncio.ensure_future(measure())
        dialog = await opened(stage)
        await until(lambda: dialog.model.rowCount() == MANY)
        dialog.level.setCurrentIndex(dialog.level.findData(logging.ERROR))
        await until(lambda: dialog.model.rowCount() == MANY // 100)
        dialog.words.setText("number 99900")
        await until(lambda: dialog.model.rowCount() == 1)
        measuring.cancel()
        assert max(late) < 0.5
        dialog.close()

    perform(desk, story)


def records(first: int, last: int) -> list[LogRecord]:
    return [LogRecord(logging.INFO, line(f"{at}").rstrip()) for at in range(first, last)]


def shown(model: LogTableModel) -> list[str]:
    return [model.index(at, LogColumn.MESSAGE).data() for at in range(model.rowCount())]


def test_the_table_keeps_the_newest_and_stays_narrowed(qtmodeltester):
    model = LogTableModel(no_icons, most=4)
    model.add(records(0, 4))
    model.show(LogQuery(words="test: 1"), [1], 3)
    assert shown(model) == ["1"]
    model.add(records(10, 14))
    assert shown(model) == ["1", "10", "11", "12", "13"]
    model.add(records(14, 15))
    assert shown(model) == ["11", "12", "13", "14"]
    assert model.dropped == 5
    qtmodeltester.check(model)
