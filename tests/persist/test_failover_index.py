"""Which backend holds which object, in a file of all processes."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
from contextlib import closing
from time import perf_counter

import pytest

from s4desk.core.domain.identity import ConnectionId, Location, Prefix
from s4desk.core.failover.errors import IndexUnavailableError
from s4desk.core.failover.index import Copy, ListedCopies
from s4desk.core.persist import failover_index
from s4desk.core.persist.failover_copies import MIGRATIONS, make_room
from s4desk.core.persist.failover_index import FailoverIndex
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.store.memory import MemoryStore
from tests.transfer.settle import settle

G, A, B = (ConnectionId(name) for name in ("group", "a", "b"))
K = Location("b", "K")
COPY = Copy(K, A, "etag", 5)


class Hurried(SystemClock):
    """Nobody sleeps for long."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.005))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "index.sqlite"


@pytest.fixture
async def index(path):
    opened = FailoverIndex(path, Hurried())
    yield opened
    await opened.aclose()


async def written(path, *copies, gone=()):
    """Have a process write, and end."""
    index = FailoverIndex(path, Hurried())
    for each in copies:
        index.of(G).learn([each])
    for each in gone:
        index.of(G).unlearn(each.location, each.backend)
    await index.aclose()


async def known(index, location=K, group=G):
    return sorted(await index.of(group).copies(location), key=lambda each: each.backend)


async def until_known(index, copies, location=K):
    found = None
    for _ in range(2000):
        try:
            found = await known(index, location)
        except IndexUnavailableError:
            found = None
        if found == copies:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"{found} is known")


async def test_nothing_is_known_and_no_file_is_made(index, path):
    assert await known(index) == []
    assert not path.exists()


async def test_what_is_learned_is_known_soon(index):
    index.of(G).learn([COPY])
    await until_known(index, [COPY])


async def test_it_survives_a_restart(path, index):
    await written(path, COPY, Copy(K, B))
    assert await known(index) == [COPY, Copy(K, B)]


async def test_what_is_unlearned_is_known_no_more(path, index):
    await written(path, COPY, Copy(K, B), gone=[COPY])
    assert await known(index) == [Copy(K, B)]


async def test_the_last_word_counts(path, index):
    await written(path, COPY, Copy(K, A, "newer", 7))
    assert await known(index) == [Copy(K, A, "newer", 7)]


async def test_each_group_and_bucket_has_its_own(path, index):
    await written(path, COPY)
    assert await known(index, group=ConnectionId("other")) == []
    assert await known(index, Location("other", "K")) == []


@pytest.mark.parametrize("key", ["", "a/b", "é", "\udcff\udcfe", "x" * 1024, "new\nline", "😀"])
async def test_odd_keys(path, index, key):
    copy = Copy(Location("b", key), A, "etag", 1)
    await written(path, copy)
    assert await known(index, copy.location) == [copy]


async def test_a_page_of_a_listing_is_learned(path, index):
    store = MemoryStore(["b"])
    for key in "xyz":
        await store.put(Location("b", key), key.encode())
    page = await store.list_objects(Prefix("b"))
    copies = ListedCopies(page, B)
    assert [each.location.key for each in copies] == list("xyz")
    assert copies[1:] == [copies[1], copies[2]]
    index.of(G).learn(copies)
    await until_known(index, [copies[2]], Location("b", "z"))


async def test_an_index_that_is_closed_is_not_available(path):
    index = FailoverIndex(path, Hurried())
    await index.aclose()
    await index.aclose()
    index.of(G).learn([COPY])
    with pytest.raises(IndexUnavailableError):
        await known(index)


async def test_no_more_waits_than_there_is_room_for(index, monkeypatch):
    monkeypatch.setattr(failover_index, "MOST_WAITING", 10)
    copies = [Copy(Location("b", str(at)), A) for at in range(40)]
    for each in copies:
        index.of(G).learn([each])
    index.of(G).unlearn(K, A)
    await until_known(index, [copies[0]], copies[0].location)
    assert await known(index, copies[39].location) == []


# Others


OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.failover.index import Copy
from s4desk.core.persist.failover_index import FailoverIndex

async def main():
    index = FailoverIndex(Path(sys.argv[1]))
    for at in range(200):
        index.of(ConnectionId("group")).learn(
            [Copy(Location("b", f"{sys.argv[2]}{at}"), ConnectionId(sys.argv[2]), "e", at)]
        )
        await asyncio.sleep(0.001)
    await index.aclose()

