"""What verbs say of Object Lock, where a store hides or covers what is locked without a word."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import StoreError
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.configuration import read_config
from s4desk.viewmodels.lock_text import lock_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.lock import LockState
    from s4desk.core.store.protocol import Store

NAMED: Final = 20
PATIENCE_S: Final = 10.0
"""A store that does not answer is met again by what was asked for, and told there."""


async def locks_objects(store: Store, bucket: str) -> bool:
    """Whether a bucket has Object Lock, as far as one may know."""
    with suppress(StoreError):
        config = await read_config(store, bucket, ConfigKind.OBJECT_LOCK)
        return config.get("ObjectLockEnabled") == "Enabled"
    return False


def hidden_record(lock: LockState) -> dict[str, object]:
    until = lock.retain_until
    return {
        "hidden": True,
        "mode": lock.mode,
        "retain_until": until and until.isoformat(),
        "legal_hold": lock.legal_hold,
    }


def hidden_text(place: str, lock: LockState) -> str:
    """Of a locked object that was deleted: it was not."""
    sentence = tr("hidden {place}: a delete marker is on top, its locked version stays ({lock})")
    return sentence.format(place=place, lock=lock_text(lock))


async def tell_hidden(store: Store, remote: Remote, console: Console) -> None:
    """Say what became of locked objects when all below a folder was deleted."""
    if await locks_objects(store, remote.bucket):
        console.say(
            tr(
                "{bucket} has Object Lock: what is locked was only hidden under delete markers, and"
                " its versions stay."
            ).format(bucket=remote.bucket)
        )


async def tell_covered(
    desk: Desk, source: Remote | Path, target: Remote, console: Console, *, is_recursive: bool
) -> None:
    """Say that new versions go on top of locked ones, before they do."""
    with suppress(StoreError, TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            store = await desk.stores.get(target.connection.id)
            if not await locks_objects(store, target.bucket):
                return
            if is_recursive:
                sentence = tr(
                    "{bucket} has Object Lock: new versions go on top of what is locked, without"
                    " its locks, and the locked versions stay below."
                )
                console.say(sentence.format(bucket=target.bucket))
                tell_record(console, target.bucket, [], passed=None)
                return
            location = _landing(source, target)
            lock = (await store.head(location)).attributes.lock
            if lock.is_locked(datetime.now(UTC)):
                place = f"{target.connection.name}:{location.bucket}/{location.key}"
                sentence = tr(
                    "{place} is locked ({lock}): a new version goes on top of it, without that"
                    " lock, and the locked version stays below."
                )
                console.say(sentence.format(place=place, lock=lock_text(lock)))
                tell_record(console, target.bucket, [location])


def tell_record(
    console: Console,
    bucket: str,
    locked: Sequence[Location],
    *,
    passed: int | None = 0,
    is_dry: bool = False,
) -> None:
    """The same for programs. `passed` is how many were not looked at, None for nobody knows."""
    if not console.as_json:
        return
    record = {
        "event": "locked",
        "bucket": bucket,
        "locked": len(locked),
        "keys": [each.key for each in locked[:NAMED]],
        "not_looked_at": passed,
        "dry_run": is_dry,
    }
    console.record(record, "")


def _landing(source: Remote | Path, target: Remote) -> Location:
    """Where a single object arrives: into a folder it goes under its own name."""
    if target.prefix != target.folder:
        return target.location
    name = source.name if isinstance(source, Path) else source.location.name
    return target.folder.location(name)
