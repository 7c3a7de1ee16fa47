"""The connection dialog: providers, what is wrong, and the button that mends it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton

from s4desk.core.domain.certificate import PeerCertificate
from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.errors import S4DeskError, TlsError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.check import ConnectionOutcome
from s4desk.core.store.diagnosis import Diagnosis, Fix, Problem, fixed_by
from s4desk.gui.actions import Act
from s4desk.gui.commands import connecting
from s4desk.gui.dialogs.connection import ConnectionDialog
from s4desk.gui.dialogs.remedy import OutcomePanel
from s4desk.viewmodels.connection_form import ConnectionForm
from s4desk.viewmodels.diagnosis_text import describe_diagnosis
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.places import Place
from tests.gui.stage import Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from s4desk.core.desk import Desk

WORK = Connection(
    ConnectionId("c"),
    "Work",
    "https://s3.example.test",
    credentials=CredentialReference(CredentialKind.ANONYMOUS),
)
FINGERPRINT = ":".join(f"{number:02X}" for number in range(32))
CERTIFICATE = PeerCertificate(
    "CN=store",
    "CN=authority",
    ("s3.example.test",),
    *[datetime(2026, 1, 1, tzinfo=UTC)] * 2,
    FINGERPRINT,
)


@pytest.fixture
def dialog(qtbot) -> ConnectionDialog:
    dialog = ConnectionDialog(ConnectionForm(WORK), is_new=False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


def tell(dialog: ConnectionDialog, problem: Problem, **facts: object) -> Diagnosis:
    found = Diagnosis(problem, S4DeskError("It failed."), host="s3.example.test", port=443)
    found = replace(found, **facts)
    dialog.show_diagnosis(found, describe_diagnosis(found, WORK))
    return found


def fix_button(dialog: ConnectionDialog) -> QPushButton:
    return dialog.findChild(QPushButton, "fix")


def text_of(dialog: ConnectionDialog, name: str) -> str:
    return dialog.findChild(QLineEdit, name).text()


def choose(dialog: ConnectionDialog, name: str, text: str) -> None:
    box = dialog.findChild(QComboBox, name)
    box.setCurrentIndex(box.findData(text))


def test_a_provider_is_chosen_first_and_fills_in_the_rest(qtbot, dialog):
    boxes = dialog.findChildren(QComboBox)
    assert boxes[0].objectName() == "provider"
    dialog.findChild(QLineEdit, "endpoint").clear()
    choose(dialog, "provider", "ovh")
    assert text_of(dialog, "endpoint") == "https://s3.gra.io.cloud.ovh.net"
    assert text_of(dialog, "region") == "gra"
    assert "Public Cloud" in dialog.findChild(QLabel, "provider-error").text()
    dialog.findChild(QLineEdit, "region").setText("uk")
    assert text_of(dialog, "endpoint") == "https://s3.uk.io.cloud.ovh.net"
    dialog.findChild(QLineEdit, "endpoint").setText("s3.eu-central-003.backblazeb2.com")
    assert dialog.findChild(QComboBox, "provider").currentData() == "b2"


def test_the_regions_of_the_provider_are_offered(qtbot, dialog):
    region = dialog.findChild(QLineEdit, "region")
    assert region.completer() is None
    choose(dialog, "provider", "hetzner")
    (offers,) = region.findChildren(QAction, "region-offers")
    offers.trigger()
    popup = region.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    assert popup.model().index(0, 0).data() == "fsn1   Falkenstein"
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(popup, key)
    assert region.text() == "nbg1"
    assert text_of(dialog, "endpoint") == "https://s3.example.test"
    choose(dialog, "provider", "minio")
    assert region.completer() is None
    assert region.actions() == []


def test_a_fix_is_a_button_away(qtbot, dialog):
    wanted = []
    dialog.fix_wanted.connect(wanted.append)
    found = tell(
        dialog,
        Problem.REGION,
        fix=fixed_by(region="garage"),
        facts={"region": "garage", "asked": "us-east-1"},
    )
    assert dialog.outcome.text() == "The store is in the region garage, not in us-east-1."
    assert (fix_button(dialog).isVisible(), fix_button(dialog).text()) == (
        True,
        "Use region garage",
    )
    qtbot.mouseClick(fix_button(dialog), Qt.MouseButton.LeftButton)
    assert wanted == [found]
    dialog.apply(found.fix.applied_to(WORK))
    assert text_of(dialog, "region") == "garage"
    assert not fix_button(dialog).isVisible()


def test_what_a_person_has_to_type_gets_the_cursor(qtbot, dialog):
    assert not dialog.findChild(QLineEdit, "start_bucket").isVisible()
    tell(dialog, Problem.NO_LIST, wanted="start_bucket")
    start = dialog.findChild(QLineEdit, "start_bucket")
    assert (start.isVisible(), dialog.focusWidget()) == (True, start)
    dialog.findChild(QLineEdit, "name").setFocus()
    assert fix_button(dialog).text() == "Type a bucket"
    qtbot.mouseClick(fix_button(dialog), Qt.MouseButton.LeftButton)
    assert dialog.focusWidget() is start


def test_a_certificate_can_be_compared_before_it_is_trusted(dialog):
    fix = Fix(certificate=CERTIFICATE)
    tell(dialog, Problem.UNTRUSTED, certificate=CERTIFICATE, fix=fix)
    shown = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert f"{FINGERPRINT[:48]}\n{FINGERPRINT[48:]}" in shown
    assert {"CN=store", "CN=authority", "s3.example.test"} <= set(shown)
    assert fix_button(dialog).text() == "Trust this certificate"
    assert not fix_button(dialog).isDefault()
    tell(dialog, Problem.NO_ADDRESS)
    shown = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert "CN=store" not in shown


def test_what_was_diagnosed_goes_when_the_form_changes(qtbot, dialog):
    tell(dialog, Problem.ADDRESSING, fix=fixed_by(addressing=Addressing.PATH))
    assert fix_button(dialog).isVisible()
    qtbot.keyClicks(dialog.findChild(QLineEdit, "name"), "x")
    assert not fix_button(dialog).isVisible()
    assert not dialog.outcome.isVisible()


def test_only_the_field_that_is_wanted_comes_out(dialog):
    tell(dialog, Problem.NO_LIST, wanted="start_bucket")
    assert dialog.findChild(QLineEdit, "start_bucket").isVisible()
    assert not dialog.findChild(QLineEdit, "start_prefix").isVisible()
    dialog.apply(replace(WORK, ca_file="/ca.pem"))
    assert dialog.findChild(QLineEdit, "ca_file").isVisible()
    assert not dialog.findChild(QLineEdit, "upload_rate").isVisible()


def test_the_dialog_is_as_high_as_what_it_shows(qtbot, dialog):
    def spare() -> int:
        return dialog.height() - dialog.layout().totalHeightForWidth(dialog.width())

    assert spare() < 20
    low = dialog.height()
    tell(dialog, Problem.UNTRUSTED, certificate=CERTIFICATE, fix=Fix(certificate=CERTIFICATE))
    assert dialog.height() > low + 100
    assert spare() < 60
    dialog.show_test("Connected.", is_error=False)
    assert dialog.height() < low + 60


def test_what_is_wrong_is_set_apart_from_what_is_right(dialog):
    panel = dialog.findChild(OutcomePanel)
    assert not panel.isVisible()

    def is_tinted() -> bool:
        ground = panel.grab().toImage().pixelColor(panel.width() - 4, panel.height() // 2)
        return ground != panel.palette().color(QPalette.ColorRole.Window)

    tell(dialog, Problem.NO_ADDRESS)
    assert (panel.isVisible(), is_tinted()) == (True, True)
    dialog.show_test("Connected.", is_error=False)
    assert (panel.isVisible(), is_tinted()) == (True, False)


def test_a_store_with_a_certificate_of_its_own_is_trusted_and_works(desk, ceph, tls_front):
    front = tls_front(ceph)

    async def story(stage: Stage) -> None:
        stage.window.acts[Act.ADD_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        typed = {
            "name": "Work",
            "endpoint": front.url.removeprefix("https://"),
            "key_id": ceph.access_key,
            "secret": ceph.secret_key,
        }
        for name, text in typed.items():
            dialog.findChild(QLineEdit, name).setText(text)
        dialog.findChild(QPushButton, "test").click()
        await until(lambda: fix_button(dialog).isVisible())
        assert fix_button(dialog).text() == "Trust this certificate"
        fix_button(dialog).click()
        await until(lambda: dialog.outcome.is_ticked)
        assert "The connection works" in dialog.outcome.text()
        kept = Path(text_of(dialog, "ca_file"))
        assert kept.parent == desk.folders.config / "certificates"
        assert kept.read_text().startswith("-----BEGIN CERTIFICATE-----")
        dialog.reject()
        await until(lambda: stage.dialog(ConnectionDialog) is None)

    perform(desk, story)


def test_a_certificate_that_stops_the_browsing_is_trusted_from_there(desk, ceph, tls_front):
    reference = CredentialReference(CredentialKind.ANONYMOUS)
    fronted = Connection(
        ConnectionId("fronted"), "Fronted", tls_front(ceph).url, credentials=reference
    )

    async def story(stage: Stage) -> None:
        pane = stage.window.pane
        stage.commands.browsing.go(Place(fronted.id))
        await until(lambda: isinstance(pane.status.failure, TlsError))
        pane.page.findChild(QPushButton, Remedy.TEST_CONNECTION).click()
        dialog = await stage.opened(ConnectionDialog)
        await until(lambda: fix_button(dialog).isVisible())
        assert fix_button(dialog).text() == "Trust this certificate"
        fix_button(dialog).click()
        await until(lambda: bool(text_of(dialog, "ca_file")))
        save = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Save")
        await until(save.isEnabled)
        save.click()
        await until(lambda: stage.dialog(ConnectionDialog) is None)
        await until(lambda: not isinstance(pane.status.failure, TlsError))

    perform(desk, story, connections=(fronted,))


def test_who_gives_up_while_something_is_asked_is_not_told_of_it(
    qapp, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    answered, ended = asyncio.Event(), []

    async def late(*_: object, **__: object) -> object:
        try:
            await answered.wait()
        finally:
            ended.append("late")
        return ConnectionOutcome(1, 0.1)

    async def story(stage: Stage) -> None:
        stage.window.acts[Act.EDIT_CONNECTION].trigger()
        dialog = await stage.opened(ConnectionDialog)
        dialog.findChild(QLineEdit, "endpoint").setText("https://s3.example.test")
        dialog.findChild(QPushButton, "test").click()
        monkeypatch.setattr(desk.secrets, "state", late)
        dialog.file_wanted.emit()
        dialog.reject()
        await until(lambda: stage.dialog(ConnectionDialog) is None)
        answered.set()
        await until(lambda: "late" in ended)

    async def told(stage: Stage) -> None:
        await stage.open()
        await story(stage)
        assert stage.error == ""

    monkeypatch.setattr(connecting, "try_connection", late)
    monkeypatch.setattr(connecting, "make_secret_file", lambda *_: asyncio.sleep(0, True))
    perform(desk, told)