asyncio.run(main())
"""


async def test_processes_write_at_once(path, index):
    words = sys.executable, "-c", OTHER_PROCESS, str(path)
    others = [await asyncio.create_subprocess_exec(*words, name) for name in "xyz"]
    for at in range(200):
        index.of(G).learn([Copy(Location("b", f"a{at}"), A, "e", at)])
        await known(index)
        await asyncio.sleep(0.001)
    for each in others:
        assert await each.wait() == 0
    for name in "axyz":
        for at in (0, 57, 199):
            place = Location("b", f"{name}{at}")
            await until_known(index, [Copy(place, ConnectionId(name), "e", at)], place)


async def test_one_that_is_just_being_made_is_empty(path, index):
    sqlite3.connect(path).close()
    path.touch()
    assert await known(index) == []
    await written(path, COPY)
    assert await known(index) == [COPY]


async def test_a_locked_file_is_read_and_written_later(path, index):
    """The lock of a writer is nobody's damage: readers go on."""
    await written(path, COPY)
    assert await known(index) == [COPY]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        index.of(G).learn([Copy(K, B)])
        await asyncio.sleep(0.05)
        assert await known(index) == [COPY]
        other.execute("ROLLBACK")
    await until_known(index, [COPY, Copy(K, B)])
    assert index.is_available


async def test_what_could_not_be_written_is_not_lost(path, index, monkeypatch):
    monkeypatch.setattr(failover_index, "WRITE_TIMEOUT_S", 0.01)
    await written(path, COPY)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        index.of(G).learn([Copy(K, B)])
        index.of(G).unlearn(K, A)
        await asyncio.sleep(0.1)
        other.execute("ROLLBACK")
    await until_known(index, [Copy(K, B)])


async def test_a_file_that_nobody_may_read_is_not_available_and_then_it_is(
    path, index, monkeypatch
):
    monkeypatch.setattr(failover_index, "WRITE_TIMEOUT_S", 0.01)
    await written(path, COPY)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM name WHERE id < 0")
        began = perf_counter()
        results = await asyncio.gather(*(known(index) for _ in range(50)), return_exceptions=True)
        # They do not wait one after the other.
        assert perf_counter() - began < 2
        assert {type(each) for each in results} == {IndexUnavailableError}
        assert not index.is_available
        other.execute("ROLLBACK")
    await settle(lambda: index.is_available)
    assert await known(index) == [COPY]


# Damage


