"""What became of transfers, for as long as it is wanted: of every journal, after their end."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from s4desk.core.domain.transfer import TransferState
from s4desk.core.persist import change_rows
from s4desk.core.persist import history_rows as rows
from s4desk.core.persist.database import DatabaseError, transaction
from s4desk.core.persist.schema import HISTORY_MIGRATIONS
from s4desk.core.persist.shared_file import SharedFile
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from s4desk.core.domain.past_change import PastChange
    from s4desk.core.domain.transfer import Transfer

T = TypeVar("T")

MOST = 100_000
"""So many are kept, the newest."""
MOST_SKIPPED = 10_000
"""So many of those that were skipped, beside the others."""
OVER = 100
"""A hundredth of MOST may be there beyond these: to count all of them takes a tenth of a second and
more, and every command takes over what it has moved."""
PAGE = 500
DAY_S = 86_400.0
ENDED = (TransferState.COMPLETED, TransferState.FAILED, TransferState.CANCELLED)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A transfer that has ended. `number` is what it is called here, and its id too; `moment` is
    when it ended (seconds since the epoch)."""

    number: int
    moment: float
    transfer: Transfer

    @property
    def place(self) -> tuple[float, int]:
        """What entries are sorted by, the highest first."""
        return self.moment, self.number


class Judgement(NamedTuple):
    """What reading a completed one again has shown; with an `error` its ends differ."""

    number: int
    verified: str
    checksum: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which entries are meant: those in which all these words occur, that ended at `since` or later
    (seconds since the epoch), in one of these states; only those that were `skipped`, or only the
    others, if that is said."""

    words: str = ""
    since: float = 0.0
    states: Collection[TransferState] = ENDED
    skipped: bool | None = None


@dataclass(frozen=True, slots=True)
class HistoryCount:
    """How many entries a query means, how many of them failed, and the bytes that moved."""

    entries: int = 0
    failed: int = 0
    size: int = 0


class History:
    """A file that any number of processes read and write, each for a moment at a time.

    Journals are taken over by `take`: a transfer is known by its journal and its id in it, so that
    taking over again, or a crash in between, neither doubles nor loses one. Nothing is opened, and
    no file made, before something is asked for. What was skipped is kept apart, so that it pushes
    out nothing else; what was refused has failed. Beside transfers it keeps one line for each run
    of other changes, which whoever made them has to `note`.

    All of it may raise DatabaseError. A damaged file is put aside, and a new one begun.
    """

    def __init__(
        self,
        path: Path,
        days: Callable[[], int],
        names: Callable[[], Mapping[str, str]] = dict,
        clock: Clock | None = None,
    ) -> None:
        """`days` is for how long an entry is kept, 0 for not at all; `names` what connections are
        called now, by their ids."""
        self.path = path
        self._days = days
        self._names = names
        self._clock = clock or SystemClock()
        self._file = SharedFile(path, HISTORY_MIGRATIONS, self._clock)

    async def take(self, journal: Path, *, only_begun: bool = False) -> None:
        """Take over from the journal at this path whatever has ended and is not known yet.

        Some may have failed and be tried again: what is newer counts. With `only_begun` what was
        cancelled before it had begun is left out.
        """
        await in_thread(self._take, journal, only_begun)

    async def forget(self, token: str, transfers: Iterable[int]) -> None:
        """Another journal has these of the one with this token now, and will tell of them."""
        gone = [(token, each) for each in transfers]
        await in_thread(self._change, lambda c: c.executemany(rows.FORGET, gone) if gone else None)

    async def page(
        self, query: HistoryQuery, after: HistoryEntry | None = None, count: int = PAGE
    ) -> list[HistoryEntry]:
        """The newest entries that are older than `after`."""
        return await in_thread(self._page, query, after, count)

    async def count(self, query: HistoryQuery) -> HistoryCount:
        return await in_thread(self._read, lambda c: _count(c, query), HistoryCount())

    async def names(self) -> Mapping[str, str]:
        """What connections were called when something of theirs was taken over, by their ids."""
        return await in_thread(self._read, lambda c: dict(c.execute(rows.NAMES)), {})

    def all(self, query: HistoryQuery) -> Iterator[HistoryEntry]:
        """Every entry, newest first, read page by page. It blocks."""
        page = self._page(query, None, PAGE)
        while page:
            yield from page
            page = self._page(query, page[-1], PAGE)

    def these(self, numbers: Sequence[int]) -> list[HistoryEntry]:
        """The entries with these numbers, newest first. It blocks."""
        nothing: list[rows.Found] = []
        found = self._read(lambda c: rows.numbered(c, numbers), nothing)
        return [HistoryEntry(*each) for each in found]

    async def judge(self, judgements: Iterable[Judgement]) -> None:
        """Keep how completed ones were verified now, or that they failed: their ends differ."""
        now = self._now()
        told = [rows.judged(*each, now) for each in judgements]
        if told:
            await in_thread(self._change, lambda c: c.executemany(rows.JUDGE, told))

    async def note(self, change: PastChange) -> None:
        """Keep what has just been done to objects and is no transfer."""
        await in_thread(self._note, change)

    async def changes(self, since: float = 0.0, count: int = PAGE) -> list[PastChange]:
        """The newest of those, that ended at `since` or later."""
        nothing: list[PastChange] = []
        return await in_thread(self._read, lambda c: change_rows.newest(c, since, count), nothing)

    async def clear(self) -> None:
        """Forget everything, for good: its bytes in the file too."""
        await in_thread(self._clear)

    async def prune(self) -> None:
        """Forget what is too old, or too much."""
        if self._days():
            await in_thread(self._change, self._prune)
        elif self.path.exists():
            await self.clear()

    # On another thread

    def _note(self, change: PastChange) -> None:
        if not self._days():
            return

        def add(connection: sqlite3.Connection) -> None:
            change_rows.add(connection, change, self._now(), self._horizon())
            connection.executemany(rows.NAME, self._names().items())

        self._change(add, must_exist=False)

    def _take(self, journal: Path, only_begun: bool) -> None:
        if not self._days() or not journal.exists():
            return
        try:
            with closing(self._file.opened(must_exist=False)) as connection:
                if not rows.attach(connection, journal):
                    return
                transaction(connection, lambda c: self._merge(c, only_begun))
        except sqlite3.Error as error:
            raise DatabaseError(self.path, str(error)) from error

    def _merge(self, connection: sqlite3.Connection, only_begun: bool) -> None:
        horizon = max(self._horizon(), connection.execute(rows.CLEARED).fetchone()[0])
        before = _last(connection)
        taken = connection.execute(
            rows.TAKE, {"horizon": horizon, "only_begun": only_begun}
        ).rowcount
        if taken:
            connection.executemany(rows.NAME, self._names().items())
            connection.execute(rows.PRUNE_OLD, [self._horizon()])
            bundle = max(1, MOST // OVER)
            if _last(connection) // bundle != before // bundle:
                self._prune(connection)

    def _prune(self, connection: sqlite3.Connection) -> None:
        connection.execute(rows.PRUNE_OLD, [self._horizon()])
        connection.execute(rows.PRUNE_MANY, [False, MOST])
        connection.execute(rows.PRUNE_MANY, [True, MOST_SKIPPED])
        change_rows.prune(connection, self._horizon())

    def _horizon(self) -> float:
        return self._now() - self._days() * DAY_S

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _page(
        self, query: HistoryQuery, after: HistoryEntry | None, count: int
    ) -> list[HistoryEntry]:
        place = None if after is None else after.place
        return self._read(
            lambda c: [HistoryEntry(*each) for each in rows.page(c, *_asked(query), place, count)],
            [],
        )

    def _clear(self) -> None:
        def clear(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM entry")
            connection.execute("DELETE FROM change")
            connection.execute("DELETE FROM connection")
            connection.execute("UPDATE history SET cleared = ?", [self._now()])

        # Without a file too: journals may still know what is not to be taken over.
        try:
            with closing(self._file.opened(must_exist=False)) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                transaction(connection, clear)
                # Who reads just now keeps the old pages for a moment; the next one ends that.
                with suppress(sqlite3.OperationalError):
                    connection.execute("VACUUM")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise DatabaseError(self.path, str(error)) from error

    def _change(
        self, work: Callable[[sqlite3.Connection], object], *, must_exist: bool = True
    ) -> None:
        self._file.change(work, must_exist=must_exist)

    def _read(self, work: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """What `work` finds; where there is no file yet, `nothing`."""
        return self._file.read(work, nothing)


def _last(connection: sqlite3.Connection) -> int:
    """The number of the entry that came last, 0 without any."""
    found: int = connection.execute(rows.LAST).fetchone()[0]
    return found


def _count(connection: sqlite3.Connection, query: HistoryQuery) -> HistoryCount:
    return HistoryCount(*rows.count(connection, *_asked(query)))


def _asked(query: HistoryQuery) -> tuple[str, float, Collection[TransferState], bool | None]:
    return query.words, query.since, query.states, query.skipped
