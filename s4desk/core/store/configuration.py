"""Writing a bucket's configuration so that nothing is lost in silence.

Some stores accept a configuration and keep only a part of it: a lifecycle rule without its size
filter deletes more than was written (SPEC.md section 1).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import StoreError
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.store.config_compare import Difference, differences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.store.protocol import BucketStore, ConfigKind

log = logging.getLogger(__name__)

READS: Final = 3
READ_AGAIN_S: Final = 1.0


class WriteOutcome(StrEnum):
    """What holds in the bucket now."""

    WRITTEN = "written"
    """What was wanted, wholly."""
    INSISTED = "insisted"
    """What the store made of it, because the user wants it anyway."""
    RESTORED = "restored"
    """What was there before: the new one lost something."""
    NOT_RESTORED = "not-restored"
    """What the store made of it; the old one could not be put back."""


@dataclass(frozen=True, slots=True)
class ConfigReport:
    """How a write ended. `found` is what the store made of it, `before` what it replaced."""

    outcome: WriteOutcome
    differences: Sequence[Difference] = ()
    found: Mapping[str, Any] | None = None
    before: Mapping[str, Any] | None = None
    restore_error: StoreError | None = None


async def write(
    store: BucketStore,
    bucket: str,
    kind: ConfigKind,
    wanted: Mapping[str, Any],
    *,
    insist: bool = False,
    clock: Clock | None = None,
) -> ConfigReport:
    """Write a configuration, read it back and compare.

    What lost something is undone, unless `insist`. Cancelling does not interrupt it half-way: a
    configuration that deletes too much must not stay behind. Raises StoreError when the store
    refuses it or cannot be read back; the old one is then put back as well.
    """
    work = asyncio.ensure_future(_write(store, bucket, kind, wanted, insist, clock))
    try:
        return await asyncio.shield(work)
    finally:
        if not work.done():
            await asyncio.wait([work])
            _tell_unheard(work)


def _tell_unheard(work: asyncio.Future[ConfigReport]) -> None:
    """The caller was cancelled: what would have been its answer goes to the log."""
    error = None if work.cancelled() else work.exception()
    if error is not None:
        log.warning("a configuration was being written while it was cancelled: %s", error)


async def _write(
    store: BucketStore,
    bucket: str,
    kind: ConfigKind,
    wanted: Mapping[str, Any],
    insist: bool,
    clock: Clock | None,
) -> ConfigReport:
    before = await store.get_config(bucket, kind)
    await store.put_config(bucket, kind, wanted)
    try:
        found = await _settled(store, bucket, kind, wanted, before, clock or SystemClock())
    except StoreError:
        if not insist:
            await _restore(store, bucket, kind, before)
        raise
    lost = differences(kind, wanted, found)
    if not lost:
        return ConfigReport(WriteOutcome.WRITTEN, (), found, before)
    if insist:
        return ConfigReport(WriteOutcome.INSISTED, lost, found, before)
    try:
        await _restore(store, bucket, kind, before)
    except StoreError as error:
        return ConfigReport(WriteOutcome.NOT_RESTORED, lost, found, before, error)
    return ConfigReport(WriteOutcome.RESTORED, lost, found, before)


async def _settled(
    store: BucketStore,
    bucket: str,
    kind: ConfigKind,
    wanted: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    clock: Clock,
) -> Mapping[str, Any] | None:
    """The configuration as the store has it now; while it still tells the old one, ask again."""
    found = await store.get_config(bucket, kind)
    for _ in range(READS - 1):
        is_stale = found == before and bool(differences(kind, wanted, found))
        if not is_stale:
            break
        await clock.sleep(READ_AGAIN_S)
        found = await store.get_config(bucket, kind)
    return found


async def _restore(
    store: BucketStore, bucket: str, kind: ConfigKind, before: Mapping[str, Any] | None
) -> None:
    if before is None:
        await store.delete_config(bucket, kind)
    else:
        await store.put_config(bucket, kind, before)
