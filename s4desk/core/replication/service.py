"""Replication as the rest of the program sees it: rules, statuses, and an engine while there are
rules."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.replication.rule_book import RuleBook
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.replication.rules import Destination
    from s4desk.core.domain.replication.status import Status
    from s4desk.core.replication.engine import Engine, Look
    from s4desk.core.replication.meter import Meter
    from s4desk.core.replication.rule_book import Ruled, RuleShelf
    from s4desk.core.replication.table import Known, Record, Source, Table
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.transfer.job import JobContext
    from s4desk.core.transfer.journal import Journal

log = logging.getLogger(__name__)

HEED_S: Final = 3.0
"""So soon it is noticed that another process has changed rules, or wants something tried again."""
AGAIN_S: Final = 30.0
"""After the table could not be used: a disk may have room again."""
_ENGINE: Final = "s4desk.core.replication.engine"


class Running(StrEnum):
    """Whether anything is replicated: nothing while no rule is on, nor while another process does
    it, nor without a table."""

    OFF = "off"
    ON = "on"
    PAUSED = "paused"
    ELSEWHERE = "elsewhere"
    BROKEN = "broken"


class Statuses(Protocol):
    """What any process may ask of the table, and want of who replicates. All may raise
    DatabaseError."""

    async def is_in_use(self) -> bool: ...
    async def of_keys(self, source: Source, keys: Sequence[str]) -> list[Known]: ...
    async def awaited(self, source: Source, keys: Sequence[str]) -> list[tuple[str, str, str]]: ...
    async def between(
        self, source: Source, first: str, last: str | None, count: int
    ) -> list[Known]: ...
    async def counts(self, source: Source) -> Mapping[tuple[str, Status], int]: ...
    async def ways(self, source: Source) -> Mapping[str, str]: ...
    async def oldest(self, source: Source) -> Mapping[str, datetime]: ...
    async def failed(self, source: Source, rule: str = "", count: int = 100) -> list[Known]: ...
    async def retry(self, source: Source, rule: str = "") -> int: ...


class Home(Protocol):
    """Where the table and the journal of large replicas are."""

    async def open(self) -> tuple[Table, Journal] | None:
        """None while another process has them. Raises DatabaseError."""

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What replication needs of the rest of the program. `context_of` makes that of jobs with a
    journal, None for one that forgets. `is_busy` says whether a person waits for transfers. `told`
    hears what was recorded, `changed` that any status of a bucket may be another one, and `busy`
    whether there is something to do. `store_name` tells where a connection leads, and `store_of`
    names that store alone: two connections may lead to one."""

    home: Home
    context_of: Callable[[Journal | None], JobContext]
    is_busy: Callable[[], bool] = lambda: False
    told: Callable[[Sequence[Record]], None] = lambda _: None
    changed: Callable[[Source], None] = lambda _: None
    busy: Callable[[bool], None] = lambda _: None
    store_name: Callable[[ConnectionId], str] = str
    store_of: Callable[[ConnectionId], str] = str


