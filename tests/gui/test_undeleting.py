"""Undeleting in the window: what is meant and no more, what fails, and what is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QTableView

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import DeleteFailure
from s4desk.gui.commands.undeleting import FEW
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.dialogs.undeletion import UndeletionDialog
from s4desk.gui.models.cells import ENTRY_ROLE
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.store.configs import put_config

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.core.store.memory import MemoryStore

MANY = FEW + 10


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


async def deleted(stage: Stage, *keys: str) -> MemoryStore:
    """Keys that are under delete markers, beside one that is not."""
    store = await stage.store()
    await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    for key in (*keys, "there"):
        await store.put(Location(BUCKET, key), key.encode())
    for key in keys:
        await store.delete(Location(BUCKET, key))
    return store


async def asked(stage: Stage) -> UndeletionDialog:
    """The dialog, when all was looked at."""
    stage.give(Act.UNDELETE)
    dialog = await stage.opened(UndeletionDialog)
    await until(lambda: "Looking" not in said(dialog))
    return dialog


def said(dialog: UndeletionDialog) -> str:
    label = dialog.findChild(QLabel, "tally")
    assert label is not None
    return label.text()


def message(stage: Stage) -> str:
    assert stage.window is not None
    return stage.window.status_bar.currentMessage()


def select_markers(stage: Stage, *keys: str) -> None:
    assert stage.window is not None
    table = stage.window.pane.table
    model, wanted = table.model(), {Location(BUCKET, key) for key in keys}
    rows = [
        row
        for row in range(model.rowCount())
        if model.index(row, 0).data(ENTRY_ROLE) in wanted
        and (row == 0 or model.index(row - 1, 0).data() != model.index(row, 0).data())
    ]
    table.select_rows(rows)


def test_of_many_that_are_selected_no_others_come_back(desk):
    keys = [f"{number:03}" for number in range(MANY + 5)]

    async def story(stage: Stage) -> None:
        await deleted(stage, *keys)
        await stage.open()
        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        select_markers(stage, *keys[:MANY])
        dialog = await asked(stage)
        assert said(dialog) == f"{MANY} of {MANY} objects are deleted, and can be undeleted."
        table = dialog.findChild(QTableView)
        assert table.model().rowCount() == MANY
        press(dialog, "&Undelete")
        await until(lambda: f"{MANY} objects are undeleted" in message(stage))
        assert await stage.keys() == [*keys[:MANY], "there"]

    perform(desk, story)


def test_a_folder_is_undeleted_from_the_tree_or_where_it_is_selected(desk):
    async def story(stage: Stage) -> None:
        store = await deleted(stage, "d/1", "d/2", "e/1")
        await store.put(Location(BUCKET, "d/3"), b"3")
        await stage.open()
        stage.select("d")
        dialog = await asked(stage)
        assert said(dialog) == "2 of 3 objects are deleted, and can be undeleted."
        press(dialog, "&Undelete")
        await until(lambda: "2 objects are undeleted" in message(stage))
        assert await stage.keys() == ["d/1", "d/2", "d/3", "there"]

    perform(desk, story)


def test_only_what_has_a_tick_comes_back(desk):
    async def story(stage: Stage) -> None:
        await deleted(stage, "a", "b", "c", "d")
        await stage.open()
        dialog = await asked(stage)
        table, button = dialog.findChild(QTableView), dialog.findChild(QPushButton, "undelete")
        model = table.model()
        ticks = [model.index(row, 0).data(Qt.ItemDataRole.CheckStateRole) for row in range(4)]
        assert ticks == [Qt.CheckState.Checked] * 4
        press(dialog, "Tick &None")
        assert not button.isEnabled()
        assert dialog.isVisible()

        table.setFocus()
        # Wherever the cursor is in a row, Space is about all rows that are selected.
        table.setCurrentIndex(model.index(1, 2))
        QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(table, Qt.Key.Key_Space)
        assert dialog.chosen == [1, 2]
        assert button.text() == "&Undelete 2"
        QTest.keyClick(table, Qt.Key.Key_Space)
        assert dialog.chosen == []
        is_on = Qt.CheckState.Checked
        model.setData(model.index(2, 0), is_on, Qt.ItemDataRole.CheckStateRole)
        model.setData(model.index(0, 0), is_on, Qt.ItemDataRole.CheckStateRole)
        press(dialog, "&Undelete 2")
        await until(lambda: "2 objects are undeleted" in message(stage))
        assert await stage.keys() == ["a", "c", "there"]
        (past,) = await desk.history.changes()
        assert (past.kind, past.bucket, past.done) == ("undeleted", BUCKET, 2)

    perform(desk, story)


def test_a_folder_of_delete_markers_offers_to_undelete(desk):
    async def story(stage: Stage) -> None:
        await deleted(stage, "d/1", "d/2")
        await stage.open()
        stage.commands.browsing.go(Place(HOME, Prefix(BUCKET, "d/")))
        await stage.rested()
        (offer,) = [
            each
            for each in stage.window.pane.findChildren(QPushButton)
            if each.isVisible() and each.text() == "Undelete…"
        ]
        words = [each.text() for each in stage.window.pane.findChildren(QLabel) if each.isVisible()]
        assert "What was here is deleted" in words
        offer.click()
        dialog = await stage.opened(UndeletionDialog)
        await until(lambda: "Looking" not in said(dialog))
        assert said(dialog) == "2 of 2 objects are deleted, and can be undeleted."
        press(dialog, "&Undelete")
        await until(lambda: stage.names() == ["1", "2"])
        assert not offer.isVisible()

    perform(desk, story)


def test_what_cannot_be_undeleted_is_told(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        store = await deleted(stage, "a", "b")
        honest = store.delete_many

        async def refusing(bucket, doomed, **how):
            refused = [each for each in doomed if each.key == "a"]
            await honest(bucket, [each for each in doomed if each.key != "a"], **how)
            return [DeleteFailure(each, "AccessDenied", "no") for each in refused]

        monkeypatch.setattr(store, "delete_many", refusing)
        await stage.open()
        press(await asked(stage), "&Undelete")
        report = await stage.opened(ReviewDialog)
        words = " ".join(label.text() for label in report.findChildren(QLabel))
        assert words == "1 object is undeleted. 1 could not be."
        model = report.findChild(QTableView).model()
        assert [model.index(0, column).data() for column in (0, 1)] == ["a", "AccessDenied: no"]
        report.reject()
        assert await stage.keys() == ["b", "there"]

    perform(desk, story)


def test_what_cannot_be_looked_at_is_left_alone(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        store = await deleted(stage, "a")
        await stage.open()

        async def failing(*_where, **_how):
            raise UnavailableError("not now", operation="list_versions")

        monkeypatch.setattr(store, "list_versions", failing)
        dialog = await asked(stage)
        assert not dialog.findChild(QPushButton, "undelete").isEnabled()
        dialog.reject()
        await until(lambda: stage.dialog(UndeletionDialog) is None)
        assert await stage.keys() == ["there"]

    perform(desk, story)


def test_a_place_keeps_how_it_is_looked_at(desk):
    async def story(stage: Stage) -> None:
        await deleted(stage, "d/1", "a")
        await stage.open()
        browsing, acts = stage.commands.browsing, stage.window.acts
        stage.give(Act.SHOW_VERSIONS)
        browsing.go(Place(HOME, Prefix(BUCKET, "d/")))
        await stage.rested()
        assert acts[Act.SHOW_VERSIONS].isChecked()
        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        assert stage.names() == []
        browsing.back()
        await stage.rested()
        assert acts[Act.SHOW_VERSIONS].isChecked()
        assert stage.names() == ["1", "1"]
        # Only the table has room for versions; the tree comes when they go.
        acts[Act.SHOW_TREE].trigger()
        assert stage.window.pane.table.isVisible()
        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        assert stage.window.pane.tree.isVisible() or stage.names() == []

    perform(desk, story)


def test_a_marker_has_nothing_to_open(desk):
    async def story(stage: Stage) -> None:
        await deleted(stage, "a")
        await stage.open()
        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        table = stage.window.pane.table
        table.setCurrentIndex(table.model().index(0, 0))
        assert not stage.window.acts[Act.OPEN].isEnabled()
        QTest.keyClick(table, Qt.Key.Key_Return)
        await until(lambda: "delete marker" in message(stage))

    perform(desk, story)
