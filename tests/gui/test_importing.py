"""Importing connections in the window, and exporting them."""

from __future__ import annotations

import tomllib

import pytest
from keyring.errors import KeyringError
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
)

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import CredentialKind
from s4desk.core.persist.offers import fitted
from s4desk.core.persist.rclone_offers import rclone_offers
from s4desk.core.persist.secret_file import SecretFile
from s4desk.core.persist.secrets import Keychain
from s4desk.gui.dialogs.importing import ImportDialog
from s4desk.gui.dialogs.passphrase import PassphraseDialog
from s4desk.gui.models.offer_table import OfferColumn, OfferTableModel
from s4desk.viewmodels.acts import Act
from tests.gui.stage import Stage, memory_desk, perform, press, until
from tests.persist.fakes import FakeKeyring
from tests.persist.test_offers import RCLONE

PROFILES = "[default]\nregion = eu-west-1\n[profile work]\nregion = us-east-1\n"


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def poor_desk(home):
    """A desk on a system without a keyring."""
    keyring = FakeKeyring()
    keyring.fault = KeyringError("nobody there")
    folders = folders_under(home)
    file = SecretFile(folders.config / "secrets.json", cost=2**10)
    return build_desk(folders, secrets=Keychain(lambda: keyring, file))


@pytest.fixture
def rclone(tmp_path, monkeypatch):
    path = tmp_path / "rclone.conf"
    path.write_text(RCLONE)
    monkeypatch.setenv("RCLONE_CONFIG", str(path))
    return path


@pytest.fixture
def profiles(tmp_path, monkeypatch):
    path = tmp_path / "aws-config"
    path.write_text(PROFILES)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


