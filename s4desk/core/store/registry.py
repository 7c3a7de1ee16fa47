"""The open stores of the program, one per connection, opened when first asked for.

Importing this module imports no S3 library, nor the byte path: that takes 0.4 s and is done in a
thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.errors import (
    LocalFileError,
    NotFoundError,
    NotSupportedError,
    S4DeskError,
    SignInNeededError,
    StoreError,
)
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store import late_admin
from s4desk.core.store.bandwidth import Bandwidth
from s4desk.core.store.capabilities import Capabilities, known
from s4desk.core.store.credentials import life_of, renewed
from s4desk.core.store.findings import asker, identity, rely_on, report_of
from s4desk.core.store.limits import BodySlots
from s4desk.core.store.profile_endpoints import ProfileEndpoints
from s4desk.core.store.secrets import GivenSecrets, SecretReader
from s4desk.core.wire import crc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.capability import CapabilityReport
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId, Location, Prefix
    from s4desk.core.domain.sign_in import KeyLife, SignInNeed
    from s4desk.core.store.credentials import CredentialSource
    from s4desk.core.store.protocol import Store
    from s4desk.core.store.shelves import ConnectionReader, ReportShelf
    from s4desk.core.wire.pool import WirePool

log = logging.getLogger(__name__)

__all__ = ["GivenSecrets", "StoreRegistry"]


AskToSignIn = Callable[["Connection", "SignInNeed"], Awaitable[bool]]
"""Lets a person sign in, if there is one who can; whether it was done."""

Opener = Callable[["Connection", SecretReader, Capabilities, int], Awaitable["Store"]]


class StoreRegistry:
    """Opens stores, keeps them, and owns the worker threads they share."""

    def __init__(
        self,
        connections: ConnectionReader,
        secrets: SecretReader,
        shelf: ReportShelf | None = None,
        endpoints: ProfileEndpoints | None = None,
    ) -> None:
        self._connections = connections
        self._endpoints = endpoints or ProfileEndpoints()
        self._secrets = secrets
        self._shelf = shelf
        self._probed: dict[ConnectionId, CapabilityReport] = {}
        self._stores: dict[ConnectionId, Store] = {}
        self._capabilities: dict[ConnectionId, Capabilities] = {}
        self._opening: defaultdict[ConnectionId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._sources: dict[ConnectionId, CredentialSource] = {}
        self._ask: AskToSignIn | None = None
        self._bodies = BodySlots()
        self._bandwidth = Bandwidth()
        self._pool: WirePool | None = None
        self._openers: dict[str, Opener] = {
            "": self._open_s3,
            "http": self._open_s3,
            "https": self._open_s3,
            "memory": _open_memory,
        }

    def open_with(self, scheme: str, opener: Opener) -> None:
        """Let somebody else open the connections whose endpoints have this scheme."""
        self._openers[scheme] = opener

    def reached(self, connection: Connection) -> Connection:
        """`connection` with the endpoint that it leads to, be it named by its profile only."""
        return self._endpoints.of(connection)

    async def look_up(self) -> None:
        """Find out where the connections lead that leave that to a profile."""
        await self._endpoints.learn(self._connections.all())

    def let_sign_in(self, ask: AskToSignIn) -> None:
        """Who is asked where keys need a person; without one that is an error."""
        self._ask = ask

    def key_life(self, connection: ConnectionId) -> KeyLife | None:
        """How long the keys last that a store works with, None for ever or for who knows."""
        source = self._sources.get(connection)
        return None if source is None else life_of(source)

    async def renew_keys(self, connection: ConnectionId) -> None:
        """Have the keys renewed that a store works with, if it is time for that."""
        if (source := self._sources.get(connection)) is not None:
            await renewed(source)

    def signed_in(self, connection: ConnectionId) -> None:
        """Work with the keys that somebody has just signed in for."""
        look_again = getattr(self._sources.get(connection), "look_again", None)
        if look_again is not None:
            look_again()

    async def get(self, connection: ConnectionId) -> Store:
        """The store of a connection. Raises CredentialsError, SignInNeededError, NotFoundError when
        it was removed."""
        async with self._opening[connection]:
            if connection not in self._stores:
                if (named := self._connections.get(connection)) is None:
                    raise NotFoundError(f"no connection {connection}", operation="open")
                await self._endpoints.learn([named])
                found = self.reached(named)
                capabilities = self._capabilities.setdefault(connection, known(found))
                await self._recall(found, capabilities)
                self._stores[connection] = await self._opened(found, capabilities)
                self._bandwidth.limit_connection(connection, found.limits)
            return self._stores[connection]

    async def to_read(self, connection: ConnectionId) -> Store:
        """The same for whoever merely reads: any backend of a group may answer. What is about to
        be written or deleted, or is decided by what is there, has the store that `get` gives.
        Raises as `get`."""
        store = await self.get(connection)
        return getattr(store, "to_read", store)

    async def _opened(self, connection: Connection, capabilities: Capabilities) -> Store:
        while True:
            try:
                return await self.open(connection, self._secrets, capabilities)
            except SignInNeededError as error:
                if self._ask is None or not await self._ask(connection, error.need):
                    raise

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
        opener = self._openers.get(_scheme(connection))
        if opener is None:
            said = tr("The endpoint {endpoint} does not begin with http:// or https://.")
            raise S4DeskError(said.format(endpoint=connection.endpoint))
        return await opener(connection, secrets, capabilities or known(connection), attempts)

    def report(self, connection: ConnectionId) -> CapabilityReport | None:
        """All that is known of the store of a connection, at once: only what is open is known."""
        found, capabilities = self._find(connection), self._capabilities.get(connection)
        if found is None or capabilities is None:
            return None
        return report_of(found, capabilities, self._probed.get(connection))

    async def kept_report(self, connection: ConnectionId) -> CapabilityReport | None:
        """The same of a store that need not be open: what was probed, in whatever run."""
        found = self._find(connection)
        if found is None or connection in self._capabilities or self._shelf is None:
            return self.report(connection)
        return await self._shelf.load(identity(found), asker(found))

    async def links(
        self,
        connection: ConnectionId,
        locations: Sequence[Location],
        expires_s: int,
        **request: Any,
    ) -> list[str]:
        """Links that let anybody read objects of one bucket for so many seconds, or make another
        `request`: see `signed_links`.

        Raises CredentialsError without keys, NotFoundError when the connection was removed, and
        NotSupportedError where nothing is reached by links.
        """
        if not locations:
            return []
        store = await self.get(connection)
        found, source = self._find(connection), self._sources.get(connection)
        if found is None or source is None:
            said = tr("There are no links to what this connection shows.")
            raise NotSupportedError(said, operation="link", location=locations[0])
        region = await _region_of(store, locations[0].bucket) if found.is_aws else ""
        # It needs the byte path, which the store has loaded.
        from s4desk.core.store.links import signed_links  # noqa: PLC0415

        return await signed_links(found, source, locations, expires_s, region=region, **request)

    async def probe(
        self,
        connection: ConnectionId,
        place: Prefix,
        *,
        is_read_only: bool = False,
        told: Callable[[int, int], None] | None = None,
    ) -> CapabilityReport:
        """Find out by experiment what the store can do, and rely on it from now on.

        Unless it only reads it writes a little under `place`, and removes what it wrote, whatever
        happens; `told` gets the number of experiments that have ended, and of all. Raises
        NotFoundError when the connection was removed, and the StoreErrors that stand in the way.
        """
        store = await self.get(connection)
        found = self._find(connection)
        if found is None:
            raise NotFoundError(f"no connection {connection}", operation="probe")
        pool = await self._byte_path()
        # It needs the byte path, which is loaded by now.
        from s4desk.core.store import probe_session  # noqa: PLC0415

        if _is_s3(found):
            report = await probe_session.probe_connection(
                found, self._secrets, pool, place, is_read_only=is_read_only, told=told
            )
        else:
            report = await probe_session.probe_store(
                store, identity(found), place, is_read_only=is_read_only, told=told
            )
        self._probed[connection] = report
        if self._shelf is not None:
            endpoints = {identity(self.reached(each)) for each in self._connections.all()}
            try:
                self._probed[connection] = await self._shelf.keep(report, asker(found), endpoints)
            except LocalFileError as error:
                log.warning("what was probed is not kept: %s", error)
        capabilities = self._capabilities.setdefault(connection, known(found))
        rely_on(self._probed[connection], capabilities, SystemClock().now())
        return report_of(found, capabilities, self._probed[connection])

    async def server_version(self, connection: ConnectionId) -> str:
        """What the store calls itself now. Raises as `probe` does."""
        found = self._find(connection)
        if found is None:
            raise NotFoundError(f"no connection {connection}", operation="server")
        if not _is_s3(found):
            return ""
        pool = await self._byte_path()
        # As in `probe`.
        from s4desk.core.store.probe_session import open_door  # noqa: PLC0415

        door = await open_door(found, self._secrets, pool)
        try:
            return await door.server()
        finally:
            await door.aclose()

    def _find(self, connection: ConnectionId) -> Connection | None:
        found = self._connections.get(connection)
        return None if found is None else self.reached(found)

    async def _recall(self, connection: Connection, capabilities: Capabilities) -> None:
        """Take up what was probed in an earlier run."""
        if self._shelf is None:
            return
        report = await self._shelf.load(identity(connection), asker(connection))
        if report is not None:
            self._probed[connection.id] = report
            rely_on(report, capabilities, SystemClock().now())

    async def forget(self, connection: ConnectionId) -> None:
        """Close the store of a connection that was edited or removed; the next `get` opens anew.

        What was probed is forgotten too: it may be another store now.
        """
        async with self._opening[connection]:
            store = self._stores.pop(connection, None)
            self._capabilities.pop(connection, None)
            self._probed.pop(connection, None)
            self._sources.pop(connection, None)
        if store is not None:
            await store.aclose()

    async def warm_up(self) -> None:
        """Load all of the S3 libraries, in a thread. Call it after the first paint."""
        await in_thread(_load_byte_path)
        await in_thread(crc.load)
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
        pool = await self._byte_path()
        # Loaded already, in a thread: importing it here costs nothing.
        from s4desk.core.store.retry import ATTEMPTS  # noqa: PLC0415
        from s4desk.core.store.session import open_store  # noqa: PLC0415

        def took(source: CredentialSource) -> None:
            if secrets is self._secrets:  # nobody asks how long the keys of a trial last
                self._sources[connection.id] = source

        return await open_store(
            connection,
            secrets,
            pool,
            took=took,
            bodies=self._bodies,
            paces=self._bandwidth.paces(connection.id),
            capabilities=capabilities,
            attempts=attempts or ATTEMPTS,
        )

    async def _byte_path(self) -> WirePool:
        await in_thread(_load_byte_path)
        # As above.
        from s4desk.core.store.session import WirePool  # noqa: PLC0415

        if self._pool is None:
            self._pool = WirePool(bulk=self._bodies.size)
        return self._pool


async def _region_of(store: Store, bucket: str) -> str:
    """AWS alone has buckets of one connection in several regions; empty where it does not tell."""
    try:
        return (await store.head_bucket(bucket)).region
    except StoreError:
        return ""


def _is_s3(connection: Connection) -> bool:
    return _scheme(connection) in ("", "http", "https")


def _scheme(connection: Connection) -> str:
    return connection.endpoint.partition(":")[0].lower()


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
