"""What a person has agreed to delete: what, when, and as what."""

from __future__ import annotations

import logging
import os.path
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import PermissionDeniedError, S4DeskError, StoreError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.failover.errors import UsageLimitExceededError
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.configuration import read_config

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.protocol import Store

log = logging.getLogger(__name__)

CLOCK_DOUBT = timedelta(minutes=15)
"""How far a clock may be from that of a store that says nothing of its own: S3 refuses more
("RequestTimeTooSkewed" in the S3 API reference)."""


class NotConfirmedError(S4DeskError):
    """What was agreed to is something else now; the message says what."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A deletion that somebody agreed to, as a later life of it needs to know it.

    `moment` is by the store's own clock: what was written later nobody has agreed to lose.
    `endpoint` is where the connection led then. `is_kept`: it was said that versions stay, which
    makes it a thing that can be undone. `with_versions`: all versions go; `with_bucket`: then the
    bucket too. `total` is how many objects were counted, None when they were not. `arriving` are
    the objects that were being uploaded in parts: AWS dates what is joined by the beginning of its
    upload ("Working with object metadata", S3 user guide).
    """

    places: Sequence[Location | Prefix]
    moment: datetime
    endpoint: str = ""
    is_kept: bool = False
    with_versions: bool = False
    with_bucket: bool = False
    total: int | None = None
    arriving: frozenset[Location] = frozenset()


async def confirm_now(
    store: Store,
    places: Sequence[Location | Prefix],
    endpoint: str,
    *,
    is_kept: bool = False,
    with_versions: bool = False,
    with_bucket: bool = False,
    total: int | None = None,
) -> Confirmed:
    """What somebody has just agreed to delete; all places in one bucket. Raises StoreError."""
    arriving = await _arriving(store, places)
    moment = await moment_at(store, places[0])
    return Confirmed(places, moment, endpoint, is_kept, with_versions, with_bucket, total, arriving)


async def _arriving(store: Store, places: Sequence[Location | Prefix]) -> frozenset[Location]:
    """Where uploads are under way now; a store that does not tell is taken by its dates alone."""
    single = {each for each in places if isinstance(each, Location)}
    found: set[Location] = set()
    try:
        for prefix in (each for each in places if isinstance(each, Prefix)):
            found |= {each.location for each in await store.list_uploads(prefix)}
        if single:
            uploads = await store.list_uploads(_around(single))
            found |= single & {each.location for each in uploads}
    except StoreError as error:
        log.info("it is not known what is being uploaded there: %s", error)
    return frozenset(found)


def _around(locations: Collection[Location]) -> Prefix:
    """All keys that begin as these do."""
    keys = [location.key for location in locations]
    # Character by character is how S3 understands a prefix.
    return Prefix(next(iter(locations)).bucket, os.path.commonprefix(keys))  # noqa: RUF071


async def moment_at(store: Store, place: Location | Prefix, clock: Clock | None = None) -> datetime:
    """Now, by the clock that dates the objects; if the store does not tell, surely not later.

    Raises StoreError.
    """
    prefix = place if isinstance(place, Prefix) else Prefix(place.bucket, place.key)
    try:
        told = (await store.list_objects(prefix, delimiter="", limit=1)).told_at
    except (PermissionDeniedError, UsageLimitExceededError):
        # Who may delete need not be allowed to list, nor have anything left to list with.
        told = None
    return told or (clock or SystemClock()).now() - CLOCK_DOUBT


async def check_still(confirmed: Confirmed, connection: Connection | None, store: Store) -> None:
    """See that going on means what it meant when it was agreed to.

    Raises NotConfirmedError, StoreError.
    """
    if connection is None or connection.endpoint != confirmed.endpoint:
        raise NotConfirmedError(
            tr("Its connection leads elsewhere now. Delete what is still to go anew.")
        )
    if confirmed.is_kept and not await keeps_versions(store, confirmed.places[0].bucket):
        raise NotConfirmedError(
            tr(
                "Its bucket kept versions when this was confirmed, and does not any more: nothing"
                " could be brought back. Delete what is still to go anew."
            )
        )


async def keeps_versions(store: Store, bucket: str) -> bool:
    """Whether what is deleted in a bucket stays as a version. Raises StoreError."""
    config = await read_config(store, bucket, ConfigKind.VERSIONING)
    return config.get("Status") == "Enabled"
