"""The journals of headless runs: taken over, shared with nobody, forgotten, damaged."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist.database import Database, DatabaseError, DatabaseInUseError
from s4desk.core.persist.peek import Command, JournalView, is_claimed, peek
from s4desk.core.persist.runs import NoSuchRunError, RunFolder
from tests.persist.journal_contract import DOWNLOAD, UPLOAD
from tests.transfer.specs import at, download_spec, upload_spec

if TYPE_CHECKING:
    import logging

ODD = "/tmp/\udcff odd\nname"
COMMAND = Command("cp", Path(ODD), at("folder/\udcfe/"), ("recursive", "overwrite"))

DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from s4desk.core.persist.peek import Command
from s4desk.core.persist.runs import RunFolder
from tests.transfer.specs import at, upload_spec

async def main():
    run = await RunFolder(Path(sys.argv[1])).begin(Command("cp", Path("/a"), at("b")))
    await run.journal.open()
    await run.journal.add([upload_spec()])
    print(run.id, flush=True)
    if sys.argv[2] == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def runs(folder: Path) -> RunFolder:
    return RunFolder(folder)


def another(folder: Path, fate: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DIES, str(folder), fate]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def test_a_run_of_the_same_command_is_taken_over(runs: RunFolder) -> None:
    run = await runs.begin(COMMAND)
    await run.journal.open()
    (transfer,) = await run.journal.add([upload_spec()])
    token = run.journal.token
    await run.aclose()
    for other in (
        replace(COMMAND, verb="mv"),
        replace(COMMAND, source=Path("/elsewhere")),
        replace(COMMAND, target=at("other")),
        replace(COMMAND, flags=("recursive",)),
    ):
        begun = await runs.begin(other)
        assert begun.id != run.id
        await begun.remove()
    again = await runs.begin(COMMAND)
    assert (again.id, again.command) == (run.id, COMMAND)
    assert await again.journal.open() == [transfer]
    assert again.journal.token == token
    await again.remove()


async def test_a_run_that_ended_well_leaves_no_file(runs: RunFolder, folder: Path) -> None:
    run = await runs.begin(COMMAND)
    await run.remove()
    assert list(folder.iterdir()) == []
    with pytest.raises(NoSuchRunError):
        await runs.open(run.id)


async def test_what_is_carried_out_elsewhere_is_seen_and_left_alone(
    runs: RunFolder, folder: Path
) -> None:
    with another(folder, "lives") as process:
        assert process.stdout is not None
        id_ = (await asyncio.to_thread(process.stdout.readline)).strip()
        (view,) = await runs.look()
        assert (view.id, view.is_running, len(view.journal.unfinished)) == (id_, True, 1)
        with pytest.raises(DatabaseInUseError):
            await runs.open(id_)
        mine = await runs.begin(Command("cp", Path("/a"), at("b")))
        assert mine.id != id_
        await mine.remove()
        process.kill()
    assert not (await runs.look())[0].is_running


async def test_a_killed_run_is_free(runs: RunFolder, folder: Path) -> None:
    with another(folder, "dies") as process:
        id_, _ = process.communicate()
    (view,) = await runs.look()
    assert (view.id, view.is_running) == (id_.strip(), False)
    run = await runs.begin(Command("cp", Path("/a"), at("b")))
    assert run.id == id_.strip()
    assert len(await run.journal.open()) == 1
    await run.remove()


async def test_whether_it_is_planned_is_kept(runs: RunFolder) -> None:
    run = await runs.begin(COMMAND)
    assert not await run.is_planned()
    await run.set_planned(is_planned=True)
    await run.aclose()
    assert (await runs.look())[0].journal.is_planned
    run = await runs.open(run.id)
    assert await run.is_planned()
    await run.remove()


async def test_a_look_tells_what_is_left_and_what_it_has(runs: RunFolder) -> None:
    run = await runs.begin(COMMAND)
    await run.journal.open()
    up, down, done, skipped = await run.journal.add(
        [upload_spec(key="up"), download_spec("k", Path("/k")), upload_spec(), upload_spec()]
    )
    await run.journal.save_upload(up.id, UPLOAD)
    short = replace(DOWNLOAD, size=2 * DOWNLOAD.part_size + 5, done={1: "x", 3: "z"})
    await run.journal.save_download(down.id, short)
    run.journal.record(replace(done, state=TransferState.COMPLETED))
    run.journal.record(replace(skipped, state=TransferState.COMPLETED, skipped=True))
    await run.journal.flush()
    (view,) = await runs.look()
    seen = view.journal
    assert ([each.id for each in seen.unfinished], seen.completed) == ([up.id, down.id], 1)
    assert seen.uploads == {up.id: UPLOAD.upload}
    sizes = sum(part.size for part in UPLOAD.parts.values())
    assert seen.kept == {up.id: sizes, down.id: DOWNLOAD.part_size + 5}
    assert (seen.command, view.is_running) == (COMMAND, True)
    assert await run.journal.kept() == seen.kept
    assert await run.journal.unfinished() == 2
    await run.aclose()

    run = await runs.open(run.id)
    assert [each.id for each in await run.journal.open()] == [up.id, down.id]
    assert [each.id for each in await run.journal.completed()] == [done.id]
    await run.remove()


async def test_a_damaged_run_is_set_aside_and_told(
    runs: RunFolder, folder: Path, expected_logs: list[logging.LogRecord]
) -> None:
    run = await runs.begin(COMMAND)
    await run.aclose()
    (folder / f"{run.id}.sqlite").write_bytes(b"not a database at all" * 100)
    fresh = await runs.begin(COMMAND)
    assert fresh.id != run.id
    (aside,) = runs.take_aside()
    assert aside.read_bytes().startswith(b"not a database")
    assert runs.take_aside() == []
    assert [view.id for view in await runs.look()] == [fresh.id]
    await fresh.remove()
    assert [path.name for path in folder.iterdir()] == [aside.name]
    assert expected_logs


async def test_a_run_killed_before_it_said_what_it_is_of_is_removed(
    runs: RunFolder, folder: Path
) -> None:
    folder.mkdir()
    database = Database(folder / "abcdef.sqlite")
    await database.open()
    await database.aclose()
    assert await runs.look() == []
    assert list(folder.iterdir()) == []


async def test_a_run_that_is_removed_while_somebody_waits_for_it_is_gone(folder: Path) -> None:
    runs = RunFolder(folder)
    run = await runs.begin(COMMAND)
    path = folder / f"{run.id}.sqlite"
    late = Database(path)
    await run.remove()
    with pytest.raises(DatabaseError, match="not there"):
        await late.open(must_exist=True)
    await late.aclose()
    assert list(folder.iterdir()) == []


async def test_a_run_that_ends_while_somebody_looks_is_not_there(
    runs: RunFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await runs.begin(COMMAND)
    await run.aclose()

    def ends(path: Path) -> JournalView:
        for each in folder.iterdir():
            each.unlink()
        return peek(path)

    monkeypatch.setattr("s4desk.core.persist.runs.peek", ends)
    assert await runs.look() == []
    assert runs.take_aside() == []


async def test_a_disk_without_room_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file, where the folder should be")
    with pytest.raises(DatabaseError):
        await RunFolder(tmp_path / "runs").begin(COMMAND)


async def test_the_windows_journal_can_be_looked_at_while_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "s4desk.sqlite"
    assert not is_claimed(path)
    database = Database(path)
    await database.open()
    assert is_claimed(path)
    view = peek(path)
    assert (view.command, view.unfinished) == (None, [])
    await database.aclose()
    assert not is_claimed(path)
