"""Cut, copy, paste, rename, duplicate and move, as a person does them, on a store in memory."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionViewItem,
)

from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.lock import LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.transfer import TransferState
from s4desk.core.store.protocol import ConfigKind
from s4desk.gui.commands import moving
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.destination import DestinationDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.models.cells import KEYS_MIME
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.gui.views.connection_tree_view import ConnectionTreeView
from s4desk.gui.views.status_bar import ErrorLine
from s4desk.viewmodels.availability import Act
from s4desk.viewmodels.clip import Clip, Deed, bytes_of, clip_of
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.selection import Selection
from tests.gui.stage import BUCKET, HOME, Stage, connection, memory_desk, perform, until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

    from s4desk.gui.models.transfer_table import TransferTableModel

AWAY = replace(connection("memory:attic"), id=ConnectionId("away"), name="Away")


@pytest.fixture
def desk(qapp, tmp_path):
    QGuiApplication.clipboard().clear()
    return memory_desk(tmp_path / "home")


def press(dialog: QDialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def select(stage: Stage, *names: str) -> None:
    """Select rows of the table by their names."""
    table = stage.window.pane.table
    table.clearSelection()
    flags = table.selectionModel().SelectionFlag
    for name in names:
        index = table.model().index(stage.names().index(name), 0)
        table.selectionModel().setCurrentIndex(index, flags.Select | flags.Rows)


def give(stage: Stage, act: Act) -> None:
    action = stage.window.acts[act]
    assert action.isEnabled(), action.statusTip()
    action.trigger()


def error(stage: Stage) -> str:
    return stage.window.status_bar.findChild(ErrorLine).accessibleName()


def states(stage: Stage) -> set[TransferState]:
    return {transfer.state for transfer in stage.desk.queue.transfers()}


def direction(model: TransferTableModel, row: int) -> str:
    """What the icon of the first column says."""
    return model.index(row, TransferColumn.DIRECTION).data(Qt.ItemDataRole.AccessibleTextRole)


async def ended(stage: Stage) -> None:
    await until(lambda: stage.desk.queue.transfers() and states(stage) <= {TransferState.COMPLETED})
    await stage.desk.queue.at_rest()


# The clipboard


def test_what_is_copied_is_pasted_elsewhere_and_stays(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"one")
        await stage.put("dir/b.txt", b"two")
        await stage.put("to/", b"")
        await stage.open()
        select(stage, "dir", "a.txt")
        give(stage, Act.COPY)
        clipboard = QGuiApplication.clipboard()
        assert clipboard.text() == f"s3://{BUCKET}/dir/\ns3://{BUCKET}/a.txt"
        assert len(clip_of(bytes(clipboard.mimeData().data(KEYS_MIME)))) == 2
        await stage.open("to/")
        give(stage, Act.PASTE)
        await until(lambda: stage.names() == ["dir", "a.txt"])
        await ended(stage)
        assert await stage.keys() == ["a.txt", "dir/b.txt", "to/", "to/a.txt", "to/dir/b.txt"]
        assert await stage.read("to/dir/b.txt") == b"two"
        model = stage.window.transfer_model
        assert [direction(model, row) for row in range(2)] == ["Copy", "Copy"]

    perform(desk, story)


def test_what_is_cut_is_moved_once(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"one")
        await stage.put("to/", b"")
        await stage.open()
        select(stage, "a.txt")
        give(stage, Act.CUT)
        await stage.open("to/")
        give(stage, Act.PASTE)
        await until(lambda: stage.names() == ["a.txt"])
        await ended(stage)
        assert await stage.keys() == ["to/", "to/a.txt"]
        model = stage.window.transfer_model
        assert direction(model, 0) == "Move"
        give(stage, Act.PASTE)
        await until(lambda: "nothing on the clipboard" in error(stage))

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
        for key in ("a.txt", "b.txt", "dir/x", "to/y"):
            await stage.put(key)
        await stage.open()
        select(stage, "a.txt", "dir")
        give(stage, Act.CUT)
        assert faint(stage) == {"a.txt", "dir"}
        await stage.open("to/")
        assert faint(stage) == set()
        await stage.open()
        assert faint(stage) == {"a.txt", "dir"}
        select(stage, "b.txt")
        give(stage, Act.COPY)
        assert faint(stage) == set()
        give(stage, Act.CUT)
        assert faint(stage) == {"b.txt"}
        QGuiApplication.clipboard().clear()
        assert faint(stage) == set()

    perform(desk, story)


def test_pasted_where_it_is_a_copy_is_a_duplicate_and_a_cut_nothing(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"one")
        await stage.open()
        select(stage, "a.txt")
        give(stage, Act.CUT)
        give(stage, Act.PASTE)
        await until(lambda: "in this folder already" in error(stage))
        give(stage, Act.COPY)
        give(stage, Act.PASTE)
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
        give(stage, Act.PASTE)
        await until(lambda: stage.names() == ["file"])
        assert await stage.read("file") == b"local"

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
        give(stage, Act.PASTE)
        await until(lambda: "is not known here" in error(stage))

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
        await stage.put("dir/report.txt", b"one")
        await stage.open("dir/")
        select(stage, "report.txt")
        give(stage, Act.RENAME)
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
        await stage.put("a.txt", b"one")
        await stage.open()
        select(stage, "a.txt")
        give(stage, Act.RENAME)
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
        await stage.put("a.txt", b"one")
        await stage.open()
        select(stage, "a.txt")
        give(stage, Act.RENAME)
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
        for number in range(5):
            await stage.put(f"dir/sub/{number}", b"12345678")
        await stage.put("dir/", b"")
        await stage.open()
        select(stage, "dir")
        give(stage, Act.RENAME)
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
        select(stage, "a.txt")
        give(stage, Act.RENAME)
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
        select(stage, "2026")
        give(stage, Act.RENAME)
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
        for key in keys:
            await stage.put(key)
        await stage.open("from/")
        select(stage, "a", "b", "c", "x")
        give(stage, Act.CUT if deed is Deed.MOVE else Act.COPY)
        await stage.open("to/")
        give(stage, Act.PASTE)
        question = await stage.opened(QuestionDialog)
        said = [label.text() for label in question.findChildren(QLabel)]
        assert "2 folders are there already: merge them?" in said
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert stage.desk.queue.transfers() == []
        assert await stage.keys() == keys
        give(stage, Act.PASTE)
        press(await stage.opened(QuestionDialog), "&Merge")
        await until(lambda: stage.names() == ["a", "b", "c", "cc", "x"])
        await ended(stage)

    perform(desk, story)


# Duplicating, choosing


def test_objects_and_folders_are_duplicated_under_free_names(desk):
    async def story(stage: Stage) -> None:
        for key in ("a.txt", "a (2).txt", "v1.0/x", "v1.0 (2)/y"):
            await stage.put(key, b"one")
        await stage.open()
        select(stage, "v1.0", "a.txt")
        give(stage, Act.DUPLICATE)
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
        select(stage, "a.txt")
        give(stage, Act.MOVE_TO)
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
        await stage.put("dir/sub/x")
        await stage.open("dir/")
        clip = Clip(HOME, Selection(Prefix(BUCKET), [Prefix(BUCKET, "dir/")]))
        inside = Place(HOME, Prefix(BUCKET, "dir/sub/"))
        assert not await stage.commands.moving.put(clip, inside, Deed.MOVE)
        assert "moved into itself" in error(stage)
        assert not await stage.commands.moving.put(clip, inside, Deed.COPY)
        assert "copied into itself" in error(stage)

    perform(desk, story)


def test_very_many_are_moved_only_after_a_question(desk, monkeypatch):
    monkeypatch.setattr(moving, "MANY", 2)

    async def story(stage: Stage) -> None:
        for number in range(3):
            await stage.put(f"dir/{number}", b"123")
        await stage.put("to/", b"")
        await stage.open()
        select(stage, "dir")
        give(stage, Act.CUT)
        await stage.open("to/")
        give(stage, Act.PASTE)
        question = await stage.opened(QuestionDialog)
        assert any("Move 3 objects, 9 B" in label.text() for label in question.findChildren(QLabel))
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert stage.desk.queue.transfers() == []
        give(stage, Act.PASTE)
        press(await stage.opened(QuestionDialog), "&Move")
        await until(lambda: stage.names() == ["dir"])

    perform(desk, story)


def test_folder_markers_that_are_there_already_are_no_question(desk):
    async def story(stage: Stage) -> None:
        for key in ("a/dir/", "a/dir/x", "b/dir/", "b/dir/y"):
            await stage.put(key, b"" if key.endswith("/") else b"1")
        await stage.open("a/")
        select(stage, "dir")
        give(stage, Act.CUT)
        await stage.open("b/")
        give(stage, Act.PASTE)
        press(await stage.opened(QuestionDialog), "&Merge")
        await ended(stage)
        assert await stage.keys() == ["b/dir/", "b/dir/x", "b/dir/y"]

    perform(desk, story)


def test_a_locked_object_may_be_copied_but_not_leave(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await store.put_config(BUCKET, ConfigKind.OBJECT_LOCK, {"ObjectLockEnabled": "Enabled"})
        held = Attributes(lock=LockState(legal_hold=True))
        await store.put(Location(BUCKET, "held.txt"), b"one", attributes=held)
        await stage.put("free.txt")
        await stage.open()
        acts = stage.window.acts
        select(stage, "held.txt")
        await until(lambda: not acts[Act.RENAME].isEnabled())
        assert "legal hold" in acts[Act.CUT].statusTip()
        assert "legal hold" in acts[Act.MOVE_TO].toolTip()
        assert acts[Act.COPY_TO].isEnabled()
        select(stage, "free.txt")
        assert acts[Act.RENAME].isEnabled()

    perform(desk, story)
