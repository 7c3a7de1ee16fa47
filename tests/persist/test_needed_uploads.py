"""What any journal here still needs is known, or nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from s4desk.core.domain.objects import Upload
from s4desk.core.persist.database import Database, DatabaseError, NewerDatabaseError
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.persist.needed_uploads import needed_uploads
from s4desk.core.persist.peek import Command
from s4desk.core.persist.runs import RunFolder
from tests.persist.journal_contract import UPLOAD
from tests.transfer.specs import at, upload_spec


def upload(key: str) -> Upload:
    return Upload(at(key).location, UPLOAD.upload, None)


async def test_uploads_of_runs_and_of_the_window_are_needed(tmp_path: Path) -> None:
    runs, path = RunFolder(tmp_path / "runs"), tmp_path / "s4desk.sqlite"
    assert (await needed_uploads(runs, path)).of(upload("up")) == ("", False)
    run = await runs.begin(Command("cp", Path("/a"), at("b")))
    await run.journal.open()
    (begun,) = await run.journal.add([upload_spec(key="up")])
    await run.journal.save_upload(begun.id, UPLOAD)
    await run.aclose()
    database = Database(path)
    await database.open()
    journal = SqliteJournal(database)
    await journal.open()
    (own,) = await journal.add([upload_spec(key="own")])
    await journal.save_upload(own.id, UPLOAD)
    await journal.aclose()
    owners = await needed_uploads(runs, path)
    await database.aclose()
    assert owners.of(upload("up")) == (f"{run.id}.{begun.id}", False)
    assert owners.of(upload("own")) == (f"window.{own.id}", False)
    assert owners.of(upload("other")) == ("", False)


async def test_what_cannot_be_read_may_need_anything(tmp_path: Path) -> None:
    class Newer(RunFolder):
        async def look(self):
            self.unread = [NewerDatabaseError(tmp_path, "newer")]
            return []

    with pytest.raises(DatabaseError):
        await needed_uploads(Newer(tmp_path / "runs"), tmp_path / "s4desk.sqlite")
