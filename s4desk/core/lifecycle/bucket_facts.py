"""What of a bucket's other configurations decides about its lifecycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotSupportedError, PermissionDeniedError
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.lifecycle.concerns import Concern, Doubt
from s4desk.core.store.configuration import read_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.store.protocol import ConfigStore


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """Whether versions are kept, and whether some may be locked, or wait for replication."""

    versioning: Versioning = Versioning.OFF
    may_be_locked: bool = False
    may_be_replicating: bool = False
    concerns: Sequence[Concern] = ()


async def read_facts(store: ConfigStore, bucket: str) -> BucketFacts:
    """Ask for them. What may not be seen is assumed to be there. Raises StoreError."""
    concerns: list[Concern] = []

    async def read(kind: ConfigKind, doubt: Doubt) -> dict[str, Any] | None:
        try:
            return await read_config(store, bucket, kind)
        except NotSupportedError:
            return {}
        except PermissionDeniedError as error:
            concerns.append(Concern(doubt, error))
            return None

    versioning = await read(ConfigKind.VERSIONING, Doubt.VERSIONING)
    kept = _versioning(versioning)
    if kept is Versioning.OFF:
        return BucketFacts(kept, concerns=concerns)
    lock = await read(ConfigKind.OBJECT_LOCK, Doubt.LOCKS)
    replication = await read(ConfigKind.REPLICATION, Doubt.REPLICATION)
    return BucketFacts(
        kept,
        may_be_locked=lock is None or lock.get("ObjectLockEnabled") == "Enabled",
        may_be_replicating=replication is None or bool(replication.get("Rules")),
        concerns=concerns,
    )


async def told_versioning(store: ConfigStore, bucket: str) -> Versioning | None:
    """What a bucket says of its versions; None where it may not be asked. Raises StoreError."""
    try:
        return _versioning(await read_config(store, bucket, ConfigKind.VERSIONING))
    except NotSupportedError:
        return Versioning.OFF
    except PermissionDeniedError:
        return None


def _versioning(config: dict[str, Any] | None) -> Versioning:
    if config is None:
        # The worst that may be: what has no version of its own is gone when it is deleted.
        return Versioning.SUSPENDED
    status = str(config.get("Status", "")).lower()
    return Versioning(status) if status in ("enabled", "suspended") else Versioning.OFF
