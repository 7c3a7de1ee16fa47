"""How much lies where, in the window: counted, drawn, gone into, written down, priced."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
)

from s4desk.core.domain.identity import Prefix
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.storage import StorageDialog
from s4desk.gui.dialogs.usage_drawing import UsageDrawing
from s4desk.gui.models.usage_table import UsageTableModel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.usage_rows import UsageRow
from tests.gui.reading import out_of_order
from tests.gui.real_store import connection_to, go
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_commands import choose
from tests.servers.client import s3_client
from tests.store.scripted import ScriptedStore

if TYPE_CHECKING:
    from tests.servers.endpoint import Endpoint


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def column(dialog: StorageDialog, number: int = 0) -> list[str]:
    model = dialog.findChild(QTableView).model()
    return [model.index(row, number).data() for row in range(model.rowCount())]


def note(dialog: StorageDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


def button(dialog: StorageDialog, name: str) -> QPushButton:
    return dialog.findChild(QPushButton, name)


async def counted(stage: Stage) -> StorageDialog:
    """The dialog, when all is counted."""
    stage.give(Act.STORAGE_VIEW)
    dialog = await stage.opened(StorageDialog)
    await until(lambda: button(dialog, "count").text() == "&Count Again")
    await until(lambda: column(dialog))
    return dialog


async def gone(stage: Stage, dialog: StorageDialog) -> None:
    dialog.reject()
    await until(lambda: stage.dialog(StorageDialog) is None)


KEYS = {"big/deep/a": 3000, "big/b": 1000, "small/c": 500, "loose": 100}


async def filled(stage: Stage) -> None:
    for key, size in KEYS.items():
        await stage.put(key, b"x" * size)
    await stage.open()


def test_a_bucket_is_gone_into_and_out_of_by_keys(desk):
    async def story(stage: Stage) -> None:
        await filled(stage)
        dialog = await counted(stage)
        assert column(dialog) == ["big/", "small/", "(directly in it)"]
        assert column(dialog, 3) == ["87.0 %", "10.9 %", "2.2 %"]
        assert "4 objects" in note(dialog, "summary")
        drawing = dialog.findChild(UsageDrawing)
        table = dialog.findChild(QTableView)
        drawing.setFocus()
        QTest.keyClick(drawing, Qt.Key.Key_Right)
        assert table.currentIndex().row() == 0
        assert drawing.accessibleDescription().startswith("big/, 3.9 KiB, 2")
        QTest.keyClick(drawing, Qt.Key.Key_Return)
        await until(lambda: column(dialog) == ["deep/", "(directly in it)"])
        assert dialog.prefix == "big/"
        QTest.keyClick(drawing, Qt.Key.Key_Backspace)
        await until(lambda: len(column(dialog)) == 3)
        assert table.currentIndex().row() == 0  # where one comes from
        assert not button(dialog, "up").isEnabled()
        assert out_of_order(dialog) == []
        await gone(stage, dialog)

    perform(desk, story)


def test_a_tile_is_pointed_at_and_leads_to_its_place(desk):
    async def story(stage: Stage) -> None:
        await filled(stage)
        dialog = await counted(stage)
        drawing = dialog.findChild(UsageDrawing)
        corner = QPoint(drawing.width() - 4, drawing.height() - 4)
        QTest.mouseClick(drawing, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        table = dialog.findChild(QTableView)
        assert table.currentIndex().row() == 0
        QTest.mouseClick(drawing, Qt.MouseButton.LeftButton, pos=corner)
        assert table.currentIndex().row() == 2
        QTest.mouseDClick(drawing, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        await until(lambda: "deep/" in column(dialog))
        table.selectRow(0)
        press(dialog, "&Show in Window")
        await until(lambda: stage.commands.browsing.place.prefix == Prefix(BUCKET, "big/deep/"))
        assert dialog.isVisible()
        await gone(stage, dialog)

    perform(desk, story)


def test_a_folder_is_counted_alone(desk):
    async def story(stage: Stage) -> None:
        await filled(stage)
        stage.select("big")
        dialog = await counted(stage)
        assert column(dialog) == ["deep/", "(directly in it)"]
        assert "big" in dialog.windowTitle()
        await gone(stage, dialog)

    perform(desk, story)


def test_counting_is_stopped_and_begun_again(desk):
    async def story(stage: Stage) -> None:
        await filled(stage)
        script = ScriptedStore(await stage.store())
        stage.desk.stores._stores[HOME] = script
        script.open.clear()
        stage.give(Act.STORAGE_VIEW)
        dialog = await stage.opened(StorageDialog)
        await until(lambda: "list_objects" in script.seen)
        press(dialog, "&Stop")
        await until(lambda: "Stopped" in note(dialog, "outcome"))
        script.open.set()
        press(dialog, "&Count Again")
        await until(lambda: len(column(dialog)) == 3)
        assert note(dialog, "outcome") == ""
        await gone(stage, dialog)
        await until(lambda: not script.inside)

    perform(desk, story)


def test_what_it_costs_is_what_somebody_typed(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await filled(stage)
        dialog = await counted(stage)
        assert note(dialog, "cost") == ""
        table = dialog.findChild(QTableView)
        assert table.isColumnHidden(4)
        press(dialog, "&Prices…")
        form = await stage.opened(FormDialog)
        price = form.findChild(QLineEdit, "class-0")
        price.setText("dear")
        assert form.form.errors
        price.setText("1000000")
        form.findChild(QLineEdit, "currency").setText("EUR")
        press(form, "Save")
        await until(lambda: "4.28 EUR a month" in note(dialog, "cost"))
        assert column(dialog, 4)[0] == "3.73 EUR"
        assert not table.isColumnHidden(4)
        await gone(stage, dialog)

    perform(desk, story)

    async def later(stage: Stage) -> None:
        await filled(stage)
        dialog = await counted(stage)
        assert "4.28 EUR a month" in note(dialog, "cost")
        press(dialog, "&Export…")
        choose(await stage.opened(QFileDialog), tmp_path / "storage.csv")
        await until(lambda: (tmp_path / "storage.csv").exists())
        with (tmp_path / "storage.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = {row["name"]: row for row in csv.DictReader(file) if row["kind"] == "folder"}
        assert {name: int(row["bytes"]) for name, row in rows.items()} == {
            "big/": 4000,
            "big/deep/": 3000,
            "small/": 500,
        }
        assert rows["big/"]["cost_per_month"] == "3.72529"
        await gone(stage, dialog)

    perform(memory_desk(tmp_path / "home"), later)


def test_a_real_bucket_by_class_and_age_and_with_old_versions(
    desk, endpoint: Endpoint, bucket: str, monkeypatch
):
    with s3_client(endpoint) as client:
        kept = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}}
        client.put_bucket_versioning(**kept)
        for at in range(3):
            client.put_object(Bucket=bucket, Key="a/x", Body=b"x" * (at + 1))
        client.put_object(Bucket=bucket, Key="gone", Body=b"xxxx")
        client.delete_object(Bucket=bucket, Key="gone")

    async def story(stage: Stage) -> None:
        await go(stage, bucket)
        dialog = await counted(stage)
        assert (column(dialog), column(dialog, 1)) == (["a/"], ["3 B"])
        combo = dialog.findChild(QComboBox, "division")
        combo.setCurrentIndex(combo.findData("classes"))
        await until(lambda: column(dialog) == ["STANDARD"])
        combo.setCurrentIndex(combo.findData("ages"))
        await until(lambda: column(dialog) == ["up to 1 day old"])
        tick = dialog.findChild(QCheckBox, "old")
        await until(lambda: tick.isVisible())
        tick.click()
        await until(lambda: "Of that 3 old versions, 7 B." in note(dialog, "summary"))
        assert "1 delete marker" in note(dialog, "summary")
        await gone(stage, dialog)

    perform(desk, story, connections=(connection_to(endpoint, monkeypatch),))


def test_the_table_keeps_what_a_model_promises(qtmodeltester, qapp):
    model = UsageTableModel()
    told: list[str] = []
    model.modelReset.connect(lambda: told.append("reset"))
    model.dataChanged.connect(lambda *_: told.append("changed"))
    model.show_rows([UsageRow("a/", "a/", 1, "1 B", "1", "100 %")])
    model.show_rows([UsageRow("b/", "b/", 2, "2 B", "1", "100 %")])
    assert told == ["reset", "changed"]
    assert model.index(0, 0).data() == "b/"
    qtmodeltester.check(model)


def test_a_window_that_is_closed_while_it_counts_takes_all_along(desk):
    async def story(stage: Stage) -> None:
        await filled(stage)
        script = ScriptedStore(await stage.store())
        stage.desk.stores._stores[HOME] = script
        script.open.clear()
        stage.give(Act.STORAGE_VIEW)
        await stage.opened(StorageDialog)
        await until(lambda: "list_objects" in script.seen)
        script.open.set()

    perform(desk, story)
