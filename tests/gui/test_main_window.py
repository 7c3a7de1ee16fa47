"""The whole window on a store in memory: assembled, and at work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QPushButton

import s4desk
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.connection import Connection, CredentialKind, CredentialReference
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.persist.settings import Theme
from s4desk.core.runtime.resources import resource
from s4desk.gui.actions import Actions, icon_names
from s4desk.gui.assets import Assets
from s4desk.gui.commands.dragging import Dragging
from s4desk.gui.commands.notices import Notices
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.importing import ImportDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.window_state import pack, unpack
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place, bytes_of
from tests.gui.stage import BUCKET, HOME, Stage, connection, memory_desk, perform, press, until
from tests.store.configs import put_config

GUI = Path(s4desk.__file__).parent / "gui"


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


# Rules of the house


def test_nothing_is_executed_but_the_drag():
    found = [
        f"{path.name}: {line.strip()}"
        for path in GUI.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\.exec(_)?\(|processEvents", line)
    ]
    assert found == ["dragging.py: action = drag.exec(both, Qt.DropAction.CopyAction)"]


def test_every_command_has_its_icon():
    assert [name for name in icon_names() if not resource("icons", f"{name}.svg").is_file()] == []


def test_the_window_is_painted_before_anything_heavy_is_loaded(tmp_path):
    code = """
import json, linecache, sys
from s4desk.app.main import main
from s4desk.gui.main_window import MainWindow

painted = MainWindow.first_paint
async def noted(window):
    await painted(window)
    print(json.dumps([sorted(sys.modules), sorted(linecache.cache)]))
    window.close()
