"""Changes of locks: of one version, or of all below a prefix, each looked at first."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    InvalidRequestError,
    LockNotKeptError,
    RetentionRefusedError,
    RetentionStaysError,
    S4DeskError,
)
from s4desk.core.domain.lock import NO_LOCK, LockState
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.transfer.selection import chunks_of, collapsed, versions_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.selection import Selected

AT_ONCE: Final = 16
"""Each version takes two requests to look, and up to two to change."""

Target = tuple["Location", "VersionId | None"]
"""A version; None is the newest of its key."""


async def targets_of(
    store: ObjectStore, chosen: Sequence[Selected], *, with_versions: bool = False
) -> AsyncGenerator[list[Target], None]:
    """What a selection and all below its folders is: the newest version of each key, or all of
    them. Delete markers have no locks. Close it when it is left early."""
    if not with_versions:
        async with aclosing(chunks_of(store, chosen)) as chunks:
            async for locations in chunks:
                yield [(location, None) for location in locations]
        return
    for each in collapsed(chosen):
        place = each.location if isinstance(each, ObjectMeta) else each
        async for versions in versions_of(store, place):
            yield [(each.location, each.version) for each in versions if not each.is_delete_marker]


@dataclass(frozen=True, slots=True)
class LockChange:
    """What shall become of a lock; None leaves the retention, or the hold, as it is.

    Of `retention` the mode and the end count. `bypass` asks to bypass governance.
    """

    retention: LockState | None = None
    legal_hold: bool | None = None
    bypass: bool = False

    def applied(self, lock: LockState) -> LockState:
        """What `lock` becomes."""
        if self.retention is not None:
            later = self.retention
            lock = replace(lock, mode=later.mode, retain_until=later.retain_until)
        return lock if self.legal_hold is None else replace(lock, legal_hold=self.legal_hold)


@dataclass(frozen=True, slots=True)
class LockOutcome:
    """What became of one version. With an `error` its lock is as it was, unless that says more; so
    it is where somebody stopped before it was its turn: it was not reached."""

    location: Location
    version: VersionId | None
    before: LockState = NO_LOCK
    after: LockState = NO_LOCK
    error: S4DeskError | None = None
    is_reached: bool = True

    @property
    def is_changed(self) -> bool:
        return self.is_reached and self.error is None and self.before != self.after


async def change_lock(
    store: ObjectStore, target: Target, change: LockChange, now: datetime, *, is_dry: bool = False
) -> LockOutcome:
    """Change one lock; with `is_dry` only say what would become of it.

    What it is already is not set again, and what was set is read back: a store may keep another
    end than it took. Raises LockNotKeptError for that; RetentionRefusedError before the store is
    asked for a change that it would refuse; StoreError for what it refuses all the same.
    """
    location, version = target
    before = await store.get_lock(location, version=version)
    after = change.applied(before)
    retention = (after.mode, after.retain_until)
    if retention != (before.mode, before.retain_until):
        refusal = before.refusal(after, now, bypass=change.bypass)
        if refusal is not None:
            raise RetentionRefusedError(refusal, before, location)
        if not is_dry:
            await _put_retention(store, target, after, bypass=change.bypass)
            await _see_kept(store, target, after)
    if change.legal_hold is not None and change.legal_hold is not bool(before.legal_hold):
        if not is_dry:
            await store.put_legal_hold(location, is_on=change.legal_hold, version=version)
    else:
        after = replace(after, legal_hold=before.legal_hold)
    return LockOutcome(location, version, before, after)


async def _put_retention(
    store: ObjectStore, target: Target, lock: LockState, *, bypass: bool
) -> None:
    """Raises RetentionStaysError where a store, as Ceph does, takes no document without an end."""
    location, version = target
    try:
        await store.put_retention(location, lock, version=version, bypass=bypass)
    except InvalidRequestError as error:
        if lock.mode is not None or error.code != "MalformedXML":
            raise
        raise RetentionStaysError(
            error.detail, operation=error.operation, location=location, code=error.code
        ) from error


async def _see_kept(store: ObjectStore, target: Target, wanted: LockState) -> None:
    location, version = target
    kept = await store.get_lock(location, version=version)
    if (kept.mode, _second(kept)) != (wanted.mode, _second(wanted)):
        told = f"{kept.mode} until {kept.retain_until}" if kept.mode else "no retention"
        raise LockNotKeptError(told, operation="put_retention", location=location)


def _second(lock: LockState) -> datetime | None:
    """The end, as exactly as stores keep it."""
    return lock.retain_until and lock.retain_until.replace(microsecond=0)


async def change_locks(
    store: ObjectStore,
    pages: AsyncIterable[Sequence[Target]],
    change: LockChange,
    now: datetime,
    told: Callable[[LockOutcome], None],
    *,
    is_dry: bool = False,
) -> None:
    """Change many, and tell of each as it ends; one that fails does not keep the others.

    `pages` are taken one after another, so memory does not grow with what there is.
    """

    async def one(target: Target) -> None:
        try:
            outcome = await change_lock(store, target, change, now, is_dry=is_dry)
        except S4DeskError as error:
            outcome = LockOutcome(*target, error=error)
        told(outcome)

    async for targets in pages:
        await run_bounded((one(target) for target in targets), AT_ONCE)
