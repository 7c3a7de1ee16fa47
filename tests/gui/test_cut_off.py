"""Deletions that were cut off: offered one by one, and never going on by themselves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.persist.deletions import command_of
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.confirmed import Confirmed
from s4desk.gui.dialogs.busy import BusyDialog
from s4desk.gui.dialogs.deletion import DeletionDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.rows import format_count
from tests.gui.stage import BUCKET, HOME, Stage, connection, memory_desk, perform, until
from tests.gui.test_recovering import button, offered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.core.domain.objects import DeleteFailure, Doomed, Upload

FOLDER = Prefix(BUCKET, "photos/2024/")
ENDPOINT = connection().endpoint


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


def leave(
    desk: Desk,
    place: Prefix = FOLDER,
    *,
    flags: tuple[str, ...] = (),
    minutes: float = -60,
    endpoint: str = ENDPOINT,
    with_bucket: bool = False,
) -> None:
    """What a deletion left that was killed; it was confirmed so many minutes from now."""
    moment = SystemClock().now() + timedelta(minutes=minutes)
    confirmed = Confirmed(
        [place], moment, endpoint, with_versions=with_bucket, with_bucket=with_bucket, total=100_000
    )

    async def left() -> None:
        run = await desk.runs.begin(command_of(HOME, place, flags), confirmed)
        await run.note_deleted(61_200)
        await run.aclose()

    asyncio.run(left())


async def fill(stage: Stage) -> None:
    for key in ("photos/2024/a", "photos/2024/b", "photos/2025/a"):
        await stage.put(key)


def label_text(dialog: QuestionDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_it_goes_on_after_a_question_that_says_what_it_means(desk: Desk):
    leave(desk, minutes=60)  # the objects of this story are older than that

    async def story(stage: Stage) -> None:
        await fill(stage)
        told = await offered(stage)
        how_far = f"{format_count(61_200)} of {format_count(100_000)} deleted."
        assert told == f"Deleting Home:photos/photos/2024/ was interrupted: {how_far}"
        assert await stage.keys() == ["photos/2024/a", "photos/2024/b", "photos/2025/a"]
        button(stage, Remedy.GO_ON_DELETING).click()
        question = await stage.opened(QuestionDialog)
        assert "what was written since then is left" in label_text(question)
        assert "cannot be undone" in label_text(question)
        question.accept()
        message = stage.window.status_bar
        await until(lambda: message.currentMessage() == "2 objects deleted.")
        assert await stage.keys() == ["photos/2025/a"]
        await until(lambda: not stage.window.banner.isVisible())
        assert await desk.runs.look() == []

    perform(desk, story)


def test_what_came_since_is_left_and_told(desk: Desk):
    leave(desk)

    async def story(stage: Stage) -> None:
        await fill(stage)
        await offered(stage)
        button(stage, Remedy.GO_ON_DELETING).click()
        (await stage.opened(QuestionDialog)).accept()
        message = stage.window.status_bar
        await until(lambda: "2 objects arrived since" in message.currentMessage())
        assert len(await stage.keys()) == 3

    perform(desk, story)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_leave_it_as_it_is(desk: Desk, key: Qt.Key):
    leave(desk, minutes=60)

    async def story(stage: Stage) -> None:
        await fill(stage)
        await offered(stage)
        button(stage, Remedy.GO_ON_DELETING).click()
        question = await stage.opened(QuestionDialog)
        said = " ".join(label.text() for label in question.findChildren(QLabel))
        assert "So far: " in said
        QTest.keyClick(question, key)
        await until(lambda: stage.dialog(QuestionDialog) is None)
        await offered(stage)
        assert button(stage, Remedy.GO_ON_DELETING).isVisible()
        assert len(await stage.keys()) == 3
        assert len(await desk.runs.look()) == 1

    perform(desk, story)


def test_each_is_decided_by_itself(desk: Desk):
    leave(desk)
    leave(desk, Prefix(BUCKET, "other/"))

    async def story(stage: Stage) -> None:
        assert "2024" in await offered(stage)
        button(stage, Remedy.LATER).click()
        assert "other" in await offered(stage)
        button(stage, Remedy.FORGET_DELETION).click()
        message = stage.window.status_bar
        await until(lambda: "does not go on" in message.currentMessage())
        assert not stage.window.banner.isVisible()
        (view,) = await desk.runs.look()
        assert view.journal.command == command_of(HOME, FOLDER)

    perform(desk, story)


def test_a_connection_that_leads_elsewhere_deletes_nothing(desk: Desk):
    leave(desk, minutes=60, endpoint="https://elsewhere.example")
    told: list[str] = []

    async def story(stage: Stage) -> None:
        await fill(stage)
        stage.window.status_bar.show_error = told.append
        await offered(stage)
        button(stage, Remedy.GO_ON_DELETING).click()
        (await stage.opened(QuestionDialog)).accept()
        await until(lambda: told)
        assert "leads elsewhere" in told[0]
        assert len(await stage.keys()) == 3
        assert len(await desk.runs.look()) == 1

    perform(desk, story)


def test_a_bucket_goes_when_all_in_it_has_gone(desk: Desk):
    leave(desk, Prefix(BUCKET), flags=("bucket",), minutes=60, with_bucket=True)

    async def story(stage: Stage) -> None:
        await fill(stage)
        assert "the bucket “photos”" in await offered(stage)
        button(stage, Remedy.GO_ON_DELETING).click()
        (await stage.opened(QuestionDialog)).accept()
        store = await stage.store()
        await until(lambda: BUCKET not in store.buckets)

    perform(desk, story)


async def delete_all(stage: Stage) -> None:
    await stage.open("photos/")
    stage.window.pane.select_all()
    stage.window.acts[Act.DELETE].trigger()
    question = await stage.opened(DeletionDialog)
    await until(lambda: "in all" in question.tally.text())
    question.findChild(QLineEdit, "word").setText("delete")
    question.findChild(QPushButton, "delete").click()


def test_one_that_breaks_is_offered_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    async def fail(*_: object, **_how: object) -> None:
        raise UnavailableError("gone", operation="delete_many", status=503)

    async def story(stage: Stage) -> None:
        await fill(stage)
        with monkeypatch.context() as patch:
            patch.setattr(MemoryStore, "delete_many", fail)
            await delete_all(stage)
            told = await offered(stage)
        how = "was interrupted: not known how many are deleted."
        assert told == f"Deleting 2 items in Home:photos/photos/ {how}"
        assert len(await stage.keys()) == 3
        button(stage, Remedy.LATER).click()
        await delete_all(stage)  # the same again goes on with it
        await until(lambda: "3 objects deleted" in stage.window.status_bar.currentMessage())
        assert await desk.runs.look() == []

    perform(desk, story)


def test_a_closed_window_leaves_it_to_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    begun = asyncio.Event()

    async def hang(
        _self: object, _bucket: str, _: Sequence[Doomed], **_how: object
    ) -> list[DeleteFailure]:
        begun.set()
        await asyncio.Event().wait()
        return []

    async def story(stage: Stage) -> None:
        await fill(stage)
        monkeypatch.setattr(MemoryStore, "delete_many", hang)
        await delete_all(stage)
        await begun.wait()

    perform(desk, story)
    (view,) = asyncio.run(desk.runs.look())
    deletion = view.journal.deletion
    assert deletion is not None
    assert (view.is_running, deletion.items, deletion.is_halted) == (False, 2, False)


def test_escape_before_anything_is_deleted_deletes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("s4desk.gui.dialogs.busy.PATIENCE_S", 60.0)
    asked, ended = asyncio.Event(), asyncio.Event()

    async def hang(_self: object, _prefix: Prefix) -> list[Upload]:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return []

    async def story(stage: Stage) -> None:
        await fill(stage)
        monkeypatch.setattr(MemoryStore, "list_uploads", hang)
        await delete_all(stage)
        await asked.wait()
        QTest.keyClick(stage.window.pane.table, Qt.Key.Key_Escape)
        await until(ended.is_set)
        assert len(await stage.keys()) == 3
        assert await desk.runs.look() == []

    perform(desk, story)


def test_escape_stops_before_the_dialog_is_there(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("s4desk.gui.dialogs.busy.PATIENCE_S", 60.0)
    begun, gate = asyncio.Event(), asyncio.Event()

    async def slow(
        store: MemoryStore, bucket: str, doomed: Sequence[Doomed], **_how: object
    ) -> list[object]:
        begun.set()
        await gate.wait()
        for each in doomed:
            await store.delete(Location(bucket, each.key))
        return []

    async def story(stage: Stage) -> None:
        # More than three batches: those that are on their way come to their end.
        await asyncio.gather(*(stage.put(f"photos/2024/{number:04}") for number in range(4200)))
        monkeypatch.setattr(MemoryStore, "delete_many", slow)
        await delete_all(stage)
        await begun.wait()
        assert stage.dialog(BusyDialog) is None
        QTest.keyClick(stage.window.pane.table, Qt.Key.Key_Escape)
        gate.set()
        message = stage.window.status_bar
        await until(lambda: "because you stopped it" in message.currentMessage())
        assert stage.dialog(BusyDialog) is None
        assert await desk.runs.look() == []

    perform(desk, story)
