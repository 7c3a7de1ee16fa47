"""The open stores of the program, one per connection, opened when first asked for.

Importing this module imports no S3 library, nor the byte path: that takes 0.4 s and is done in a
thread.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.errors import NotFoundError, S4DeskError
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store import late_admin
from s4desk.core.store.bandwidth import Bandwidth
from s4desk.core.store.capabilities import Capabilities, known
from s4desk.core.store.limits import BodySlots
from s4desk.core.store.probe import probe_conditional_put
from s4desk.core.store.secrets import GivenSecrets, SecretReader

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.store.protocol import Store
    from s4desk.core.wire.pool import WirePool


__all__ = ["GivenSecrets", "StoreRegistry"]


class ConnectionReader(Protocol):
    def get(self, connection: ConnectionId) -> Connection | None: ...


Opener = Callable[["Connection", SecretReader, Capabilities, int], Awaitable["Store"]]


class StoreRegistry:
    """Opens stores, keeps them, and owns the worker threads they share."""

    def __init__(self, connections: ConnectionReader, secrets: SecretReader) -> None:
        self._connections = connections
        self._secrets = secrets
        self._stores: dict[ConnectionId, Store] = {}
        self._capabilities: dict[ConnectionId, Capabilities] = {}
        self._opening: defaultdict[ConnectionId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._bodies = BodySlots()
        self._bandwidth = Bandwidth()
        self._pool: WirePool | None = None
        self._openers: dict[str, Opener] = {
            "": self._open_s3,
            "http": self._open_s3,
            "https": self._open_s3,
            "memory": _open_memory,
        }

    async def get(self, connection: ConnectionId) -> Store:
        """The store of a connection. Raises CredentialsError, NotFoundError when it was removed."""
        async with self._opening[connection]:
            if connection not in self._stores:
                found = self._connections.get(connection)
                if found is None:
                    raise NotFoundError(f"no connection {connection}", operation="open")
                capabilities = self._capabilities.setdefault(connection, known(found))
                self._stores[connection] = await self.open(found, self._secrets, capabilities)
                self._bandwidth.limit_connection(connection, found.limits)
            return self._stores[connection]

    async def open(
        self,
        connection: Connection,
        secrets: SecretReader,
        capabilities: Capabilities | None = None,
        *,
        attempts: int = 0,
    ) -> Store:
        """A store of its own, which the caller closes: for a connection that is not kept (yet).

        `attempts` is how often each request is made that fails for a passing reason, 0 for as
        often as usual.
        """
        scheme = connection.endpoint.partition(":")[0].lower()
        opener = self._openers.get(scheme)
        if opener is None:
            said = tr("The endpoint {endpoint} does not begin with http:// or https://.")
            raise S4DeskError(said.format(endpoint=connection.endpoint))
        return await opener(connection, secrets, capabilities or known(connection), attempts)

    async def probe(self, connection: ConnectionId, where: Prefix) -> Capabilities:
        """Try conditional writes under `where`, and rely on what was found from now on.

        Writes, and removes what it wrote. Raises NotFoundError when the connection was removed,
        NotSupportedError for a bucket that would keep the objects, and other StoreErrors.
        """
        await self.get(connection)
        found, trial = self._connections.get(connection), Capabilities()
        if found is None:
            raise NotFoundError(f"no connection {connection}", operation="probe")
        store = await self.open(found, self._secrets, trial)
        try:
            await probe_conditional_put(store, trial, where.bucket, where.prefix)
        finally:
            await store.aclose()
        learned = self._capabilities[connection]
        learned.learned_from(trial)
        return learned

    async def forget(self, connection: ConnectionId) -> None:
        """Close the store of a connection that was edited or removed; the next `get` opens anew.

        What was probed is forgotten too: it may be another store now.
        """
        async with self._opening[connection]:
            store = self._stores.pop(connection, None)
            self._capabilities.pop(connection, None)
        if store is not None:
            await store.aclose()

    async def warm_up(self) -> None:
        """Load all of the S3 libraries, in a thread. Call it after the first paint."""
        await in_thread(_load_byte_path)
        await in_thread(late_admin.load)

    def limit_bodies(self, count: int) -> None:
        """Change how many bodies move at once over all connections; at least 1. Of small ones
        there are some more."""
        self._bodies.size = count
        if self._pool is not None:
            self._pool.resize_bulk(self._bodies.size)

    def limit_bandwidth(self, *, up: int, down: int) -> None:
        """Change how fast bytes move over all connections (bytes per second, 0 for no limit)."""
        self._bandwidth.limit(up=up, down=down)

    def connections_changed(self) -> None:
        """Take over the limits of the connections that are open."""
        for id_ in self._stores:
            if (connection := self._connections.get(id_)) is not None:
                self._bandwidth.limit_connection(id_, connection.limits)

    async def aclose(self) -> None:
        """Close every store and end the worker threads."""
        async with AsyncExitStack() as closing:
            if self._pool is not None:
                closing.push_async_callback(self._pool.aclose)
            for connection in self._stores:
                closing.push_async_callback(self.forget, connection)

    async def _open_s3(
        self,
        connection: Connection,
        secrets: SecretReader,
        capabilities: Capabilities,
        attempts: int,
    ) -> Store:
        await in_thread(_load_byte_path)
        # Loaded already, in a thread: importing it here costs nothing.
        from s4desk.core.store.retry import ATTEMPTS  # noqa: PLC0415
        from s4desk.core.store.session import WirePool, open_store  # noqa: PLC0415

        if self._pool is None:
            self._pool = WirePool(bulk=self._bodies.size)
        return await open_store(
            connection,
            secrets,
            self._pool,
            bodies=self._bodies,
            paces=self._bandwidth.paces(connection.id),
            capabilities=capabilities,
            attempts=attempts or ATTEMPTS,
        )


def _load_byte_path() -> None:
    import_module("s4desk.core.store.session")


async def _open_memory(
    connection: Connection, _secrets: SecretReader, _capabilities: Capabilities, _attempts: int
) -> Store:
    """`memory:` or `memory:BUCKET,BUCKET`."""
    # For demonstrations and tests: nobody else waits for it.
    from s4desk.core.store.memory import MemoryStore  # noqa: PLC0415

    names = connection.endpoint.partition(":")[2]
    return MemoryStore([name for name in names.split(",") if name])
