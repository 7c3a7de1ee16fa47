"""Opening a connection for one probe: a store and a door of its own, closed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.store.capabilities import Capabilities
from s4desk.core.store.credentials import completed, credential_source
from s4desk.core.store.findings import identity
from s4desk.core.store.probe import Probe
from s4desk.core.store.probe_door import WireDoor
from s4desk.core.store.session import open_store
from s4desk.core.store.way import find_way

if TYPE_CHECKING:
    from s4desk.core.domain.capability import CapabilityReport
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.store.probe import Told
    from s4desk.core.store.protocol import Store
    from s4desk.core.store.secrets import SecretReader
    from s4desk.core.wire.pool import WirePool

ATTEMPTS = 3


async def open_door(connection: Connection, secrets: SecretReader, pool: WirePool) -> WireDoor:
    """Raises CredentialsError."""
    connection = await completed(connection)
    credentials = await credential_source(connection, secrets)
    return WireDoor(connection, credentials, pool, await find_way(connection, secrets))


async def probe_connection(
    connection: Connection,
    secrets: SecretReader,
    pool: WirePool,
    place: Prefix,
    *,
    is_read_only: bool = False,
    told: Told | None = None,
) -> CapabilityReport:
    """Probe with requests of its own, so that nobody relies on what is only being tried.

    Raises what `Probe.run` raises, and CredentialsError.
    """
    trial = Capabilities()
    door = await open_door(connection, secrets, pool)
    store = await open_store(connection, secrets, pool, capabilities=trial, attempts=ATTEMPTS)
    try:
        probe = Probe(store, trial, place, door=door, told=told)
        return await probe.run(is_read_only=is_read_only, endpoint=identity(connection))
    finally:
        await store.aclose()
        await door.aclose()


async def probe_store(
    store: Store,
    endpoint: str,
    place: Prefix,
    *,
    is_read_only: bool = False,
    told: Told | None = None,
) -> CapabilityReport:
    """Probe a store that is not reached over the network: what needs that stays unknown."""
    probe = Probe(store, Capabilities(), place, told=told)
    return await probe.run(is_read_only=is_read_only, endpoint=endpoint)
