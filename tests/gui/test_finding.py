"""Looking for objects in a folder and below, as a person does it, on a store in memory."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QPushButton

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.store.memory import MemoryStore
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_commands import choose

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


async def find_everywhere(stage: Stage, text: str) -> None:
    store = await stage.store()
    await store.create_bucket("archive")
    await store.put(Location("archive", "old/one.txt"), b"old")
    await stage.show(*KEYS)
    stage.commands.browsing.go(Place(HOME))
    await stage.rested()
    await find(stage, text)


def test_a_whole_connection_is_searched_and_rows_name_the_bucket(desk):
    async def story(stage: Stage) -> None:
        await find_everywhere(stage, "one")
        assert stage.names() == ["archive/old/one.txt", "photos/a/one.txt"]
        assert stage.window.pane.status.text == "2 found, 4 B; 6 searched"
        stage.select("archive/old/one.txt")
        assert stage.window.pane.selection().only == Location("archive", "old/one.txt")
        stage.give(Act.SHOW_IN_FOLDER)
        await stage.rested()
        assert stage.commands.browsing.place == Place(HOME, Prefix("archive", "old/"))
        stage.give(Act.BACK)
        await stage.rested()
        assert len(stage.names()) == 2
        stage.give(Act.UP)
        await stage.rested()
        assert stage.commands.browsing.place == Place(HOME)

    perform(desk, story)


def test_what_was_found_everywhere_acts_like_rows(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await find_everywhere(stage, "*.txt")
        acts = stage.window.acts
        assert not acts[Act.UPLOAD_FILES].isEnabled()
        stage.select("archive/old/one.txt", "photos/five.txt")
        assert not acts[Act.DELETE].isEnabled()
        assert acts[Act.DELETE].statusTip() == "Select objects of one bucket."
        assert not acts[Act.DELETE_BUCKET].isEnabled()
        stage.give(Act.DOWNLOAD)
        chooser = await stage.opened(QFileDialog)
        choose(chooser, tmp_path)
        await until(lambda: len(stage.states) == 2)
        assert {each.spec.source.location.bucket for each in desk.queue.transfers()} == {
            "archive",
            BUCKET,
        }
        stage.select("archive/old/one.txt")
        stage.give(Act.COPY_URI)
        assert QGuiApplication.clipboard().text() == "s3://archive/old/one.txt"
        stage.give(Act.DELETE)
        question = await stage.opened(DeletionDialog)
        QTest.keyClicks(question.findChild(QLineEdit, "word"), "delete")
        delete = question.findChild(QPushButton, "delete")
        await until(delete.isEnabled)
        delete.click()
        await until(lambda: "archive/old/one.txt" not in stage.names())
        with pytest.raises(NotFoundError):
            await (await stage.store()).head(Location("archive", "old/one.txt"))

    perform(desk, story)


def test_a_bucket_that_may_not_be_read_is_said_below_what_was_found(desk, monkeypatch):
    real = MemoryStore.list_objects

    async def refuse(self, prefix, **how):
        if prefix.bucket == "archive":
            raise PermissionDeniedError("AccessDenied", request_id="tx-1")
        return await real(self, prefix, **how)

    monkeypatch.setattr(MemoryStore, "list_objects", refuse)

    async def story(stage: Stage) -> None:
        await find_everywhere(stage, "one")
        assert stage.names() == ["photos/a/one.txt"]
        notice = stage.window.pane.banner.notice
        assert notice.text.startswith("The bucket “archive” could not be searched.")

    perform(desk, story)
