"""What a store can do, in the window: shown with reasons, probed, stopped, copied, and used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QProgressBar, QPushButton, QTableView

from s4desk.core.domain.capability import Answer, Capability, CapabilityReport, Finding, Reason
from s4desk.core.domain.connection import (
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.errors import NotSupportedError
from s4desk.core.domain.identity import Prefix
from s4desk.core.store.memory import MemoryStore
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.capabilities import CapabilitiesDialog, CapabilityTableModel
from s4desk.gui.dialogs.destination import DestinationDialog
from s4desk.viewmodels.acts import Act
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until
from tests.servers.client import new_bucket_name, s3_client
from tests.store.scripted import ScriptedStore

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.viewmodels.inspector import Section
    from tests.servers.endpoint import Endpoint


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


async def opened(stage: Stage) -> CapabilitiesDialog:
    await stage.open("folder/")
    stage.give(Act.CAPABILITIES)
    return await stage.opened(CapabilitiesDialog)


def scripted(stage: Stage, store: object) -> ScriptedStore:
    script = ScriptedStore(store)
    stage.desk.stores._stores[HOME] = script
    return script


def button(dialog: CapabilitiesDialog, name: str) -> QPushButton:
    return dialog.findChild(QPushButton, name)


def row(dialog: CapabilitiesDialog, capability: Capability) -> list[str]:
    model = dialog.findChild(QTableView).model()
    at = list(Capability).index(capability)
    return [model.index(at, column).data() for column in range(model.columnCount())]


def note(dialog: CapabilitiesDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


def test_a_store_is_probed_where_the_person_is(desk: Desk):
    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        assert "not been probed" in note(dialog, "summary")
        assert dialog.findChild(QLineEdit, "place").text() == f"{BUCKET}/folder/"
        assert row(dialog, Capability.COPY)[1:] == ["Not known", "It has not been tried.", ""]
        button(dialog, "probe").click()
        await until(lambda: row(dialog, Capability.COPY)[1] == "Yes")
        assert row(dialog, Capability.COPY)[3] == "Probe"
        index = dialog.model.index(list(Capability).index(Capability.COPY), 3)
        assert "Probe, 20" in index.data(Qt.ItemDataRole.ToolTipRole)
        assert f"in {BUCKET}/folder/" in note(dialog, "summary")
        assert button(dialog, "probe").text() == "&Probe Now"
        assert await stage.keys() == []

        button(dialog, "copy-text").click()
        assert "Copy inside the store" in QGuiApplication.clipboard().text()
        button(dialog, "copy-json").click()
        head, *rows = map(json.loads, QGuiApplication.clipboard().text().splitlines())
        assert (head["bucket"], len(rows)) == (BUCKET, len(Capability))
        dialog.reject()

    perform(desk, story)


def test_what_is_only_read_writes_nothing(desk: Desk):
    async def story(stage: Stage) -> None:
        script = scripted(stage, await stage.store())
        dialog = await opened(stage)
        dialog.findChild(QCheckBox, "read-only").setChecked(True)
        button(dialog, "probe").click()
        await until(lambda: "only read" in row(dialog, Capability.COPY)[2])
        assert "put" not in script.seen
        dialog.reject()

    perform(desk, story)


@pytest.mark.parametrize("how", ["stop", "close"])
def test_a_probe_that_is_stopped_leaves_nothing(desk: Desk, how: str):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        script = scripted(stage, store)
        script.on_enter = lambda: script.open.clear() if "copy" in script.seen else None
        dialog = await opened(stage)
        button(dialog, "probe").click()
        await until(lambda: "copy" in script.seen)
        assert dialog.findChild(QProgressBar).isVisible()
        assert not dialog.findChild(QLineEdit, "place").isEnabled()
        if how == "stop":
            button(dialog, "probe").click()
            assert note(dialog, "outcome") == "Removing what was written…"
        else:
            dialog.reject()
        script.on_enter = lambda: None
        script.open.set()
        if how == "stop":
            await until(lambda: note(dialog, "outcome").startswith("Stopped."))
            assert button(dialog, "probe").isEnabled()
            dialog.reject()
        await until(lambda: script.inside == 0 and not store.uploads)
        page = await store.list_versions(Prefix(BUCKET), delimiter="")
        assert page.versions == []

    perform(desk, story)


@pytest.mark.parametrize(("typed", "said"), [(" ", "Name a bucket"), ("nowhere", "nowhere")])
def test_what_cannot_be_probed_is_said(desk: Desk, typed: str, said: str):
    async def story(stage: Stage) -> None:
        dialog = await opened(stage)
        dialog.findChild(QLineEdit, "place").setText(typed)
        button(dialog, "probe").click()
        await until(lambda: said in note(dialog, "outcome"))
        assert button(dialog, "probe").text() == "&Probe Now"
        dialog.reject()

    perform(desk, story)


def test_what_a_store_cannot_do_is_greyed_out_with_the_reason(desk: Desk):
    async def story(stage: Stage) -> None:
        script = scripted(stage, await stage.store())
        script.before["create_multipart"] = [NotSupportedError("no parts", status=501)] * 9
        dialog = await opened(stage)
        assert stage.window.acts[Act.UPLOADS].isEnabled()
        button(dialog, "probe").click()
        await until(lambda: row(dialog, Capability.MULTIPART)[1] == "No")
        assert "501 no parts" in row(dialog, Capability.MULTIPART)[2]
        dialog.reject()
        uploads = stage.window.acts[Act.UPLOADS]
        assert not uploads.isEnabled()
        assert "Upload in parts" in uploads.toolTip()
        assert "does not have it" in uploads.statusTip()

    perform(desk, story)


def test_a_lock_that_the_store_does_not_have_cannot_be_ticked(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        no = Finding(Answer.NO, Reason.REFUSED)
        desk.stores._probed[HOME] = CapabilityReport(findings={Capability.OBJECT_LOCK: no})
        stage.give(Act.NEW_BUCKET)
        dialog = await stage.opened(FormDialog)
        lock = dialog.findChild(QCheckBox, "lock")
        assert not lock.isEnabled()
        assert any("Object Lock" in each.text() for each in dialog.findChildren(QLabel))
        dialog.set_busy(True)
        dialog.set_busy(False)
        assert not lock.isEnabled()
        dialog.reject()

    perform(desk, story)


def test_what_comes_from_a_store_without_tags_and_locks_cannot_take_them_along(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt")
        no = Finding(Answer.NO, Reason.REFUSED)
        lacking = dict.fromkeys((Capability.OBJECT_TAGGING, Capability.OBJECT_LOCK), no)
        desk.stores._probed[HOME] = CapabilityReport(findings=lacking)
        stage.select("a.txt")
        stage.give(Act.COPY_TO)
        dialog = await stage.opened(DestinationDialog)
        for name, words in (("tags", "Tags of objects"), ("lock", "Object Lock")):
            tick = dialog.findChild(QCheckBox, name)
            assert (tick.isEnabled(), tick.isChecked()) == (False, False)
            assert any(words in each.text() for each in dialog.findChildren(QLabel))
        dialog.reject()
        await until(lambda: stage.dialog(DestinationDialog) is None)

    perform(desk, story)


def test_no_link_is_offered_where_none_works(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    keys = CredentialReference(CredentialKind.ENVIRONMENT)
    signed = Connection(HOME, "Home", "http://127.0.0.1:1", credentials=keys)

    async def story(stage: Stage) -> None:
        store = MemoryStore()
        await store.create_bucket(BUCKET)
        desk.stores._stores[HOME] = store
        await stage.show("a.txt")
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a.txt")

        def links() -> Section:
            return stage.window.inspector.sheet.sections[-1]

        await until(lambda: links().offer)
        no = Finding(Answer.NO, Reason.REFUSED)
        known = CapabilityReport(findings={Capability.PRESIGN: no})
        monkeypatch.setattr(desk.stores, "report", lambda _: known)
        await stage.show("b.txt")
        await until(lambda: "b.txt" in stage.names())
        stage.select("b.txt")
        await until(lambda: "Signed links" in links().note)
        assert links().offer == ""

    perform(desk, story, connections=(signed,))


def test_a_real_store_is_probed_and_remembered(
    desk: Desk, moto: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", moto.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", moto.secret_key)
    bucket = new_bucket_name()
    keys = CredentialReference(CredentialKind.ENVIRONMENT)
    store = Connection(HOME, "Moto", moto.url, credentials=keys, start_bucket=bucket)
    with s3_client(moto) as client:
        client.create_bucket(Bucket=bucket)

    async def story(stage: Stage) -> None:
        stage.commands.browsing.open_connection(HOME)
        await stage.rested()
        stage.give(Act.CAPABILITIES)
        dialog = await stage.opened(CapabilitiesDialog)
        button(dialog, "probe").click()
        await until(lambda: row(dialog, Capability.SHA256)[1] == "No")
        assert "Werkzeug" in note(dialog, "summary")
        dialog.reject()
        await until(lambda: stage.dialog(CapabilitiesDialog) is None)
        await desk.stores.forget(HOME)
        stage.give(Act.CAPABILITIES)
        again = await stage.opened(CapabilitiesDialog)
        await until(lambda: row(again, Capability.SHA256)[1] == "No")
        again.reject()

    perform(desk, story, connections=(store,))


def test_the_table_keeps_what_a_model_promises(qtmodeltester, qapp):
    model = CapabilityTableModel(lambda _name: QIcon())
    model.show(CapabilityReport(findings={Capability.COPY: Finding(Answer.YES, Reason.WORKED)}))
    qtmodeltester.check(model)
    at = model.index(list(Capability).index(Capability.COPY), 1)
    assert at.data() == "Yes"
    assert isinstance(at.data(Qt.ItemDataRole.DecorationRole), QIcon)


def test_of_a_store_without_locks_nobody_asks_for_one(desk: Desk):
    async def story(stage: Stage) -> None:
        no = Finding(Answer.NO, Reason.REFUSED)
        desk.stores._probed[HOME] = CapabilityReport(findings={Capability.OBJECT_LOCK: no})
        for key in ("a", "b"):
            await stage.put(key)
        script = scripted(stage, await stage.store())
        await stage.open()
        stage.select("a")
        await until(lambda: stage.session._lock_look._looking.done())
        assert "get_document object_lock" not in script.seen
        del desk.stores._probed[HOME]
        stage.select("b")
        await until(lambda: "get_document object_lock" in script.seen)

    perform(desk, story)