MainWindow.first_paint = noted
main([])
"""
    environment = {**os.environ, "QT_LOGGING_RULES": "*=false", "S4DESK_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=GUI.parents[1],
    )
    modules, sources = map(set, json.loads(done.stdout))
    assert not [each for each in sources if each.startswith(str(GUI.parent))], "read by PySide"
    heavy = {"botocore", "aiobotocore", "awscrt", "lxml", "keyring", "s4desk.gui.session"}
    needless = {"http.client", "email", "hashlib", "mmap", "xml", "s4desk.core.wire.pool"}
    assert (heavy | needless) & modules == set()
    assert done.stderr == ""


def test_nothing_can_be_done_before_a_place_is_open(qapp):
    acts = Actions(Assets(qapp), qapp)
    for act in (Act.BACK, Act.FORWARD, Act.UPLOAD_FILES, Act.DOWNLOAD, Act.DELETE):
        assert not acts[act].isEnabled()
    assert acts[Act.ADD_CONNECTION].isEnabled()


# Assembly


def test_it_opens_and_closes_and_says_how_to_begin(desk):
    async def story(stage: Stage) -> None:
        page = stage.window.pane.page
        await until(page.isVisible)
        button = next(b for b in page.findChildren(QPushButton) if b.isVisible())
        assert button.text() == "New Connection…"
        assert page.findChild(QPushButton, "import").text() == "Import…"
        assert not stage.window.transfers.isVisible()
        assert not stage.window.acts[Act.UPLOAD_FILES].isEnabled()
        assert "Open a bucket first." in stage.window.acts[Act.UPLOAD_FILES].toolTip()

    perform(desk, story, connections=())


def test_it_tells_of_connections_that_other_programs_have(desk, monkeypatch, tmp_path):
    config, remotes = tmp_path / "config", tmp_path / "rclone.conf"
    config.write_text("[default]\nregion = us-east-1\n[profile work]\nregion = us-east-1\n")
    remotes.write_text("[garage]\ntype = s3\nprovider = Other\nendpoint = http://127.0.0.1:1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("RCLONE_CONFIG", str(remotes))

    async def story(stage: Stage) -> None:
        page = stage.window.pane.page
        await until(lambda: "have 3 connections here" in page.notice.text)
        page.findChild(QPushButton, "import").click()
        dialog = await stage.opened(ImportDialog)
        dialog.reject()

    perform(desk, story, connections=())


def test_a_window_looks_as_it_did_when_it_was_closed(desk, tmp_path):
    async def change(stage: Stage) -> None:
        stage.window.resize(777, 555)
        stage.window.acts[Act.SHOW_TREE].trigger()
        stage.window.acts[Act.HIDE_EMPTY_TRANSFERS].trigger()
        stage.window.acts[Act.DARK].trigger()
        await until(lambda: desk.settings.current.theme is Theme.DARK)

    async def look(stage: Stage) -> None:
        assert (stage.window.width(), stage.window.height()) == (777, 555)
        assert stage.window.pane.is_tree
        assert stage.window.acts[Act.SHOW_TREE].isChecked()
        assert stage.window.transfers.isVisible()
        assert stage.window.acts[Act.DARK].isChecked()
        stage.window.acts[Act.FOLLOW_SYSTEM].trigger()

    perform(desk, change)
    perform(memory_desk(tmp_path / "home"), look)


def test_a_window_that_was_never_closed_is_kept_too(desk):
    place = bytes_of(Place(HOME, Prefix(BUCKET, "a/")))

    async def change(stage: Stage) -> None:
        stage.window.resize(788, 566)
        await stage.open("a/")
        await until(lambda: _kept(desk).get("place") == place)
        assert _kept(desk)["geometry"] == stage.window.saveGeometry().data()

    perform(desk, change)


def _kept(desk) -> dict[str, bytes]:
    return unpack(desk.settings.window_state())


def test_an_empty_queue_is_shown_when_it_is_asked_for(desk):
    async def story(stage: Stage) -> None:
        show, pane = stage.window.acts[Act.SHOW_TRANSFERS], stage.window.transfers
        seen = []
        for _ in range(3):
            show.trigger()
            seen.append((pane.isVisible(), show.isChecked()))
        assert seen == [(True, True), (False, True), (True, True)]
        stage.window.acts[Act.HIDE_EMPTY_TRANSFERS].trigger()
        show.trigger()
        assert (pane.isVisible(), show.isChecked()) == (False, False)
        stage.window.acts[Act.HIDE_EMPTY_TRANSFERS].trigger()
        show.trigger()
        assert (pane.isVisible(), show.isChecked()) == (True, True)

    perform(desk, story)


@pytest.mark.parametrize("blob", [b"", b"nonsense", pack({"a": b"1"})[:-1]])
def test_a_damaged_state_is_no_state(blob):
    assert unpack(blob) == {}
    assert unpack(pack({"a": b"\0\xff", "b": b""})) == {"a": b"\0\xff", "b": b""}


# Connecting


def fill(dialog: FormDialog, **texts: str) -> None:
    for name, text in texts.items():
        line = dialog.findChild(QLineEdit, name)
        line.clear()
        QTest.keyClicks(line, text)


def test_a_connection_is_made_kept_and_opened(desk):
    async def story(stage: Stage) -> None:
        stage.window.acts[Act.ADD_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        fill(dialog, name="New", endpoint="http://127.0.0.1:1", key_id="AK", secret="hush-hush")
        press(dialog, "Add")
        await until(lambda: desk.connections.by_name("New") is not None)
        made = desk.connections.by_name("New")
        await until(lambda: stage.commands.browsing.place == Place(made.id))
        assert (await desk.secrets.credentials(made.id)).secret == "hush-hush"
        assert stage.dialog(ConnectionDialog) is None
        await until(lambda: stage.window.pane.status.failure is not None)

    perform(desk, story, connections=())


def test_trying_a_connection_says_what_is_wrong_and_keeps_nothing(desk):
    async def story(stage: Stage) -> None:
        stage.window.acts[Act.ADD_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        fill(dialog, name="Dead", endpoint="http://127.0.0.1:1", key_id="AK", secret="s")
        press(dialog, "&Test")
        await until(lambda: "Nothing listens on port 1" in dialog.outcome.text())
        assert desk.connections.all() == []
        dialog.reject()
        await until(lambda: stage.dialog(ConnectionDialog) is None)

    perform(desk, story, connections=())


def test_an_edited_connection_is_reached_the_new_way(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a")
        await stage.open()
        assert stage.names() == ["a"]
        stage.window.acts[Act.EDIT_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        fill(dialog, name="Renamed", endpoint="http://127.0.0.1:1")
        assert dialog.findChild(QComboBox, "credentials").currentData() == "anonymous"
        press(dialog, "Save")
        await until(lambda: desk.connections.get(HOME).name == "Renamed")
        await until(lambda: stage.window.pane.status.failure is not None)
        assert stage.window.windowTitle() == f"{BUCKET} at Renamed"

    perform(desk, story)


def test_a_removed_connection_is_left(desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        stage.window.acts[Act.REMOVE_CONNECTION].trigger()
        dialog = await stage.opened(DeletionDialog)
        press(dialog, "&Remove")
        await until(lambda: stage.commands.browsing.place is None)
        assert desk.connections.all() == []
        assert not stage.window.acts[Act.BACK].isEnabled()

    perform(desk, story)


# Browsing


def test_back_forward_up_and_typing_lead_to_places(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a/b/c.txt")
        await stage.open()
        await stage.open("a/")
        acts, browsing = stage.window.acts, stage.commands.browsing
        acts[Act.BACK].trigger()
        assert browsing.place == Place(HOME, Prefix(BUCKET))
        acts[Act.FORWARD].trigger()
        assert browsing.place == Place(HOME, Prefix(BUCKET, "a/"))
        acts[Act.UP].trigger()
        acts[Act.UP].trigger()
        assert browsing.place == Place(HOME)
        assert not acts[Act.UP].isEnabled()
        browsing.go_to("home", Prefix(BUCKET, "a/b/"))
        await stage.rested()
        assert stage.names() == ["c.txt"]
        browsing.go_to("", Prefix(BUCKET, "a"))
        assert browsing.place == Place(HOME, Prefix(BUCKET, "a/")), "not the prefix of a name"
        browsing.go_to("home", Prefix(BUCKET, "a/b/"))
        browsing.go_to("nobody", None)
        assert stage.window.path_bar.is_editing
        assert browsing.place == Place(HOME, Prefix(BUCKET, "a/b/"))

    perform(desk, story)


def test_a_start_folder_is_where_a_connection_opens(desk):
    narrow = Connection(
        ConnectionId("narrow"),
        "Narrow",
        endpoint="memory:only",
        credentials=CredentialReference(CredentialKind.ANONYMOUS),
        start_bucket="only",
        start_prefix="here",
    )

    async def story(stage: Stage) -> None:
        stage.commands.browsing.open_connection(narrow.id)
        here = Place(narrow.id, Prefix("only", "here/"))
        assert stage.commands.browsing.place == here
        tree = stage.window.tree_model
        assert tree.destination(tree.find(Place(narrow.id))) == here

    perform(desk, story, connections=(narrow,))


def test_addresses_are_copied(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a b.txt")
        await stage.open()
        stage.window.pane.select_all()
        clipboard = QGuiApplication.clipboard()
        for act, text in {
            Act.COPY_URI: "s3://photos/a b.txt",
            Act.COPY_KEY: "a b.txt",
            Act.COPY_URL: f"memory:{BUCKET}/photos/a%20b.txt",
        }.items():
            stage.window.acts[act].trigger()
            assert clipboard.text() == text

    perform(desk, story)


# Making and deleting


def test_a_folder_and_a_bucket_are_made(desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        stage.window.acts[Act.NEW_FOLDER].trigger()
        dialog = await stage.opened(FormDialog)
        fill(dialog, name="new")
        press(dialog, "Create")
        await until(lambda: "new" in stage.names())
        assert await stage.keys() == ["new/"]
        await until(lambda: stage.window.pane.selection().only == Prefix(BUCKET, "new/"))
        stage.window.acts[Act.NEW_FOLDER].trigger()
        dialog = await stage.opened(FormDialog)
        fill(dialog, name="new")
        press(dialog, "Create")
        await until(lambda: "already" in dialog.outcome.text())
        dialog.reject()
        await until(lambda: stage.dialog(FormDialog) is None)
        stage.window.acts[Act.NEW_BUCKET].trigger()
        dialog = await stage.opened(FormDialog)
        fill(dialog, name=BUCKET)
        QTest.keyClick(dialog.findChild(QCheckBox), Qt.Key.Key_Space)
        press(dialog, "Create")
        await until(lambda: "You already have a bucket" in dialog.outcome.text())
        fill(dialog, name="second-bucket")
        press(dialog, "Create")
        await until(lambda: stage.commands.browsing.place == Place(HOME, Prefix("second-bucket")))

    perform(desk, story)


def test_a_deletion_counts_asks_for_the_word_and_reports(desk):
    async def story(stage: Stage) -> None:
        for number in range(5):
            await stage.put(f"a/{number}", b"12345")
        await stage.put("stays")
        await stage.open()
        stage.window.pane.table.selectRow(0)
        stage.window.acts[Act.DELETE].trigger()
        dialog = await stage.opened(DeletionDialog)
        await until(lambda: dialog.tally.text() == "That is 5 objects, 25 B in all.")
        fill(dialog, word="delete")
        press(dialog, "&Delete")
        await until(lambda: stage.names() == ["stays"])
        assert await stage.keys() == ["stays"]
        assert stage.window.status_bar.currentMessage() == "5 objects deleted."

    perform(desk, story)


def test_in_a_bucket_with_versions_no_word_is_asked_for(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
        await stage.put("a")
        await stage.open()
        stage.window.pane.select_all()
        stage.window.acts[Act.DELETE].trigger()
        dialog = await stage.opened(DeletionDialog)
        assert not dialog.findChild(QLineEdit, "word").isVisible()
        press(dialog, "&Delete")
        await until(lambda: stage.names() == [])
        versions = (await store.list_versions(Prefix(BUCKET))).versions
        assert [each.is_delete_marker for each in versions] == [True, False]

    perform(desk, story)


def test_a_bucket_goes_with_all_its_versions_once_its_name_is_typed(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
        for data in (b"1", b"2", b"3"):
            await stage.put("a", data)
        await stage.open()
        stage.window.acts[Act.DELETE_BUCKET].trigger()
        dialog = await stage.opened(DeletionDialog)
        await until(lambda: "3 objects and versions" in dialog.tally.text())
        assert not dialog.findChild(QPushButton, "delete").isEnabled()
        fill(dialog, word=BUCKET)
        press(dialog, "&Delete Bucket")
        await until(lambda: stage.commands.browsing.place == Place(HOME))
        assert await store.list_buckets() == []

    perform(desk, story)


# Transfers


def drop(stage: Stage, paths: list[Path]) -> None:
    """Files fall into the free space of the pane, as from another program."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    pane = stage.window.pane
    view = pane.page if pane.page.isVisible() else pane.table
    target = getattr(view, "viewport", lambda: view)()
    position = QPointF(target.rect().center())
    common = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0))
    enter = QDragEnterEvent(position.toPoint(), *common)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    fallen = QDropEvent(position, *common)
    QApplication.sendEvent(target, fallen)
    assert fallen.isAccepted()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "dropped"
    (folder / "sub" / "empty").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"one")
    (folder / "sub" / ".hidden").write_bytes(b"two")
    return folder


