"""Nothing that writes is offered in a failover group while its first member is down or used up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLineEdit, QPushButton

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.failover.usage import Usage
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.deletion_text import Keeping, confirmation_word
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_commands import entries, menu
from tests.gui.test_group_home import photos, used
from tests.gui.test_grouping import AWAY, GROUP, PHOTOS, STORES

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

WRITES = (Act.UPLOAD_FILES, Act.NEW_FOLDER, Act.RENAME, Act.MOVE_TO, Act.PROPERTIES, Act.DELETE)
VAULT = "vault"
LIMIT = 500
DRILL = "Nothing can be written: Home is pretended to be down."


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Desk:
    return memory_desk(tmp_path / "home")


def offered(stage: Stage) -> list[Act]:
    return [each for each in WRITES if stage.window.acts[each].isEnabled()]


def told(stage: Stage, act: Act) -> str:
    return stage.window.acts[act].statusTip()


def test_in_a_drill_nothing_that_writes_is_offered(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.put("a.txt")
        stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET)))
        await until(lambda: stage.names() == ["a.txt"])
        stage.select("a.txt")
        assert offered(stage) == list(WRITES)
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        await until(lambda: not offered(stage))
        assert "Home is pretended to be down" in told(stage, Act.UPLOAD_FILES)
        assert stage.window.acts[Act.DOWNLOAD].isEnabled()
        stage.commands.browsing.go(Place(HOME, Prefix(BUCKET)))
        await stage.rested()
        assert stage.window.acts[Act.UPLOAD_FILES].isEnabled()
        stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET)))
        assert not stage.window.acts[Act.UPLOAD_FILES].isEnabled()
        desk.groups.pretend_down(GROUP, HOME, is_down=False)
        await until(lambda: stage.window.acts[Act.UPLOAD_FILES].isEnabled())

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_what_is_empty_invites_nobody_while_nothing_can_be_written(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET)))
        await stage.rested()
        page = stage.window.pane.page
        assert "Drop files" in page.notice.text
        assert page.drop_target == Prefix(BUCKET)
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        await until(lambda: "Home is pretended to be down" in page.notice.text)
        assert (page.notice.remedies, page.drop_target) == ((), None)
        desk.groups.pretend_down(GROUP, HOME, is_down=False)
        await until(lambda: "Drop files" in page.notice.text)

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_what_is_previewed_is_not_edited_while_nothing_can_be_written(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        for member in (HOME, AWAY):
            await (await desk.stores.get(member)).put(Location(BUCKET, "a.txt"), b"words")
        stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET)))
        await until(lambda: stage.names() == ["a.txt"])
        stage.select("a.txt")
        panel = stage.window.findChild(PreviewPanel)
        edit = panel.findChild(QPushButton, "edit")
        stage.give(Act.PREVIEW)
        await until(edit.isVisible)
        assert (edit.isEnabled(), edit.toolTip()) == (True, "")
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        await until(lambda: not edit.isEnabled())
        assert DRILL in edit.toolTip()
        panel.left.emit()
        stage.commands.browsing.go(Place(HOME, Prefix(BUCKET)))
        await stage.rested()
        stage.select("a.txt")
        panel.let_edit("as it was before")
        stage.give(Act.PREVIEW)
        await until(edit.isVisible)
        assert edit.isEnabled()

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_who_is_used_up_may_still_be_tidied_up(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        await stage.put("a.txt")
        stage.commands.browsing.go(Place(GROUP, Prefix("albums")))
        await until(lambda: stage.names() == ["a.txt"])
        stage.select("a.txt")
        await until(lambda: offered(stage) == [Act.DELETE])
        assert "Home is used up for this month" in told(stage, Act.NEW_FOLDER)

    perform(desk, story, connections=photos(requests=2))


@pytest.mark.parametrize("with_versions", [False, True])
def test_what_is_named_is_deleted_at_who_is_used_up(desk: Desk, with_versions: bool) -> None:
    async def story(stage: Stage) -> None:
        home = await stage.store()
        await home.create_bucket(VAULT, with_lock=True)
        place = Location(VAULT, "a.txt")
        await home.put(place, b"x")
        shown = Place(GROUP, Prefix(VAULT), versions=with_versions)
        stage.commands.browsing.go(shown)
        await until(lambda: stage.names() == ["a.txt"])
        await until(lambda: stage.commands.locks.is_locking(GROUP, VAULT))
        rest = LIMIT - used(desk)
        desk.groups._state(GROUP).meter.count(HOME, Usage(requests=rest))
        stage.select("a.txt")
        stage.give(Act.DELETE)
        dialog = await stage.opened(DeletionDialog)
        dialog.findChild(QLineEdit, "word").setText(confirmation_word(Keeping.UNKNOWN))
        press(dialog, "&Delete")
        await until(lambda: home.buckets[VAULT].newest("a.txt") is None)

    perform(desk, story, connections=photos(requests=LIMIT))


def test_no_bucket_is_made_or_deleted_while_nothing_can_be_written(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        make, delete = (stage.window.acts[each] for each in (Act.NEW_BUCKET, Act.DELETE_BUCKET))
        stage.commands.browsing.go(Place(GROUP))
        await until(lambda: stage.window.pane.status.folders)
        stage.window.pane.select_all()
        assert make.isEnabled()
        assert delete.isEnabled()
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        await until(lambda: not make.isEnabled() and not delete.isEnabled())
        assert "Home is pretended to be down" in told(stage, Act.NEW_BUCKET)
        assert "Home is pretended to be down" in told(stage, Act.DELETE_BUCKET)
        # A bucket is made at the connection that is chosen in the tree.
        stage.window.tree.reveal(Place(HOME))
        await until(make.isEnabled)
        desk.groups.pretend_down(GROUP, HOME, is_down=False)

    perform(desk, story, connections=(*STORES, PHOTOS))


def test_menus_of_the_tree_and_of_folders_say_why_nothing_can_be_written(desk: Desk) -> None:
    async def story(stage: Stage) -> None:
        for id_ in (HOME, AWAY):
            await (await desk.stores.get(id_)).put(Location(BUCKET, "sub/a"), b"x")
        pane, at = stage.window.pane, QPoint(0, 0)
        stage.commands.browsing.go(Place(GROUP, Prefix(BUCKET)))
        await until(lambda: stage.names() == ["sub"])
        desk.groups.pretend_down(GROUP, HOME, is_down=True)
        menus = (
            (Place(GROUP), {"New Bucket…"}),
            (
                Place(GROUP, Prefix(BUCKET)),
                {"Upload Files…", "New Folder…", "Delete Bucket…"},
            ),
            (Place(GROUP, Prefix(BUCKET, "sub/")), {"Rename…", "Cut", "Delete…"}),
        )
        for place, texts in menus:
            stage.window.tree.menu_requested.emit(place, at)
            shown = entries()
            assert not {each for each in texts if shown[each].isEnabled()}
            assert {shown[each].statusTip() for each in texts} == {DRILL}
            assert shown["Open"].isEnabled()
            menu().close()
        pane.select_all()
        pane.menu_requested.emit(pane.selection(), at)
        shown = entries()
        for each in ("Upload Here…", "New Folder Here…", "Paste Here"):
            assert (shown[each].isEnabled(), shown[each].statusTip()) == (False, DRILL)
        assert shown["Sync This Folder…"].isEnabled()
        menu().close()
        stage.window.tree.menu_requested.emit(Place(HOME, Prefix(BUCKET)), at)
        assert entries()["Upload Files…"].isEnabled()
        menu().close()

    perform(desk, story, connections=(*STORES, PHOTOS))
