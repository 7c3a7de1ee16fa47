"""The way to a store in the window: fields, warnings in red, and the passphrase of secrets."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest
from keyring.errors import KeyringError
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyleOptionViewItem,
    QWidget,
)

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import (
    Connection,
    CredentialKind,
    CredentialReference,
    Credentials,
)
from s4desk.core.domain.errors import MissingKeyError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.persist.secret_file import SecretFile
from s4desk.core.persist.secrets import Keychain
from s4desk.gui.bridge.key_rest import REST_S, KeyRest
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.passphrase import PassphraseDialog
from s4desk.gui.views.path_bar import PlaceEdit
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import HOME, Stage, connection, memory_desk, perform, until
from tests.gui.test_ways_out import click, press
from tests.persist.fakes import FakeKeyring

WORD = "open sesame"
KEYED = ConnectionId("keyed")


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


@pytest.fixture
def poor_desk(qapp, tmp_path):
    """A desk on a system without a keyring."""
    keyring = FakeKeyring()
    keyring.fault = KeyringError("nobody there")
    folders = folders_under(tmp_path / "home")
    file = SecretFile(folders.config / "secrets.json", cost=2**10)
    return build_desk(folders, secrets=Keychain(lambda: keyring, file))


def line(dialog, name):
    return dialog.findChild(QLineEdit, name)


def red_of(widget):
    return widget.palette().color(QPalette.ColorRole.BrightText)


def text_colour(tree, index):
    option = QStyleOptionViewItem()
    tree.initViewItemOption(option)
    tree.itemDelegate().initStyleOption(option, index)
    return option.palette.color(QPalette.ColorRole.Text)


def is_red(widget):
    return widget.foregroundRole() is QPalette.ColorRole.BrightText


def test_what_is_not_verified_is_red_in_tree_path_and_form(desk):
    loose = replace(connection("memory:"), id=KEYED, name="Loose", verify=False)

    async def story(stage: Stage) -> None:
        model, bar = stage.window.tree_model, stage.window.path_bar
        warning = bar.findChild(QLabel, "exposure")
        rows = [model.index(row, 0) for row in range(2)]
        assert [row.data() for row in rows] == ["Home", "Loose – Not verified"]
        assert [model.is_exposed(row) for row in (*rows, QModelIndex())] == [False, True, False]
        assert [text_colour(stage.window.tree, row) == red_of(bar) for row in rows] == [False, True]
        stage.commands.browsing.go(Place(HOME))
        await stage.rested()
        assert warning.isHidden()
        stage.commands.browsing.go(Place(KEYED))
        await stage.rested()
        assert (warning.text(), warning.isVisible(), is_red(warning)) == (
            "Not verified",
            True,
            True,
        )
        assert "anybody on the way" in warning.toolTip()

        stage.window.acts[Act.EDIT_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        said = dialog.findChild(QLabel, "exposure")
        tick = dialog.findChild(QCheckBox, "unverified")
        assert (said.isVisible(), is_red(said), tick.isVisible()) == (True, True, True)
        tick.setChecked(False)
        assert said.isHidden()
        press(dialog, "Save")
        await until(lambda: stage.dialog(ConnectionDialog) is None)
        await until(warning.isHidden)
        assert not model.is_exposed(model.index(1, 0))

    perform(desk, story, connections=(connection(), loose))


def test_what_only_a_profile_says_is_red_too(desk, tmp_path, monkeypatch):
    config = tmp_path / "config"
    config.write_text("[profile lab]\nregion = x\n[profile safe]\nregion = x\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    kept = [
        Connection(
            ConnectionId(name),
            name,
            credentials=CredentialReference(CredentialKind.PROFILE, name),
        )
        for name in ("lab", "safe")
    ]

    async def story(stage: Stage) -> None:
        model, bar = stage.window.tree_model, stage.window.path_bar
        warning = bar.findChild(QLabel, "exposure")
        row = model.find(Place(ConnectionId("lab")))
        assert row.data() == "lab"
        # Nobody listens there, and nothing else is sent: it is only written, in a moment.
        config.write_text("[profile lab]\nendpoint_url = http://192.0.2.1:9\n[profile safe]\nx=y\n")
        stage.session.tasks.start(desk.stores.look_up())
        await until(lambda: model.is_exposed(row))
        assert row.data() == "lab – Not encrypted"
        assert "http://192.0.2.1:9" in row.data(Qt.ItemDataRole.ToolTipRole)
        assert not model.is_exposed(model.find(Place(ConnectionId("safe"))))

        stage.commands.browsing.go(Place(ConnectionId("lab"), Prefix("")))
        assert (warning.text(), is_red(warning)) == ("Not encrypted", True)
        stage.commands.browsing.history.forget(ConnectionId("lab"))
        stage.commands.browsing.connections_changed()

    perform(desk, story, connections=(connection(), *kept))


def test_a_proxy_is_entered_and_its_password_goes_to_the_keyring(desk):
    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(HOME))
        await stage.rested()
        stage.window.acts[Act.EDIT_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        assert not line(dialog, "proxy_address").isVisible()
        dialog.show_rare()
        choice = dialog.findChild(QComboBox, "proxy")
        choice.setCurrentIndex(choice.findData("own"))
        QTest.keyClicks(line(dialog, "proxy_address"), "10.0.0.1:3128")
        QTest.keyClicks(line(dialog, "proxy_user"), "me")
        QTest.keyClicks(line(dialog, "proxy_password"), "proxy-secret-1")
        press(dialog, "Save")
        await until(lambda: stage.dialog(ConnectionDialog) is None)
        assert desk.connections.get(HOME).proxy == "http://me@10.0.0.1:3128"
        assert (await desk.secrets.way_secrets(HOME)).proxy_password == "proxy-secret-1"
        # The store is in memory still: nobody dials the proxy.
        await stage.rested()
        assert desk.connections.get(HOME).endpoint == "memory:"
        assert stage.window.pane.status.failure is None

    perform(desk, story, connections=(connection("memory:"),))


def test_without_a_keyring_secrets_go_into_a_file(poor_desk, moto):
    keyed = Connection(KEYED, "Keyed", endpoint=moto.url, key_id=moto.access_key)

    async def story(stage: Stage) -> None:
        stage.commands.browsing.go(Place(KEYED))
        await stage.rested()
        stage.window.acts[Act.EDIT_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        await until(dialog.findChild(QPushButton, "make-file").isVisible)
        click(dialog, "make-file")
        asked = await stage.opened(PassphraseDialog)
        QTest.keyClicks(line(asked, "passphrase"), WORD)
        assert not next(b for b in asked.findChildren(QPushButton) if b.isDefault()).isEnabled()
        QTest.keyClicks(line(asked, "again"), WORD)
        press(asked, "Make File")
        await until(lambda: stage.dialog(PassphraseDialog) is None)
        await until(dialog.findChild(QPushButton, "make-file").isHidden)
        assert "encrypted file" in dialog.findChild(QLabel, "keyring").text()
        QTest.keyClicks(line(dialog, "secret"), moto.secret_key)
        press(dialog, "Save")
        await until(lambda: stage.dialog(ConnectionDialog) is None)
        assert (poor_desk.folders.config / "secrets.json").exists()
        await stage.rested()
        assert stage.window.pane.status.failure is None

    perform(poor_desk, story, connections=(keyed,))


def test_nobody_who_types_is_asked_for_the_passphrase(poor_desk, moto, tmp_path):
    keyed = Connection(KEYED, "Keyed", endpoint=moto.url, key_id=moto.access_key)

    async def story(stage: Stage) -> None:
        await poor_desk.secrets.make_file(WORD)
        await poor_desk.secrets.keep(KEYED, Credentials(moto.access_key, moto.secret_key))
        poor_desk.secrets._file._seal = None
        stage.give(Act.GO_TO)
        edit = stage.window.path_bar.findChild(PlaceEdit)
        edit.clear()
        QTest.keyClicks(edit, "Keyed:docs/re")
        await asyncio.sleep(1.5 * REST_S)  # the path is completed meanwhile, or would be
        assert stage.dialog(PassphraseDialog) is None
        QTest.keyClick(edit, Qt.Key.Key_Escape)
        await asyncio.sleep(1.5 * REST_S)
        assert stage.dialog(PassphraseDialog) is None, "nobody went there"
        stage.give(Act.GO_TO)
        edit.clear()
        QTest.keyClicks(edit, "Keyed:")
        QTest.keyClick(edit, Qt.Key.Key_Return)
        (await stage.opened(PassphraseDialog)).reject()

    perform(poor_desk, story, connections=(keyed,))


async def test_a_rest_is_one_without_keys(qapp):
    window = QWidget()
    window.show()
    rest, writing = KeyRest(window, lambda: bool(open_lines)), []
    open_lines = writing
    coming = asyncio.create_task(rest.come(0.2))
    for _ in range(4):
        await asyncio.sleep(0.1)
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
        assert not coming.done()
    writing.append("a line")
    await asyncio.sleep(0.5)
    assert not coming.done()
    writing.clear()
    await asyncio.wait_for(coming, 5)
    window.deleteLater()


def test_the_passphrase_is_asked_for_once_and_again_when_it_is_wrong(poor_desk, moto, tmp_path):
    keyed = Connection(KEYED, "Keyed", endpoint=moto.url, key_id=moto.access_key)
    other = replace(keyed, id=ConnectionId("other"), name="Other")
    key = Credentials(moto.access_key, moto.secret_key)

    async def story(stage: Stage) -> None:
        # As after a start: the file is there, and shut.
        await poor_desk.secrets.make_file(WORD)
        for each in (keyed, other):
            await poor_desk.secrets.keep(each.id, key)
        poor_desk.secrets._file._seal = None
        stage.commands.browsing.go(Place(KEYED))
        asked = await stage.opened(PassphraseDialog)
        QTest.keyClicks(line(asked, "passphrase"), "wrong")
        press(asked, "Unlock")
        await until(lambda: stage.dialog(PassphraseDialog) not in (None, asked))
        again = await stage.opened(PassphraseDialog)
        assert "not the passphrase" in again.outcome.text()
        QTest.keyClicks(line(again, "passphrase"), WORD)
        press(again, "Unlock")
        await stage.rested()
        assert stage.window.pane.status.failure is None
        stage.commands.browsing.go(Place(other.id))
        await stage.rested()
        assert stage.window.pane.status.failure is None
        assert stage.dialog(PassphraseDialog) is None

    perform(poor_desk, story, connections=(keyed, other))


def test_who_declined_is_asked_again_when_they_try_again(poor_desk, moto):
    keyed = Connection(KEYED, "Keyed", endpoint=moto.url, key_id=moto.access_key)
    other = replace(keyed, id=ConnectionId("other"), name="Other")

    async def decline(stage: Stage) -> None:
        (await stage.opened(PassphraseDialog)).reject()
        await until(lambda: stage.dialog(PassphraseDialog) is None)

    async def story(stage: Stage) -> None:
        await poor_desk.secrets.make_file(WORD)
        for each in (keyed, other):
            await poor_desk.secrets.keep(each.id, Credentials(moto.access_key, moto.secret_key))
        poor_desk.secrets._file._seal = None
        model, tree = stage.window.tree_model, stage.window.tree
        rows = [model.find(Place(each.id)) for each in (keyed, other)]
        tree.expand(rows[0])
        await decline(stage)
        tree.expand(rows[1])
        stage.commands.browsing.go(Place(KEYED))
        await stage.rested()
        assert isinstance(stage.window.pane.status.failure, MissingKeyError)
        assert "Try again" in str(stage.window.pane.status.failure)
        await until(lambda: all(model.rowCount(row) == 2 for row in rows))
        assert stage.dialog(PassphraseDialog) is None

        model.act(model.index(1, 0, rows[1]))  # its “Try again”
        await decline(stage)
        await until(lambda: any("is locked" in said for said in below(model, rows[1])))
        press(stage.window, "Try again")
        asked = await stage.opened(PassphraseDialog)
        QTest.keyClicks(line(asked, "passphrase"), WORD)
        press(asked, "Unlock")
        await stage.rested()
        assert stage.window.pane.status.failure is None
        locked = "The file with the secrets is locked"
        await until(lambda: not any(locked in said for row in rows for said in below(model, row)))

    perform(poor_desk, story, connections=(keyed, other))


def below(model, row):
    return [model.index(each, 0, row).data() or "" for each in range(model.rowCount(row))]


@pytest.mark.skipif(os.name != "posix", reason="there are no modes")
def test_a_file_of_secrets_that_others_may_read_is_told_of(qapp, tmp_path):
    folders = folders_under(tmp_path / "home")
    file = SecretFile(folders.config / "secrets.json", cost=2**10)
    file.path.parent.mkdir(parents=True, exist_ok=True)
    file.create("one")
    file.path.chmod(0o644)
    desk = build_desk(folders, secrets=Keychain(_no_keyring, file))

    async def story(stage: Stage) -> None:
        await stage.rested()
        assert f"chmod 600 {file.path}" in stage.error

    perform(desk, story)


def test_the_passphrase_of_the_file_is_changed(qapp, tmp_path):
    folders = folders_under(tmp_path / "home")
    file = SecretFile(folders.config / "secrets.json", cost=2**10)
    desk = build_desk(folders, secrets=Keychain(_no_keyring, file))

    async def story(stage: Stage) -> None:
        stage.give(Act.CHANGE_PASSPHRASE)
        said = stage.window.status_bar.currentMessage
        await until(lambda: "no passphrase is needed" in said())
        await desk.secrets.make_file("one")
        await desk.secrets.keep(HOME, Credentials("id", "a-secret-of-this"))
        stage.give(Act.CHANGE_PASSPHRASE)
        dialog = await stage.opened(FormDialog)
        for name, text in (("old", "wrong"), ("new", "two"), ("again", "two")):
            dialog.findChild(QLineEdit, name).setText(text)
        dialog.submitted.emit()
        await until(lambda: "not the passphrase" in dialog.outcome.text())
        dialog.findChild(QLineEdit, "old").setText("one")
        dialog.submitted.emit()
        await until(lambda: "was changed" in said())
        later = SecretFile(file.path)
        later.unlock("two")
        assert "a-secret-of-this" in (later.get_password("s4desk", HOME) or "")

    perform(desk, story)


def _no_keyring() -> object:
    raise KeyringError("none here")