def test_a_dropped_folder_is_uploaded_and_shown(desk, folder):
    async def story(stage: Stage) -> None:
        await stage.open()
        drop(stage, [folder])
        await until(lambda: stage.names() == ["dropped"])
        await until(lambda: stage.window.status_bar.currentMessage().startswith("2 files"))
        assert await stage.keys() == [
            "dropped/a.txt",
            "dropped/sub/.hidden",
            "dropped/sub/empty/",
        ]
        assert await stage.read("dropped/sub/.hidden") == b"two"
        assert stage.window.transfers.isVisible()
        states = {transfer.state for transfer in desk.queue.transfers()}
        assert states == {TransferState.COMPLETED}
        stage.window.acts[Act.CLEAR].trigger()
        await until(lambda: not stage.window.transfers.isVisible())

    perform(desk, story)


def test_what_is_there_already_is_asked_about_once(desk, folder):
    async def story(stage: Stage) -> None:
        await stage.put("a.txt", b"old")
        await stage.open()
        drop(stage, [folder / "a.txt"])
        dialog = await stage.opened(ConflictDialog)
        dialog.reject()
        await until(lambda: stage.dialog(ConflictDialog) is None)
        assert await stage.read("a.txt") == b"old"
        assert desk.queue.transfers() == []

        drop(stage, [folder / "a.txt"])
        dialog = await stage.opened(ConflictDialog)
        QTest.keyClick(dialog.findChild(object, "rename"), Qt.Key.Key_Space)
        press(dialog, "Continue")
        await until(lambda: sorted(stage.names()) == ["a (2).txt", "a.txt"])
        assert (await stage.read("a (2).txt"), await stage.read("a.txt")) == (b"one", b"old")

    perform(desk, story)


