"""Copies of archived objects for some days: asked for one by one, each looked at first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.archive import TIERED, archive_state
from s4desk.core.domain.errors import ConflictError, S4DeskError
from s4desk.core.runtime.tasks import run_bounded

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Sequence
    from datetime import datetime

    from s4desk.core.domain.archive import Tier
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.protocol import ObjectStore

AT_ONCE: Final = 8
_ALREADY: Final = "RestoreAlreadyInProgress"


class Unarchived(StrEnum):
    """What became of one object."""

    ASKED = "asked"
    EXTENDED = "extended"  # it is there already, and stays for longer
    UNDER_WAY = "under way"  # somebody has asked before
    NOT_ARCHIVED = "not archived"


@dataclass(frozen=True, slots=True)
class UnarchiveOutcome:
    """`error` says why nothing could be asked for; then there is no `result`."""

    location: Location
    result: Unarchived | None = None
    error: S4DeskError | None = None


async def unarchive(
    store: ObjectStore,
    location: Location,
    days: int,
    tier: Tier,
    now: datetime,
    *,
    is_dry: bool = False,
) -> Unarchived:
    """Ask for a copy of one object; with `is_dry` only say what would come of it.

    What INTELLIGENT_TIERING has in an archive comes back for good. Raises StoreError.
    """
    meta = await store.head(location)
    state = archive_state(meta.storage_class, meta.headers)
    if not state.is_archived:
        return Unarchived.NOT_ARCHIVED
    if state.is_restoring:
        return Unarchived.UNDER_WAY
    is_there = state.can_read(now)
    if not is_dry:
        span = 0 if meta.storage_class == TIERED else days
        try:
            await store.restore_archived(location, span, tier, version=meta.version)
        except ConflictError as error:
            if error.code != _ALREADY:
                raise
            return Unarchived.UNDER_WAY
    return Unarchived.EXTENDED if is_there else Unarchived.ASKED


async def unarchive_many(
    store: ObjectStore,
    pages: AsyncIterable[Sequence[Location]],
    days: int,
    tier: Tier,
    now: datetime,
    told: Callable[[UnarchiveOutcome], None],
    *,
    is_dry: bool = False,
) -> None:
    """Ask for many, and tell of each; one that fails does not keep the others."""

    async def one(location: Location) -> None:
        try:
            result = await unarchive(store, location, days, tier, now, is_dry=is_dry)
        except S4DeskError as error:
            told(UnarchiveOutcome(location, error=error))
        else:
            told(UnarchiveOutcome(location, result))

    async for locations in pages:
        await run_bounded(map(one, locations), AT_ONCE)