def texts(dialog, column):
    model = dialog.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def tick(dialog, row):
    """Click on the box of a row."""
    table = dialog.findChild(QTableView)
    index = dialog.model.index(row, OfferColumn.NAME)
    place = table.visualRect(index).topLeft()
    place.setX(place.x() + 10)
    place.setY(place.y() + table.rowHeight(row) // 2)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


async def choose(stage, path):
    chooser = await stage.opened(QFileDialog)
    chooser.setDirectory(str(path.parent))
    chooser.findChild(QLineEdit, "fileNameEdit").setText(path.name)
    chooser.accept()
    await until(lambda: stage.dialog(QFileDialog) is None)


async def opened(stage, act=Act.IMPORT_CONNECTIONS):
    stage.give(act)
    dialog = await stage.opened(ImportDialog)
    await until(lambda: dialog.model.rowCount() or dialog.outcome.text())
    return dialog


def test_a_model_of_offers_keeps_its_promises(qtmodeltester, rclone):
    model = OfferTableModel()
    model.show_offers(fitted(rclone_offers(rclone), []))
    qtmodeltester.check(model)
    assert [each.source for each in model.chosen] == [
        *("minio", "wasabi virtual", "aws", "env", "open")
    ]
    drive = model.index(6, OfferColumn.NAME)
    assert not model.setData(drive, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    model.tick_all(is_on=False)
    assert model.chosen == []


def test_profiles_are_ticked_and_taken_over(desk, profiles):
    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        assert texts(dialog, OfferColumn.NAME) == ["default", "work"]
        tick(dialog, 0)
        press(dialog, "Import 1")
        await until(lambda: stage.dialog(ImportDialog) is None)
        added = desk.connections.by_name("work")
        assert added.credentials.kind is CredentialKind.PROFILE
        assert desk.connections.by_name("default") is None

        dialog = await opened(stage)
        assert "here already" in texts(dialog, OfferColumn.REMARK)[1]
        assert [each.source for each in dialog.model.chosen] == ["default"]
        dialog.reject()
        await until(lambda: stage.dialog(ImportDialog) is None)

    perform(desk, story)


def test_remotes_of_rclone_come_with_their_keys(desk, rclone):
    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        assert "no profile" in dialog.outcome.text()
        source = dialog.findChild(QComboBox, "source")
        source.setCurrentIndex(1)
        source.activated.emit(1)
        await choose(stage, rclone)
        await until(lambda: dialog.model.rowCount() == 7)
        assert dialog.outcome.isHidden()
        assert "Left out: acl, sse_customer_key." in texts(dialog, OfferColumn.REMARK)[0]
        press(dialog, "Tick &None")
        assert not next(b for b in dialog.findChildren(QPushButton) if b.isDefault()).isEnabled()
        tick(dialog, 0)
        press(dialog, "Import 1")
        await until(lambda: stage.dialog(ImportDialog) is None)
        added = desk.connections.by_name("minio")
        assert (await desk.secrets.credentials(added.id)).secret == "s3cr3t%of=minio#1"

    perform(desk, story)


def test_keys_without_a_keyring_can_go_into_a_file(qapp, tmp_path, rclone):
    desk = poor_desk(tmp_path / "poor")

    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        assert dialog.findChild(QPushButton, "make-file").isHidden()  # profiles bring no keys
        source = dialog.findChild(QComboBox, "source")
        source.setCurrentIndex(1)
        source.activated.emit(1)
        await choose(stage, rclone)
        await until(lambda: "for this session only" in texts(dialog, OfferColumn.KEYS))
        said = dialog.findChild(QLabel, "keyring")
        assert "Keys are kept for this session only." in said.text()
        dialog.findChild(QPushButton, "make-file").click()
        asked = await stage.opened(PassphraseDialog)
        for name in ("passphrase", "again"):
            asked.findChild(QLineEdit, name).setText("open sesame")
            asked.form.edit(name, "open sesame")
        press(asked, "Make File")
        await until(lambda: "to the encrypted file" in texts(dialog, OfferColumn.KEYS))
        assert dialog.findChild(QPushButton, "make-file").isHidden()
        assert said.isHidden()
        press(dialog, "Tick &None")
        tick(dialog, 0)
        press(dialog, "Import 1")
        await until(lambda: stage.dialog(ImportDialog) is None)
        assert (desk.folders.config / "secrets.json").exists()

    perform(desk, story)


@pytest.mark.parametrize(
    ("aws", "remotes", "said"),
    [("", False, ""), (PROFILES, False, "2 connections"), ("", True, "5 connections")],
)
def test_a_start_without_connections_tells_what_there_is(
    desk, tmp_path, monkeypatch, aws, remotes, said
):
    (tmp_path / "aws-config").write_text(aws)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    (tmp_path / "rclone.conf").write_text(RCLONE if remotes else "")
    monkeypatch.setenv("RCLONE_CONFIG", str(tmp_path / "rclone.conf"))

    async def story(stage: Stage) -> None:
        count = await stage.commands.importing.count_found()
        if said:
            await until(lambda: f"AWS and rclone have {said} here" in shown_in(stage))
        else:
            assert (count, "can be imported" in shown_in(stage)) == (0, False)
        assert stage.error == ""

    perform(desk, story, connections=())


def shown_in(stage):
    return " ".join(label.text() for label in stage.window.pane.findChildren(QLabel))


def test_what_cannot_be_read_is_told_and_another_may_be_chosen(desk, tmp_path, profiles):
    sealed = tmp_path / "sealed.conf"
    sealed.write_text("# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc")

    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        source = dialog.findChild(QComboBox, "source")
        source.setCurrentIndex(1)
        source.activated.emit(1)
        await choose(stage, sealed)
        await until(lambda: "is encrypted" in dialog.outcome.text())
        assert dialog.model.rowCount() == 0
        source.setCurrentIndex(0)
        source.activated.emit(0)
        await until(lambda: dialog.model.rowCount() == 2)
        dialog.reject()
        await until(lambda: stage.dialog(ImportDialog) is None)

    perform(desk, story)


def test_all_are_exported_without_secrets(desk, tmp_path):
    path = tmp_path / "mine.toml"

    async def story(stage: Stage) -> None:
        stage.give(Act.EXPORT_CONNECTIONS)
        await choose(stage, path)
        await until(path.exists)
        (entry,) = tomllib.loads(path.read_text())["connections"]
        assert (entry["name"], "id" in entry) == ("Home", False)

    perform(desk, story)