def test_a_selection_is_downloaded_with_its_folders(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await stage.put("a/b/c.txt", b"deep")
        await stage.put("top.txt", b"top")
        await stage.open()
        stage.window.pane.select_all()
        target = tmp_path / "down"
        target.mkdir()
        await stage.commands.transferring.download_to(target, HOME, stage.window.pane.selection())
        await until(lambda: (target / "top.txt").exists() and (target / "a/b/c.txt").exists())
        assert (target / "a/b/c.txt").read_bytes() == b"deep"

    perform(desk, story)


@pytest.fixture
def hand_outside(monkeypatch):
    """Drags that leave the window at once and fall on another program; what that was given.

    A drag that `waits` is held until there are files.
    """

    class Given(list):
        waits = False

    given = Given()

    def run(dragging, mime):
        dragging._is_outside = True
        dragging._left(mime)
        if given.waits:
            loop, look = QEventLoop(), QTimer()
            look.timeout.connect(lambda: mime.has_files and loop.quit())
            look.start(2)
            QTimer.singleShot(20_000, loop, loop.quit)
            loop.exec()
            look.stop()
        given.append([Path(url.toLocalFile()) for url in mime.urls()])
        return Qt.DropAction.CopyAction, False

    monkeypatch.setattr(Dragging, "_run", run)
    monkeypatch.setattr("s4desk.gui.commands.dragging._is_button_down", lambda: True)
    return given


def test_what_a_person_drags_out_is_fetched_first(desk, monkeypatch, hand_outside):
    async def story(stage: Stage) -> None:
        await stage.put("a/b.txt", b"content")
        await stage.open()
        stage.window.pane.select_all()
        stage.window.pane.drag_started.emit(stage.window.pane.selection())
        await until(lambda: "Ready" in stage.window.status_bar.currentMessage())
        assert stage.window.status_bar.currentMessage() == "Ready: drag a again."
        assert hand_outside == [[]]  # it fell before it was here
        hand_outside.waits = True
        stage.window.pane.drag_started.emit(stage.window.pane.selection())
        await until(lambda: len(hand_outside) == 2)
        assert [path.name for path in hand_outside[1]] == ["a"]
        assert (hand_outside[1][0] / "b.txt").read_bytes() == b"content"
        hand_outside.waits = False
        stage.window.pane.drag_started.emit(stage.window.pane.selection())
        await until(lambda: len(hand_outside) == 3)
        assert hand_outside[2] == []  # what the store has now is fetched anew

    perform(desk, story)
    assert not list(desk.folders.cache.glob("drag/*/*"))


@pytest.mark.parametrize("key", ["a.txt", "folder/b.txt"])
def test_what_was_replaced_before_it_was_dragged_again_is_fetched_anew(desk, hand_outside, key):
    async def story(stage: Stage) -> None:
        await stage.put(key, b"older")
        await stage.open()
        stage.window.pane.select_all()
        stage.window.pane.drag_started.emit(stage.window.pane.selection())
        await until(lambda: "Ready" in stage.window.status_bar.currentMessage())
        await stage.put(key, b"newer")
        hand_outside.waits = True
        stage.window.pane.drag_started.emit(stage.window.pane.selection())
        await until(lambda: len(hand_outside) == 2)
        (path,) = hand_outside[1]
        assert (path if path.is_file() else path / "b.txt").read_bytes() == b"newer"

    perform(desk, story)
    assert not list(desk.folders.cache.glob("drag/*/*"))


def test_what_stays_in_the_window_is_not_fetched(desk, monkeypatch):
    ran = []

    def run(dragging, mime):
        ran.append(mime.clip)
        return Qt.DropAction.MoveAction, True

    monkeypatch.setattr(Dragging, "_run", run)
    monkeypatch.setattr("s4desk.gui.commands.dragging._is_button_down", lambda: True)

    async def story(stage: Stage) -> None:
        await stage.put("a", b"content")
        await stage.open()
        stage.window.pane.select_all()
        stage.window.pane.drag_started.emit(stage.window.pane.selection())
        await until(lambda: ran)
        assert desk.queue.transfers() == []

    perform(desk, story)


def test_too_much_is_offered_as_a_download_instead(desk, monkeypatch, hand_outside):
    monkeypatch.setattr("s4desk.gui.commands.dragging.MOST_BYTES", 3)
    asked = []

    async def story(stage: Stage) -> None:
        transferring = stage.commands.transferring

        async def download(_self, connection, selection):
            asked.append((connection, len(selection)))

        monkeypatch.setattr(type(transferring), "download", download)
        await stage.put("a", b"four")
        await stage.open()
        stage.window.pane.select_all()
        stage.window.pane.drag_started.emit(stage.window.pane.selection())
        await until(lambda: hand_outside)
        monkeypatch.setattr("s4desk.gui.commands.dragging._is_button_down", lambda: False)
        dialog = await stage.opened(QuestionDialog)
        assert desk.queue.transfers() == []
        press(dialog, "Download to Folder…")
        await until(lambda: asked == [(HOME, 1)])

    perform(desk, story)


def test_how_many_run_at_once_is_chosen_and_kept(desk):
    async def story(stage):
        box = stage.window.transfers.findChild(QComboBox, "at-once")
        assert box.currentData() == desk.settings.current.transfer_limit
        box.setCurrentIndex(box.findData(2))
        box.activated.emit(box.currentIndex())
        await until(lambda: desk.settings.current.part_limit == 2)
        assert desk.settings.current.transfer_limit == 2

    perform(desk, story)


def test_a_damaged_list_of_transfers_is_said_and_kept(desk, monkeypatch, expected_logs):
    (desk.folders.data / "s4desk.sqlite").write_bytes(b"no database" * 1000)
    told = []
    monkeypatch.setattr(Notices, "tell", lambda _, sentence: told.append(sentence))

    async def story(stage):
        assert str(desk.database.moved_aside) in told[0]
        assert desk.database.moved_aside.read_bytes().startswith(b"no database")

    perform(desk, story)
    assert [record.levelname for record in expected_logs] == ["WARNING"]


def test_what_a_former_life_fetched_for_a_drag_is_given_up(desk):
    async def story(stage: Stage) -> None:
        source = Address(HOME, Location(BUCKET, "gone"))
        left = desk.folders.cache / "drag" / "dead" / "gone"
        (id_,) = await desk.queue.submit([TransferSpec(Direction.DOWNLOAD, source, left)])
        await until(lambda: desk.queue.transfers()[0].state is TransferState.FAILED)
        stage.commands.dragging.give_up_former()
        await until(lambda: desk.queue.transfers()[0].state is TransferState.CANCELLED)
        assert id_ == desk.queue.transfers()[0].id

    perform(desk, story)


def test_an_error_of_a_command_is_said_and_explained(desk, folder):
    async def story(stage: Stage) -> None:
        await stage.open()
        store = await stage.store()
        await store.delete_bucket(BUCKET)
        stage.window.acts[Act.NEW_FOLDER].trigger()
        dialog = await stage.opened(FormDialog)
        fill(dialog, name="new")
        press(dialog, "Create")
        await until(lambda: "There is no bucket" in dialog.outcome.text())
        dialog.reject()

    perform(desk, story)


def test_the_stage_has_one_connection():
    assert connection().endpoint == f"memory:{BUCKET}"
