"""The history: nothing doubled, nothing lost, bounded, found again, and forgotten for good."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.identity import ConnectionId, VersionId
from s4desk.core.domain.past_change import ChangeKind, PastChange
from s4desk.core.domain.transfer import Effort, Transfer, TransferSpec, TransferState
from s4desk.core.persist import change_rows
from s4desk.core.persist import history as module
from s4desk.core.persist.database import Database, DatabaseError, NewerDatabaseError
from s4desk.core.persist.history import (
    DAY_S,
    History,
    HistoryCount,
    HistoryEntry,
    HistoryQuery,
    Judgement,
)
from s4desk.core.persist.journal import SqliteJournal
from s4desk.core.persist.peek import Command
from s4desk.core.persist.runs import RunFolder
from s4desk.core.persist.schema import HISTORY_MIGRATIONS, create_history
from tests.persist.journal_contract import ODD_KEY, ODD_PATH
from tests.transfer.fake_clock import FakeClock
from tests.transfer.specs import at, download_spec, upload_spec

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator

S = TransferState
ALL = HistoryQuery()


class Life:
    """A journal and the history it goes into."""

    def __init__(self, folder: Path, days: int = 30) -> None:
        self.folder = folder
        self.days = days
        self.clock = FakeClock()
        self.history = self.another_history()
        self.database = Database(folder / "journal.sqlite")
        self.journal = SqliteJournal(self.database, self.clock, archive=self.take)

    def another_history(self) -> History:
        path = self.folder / "history.sqlite"
        return History(path, lambda: self.days, lambda: {"ceph": "Our Ceph"}, self.clock)

    async def open(self) -> list[Transfer]:
        await self.database.open()
        return await self.journal.open()

    async def restart(self) -> list[Transfer]:
        await self.aclose()
        self.clock.advance(60)
        self.database = Database(self.folder / "journal.sqlite")
        self.journal = SqliteJournal(self.database, self.clock, archive=self.take)
        return await self.open()

    async def take(self) -> None:
        await self.history.take(self.database.path)

    async def ended(
        self, spec: TransferSpec, state: TransferState = S.COMPLETED, **known: object
    ) -> Transfer:
        """Record one that has ended, a second after the one before."""
        (transfer,) = await self.journal.add([spec])
        self.clock.advance(1)
        return self.note(replace(transfer, attempts=1), state, **known)

    def note(self, transfer: Transfer, state: TransferState, **known: object) -> Transfer:
        now = replace(transfer, state=state, **known)
        self.journal.record(now)
        return now

    async def all(self, query: HistoryQuery = ALL) -> list[HistoryEntry]:
        await self.journal.flush()
        await self.take()
        return await self.history.page(query)

    async def aclose(self) -> None:
        await self.journal.aclose()
        await self.database.aclose()


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    life = Life(tmp_path)
    await life.open()
    yield life
    await life.aclose()


def up(key: str = "file", *, size: int = 0) -> TransferSpec:
    return upload_spec(key=key, size=size)


def named(entries: list[HistoryEntry]) -> list[str]:
    return [each.transfer.spec.target.location.key for each in entries]


async def test_what_has_ended_comes_back_as_it_was(life: Life) -> None:
    ended = life.clock.now().timestamp() - 5
    effort = Effort(7, 1, 2, 3, 4.5, ended - 9, ended)
    spec = replace(download_spec(ODD_KEY, ODD_PATH, size=11), version=VersionId("v/1"))
    done = await life.ended(
        spec, verified="crc64nvme", checksum="AAAA=", effort=effort, error_kind=""
    )
    await life.ended(up("b"), S.FAILED, error="no \udcff", error_kind="X")
    failed, kept = await life.all()
    assert kept.transfer == replace(
        done, id=kept.number, position=0, spec=replace(spec, root=None, batch=done.spec.batch)
    )
    assert (kept.moment, failed.transfer.error) == (ended, "no \udcff")


async def test_taken_over_again_nothing_is_there_twice(life: Life) -> None:
    for name in "abc":
        await life.ended(up(name))
    first = await life.all()
    others = [life.another_history() for _ in range(4)]
    await asyncio.gather(*(each.take(life.database.path) for each in others))
    assert await life.all() == first
    assert named(first) == ["c", "b", "a"]


async def test_what_is_newer_counts(life: Life) -> None:
    transfer = await life.ended(up(), S.FAILED, error="offline")
    (before,) = await life.all()
    life.clock.advance(9)
    life.note(transfer, S.COMPLETED, error="", verified="md5")
    (after,) = await life.all()
    assert (before.transfer.state, after.transfer.state) == (S.FAILED, S.COMPLETED)
    assert (after.number, after.moment - before.moment) == (before.number, 9)


async def test_what_failed_and_was_given_up_keeps_its_reason(life: Life) -> None:
    transfer = await life.ended(up(), S.FAILED, error="no space")
    await life.all()
    life.clock.advance(9)
    life.note(transfer, S.CANCELLED, error="")
    (entry,) = await life.all()
    assert (entry.transfer.state, entry.transfer.error) == (S.FAILED, "no space")


async def test_what_was_skipped_is_told_apart_and_pushes_nothing_out(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    monkeypatch.setattr(module, "MOST_SKIPPED", 3)
    for name in "ab":
        await life.ended(up(name, size=5))
    for number in range(5):
        await life.ended(up(f"s{number}", size=7), skipped=True)
    refused = await life.ended(up("refused", size=9), skipped=True, error="it is there")
    everything = await life.all()
    assert named(everything) == ["refused", "s4", "s3", "s2", "b"]
    assert [each.transfer.skipped for each in everything] == [False, True, True, True, False]
    assert (everything[0].transfer.state, refused.state) == (S.FAILED, S.COMPLETED)
    assert await life.history.count(ALL) == HistoryCount(5, 1, 5)
    only = HistoryQuery(states=(S.COMPLETED,), skipped=True)
    others = replace(only, skipped=False)
    assert named(await life.history.page(only)) == ["s4", "s3", "s2"]
    assert named(await life.history.page(others)) == ["b"]
    assert await life.history.count(only) == HistoryCount(3, 0, 0)


async def test_what_was_found_to_be_ours_is_no_longer_skipped(life: Life) -> None:
    met = await life.ended(up("met"), skipped=True)
    assert [each.transfer.skipped for each in await life.all()] == [True]
    life.note(met, S.COMPLETED, skipped=False, verified="md5")
    assert [each.transfer.skipped for each in await life.all()] == [False]


async def test_a_history_of_before_is_read_and_goes_on(life: Life) -> None:
    with closing(sqlite3.connect(life.history.path)) as old:
        create_history(old)
        old.execute("PRAGMA user_version = 1")
        old.commit()
    await life.ended(up("new"), skipped=True)
    assert [each.transfer.skipped for each in await life.all()] == [True]
    await life.history.note(deleted("a"))
    assert len(await life.history.changes()) == 1


def deleted(key: str, count: int = 1) -> PastChange:
    return PastChange(ChangeKind.DELETED, ConnectionId("ceph"), "b", key, count, failed=2)


async def test_changes_are_kept_beside_transfers_newest_first(life: Life) -> None:
    assert await life.history.changes() == []
    assert not life.history.path.exists()
    moments = []
    for key in ("a", ODD_KEY):
        life.clock.advance(60)
        moments.append(life.clock.now().timestamp())
        await life.history.note(deleted(key, 7))
    told = await life.another_history().changes()
    assert told == [
        replace(deleted(key, 7), moment=moment)
        for key, moment in zip((ODD_KEY, "a"), reversed(moments), strict=True)
    ]
    assert await life.history.changes(since=moments[1]) == told[:1]
    assert await life.history.changes(count=1) == told[:1]
    assert await life.history.names() == {"ceph": "Our Ceph"}
    assert await life.all() == []


async def test_of_how_many_nobody_knows_is_kept_beside_those_that_failed(life: Life) -> None:
    """Also in a file in which nobody asked for it yet."""
    with closing(sqlite3.connect(life.history.path)) as old:
        for migrate in HISTORY_MIGRATIONS[:4]:
            migrate(old)
        old.execute("PRAGMA user_version = 4")
        old.execute("INSERT INTO change VALUES (1, 2e9, 'deleted', 'c', 'b', X'61', 1, 2)")
        old.commit()
    await life.history.note(replace(deleted("new"), doubtful=64))
    told = await life.history.changes()
    assert [(each.key, each.failed, each.doubtful) for each in told] == [
        ("new", 2, 64),
        ("a", 2, 0),
    ]


async def test_changes_are_bounded_and_forgotten(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_rows, "MOST", 3)
    for key in "abcde":
        await life.history.note(deleted(key))
    assert [each.key for each in await life.history.changes()] == ["e", "d", "c"]
    life.clock.advance(20 * DAY_S)
    await life.history.note(deleted("new"))
    life.clock.advance(20 * DAY_S)
    await life.history.prune()
    assert [each.key for each in await life.history.changes()] == ["new"]
    await life.history.clear()
    assert await life.history.changes() == []
    life.days = 0
    await life.history.note(deleted("unwanted"))
    life.days = 30
    assert await life.history.changes() == []


async def test_what_a_newer_program_has_done_is_passed_over(life: Life) -> None:
    await life.history.note(deleted("a"))
    with closing(sqlite3.connect(life.history.path)) as newer:
        newer.execute(
            "INSERT INTO change SELECT 9, moment, 'baked', 'c', 'b', key, 1, 0, 0 FROM change"
        )
        newer.commit()
    assert [each.key for each in await life.history.changes()] == ["a"]


async def test_what_never_began_is_left_out_if_that_is_asked(life: Life) -> None:
    (waiting, begun) = await life.journal.add([up("waiting"), up("begun")])
    life.note(waiting, S.CANCELLED)
    life.note(replace(begun, attempts=1), S.CANCELLED)
    await life.journal.flush()
    await life.history.take(life.database.path, only_begun=True)
    assert named(await life.history.page(ALL)) == ["begun"]
    assert sorted(named(await life.all())) == ["begun", "waiting"]


async def test_the_next_life_finds_it_and_begins_without_it(life: Life) -> None:
    await life.ended(up("done"))
    failed = await life.ended(up("failed"), S.FAILED, error="e")
    assert await life.restart() == [failed]
    await life.ended(up("new"))
    await life.journal.archive_former()
    assert named(await life.history.page(ALL)) == ["new", "failed", "done"]
    left = await life.database.run(lambda c: c.execute("SELECT count(*) FROM transfer").fetchone())
    assert left == (2,)  # what failed, and what this life shows


async def test_what_is_cleared_from_the_list_stays_in_the_history(life: Life) -> None:
    done = await life.ended(up("done"))
    await life.journal.remove([done.id])
    assert named(await life.history.page(ALL)) == ["done"]
    assert await life.database.run(lambda c: c.execute("SELECT * FROM transfer").fetchall()) == []


async def test_what_the_history_cannot_take_stays_in_the_journal(
    life: Life, expected_logs: list[logging.LogRecord]
) -> None:
    done = await life.ended(up("done"))
    life.history.path.mkdir()
    await life.journal.remove([done.id])
    with pytest.raises(DatabaseError):
        await life.journal.archive_former()
    life.history.path.rmdir()
    assert "stays in the journal" in expected_logs[0].getMessage()
    assert named(await life.all()) == ["done"]


async def test_it_is_read_in_pages(life: Life) -> None:
    for number in range(7):
        await life.ended(up(f"{number}"))
    await life.journal.flush()
    await life.take()
    first = await life.history.page(ALL, count=3)
    second = await life.history.page(ALL, first[-1], count=3)
    await life.ended(up("new"))
    await life.all()
    third = await life.history.page(ALL, second[-1], count=3)
    assert named([*first, *second, *third]) == list("6543210")
    assert named(list(life.history.all(ALL))) == ["new", *"6543210"]
    assert life.history.these([first[1].number, third[0].number]) == [first[1], third[0]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("report", ["2024/Report_100%.pdf"]),
        ("REPORT pdf", ["2024/Report_100%.pdf"]),
        ("report png", []),
        ("100%", ["2024/Report_100%.pdf"]),
        ("_", ["2024/Report_100%.pdf"]),
        ("ÄRGER", ["ärger"]),
        ("full", ["ärger"]),
        ("\\", []),
    ],
)
async def test_words_are_looked_for(life: Life, words: str, found: list[str]) -> None:
    await life.ended(up("2024/Report_100%.pdf"))
    await life.ended(up("ärger"), S.FAILED, error="the disk is full")
    assert named(await life.all(HistoryQuery(words))) == found


async def test_dates_and_states_are_looked_for(life: Life) -> None:
    await life.ended(up("a", size=3))
    life.clock.advance(100)
    since = life.clock.now().timestamp()
    await life.ended(up("b", size=4))
    await life.ended(up("c", size=5), S.FAILED)
    assert named(await life.all(HistoryQuery(since=since))) == ["c", "b"]
    assert named(await life.all(HistoryQuery(states=(S.FAILED,)))) == ["c"]
    assert await life.history.count(ALL) == HistoryCount(3, 1, 7)


async def test_it_is_bounded_in_time_and_number(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    await life.ended(up("old"))
    await life.all()
    life.clock.advance(30 * DAY_S)
    for name in "abc":
        await life.ended(up(name))
    assert named(await life.all()) == ["c", "b", "a"]
    monkeypatch.setattr(module, "MOST", 2)
    await life.ended(up("d"))
    assert named(await life.all()) == ["d", "c"]


async def test_not_every_command_counts_all_that_there_is(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 30)
    monkeypatch.setattr(module, "OVER", 3)
    counts = []
    for number in range(75):
        await life.ended(up(f"{number}"))
        await life.journal.flush()
        await life.take()
        counts.append((await life.history.count(ALL)).entries)
    assert counts[:30] == list(range(1, 31))
    assert set(counts[30:]) == set(range(30, 40))
    await life.history.prune()
    assert (await life.history.count(ALL)).entries == 30


async def test_who_wants_none_gets_none(life: Life) -> None:
    life.days = 0
    done = await life.ended(up("secret"))
    assert await life.all() == []
    await life.journal.remove([done.id])
    await life.history.prune()
    assert not life.history.path.exists()


async def test_who_wants_none_any_more_loses_what_there_was(life: Life) -> None:
    await life.ended(up("secret-name"))
    assert len(await life.all()) == 1
    life.days = 0
    await life.history.prune()
    assert await life.history.page(ALL) == []
    assert b"secret-name" not in life.history.path.read_bytes()


async def test_what_was_cleared_does_not_come_back(life: Life) -> None:
    await life.ended(up("secret-name"))
    await life.all()
    life.clock.advance(1)
    await life.history.clear()
    assert await life.all() == []
    assert b"secret-name" not in life.history.path.read_bytes()
    await life.ended(up("new"))
    assert named(await life.all()) == ["new"]


async def test_a_judgement_stays_although_the_journal_knows_better(life: Life) -> None:
    await life.ended(up("same"), verified="size-only")
    await life.ended(up("other"), verified="md5")
    other, same = await life.all()
    told = [Judgement(same.number, "crc32c", "BBBB"), Judgement(other.number, "md5", "", "differs")]
    await life.history.judge(told)
    other, same = await life.all()
    assert (same.transfer.verified, same.transfer.checksum) == ("crc32c", "BBBB")
    assert (other.transfer.state, other.transfer.error) == (S.FAILED, "differs")
    assert other.transfer.verified == ""


async def test_what_the_queue_reads_again_is_taken_over_too(life: Life) -> None:
    effort = Effort(ended=life.clock.now().timestamp())
    done = await life.ended(up(), verified="size-only", effort=effort)
    await life.all()
    life.clock.advance(99)
    life.note(done, S.COMPLETED, verified="md5")
    (entry,) = await life.all()
    assert (entry.transfer.verified, entry.moment) == ("md5", effort.ended)


async def test_connections_keep_the_names_they_had(life: Life) -> None:
    await life.ended(up())
    await life.all()
    assert await life.history.names() == {"ceph": "Our Ceph"}


async def test_a_damaged_file_is_set_aside(
    life: Life, expected_logs: list[logging.LogRecord]
) -> None:
    life.history.path.write_bytes(b"no database " * 100)
    await life.ended(up("done"))
    assert named(await life.all()) == ["done"]
    assert len(list(life.folder.glob("history.sqlite.damaged-*"))) == 1
    assert "is damaged" in expected_logs[0].getMessage()


async def test_a_file_of_a_later_version_is_left_alone(life: Life) -> None:
    life.history.path.touch()
    later = Database(life.history.path, [lambda _: None] * 9)
    await later.open()
    await later.aclose()
    before = life.history.path.read_bytes()
    with pytest.raises(NewerDatabaseError):
        await life.take()
    assert life.history.path.read_bytes() == before


async def test_asking_makes_no_file(life: Life) -> None:
    assert await life.history.page(ALL) == []
    assert await life.history.count(ALL) == HistoryCount()
    await life.history.take(life.folder / "nothing.sqlite")
    assert not life.history.path.exists()


# Runs

COMMAND = Command("cp", Path("/a"), at("b"))


async def ended_run(life: Life, *states: TransferState) -> tuple[RunFolder, str]:
    runs = RunFolder(life.folder / "runs", life.database.path, life.history)
    run = await runs.begin(COMMAND)
    await run.journal.open()
    added = await run.journal.add([up(f"{n}") for n in range(len(states))])
    for transfer, state in zip(added, states, strict=True):
        run.journal.record(replace(transfer, state=state, attempts=1))
    return runs, run.id if await _leave(run, states) else ""


async def _leave(run, states) -> bool:  # type: ignore[no-untyped-def]
    is_over = all(state.is_final for state in states)
    await (run.remove() if is_over else run.aclose())
    return not is_over


async def test_a_run_that_is_gone_is_in_the_history(life: Life) -> None:
    life.clock = FakeClock()
    runs, _ = await ended_run(life, S.COMPLETED, S.CANCELLED)
    assert await runs.look() == []
    assert sorted(named(await life.history.page(ALL))) == ["0", "1"]


async def test_a_run_that_is_handed_over_is_told_of_by_its_heir(life: Life) -> None:
    runs, id_ = await ended_run(life, S.COMPLETED, S.FAILED)
    assert sorted(named(await life.history.page(ALL))) == ["0", "1"]

    class Heir:
        async def inherit(self, inheritances, origin):  # type: ignore[no-untyped-def]
            assert len(inheritances) == 1
            return []

    await (await runs.open(id_)).bequeath(Heir())  # type: ignore[arg-type]
    assert named(await life.history.page(ALL)) == ["0"]


async def test_a_run_whose_history_cannot_be_written_stays(
    life: Life, expected_logs: list[logging.LogRecord]
) -> None:
    life.history.path.mkdir()
    runs, _ = await ended_run(life, S.COMPLETED)
    (view,) = await runs.look()
    assert (view.journal.completed, view.journal.unfinished) == (1, [])
    life.history.path.rmdir()
    assert "is not in the history" in expected_logs[0].getMessage()
    await (await runs.open(view.id)).remove()
    assert named(await life.history.page(ALL)) == ["0"]


DIES = """
import asyncio, os, signal, sys
from dataclasses import replace
from pathlib import Path
from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist.database import Database
from s4desk.core.persist.history import History
from s4desk.core.persist.peek import Command
from s4desk.core.persist.runs import RunFolder
from tests.transfer.specs import at, upload_spec

