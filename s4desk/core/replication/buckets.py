"""What a bucket can keep, asked for once in a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import PermissionDeniedError, StoreError
from s4desk.core.store.configuration import read_config

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.rules import Destination
    from s4desk.core.replication.table import Source
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store, StoreOf

LIFE_S: Final = 300.0
HIDDEN: Final = object()


@dataclass(frozen=True, slots=True)
class Facts:
    """Whether a bucket keeps each version, and whether versions can be locked; None where that may
    not be asked. `has_versions`: it keeps them, or did once."""

    is_versioned: bool | None = False
    takes_locks: bool | None = False
    has_versions: bool = False


class BucketShelf:
    """Knows of each bucket what it was told not long ago."""

    def __init__(self, store_of: StoreOf, clock: Clock) -> None:
        self._store_of = store_of
        self._clock = clock
        self._known: dict[tuple[ConnectionId, str], tuple[float, Facts]] = {}

    async def facts(self, of: Destination | Source, *, is_fresh: bool = False) -> Facts:
        """With `is_fresh` it is asked now. Raises StoreError when nobody answers."""
        at, facts = self._known.get((of.connection, of.bucket), (-LIFE_S, Facts()))
        now = self._clock.monotonic()
        if is_fresh or now - at >= LIFE_S:
            store = await self._store_of(of.connection)
            versioning = await _read(store, of.bucket, ConfigKind.VERSIONING, "Status")
            lock = await _read(store, of.bucket, ConfigKind.OBJECT_LOCK, "ObjectLockEnabled")
            facts = Facts(
                None if versioning is HIDDEN else versioning == "Enabled",
                None if lock is HIDDEN else lock == "Enabled",
                versioning in ("Enabled", "Suspended"),
            )
            self._known[of.connection, of.bucket] = now, facts
        return facts


async def _read(store: Store, bucket: str, kind: ConfigKind, name: str) -> object:
    try:
        return (await read_config(store, bucket, kind) or {}).get(name)
    except PermissionDeniedError:
        return HIDDEN
    except StoreError as error:
        if error.retryable:
            raise
        return None
