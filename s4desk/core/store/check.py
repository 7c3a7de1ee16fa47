"""Trying a connection: the smallest question that proves address, credentials and region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.runtime.clock import Clock, SystemClock

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.store.protocol import Store


@dataclass(frozen=True, slots=True)
class ConnectionOutcome:
    """What a connection that works showed: its buckets, or its start folder's first page.

    `count` is the number of buckets, or of entries on that page; `seconds` is how long it took.
    """

    count: int
    seconds: float
    start: Prefix | None = None
    has_more: bool = False


async def check_connection(
    store: Store, connection: Connection, clock: Clock | None = None
) -> ConnectionOutcome:
    """Ask what opening the connection would ask. Raises the StoreError that stands in its way."""
    clock = clock or SystemClock()
    began = clock.monotonic()
    start = connection.start
    if start is None:
        buckets = await store.list_buckets()
        return ConnectionOutcome(len(buckets), clock.monotonic() - began)
    page = await store.list_objects(start)
    return ConnectionOutcome(
        count=len(page) + len(page.folders),
        seconds=clock.monotonic() - began,
        start=start,
        has_more=page.next_token is not None,
    )
