"""Cut, copy, paste, rename, duplicate and move, as a person does them, on a store in memory."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStyle,
    QStyleOptionViewItem,
)

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.lock import LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.transfer import TransferState
from s4desk.gui.commands import moving
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.destination import DestinationDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.models.cells import KEYS_MIME
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.gui.views.connection_tree_view import ConnectionTreeView
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.clip import Clip, Deed, bytes_of, clip_of
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.selection import Selection
from tests.gui.stage import BUCKET, HOME, Stage, connection, memory_desk, perform, press, until
from tests.store.configs import put_config

if TYPE_CHECKING:
    from s4desk.gui.models.transfer_table import TransferTableModel

AWAY = replace(connection("memory:attic"), id=ConnectionId("away"), name="Away")


@pytest.fixture
def desk(qapp, tmp_path):
    QGuiApplication.clipboard().clear()
    return memory_desk(tmp_path / "home")


def direction(model: TransferTableModel, row: int) -> str:
    """What the icon of the first column says."""
    return model.index(row, TransferColumn.DIRECTION).data(Qt.ItemDataRole.AccessibleTextRole)


async def carry(stage: Stage, act: Act, folder: str, *names: str) -> None:
    """Cut or copy these, and paste them into a folder."""
    stage.select(*names)
    stage.give(act)
    await stage.open(folder)
    stage.give(Act.PASTE)


async def ended(stage: Stage) -> None:
    await until(lambda: set(stage.states) == {TransferState.COMPLETED})
    await stage.desk.queue.at_rest()


# The clipboard


def test_what_is_copied_is_pasted_elsewhere_and_stays(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"one")
        await stage.put("dir/b.txt", b"two")
        await stage.put("to/", b"")
        await stage.open()
        stage.select("dir", "a.txt")
        stage.give(Act.COPY)
        clipboard = QGuiApplication.clipboard()
        assert clipboard.text() == f"s3://{BUCKET}/dir/\ns3://{BUCKET}/a.txt"
        assert len(clip_of(bytes(clipboard.mimeData().data(KEYS_MIME)))) == 2
        await stage.open("to/")
        stage.give(Act.PASTE)
        await until(lambda: stage.names() == ["dir", "a.txt"])
        await ended(stage)
        assert await stage.keys() == ["a.txt", "dir/b.txt", "to/", "to/a.txt", "to/dir/b.txt"]
        assert await stage.read("to/dir/b.txt") == b"two"
        model = stage.window.transfer_model
        assert [direction(model, row) for row in range(2)] == ["Copy", "Copy"]

    perform(desk, story)


def test_what_is_cut_is_moved_once(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", "to/", data=b"one")
        await carry(stage, Act.CUT, "to/", "a.txt")
        await until(lambda: stage.names() == ["a.txt"])
        await ended(stage)
        assert await stage.keys() == ["to/", "to/a.txt"]
        model = stage.window.transfer_model
        assert direction(model, 0) == "Move"
        assert "Nothing is on the clipboard" in stage.window.acts[Act.PASTE].toolTip()
        assert not stage.window.acts[Act.PASTE].isEnabled()

    perform(desk, story)


def faint(stage: Stage) -> set[str]:
    """The rows that are drawn as disabled ones are."""
    table = stage.window.pane.table
    found = set()
    for row in range(table.model().rowCount()):
        index, option = table.model().index(row, 0), QStyleOptionViewItem()
        option.state = QStyle.StateFlag.State_Enabled
        table.itemDelegate().initStyleOption(option, index)
        if not option.state & QStyle.StateFlag.State_Enabled:
            found.add(index.data())
    return found


def test_what_is_cut_is_drawn_faintly_until_it_is_pasted(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", "b.txt", "dir/x", "to/y")
        stage.select("a.txt", "dir")
        stage.give(Act.CUT)
        assert faint(stage) == {"a.txt", "dir"}
        await stage.open("to/")
        assert faint(stage) == set()
        await stage.open()
        assert faint(stage) == {"a.txt", "dir"}
        stage.select("b.txt")
        stage.give(Act.COPY)
        assert faint(stage) == set()
        stage.give(Act.CUT)
        assert faint(stage) == {"b.txt"}
        QGuiApplication.clipboard().clear()
        assert faint(stage) == set()

    perform(desk, story)


def test_pasted_where_it_is_a_copy_is_a_duplicate_and_a_cut_nothing(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"one")
        stage.select("a.txt")
        stage.give(Act.CUT)
        assert "in this folder already" in stage.window.acts[Act.PASTE].statusTip()
        stage.give(Act.COPY)
        stage.give(Act.PASTE)
        await until(lambda: stage.names() == ["a (2).txt", "a.txt"])
        assert await stage.read("a (2).txt") == b"one"

    perform(desk, story)


def test_files_of_a_file_manager_are_uploaded(desk, tmp_path):
    (tmp_path / "file").write_bytes(b"local")

    async def story(stage: Stage) -> None:
        await stage.open()
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "file"))])
        QGuiApplication.clipboard().setMimeData(mime)
        stage.give(Act.PASTE)
        await until(lambda: stage.names() == ["file"])
        assert await stage.read("file") == b"local"

    perform(desk, story)


def test_paste_waits_for_something_to_paste_and_a_place_for_it(desk):
    async def story(stage: Stage) -> None:
        paste, clipboard = stage.window.acts[Act.PASTE], QGuiApplication.clipboard()
        await stage.show("dir/a.txt")
        assert not paste.isEnabled()
        clipboard.setText("s3://photos/a.txt")
        assert not paste.isEnabled()
        stage.select("dir")
        stage.give(Act.COPY)
        assert paste.isEnabled()
        await stage.open("dir/")
        assert (paste.isEnabled(), paste.statusTip()) == (
            False,
            "A folder cannot be copied into itself.",
        )
        stage.commands.browsing.go(Place(HOME))
        await stage.rested()
        assert paste.statusTip() == "Open a bucket first."
        await stage.open()
        assert paste.isEnabled()
        clipboard.clear()
        assert not paste.isEnabled()

    perform(desk, story)


def test_a_remark_goes_when_the_person_goes_on(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", "dir/b.txt")
        bar = stage.window.status_bar
        for go_on in (
            lambda: stage.give(Act.SELECT_ALL),
            lambda: stage.window.tree.opened.emit(Place(HOME, Prefix(BUCKET))),
        ):
            stage.select("a.txt")
            stage.give(Act.COPY)
            assert "Copied" in bar.currentMessage()
            go_on()
            assert bar.currentMessage() == ""
            await stage.rested()

    perform(desk, story)


def test_a_menu_offers_paste_only_where_it_can_be_done(desk):
    async def story(stage: Stage) -> None:
        await stage.show("dir/a.txt", "other/")
        stage.select("dir")
        stage.give(Act.CUT)
        for name, is_offered in (("dir", False), ("other", True)):
            place = Place(HOME, Prefix(BUCKET, f"{name}/"))
            stage.window.tree.menu_requested.emit(place, QPoint())
            await until(lambda: stage.dialog(QMenu) is not None)
            menu = stage.dialog(QMenu)
            (paste,) = [each for each in menu.actions() if each.text() == "&Paste"]
            assert paste.isEnabled() is is_offered
            menu.close()
            await until(lambda: stage.dialog(QMenu) is None)

    perform(desk, story)


@pytest.mark.parametrize("junk", [b"", b"{}", b"[1]", b'{"connection": 1}', b"\xff"])
def test_a_clipboard_of_no_sense_is_nothing(junk):
    assert clip_of(junk) is None


def test_another_window_pastes_what_it_knows_the_connection_of(desk):
    chosen = Selection(Prefix("b"), [Prefix("b", "x/")])

    async def story(stage: Stage) -> None:
        await stage.open()
        mime = QMimeData()
        mime.setData(KEYS_MIME, bytes_of(Clip(ConnectionId("stranger"), chosen)))
        QGuiApplication.clipboard().setMimeData(mime)
        stage.give(Act.PASTE)
        await until(lambda: "is not known here" in stage.error)

    perform(desk, story)


def test_odd_names_survive_the_clipboard():
    names = ["a\nb", "\udcff", "ünï ☃", "//", "x"]
    locations = [Location("b", f"p/{name}") for name in names]
    sizes = array("q", range(5))
    times = array("d", [1.5] * 5)
    folders = [Prefix("b", "p/\udcfe/")]
    clip = Clip(HOME, Selection(Prefix("b", "p/"), folders, locations, sizes, times), is_cut=True)
    assert clip_of(bytes_of(clip)) == clip


# Renaming


async def typed(stage: Stage, text: str) -> None:
    """Type a name into the row that is edited, and press Return."""
    table = stage.window.pane.table
    await until(lambda: table.findChild(QLineEdit) is not None)
    line = table.findChild(QLineEdit)
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_an_object_is_renamed_where_it_stands(desk):
    async def story(stage: Stage) -> None:
        await stage.show("dir/report.txt", prefix="dir/", data=b"one")
        stage.select("report.txt")
        stage.give(Act.RENAME)
        line = stage.window.pane.table.findChild(QLineEdit)
        assert (line.text(), line.selectedText()) == ("report.txt", "report")
        await typed(stage, "Report.txt")
        await until(lambda: stage.names() == ["Report.txt"])
        await ended(stage)
        assert await stage.keys() == ["dir/Report.txt"]
        assert stage.window.pane.selection().only == Location(BUCKET, "dir/Report.txt")

    perform(desk, story)


@pytest.mark.parametrize(
    ("name", "words"),
    [("a/b", "has no “/”"), ("..", "mean other folders"), ("x" * 1030, "at most 1024 bytes")],
)
def test_a_name_that_cannot_be_is_explained_beside_it(desk, name, words):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"one")
        stage.select("a.txt")
        stage.give(Act.RENAME)
        table = stage.window.pane.table
        await until(lambda: table.findChild(QLineEdit) is not None)
        table.findChild(QLineEdit).setText(name)
        QTest.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Return)
        dialog = await stage.opened(FormDialog)
        assert words in dialog.findChild(QLabel, "outcome").text()
        line = dialog.findChild(QLineEdit, "name")
        assert line.text() == name
        line.setText("b.txt")
        press(dialog, "&Rename")
        await until(lambda: stage.names() == ["b.txt"])

    perform(desk, story)


def test_an_empty_name_changes_nothing(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"one")
        stage.select("a.txt")
        stage.give(Act.RENAME)
        table = stage.window.pane.table
        await until(lambda: table.findChild(QLineEdit) is not None)
        table.findChild(QLineEdit).clear()
        QTest.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Return)
        await until(lambda: table.findChild(QLineEdit) is None)
        assert stage.desk.queue.transfers() == []
        assert stage.dialog(FormDialog) is None

    perform(desk, story)


def test_a_folder_says_what_renaming_it_costs(desk):
    async def story(stage: Stage) -> None:
        keys = [f"dir/sub/{number}" for number in range(5)]
        await stage.show("dir/", *keys, data=b"12345678")
        stage.select("dir")
        stage.give(Act.RENAME)
        dialog = await stage.opened(FormDialog)
        tally = dialog.findChild(QLabel, "tally")
        await until(lambda: "6 objects" in tally.text() and "deleted" in tally.text())
        line = dialog.findChild(QLineEdit, "name")
        line.setText("Dir")
        assert "upper and lower case" in dialog.findChild(QLabel, "outcome").text()
        press(dialog, "&Rename")
        await until(lambda: stage.names() == ["Dir"])
        await ended(stage)
        assert await stage.keys() == ["Dir/", *(f"Dir/sub/{number}" for number in range(5))]

    perform(desk, story)


def test_a_name_that_is_taken_is_asked_about(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"one")
        await stage.put("b.txt", b"two")
        await stage.open()
        stage.select("a.txt")
        stage.give(Act.RENAME)
        await typed(stage, "b.txt")
        dialog = await stage.opened(ConflictDialog)
        dialog.reject()
        await until(lambda: stage.dialog(ConflictDialog) is None)
        assert await stage.keys() == ["a.txt", "b.txt"]
        assert stage.desk.queue.transfers() == []

    perform(desk, story)


def test_a_folder_is_merged_into_another_only_after_a_question(desk):
    async def story(stage: Stage) -> None:
        await stage.put("2024/a", b"old")
        await stage.put("2025/b", b"new")
        await stage.open()
        await stage.commands.renaming.rename(HOME, Prefix(BUCKET, "2024/"), "2026")
        await until(lambda: stage.names() == ["2025", "2026"])
        stage.select("2026")
        stage.give(Act.RENAME)
        naming = await stage.opened(FormDialog)
        naming.findChild(QLineEdit, "name").setText("2025")
        press(naming, "&Rename")
        question = await stage.opened(QuestionDialog)
        said = [label.text() for label in question.findChildren(QLabel)]
        assert "“2025” is there already: merge?" in said
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        await ended(stage)
        assert await stage.keys() == ["2025/b", "2026/a"]
        stage.session.tasks.start(
            stage.commands.renaming.rename(HOME, Prefix(BUCKET, "2026/"), "2025")
        )
        press(await stage.opened(QuestionDialog), "&Merge")
        await until(lambda: stage.names() == ["2025"])
        await ended(stage)
        assert await stage.keys() == ["2025/a", "2025/b"]

    perform(desk, story)


@pytest.mark.parametrize("deed", [Deed.MOVE, Deed.COPY])
def test_folders_put_onto_folders_are_asked_about_once(desk, deed):
    async def story(stage: Stage) -> None:
        keys = ["from/a/1", "from/b/1", "from/c/1", "from/x", "to/a/2", "to/b/2", "to/cc/2"]
        await stage.show(*keys, prefix="from/")
        await carry(stage, Act.CUT if deed is Deed.MOVE else Act.COPY, "to/", "a", "b", "c", "x")
        question = await stage.opened(QuestionDialog)
        said = [label.text() for label in question.findChildren(QLabel)]
        assert "2 folders are there already: merge them?" in said
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert stage.desk.queue.transfers() == []
        assert await stage.keys() == keys
        stage.give(Act.PASTE)
        press(await stage.opened(QuestionDialog), "&Merge")
        await until(lambda: stage.names() == ["a", "b", "c", "cc", "x"])
        await ended(stage)

    perform(desk, story)


# Duplicating, choosing


def test_objects_and_folders_are_duplicated_under_free_names(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", "a (2).txt", "v1.0/x", "v1.0 (2)/y", data=b"one")
        stage.select("v1.0", "a.txt")
        stage.give(Act.DUPLICATE)
        await until(lambda: "a (3).txt" in stage.names() and "v1.0 (3)" in stage.names())
        await ended(stage)
        assert await stage.read("v1.0 (3)/x") == b"one"

    perform(desk, story)


def test_moved_to_another_connection_with_what_was_chosen(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        attributes = Attributes(content_type="text/x", metadata={"who": "me"}, tags={"a": "b"})
        await store.put(Location(BUCKET, "a.txt"), b"one", attributes=attributes)
        away = await stage.desk.stores.get(AWAY.id)
        await stage.open()
        stage.select("a.txt")
        stage.give(Act.MOVE_TO)
        dialog = await stage.opened(DestinationDialog)
        ok = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Move")
        await until(lambda: "already" in dialog.findChild(QLabel, "target").text())
        assert not ok.isEnabled()
        assert not dialog.findChild(QCheckBox, "lock").isVisible()
        tree = dialog.findChild(ConnectionTreeView)
        tree.reveal(Place(AWAY.id, Prefix("attic")))
        tree.expand(tree.model().find(Place(AWAY.id)))
        await until(lambda: dialog.place == Place(AWAY.id, Prefix("attic")))
        press(dialog, "&New Folder…")
        naming = await stage.opened(FormDialog)
        naming.findChild(QLineEdit, "name").setText("new")
        press(naming, "Create")
        await until(lambda: dialog.place == Place(AWAY.id, Prefix("attic", "new/")))
        dialog.findChild(QCheckBox, "tags").setChecked(False)
        press(dialog, "&Move")
        await ended(stage)
        there = await away.head(Location("attic", "new/a.txt"))
        assert there.attributes.metadata == {"who": "me"}
        assert there.attributes.content_type == "text/x"
        assert await away.get_tags(Location("attic", "new/a.txt")) == {}
        await until(lambda: stage.names() == [])
        assert await stage.keys() == []

    perform(desk, story, connections=(connection(), AWAY))


def test_a_folder_is_not_put_into_itself(desk):
    async def story(stage: Stage) -> None:
        await stage.show("dir/sub/x", prefix="dir/")
        clip = Clip(HOME, Selection(Prefix(BUCKET), [Prefix(BUCKET, "dir/")]))
        inside = Place(HOME, Prefix(BUCKET, "dir/sub/"))
        assert not await stage.commands.moving.put(clip, inside, Deed.MOVE)
        assert "moved into itself" in stage.error
        assert not await stage.commands.moving.put(clip, inside, Deed.COPY)
        assert "copied into itself" in stage.error

    perform(desk, story)


def test_very_many_are_moved_only_after_a_question(desk, monkeypatch):
    monkeypatch.setattr(moving, "MANY", 2)

    async def story(stage: Stage) -> None:
        await stage.show("dir/0", "dir/1", "dir/2", "to/", data=b"123")
        await carry(stage, Act.CUT, "to/", "dir")
        question = await stage.opened(QuestionDialog)
        assert any("Move 3 objects, 9 B" in label.text() for label in question.findChildren(QLabel))
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert stage.desk.queue.transfers() == []
        stage.give(Act.PASTE)
        press(await stage.opened(QuestionDialog), "&Move")
        await until(lambda: stage.names() == ["dir"])

    perform(desk, story)


def test_folder_markers_that_are_there_already_are_no_question(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a/dir/", "a/dir/x", "b/dir/", "b/dir/y", prefix="a/")
        await carry(stage, Act.CUT, "b/", "dir")
        press(await stage.opened(QuestionDialog), "&Merge")
        await ended(stage)
        assert await stage.keys() == ["b/dir/", "b/dir/x", "b/dir/y"]

    perform(desk, story)


def test_a_locked_object_may_be_copied_but_not_leave(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await put_config(store, BUCKET, ConfigKind.OBJECT_LOCK, {"ObjectLockEnabled": "Enabled"})
        held = Attributes(lock=LockState(legal_hold=True))
        await store.put(Location(BUCKET, "held.txt"), b"one", attributes=held)
        await stage.show("free.txt")
        acts = stage.window.acts
        stage.select("held.txt")
        await until(lambda: not acts[Act.RENAME].isEnabled())
        assert "legal hold" in acts[Act.CUT].statusTip()
        assert "legal hold" in acts[Act.MOVE_TO].toolTip()
        assert acts[Act.COPY_TO].isEnabled()
        stage.select("free.txt")
        assert acts[Act.RENAME].isEnabled()

    perform(desk, story)
