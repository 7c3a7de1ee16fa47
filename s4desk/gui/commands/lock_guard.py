"""Asking the store for locks before something is hidden, moved or replaced."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import StoreError
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.failover.errors import UsageLimitExceededError
from s4desk.core.failover.passing import may_pass
from s4desk.core.transfer.locked import MOST, locked_among, locked_versions
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.busy import busy
from s4desk.gui.dialogs.locked import LockedDialog
from s4desk.viewmodels.lock_shelf import keys_of
from s4desk.viewmodels.locked_text import Threat, locked_question, looking_for_locks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.transfer.locked import Locked
    from s4desk.core.transfer.selection import Selected
    from s4desk.gui.commands.lock_reading import LockReading
    from s4desk.viewmodels.selection import Selection

MANY = 1000
"""Of a larger selection nobody looks what is known: the act itself asks the store."""


class Deletable(StrEnum):
    """Whether versions may be deleted for good, as far as their locks go."""

    NO = "no"
    YES = "yes"
    BYPASSING = "bypassing"
    """By who may bypass governance; somebody has said so."""


class LockGuard:
    """Nothing is asked where a bucket has no Object Lock. What cannot be found out forbids nothing:
    the store has the last word."""

    def __init__(self, desk: Desk, reading: LockReading, window: QWidget) -> None:
        self._desk = desk
        self._reading = reading
        self._window = window

    async def allows(
        self,
        connection: ConnectionId,
        chosen: Sequence[Selected],
        threat: Threat,
        parent: QWidget | None = None,
    ) -> bool:
        """Whether nothing of it is locked, or the person wants it all the same.

        Raises StoreError when the store cannot be asked.
        """
        may_lock = await self._buckets_with_locks(connection, map(_bucket_of, chosen), parent)
        asked = [each for each in chosen if _bucket_of(each) in may_lock]
        if not asked:
            return True
        store = await self._desk.stores.get(connection)
        try:
            async with busy(looking_for_locks(), parent or self._window) as dialog:
                found = await locked_among(
                    store,
                    asked,
                    self._reading.now,
                    lambda count: dialog.say(looking_for_locks(count)),
                )
        except UsageLimitExceededError:
            # Nothing can be looked at this month, and what is deleted is never limited.
            return True
        return await self._agreed(found.locked, threat, parent, is_all=found.is_all)

    async def allows_versions(
        self, connection: ConnectionId, versions: Sequence[ObjectVersion]
    ) -> Deletable:
        """Whether all of these versions may be deleted for good. Raises StoreError."""
        whole = [each for each in versions if not each.is_delete_marker]
        buckets = (each.location.bucket for each in whole)
        may_lock = await self._buckets_with_locks(connection, buckets, None)
        asked = [
            (each.location, each.version) for each in whole if each.location.bucket in may_lock
        ]
        if not asked:
            return Deletable.YES
        store = await self._desk.stores.get(connection)
        try:
            async with busy(looking_for_locks(), self._window) as dialog:
                locked = await locked_versions(
                    store,
                    asked,
                    self._reading.now,
                    lambda count: dialog.say(looking_for_locks(count)),
                )
        except UsageLimitExceededError:
            return Deletable.YES  # as above
        if not locked:
            return Deletable.YES
        now = self._reading.now
        can_bypass = all(lock.can_delete(now, bypass=True) for _, lock in locked)
        threat = Threat.GOVERNED if can_bypass else Threat.VERSION
        return Deletable.BYPASSING if await self._agreed(locked, threat, None) else Deletable.NO

    async def _agreed(
        self,
        locked: Sequence[Locked],
        threat: Threat,
        parent: QWidget | None,
        *,
        is_all: bool = True,
    ) -> bool:
        if not locked:
            return True
        question = locked_question(threat, locked[:MOST], is_all=is_all and len(locked) < MOST)
        return await accepted(LockedDialog(question, parent or self._window))

    def knows_locked(self, connection: ConnectionId, selection: Selection) -> bool:
        """Whether something of it is known to be locked, without asking anybody."""
        if len(selection) > MANY:
            return False
        locks = map(self._reading.known, keys_of(connection, selection))
        return any(lock is not None and lock.is_locked(self._reading.now) for lock in locks)

    async def _buckets_with_locks(
        self, connection: ConnectionId, buckets: Iterable[str], parent: QWidget | None
    ) -> set[str]:
        """Those whose objects may be locked; each is asked once."""
        async with busy(looking_for_locks(), parent or self._window):
            return {each for each in set(buckets) if await self._may_lock(connection, each)}

    async def _may_lock(self, connection: ConnectionId, bucket: str) -> bool:
        try:
            # Whoever deletes may have mended just now what was in the way.
            return await self._reading.locks(connection, bucket, waits_for_rest=False)
        except StoreError as error:
            # Who is not let in is told of no object either.
            return may_pass(error)


def _bucket_of(each: Selected) -> str:
    return (each.location if isinstance(each, ObjectMeta) else each).bucket
