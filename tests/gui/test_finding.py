"""Looking for objects in a folder and below, as a person does it, on a store in memory."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from s4desk.core.domain.identity import Location, Prefix
from s4desk.gui.dialogs.base import FormDialog
from s4desk.viewmodels.availability import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until

KEYS = ("a/one.txt", "a/b/two.txt", "a/b/three.log", "c/four.txt", "five.txt")


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def find(stage: Stage, text: str, where: str = "") -> None:
    before = stage.commands.browsing.place
    stage.give(Act.FIND)
    dialog = await stage.opened(FormDialog)
    QTest.keyClicks(dialog.findChild(QLineEdit, "name"), text)
    if where:
        box = dialog.findChild(QComboBox, "scope")
        box.setCurrentIndex(box.findData(where))
    press(dialog, "&Find")
    await until(lambda: stage.commands.browsing.place != before)
    await stage.rested()


def test_what_is_found_below_is_shown_with_its_path(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS, prefix="a/")
        await find(stage, "*.txt")
        assert stage.names() == ["b/two.txt", "one.txt"]
        assert stage.window.pane.status.text == "2 found, 2 B; 3 searched"
        await find(stage, "T", "bucket")
        assert stage.names() == sorted(KEYS)

    perform(desk, story)


def test_going_back_leaves_the_search_and_up_leads_to_where_it_began(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS, prefix="a/")
        await find(stage, "log")
        assert stage.names() == ["b/three.log"]
        stage.give(Act.UP)
        await stage.rested()
        assert stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "a/"))
        stage.give(Act.BACK)
        await stage.rested()
        assert stage.names() == ["b/three.log"]
        stage.give(Act.BACK)
        await stage.rested()
        assert stage.names() == ["b", "one.txt"]

    perform(desk, story)


def test_results_are_rows_also_where_folders_are_a_tree(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        stage.give(Act.SHOW_TREE)
        await find(stage, "three")
        stage.select("a/b/three.log")
        assert stage.window.pane.selection().only == Location(BUCKET, "a/b/three.log")
        stage.give(Act.UP)
        await stage.rested()
        assert stage.window.pane.tree.isVisible()

    perform(desk, story)


def test_nothing_found_says_how_much_was_searched(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        await find(stage, "nowhere")
        notice = stage.window.pane.page.notice
        assert (notice.title, notice.text) == ("Nothing found", "All 5 objects were searched.")

    perform(desk, story)


def test_what_is_written_meanwhile_does_not_start_the_search_again(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        await find(stage, "*.txt")
        stage.window.pane.remove([Location(BUCKET, "five.txt")])
        assert stage.names() == ["a/b/two.txt", "a/one.txt", "c/four.txt"]
        meta = await (await stage.store()).head(Location(BUCKET, "five.txt"))
        assert stage.window.pane.merge([meta])
        assert "five.txt" not in stage.names()

    perform(desk, story)


def test_what_was_found_is_shown_in_its_folder(desk):
    async def story(stage: Stage) -> None:
        await stage.show(*KEYS)
        await find(stage, "three")
        stage.select("a/b/three.log")
        stage.give(Act.SHOW_IN_FOLDER)
        await stage.rested()
        assert stage.commands.browsing.place == Place(HOME, Prefix(BUCKET, "a/b/"))
        assert stage.window.pane.selection().only == Location(BUCKET, "a/b/three.log")
        assert not stage.window.acts[Act.SHOW_IN_FOLDER].isEnabled()

    perform(desk, story)
