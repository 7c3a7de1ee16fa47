"""What the store said, at hand wherever an error is shown: to read, and to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from s4desk.core.domain.errors import PermissionDeniedError, ValidationError
from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.core.runtime.logs import BLOT, redact
from s4desk.core.store.memory import MemoryStore
from s4desk.gui.dialogs.base import FormDialog
from s4desk.gui.dialogs.details import DetailsDialog
from s4desk.gui.dialogs.diagnostics import DiagnosticsDialog
from s4desk.gui.dialogs.fields import Note
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.error_memory import MOST, ErrorMemory
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, press, until

if TYPE_CHECKING:
    from typing import Any

SECRET = "wJalrXUtnFEMIsecret"
REQUEST = "tx-4711"


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def refusal(operation: str = "HeadObject") -> PermissionDeniedError:
    redact(SECRET)
    return PermissionDeniedError(
        f"AccessDenied: not with {SECRET}",
        operation=operation,
        location=Location(BUCKET, "a.txt"),
        status=403,
        code="AccessDenied",
        request_id=REQUEST,
    )


def refusing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise refusal(name)

    monkeypatch.setattr(MemoryStore, name, refuse)


def copied(dialog: QDialog) -> str:
    """What the button of the details brings to the clipboard; closes them."""
    press(dialog, "&Copy")
    dialog.close()
    return QApplication.clipboard().text()


async def read(stage: Stage) -> str:
    text = copied(await stage.opened(DetailsDialog))
    assert REQUEST in text
    assert "403" in text
    assert "AccessDenied" in text
    assert SECRET not in text
    assert BLOT in text
    return text


def test_a_listing_that_fails_has_its_details(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        refusing(monkeypatch, "list_objects")
        await stage.open()
        QTest.mouseClick(
            stage.window.pane.page.findChild(QPushButton, "details"), Qt.MouseButton.LeftButton
        )
        assert (await read(stage)).startswith("This key may not")

    perform(desk, story)


def test_a_dialog_that_fails_has_its_details(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.open()
        refusing(monkeypatch, "create_bucket")
        stage.commands.subject.choose(stage.commands.browsing.place)
        stage.give(Act.NEW_BUCKET)
        dialog = await stage.opened(FormDialog)
        QTest.keyClicks(dialog.findChild(QLineEdit, "name"), "another")
        dialog.submitted.emit()
        await until(lambda: dialog.outcome.isVisible() and "Details" in dialog.outcome.text())
        dialog.outcome.linkActivated.emit("details")
        await read(stage)
        dialog.reject()

    perform(desk, story)


def test_a_preview_that_fails_has_its_details(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt")
        stage.select("a.txt")
        refusing(monkeypatch, "head")
        stage.give(Act.PREVIEW)
        more = stage.window.findChild(PreviewPanel).findChild(QPushButton, "details")
        await until(more.isVisible)
        QTest.mouseClick(more, Qt.MouseButton.LeftButton)
        await read(stage)

    perform(desk, story)


def test_the_inspector_tells_the_request_id(desk, monkeypatch):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt")
        refusing(monkeypatch, "head")
        stage.give(Act.SHOW_INSPECTOR)
        stage.select("a.txt")
        shown = stage.window.inspector
        await until(lambda: shown.sheet is not None and len(shown.sheet.sections) > 1)
        await until(lambda: any(REQUEST in each.note for each in shown.sheet.sections))

    perform(desk, story)


def test_a_failed_transfer_has_its_details(desk, monkeypatch, tmp_path):
    async def story(stage: Stage) -> None:
        await stage.open()
        refusing(monkeypatch, "head")
        source = Address(HOME, Location(BUCKET, "a.txt"))
        spec = TransferSpec(Direction.DOWNLOAD, source, tmp_path / "a.txt")
        await desk.queue.submit([spec])
        await until(lambda: stage.states == [TransferState.FAILED])
        failed = desk.queue.transfers()[0].id
        stage.window.transfers.failure_opened.emit(failed)
        assert "a.txt" in await read(stage)

    perform(desk, story)


def test_a_note_shows_what_is_said_as_it_is_said(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    note = Note("outcome", window)
    window.show()
    error = refusal()
    error.detail = "<b>no</b> & “never”"
    note.fail(error, lead="3 aborted.")
    assert "<b>no" not in note.text()
    assert note.text().startswith("3 aborted. This key may not")
    assert note.focusPolicy() is Qt.FocusPolicy.StrongFocus
    note.show_details()
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, DetailsDialog))
    assert "<b>no</b> & “never”" in dialog.findChild(QPlainTextEdit).toPlainText()
    dialog.close()
    note.fail(ValidationError("a <b> too few"))
    assert note.text() == "a <b> too few."
    assert note.textFormat() is Qt.TextFormat.PlainText


def test_only_the_last_failures_are_remembered():
    memory = ErrorMemory()
    first = memory.describe(refusal())
    assert REQUEST in memory.details_of(first)
    for at in range(MOST):
        error = refusal()
        error.location = Location(BUCKET, f"{at}.txt")
        memory.describe(error)
    assert memory.details_of(first) == ""
    assert memory.describe(ValidationError("x")) == "x."
    assert memory.details_of("x.") == ""


def test_diagnostics_are_copied_with_names_only_if_they_are_wanted(desk):
    async def story(stage: Stage) -> None:
        stage.give(Act.DIAGNOSTICS)
        dialog = await stage.opened(DiagnosticsDialog)
        press(dialog, "&Copy")
        assert "qt platform: offscreen" in QApplication.clipboard().text()
        assert "name=(hidden)" in QApplication.clipboard().text()
        dialog.names.setChecked(True)
        press(dialog, "&Copy")
        assert "name=Home" in QApplication.clipboard().text()
        dialog.close()

    perform(desk, story)
