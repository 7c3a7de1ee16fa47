"""Versions in the window on real stores: shown, restored, deleted, undeleted, and the past."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.domain.transfer import TransferState
from s4desk.gui.dialogs.as_of import AsOfDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.undeletion import UndeletionDialog
from s4desk.gui.models.cells import QUIET_ROLE
from s4desk.gui.models.version_table import VersionColumn
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.gui.views.timeline_panel import TimelinePanel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.version_text import VersionDeed
from tests.gui.reading import nameless
from tests.gui.stage import Stage, memory_desk, perform, press, until
from tests.gui.test_ceph_moves import near
from tests.gui.test_commands import choose
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.servers.endpoint import Endpoint

HERE = ConnectionId("here")
MARKERS = 5000


class Bucket:
    """A bucket that keeps versions, on a real server, and the window on it."""

    def __init__(self, endpoint: Endpoint, name: str, home: Path) -> None:
        self.endpoint = endpoint
        self.name = name
        self.home = home
        with s3_client(endpoint) as client:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def put(self, key: str, body: bytes = b"x") -> str:
        with s3_client(self.endpoint) as client:
            version: str = client.put_object(Bucket=self.name, Key=key, Body=body)["VersionId"]
        return version

    def delete(self, *keys: str) -> None:
        with s3_client(self.endpoint) as client:
            for first in range(0, len(keys), 1000):
                some = [{"Key": key} for key in keys[first : first + 1000]]
                client.delete_objects(Bucket=self.name, Delete={"Objects": some, "Quiet": True})

    def keys(self, prefix: str = "") -> dict[str, bytes]:
        """What can be seen, with its content."""
        with s3_client(self.endpoint) as client:
            reply = client.list_objects_v2(Bucket=self.name, Prefix=prefix)
            return {
                each["Key"]: client.get_object(Bucket=self.name, Key=each["Key"])["Body"].read()
                for each in reply.get("Contents", [])
            }

    def count(self, prefix: str) -> int:
        with s3_client(self.endpoint) as client:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=prefix
            )
            return sum(page["KeyCount"] for page in pages)

    def versions(self, key: str) -> list[str]:
        with s3_client(self.endpoint) as client:
            reply = client.list_object_versions(Bucket=self.name, Prefix=key)
            return [each["VersionId"] for each in reply.get("Versions", [])]

    def moment(self) -> datetime:
        """A moment between what was before and what comes after: stores tell whole seconds."""
        time.sleep(1.1)
        now = datetime.now(UTC)
        time.sleep(1.1)
        return now

    async def open(self, stage: Stage, prefix: str = "") -> None:
        stage.commands.browsing.go(Place(HERE, Prefix(self.name, prefix)))
        await stage.rested()

    def perform(self, story: Callable[[Stage], Awaitable[None]]) -> Stage:
        return perform(memory_desk(self.home), story, connections=(near(self.endpoint, "here"),))


@pytest.fixture(params=["ceph", "moto"])
def kept(
    request: pytest.FixtureRequest,
    qapp: object,
    new_bucket: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Bucket:
    endpoint: Endpoint = request.getfixturevalue(request.param)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", endpoint.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", endpoint.secret_key)
    return Bucket(endpoint, new_bucket(endpoint), tmp_path / "home")


def rows(stage: Stage, *columns: Column) -> list[tuple[Any, ...]]:
    model = stage.window.pane.table.model()
    return [
        tuple(model.index(row, column).data() for column in columns)
        for row in range(model.rowCount())
    ]


def select_row(stage: Stage, row: int) -> None:
    table = stage.window.pane.table
    table.clearSelection()
    table.setFocus()
    table.setCurrentIndex(table.model().index(row, 0))
    table.selectRow(row)


def test_versions_stand_below_their_key_and_can_be_restored_and_deleted(kept):
    kept.put("a.txt", b"one")
    kept.put("a.txt", b"three")
    kept.put("b.txt", b"b")
    kept.delete("b.txt")
    kept.put("dir/c", b"c")

    async def story(stage: Stage) -> None:
        table = stage.window.pane.table
        await kept.open(stage)
        assert stage.names() == ["dir", "a.txt"]
        assert table.isColumnHidden(Column.VERSION)

        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        shown = rows(stage, Column.NAME, Column.STATE, Column.SIZE)
        assert shown == [
            ("dir", "", ""),
            ("a.txt", "Latest", "5 B"),
            ("a.txt", "Older", "3 B"),
            ("b.txt", "Latest, delete marker", ""),
            ("b.txt", "Older", "1 B"),
        ]
        assert not table.isColumnHidden(Column.VERSION)
        quiet = [table.model().index(row, 0).data(QUIET_ROLE) for row in range(5)]
        assert quiet == [False, False, True, True, True]
        assert "4 versions" in stage.window.pane.status.text
        stage.commands.browsing.open_entry(Prefix(kept.name, "dir/"))
        await stage.rested()
        assert rows(stage, Column.NAME, Column.STATE) == [("c", "Latest")]
        stage.commands.browsing.up()
        await stage.rested()

        # The latest one cannot be restored, nor what is a marker; an older one can.
        for row in (0, 1, 3):
            select_row(stage, row)
            assert not stage.window.acts[Act.RESTORE_VERSION].isEnabled()
        assert not stage.window.acts[Act.DOWNLOAD].isEnabled()
        select_row(stage, 2)
        assert not stage.window.acts[Act.RENAME].isEnabled()
        stage.give(Act.RESTORE_VERSION)
        await until(
            lambda: stage.window.pane.status.objects == 5 and not stage.window.pane.status.is_busy
        )
        assert rows(stage, Column.NAME, Column.STATE, Column.SIZE)[1:4] == [
            ("a.txt", "Latest", "3 B"),
            ("a.txt", "Older", "5 B"),
            ("a.txt", "Older", "3 B"),
        ]
        assert kept.keys("a")["a.txt"] == b"one"

        # One version is deleted for good, by keys alone.
        select_row(stage, 2)
        QTest.keyClick(table, Qt.Key.Key_Delete)
        dialog = await stage.opened(DeletionDialog)
        said = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "for good" in said
        assert "Other versions stay" in said
        assert not dialog.findChild(QPushButton, "delete").isEnabled()
        QTest.keyClicks(dialog.findChild(QLineEdit, "word"), "delete")
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await until(
            lambda: stage.window.pane.status.objects == 4 and not stage.window.pane.status.is_busy
        )
        assert [size for *_, size in rows(stage, Column.NAME, Column.SIZE)[1:3]] == ["3 B", "3 B"]

        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        assert stage.names() == ["dir", "a.txt"]
        assert table.isColumnHidden(Column.VERSION)

    kept.perform(story)
    assert len(kept.versions("a.txt")) == 2


def test_a_marker_goes_and_its_object_is_seen_again(kept):
    kept.put("a", b"one")
    kept.delete("a")

    async def story(stage: Stage) -> None:
        await kept.open(stage)
        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        select_row(stage, 0)
        stage.give(Act.DELETE)
        dialog = await stage.opened(DeletionDialog)
        said = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "seen again" in said
        assert "for good" not in said
        press(dialog, "&Delete")
        await until(lambda: rows(stage, Column.STATE) == [("Latest",)])
        assert "1 version deleted." in stage.window.status_bar.currentMessage()

    kept.perform(story)
    assert kept.keys() == {"a": b"one"}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kept", ["ceph"], indirect=True)
def test_a_folder_of_5000_markers_is_undeleted(kept):
    keys = [f"old/{number % 7}/{number:04}" for number in range(MARKERS)]
    with s3_client(kept.endpoint) as client, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda key: client.put_object(Bucket=kept.name, Key=key), keys))
    kept.put("old/there", b"there")
    kept.put("other", b"other")
    kept.delete(*keys, "other")
    assert kept.count("old/") == 1

    async def story(stage: Stage) -> None:
        await kept.open(stage, "old/")
        assert stage.names() == ["there"]
        # First it is looked at, and left.
        stage.give(Act.UNDELETE)
        dialog = await stage.opened(UndeletionDialog)
        button = dialog.findChild(QPushButton, "undelete")
        await until(button.isEnabled)
        said = dialog.findChild(QLabel, "tally").text()
        assert (
            said.replace("\u202f", "") == "5000 of 5001 objects are deleted, and can be undeleted."
        )
        dialog.reject()
        await until(lambda: stage.dialog(UndeletionDialog) is None)
        assert kept.count("old/") == 1

        stage.give(Act.UNDELETE)
        dialog = await stage.opened(UndeletionDialog)
        await until(dialog.findChild(QPushButton, "undelete").isEnabled)
        press(dialog, "&Undelete")
        await until(
            lambda: "5\u202f000 objects are undeleted." in stage.window.status_bar.currentMessage()
        )
        await until(lambda: len(stage.names()) == 8)

        stage.give(Act.UNDELETE)
        dialog = await stage.opened(UndeletionDialog)
        tally = dialog.findChild(QLabel, "tally")
        await until(lambda: "Nothing is deleted here" in tally.text())
        assert not dialog.findChild(QPushButton, "undelete").isEnabled()
        dialog.reject()

    kept.perform(story)
    assert kept.count("old/") == MARKERS + 1
    assert "other" not in kept.keys("other")


def test_selected_markers_are_undeleted_and_no_others(kept):
    for key in ("a", "b", "c"):
        kept.put(key, key.encode())
    kept.delete("a", "b")
    kept.delete("a")

    async def story(stage: Stage) -> None:
        await kept.open(stage)
        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        select_row(stage, 0)
        stage.give(Act.UNDELETE)
        dialog = await stage.opened(UndeletionDialog)
        await until(dialog.findChild(QPushButton, "undelete").isEnabled)
        assert "1 of 1" in dialog.findChild(QLabel, "tally").text()
        press(dialog, "&Undelete")
        await until(lambda: rows(stage, Column.NAME, Column.STATE)[0] == ("a", "Latest"))

    kept.perform(story)
    assert kept.keys() == {"a": b"a", "c": b"c"}


def test_a_bucket_is_seen_and_downloaded_as_it_was(kept, tmp_path):
    kept.put("a.txt", b"old")
    kept.put("gone.txt", b"was here")
    kept.put("dir/in.txt", b"old too")
    moment = kept.moment()
    kept.put("a.txt", b"new content")
    kept.put("dir/in.txt", b"new too")
    kept.put("late/x", b"x")
    kept.delete("gone.txt")
    target = tmp_path / "target"
    target.mkdir()

    async def story(stage: Stage) -> None:
        pane, acts = stage.window.pane, stage.window.acts
        await kept.open(stage)
        assert stage.names() == ["dir", "late", "a.txt"]
        stage.give(Act.AS_IT_WAS)
        dialog = await stage.opened(AsOfDialog)
        dialog.show_moment(datetime.now(UTC) + timedelta(hours=1))
        assert "has passed" in dialog.findChild(QLabel, "moment-error").text()
        dialog.show_moment(moment)
        press(dialog, "&Show")
        await until(lambda: stage.names() == ["dir", "a.txt", "gone.txt"])
        assert pane.past_bar.isVisible()
        stage.select("a.txt")
        for act in (Act.DELETE, Act.UPLOAD_FILES, Act.NEW_FOLDER, Act.PASTE, Act.RENAME, Act.CUT):
            assert not acts[act].isEnabled(), act
            assert "how it was" in acts[act].statusTip(), act
        assert not pane.table.takes_files(pane.table.model().index(0, 0))

        stage.select("dir", "a.txt", "gone.txt")
        stage.give(Act.DOWNLOAD)
        choose(await stage.opened(QFileDialog), target)
        transfers = stage.desk.queue.transfers
        await until(
            lambda: (
                len(transfers()) == 3
                and all(each.state is TransferState.COMPLETED for each in transfers())
            )
        )
        await stage.desk.queue.at_rest()

        # Into a folder, and up again: it is still then. The button leads back.
        stage.commands.browsing.open_entry(Prefix(kept.name, "dir/"))
        await until(lambda: stage.names() == ["in.txt"])
        assert pane.past_bar.isVisible()
        QTest.mouseClick(pane.past_bar.button, Qt.MouseButton.LeftButton)
        await until(lambda: not pane.past_bar.isVisible())
        await stage.rested()
        stage.commands.browsing.up()
        await until(lambda: stage.names() == ["dir", "late", "a.txt"])

    kept.perform(story)
    assert {
        str(file.relative_to(target)): file.read_bytes()
        for file in target.rglob("*")
        if file.is_file()
    } == {"a.txt": b"old", "gone.txt": b"was here", "dir/in.txt": b"old too"}


def test_the_inspector_shows_what_an_object_was(kept):
    first = kept.put("a.txt", b"one")
    kept.put("a.txt", b"three")
    kept.put("b.txt", b"b")

    async def story(stage: Stage) -> None:
        window = stage.window
        await kept.open(stage)
        window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        panel = window.inspector.findChild(TimelinePanel)
        stage.select("b.txt")
        await until(lambda: panel.model.rowCount() == 1)
        assert panel.isHidden()
        stage.select("a.txt")
        await until(lambda: panel.isVisible() and panel.model.rowCount() == 2)
        assert not nameless(panel)
        states = [panel.model.index(row, VersionColumn.STATE).data() for row in range(2)]
        assert states == ["Latest", "Older"]
        assert panel.obstacle(VersionDeed.DELETE) == "Select a version."

        panel.table.setFocus()
        panel.table.selectRow(0)
        assert panel.obstacle(VersionDeed.RESTORE) == "This is the latest version."
        QTest.keyClick(panel.table, Qt.Key.Key_Down)
        assert panel.version.version == first
        QTest.keyClick(panel.table, Qt.Key.Key_Space)
        preview = window.findChild(PreviewPanel)
        await until(lambda: preview.isVisible() and "one" in shown_text(preview))
        preview.left.emit()

        press_button(panel, "Restore This Version")
        await until(lambda: panel.model.rowCount() == 3)
        panel.table.setFocus()
        panel.table.selectRow(1)
        QTest.keyClick(panel.table, Qt.Key.Key_Delete)
        dialog = await stage.opened(DeletionDialog)
        dialog.findChild(QLineEdit, "word").setText("delete")
        press(dialog, "&Delete")
        await until(lambda: panel.model.rowCount() == 2)

    kept.perform(story)
    assert kept.keys()["a.txt"] == b"one"


def shown_text(panel: PreviewPanel) -> str:
    return " ".join(each.toPlainText() for each in panel.findChildren(QPlainTextEdit))


def press_button(panel: QWidget, name: str) -> None:
    button = next(b for b in panel.findChildren(QToolButton) if b.accessibleName() == name)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_older_version_is_previewed_and_inspected(kept):
    kept.put("a.txt", b"one")
    kept.put("a.txt", b"three")
    kept.delete("a.txt")

    async def story(stage: Stage) -> None:
        window = stage.window
        await kept.open(stage)
        stage.give(Act.SHOW_VERSIONS)
        await stage.rested()
        window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        select_row(stage, 2)
        stage.give(Act.PREVIEW)
        preview = window.findChild(PreviewPanel)
        await until(lambda: "one" in shown_text(preview))
        preview.left.emit()
        await until(lambda: "3 bytes" in sheet_text(stage) and "text" in sheet_text(stage))
        select_row(stage, 0)
        await until(lambda: "delete marker" in sheet_text(stage))
        assert not window.acts[Act.PREVIEW].isEnabled()

    kept.perform(story)


def sheet_text(stage: Stage) -> str:
    sheet = stage.window.inspector.sheet
    parts = [section.note for section in sheet.sections]
    return " ".join(parts + [fact.value for each in sheet.sections for fact in each.facts])
