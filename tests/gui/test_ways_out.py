"""Where a person would be stuck: each has a button that leads on."""

from __future__ import annotations

import pytest
from keyring.errors import KeyringError
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QPushButton, QWidget

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import Connection
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.persist.secrets import Keychain
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, connection, memory_desk, perform, until
from tests.persist.fakes import FakeKeyring

KEYED = ConnectionId("keyed")


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def click(parent: QWidget, name: str) -> None:
    button = parent.findChild(QPushButton, name)
    assert button is not None
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def press(dialog: QDialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_a_keyring_the_key_is_entered_where_it_is_missing(
    qapp, tmp_path, moto, moto_bucket
):
    keyring = FakeKeyring()
    keyring.fault = KeyringError("nobody there")
    desk = build_desk(folders_under(tmp_path / "home"), secrets=Keychain(lambda: keyring))
    keyed = Connection(
        KEYED, "Keyed", endpoint=moto.url, region="us-east-1", key_id=moto.access_key
    )
    source = tmp_path / "a"
    source.write_bytes(b"hello")

    async def story(stage: Stage) -> None:
        pane, here = stage.window.pane, Prefix(moto_bucket)
        target = Address(KEYED, here.location("a"))
        await desk.queue.submit([TransferSpec(Direction.UPLOAD, source, target, size=5)])
        await until(lambda: desk.queue.transfers()[0].state is TransferState.FAILED)
        stage.commands.browsing.go(Place(KEYED, here))
        await until(lambda: pane.status.failure is not None)
        assert not stage.window.acts[Act.UPLOAD_FILES].isEnabled()

        click(pane.page, Remedy.EDIT_CONNECTION)
        dialog = await stage.opened(ConnectionDialog)
        assert dialog.focusWidget().objectName() == "secret"
        QTest.keyClicks(dialog.findChild(QLineEdit, "secret"), moto.secret_key)
        press(dialog, "Save")

        await until(lambda: desk.queue.transfers()[0].state is TransferState.COMPLETED)
        await until(lambda: stage.names() == ["a"])
        assert stage.window.acts[Act.UPLOAD_FILES].isEnabled()
        kept = (desk.folders.config / "connections.toml").read_text(encoding="utf-8")
        assert moto.access_key in kept
        assert f'"{moto.secret_key}"' not in kept.replace(f'"{moto.access_key}"', "")

    perform(desk, story, connections=(keyed,))


def test_what_failed_elsewhere_is_left_alone(desk, tmp_path):
    missing = Address(HOME, Location(BUCKET, "missing"))
    other = connection("memory:")

    async def story(stage: Stage) -> None:
        await desk.queue.submit([TransferSpec(Direction.DOWNLOAD, missing, tmp_path / "x")])
        await until(lambda: desk.queue.transfers()[0].state is TransferState.FAILED)
        stage.commands.browsing.go(Place(KEYED))
        await stage.rested()
        stage.window.acts[Act.EDIT_CONNECTION].trigger()
        press(await stage.opened(ConnectionDialog), "Save")
        await until(lambda: stage.dialog(ConnectionDialog) is None)
        assert desk.queue.transfers()[0].attempts == 1

    keyed = type(other)(KEYED, "Other", endpoint="memory:", credentials=other.credentials)
    perform(desk, story, connections=(connection(), keyed))


def test_a_bucket_is_made_where_there_is_none_and_filled_where_it_is_empty(desk):
    async def story(stage: Stage) -> None:
        page = stage.window.pane.page
        stage.commands.browsing.go(Place(HOME))
        await stage.rested()
        click(page, Remedy.NEW_BUCKET)
        dialog = await stage.opened(FormDialog)
        QTest.keyClicks(dialog.findChild(QLineEdit, "name"), "first")
        press(dialog, "Create")
        await until(lambda: stage.commands.browsing.place == Place(HOME, Prefix("first")))
        await stage.rested()
        click(page, Remedy.UPLOAD_FILES)
        (await stage.opened(QFileDialog)).reject()
        await until(lambda: stage.dialog(QFileDialog) is None)

    perform(desk, story, connections=(connection("memory:"),))


def test_nothing_is_uploaded_into_a_bucket_that_is_not_there(desk):
    async def story(stage: Stage) -> None:
        acts = stage.window.acts
        stage.commands.browsing.go(Place(HOME, Prefix("nowhere")))
        await until(lambda: stage.window.pane.status.failure is not None)
        assert not acts[Act.UPLOAD_FILES].isEnabled()
        assert not acts[Act.NEW_FOLDER].isEnabled()
        await stage.open()
        assert acts[Act.UPLOAD_FILES].isEnabled()

    perform(desk, story)


def test_the_delete_key_deletes_the_selected_bucket_where_it_is_shown(desk):
    """Even when the tree is about another connection that has a bucket of this name."""
    other = Connection(
        ConnectionId("other"),
        "Other",
        endpoint=f"memory:{BUCKET}",
        credentials=connection().credentials,
    )

    async def story(stage: Stage) -> None:
        pane, window = stage.window.pane, stage.window
        stage.commands.browsing.go(Place(HOME))
        await stage.rested()
        pane.select_all()
        window.tree.chosen.emit(Place(other.id))
        QTest.keyClick(pane.buckets, Qt.Key.Key_Delete)
        dialog = await stage.opened(DeletionDialog)
        QTest.keyClicks(dialog.findChild(QLineEdit), BUCKET)
        press(dialog, "&Delete Bucket")
        await until(lambda: pane.page.isVisible() and not pane.status.is_busy)
        assert [bucket.name for bucket in await (await stage.store()).list_buckets()] == []
        beside = await desk.stores.get(other.id)
        assert [bucket.name for bucket in await beside.list_buckets()] == [BUCKET]

    perform(desk, story, connections=(connection(), other))
