"""What the window offers at its start: commands that were cut off, its own queue."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QPushButton

from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.parts import DownloadCheckpoint
from s4desk.core.domain.transfer import BatchId, Direction, TransferSpec, TransferState
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.persist.peek import Command
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.review import ReviewDialog
from s4desk.viewmodels.listing import Remedy
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, qapp) -> Desk:
    return memory_desk(tmp_path / "home")


def at(key: str) -> Address:
    return Address(HOME, Location(BUCKET, key))


def leave_run(desk: Desk, source: Path, *, is_planned: bool = True) -> None:
    """What `s4desk cp SOURCE …` left when it was killed."""

    async def leave() -> None:
        run = await desk.runs.begin(Command("cp", source, at(source.name)))
        await run.journal.open()
        size = len(source.read_bytes())
        spec = TransferSpec(Direction.UPLOAD, source, at(source.name), size, batch=BatchId(run.id))
        await run.journal.add([spec])
        await run.set_planned(is_planned=is_planned)
        await run.aclose()

    asyncio.run(leave())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_bytes(b"content")
    return tmp_path / "a.txt"


def button(stage: Stage, remedy: Remedy) -> QPushButton:
    assert stage.window is not None
    found = stage.window.banner.findChild(QPushButton, remedy)
    assert found is not None
    return found


async def offered(stage: Stage) -> str:
    assert stage.window is not None
    banner = stage.window.banner
    await until(banner.isVisible)
    assert banner.notice is not None
    return banner.notice.text


def test_an_interrupted_command_goes_on_in_the_window(desk: Desk, source: Path):
    leave_run(desk, source)

    async def story(stage: Stage) -> None:
        assert await offered(stage) == "1 command was interrupted."
        button(stage, Remedy.GO_ON).click()
        await until(lambda: [t.state for t in desk.queue.transfers()] == ["completed"])
        assert await stage.read("a.txt") == b"content"
        assert not stage.window.banner.isVisible()
        await until(lambda: "goes on" in stage.window.status_bar.currentMessage())
        assert await desk.runs.look() == []

    perform(desk, story)


def test_interrupted_commands_are_shown_and_go_on_from_there(desk: Desk, source: Path):
    leave_run(desk, source)

    async def story(stage: Stage) -> None:
        await offered(stage)
        button(stage, Remedy.SHOW_RUNS).click()
        dialog = await stage.opened(ReviewDialog)
        dialog.accept()
        await until(lambda: [t.state for t in desk.queue.transfers()] == ["completed"])

    perform(desk, story)


def test_a_forgotten_command_leaves_nothing(desk: Desk, source: Path, tmp_path: Path):
    partial = tmp_path / ".back.0f0f0f-1.s4part"

    async def leave() -> None:
        run = await desk.runs.begin(Command("cp", at("big"), tmp_path / "back"))
        await run.journal.open()
        spec = TransferSpec(Direction.DOWNLOAD, at("big"), tmp_path / "back", 10)
        (transfer,) = await run.journal.add([spec])
        checkpoint = DownloadCheckpoint("e", "", 10, 5, str(partial))
        await run.journal.save_download(transfer.id, checkpoint)
        await run.set_planned(is_planned=True)
        await run.aclose()

    asyncio.run(leave())
    partial.write_bytes(b"12345")

    async def story(stage: Stage) -> None:
        await offered(stage)
        button(stage, Remedy.FORGET_RUNS).click()
        question = await stage.opened(QuestionDialog)
        question.reject()
        await until(lambda: stage.dialog(QuestionDialog) is None)
        assert len(await desk.runs.look()) == 1
        button(stage, Remedy.FORGET_RUNS).click()
        (await stage.opened(QuestionDialog)).accept()
        await until(lambda: [t.state for t in desk.queue.transfers()] == ["cancelled"])
        await until(lambda: not stage.window.banner.isVisible())
        assert not partial.exists()
        assert await desk.runs.look() == []

    perform(desk, story)


def test_what_was_not_planned_to_its_end_is_not_taken_for_all(desk: Desk, source: Path):
    leave_run(desk, source, is_planned=False)

    async def story(stage: Stage) -> None:
        await offered(stage)
        assert stage.window.banner.findChild(QPushButton, Remedy.GO_ON) is None
        button(stage, Remedy.LATER).click()
        assert not stage.window.banner.isVisible()
        assert len(await desk.runs.look()) == 1
        assert desk.queue.transfers() == []

    perform(desk, story)


def test_nothing_is_offered_when_nothing_was_interrupted(desk: Desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        assert not stage.window.banner.isVisible()

    perform(desk, story)


def test_the_windows_own_queue_waits_if_that_is_wanted(desk: Desk, source: Path):
    async def add(folder: Path) -> None:
        other = memory_desk(folder)
        await other.settings.change(resume_at_start=False)
        await other.database.open()
        await SqliteJournal(other.database).add(
            [TransferSpec(Direction.UPLOAD, source, at("a.txt"), 7)]
        )
        await other.aclose()

    asyncio.run(add(desk.folders.config.parent))
    again = memory_desk(desk.folders.config.parent)

    async def story(stage: Stage) -> None:
        assert await offered(stage) == "1 transfer waits since the last time."
        assert [t.state for t in again.queue.transfers()] == [TransferState.PAUSED]
        button(stage, Remedy.GO_ON).click()
        await until(lambda: [t.state for t in again.queue.transfers()] == ["completed"])

    perform(again, story)
