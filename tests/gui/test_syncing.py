"""Syncing as a person does it: compare, look, untick, confirm; and what is deleted, and when."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QToolButton

from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.transfer import TransferState
from s4desk.core.transfer.sync import Change
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.gui.dialogs.sync import SyncDialog
from s4desk.gui.views.status_bar import ErrorLine
from s4desk.viewmodels.availability import Act
from s4desk.viewmodels.sync_form import Way
from s4desk.viewmodels.sync_rows import SyncColumn
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QDialog


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def press(dialog: QDialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def rows(dialog: SyncDialog) -> list[tuple[str, str]]:
    model = dialog.model
    return [
        (model.index(row, SyncColumn.NAME).data(), model.index(row, SyncColumn.DEED).data())
        for row in range(model.rowCount())
    ]


async def opened(stage: Stage, folder: Path, way: Way = Way.UP) -> SyncDialog:
    stage.window.acts[Act.SYNC].trigger()
    dialog = await stage.opened(SyncDialog)
    ways = dialog.findChild(QComboBox, "way")
    ways.setCurrentIndex(ways.findData(way))
    line = dialog.findChild(QLineEdit, "folder")
    line.setText(str(folder))
    return dialog


async def compared(dialog: SyncDialog) -> None:
    press(dialog, "&Compare")
    await until(lambda: dialog._is_compared)


def tick_delete(dialog: SyncDialog) -> None:
    box = dialog.findChild(QCheckBox, "delete")
    assert box.isEnabled()
    box.setChecked(True)


async def confirmed(stage: Stage, word: str = "delete") -> None:
    question = await stage.opened(DeletionDialog)
    QTest.keyClicks(question.findChild(QLineEdit, "word"), word)
    press(question, "&Sync and Delete")


def error(stage: Stage) -> str:
    return stage.window.status_bar.findChild(ErrorLine).accessibleName()


async def ended(stage: Stage) -> None:
    """Wait until something was transferred."""
    done = {TransferState.COMPLETED}
    await until(lambda: {each.state for each in stage.desk.queue.transfers()} == done)


async def told(stage: Stage, text: str) -> None:
    await until(lambda: text in stage.window.status_bar.currentMessage())


def test_new_and_changed_go_up_and_what_is_gone_stays(desk, here):
    (here / "new").write_bytes(b"1")
    (here / "longer").write_bytes(b"12")

    async def story(stage: Stage) -> None:
        for name in ("longer", "gone"):
            await stage.put(f"to/{name}", b"1")
        await stage.open("to/")
        dialog = await opened(stage, here)
        await compared(dialog)
        assert rows(dialog) == [("longer", "Replace"), ("new", "Add"), ("gone", "Stays")]
        press(dialog, "&Sync")
        await until(lambda: stage.dialog(SyncDialog) is None)
        await ended(stage)
        assert await stage.keys() == ["to/gone", "to/longer", "to/new"]
        assert await stage.read("to/longer") == b"12"

    perform(desk, story)


def test_deleting_needs_a_tick_and_a_word(desk, here):
    (here / "kept").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        for name in ("kept", "gone", "spared"):
            await stage.put(f"to/{name}", b"1")
        os.utime(here / "kept", (1, 1))
        await stage.open("to/")
        dialog = await opened(stage, here)
        ok = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Sync")
        assert not dialog.findChild(QCheckBox, "delete").isEnabled()
        await compared(dialog)
        assert not ok.isEnabled()
        tick_delete(dialog)
        assert rows(dialog) == [("gone", "Delete"), ("spared", "Delete")]
        index = dialog.model.index(1, SyncColumn.NAME)
        dialog.model.setData(index, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
        press(dialog, "&Sync")
        question = await stage.opened(DeletionDialog)
        question.reject()
        for _ in range(9):  # until the answer has arrived
            await asyncio.sleep(0)
        press(dialog, "&Sync")
        await confirmed(stage)
        await told(stage, "1 deleted")
        assert await stage.keys() == ["to/kept", "to/spared"]

    perform(desk, story)


def test_nothing_is_deleted_when_a_transfer_failed(desk, here):
    (here / "kept").write_bytes(b"1")
    (here / "refused").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        store = await stage.store()
        put = store.put

        async def refuse(location, body, **asked):
            if location.key.endswith("refused"):
                raise PermissionDeniedError("no", operation="put", location=location)
            return await put(location, body, **asked)

        for name in ("kept", "gone"):
            await stage.put(f"to/{name}", b"1")
        store.put = refuse
        await stage.open("to/")
        dialog = await opened(stage, here)
        await compared(dialog)
        tick_delete(dialog)
        press(dialog, "&Sync")
        await confirmed(stage)
        await until(lambda: "Nothing was deleted" in error(stage))
        assert "to/gone" in await stage.keys()

    perform(desk, story)


def test_what_was_written_since_the_comparison_stays(desk, here):
    (here / "kept").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        for name in ("kept", "gone", "rewritten"):
            await stage.put(f"to/{name}", b"1")
        await stage.open("to/")
        dialog = await opened(stage, here)
        await compared(dialog)
        tick_delete(dialog)
        await stage.put("to/rewritten", b"somebody needs it")
        press(dialog, "&Sync")
        await confirmed(stage)
        await told(stage, "1 left because it was changed since")
        assert await stage.keys() == ["to/kept", "to/rewritten"]

    perform(desk, story)


def test_emptying_the_target_needs_its_name(desk, here):
    (here / "new").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.put("precious/only copy", b"1")
        await stage.open("precious/")
        dialog = await opened(stage, here)
        await compared(dialog)
        tick_delete(dialog)
        press(dialog, "&Sync")
        question = await stage.opened(DeletionDialog)
        words = " ".join(label.text() for label in question.findChildren(QLabel))
        assert "everything" in words
        assert "wrong folder" in words
        await confirmed(stage, "precious")
        await until(lambda: "1 deleted" in stage.window.status_bar.currentMessage())
        assert await stage.keys() == ["precious/new"]

    perform(desk, story)


def test_down_with_files_that_are_gone(desk, here):
    (here / "sub").mkdir()
    (here / "sub" / "gone").write_bytes(b"1")
    (here / "kept").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        for name in ("kept", "new"):
            await stage.put(f"from/{name}", b"12")
        await stage.open("from/")
        dialog = await opened(stage, here, Way.DOWN)
        await compared(dialog)
        assert rows(dialog) == [("kept", "Replace"), ("new", "Add"), ("sub/gone", "Stays")]
        tick_delete(dialog)
        press(dialog, "&Sync")
        await confirmed(stage)
        await told(stage, "1 deleted")
        assert sorted(path.name for path in here.rglob("*")) == ["kept", "new"]
        assert (here / "kept").read_bytes() == b"12"

    perform(desk, story)


def test_from_one_folder_of_a_store_to_another(desk, here):
    async def story(stage: Stage) -> None:
        for name in ("from/new", "from/deep/longer", "to/deep/longer", "to/gone"):
            await stage.put(name, b"12" if "from" in name else b"1")
        await stage.open("from/")
        dialog = await opened(stage, here, Way.COPY)
        dialog.findChild(QLineEdit, "target").setText(f"{BUCKET}/to")
        await compared(dialog)
        assert sorted(rows(dialog)) == [
            ("deep/longer", "Replace"),
            ("gone", "Stays"),
            ("new", "Add"),
        ]
        tick_delete(dialog)
        press(dialog, "&Sync")
        await confirmed(stage)
        await told(stage, "1 deleted")
        assert await stage.keys() == ["from/deep/longer", "from/new", "to/deep/longer", "to/new"]
        assert await stage.read("to/deep/longer") == b"12"

    perform(desk, story)


def test_what_could_not_be_looked_at_spares_its_own_name(desk, here):
    (here / "broken").symlink_to("nowhere")
    (here / "file").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.put("to/broken", b"the only copy")
        await stage.open("to/")
        dialog = await opened(stage, here)
        await compared(dialog)
        assert not dialog.rows.gone()
        press(dialog, "&Sync")
        review = await stage.opened(ReviewDialog)
        press(review, "Upload the rest")
        await until(lambda: stage.dialog(SyncDialog) is None)
        await ended(stage)
        assert await stage.keys() == ["to/broken", "to/file"]

    perform(desk, story)


def test_a_comparison_is_stopped_and_an_edit_forgets_it(desk, here):
    (here / "a").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.open("")
        dialog = await opened(stage, here)
        press(dialog, "&Compare")
        press(dialog, "S&top")
        assert "Stopped" in dialog._status.text()
        await compared(dialog)
        assert dialog.model.rowCount() == 1
        how = dialog.findChild(QComboBox, "how")
        how.setCurrentIndex(1)
        assert dialog.model.rowCount() == 0
        assert not dialog._ok.isEnabled()
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)

    perform(desk, story)


def test_deleting_is_ticked_anew_for_each_comparison(desk, here):
    (here / "kept").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        for name in ("kept", "gone"):
            await stage.put(f"to/{name}", b"1")
        await stage.open("to/")
        dialog = await opened(stage, here)
        await compared(dialog)
        tick_delete(dialog)
        how = dialog.findChild(QComboBox, "how")
        how.setCurrentIndex(1)
        assert not dialog.findChild(QCheckBox, "delete").isChecked()
        await compared(dialog)
        assert not dialog.findChild(QCheckBox, "delete").isChecked()
        assert dialog.rows.gone() == []
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)

    perform(desk, story)


def test_a_refused_listing_is_said(desk, here):
    async def story(stage: Stage) -> None:
        await stage.open("")
        store = await stage.store()

        async def refuse(prefix, **_):
            raise PermissionDeniedError("no", operation="list", location=Location(BUCKET, ""))

        listing, store.list_objects = store.list_objects, refuse
        dialog = await opened(stage, here)
        press(dialog, "&Compare")
        await until(lambda: not dialog._is_comparing)
        store.list_objects = listing
        assert dialog._status.text()
        assert not dialog._ok.isEnabled()
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)

    perform(desk, story)


def test_one_kind_is_shown(desk, here):
    (here / "new").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.put("to/gone", b"1")
        await stage.open("to/")
        dialog = await opened(stage, here)
        await compared(dialog)
        dialog.findChild(QToolButton, f"show-{Change.GONE}").click()
        assert [name for name, _ in rows(dialog)] == ["gone"]
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)

    perform(desk, story)
