"""The view of unfinished uploads: seen, resumed, completed with a file, aborted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView

from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix, UploadId
from s4desk.core.domain.objects import Upload
from s4desk.core.domain.parts import MIB, UploadCheckpoint
from s4desk.core.domain.transfer import BatchId, Direction, Transfer, TransferId, TransferSpec
from s4desk.core.persist.peek import Command
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.adoption import plan_adoption
from s4desk.core.transfer.files import fingerprint
from s4desk.core.transfer.journal import Inheritance
from s4desk.core.transfer.leftovers import Leftover
from s4desk.gui.commands import reclaiming
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.uploads import UploadsDialog
from s4desk.gui.models.upload_table import UploadTableModel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.upload_rows import UploadColumn
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

PART = 5 * MIB


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


async def begin(stage: Stage, key: str, *parts: bytes) -> UploadId:
    store = await stage.store()
    ticket = await store.create_multipart(Location(BUCKET, key))
    for number, body in enumerate(parts, 1):
        await store.put_part(Location(BUCKET, key), ticket, number, body)
    return ticket.upload


async def opened(stage: Stage, count: int) -> UploadsDialog:
    await stage.open()
    stage.window.acts[Act.UPLOADS].trigger()
    dialog = await stage.opened(UploadsDialog)
    again = dialog.findChild(QPushButton, "again")
    await until(lambda: again.text() == "Re&fresh" and dialog.model.rowCount() == count)
    return dialog


def press(dialog: UploadsDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button.isEnabled()
    button.click()


def select(dialog: UploadsDialog, row: int) -> None:
    dialog.findChild(QTableView).selectRow(row)


def enabled(dialog: UploadsDialog) -> list[str]:
    names = ("resume", "adopt", "abort")
    return [name for name in names if dialog.findChild(QPushButton, name).isEnabled()]


def test_an_upload_of_another_program_is_completed_with_a_file(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def choose_mine(*_: object) -> Path:
        return tmp_path / "mine"

    monkeypatch.setattr(reclaiming, "choose_file", choose_mine)
    content = bytes(PART) + b"the end"
    (tmp_path / "mine").write_bytes(content)

    async def story(stage: Stage) -> None:
        await begin(stage, "theirs", bytes(PART))
        dialog = await opened(stage, 1)
        assert enabled(dialog) == []
        select(dialog, 0)
        assert enabled(dialog) == ["adopt", "abort"]
        assert dialog.model.at(0).size == PART
        press(dialog, "adopt")
        (await stage.opened(QuestionDialog)).accept()
        await until(lambda: [t.state for t in desk.queue.transfers()] == ["completed"])
        assert await stage.read("theirs") == content
        assert (await stage.store()).uploads == {}
        await until(lambda: dialog.model.rowCount() == 0)
        assert enabled(dialog) == []
        dialog.reject()

    perform(desk, story)


def test_what_has_ended_meanwhile_was_not_aborted(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def choose_mine(*_: object) -> Path:
        return tmp_path / "mine"

    monkeypatch.setattr(reclaiming, "choose_file", choose_mine)
    monkeypatch.setattr(UploadTableModel, "remove", lambda *_: None)  # nobody saw it go
    (tmp_path / "mine").write_bytes(bytes(PART) + b"the end")

    async def story(stage: Stage) -> None:
        store = await stage.store()
        await begin(stage, "completed", bytes(PART))
        await begin(stage, "elsewhere", b"x")
        await begin(stage, "open", b"x")
        dialog = await opened(stage, 3)
        select(dialog, 0)
        press(dialog, "adopt")
        (await stage.opened(QuestionDialog)).accept()
        await until(lambda: [t.state for t in desk.queue.transfers()] == ["completed"])
        (elsewhere,) = [
            u for u in await store.list_uploads(Prefix(BUCKET)) if "else" in u.location.key
        ]
        await store.abort_multipart(elsewhere.location, elsewhere.upload)

        dialog.findChild(QTableView).selectAll()
        press(dialog, "abort")
        question = await stage.opened(DeletionDialog)
        question.findChild(QLineEdit).setText("abort")
        question.accept()
        await until(lambda: "1 upload was aborted" in dialog.outcome.text())
        assert "2 uploads had ended before that" in dialog.outcome.text()
        assert await stage.read("completed") == bytes(PART) + b"the end"
        dialog.reject()

    perform(desk, story)


def test_a_wrong_file_is_refused_and_what_is_there_only_replaced_when_agreed(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def choose_mine(*_: object) -> Path:
        return tmp_path / "mine"

    monkeypatch.setattr(reclaiming, "choose_file", choose_mine)
    content = bytes(PART) + b"the end"
    (tmp_path / "mine").write_bytes(b"other" * PART)

    async def story(stage: Stage) -> None:
        store = await stage.store()
        await begin(stage, "theirs", bytes(PART))
        await store.put(Location(BUCKET, "theirs"), b"newer")
        dialog = await opened(stage, 1)
        select(dialog, 0)
        press(dialog, "adopt")
        await until(lambda: "0 is proved" in dialog.outcome.text())
        assert (len(store.uploads), desk.queue.transfers()) == (1, [])

        (tmp_path / "mine").write_bytes(content)
        press(dialog, "adopt")
        assert dialog.outcome.text() == ""
        question = await stage.opened(QuestionDialog)
        said = " ".join(label.text() for label in question.findChildren(QLabel))
        assert "will be replaced" in said
        question.accept()
        await until(lambda: [t.state for t in desk.queue.transfers()] == ["completed"])
        assert await stage.read("theirs") == content
        dialog.reject()

    perform(desk, story)


def test_what_another_connection_to_the_store_needs_is_ours(desk: Desk, tmp_path: Path):
    async def story(stage: Stage) -> None:
        id_ = await begin(stage, "ours", b"x")
        target = Address(ConnectionId("by-another-name"), Location(BUCKET, "ours"))
        found = UploadCheckpoint(id_, PART, await in_thread(fingerprint, mine))
        run = await desk.runs.begin(Command("cp", mine, target))
        await run.journal.open()
        spec = TransferSpec(Direction.UPLOAD, mine, target, 1, batch=BatchId(run.id))
        transfer = Transfer(TransferId(0), spec, attempts=1)
        await run.journal.inherit([Inheritance(transfer, upload=found)])
        await run.aclose()
        dialog = await opened(stage, 1)
        assert dialog.model.index(0, UploadColumn.OWNER).data() == "a command"
        dialog.reject()

    mine = tmp_path / "ours"
    mine.write_bytes(b"x")
    perform(desk, story)


def test_what_an_interrupted_command_needs_goes_on_in_the_window(desk: Desk, tmp_path: Path):
    content = bytes(PART) + b"the end"
    (tmp_path / "ours").write_bytes(content)

    async def story(stage: Stage) -> None:
        id_ = await begin(stage, "ours", bytes(PART))
        upload = Upload(Location(BUCKET, "ours"), id_, None)
        found = await plan_adoption(await stage.store(), HOME, upload, tmp_path / "ours")
        run = await desk.runs.begin(Command("cp", tmp_path / "ours", found.target))
        await run.journal.open()
        await run.journal.inherit([found.inheritance(BatchId(run.id))])
        await run.set_planned(is_planned=True)
        await run.aclose()
        dialog = await opened(stage, 1)
        select(dialog, 0)
        assert dialog.model.index(0, UploadColumn.OWNER).data() == "a command"
        assert enabled(dialog) == ["resume", "abort"]
        press(dialog, "resume")
        await until(lambda: [t.state for t in desk.queue.transfers()] == ["completed"])
        assert await stage.read("ours") == content
        assert await desk.runs.look() == []
        dialog.reject()

    perform(desk, story)


def test_what_is_not_ours_is_aborted_only_after_a_word_was_typed(desk: Desk):
    async def story(stage: Stage) -> None:
        for key in ("a", "b"):
            await begin(stage, key, b"x")
        dialog = await opened(stage, 2)
        select(dialog, 1)
        press(dialog, "abort")
        question = await stage.opened(DeletionDialog)
        delete = question.findChild(QPushButton, "delete")
        assert not delete.isEnabled()
        question.findChild(QLineEdit, "word").setText("abort")
        assert delete.isEnabled()
        delete.click()
        await until(lambda: dialog.model.rowCount() == 1)
        assert [each.location.key for each in (await stage.store()).uploads.values()] == ["a"]
        await until(lambda: "does not know it" in dialog.outcome.text())
        dialog.reject()

    perform(desk, story)


def test_a_bucket_without_uploads_says_so(desk: Desk):
    async def story(stage: Stage) -> None:
        dialog = await opened(stage, 0)
        assert dialog.model.rowCount() == 0
        dialog.reject()
        await until(lambda: stage.dialog(UploadsDialog) is None)

    perform(desk, story)


def leftover(key: str, *, size: int | None = None, owner: str = "") -> Leftover:
    upload = Upload(Location(BUCKET, key), UploadId(f"id-{key}"), datetime(2026, 1, 1, tzinfo=UTC))
    return Leftover(upload, owner, parts=None if size is None else 1, size=size)


def test_the_model_keeps_its_promises(qtmodeltester, qapp):
    model = UploadTableModel(lambda _: QIcon())
    qtmodeltester.check(model)
    model.begin([leftover(key) for key in "cab"])
    assert [model.index(row, 0).data() for row in range(3)] == ["a", "b", "c"]
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: changed.append((top.row(), bottom.row())))
    model.update([leftover("a", size=3), leftover("b", size=2), leftover("gone", size=1)])
    assert changed == [(0, 1)]
    model.sort(2, Qt.SortOrder.DescendingOrder)
    assert [model.at(row).upload.location.key for row in range(3)] == ["a", "b", "c"]
    model.sort(2, Qt.SortOrder.AscendingOrder)
    assert [model.at(row).upload.location.key for row in range(3)] == ["c", "b", "a"]
    model.remove([leftover("c"), leftover("a")])
    assert [model.at(row).upload.location.key for row in range(model.rowCount())] == ["b"]
    qtmodeltester.check(model)
