"""Setting locks in the window: of one object, of many after a preview, and as a default."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QTextBrowser,
)

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import PermissionDeniedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.domain.objects import Attributes
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.lock_default import LockDefaultDialog
from s4desk.gui.dialogs.lock_report import LockReportDialog
from s4desk.viewmodels.acts import Act
from tests.gui.stage import BUCKET, Stage, memory_desk, perform, press, until
from tests.store.configs import get_config, put_config

if TYPE_CHECKING:
    from s4desk.core.store.memory import MemoryStore

LATER = datetime.now(UTC) + timedelta(days=100)
COMPLIANT = LockState(LockMode.COMPLIANCE, LATER)


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


async def vault(stage: Stage, **locks: LockState) -> MemoryStore:
    """Show a bucket with Object Lock whose objects have these locks."""
    store = await stage.store()
    await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    await put_config(store, BUCKET, ConfigKind.OBJECT_LOCK, {"ObjectLockEnabled": "Enabled"})
    for key, lock in locks.items():
        await store.put(Location(BUCKET, key), b"x", attributes=Attributes(lock=lock))
    await stage.open()
    return store


def choose(dialog: FormDialog, name: str, value: str) -> None:
    box = dialog.findChild(QComboBox, name)
    box.setCurrentIndex(box.findData(value))


def is_allowed(dialog: FormDialog, text: str = "&Set") -> bool:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text).isEnabled()


def note(dialog: FormDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


async def asked(stage: Stage, *names: str) -> FormDialog:
    stage.select(*names)
    stage.give(Act.LOCK)
    return await stage.opened(FormDialog)


def rows(dialog: LockReportDialog) -> list[tuple[str, str]]:
    model = dialog.findChild(QTableView).model()
    return [
        (model.index(r, 0).data(), model.index(r, model.columnCount() - 1).data())
        for r in range(model.rowCount())
    ]


def test_one_object_is_locked_and_its_badge_follows(desk):
    async def story(stage: Stage) -> None:
        store = await vault(stage, a=NO_LOCK)
        dialog = await asked(stage, "a")
        assert "no lock" in note(dialog, "before")
        assert not is_allowed(dialog)
        choose(dialog, "retention", "GOVERNANCE")
        assert not is_allowed(dialog)
        dialog.findChild(QLineEdit, "until").setText("30d")
        choose(dialog, "hold", "on")
        press(dialog, "&Set")
        await until(lambda: stage.dialog(FormDialog) is None)
        lock = await store.get_lock(Location(BUCKET, "a"))
        assert (lock.mode, lock.legal_hold) == (LockMode.GOVERNANCE, True)
        cell = stage.window.pane.table.model().index(0, 7)
        await until(lambda: "+ Hold" in cell.data())
        await until(lambda: not stage.window.acts[Act.DELETE].isEnabled())

    perform(desk, story)


def test_what_the_store_would_refuse_is_refused_before(desk):
    async def story(stage: Stage) -> None:
        store = await vault(stage, a=COMPLIANT)
        asked_of_store = []
        put = store.put_retention

        async def counted(*args, **kwargs):
            asked_of_store.append(args)
            return await put(*args, **kwargs)

        store.put_retention = counted  # type: ignore[method-assign]
        dialog = await asked(stage, "a")
        choose(dialog, "retention", "COMPLIANCE")
        dialog.findChild(QLineEdit, "until").setText("2d")
        dialog.findChild(QCheckBox, "agreed").setChecked(True)
        assert "nobody can shorten that" in note(dialog, "until-error")
        assert not is_allowed(dialog)
        assert asked_of_store == []
        dialog.findChild(QLineEdit, "until").setText("200d")
        press(dialog, "&Set")
        await until(lambda: stage.dialog(FormDialog) is None)
        assert len(asked_of_store) == 1

    perform(desk, story)


def test_what_the_store_refuses_all_the_same_is_said_where_it_was_asked(desk):
    async def story(stage: Stage) -> None:
        store = await vault(stage, a=NO_LOCK)

        async def refused(*_: object, **__: object) -> None:
            raise PermissionDeniedError("no", operation="put_legal_hold", status=403)

        store.put_legal_hold = refused  # type: ignore[method-assign]
        dialog = await asked(stage, "a")
        choose(dialog, "hold", "on")
        press(dialog, "&Set")
        await until(lambda: note(dialog, "outcome") and is_allowed(dialog))
        dialog.reject()

    perform(desk, story)


def test_many_are_previewed_set_and_reported(desk, tmp_path):
    file = tmp_path / "report.csv"

    async def story(stage: Stage) -> None:
        governed = LockState(LockMode.GOVERNANCE, LATER)
        store = await vault(stage, a=NO_LOCK, b=COMPLIANT, c=governed)
        await store.put(Location(BUCKET, "dir/d"), b"x")
        await stage.open()
        dialog = await asked(stage, "a", "b", "c", "dir")
        choose(dialog, "retention", "GOVERNANCE")
        dialog.findChild(QLineEdit, "until").setText("150d")
        press(dialog, "&Preview")
        preview = await stage.opened(LockReportDialog)
        told = dict(rows(preview))
        assert list(told) == ["b", "a", "c", "dir/d"]
        assert "COMPLIANCE mode cannot be changed" in told["b"]
        assert told["dir/d"].startswith("would become: GOVERNANCE")
        assert not (await store.get_lock(Location(BUCKET, "a"))).is_locked(datetime.now(UTC))
        press(preview, "&Set 3 Locks")
        await until(lambda: stage.dialog(LockReportDialog) not in (None, preview))
        final = await stage.opened(LockReportDialog)
        became = dict(rows(final))
        assert list(became) == ["b", "a", "c", "dir/d"]
        assert "COMPLIANCE mode cannot be changed" in became["b"]
        assert all(became[key].startswith("now: GOVERNANCE") for key in ("a", "c", "dir/d"))
        said = " ".join(label.text() for label in final.findChildren(QLabel))
        assert "3 locks changed, 1 could not be changed." in said
        press(final, "Save Repo&rt…")
        chooser = await stage.opened(QFileDialog)
        chooser.setDirectory(str(tmp_path))
        chooser.findChild(QLineEdit, "fileNameEdit").setText(file.name)
        chooser.accept()
        await until(file.exists)
        final.reject()
        table = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
        assert {each["key"]: each["outcome"] for each in table} == {
            "a": "changed",
            "b": "failed",
            "c": "changed",
            "dir/d": "changed",
        }
        assert all(each["error"] for each in table if each["outcome"] == "failed")
        assert await store.get_lock(Location(BUCKET, "b")) == COMPLIANT
        assert (await store.get_lock(Location(BUCKET, "dir/d"))).mode is LockMode.GOVERNANCE

    perform(desk, story)


def test_old_versions_are_locked_when_they_are_meant(desk):
    async def story(stage: Stage) -> None:
        store = await vault(stage)
        for body in (b"1", b"2", b"3"):
            await store.put(Location(BUCKET, "dir/a"), body)
        await store.delete(Location(BUCKET, "dir/a"))
        await store.put(Location(BUCKET, "dir/b"), b"x")
        await stage.open()
        dialog = await asked(stage, "dir")
        choose(dialog, "hold", "on")
        dialog.findChild(QCheckBox, "versions").setChecked(True)
        press(dialog, "&Preview")
        preview = await stage.opened(LockReportDialog)
        assert [key for key, _ in rows(preview)] == ["dir/a"] * 3 + ["dir/b"]
        preview.reject()
        await until(lambda: stage.dialog(LockReportDialog) is None)
        assert dialog.isVisible()
        dialog.reject()

    perform(desk, story)


def test_a_bucket_without_lock_says_so(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a")
        stage.select("a")
        await until(lambda: not stage.window.acts[Act.LOCK].isEnabled())
        assert "no Object Lock" in stage.window.acts[Act.LOCK].toolTip()

    perform(desk, story)


def test_lock_is_enabled_and_a_default_set(desk):
    async def story(stage: Stage) -> None:
        store = await stage.store()
        await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
        await stage.show("a")
        await until(lambda: not stage.window.acts[Act.LOCK].isEnabled() or not stage.names())
        stage.give(Act.LOCK_DEFAULT)
        dialog = await stage.opened(LockDefaultDialog)
        assert "nothing in it can be locked" in note(dialog, "bucket")
        dialog.findChild(QCheckBox, "enable").setChecked(True)
        choose(dialog, "mode", "GOVERNANCE")
        dialog.findChild(QLineEdit, "period").setText("7")
        press(dialog, "&Set")
        await until(lambda: stage.dialog(LockDefaultDialog) is None)
        config = await get_config(store, BUCKET, ConfigKind.OBJECT_LOCK)
        assert config == {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 7}},
        }
        await stage.put("b")
        stage.give(Act.REFRESH)
        await until(lambda: "b" in stage.names())
        cell = stage.window.pane.table.model().index(1, 7)
        await until(lambda: cell.data().startswith("Governance"))

    perform(desk, story)


def test_without_versions_nothing_is_enabled(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a")
        stage.give(Act.LOCK_DEFAULT)
        dialog = await stage.opened(LockDefaultDialog)
        assert not dialog.findChild(QCheckBox, "enable").isEnabled()
        assert not is_allowed(dialog)
        dialog.reject()

    perform(desk, story)


def test_the_inspector_tells_and_offers(desk):
    async def story(stage: Stage) -> None:
        await vault(stage, a=COMPLIANT)
        await until(lambda: not stage.window.pane.table.isColumnHidden(7))
        stage.window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        stage.select("a")
        text = stage.window.inspector.findChild(QTextBrowser)
        await until(lambda: "Nobody can delete this version before" in text.toPlainText())
        assert "Change…" in text.toPlainText()
        text.anchorClicked.emit(QUrl("offer:lock"))
        (await stage.opened(FormDialog)).reject()

    perform(desk, story)
