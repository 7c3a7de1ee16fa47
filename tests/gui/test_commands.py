"""What commands ask, do and say; each given as a person gives it, on a store in memory."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QRadioButton,
    QTableView,
)

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.connection import Credentials
from s4desk.core.domain.errors import (
    PermissionDeniedError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.objects import DeleteFailure
from s4desk.core.domain.transfer import (
    BatchId,
    ConflictPolicy,
    Direction,
    TransferSpec,
    TransferState,
)
from s4desk.core.runtime.events import BatchFinished
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.delete import IN_FLIGHT
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.busy import BusyDialog
from s4desk.gui.dialogs.conflicts import ConflictDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.details import DetailsDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.gui.views.status_bar import ErrorLine
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.rows import format_time
from tests.gui.stage import BUCKET, HOME, Stage, connection, memory_desk, perform, press, until
from tests.store.configs import put_config

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QDialog

    from s4desk.core.domain.transfer import Transfer

Buttons = Qt.MouseButton


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def fill(dialog: QDialog, name: str, text: str) -> None:
    line = dialog.findChild(QLineEdit, name)
    line.clear()
    QTest.keyClicks(line, text)


def choose(chooser: QFileDialog, path: Path) -> None:
    """Type a name and accept, as somebody who knows where the file is."""
    chooser.setDirectory(str(path.parent))
    chooser.findChild(QLineEdit, "fileNameEdit").setText(path.name)
    chooser.accept()


def column(dialog: QDialog, number: int) -> list[str]:
    model = dialog.findChild(QTableView).model()
    return [model.index(row, number).data() for row in range(model.rowCount())]


async def failed_download(stage: Stage, target: Path, key: str = "missing") -> Transfer:
    """Download what is not there."""
    missing = Address(HOME, Location(BUCKET, key))
    await stage.desk.queue.submit([TransferSpec(Direction.DOWNLOAD, missing, target)])
    await until(lambda: stage.states == [TransferState.FAILED])
    return stage.desk.queue.transfers()[0]


# Uploading and downloading


def test_files_are_chosen_and_their_folder_is_remembered(desk, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one")

    async def story(stage: Stage) -> None:
        await stage.open()
        stage.window.acts[Act.UPLOAD_FILES].trigger()
        chooser = await stage.opened(QFileDialog)
        choose(chooser, tmp_path / "a.txt")
        await until(lambda: stage.names() == ["a.txt"])
        stage.window.acts[Act.UPLOAD_FILES].trigger()
        chooser = await stage.opened(QFileDialog)
        assert chooser.directory().path() == str(tmp_path)
        chooser.reject()
        await until(lambda: stage.dialog(QFileDialog) is None)

    perform(desk, story)


def test_a_folder_is_chosen_and_uploaded_whole(desk, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.open()
        stage.window.acts[Act.UPLOAD_FOLDER].trigger()
        chooser = await stage.opened(QFileDialog)
        choose(chooser, tmp_path / "folder")
        await until(lambda: stage.names() == ["folder"])
        assert await stage.keys() == ["folder/a"]

    perform(desk, story)


def test_a_download_goes_to_the_chosen_folder_which_is_kept(desk, tmp_path):
    target = tmp_path / "downloads"
    target.mkdir()

    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"content")
        stage.window.pane.table.selectRow(0)
        stage.window.acts[Act.OPEN].trigger()
        chooser = await stage.opened(QFileDialog)
        choose(chooser, target)
        await until((target / "a.txt").exists)
        assert desk.settings.current.download_folder == str(target)

    perform(desk, story)


def test_what_cannot_be_sent_is_listed_and_the_rest_is_sent(desk, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_bytes(b"1")
    os.mkfifo(folder / "pipe")

    async def story(stage: Stage) -> None:
        await stage.open()
        stage.window.pane.files_dropped.emit([folder], Prefix(BUCKET))
        dialog = await stage.opened(ReviewDialog)
        assert column(dialog, 0) == [str(folder / "pipe")]
        dialog.reject()
        await until(lambda: stage.dialog(ReviewDialog) is None)
        assert stage.states == []
        stage.window.pane.files_dropped.emit([folder], Prefix(BUCKET))
        press(await stage.opened(ReviewDialog), "Upload the rest")
        await until(lambda: stage.names() == ["folder"])

    perform(desk, story)


def test_names_that_change_are_shown_before_a_download(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await stage.show("../outside", data=b"x")
        stage.window.pane.select_all()
        download = stage.commands.transferring.download_to
        selection = stage.window.pane.selection()
        stage.session.run_call(lambda: download(tmp_path / "down", HOME, selection))
        dialog = await stage.opened(ReviewDialog)
        assert (column(dialog, 0), column(dialog, 1)) == (["../outside"], ["%2E%2E/outside"])
        press(dialog, "Continue")
        await until((tmp_path / "down" / "%2E%2E" / "outside").exists)
        assert not (tmp_path / "outside").exists()

    perform(desk, story)


@pytest.mark.parametrize(
    ("policy", "content"), [(ConflictPolicy.OVERWRITE, b"new"), (ConflictPolicy.SKIP, b"old")]
)
def test_a_policy_of_the_settings_asks_nobody(desk, tmp_path, policy, content):
    (tmp_path / "a").write_bytes(b"new")

    async def story(stage: Stage) -> None:
        await desk.settings.change(on_conflict=policy)
        await stage.show("a", data=b"old")
        await stage.commands.transferring.upload([tmp_path / "a"], HOME, Prefix(BUCKET))
        await until(lambda: all(state.is_final for state in stage.states))
        assert await stage.read("a") == content
        assert stage.dialog(ConflictDialog) is None

    perform(desk, story)


def test_each_conflict_can_be_decided_for_itself(desk, tmp_path):
    for name in "ab":
        (tmp_path / name).write_bytes(b"new")

    async def story(stage: Stage) -> None:
        await stage.show("a", "b", data=b"old")
        files = [tmp_path / "a", tmp_path / "b"]
        stage.window.pane.files_dropped.emit(files, Prefix(BUCKET))
        dialog = await stage.opened(ConflictDialog)
        table = dialog.findChild(QTableView)
        dialog.findChild(QCheckBox).setChecked(False)
        for row, policy in enumerate(("overwrite", "skip")):
            table.selectRow(row)
            QTest.keyClick(dialog.findChild(QRadioButton, policy), Qt.Key.Key_Space)
        press(dialog, "Continue")
        await until(lambda: stage.states == [TransferState.COMPLETED])
        assert (await stage.read("a"), await stage.read("b")) == (b"new", b"old")

    perform(desk, story)


@pytest.mark.parametrize("is_tree", [False, True])
def test_a_download_over_files_says_which_side_is_newer(desk, tmp_path, is_tree):
    there = [tmp_path / "a", tmp_path / "f" / "b"]
    there[1].parent.mkdir()
    for path in there:
        path.write_bytes(b"old")

    async def story(stage: Stage) -> None:
        await stage.show("a", "f/b", data=b"fresh")
        (stage.window.pane.show_tree if is_tree else stage.window.pane.show_table)()
        await stage.rested()
        stage.window.pane.select_all()
        download = stage.commands.transferring.download_to
        selection = stage.window.pane.selection()
        stage.session.run_call(lambda: download(tmp_path, HOME, selection))
        dialog = await stage.opened(ConflictDialog)
        store = await stage.store()
        when = [(await store.head(Location(BUCKET, key))).modified for key in ("a", "f/b")]
        assert column(dialog, 0) == ["a", "f/b"]
        assert column(dialog, 1) == [f"5 B, {format_time(each.timestamp())}" for each in when]
        dialog.reject()
        await until(lambda: stage.dialog(ConflictDialog) is None)

    perform(desk, story)


def test_a_plan_that_takes_long_can_be_cancelled(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("s4desk.gui.dialogs.busy.PATIENCE_S", 0.0)

    async def story(stage: Stage) -> None:
        await stage.show("a/b")
        gate = _Gate(await stage.store())
        monkeypatch.setattr(MemoryStore, "list_objects", gate.list_objects)
        stage.window.pane.select_all()
        download = stage.commands.transferring.download_to
        selection = stage.window.pane.selection()
        stage.session.run_call(lambda: download(tmp_path / "down", HOME, selection))
        await until(lambda: gate.is_asked)
        press(await stage.opened(BusyDialog), "Cancel")
        await until(lambda: stage.dialog(BusyDialog) is None)
        await until(lambda: gate.was_cancelled)
        assert stage.states == []

    perform(desk, story)


class _Gate:
    """A listing that never comes."""

    def __init__(self, _store: MemoryStore) -> None:
        self.is_asked = self.was_cancelled = False

    async def list_objects(self, *_: Any, **__: Any) -> None:
        self.is_asked = True
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


# The queue


def test_transfers_are_paused_resumed_retried_cancelled_and_cleared(desk, tmp_path):
    async def story(stage: Stage) -> None:
        acts, table = stage.window.acts, stage.window.transfers._table
        spec = (await failed_download(stage, tmp_path / "missing")).spec
        stage.commands.queueing.resume([])  # wakes the feed
        await until(lambda: stage.window.transfer_model.rowCount() == 1)
        table.selectRow(0)
        assert acts[Act.RETRY].isEnabled()
        assert not acts[Act.PAUSE].isEnabled()
        await stage.put("missing", b"there now")
        assert acts[Act.RETRY_ALL].isEnabled()
        acts[Act.RETRY_ALL].trigger()
        await until(lambda: stage.states == [TransferState.COMPLETED])
        await until(acts[Act.CLEAR].isEnabled)
        acts[Act.CLEAR].trigger()
        await until(lambda: stage.states == [])

        desk.queue.set_concurrency(1)
        await desk.queue.submit([spec] * 3)
        acts[Act.PAUSE_ALL].setEnabled(True)
        acts[Act.PAUSE_ALL].trigger()
        await until(lambda: TransferState.PAUSED in stage.states)
        await until(acts[Act.RESUME_ALL].isEnabled)
        stage.commands.queueing.cancel([desk.queue.transfers()[-1].id])
        acts[Act.RESUME_ALL].trigger()
        await until(lambda: all(state.is_final for state in stage.states))
        assert stage.states[-1] is TransferState.CANCELLED

    perform(desk, story)


def test_what_was_cancelled_is_begun_anew_and_once(desk, tmp_path):
    missing = Address(HOME, Location(BUCKET, "missing"))
    spec = TransferSpec(Direction.DOWNLOAD, missing, tmp_path / "missing", batch=BatchId("b"))

    async def story(stage: Stage) -> None:
        acts, pane = stage.window.acts, stage.window.transfers
        await desk.queue.submit([spec, replace(spec, target=tmp_path / "other")])
        await until(lambda: stage.states == [TransferState.FAILED] * 2)
        (old, other) = (transfer.id for transfer in desk.queue.transfers())
        stage.commands.queueing.cancel([old, other])
        await until(lambda: stage.states == [TransferState.CANCELLED] * 2)
        await until(lambda: stage.window.transfer_model.rowCount() == 2)
        await stage.put("missing", b"there now")
        pane._table.select([old])
        await until(acts[Act.RETRY].isEnabled)
        acts[Act.RETRY].trigger()
        pane.retry_requested.emit([old])
        await until(lambda: TransferState.COMPLETED in stage.states)
        kept, new = desk.queue.transfers()
        assert kept.id == other
        assert (new.spec.source, new.spec.target) == (spec.source, spec.target)
        assert new.spec.batch != spec.batch
        assert (tmp_path / "missing").read_bytes() == b"there now"

    perform(desk, story)


def test_why_a_transfer_failed_can_be_read_in_full(desk, tmp_path):
    async def story(stage: Stage) -> None:
        failed = await failed_download(stage, tmp_path / "here", "a/missing")
        stage.window.transfers.failure_opened.emit(failed.id)
        (dialog,) = stage.window.findChildren(DetailsDialog)
        dialog.findChild(QPushButton, "copy").click()
        copied = QGuiApplication.clipboard().text()
        name = desk.connections.get(HOME).name
        assert copied.startswith(failed.error)
        assert f"From: {name}:{BUCKET}/a/missing\nTo: {tmp_path / 'here'}" in copied
        dialog.close()

    perform(desk, story)


def test_a_cancellation_is_shown_before_it_is_done(desk, tmp_path, monkeypatch):
    async def story(stage: Stage) -> None:
        model, asked = stage.window.transfer_model, []
        await failed_download(stage, tmp_path / "a")
        stage.commands.queueing.resume_all()  # wakes the feed
        await until(lambda: model.rowCount() == 1)
        monkeypatch.setattr(desk.queue, "cancel", asked.append)
        stage.commands.queueing.cancel(model.transfers())
        assert model.index(0, TransferColumn.STATE).data() == "Cancelling…"
        assert asked == [model.transfers()]

    perform(desk, story)


def test_what_failed_is_not_cleared_away(desk, tmp_path):
    async def story(stage: Stage) -> None:
        await failed_download(stage, tmp_path / "a")
        stage.commands.queueing.clear()
        assert "retry or cancel" in stage.window.status_bar.currentMessage()
        assert stage.states == [TransferState.FAILED]

    perform(desk, story)


def test_the_folder_of_a_transfer_is_shown(desk, tmp_path, monkeypatch):
    shown = []
    works = [True]

    def open_url(url):
        shown.append(url.toLocalFile())
        return works[0]

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    target = tmp_path / "not" / "there" / "yet"

    async def story(stage: Stage) -> None:
        failed = await failed_download(stage, target)
        await stage.commands.queueing.reveal(failed)
        assert shown == [str(tmp_path)] or shown == [str(target.parent)]
        stage.commands.notices.show_folder(desk.folders.logs)
        assert shown[-1] == str(desk.folders.logs)
        assert shown[-1] in stage.window.status_bar.currentMessage()
        works[0] = False
        stage.commands.notices.show_folder(desk.folders.logs)
        line = stage.window.status_bar.findChild(ErrorLine)
        assert shown[-1] in line.accessibleName()
        line.click()
        assert QGuiApplication.clipboard().text() == str(desk.folders.logs)
        assert stage.dialog(DetailsDialog) is None

    perform(desk, story)


# Deleting


def test_what_the_store_keeps_is_listed_with_its_reason(desk, monkeypatch):
    async def refuse(_self, _bucket, doomed, **_how):
        return [DeleteFailure(doomed[0], "AccessDenied", "Object is locked")]

    async def story(stage: Stage) -> None:
        await stage.show("a", "b")
        monkeypatch.setattr(MemoryStore, "delete_many", refuse)
        stage.window.pane.select_all()
        stage.window.acts[Act.DELETE].trigger()
        question = await stage.opened(DeletionDialog)
        fill(question, "word", "delete")
        press(question, "&Delete")
        report = await stage.opened(ReviewDialog)
        assert (column(report, 0), column(report, 1)) == (
            ["a"],
            ["AccessDenied: Object is locked"],
        )
        report.reject()

    perform(desk, story)


def test_a_store_that_goes_away_ends_a_deletion_with_a_sentence(desk, monkeypatch):
    async def fail(*_args, **_how):
        raise UnavailableError("gone", operation="DeleteObjects", status=503)

    told = []

    async def story(stage: Stage) -> None:
        await stage.show("a")
        monkeypatch.setattr(MemoryStore, "delete_many", fail)
        monkeypatch.setattr(stage.window.status_bar, "show_error", told.append)
        stage.window.pane.select_all()
        stage.window.acts[Act.DELETE].trigger()
        question = await stage.opened(DeletionDialog)
        fill(question, "word", "delete")
        press(question, "&Delete")
        await until(lambda: told)
        assert "fault of its own" in told[0]

    perform(desk, story)


@pytest.mark.parametrize("hides", [False, True])
def test_nothing_is_said_to_be_deleted_before_somebody_has_agreed(desk, monkeypatch, hides):
    monkeypatch.setattr("s4desk.gui.dialogs.busy.PATIENCE_S", 0.0)
    monkeypatch.setattr("s4desk.gui.commands.deleting.LOOK_EVERY_S", 0.01)
    gate = asyncio.Event()
    get_document = MemoryStore.get_document

    async def slow(store, bucket, kind, **which):
        if kind is ConfigKind.VERSIONING:
            await gate.wait()
        return await get_document(store, bucket, kind, **which)

    async def story(stage: Stage) -> None:
        await put_config(await stage.store(), BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
        await stage.show("a")
        stage.select("a")
        monkeypatch.setattr(MemoryStore, "get_document", slow)
        delete, chosen = stage.commands.deleting.objects, stage.window.pane.selection()
        stage.session.run_call(lambda: delete(HOME, chosen, hides=hides))
        busy = await stage.opened(BusyDialog)
        said = [label.text() for label in busy.findChildren(QLabel)]
        assert (busy.windowTitle(), said) == ("Asking the store…", ["Asking the store…"])
        gate.set()
        (await stage.opened(DeletionDialog)).reject()
        await until(lambda: stage.dialog(DeletionDialog) is None)

    perform(desk, story)


def test_a_long_deletion_is_stopped_and_says_how_far_it_got(desk, monkeypatch):
    monkeypatch.setattr("s4desk.gui.dialogs.busy.PATIENCE_S", 0.0)
    monkeypatch.setattr("s4desk.core.transfer.delete.MAX_KEYS", 1)
    gate = asyncio.Event()

    async def slow(_self, _bucket, _doomed, **_how):
        await gate.wait()
        return []

    async def story(stage: Stage) -> None:
        # One more than is under way at the stop: a stop that spares nothing is none.
        await stage.show(*(f"{each}.txt" for each in range(IN_FLIGHT + 1)))
        monkeypatch.setattr(MemoryStore, "delete_many", slow)
        stage.window.pane.select_all()
        stage.window.acts[Act.DELETE].trigger()
        question = await stage.opened(DeletionDialog)
        fill(question, "word", "delete")
        press(question, "&Delete")
        press(await stage.opened(BusyDialog), "Stop")
        gate.set()
        await until(lambda: "you stopped it" in stage.window.status_bar.currentMessage())

    perform(desk, story)


# Saying


def test_an_error_stays_until_its_details_are_looked_at(desk):
    error = PermissionDeniedError(
        "Access Denied", operation="PutObject", status=403, code="AccessDenied", request_id="r1"
    )

    async def story(stage: Stage) -> None:
        stage.commands.notices.fail(error)
        stage.window.status_bar.error_clicked.emit()
        dialog = await stage.opened(DetailsDialog)
        press(dialog, "&Copy")
        copied = QGuiApplication.clipboard().text()
        assert "may not write" in copied
        assert "Request id: r1" in copied
        dialog.reject()

    perform(desk, story)


def test_an_unexpected_error_is_logged_and_said(desk, expected_logs):
    told = []

    async def story(stage: Stage) -> None:
        async def fail() -> None:
            raise RuntimeError("a bug")

        stage.window.status_bar.show_error = told.append
        stage.session.run_call(fail)
        await until(lambda: told)
        assert "unexpected" in told[0]
        assert [record.exc_info[1].args for record in expected_logs] == [("a bug",)]

    perform(desk, story)


def test_another_thread_can_say_something(desk):
    told = []

    async def story(stage: Stage) -> None:
        stage.window.status_bar.show_error = lambda sentence: told.append(
            (sentence, threading.current_thread())
        )
        thread = threading.Thread(target=stage.commands.notices.tell, args=("Something.",))
        thread.start()
        thread.join()
        assert told == []
        await until(lambda: told)
        assert told == [("Something.", threading.main_thread())]

    perform(desk, story)


def test_the_end_of_a_batch_is_told_once_as_was_chosen_and_not_of_a_drag(desk):
    said, notified = [], []

    async def story(stage: Stage) -> None:
        notices = stage.commands.notices
        notices.say = said.append
        notices.notify = lambda title, sentence: notified.append((title, sentence))
        dragging = stage.commands.dragging
        dragging._batches.add("drag")
        desk.events.publish(BatchFinished("upload", 3, 0, 0, 0, 1024))
        desk.events.publish(BatchFinished("drag", 1, 0, 0, 0, 1))
        sentence = "3 files transferred (1.0 KiB)."
        assert (said, notified) == ([sentence], [("Transfers finished", sentence)])
        await desk.settings.change(notify_when_done=False)
        desk.events.publish(BatchFinished("upload", 3, 0, 0, 0, 1024))
        assert (len(said), len(notified)) == (1, 2)
        await desk.settings.change(notify_by_tray=False)
        desk.events.publish(BatchFinished("upload", 3, 0, 0, 0, 1024))
        assert (len(said), len(notified)) == (1, 2)

    perform(desk, story)


# Menus at the pointer


def menu() -> QMenu | None:
    popup = QApplication.activePopupWidget()
    return popup if isinstance(popup, QMenu) else None


def entries() -> dict[str, Any]:
    shown = menu()
    assert shown is not None
    return {action.text().replace("&", ""): action for action in shown.actions() if action.text()}


def test_the_menu_of_a_row_in_the_tree_is_about_that_row(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a/b")
        other = connection("memory:other")
        other = type(other)(ConnectionId("other"), "Other", endpoint="memory:other")
        await desk.connections.add(other)
        tree = stage.window.tree
        await stage.open("a/")

        tree.menu_requested.emit(None, QPoint(0, 0))
        assert list(entries()) == ["New Connection…", "New Failover Group…"]
        menu().close()

        tree.menu_requested.emit(Place(HOME), QPoint(0, 0))
        assert "Remove Connection…" in entries()
        entries()["Open"].trigger()
        menu().close()
        assert stage.commands.browsing.place == Place(HOME)

        tree.menu_requested.emit(Place(HOME, Prefix(BUCKET)), QPoint(0, 0))
        assert "Delete Bucket…" in entries()
        entries()["Copy S3 URI"].trigger()
        menu().close()
        assert QGuiApplication.clipboard().text() == "s3://photos/"

        tree.menu_requested.emit(Place(HOME, Prefix(BUCKET, "a/")), QPoint(0, 0))
        assert "Delete Bucket…" not in entries()
        assert "Download…" in entries()
        entries()["Delete…"].trigger()
        menu().close()
        dialog = await stage.opened(DeletionDialog)
        said = [label.text() for label in dialog.findChildren(QLabel)]
        assert "Delete the folder “a” and everything in it?" in said
        dialog.reject()

    perform(desk, story)


@pytest.mark.parametrize(
    ("failure", "asks"), [(TlsError("not known here"), False), (UnauthenticatedError("no"), True)]
)
def test_only_what_is_about_keys_leads_to_them(desk, monkeypatch, failure, asks):
    asked = []
    monkeypatch.setattr(ConnectionDialog, "ask_for_key", lambda dialog: asked.append(dialog))

    async def story(stage: Stage) -> None:
        await stage.open()
        pane = stage.window.pane
        stage.commands.subject.status = replace(pane.status, failure=failure)
        pane.remedy_wanted.emit(Remedy.EDIT_CONNECTION)
        dialog = await stage.opened(ConnectionDialog)
        assert bool(asked) is asks
        dialog.reject()

    perform(desk, story)


def test_the_menu_of_the_objects_fits_what_is_selected(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a")
        pane, at = stage.window.pane, QPoint(0, 0)
        stage.commands.browsing.go(Place(HOME))
        await stage.rested()
        pane.menu_requested.emit(pane.selection(), at)
        assert "New Bucket…" in entries()
        menu().close()
        pane.select_all()
        pane.menu_requested.emit(pane.selection(), at)
        assert "Delete Bucket…" in entries()
        assert entries()["Delete Bucket…"].isEnabled()
        menu().close()
        await stage.open()
        pane.menu_requested.emit(pane.selection(), at)
        assert "Upload Files…" in entries()
        menu().close()
        pane.select_all()
        pane.menu_requested.emit(pane.selection(), at)
        assert "Upload Here…" not in entries()
        assert entries()["Download…"].isEnabled()
        assert entries()["Rename…"].isEnabled()
        menu().close()
        stage.window.transfers.menu_requested.emit([], at)
        assert "Retry" in entries()
        menu().close()

    perform(desk, story)


def test_files_are_uploaded_into_the_folder_the_menu_is_about(desk, tmp_path):
    (tmp_path / "new").write_bytes(b"new")

    async def story(stage: Stage) -> None:
        await stage.show("sub/old")
        pane = stage.window.pane
        pane.select_all()
        pane.menu_requested.emit(pane.selection(), QPoint(0, 0))
        assert list(entries())[:3] == ["Open", "Upload Here…", "New Folder Here…"]
        entries()["Upload Here…"].trigger()
        menu().close()
        choose(await stage.opened(QFileDialog), tmp_path / "new")
        await until(lambda: stage.states == [TransferState.COMPLETED])
        assert await stage.keys() == ["sub/new", "sub/old"]

    perform(desk, story)


def test_a_folder_is_made_in_the_folder_the_menu_is_about(desk):
    async def story(stage: Stage) -> None:
        await stage.show("sub/old")
        pane = stage.window.pane
        pane.select_all()
        pane.menu_requested.emit(pane.selection(), QPoint(0, 0))
        entries()["New Folder Here…"].trigger()
        menu().close()
        dialog = await stage.opened(FormDialog)
        fill(dialog, "name", "new")
        press(dialog, "Create")
        await until(lambda: stage.dialog(FormDialog) is None)
        assert await stage.keys() == ["sub/new/", "sub/old"]

    perform(desk, story)


# Connections and addresses


def test_a_kept_secret_stays_when_only_the_name_is_edited(desk):
    keyed = type(connection())(HOME, "Keyed", endpoint="http://127.0.0.1:1")

    async def story(stage: Stage) -> None:
        await desk.secrets.keep(HOME, Credentials("AKIA", "hush"))
        stage.window.tree.setCurrentIndex(stage.window.tree_model.index(0, 0))
        stage.window.acts[Act.EDIT_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        assert dialog.findChild(QLineEdit, "key_id").text() == "AKIA"
        assert dialog.findChild(QLineEdit, "secret").text() == ""
        fill(dialog, "name", "Other name")
        press(dialog, "Save")
        await until(lambda: desk.connections.get(HOME).name == "Other name")
        assert (await desk.secrets.credentials(HOME)).secret == "hush"

    perform(desk, story, connections=(keyed,))


def test_what_another_process_writes_about_connections_is_shown(desk):
    def shown(stage: Stage) -> list[str]:
        model = stage.window.tree_model
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    async def story(stage: Stage) -> None:
        other = memory_desk(desk.connections.path.parents[1])
        assert other.connections.path == desk.connections.path
        new = replace(connection(), id=ConnectionId("new"), name="New")
        await other.connections.add(new)
        await until(lambda: shown(stage) == ["Home", "New"])
        stage.window.acts[Act.ADD_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        fill(dialog, "name", "Typed")
        await other.connections.edit(replace(new, name="Newer"))
        await until(lambda: shown(stage) == ["Home", "Newer"])
        assert dialog.findChild(QLineEdit, "name").text() == "Typed"
        dialog.reject()
        await stage.open()
        before = await desk.stores.get(HOME)
        await other.connections.edit(connection("memory:elsewhere"))
        await until(lambda: stage.window.pane.status.failure is not None)
        assert await desk.stores.get(HOME) is not before
        await other.connections.remove(HOME)
        await until(lambda: stage.commands.browsing.place is None)
        assert shown(stage) == ["Newer"]

    perform(desk, story)


def test_profiles_are_offered(desk, tmp_path, monkeypatch):
    (tmp_path / "config").write_text("[default]\n[profile work]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))

    async def story(stage: Stage) -> None:
        stage.window.acts[Act.ADD_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        line = dialog.findChild(QLineEdit, "profile")
        await until(line.completer)
        choices = dialog.findChild(QComboBox, "credentials")
        choices.setCurrentIndex(choices.findData("profile"))
        line.findChild(QAction, "profile-offers").trigger()
        popup = line.completer().popup()
        await until(popup.isVisible)
        QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Return)
        assert dialog.form.fields["profile"].text == "work"
        dialog.reject()
        await until(lambda: stage.dialog(ConnectionDialog) is None)

    perform(desk, story)


def test_several_addresses_are_one_line_each(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a", "b/c")
        stage.window.pane.select_all()
        stage.window.acts[Act.COPY_URI].trigger()
        assert QGuiApplication.clipboard().text() == "s3://photos/b/\ns3://photos/a"
        assert stage.window.status_bar.currentMessage() == "2 lines copied."

    perform(desk, story)
