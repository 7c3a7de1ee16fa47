"""The history in the window: what earlier starts moved is found, reported, verified, forgotten."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPushButton, QTableView

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.past_change import ChangeKind, PastChange
from s4desk.core.domain.transfer import Effort, TransferState
from s4desk.core.persist.database import Database
from s4desk.core.persist.history import HistoryEntry, HistoryQuery
from s4desk.core.persist.journal import SqliteJournal
from s4desk.gui.commands import reporting
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.history import HistoryDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.dialogs.settings import SettingsDialog
from s4desk.gui.models.history_table import HistoryTableModel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.history_rows import HistoryColumn
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.transfer.specs import transfer, upload_spec

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import Transfer


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


def upload(path: Path, key: str) -> Transfer:
    spec = upload_spec(path, key, size=3)
    target = replace(spec.target, connection=HOME, location=Location(BUCKET, key))
    done = replace(transfer(1), spec=replace(spec, target=target), attempts=1)
    return replace(done, state=TransferState.COMPLETED, verified="size-only")


async def left_by_an_earlier_start(desk: Desk, *transfers: Transfer) -> None:
    """They ended in a journal before the window of this start was opened."""
    database = Database(desk.database.path)
    await database.open()
    journal = SqliteJournal(database)
    await journal.open()
    added = await journal.add([each.spec for each in transfers])
    for each, kept in zip(transfers, added, strict=True):
        journal.record(replace(each, id=kept.id))
    await journal.aclose()
    await database.aclose()


async def opened(stage: Stage, count: int) -> HistoryDialog:
    stage.give(Act.HISTORY)
    dialog = await stage.opened(HistoryDialog)
    await until(lambda: dialog.model.rowCount() == count)
    return dialog


def press(dialog: QDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button.isEnabled()
    button.click()


def enabled(dialog: HistoryDialog) -> list[str]:
    names = ("folder", "bucket", "verify", "again", "report")
    return [name for name in names if dialog.findChild(QPushButton, name).isEnabled()]


def names(dialog: HistoryDialog) -> list[str]:
    rows = range(dialog.model.rowCount())
    return sorted(dialog.model.index(row, HistoryColumn.NAME).data() for row in rows)


def test_what_an_earlier_start_moved_is_proved_today(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("same", "other"):
        (tmp_path / name).write_text("abc")
    moved = [upload(tmp_path / name, f"in/{name}") for name in ("same", "other")]

    async def story(stage: Stage) -> None:
        assert desk.queue.transfers() == []  # the pane is about this start
        await stage.put("in/same", b"abc")
        await stage.put("in/other", b"abd")
        dialog = await opened(stage, 2)
        assert enabled(dialog) == ["report"]
        dialog.table.selectAll()
        press(dialog, "verify")
        await until(lambda: "failed" in dialog.summary.text())
        states = {each.transfer.spec.target.location.key: each.transfer for each in rows(dialog)}
        assert states["in/same"].verified == "md5"
        assert (states["in/other"].state, states["in/other"].verified) == ("failed", "")
        assert states["in/other"].error
        (await stage.opened(ReviewDialog)).accept()

        async def chosen(*_: object) -> Path:
            return tmp_path / "report.csv"

        monkeypatch.setattr(reporting, "choose_target", chosen)
        press(dialog, "report")
        await until(lambda: (tmp_path / "report.csv").exists())
        text = (tmp_path / "report.csv").read_bytes().decode("utf-8-sig")
        told = {row["source"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
        assert told[str(tmp_path / "same")]["verified"] == "md5"
        assert told[str(tmp_path / "other")]["state"] == "failed"

    asyncio.run(left_by_an_earlier_start(desk, *moved))
    perform(desk, story)


def rows(dialog: HistoryDialog) -> list[HistoryEntry]:
    return [dialog.model.at(row) for row in range(dialog.model.rowCount())]


def test_it_is_searched_and_leads_to_both_ends(desk: Desk, tmp_path: Path):
    (tmp_path / "a.txt").write_text("abc")
    moved = [upload(tmp_path / "a.txt", "in/a.txt"), upload(tmp_path / "gone", "in/b.txt")]
    failed = replace(moved[1], state=TransferState.FAILED, error="no space", verified="")

    async def story(stage: Stage) -> None:
        dialog = await opened(stage, 2)
        dialog.findChild(QLineEdit, "words").setText("SPACE")
        await until(lambda: names(dialog) == ["gone"])
        assert "1 failed" in dialog.summary.text()
        dialog.findChild(QLineEdit, "words").clear()
        dialog.state.setCurrentIndex(1)
        await until(lambda: names(dialog) == ["a.txt"])
        dialog.findChild(QLineEdit, "words").setText("nothing like it")
        await until(lambda: names(dialog) == [])
        assert dialog.table.emptiness == "There is no such transfer."
        dialog.findChild(QLineEdit, "words").clear()
        await until(lambda: names(dialog) == ["a.txt"])
        dialog.table.selectRow(0)
        assert enabled(dialog) == ["folder", "bucket", "verify", "again", "report"]
        press(dialog, "bucket")
        place = Place(HOME, Prefix(BUCKET, "in/"))
        await until(lambda: stage.commands.browsing.place == place)
        assert stage.dialog(HistoryDialog) is dialog  # it stays beside the window

    asyncio.run(left_by_an_earlier_start(desk, moved[0], failed))
    perform(desk, story)


def test_what_was_skipped_or_failed_is_made_again(desk: Desk, tmp_path: Path):
    for name in ("skipped", "failed"):
        (tmp_path / name).write_text("new content")
    old = {name: upload(tmp_path / name, name) for name in ("skipped", "failed", "gone")}
    old["skipped"] = replace(old["skipped"], skipped=True, verified="")
    old["failed"] = replace(old["failed"], state=TransferState.FAILED, error="no", verified="")

    async def story(stage: Stage) -> None:
        (kept,) = desk.queue.transfers()  # what failed stays until it is decided
        dialog = await opened(stage, 3)
        dialog.state.setCurrentIndex(4)
        await until(lambda: names(dialog) == ["skipped"])
        dialog.table.selectAll()
        assert enabled(dialog) == ["folder", "bucket", "again", "report"]
        dialog.state.setCurrentIndex(0)
        await until(lambda: len(names(dialog)) == 3)
        dialog.table.selectAll()
        press(dialog, "again")
        (await stage.opened(ReviewDialog)).accept()  # one file is gone
        await until(lambda: "2 transfers are made again" in dialog.outcome.text())
        await until(lambda: stage.states == [TransferState.COMPLETED] * 2)
        retried, new = desk.queue.transfers()
        assert (retried.id, new.spec.target.location.key) == (kept.id, "skipped")
        assert await stage.read("skipped") == await stage.read("failed") == b"new content"

    asyncio.run(left_by_an_earlier_start(desk, *old.values()))
    perform(desk, story)


def test_what_ends_now_comes_too_and_clearing_forgets_all(desk: Desk, tmp_path: Path):
    (tmp_path / "new").write_text("abc")

    async def story(stage: Stage) -> None:
        dialog = await opened(stage, 1)
        spec = replace(upload(tmp_path / "new", "new").spec, batch="b2")
        await desk.queue.submit([spec])
        await until(lambda: names(dialog) == ["new", "old"])
        desk.queue.clear_finished()
        press(dialog, "clear")
        (await stage.opened(QuestionDialog)).accept()
        await until(lambda: names(dialog) == [])
        dialog.reject()
        await until(lambda: stage.dialog(HistoryDialog) is None)
        await opened(stage, 0)

    asyncio.run(left_by_an_earlier_start(desk, upload(tmp_path / "old", "old")))
    perform(desk, story)


def entry(number: int) -> HistoryEntry:
    done = replace(upload(Path(f"/tmp/{number}"), f"{number}"), effort=Effort(seconds=3, retries=1))
    return HistoryEntry(number, 1_700_000_000.0 - number, done)


def test_the_model_asks_for_pages_one_at_a_time(qtmodeltester, qapp):
    model = HistoryTableModel(lambda _: QIcon())
    asked: list[int] = []
    model.more_wanted.connect(lambda: asked.append(model.rowCount()))
    model.begin([entry(n) for n in range(3)], str, has_more=True)
    for _ in range(2):
        model.fetchMore(QModelIndex())  # the view asks more than once
    assert asked == [3]
    model.add([entry(n) for n in range(3, 5)], has_more=True)
    model.fetchMore(QModelIndex())
    model.give_up()  # it did not come
    model.fetchMore(QModelIndex())
    model.add([], has_more=False)
    assert not model.canFetchMore(QModelIndex())
    assert (asked, model.rowCount(), model.last) == ([3, 5, 5], 5, entry(4))
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: changed.append((top.row(), bottom.row())))
    model.update([replace(entry(n), moment=5.0) for n in (1, 2, 4, 99)])
    assert changed == [(1, 2), (4, 4)]
    assert [model.at(row).moment for row in (0, 1, 4)] == [entry(0).moment, 5.0, 5.0]
    assert model.index(0, HistoryColumn.SIZE).data() == "3 B"
    assert model.index(0, HistoryColumn.VERIFIED).data() == "Size only"
    tip = model.index(0, HistoryColumn.NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert "1 request was sent again" in tip
    qtmodeltester.check(model)


def test_who_wants_none_loses_it_when_the_settings_are_closed(desk: Desk, tmp_path: Path):
    async def story(stage: Stage) -> None:
        await until(desk.history.path.exists)
        stage.give(Act.SETTINGS)
        settings = await stage.opened(SettingsDialog)
        box = settings.findChild(QComboBox, "history_days")
        assert box.currentText() == "30 days"
        box.setCurrentIndex(box.findText("Not at all"))
        box.activated.emit(box.currentIndex())
        await until(lambda: desk.settings.current.history_days == 0)
        assert (await desk.history.count(HistoryQuery())).entries == 1
        settings.reject()
        await until(lambda: b"kept-name" not in desk.history.path.read_bytes())
        dialog = await opened(stage, 0)
        await until(lambda: "The settings can change that" in dialog.table.emptiness)

    asyncio.run(left_by_an_earlier_start(desk, upload(tmp_path / "kept-name", "kept-name")))
    perform(desk, story)


def test_what_is_no_transfer_has_a_list_of_its_own(desk: Desk):
    async def story(stage: Stage) -> None:
        earlier = PastChange(ChangeKind.PROPERTIES, HOME, BUCKET, "in/", 1000, failed=2)
        await desk.note(earlier)
        await desk.note(replace(earlier, done=0, failed=0))
        await stage.show("d/1", "d/2")
        stage.select("d")
        stage.give(Act.DELETE)
        dialog = await stage.opened(DeletionDialog)
        dialog.findChild(QLineEdit, "word").setText("delete")
        press(dialog, "delete")
        await until(lambda: "2 objects deleted" in stage.window.status_bar.currentMessage())

        history = await opened(stage, 0)
        press(history, "changes")
        listed = await stage.opened(ReviewDialog)
        model = listed.findChild(QTableView).model()
        told = [
            [model.index(row, column).data() for column in (0, 2, 3)]
            for row in range(model.rowCount())
        ]
        assert told == [
            [f"Home:{BUCKET}/d/", "2 objects deleted", ""],
            [f"Home:{BUCKET}/in/", "properties of 1\u202f000 objects changed", "2"],
        ]
        listed.reject()

    perform(desk, story)