class Replication:
    """Runs from `start` to `aclose`, in one process at a time. Everything else works in any."""

    def __init__(
        self, shelf: RuleShelf, statuses: Statuses, around: Surroundings, clock: Clock
    ) -> None:
        self.statuses = statuses
        self.error = ""
        """A sentence of why it is BROKEN."""
        # What the engine goes by, and what others were told: each learns of every change.
        self._book = RuleBook(shelf)
        self._shown = RuleBook(shelf)
        self._around = around
        self._clock = clock
        self._tasks = TaskScope("replication")
        self._engine: Engine | None = None
        self._running = Running.OFF
        self._is_paused = False
        self._was_busy = False

    def start(self) -> None:
        """Begin to replicate by the rules there are, and by those there will be."""
        self._tasks.start(self._keep_heeding())

    async def aclose(self) -> None:
        await self._tasks.aclose()
        await self._end()
        self._tell_busy()

    @property
    def running(self) -> Running:
        engine = self._engine
        if engine is None:
            return self._running
        if engine.replicator.trouble is not None:
            return Running.BROKEN
        return Running.PAUSED if self._is_paused else Running.ON

    # Rules

    async def ruled(self, source: Source) -> Ruled:
        """The rules of a bucket as they are kept now, or as they were read last."""
        await self._read()
        return self._shown.ruled(source)

    async def all_ruled(self) -> list[Ruled]:
        """All buckets that have rules, as `ruled` says."""
        await self._read()
        return self._shown.all()

    def ways(self, ruled: Ruled) -> dict[str, str]:
        """What rules do, as the table would have it."""
        return ruled.ways_at(self._around.store_name)

    async def check_rules(self) -> None:
        """Raises LocalFileError, and ValidationError when what is kept cannot be read."""
        await self._shown.read_if_changed()

    async def _read(self) -> None:
        try:
            await self._shown.read_if_changed()
        except S4DeskError as error:
            log.info("the rules of replication cannot be read: %s", error)

    async def put(self, ruled: Ruled) -> None:
        """Keep the rules of a bucket; it is looked at by them soon. Raises LocalFileError."""
        await self._shown.put(ruled)

    # What is done

    def pause(self) -> None:
        """Start no replica any more, until it is resumed or the process ends."""
        self._is_paused = True
        if self._engine is not None:
            self._engine.replicator.pause()

    def resume(self) -> None:
        self._is_paused = False
        if self._engine is not None:
            self._engine.replicator.resume()

    async def retry(self, source: Source, rule: str = "") -> int:
        """Try again what has failed, of all rules or of one; how many. Raises DatabaseError."""
        if self._engine is not None:
            count = await self._engine.replicator.retry(source, rule)
        else:
            count = await self.statuses.retry(source, rule)
        if count:
            self._around.changed(source)
        return count

    def look_now(self, source: Source, *, thorough: bool = False) -> bool:
        """Look at a bucket without waiting for its time: what is new is replicated, and if this is
        `thorough` what its destinations lack or have otherwise. False when nobody replicates here.
        """
        if self._engine is not None:
            self._engine.look_now(source, thorough=thorough)
        return self._engine is not None

    def noticed(self, connection: ConnectionId, prefix: Prefix) -> None:
        """Something directly below this prefix was written by us."""
        if self._engine is not None:
            self._engine.noticed(connection, prefix)

    # How it goes

    def look_of(self, source: Source) -> Look | None:
        """How looking at a bucket goes, None while nobody does here."""
        return None if self._engine is None else self._engine.looks.get(source)

    @property
    def meter(self) -> Meter | None:
        """None while nothing is replicated here."""
        return None if self._engine is None else self._engine.meter

    def dropped(self, source: Source, rule: str) -> int:
        """How many replicas were given up since the engine began."""
        return 0 if self._engine is None else self._engine.replicator.dropped[source, rule]

    def locks_left(self, source: Source, rule: str) -> int:
        """How many replicas are not locked as their sources are, since the engine began."""
        return 0 if self._engine is None else self._engine.replicator.locks_left[source, rule]

    def destination_of(self, source: Source, rule: str) -> Destination | None:
        """Where a rule sends replicas, as the rules were read last; None for one that is gone."""
        rules = self._book.ruled(source).rules
        return next((each.destination for each in rules if each.id == rule), None)

    def reason(self, source: Source, rule: str) -> str:
        """A sentence of why nothing is tried by a rule for a while; "" when it is."""
        return "" if self._engine is None else self._engine.replicator.reason(source, rule)

    # The engine

    async def _keep_heeding(self) -> None:
        while True:
            pause = HEED_S
            try:
                await self.heed()
            except S4DeskError as error:
                log.warning("replication: %s", error)
                await self._end()
                self._running, self.error = Running.BROKEN, str(error)
                pause = AGAIN_S
            self._tell_busy()
            await self._clock.sleep(pause)

    def _tell_busy(self) -> None:
        is_busy = self.running is Running.ON and not self._is_idle
        if is_busy is not self._was_busy:
            self._was_busy = is_busy
            self._around.busy(is_busy)

    @property
    def _is_idle(self) -> bool:
        return self._engine is None or self._engine.replicator.is_idle

    async def heed(self) -> None:
        """Take up what other processes have changed: rules, and what is to be tried again. Begin,
        if there is reason to by now. Raises DatabaseError."""
        changed = await self._book.read_if_changed()
        if self._engine is not None:
            if self._engine.replicator.trouble is not None:
                raise self._engine.replicator.trouble
            others = await self._engine.heed(changed)
            for source in changed if not others else [each.source for each in self._book.all()]:
                self._around.changed(source)
        elif not any(each.is_on for each in self._book.all()):
            self._running = Running.OFF
        elif await self.open_engine() is None:
            self._running = Running.ELSEWHERE

    async def open_engine(
        self,
        *,
        told: Callable[[Sequence[Record]], None] | None = None,
        only: str = "",
        watches: bool = True,
    ) -> Engine | None:
        """Replicate here, until this is closed; None while another process does. `only` one rule is
        carried out, if it is said, and unless it `watches` somebody looks at buckets himself.
        Raises DatabaseError."""
        opened = await self._around.home.open()
        if opened is None:
            return None
        table, journal = opened
        # The byte path comes with it: no start of the window waits for that.
        module: Any = await in_thread(import_module, _ENGINE)
        contexts = module.Contexts(self._around.context_of(None), self._around.context_of(journal))
        engine: Engine = module.Engine(
            table,
            self._book,
            contexts,
            told=told or self._around.told,
            is_busy=self._around.is_busy,
            only=only,
            store_name=self._around.store_name,
            store_of=self._around.store_of,
        )
        self._engine = engine
        await self._book.read_if_changed()
        await engine.open(watches=watches)
        if self._is_paused:
            engine.replicator.pause()
        return engine

    async def _end(self) -> None:
        if self._engine is not None:
            await self._engine.aclose()
            self._engine = None
        await self._around.home.aclose()
