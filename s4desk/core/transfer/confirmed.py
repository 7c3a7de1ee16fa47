"""What a person has agreed to delete: what, when, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import PermissionDeniedError, S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.protocol import ConfigKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.protocol import Store

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
    bucket too. `total` is how many objects were counted, None when they were not.
    """

    places: Sequence[Location | Prefix]
    moment: datetime
    endpoint: str = ""
    is_kept: bool = False
    with_versions: bool = False
    with_bucket: bool = False
    total: int | None = None


async def moment_at(store: Store, place: Location | Prefix, clock: Clock | None = None) -> datetime:
    """Now, by the clock that dates the objects; if the store does not tell, surely not later.

    Raises StoreError.
    """
    prefix = place if isinstance(place, Prefix) else Prefix(place.bucket, place.key)
    try:
        told = (await store.list_objects(prefix, delimiter="", limit=1)).told_at
    except PermissionDeniedError:  # who may delete need not be allowed to list
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
    config = await store.get_config(bucket, ConfigKind.VERSIONING)
    return (config or {}).get("Status") == "Enabled"