async def die(self, *_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    folder = Path(sys.argv[1])
    history = History(folder / "history.sqlite", lambda: 30)
    run = await RunFolder(folder / "runs", None, history).begin(Command("cp", Path("/a"), at("b")))
    await run.journal.open()
    for each in await run.journal.add([upload_spec(key=f"{n}") for n in range(50)]):
        run.journal.record(replace(each, state=TransferState.COMPLETED, attempts=1))
    await run.journal.flush()
    if sys.argv[2] != "nobody":
        setattr({"History": History, "Database": Database}[sys.argv[2]], sys.argv[3], die)
    await run.remove()

asyncio.run(main())
"""


@pytest.mark.parametrize(("who", "what"), [("History", "take"), ("Database", "remove")])
async def test_a_crash_on_the_way_neither_doubles_nor_loses(
    life: Life, who: str, what: str
) -> None:
    words = [sys.executable, "-c", DIES, str(life.folder), who, what]
    process = await asyncio.create_subprocess_exec(*words)
    assert await process.wait() == -signal.SIGKILL
    runs = RunFolder(life.folder / "runs", life.database.path, life.history)
    (view,) = await runs.look()
    await (await runs.open(view.id)).remove()
    assert await runs.look() == []
    assert sorted(map(int, named(await life.history.page(ALL)))) == list(range(50))


async def test_two_processes_put_theirs_in_at_once(life: Life) -> None:
    words = [sys.executable, "-c", DIES, str(life.folder), "nobody"]
    both = [await asyncio.create_subprocess_exec(*words) for _ in range(2)]
    assert [await each.wait() for each in both] == [0, 0]
    assert len(await life.history.page(ALL)) == 100