def spoil(path):
    for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if each.exists():
            size = each.stat().st_size
            with each.open("r+b") as file:
                file.write(b"garbage!" * (size // 8))


async def test_a_file_that_is_none_is_put_aside(path, index, expected_logs):
    path.write_bytes(b"this is not a database, and never was one" * 100)
    with pytest.raises(IndexUnavailableError):
        await known(index)
    index.of(G).learn([COPY])
    await until_known(index, [COPY])
    assert index.is_available
    [aside] = path.parent.glob("index.sqlite.damaged-*")
    assert aside.read_bytes().startswith(b"this is not a database")


async def test_one_that_was_spoilt_is_put_aside(path, index, expected_logs):
    await written(path, COPY)
    spoil(path)
    with pytest.raises(IndexUnavailableError):
        await known(index)
    index.of(G).learn([Copy(K, B)])
    await until_known(index, [Copy(K, B)])
    assert list(path.parent.glob("index.sqlite.damaged-*"))


async def test_one_that_is_spoilt_while_it_is_open_is_put_aside(path, index, expected_logs):
    await written(path, *(Copy(Location("b", f"{at:05}"), A) for at in range(3000)))
    assert await known(index, Location("b", "00001")) != []
    spoil(path)
    # What was read before may be known still; what is learned has to be written.
    index.of(G).learn([COPY])
    await until_known(index, [COPY])
    assert index.is_available
    assert list(path.parent.glob("index.sqlite.damaged-*"))


async def test_damage_behind_the_first_page_is_found(path, index, expected_logs):
    await written(path, *(Copy(Location("b", f"{at:05}"), A) for at in range(3000)))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"garbage!" * ((path.stat().st_size - 4096) // 8))
    with pytest.raises(IndexUnavailableError):
        await known(index)
    index.of(G).learn([COPY])
    await until_known(index, [COPY])
    assert list(path.parent.glob("index.sqlite.damaged-*"))


async def test_a_folder_in_its_place_is_no_reason_to_fall(path, index, expected_logs):
    path.mkdir()
    for _ in range(3):
        with pytest.raises(IndexUnavailableError):
            await known(index)
    path.rmdir()
    await settle(lambda: index.is_available)
    index.of(G).learn([COPY])
    await until_known(index, [COPY])


# Many


async def test_a_million_are_learned_in_bounded_memory(path, tmp_path):
    """As listings tell of them; what there is no room for is left out, and the loop goes on."""
    index = FailoverIndex(path, SystemClock())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pages = [
        [Copy(Location("b", f"{page:04}/{at:04}"), A, "0" * 32, at) for at in range(1000)]
        for page in range(20)
    ]
    latest = asyncio.get_running_loop().time()
    late = 0.0
    for at in range(1000):
        index.of(G).learn(pages[at % len(pages)])
        await asyncio.sleep(0)
        now = asyncio.get_running_loop().time()
        late, latest = max(late, now - latest), now
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    began = perf_counter()
    await index.aclose()
    assert perf_counter() - began < 20
    assert grown < 200e6
    assert late < 0.5
    index = FailoverIndex(path, SystemClock())
    assert await known(index, Location("b", "0007/0999")) == [
        Copy(Location("b", "0007/0999"), A, "0" * 32, 999)
    ]
    await index.aclose()


# No more than there is room for

ROOM = 400_000


def some(at, count=200, etag="0" * 32):
    return [Copy(Location("b", f"{each:06}"), A, etag, 1) for each in range(at, at + count)]


@pytest.fixture
async def small(path, monkeypatch):
    monkeypatch.setattr(failover_index, "BATCH", 200)
    opened = FailoverIndex(path, Hurried(), most_bytes=ROOM)
    yield opened
    await opened.aclose()


async def fill(index, begin=0, count=20_000):
    """Have so many written."""
    for at in range(begin, begin + count, 200):
        index.of(G).learn(some(at))
    last = some(begin + count - 1, 1)
    await until_known(index, last, last[0].location)


def size_of(path):
    """Of the file when all is in it."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


async def test_it_grows_no_further_than_it_may(small, path):
    await fill(small)
    # What one batch adds is beyond it, until the next look.
    assert ROOM / 2 < size_of(path) < ROOM * 1.1


async def test_what_was_seen_longest_ago_is_forgotten(small):
    await fill(small)
    assert await known(small, some(0)[0].location) == []
    for at in (17_000, 19_999):
        assert await known(small, some(at)[0].location) == some(at, 1)


async def test_what_is_seen_again_is_not(small):
    for begin in range(0, 20_000, 1000):
        small.of(G).learn([COPY])
        await fill(small, begin, 1000)
    assert await known(small) == [COPY]


async def test_half_of_what_was_known_is_known_still(small, path):
    """Half of the room is for what was seen before what is seen now."""
    await fill(small, 0, 200)
    for at in range(200, 20_000, 200):
        if size_of(path) > ROOM * 0.6:
            break
        await fill(small, at, 200)
    assert await known(small, some(0)[0].location) == some(0, 1)


async def turned(index, path):
    """Have what is known by now be of the elder generation."""
    await fill(index, 0, 1000)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        assert make_room(other, 1000)
        assert other.execute("SELECT COUNT(*) FROM copy").fetchone() == (0,)


async def test_the_last_word_counts_for_both_generations(small, path):
    small.of(G).learn([COPY])
    await turned(small, path)
    assert await known(small) == [COPY]
    newer = Copy(K, A, "newer", 7)
    small.of(G).learn([newer])
    await until_known(small, [newer])


async def test_what_is_unlearned_is_in_neither(small, path):
    small.of(G).learn([COPY])
    await turned(small, path)
    for each in (COPY, Copy(K, B)):
        small.of(G).learn([each])
    small.of(G).unlearn(K, A)
    await until_known(small, [Copy(K, B)])


async def test_who_comes_second_drops_nothing(small, path):
    await fill(small, 0, 1000)

    class Late(sqlite3.Connection):
        """Somebody else is faster, once it wants to write."""

        def execute(self, sql, *args):
            if sql.startswith("BEGIN"):
                with closing(sqlite3.connect(path, isolation_level=None)) as other:
                    assert make_room(other, 1000)
            return super().execute(sql, *args)

    with closing(sqlite3.connect(path, isolation_level=None, factory=Late)) as late:
        assert not make_room(late, 1000)
    assert await known(small, some(0)[0].location) == some(0, 1)


async def test_a_file_of_before_is_read_once_somebody_has_written(path, index):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        MIGRATIONS[0](other)
        other.execute("PRAGMA user_version = 1")
        other.executemany("INSERT INTO name VALUES (?, ?)", [(1, "group/b"), (2, "a")])
        other.execute("INSERT INTO copy VALUES (1, ?, 2, 'etag', 5)", (b"K",))
    assert await known(index) == []
    assert index.is_available
    index.of(G).learn([Copy(K, B)])
    await until_known(index, [COPY, Copy(K, B)])
