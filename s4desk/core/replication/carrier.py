"""How often one write is tried, and what is recorded of it."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import S4DeskError, ThrottledError
from s4desk.core.domain.replication.status import ATTEMPTS, PAUSES_S, Status
from s4desk.core.replication.endings import (
    NewerWriteError,
    NoRuleError,
    NothingToDoError,
    OlderVersionFailedError,
    OtherRuleError,
    ShutWayError,
)
from s4desk.core.replication.replica import SupersededError
from s4desk.core.replication.table import Record
from s4desk.core.replication.ways import Ways

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from s4desk.core.replication.carriage import Around, Carriage
    from s4desk.core.replication.endings import Ending
    from s4desk.core.replication.table import Source, Task

log = logging.getLogger(__name__)

PATIENCE_S: Final = 1.0
"""After a store has asked for it."""


class Carrier:
    """Tries each write ATTEMPTS times. Who asks for patience is waited for, and that is no attempt,
    until the way is shut; one that is shut is not tried at all. `locks_left` counts replicas that
    are not locked as their sources are, by source and rule."""

    def __init__(
        self,
        around: Around,
        reopened: Callable[[Source, str], Awaitable[None]],
        throttled: Callable[[], None] = lambda: None,
    ) -> None:
        """`reopened` is told of ways that are open again, `throttled` when one waits."""
        self.ways = Ways(around.context.clock)
        self.locks_left: Counter[tuple[Source, str]] = Counter()
        self._around = around
        self._reopened = reopened
        self._throttled = throttled
        self._clock = around.context.clock

    def arrived(self, records: Sequence[Record]) -> None:
        """These were carried otherwise: their ways are open."""
        for each in records:
            source, rule = each.task.source, each.task.write.rule
            self.ways.ended(source, rule)
            if each.status is Status.COMPLETED:
                self.ways.arrived(source, rule)

    async def carry(self, carriage: Carriage, attempts: int = 0) -> Record:
        """What is to be recorded; `attempts` were made already. Raises SupersededError,
        NothingToDoError, NewerWriteError, DatabaseError."""
        task = carriage.task
        source = task.source
        is_sure, is_told = not carriage.depends_on_tags, False
        if not is_sure:
            carriage.admits = partial(self.ways.admits, source)
        while True:
            carriage.refuse_old()
            if is_sure and not self.ways.admits(source, carriage.rule):
                return self._shut(carriage, attempts)
            try:
                record = await self._attempt(carriage, attempts + 1)
            except ThrottledError as error:
                sentence = self._around.context.describe(error)
                self.ways.throttled(source, carriage.rule, sentence)
                self._throttled()
                if not is_told:
                    is_told = True
                    waits = Record(task, Status.PENDING, attempts, sentence)
                    await self._around.table.record([waits])
                await self._clock.sleep(PATIENCE_S)
            except (SupersededError, NothingToDoError, NewerWriteError, OtherRuleError):
                await self._answered(carriage)
                raise
            except S4DeskError as error:
                attempts += 1
                sentence = self._around.context.describe(error)
                log.info("replication of %s: %s", task.write.key, error)
                await self._answered(carriage, error, sentence)
                await self._clock.sleep(PAUSES_S[attempts - 1])
                if attempts == ATTEMPTS:
                    known = replace(task, write=replace(task.write, rule=carriage.rule))
                    return Record(known, Status.FAILED, attempts, sentence)
            else:
                return record

    async def _attempt(self, carriage: Carriage, number: int) -> Record:
        """One attempt, if it comes to something; a version that waits for an older one has made
        none."""
        task = carriage.task
        try:
            ending = await carriage.attempt()
        except NoRuleError:
            await self._answered(carriage)
            return Record(task, Status.NONE)
        except ShutWayError:
            return self._shut(carriage, number - 1)
        except OlderVersionFailedError as error:
            self.ways.abandoned(task.source, carriage.rule)
            sentence = self._around.context.describe(error)
            return Record(task, Status.FAILED, number - 1, sentence)
        await self._answered(carriage)
        if ending.status is Status.COMPLETED:
            self.ways.arrived(task.source, carriage.rule)
        return self._ended(task, ending, number)

    def _shut(self, carriage: Carriage, attempts: int) -> Record:
        task = carriage.task
        reason = self.ways.reason(task.source, carriage.rule)
        known = replace(task, write=replace(task.write, rule=carriage.rule))
        return Record(known, Status.FAILED, attempts, reason)

    async def _answered(
        self, carriage: Carriage, error: S4DeskError | None = None, sentence: str = ""
    ) -> None:
        source, rule = carriage.task.source, carriage.rule
        if self.ways.ended(source, rule, error, sentence):
            await self._reopened(source, rule)

    def _ended(self, task: Task, ending: Ending, attempts: int) -> Record:
        """From now on it is known by the rule that has decided."""
        if ending.lock_stayed:
            self.locks_left[task.source, ending.rule] += 1
        write = replace(task.write, rule=ending.rule)
        return Record(
            replace(task, write=write),
            ending.status,
            attempts,
            ending.note,
            ending.made,
            ending.lock_stayed,
            ending.is_found,
        )
