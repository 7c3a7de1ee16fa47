"""Carries out the plan of one bucket: looks, acts, and tells of each what became of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    ClockSkewError,
    CredentialsError,
    LostUpdateError,
    NotFoundError,
    PreconditionFailedError,
    PropertiesLostError,
    S4DeskError,
    StoreError,
    UnauthenticatedError,
)
from s4desk.core.domain.identity import Location, UploadId
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.properties import PropertyChange
from s4desk.core.lifecycle.awaited import is_awaited
from s4desk.core.lifecycle.deleting import BY_KEY, Deleter, Guard
from s4desk.core.lifecycle.looking import AT_ONCE, Seen, upload_of
from s4desk.core.lifecycle.report import Outcome, Result, failed, unheard
from s4desk.core.runtime.tasks import TaskScope, run_bounded
from s4desk.core.store.protocol import MAX_KEYS
from s4desk.core.store.retry import backoff
from s4desk.core.transfer import editing
from s4desk.core.transfer.leftovers import abort_for_good, held_parts
from s4desk.core.transfer.rewriting import S3_SIZES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.lifecycle.control import Control
    from s4desk.core.lifecycle.findings import Finding
    from s4desk.core.lifecycle.looking import Looks
    from s4desk.core.lifecycle.report import RunJournal
    from s4desk.core.transfer.owners import Owners
    from s4desk.core.transfer.rewriting import CopySizes

    Settled = Callable[[Action, Sequence[Result], int | None], Awaitable[None]]
    OwnersOf = Callable[[], Awaitable[Owners]]

ORDER: Final = (
    Action.ABORT_UPLOAD,
    Action.EXPIRE_NONCURRENT,
    Action.REMOVE_DELETE_MARKER,
    Action.TRANSITION_NONCURRENT,
    Action.TRANSITION,
    Action.EXPIRE,
)
IN_FLIGHT: Final = 2
LOOKED: Final = 64
"""So many are looked at before they are deleted: the fewer, the shorter the moment between."""
OF_VERSIONS: Final = 256
TRIES: Final = 5
STRIKES: Final = 3
"""So many batches in a row that no reply came to, and the bucket is given up."""
LOOK_STRIKES: Final = 2 * AT_ONCE
_DELETIONS: Final = (Action.EXPIRE, Action.EXPIRE_NONCURRENT, Action.REMOVE_DELETE_MARKER)
_HOPELESS: Final = (UnauthenticatedError, ClockSkewError, CredentialsError)

Cleared = tuple["Finding", Seen]


class BucketRun:
    """One bucket."""

    def __init__(
        self,
        looks: Looks,
        control: Control,
        journal: RunJournal,
        settled: Settled,
        owners_of: OwnersOf,
        sizes: CopySizes = S3_SIZES,
    ) -> None:
        self._looks = looks
        self._store = looks.store
        self._plan = looks.plan
        self._clock = looks.clock
        self._control = control
        self._journal = journal
        self._settled = settled
        self._owners_of = owners_of
        self._sizes = sizes
        self._deleter = Deleter(self._looks)
        self._strikes = {"look": 0, "act": 0}
        self._given_up: S4DeskError | None = None
        self._has_lock = True

    async def run(self) -> None:
        """Raises S4DeskError for what makes the rest of the bucket pointless, once what was sent
        is told."""
        for action in ORDER:
            rows = self._plan.rows(action)
            if not rows or not await self._control.may_go_on():
                continue
            self._has_lock = await self._looks.has_lock()
            chunks = self._chunks(action, rows)
            if action is Action.EXPIRE:
                await self._chunk(action, next(chunks, []))
            await run_bounded((self._chunk(action, each) for each in chunks), IN_FLIGHT)
            if self._given_up is not None:
                raise self._given_up

    def _chunks(self, action: Action, rows: Sequence[int]) -> Iterator[list[Finding]]:
        """The first expiration goes alone: it shows what the store heeds."""
        first, size = 0, 1 if action is Action.EXPIRE else self._size(action)
        while first < len(rows) and not self._control.is_stopped and self._given_up is None:
            yield [self._plan.findings[row] for row in rows[first : first + size]]
            first, size = first + size, self._size(action)

    def _size(self, action: Action) -> int:
        match action:
            case Action.EXPIRE:
                is_guarded = self._deleter.guard is Guard.BATCH and not self._has_lock
                return MAX_KEYS if is_guarded else LOOKED
            case Action.EXPIRE_NONCURRENT | Action.REMOVE_DELETE_MARKER:
                return OF_VERSIONS
            case Action.TRANSITION_NONCURRENT:
                return MAX_KEYS
        return LOOKED

    async def _chunk(self, action: Action, found: Sequence[Finding]) -> None:
        """What makes the rest pointless ends no chunk beside it: that has sent something too."""
        try:
            await self._carried_out(action, found)
        except S4DeskError as error:
            self._give_up(error)

    async def _carried_out(self, action: Action, found: Sequence[Finding]) -> None:
        if not found or not await self._may_go_on():
            return
        if action is Action.TRANSITION_NONCURRENT:
            impossible = [Result(each, Outcome.IMPOSSIBLE) for each in found]
            await self._settled(action, impossible, None)
            return
        cleared, left = await self._cleared(action, found)
        if left:
            await self._settle(action, left, None)
        if not cleared or self._control.is_stopped or self._given_up is not None:
            return
        number = await self._journal.sent(self._plan.bucket, action, [each for each, _ in cleared])
        await self._settle(action, await self._acted(action, cleared), number)

    async def _settle(self, action: Action, results: Sequence[Result], number: int | None) -> None:
        """Tell what has become of some, and of what goes with them."""
        await self._settled(action, results, number)
        if action is Action.EXPIRE:
            also = self._plan.consequences
            with_them = [
                replace(each, found=also[each.found.key])
                for each in results
                if each.found.key in also
            ]
            if with_them:
                await self._settled(Action.EXPIRE_NONCURRENT, with_them, None)

    # Looking

    async def _cleared(
        self, action: Action, found: Sequence[Finding]
    ) -> tuple[list[Cleared], list[Result]]:
        """What may be touched by all that is known now, and what is left and why.

        Raises S4DeskError where the bucket itself does not say what has to be known.
        """
        self._has_lock = await self._looks.has_lock()
        cleared, left = await self._looked_at(action, found)
        if cleared and await self._looks.is_kept_otherwise() and action is not Action.ABORT_UPLOAD:
            left += [Result(each, Outcome.VERSIONING) for each, _ in cleared]
            cleared = []
        return cleared, left

    async def _looked_at(
        self, action: Action, found: Sequence[Finding]
    ) -> tuple[list[Cleared], list[Result]]:
        """What may be touched, and what is left and why."""
        try:
            look = await self._way_to_look(action, found)
        except S4DeskError as error:
            # It is not certain which uploads are still needed, or which replicas are awaited.
            return [], [failed(each, error) for each in found]
        seen: dict[int, Seen | Result] = {}

        async def one(at: int) -> None:
            if self._given_up is not None:
                return
            try:
                seen[at] = await look(found[at])
            except S4DeskError as error:
                self._strike("look", error, LOOK_STRIKES)
                seen[at] = failed(found[at], error)
            else:
                self._strikes["look"] = 0

        await run_bounded(map(one, range(len(found))), AT_ONCE)
        cleared: list[Cleared] = []
        left = []
        for at, each in enumerate(found):
            there = seen.get(at)
            if there is None:
                continue
            if isinstance(there, Result):
                left.append(there)
            elif there.outcome is not None:
                left.append(Result(each, there.outcome))
            else:
                cleared.append((each, there))
        return cleared, left

    async def _way_to_look(
        self, action: Action, found: Sequence[Finding]
    ) -> Callable[[Finding], Awaitable[Seen]]:
        if action is Action.ABORT_UPLOAD:
            owners = await self._owners_of()
            return lambda each: self._look_at_upload(each, owners)
        look = self._look_at_objects(action, found)
        awaiting = await self._looks.awaiting(found)
        is_current = action is not Action.EXPIRE_NONCURRENT

        async def sparing(each: Finding) -> Seen:
            if is_awaited(awaiting, each.key, each.version, is_current=is_current):
                return Seen(Outcome.REPLICATION_PENDING)
            return await look(each)

        return sparing

    def _look_at_objects(
        self, action: Action, found: Sequence[Finding]
    ) -> Callable[[Finding], Awaitable[Seen]]:
        if action in BY_KEY:
            return lambda each: self._looks.current(each, has_lock=self._has_lock)
        rows = _SharedRows(self._looks, found)

        async def look(each: Finding) -> Seen:
            there = await rows.of(each.key)
            if action is Action.REMOVE_DELETE_MARKER:
                return self._looks.marker(each, there)
            return await self._looks.noncurrent(each, there, has_lock=self._has_lock)

        return look

    async def _look_at_upload(self, found: Finding, owners: Owners) -> Seen:
        upload = upload_of(self._plan.bucket, found)
        if owners.of(upload)[0]:
            return Seen(Outcome.NEEDED)
        parts = await held_parts(self._store, upload.location, upload.upload)
        return Seen(Outcome.GONE if parts is None else None)

    # Acting

    async def _acted(self, action: Action, cleared: Sequence[Cleared]) -> Sequence[Result]:
        """What became of each; nothing is said of what was stopped before its turn."""
        if action in _DELETIONS:
            return await self._deleted(action, [each for each, _ in cleared])
        results: list[Result] = []

        async def one(each: Finding, seen: Seen) -> None:
            if not await self._may_go_on():
                return
            act = self._moved(each, seen) if action is Action.TRANSITION else self._aborted(each)
            try:
                result = await act
            except S4DeskError as error:
                self._strike("act", error, LOOK_STRIKES)
                result = unheard(each, error)
            else:
                self._strikes["act"] = 0
            if result is not None:
                results.append(result)

        await run_bounded((one(*each) for each in cleared), AT_ONCE)
        return results

    async def _deleted(self, action: Action, found: Sequence[Finding]) -> Sequence[Result]:
        """What nothing guards is looked at again before it is sent again: while one waits, somebody
        may have written it anew."""
        is_current = action is Action.EXPIRE
        delete = self._deleter.delete_current if is_current else self._deleter.delete_versions
        results: list[Result] = []
        for attempt in range(1, TRIES + 1):
            try:
                results += await delete(found)
            except StoreError as error:
                is_last = attempt == TRIES or self._deleter.is_guarded(action)
                if is_last or not error.retryable or not await self._waited(error, attempt):
                    self._strike("act", error, STRIKES)
                    return [*results, *await self._looked_after(found, error)]
                found, settled = await self._still_cleared(action, found, error)
                results += settled
                if not found:
                    return results
            else:
                break
        self._strikes["act"] = 0
        return results

    async def _waited(self, error: StoreError, attempt: int) -> bool:
        """Whether it may go on after a pause."""
        await self._clock.sleep(backoff(error, attempt, 1.0))
        return await self._may_go_on()

    async def _still_cleared(
        self, action: Action, found: Sequence[Finding], error: StoreError
    ) -> tuple[list[Finding], list[Result]]:
        """Which of these may be sent again after an `error`, and what became of the others."""
        try:
            cleared, left = await self._cleared(action, found)
        except S4DeskError as silence:
            self._give_up(silence)
            return [], [unheard(each, error) for each in found]
        settled = [_as_sent(each, error) for each in left]
        again = [each for each, _ in cleared]
        known = {id(each) for each in again} | {id(each.found) for each in left}
        # Nobody looks any more once the bucket is given up.
        return again, settled + [unheard(each, error) for each in found if id(each) not in known]

    async def _looked_after(self, found: Sequence[Finding], error: StoreError) -> Sequence[Result]:
        results: list[Result] = []
        for at, each in enumerate(found):
            try:
                is_gone = await self._deleter.is_gone(each)
            except S4DeskError:
                # Nor will anybody tell of the others.
                return [*results, *(unheard(other, error) for other in found[at:])]
            results.append(Result(each, Outcome.DONE) if is_gone else failed(each, error))
        return results

    async def _moved(self, found: Finding, seen: Seen) -> Result | None:
        """To another storage class, by a copy onto itself."""
        storage_class = found.decision.step.storage_class
        if seen.meta is None or seen.meta.storage_class == storage_class:
            return Result(found, Outcome.CHANGED)
        copying = editing.edit(
            self._store,
            seen.meta.location,
            PropertyChange(storage_class=storage_class),
            self._clock.now(),
            seen=editing.Seen(seen.meta),
            sizes=self._sizes,
        )
        try:
            if found.size <= self._sizes.single:
                await copying
            elif not await self._unless_stopped(copying):
                return None
        except PropertiesLostError as error:
            return replace(failed(found, error), outcome=Outcome.INCOMPLETE)
        except (LostUpdateError, PreconditionFailedError) as error:
            is_mixed = isinstance(error, LostUpdateError) and error.is_mixed
            return Result(found, Outcome.MIXED if is_mixed else Outcome.CHANGED)
        except NotFoundError:
            return Result(found, Outcome.GONE)
        return Result(found, Outcome.DONE)

    async def _unless_stopped(self, work: Awaitable[object]) -> bool:
        """Whether it has ended. What has many parts takes long, and undoes itself when it is
        cancelled."""
        scope = TaskScope("transition")
        try:
            copying = scope.start(_error_of(work))
            stopping = scope.start(self._control.stopped.wait())
            await asyncio.wait([copying, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not copying.done():
                copying.cancel()
                with suppress(asyncio.CancelledError):
                    await copying
                return False
            if (error := copying.result()) is not None:
                raise error
            return True
        finally:
            await scope.aclose()

    async def _aborted(self, found: Finding) -> Result:
        location = Location(self._plan.bucket, found.key)
        await abort_for_good(self._store, location, UploadId(found.version), self._clock)
        return Result(found, Outcome.DONE)

    async def _may_go_on(self) -> bool:
        return self._given_up is None and await self._control.may_go_on()

    def _give_up(self, error: S4DeskError) -> None:
        self._given_up = self._given_up or error

    def _strike(self, kind: str, error: S4DeskError, most: int) -> None:
        """Begin nothing more when there is no point in it."""
        if isinstance(error, _HOPELESS):
            self._give_up(error)
        elif isinstance(error, StoreError) and error.retryable:
            self._strikes[kind] += 1
            if self._strikes[kind] >= most:
                self._give_up(error)


def _as_sent(result: Result, error: StoreError) -> Result:
    """What a second look says of what was sent: nobody else will have deleted it meanwhile."""
    if result.outcome is Outcome.GONE:
        return Result(result.found, Outcome.DONE)
    return unheard(result.found, error) if result.outcome is Outcome.FAILED else result


class _SharedRows:
    """The versions of keys, each listed once for all findings that are about it."""

    def __init__(self, looks: Looks, found: Sequence[Finding]) -> None:
        self._looks = looks
        self._counts: dict[str, int] = {}
        for each in found:
            self._counts[each.key] = self._counts.get(each.key, 0) + 1
        self._rows: dict[str, Sequence[ObjectVersion]] = {}
        self._turns: dict[str, asyncio.Lock] = {key: asyncio.Lock() for key in self._counts}

    async def of(self, key: str) -> Sequence[ObjectVersion]:
        async with self._turns[key]:
            if key not in self._rows:
                self._rows[key] = await self._looks.rows_of(key, self._counts[key])
            return self._rows[key]


async def _error_of(work: Awaitable[object]) -> S4DeskError | None:
    try:
        await work
    except S4DeskError as error:
        return error
    return None
