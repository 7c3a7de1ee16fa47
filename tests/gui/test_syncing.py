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
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.sync_form import Way
from s4desk.viewmodels.sync_rows import SyncColumn
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


@pytest.fixture
def here(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


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


async def compared(stage: Stage, folder: Path, way: Way = Way.UP) -> SyncDialog:
    dialog = await opened(stage, folder, way)
    await compare(dialog)
    return dialog


async def compare(dialog: SyncDialog) -> None:
    press(dialog, "&Compare")
    await until(lambda: dialog.is_compared)


def tick_delete(dialog: SyncDialog) -> None:
    box = dialog.findChild(QCheckBox, "delete")
    assert box.isEnabled()
    box.setChecked(True)


async def confirmed(stage: Stage, word: str = "delete") -> None:
    question = await stage.opened(DeletionDialog)
    QTest.keyClicks(question.findChild(QLineEdit, "word"), word)
    press(question, "&Sync and Delete")


async def ended(stage: Stage) -> None:
    """Wait until something was transferred."""
    await until(lambda: set(stage.states) == {TransferState.COMPLETED})


async def told(stage: Stage, text: str) -> None:
    await until(lambda: text in stage.window.status_bar.currentMessage())


def test_new_and_changed_go_up_and_what_is_gone_stays(desk, here):
    (here / "new").write_bytes(b"1")
    (here / "longer").write_bytes(b"12")

    async def story(stage: Stage) -> None:
        await stage.show("to/longer", "to/gone", prefix="to/", data=b"1")
        dialog = await compared(stage, here)
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
        await compare(dialog)
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
        dialog = await compared(stage, here)
        tick_delete(dialog)
        press(dialog, "&Sync")
        await confirmed(stage)
        await until(lambda: "Nothing was deleted" in stage.error)
        assert "to/gone" in await stage.keys()

    perform(desk, story)


def test_what_was_written_since_the_comparison_stays(desk, here):
    (here / "kept").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.show("to/kept", "to/gone", "to/rewritten", prefix="to/", data=b"1")
        dialog = await compared(stage, here)
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
        await stage.show("precious/only copy", prefix="precious/", data=b"1")
        dialog = await compared(stage, here)
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
        await stage.show("from/kept", "from/new", prefix="from/", data=b"12")
        dialog = await opened(stage, here, Way.DOWN)
        await compare(dialog)
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
        for name in ("to/deep/longer", "to/gone"):
            await stage.put(name, b"1")
        await stage.show("from/new", "from/deep/longer", prefix="from/", data=b"12")
        dialog = await opened(stage, here, Way.COPY)
        dialog.findChild(QLineEdit, "target").setText(f"{BUCKET}/to")
        await compare(dialog)
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
        await stage.show("to/broken", prefix="to/", data=b"the only copy")
        dialog = await compared(stage, here)
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
        await compare(dialog)
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
        await stage.show("to/kept", "to/gone", prefix="to/", data=b"1")
        dialog = await compared(stage, here)
        tick_delete(dialog)
        how = dialog.findChild(QComboBox, "how")
        how.setCurrentIndex(1)
        assert not dialog.findChild(QCheckBox, "delete").isChecked()
        await compare(dialog)
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


@pytest.mark.parametrize(
    ("names", "title"),
    [((), "photos/to/"), (("sub",), "photos/to/sub/"), (("sub", "tub"), "photos/to/")],
)
def test_the_one_selected_folder_is_synced_or_the_one_that_is_open(desk, names, title):
    async def story(stage: Stage) -> None:
        await stage.show("to/sub/a", "to/tub/b", prefix="to/")
        stage.select(*names)
        stage.window.acts[Act.SYNC].trigger()
        dialog = await stage.opened(SyncDialog)
        assert dialog.windowTitle() == f"Sync {title}"
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)

    perform(desk, story)


def test_a_bucket_is_synced_from_the_list_of_buckets(desk):
    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(HOME))
        await stage.rested()
        assert not stage.window.acts[Act.SYNC].isEnabled()
        stage.window.pane.buckets.selectRow(0)
        stage.window.acts[Act.SYNC].trigger()
        dialog = await stage.opened(SyncDialog)
        assert dialog.windowTitle() == f"Sync {BUCKET}/"
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)

    perform(desk, story)


def test_enter_only_compares(desk, here):
    (here / "a").write_bytes(b"22")

    async def story(stage: Stage) -> None:
        await stage.show("to/a", prefix="to/", data=b"1")
        dialog = await opened(stage, here)
        compare = dialog.findChild(QPushButton, "compare")
        QTest.keyClick(dialog.findChild(QLineEdit, "folder"), Qt.Key.Key_Return)
        await until(lambda: dialog.is_compared)
        assert rows(dialog) == [("a", "Replace")]
        for _ in range(2):
            QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Return)
        assert dialog.isVisible()
        assert compare.isDefault()
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)
        assert await stage.read("to/a") == b"1"

    perform(desk, story)


def test_one_kind_is_shown(desk, here):
    (here / "new").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        await stage.show("to/gone", prefix="to/", data=b"1")
        dialog = await compared(stage, here)
        dialog.findChild(QToolButton, f"show-{Change.GONE}").click()
        assert [name for name, _ in rows(dialog)] == ["gone"]
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)

    perform(desk, story)


def test_what_is_typed_first_goes_to_the_folder_that_is_asked_for(desk, here):
    (here / "a").write_bytes(b"x")

    async def story(stage: Stage) -> None:
        await stage.show("to/b", prefix="to/", data=b"1")
        stage.window.acts[Act.SYNC].trigger()
        dialog = await stage.opened(SyncDialog)
        focused = dialog.focusWidget()
        assert focused is not None
        QTest.keyClicks(focused, str(here))
        QTest.keyClick(focused, Qt.Key.Key_Return)
        await until(lambda: dialog.is_compared)
        assert ("a", "Add") in rows(dialog)
        dialog.reject()
        await until(lambda: stage.dialog(SyncDialog) is None)

    perform(desk, story)
