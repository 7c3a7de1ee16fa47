"""Verifying again, and the report of transfers, as a person asks for them."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QTableView

from s4desk.core.domain.transfer import TransferState
from s4desk.gui.dialogs.busy import BusyDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.models.transfer_cells import TransferColumn
from s4desk.viewmodels.acts import Act
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.domain.identity import Location

COMPLETED, FAILED = TransferState.COMPLETED, TransferState.FAILED


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def headline_of(dialog: ReviewDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def choose(chooser: QFileDialog, path: Path) -> None:
    chooser.setDirectory(str(path.parent))
    chooser.findChild(QLineEdit, "fileNameEdit").setText(path.name)
    chooser.accept()


def lines(dialog: ReviewDialog) -> list[list[str]]:
    model = dialog.findChild(QTableView).model()
    columns = range(model.columnCount())
    return [[model.index(row, at).data() for at in columns] for row in range(model.rowCount())]


async def rot(stage: Stage, key: str, data: bytes) -> None:
    """Change bytes behind the back of the store, which still tells the old checksum."""
    held = (await stage.store()).buckets[BUCKET].newest(key)
    object.__setattr__(held, "data", data)


async def said(stage: Stage, text: str) -> None:
    await until(lambda: text in stage.window.status_bar.currentMessage())


async def uploaded(stage: Stage, path: Path) -> None:
    await stage.open()
    await stage.commands.transferring.upload(
        [path], stage.commands.browsing.place.connection, stage.commands.browsing.place.prefix
    )
    model = stage.window.transfer_model
    await until(lambda: model.all_states == {COMPLETED})
    stage.window.transfers._table.selectAll()


def test_an_object_is_compared_with_what_its_store_keeps(desk):
    async def story(stage: Stage) -> None:
        await stage.put("a", b"content")
        await stage.open()
        assert not stage.window.acts[Act.VERIFY].isEnabled()
        stage.window.pane.table.selectRow(0)
        stage.window.acts[Act.VERIFY].trigger()
        await said(stage, "every byte is the same (MD5")
        await rot(stage, "a", b"contenT")
        stage.window.acts[Act.VERIFY].trigger()
        review = await stage.opened(ReviewDialog)
        ((name, result, algorithm, read, stored, other),) = lines(review)
        assert (name, result, algorithm, other) == ("a", "Different", "MD5", "")
        assert read != stored
        assert read
        assert stored
        review.reject()

    perform(desk, story)


def test_a_folder_is_compared_with_its_local_copy(desk, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "same").write_bytes(b"1")
    (copy / "other").write_bytes(b"2")
    (copy / "extra").write_bytes(b"3")
    (copy / ".same.1-1.s4part").write_bytes(b"")

    async def story(stage: Stage) -> None:
        for name in ("same", "other", "missing"):
            await stage.put(f"folder/{name}", b"1")
        await stage.open()
        stage.window.pane.table.selectRow(0)
        stage.window.acts[Act.VERIFY_WITH_FILES].trigger()
        choose(await stage.opened(QFileDialog), copy)
        review = await stage.opened(ReviewDialog)
        told = {line[0]: line for line in lines(review)}
        assert told.keys() == {"folder/missing", "folder/other", str(copy / "extra")}
        assert told[str(copy / "extra")][1] == "It is only here: the store has no such object."
        assert told["folder/missing"][1].startswith("It is only there: ")
        assert "1 is only there, 1 is only here" in headline_of(review)
        assert told["folder/other"][1] == "Different"
        assert told["folder/other"][3] != told["folder/other"][5]
        review.reject()

    perform(desk, story)


def test_files_beside_what_was_chosen_are_not_told_of(desk, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("a", "b", "extra"):
        (copy / name).write_bytes(b"1")

    async def story(stage: Stage) -> None:
        for name in ("a", "b"):
            await stage.put(name, b"1")
        await stage.open()
        stage.window.pane.table.selectAll()
        stage.window.acts[Act.VERIFY_WITH_FILES].trigger()
        choose(await stage.opened(QFileDialog), copy)
        await said(stage, "Verified: 2 are the same.")

    perform(desk, story)


def test_a_single_object_is_compared_with_a_file(desk, tmp_path):
    (tmp_path / "copy").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.put("a", b"1")
        await stage.open()
        stage.window.pane.table.selectRow(0)
        stage.window.acts[Act.VERIFY_WITH_FILES].trigger()
        choose(await stage.opened(QFileDialog), tmp_path / "copy")
        await said(stage, "every byte is the same")

    perform(desk, story)


def test_a_transfer_is_verified_with_its_own_other_end(desk, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")

    async def story(stage: Stage) -> None:
        await uploaded(stage, path)
        stage.window.acts[Act.VERIFY_TRANSFERS].trigger()
        await said(stage, "every byte is the same")
        await rot(stage, "file", b"rotten!")
        stage.window.acts[Act.VERIFY_TRANSFERS].trigger()
        review = await stage.opened(ReviewDialog)
        ((_, result, _, read, stored, other),) = lines(review)
        assert result == "Different"
        assert stored == other != read
        review.reject()
        (failed,) = stage.desk.queue.transfers()
        assert failed.state is FAILED
        assert read in failed.error
        assert other in failed.error
        assert await stage.keys() == ["file"]
        model = stage.window.transfer_model
        state = model.index(0, TransferColumn.STATE)
        await until(lambda: state.data() == f"Failed – {failed.error}")
        assert model.index(0, TransferColumn.VERIFIED).data() == ""

    perform(desk, story)


def test_verifying_is_stopped(desk, monkeypatch):
    monkeypatch.setattr("s4desk.gui.commands.verifying.PATIENCE_S", 0.0)

    async def story(stage: Stage) -> None:
        await stage.put("a")
        await stage.open()
        store = await stage.store()

        async def hang(location: Location, sink: object, **_: object) -> None:
            await asyncio.Event().wait()

        store.get = hang
        stage.window.pane.table.selectRow(0)
        stage.window.acts[Act.VERIFY].trigger()
        busy = await stage.opened(BusyDialog)
        busy.reject()
        await said(stage, "you stopped it")

    perform(desk, story)


def test_a_report_is_saved(desk, tmp_path):
    path = tmp_path / "=file"
    path.write_bytes(b"content")
    target = tmp_path / "report.csv"

    async def story(stage: Stage) -> None:
        await uploaded(stage, path)
        stage.window.acts[Act.SAVE_REPORT].trigger()
        choose(await stage.opened(QFileDialog), target)
        await said(stage, "1 transfer reported")
        (row,) = csv.DictReader(io.StringIO(target.read_bytes().decode("utf-8-sig"), newline=""))
        assert row["source"] == str(path)
        assert row["target"] == f"Home:{BUCKET}/=file"
        assert (row["state"], row["verified"], row["bytes_sent"]) == ("completed", "md5", "7")
        assert row["started"] <= row["ended"]

    perform(desk, story)
