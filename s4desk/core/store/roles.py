"""Which stores a piece of work has: of what it writes to, and of what it merely reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.protocol import Store, StoreOf


def stores_by_role(
    to_write: StoreOf, to_read: StoreOf, written: Collection[ConnectionId]
) -> StoreOf:
    """What is `written` decides by what is there, and has the store that is written to; a group
    that is only read may answer by any of its backends."""

    async def store_of(connection: ConnectionId) -> Store:
        return await (to_write if connection in written else to_read)(connection)

    return store_of
