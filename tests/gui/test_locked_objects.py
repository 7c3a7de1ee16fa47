"""What is locked cannot be deleted, moved or overwritten: from no menu, key or drag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialogButtonBox, QMenu, QTableView

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotFoundError, UnavailableError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.lock import LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.transfer import ConflictPolicy, TransferState
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.locked import LockedDialog
from s4desk.gui.dialogs.sync import SyncDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.clip import Clip, Deed
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.selection import Selection
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until
from tests.gui.test_syncing import compared, tick_delete
from tests.store.configs import put_config

if TYPE_CHECKING:
    from s4desk.core.store.memory import MemoryStore

HELD = Attributes(lock=LockState(legal_hold=True))


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def vault(stage: Stage) -> MemoryStore:
    """Show a bucket with Object Lock: `held` and `dir/held` are locked, `free` is not."""
    store = await stage.store()
    await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    await put_config(store, BUCKET, ConfigKind.OBJECT_LOCK, {"ObjectLockEnabled": "Enabled"})
    for key in ("held", "dir/held"):
        await store.put(Location(BUCKET, key), b"locked", attributes=HELD)
    await stage.show("free")
    return store


async def versions(store: MemoryStore, key: str) -> int:
    page = await store.list_versions(Prefix(BUCKET, key))
    return sum(each.location.key == key for each in page.versions)


async def untouched(stage: Stage) -> bool:
    """Whether what is locked is seen as it was, with one version each, and nothing else is new."""
    store = await stage.store()
    counts = [await versions(store, key) for key in ("held", "dir/held")]
    is_same = await stage.read("held") == await stage.read("dir/held") == b"locked"
    return is_same and counts == [1, 1]


async def locked(stage: Stage) -> LockedDialog:
    """Where the question is, nothing else has been asked."""
    return await stage.opened(LockedDialog)


def shown(dialog: LockedDialog) -> list[str]:
    model = dialog.findChild(QTableView).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def close(dialog: LockedDialog) -> None:
    kind = QDialogButtonBox.StandardButton
    box = dialog.findChild(QDialogButtonBox)
    (box.button(kind.Close) or box.button(kind.Cancel)).click()


async def known(stage: Stage) -> None:
    table = stage.window.pane.table
    await until(lambda: table.model().index(stage.names().index("held"), 7).data() == "Hold")


def test_keys_and_menus_do_nothing_to_what_is_known_to_be_locked(desk):
    async def story(stage: Stage) -> None:
        await vault(stage)
        await known(stage)
        window, table = stage.window, stage.window.pane.table
        stage.select("held")
        for act in (Act.DELETE, Act.RENAME, Act.CUT, Act.MOVE_TO):
            assert not window.acts[act].isEnabled()
            assert "“held” is locked (legal hold)" in window.acts[act].toolTip()
        table.setFocus()
        for key in (Qt.Key.Key_Delete, Qt.Key.Key_F2):
            QTest.keyClick(table, key)
        QTest.keyClick(table, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
        assert stage.commands.clipping.clip is None
        assert table.indexWidget(table.currentIndex()) is None
        table.menu_requested.emit(table.mapToGlobal(table.rect().center()))
        menu = next(each for each in window.findChildren(QMenu) if each.isVisible())
        states = {action.text(): action.isEnabled() for action in menu.actions()}
        assert not states["&Delete…"]
        assert not states["Re&name…"]
        assert states["Hid&e Under Delete Marker…"]
        menu.close()
        stage.select("free")
        assert not window.acts[Act.HIDE].isEnabled()
        assert window.acts[Act.DELETE].isEnabled()
        assert await untouched(stage)

    perform(desk, story)


def test_a_drag_moves_nothing_that_is_known_to_be_locked(desk):
    async def story(stage: Stage) -> None:
        await vault(stage)
        await known(stage)
        stage.select("held")
        clip = Clip(HOME, stage.window.pane.selection())
        judge, target = stage.commands.dropping.judge_here, Prefix(BUCKET, "dir/")
        assert judge(clip, target, None) is None
        assert judge(clip, target, Deed.MOVE) is None
        assert judge(clip, target, Deed.COPY) is Deed.COPY
        stage.select("free")
        assert judge(Clip(HOME, stage.window.pane.selection()), target, None) is Deed.MOVE

    perform(desk, story)


@pytest.mark.parametrize("what", ["object", "folder"])
def test_where_nobody_knows_the_store_is_asked_first(desk, what):
    """Deleting, moving and renaming of what was never on the screen."""

    async def story(stage: Stage) -> None:
        await vault(stage)
        c = stage.commands
        place = Location(BUCKET, "dir/held") if what == "object" else Prefix(BUCKET, "dir/")
        chosen = Selection(Prefix(BUCKET), [], [place])
        if what == "folder":
            chosen = Selection(Prefix(BUCKET), [place])
        else:
            chosen.sizes.append(6)
            chosen.modified.append(1.0)
        stage.session.run_call(lambda: c.deleting.objects(HOME, chosen))
        dialog = await locked(stage)
        assert shown(dialog) == ["dir/held"]
        box = dialog.findChild(QDialogButtonBox)
        assert not box.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
        close(dialog)
        await until(lambda: stage.dialog(LockedDialog) is None)
        assert stage.dialog(DeletionDialog) is None

        clip = Clip(HOME, chosen, is_cut=True)
        c.dropping.drop(clip, Place(HOME, Prefix(BUCKET, "else/")), Deed.MOVE)
        dialog = await locked(stage)
        assert not hasattr(dialog, "override")
        close(dialog)
        await until(lambda: stage.dialog(LockedDialog) is None)

        stage.session.run_call(lambda: c.renaming.rename(HOME, place, "other"))
        close(await locked(stage))
        await until(lambda: stage.dialog(LockedDialog) is None)
        assert stage.states == []
        assert await untouched(stage)

    perform(desk, story)


def test_what_is_cut_before_it_was_locked_is_not_pasted(desk):
    async def story(stage: Stage) -> None:
        store = await vault(stage)
        stage.select("free")
        stage.give(Act.CUT)
        await store.put_legal_hold(Location(BUCKET, "free"), is_on=True)
        await stage.open("dir/")
        stage.give(Act.PASTE)
        close(await locked(stage))
        await until(lambda: stage.dialog(LockedDialog) is None)
        assert stage.commands.clipping.clip is not None
        assert await stage.keys() == ["dir/held", "free", "held"]

    perform(desk, story)


def test_files_go_onto_a_locked_object_only_after_a_tick(desk, tmp_path):
    file = tmp_path / "held"
    file.write_bytes(b"new")

    async def story(stage: Stage) -> None:
        store = await vault(stage)

        async def upload() -> LockedDialog:
            pane = stage.window.pane
            pane.files_dropped.emit([file], Prefix(BUCKET))
            conflicts = await stage.opened(ConflictDialog)
            conflicts.findChild(QAbstractButton, ConflictPolicy.OVERWRITE).click()
            conflicts.accept()
            return await locked(stage)

        close(await upload())
        await until(lambda: stage.dialog(LockedDialog) is None)
        assert stage.states == []
        assert await untouched(stage)
        dialog = await upload()
        dialog.override.setChecked(True)
        press(dialog, "&Go On")
        await until(lambda: stage.states == [TransferState.COMPLETED])
        assert await versions(store, "held") == 2
        assert await stage.read("held") == b"new"

    perform(desk, story)


def test_what_is_locked_can_be_hidden_by_who_says_so(desk):
    async def story(stage: Stage) -> None:
        store = await vault(stage)
        await known(stage)
        stage.select("held")
        stage.give(Act.HIDE)
        dialog = await stage.opened(DeletionDialog)
        assert dialog.windowTitle() == "Hide"
        press(dialog, "&Hide")
        await until(lambda: "held" not in stage.names())
        page = await store.list_versions(Prefix(BUCKET, "held"))
        assert [each.is_delete_marker for each in page.versions] == [True, False]
        assert page.versions[1].location.key == "held"

    perform(desk, story)


def test_a_sync_stops_before_what_is_locked(desk, tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "free").write_bytes(b"another one")

    async def story(stage: Stage) -> None:
        await vault(stage)
        dialog = await compared(stage, folder)
        tick_delete(dialog)
        press(dialog, "&Sync")
        question = await stage.opened(DeletionDialog)
        question.accept()
        warning = await locked(stage)
        assert shown(warning) == ["dir/held", "held"]
        close(warning)
        await until(lambda: stage.dialog(LockedDialog) is None)
        assert stage.dialog(SyncDialog) is not None
        dialog.reject()
        assert stage.states == []
        assert await untouched(stage)

    perform(desk, story)


def test_a_store_that_cannot_be_asked_stops_the_act(desk):
    async def story(stage: Stage) -> None:
        store = await vault(stage)
        chosen = Selection(Prefix(BUCKET), [Prefix(BUCKET, "dir/")])

        async def failing(*_: object, **__: object) -> None:
            raise UnavailableError("no", operation="head")

        store.head = failing  # type: ignore[method-assign]
        stage.session.run_call(lambda: stage.commands.deleting.objects(HOME, chosen))
        await until(lambda: stage.error)
        assert stage.dialog(DeletionDialog) is None

        async def gone(location: Location, **_: object) -> None:
            raise NotFoundError("NoSuchKey", operation="head", location=location)

        store.head = gone  # type: ignore[method-assign]
        stage.session.run_call(lambda: stage.commands.deleting.objects(HOME, chosen))
        (await stage.opened(DeletionDialog)).reject()

    perform(desk, story)


def test_a_folder_that_is_renamed_is_looked_through(desk):
    async def story(stage: Stage) -> None:
        await vault(stage)
        stage.select("dir")
        stage.give(Act.RENAME)
        dialog = await stage.opened(FormDialog)
        dialog.form.edit("name", "other")
        dialog.submitted.emit()
        close(await locked(stage))
        assert await untouched(stage)

    perform(desk, story)
