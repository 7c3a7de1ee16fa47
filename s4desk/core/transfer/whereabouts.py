"""Where connections lead, and led when transfers were asked for: what is under way stays there.

A connection may be edited at any time. What was begun at one store and went on at another one
would be nowhere as a whole, and its parts would be lost at the first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import ConnectionGoneError, ConnectionMovedError
from s4desk.core.domain.identity import Address
from s4desk.core.domain.one_place import leads_alike
from s4desk.core.store.roles import stores_by_role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import Endpoints, Transfer, TransferSpec
    from s4desk.core.store.protocol import Store, StoreOf

    ConnectionOf = Callable[[ConnectionId], Connection | None]


class Whereabouts:
    """Lets a transfer have only those stores that it was asked for."""

    def __init__(
        self,
        connection_of: ConnectionOf,
        store_of: StoreOf,
        to_read: StoreOf | None = None,
        reads_on: Callable[[TransferSpec], bool] = lambda _: False,
    ) -> None:
        """`to_read` has the stores of what is merely read, for transfers of which `reads_on` says
        that they may have these."""
        self._connection_of = connection_of
        self._store_of = store_of
        self._to_read = to_read or store_of
        self._reads_on = reads_on

    def of(self, specs: Iterable[TransferSpec]) -> Endpoints:
        """Where the ends of these lead now, all of them together."""
        places = (place for spec in specs for place in (spec.source, spec.target))
        return endpoints_of(places, self._connection_of)

    def renewed(self, transfer: Transfer) -> Transfer:
        """The transfer, after somebody said that the stores are the same ones."""
        return replace(transfer, endpoints=self.of([transfer.spec]))

    def has_moved(self, transfer: Transfer) -> bool:
        """Whether one of its connections leads elsewhere now."""
        return any(
            _is_elsewhere(self._connection_of(id_), endpoint)
            for id_, endpoint in transfer.endpoints
        )

    def store_of(self, transfer: Transfer) -> StoreOf:
        """How its job gets at stores: that raises ConnectionMovedError."""
        to_read = self._to_read if self._reads_on(transfer.spec) else self._store_of
        written = {each.connection for each in transfer.spec.written}
        store_of = stores_by_role(self._store_of, to_read, written)

        async def checked(connection: ConnectionId) -> Store:
            self._check(transfer, connection)
            store = await store_of(connection)
            self._check(transfer, connection)  # it may have been edited meanwhile
            return store

        return checked

    def _check(self, transfer: Transfer, connection: ConnectionId) -> None:
        for id_, endpoint in transfer.endpoints:
            if id_ == connection:
                refuse_elsewhere(self._connection_of(id_), endpoint)


def endpoints_of(places: Iterable[Path | Address], connection_of: ConnectionOf) -> Endpoints:
    """Where the connections of these places lead now."""
    ids = {place.connection for place in places if isinstance(place, Address)}
    found = ((id_, connection_of(id_)) for id_ in sorted(ids))
    return tuple((id_, each.endpoint) for id_, each in found if each is not None)


def obstacle(
    places: Iterable[Path | Address], endpoints: Endpoints, connection_of: ConnectionOf
) -> ConnectionGoneError | ConnectionMovedError | None:
    """Why what was begun with these places cannot go on, if so; `endpoints` is what is known."""
    led = dict(endpoints)
    for place in places:
        if not isinstance(place, Address):
            continue
        connection = connection_of(place.connection)
        if connection is None:
            return ConnectionGoneError(led.get(place.connection, ""))
        try:
            refuse_elsewhere(connection, led.get(place.connection, connection.endpoint))
        except ConnectionMovedError as error:
            return error
    return None


def refuse_elsewhere(connection: Connection | None, endpoint: str) -> None:
    """Raises ConnectionMovedError when the connection does not lead there any more."""
    if connection is not None and _is_elsewhere(connection, endpoint):
        raise ConnectionMovedError(connection.name, endpoint, connection.endpoint)


def _is_elsewhere(connection: Connection | None, endpoint: str) -> bool:
    """One that was removed leads nowhere, which who opens its store is told."""
    if connection is None or connection.endpoint == endpoint:
        # Small files ask for it by the thousand.
        return False
    return not leads_alike(connection, endpoint)
