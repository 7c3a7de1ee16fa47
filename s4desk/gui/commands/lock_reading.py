"""What is known of locks in this window: read once, by whoever needs it first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.capability import Capability
from s4desk.core.domain.errors import StoreError
from s4desk.core.failover.passing import is_shut_out, may_pass
from s4desk.core.store.configuration import read_config
from s4desk.viewmodels.lock_shelf import LockKey, LockShelf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.runtime.clock import Clock

REST_S: Final = 30.0
"""So long nobody is asked who has not let us in."""


class LockReading:
    """One HEAD per version: every store of the suite tells the lock in its reply, and leaves it
    out for whoever may not see it. One request per bucket says whether there are locks at all."""

    def __init__(self, desk: Desk, clock: Clock, shelf: LockShelf | None = None) -> None:
        self._desk = desk
        self._clock = clock
        self.shelf = shelf if shelf is not None else LockShelf()
        self._is_locking: dict[tuple[ConnectionId, str], bool] = {}
        self._refusals: dict[tuple[ConnectionId, str], tuple[StoreError, float]] = {}

    @property
    def now(self) -> datetime:
        return self._clock.now()

    def known(self, key: LockKey) -> LockState | None:
        """The lock, if it was read; None too for what may not be read."""
        return self.shelf.get(key)

    def is_fresh(self, key: LockKey) -> bool:
        return self.shelf.is_fresh(key, self._clock.monotonic())

    def is_locking(self, connection: ConnectionId, bucket: str) -> bool | None:
        """Whether a bucket has Object Lock; None as long as nobody has asked."""
        return False if self._lacks(connection) else self._is_locking.get((connection, bucket))

    def note(self, key: LockKey, lock: LockState) -> None:
        """Somebody has read it elsewhere, or set it."""
        self.shelf.put(key, lock, self._clock.monotonic())

    def forget(self, connection: ConnectionId, bucket: str, prefix: str = "") -> None:
        """Read again what lies there, and whether the bucket has Object Lock now."""
        self.shelf.forget(connection, bucket, prefix)
        if not prefix and not self._is_locking.get((connection, bucket)):
            self._is_locking.pop((connection, bucket), None)
            self._refusals.pop((connection, bucket), None)

    async def locks(
        self, connection: ConnectionId, bucket: str, *, waits_for_rest: bool = True
    ) -> bool:
        """Whether a bucket has Object Lock, which it never loses again.

        Raises StoreError when the store cannot be asked now, or has not let us in just before.
        """
        if self._lacks(connection):
            return False
        known = self._is_locking.get((connection, bucket))
        if known is None:
            if waits_for_rest:
                self._refuse_at_rest(connection, bucket)
            known = await self._look(connection, bucket)
            self._is_locking[connection, bucket] = known
        return known

    async def read(self, key: LockKey) -> LockState:
        """The lock of a version, from the store. Raises StoreError."""
        store = await self._desk.stores.get(key.connection)
        try:
            meta = await store.head(key.location, version=key.version)
        except StoreError as error:
            if not may_pass(error):
                self.shelf.put(key, None, self._clock.monotonic())
            raise
        self.note(key, meta.attributes.lock)
        return meta.attributes.lock

    def _lacks(self, connection: ConnectionId) -> bool:
        """Whether the store is known to lock nothing."""
        report = self._desk.stores.report(connection)
        return report is not None and Capability.OBJECT_LOCK in report.lacks

    def _refuse_at_rest(self, connection: ConnectionId, bucket: str) -> None:
        refusal, until = self._refusals.get((connection, bucket), (None, 0.0))
        if refusal is not None and self._clock.monotonic() < until:
            raise refusal.with_traceback(None)

    async def _look(self, connection: ConnectionId, bucket: str) -> bool:
        store = await self._desk.stores.get(connection)
        try:
            return is_enabled(await read_config(store, bucket, ConfigKind.OBJECT_LOCK))
        except StoreError as error:
            if is_shut_out(error):
                self._refusals[connection, bucket] = error, self._clock.monotonic() + REST_S
                raise
            if may_pass(error):
                raise
            return False


def is_enabled(config: Mapping[str, Any] | None) -> bool:
    """Whether an object lock configuration says that there is any."""
    return (config or {}).get("ObjectLockEnabled") == "Enabled"
