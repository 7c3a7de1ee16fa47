"""Locks in the window on servers that enforce them: what the window says is what is so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QTableView

from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.domain.objects import ObjectVersion
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.lock_default import LockDefaultDialog
from s4desk.gui.dialogs.lock_report import LockReportDialog
from s4desk.gui.dialogs.locked import LockedDialog
from s4desk.gui.views.seen_rows import seen_indexes
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.places import Place
from tests.gui.stage import Stage, memory_desk, perform, press, until
from tests.gui.test_ceph_moves import near
from tests.servers.client import s3_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.servers.endpoint import Endpoint

HERE = ConnectionId("here")
HOUR = timedelta(hours=1)


class Vault:
    """A bucket with Object Lock on a real server, and the window on it."""

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self.endpoint = endpoint
        self.name = name

    def call(self, operation: str, **arguments: Any) -> Any:
        with s3_client(self.endpoint) as client:
            return getattr(client, operation)(Bucket=self.name, **arguments)

    def put(self, key: str, **arguments: Any) -> str:
        version: str = self.call("put_object", Key=key, Body=b"x", **arguments)["VersionId"]
        return version

    def mode(self, key: str) -> str:
        reply = self.call("head_object", Key=key)
        return str(reply.get("ObjectLockMode", ""))

    def until(self, key: str) -> datetime:
        found: datetime = self.call("head_object", Key=key)["ObjectLockRetainUntilDate"]
        return found

    def tell(self, home: Any, story: Callable[[Stage], Awaitable[None]]) -> None:
        async def told(stage: Stage) -> None:
            stage.commands.browsing.go(Place(HERE, Prefix(self.name)))
            await stage.rested()
            await story(stage)

        connection = near(self.endpoint, "here")
        perform(memory_desk(home), told, connections=(connection,))


@pytest.fixture(params=["ceph", "localstack"])
def vault(request, new_bucket, monkeypatch):
    endpoint = request.getfixturevalue(request.param)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", endpoint.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", endpoint.secret_key)
    return Vault(endpoint, new_bucket(endpoint, lock=True))


def badge(stage: Stage, name: str) -> str:
    table = stage.window.pane.table
    texts = {
        index.data(): index.siblingAtColumn(Column.LOCK).data() for index in seen_indexes(table)
    }
    return str(texts.get(name) or "")


async def asked(stage: Stage, *names: str) -> FormDialog:
    stage.select(*names)
    await until(lambda: stage.window.acts[Act.LOCK].isEnabled())
    stage.give(Act.LOCK)
    return await stage.opened(FormDialog)


def fill(dialog: FormDialog, **values: str) -> None:
    for name, value in values.items():
        if box := dialog.findChild(QComboBox, name):
            box.setCurrentIndex(box.findData(value))
        else:
            dialog.findChild(QLineEdit, name).setText(value)


async def gone(stage: Stage, kind: type) -> None:
    await until(lambda: stage.dialog(kind) is None)


@pytest.mark.timeout(120)
def test_what_the_window_sets_the_server_enforces(qapp, tmp_path, vault: Vault):
    vault.put("a")

    async def story(stage: Stage) -> None:
        await until(lambda: badge(stage, "a") == "–")
        dialog = await asked(stage, "a")
        fill(dialog, retention="GOVERNANCE", until="10d")
        press(dialog, "&Set")
        await gone(stage, FormDialog)
        await until(lambda: badge(stage, "a").startswith("Governance"))
        assert vault.mode("a") == "GOVERNANCE"
        version = vault.call("head_object", Key="a")["VersionId"]
        with pytest.raises(ClientError, match=r"AccessDenied|WORM"):
            vault.call("delete_object", Key="a", VersionId=version)

        # Shorter: only by who bypasses it, and the form says so before the server does.
        dialog = await asked(stage, "a")
        fill(dialog, retention="GOVERNANCE", until="1d")
        error = dialog.findChild(QLabel, "until-error")
        assert "s3:BypassGovernanceRetention" in error.text()
        dialog.findChild(QCheckBox, "bypass").setChecked(True)
        press(dialog, "&Set")
        await gone(stage, FormDialog)
        assert vault.until("a") < datetime.now(UTC) + timedelta(days=2)

        # Hidden, on purpose: a marker, and the version stays.
        stage.select("a")
        await until(lambda: stage.window.acts[Act.HIDE].isEnabled())
        assert not stage.window.acts[Act.DELETE].isEnabled()
        stage.give(Act.HIDE)
        press(await stage.opened(DeletionDialog), "&Hide")
        await until(lambda: "a" not in stage.names())

    vault.tell(tmp_path / "home", story)
    reply = vault.call("list_object_versions")
    assert [each["Key"] for each in reply["Versions"]] == ["a"]
    assert len(reply["DeleteMarkers"]) == 1


@pytest.mark.timeout(120)
def test_a_preview_of_a_folder_tells_what_the_server_will_do(qapp, tmp_path, vault: Vault):
    soon = datetime.now(UTC) + HOUR
    for number in range(30):
        vault.put(f"dir/{number:02}")
    vault.put("dir/kept", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=soon)

    async def story(stage: Stage) -> None:
        dialog = await asked(stage, "dir")
        fill(dialog, retention="GOVERNANCE", until="1d", hold="on")
        press(dialog, "&Preview")
        preview = await stage.opened(LockReportDialog)
        model = preview.findChild(QTableView).model()
        assert model.rowCount() == 31
        assert model.index(0, 0).data() == "dir/kept"
        assert "COMPLIANCE mode cannot be changed" in model.index(0, model.columnCount() - 1).data()
        press(preview, "&Set 30 Locks")
        await until(lambda: stage.dialog(LockReportDialog) not in (None, preview))
        report = await stage.opened(LockReportDialog)
        assert report.findChild(QTableView).model().rowCount() == 31
        report.reject()

    vault.tell(tmp_path / "home", story)
    assert vault.mode("dir/kept") == "COMPLIANCE"
    assert {vault.mode(f"dir/{number:02}") for number in range(30)} == {"GOVERNANCE"}
    for number in range(30):  # a bucket with holds cannot be emptied
        vault.call("put_object_legal_hold", Key=f"dir/{number:02}", LegalHold={"Status": "OFF"})


@pytest.mark.timeout(120)
def test_a_default_locks_what_is_put_from_then_on(qapp, tmp_path, vault: Vault):
    vault.put("before")

    async def story(stage: Stage) -> None:
        stage.give(Act.LOCK_DEFAULT)
        dialog = await stage.opened(LockDefaultDialog)
        fill(dialog, mode="GOVERNANCE", period="2", unit="Years")
        press(dialog, "&Set")
        await gone(stage, LockDefaultDialog)
        vault.put("since")
        stage.give(Act.REFRESH)
        await until(lambda: badge(stage, "since").startswith("Governance"))
        await until(lambda: badge(stage, "before") == "–")

    vault.tell(tmp_path / "home", story)
    config = vault.call("get_object_lock_configuration")["ObjectLockConfiguration"]
    kept = {name: value for name, value in config["Rule"]["DefaultRetention"].items() if value}
    assert kept == {"Mode": "GOVERNANCE", "Years": 2}
    assert vault.until("since") > datetime.now(UTC) + timedelta(days=700)


@pytest.mark.timeout(120)
def test_a_locked_version_is_not_deleted_for_good(qapp, tmp_path, vault: Vault):
    old = vault.put("a", ObjectLockLegalHoldStatus="ON")
    new = vault.put("a")

    async def story(stage: Stage) -> None:
        stage.give(Act.SHOW_VERSIONS)
        table, acts = stage.window.pane.table, stage.window.acts

        def badges() -> list[str]:
            return [each.siblingAtColumn(Column.LOCK).data() for each in seen_indexes(table)]

        await until(lambda: badges() == ["–", "Hold"])
        table.selectRow(1)
        await until(lambda: not acts[Act.DELETE].isEnabled())
        table.selectRow(0)
        await until(lambda: acts[Act.DELETE].isEnabled())
        place = Location(vault.name, "a")
        both = [
            ObjectVersion(place, version, version == new, False, None) for version in (new, old)
        ]
        stage.session.run_call(lambda: stage.commands.versioning.delete(HERE, both))
        dialog = await stage.opened(LockedDialog)
        assert dialog.windowTitle() == "Locked Versions"
        dialog.reject()
        await gone(stage, LockedDialog)
        assert stage.dialog(DeletionDialog) is None

        # The old version gets a lock of its own.
        table.selectRow(1)
        stage.give(Act.LOCK)
        form = await stage.opened(FormDialog)
        fill(form, hold="off")
        press(form, "&Set")
        await until(lambda: badges() == ["–", "–"])

    vault.tell(tmp_path / "home", story)
    assert len(vault.call("list_object_versions")["Versions"]) == 2
    hold = vault.call("get_object_legal_hold", Key="a", VersionId=old)
    assert hold["LegalHold"]["Status"] == "OFF"


@pytest.mark.timeout(120)
def test_a_governed_version_is_deleted_by_who_bypasses(qapp, tmp_path, vault: Vault):
    ends = datetime.now(UTC) + HOUR
    retained = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": ends}
    vault.put("a", **retained)

    async def story(stage: Stage) -> None:
        stage.give(Act.SHOW_VERSIONS)
        table, acts = stage.window.pane.table, stage.window.acts

        def badges() -> list[str]:
            return [each.siblingAtColumn(Column.LOCK).data() for each in seen_indexes(table)]

        await until(lambda: [each[:10] for each in badges()] == ["Governance"])
        table.selectRow(0)
        await until(lambda: acts[Act.DELETE].isEnabled())
        stage.give(Act.DELETE)
        dialog = await stage.opened(LockedDialog)
        said = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "s3:BypassGovernanceRetention" in said
        dialog.reject()
        await gone(stage, LockedDialog)
        assert stage.dialog(DeletionDialog) is None
        assert len(vault.call("list_object_versions")["Versions"]) == 1

        stage.give(Act.DELETE)
        dialog = await stage.opened(LockedDialog)
        dialog.override.setChecked(True)
        press(dialog, "&Go On")
        question = await stage.opened(DeletionDialog)
        question.findChild(QLineEdit, "word").setText("delete")
        question.accept()
        await until(lambda: "1 version deleted." in stage.window.status_bar.currentMessage())

    vault.tell(tmp_path / "home", story)
    assert "Versions" not in vault.call("list_object_versions")
