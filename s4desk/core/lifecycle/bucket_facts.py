"""What of a bucket's other configurations decides about its lifecycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.errors import NotSupportedError, PermissionDeniedError
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.lifecycle.concerns import Concern, Doubt
from s4desk.core.store.configuration import read_config

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.errors import StoreError
    from s4desk.core.store.protocol import ConfigStore

_NO_SUCH_THING: Final = ("NotImplemented", "UnknownConfiguration")
_NOT_IMPLEMENTED: Final = 501


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """Whether versions are kept, and whether some may be locked, or wait for replication."""

    versioning: Versioning = Versioning.OFF
    may_be_locked: bool = False
    may_be_replicating: bool = False
    concerns: Sequence[Concern] = ()


@dataclass(frozen=True, slots=True)
class ToldVersioning:
    """What a store says of a bucket's versions: None where nobody knows, for the reason `error`.
    `at` is when, by the store's own clock."""

    kept: Versioning | None
    at: datetime | None = None
    error: StoreError | None = None


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

    versioning = await ask_versioning(store, bucket)
    if versioning.kept is None:
        concerns.append(Concern(Doubt.VERSIONING, versioning.error))
    kept = worst_of(versioning.kept)
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
    """What a bucket says of its versions; None where nobody knows. Raises StoreError."""
    return (await ask_versioning(store, bucket)).kept


async def ask_versioning(store: ConfigStore, bucket: str) -> ToldVersioning:
    """A store says that it keeps none by a document, or that there is no such thing: a refusal of
    the request, or silence, says neither. Raises StoreError."""
    try:
        document = await store.get_document(bucket, ConfigKind.VERSIONING)
    except NotSupportedError as error:
        has_none = error.code in _NO_SUCH_THING or error.status == _NOT_IMPLEMENTED
        return ToldVersioning(Versioning.OFF if has_none else None, error=error)
    except PermissionDeniedError as error:
        return ToldVersioning(None, error=error)
    status = str(as_json(document).get("Status", "")).lower()
    kept = Versioning(status) if status in ("enabled", "suspended") else Versioning.OFF
    return ToldVersioning(kept, document.at if document is not None else None)


def worst_of(kept: Versioning | None) -> Versioning:
    """What has no version of its own is gone when it is deleted, and nobody says what else is."""
    return Versioning.SUSPENDED if kept is None else kept
