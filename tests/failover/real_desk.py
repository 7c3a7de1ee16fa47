"""A desk with a group of two real stores, as the program has it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialReference,
    Credentials,
    group_connection,
)
from s4desk.core.domain.failover import TIMEOUT_S, Backend, FailoverGroup
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.secrets import Keychain
from tests.persist.fakes import FakeKeyring

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from s4desk.core.desk import Desk
    from tests.servers.endpoint import Endpoint

HOME, OTHER, GROUP = (ConnectionId(name) for name in ("home", "other", "group"))


@asynccontextmanager
async def opened(
    folder: Path, home: Endpoint, other: Endpoint, timeout_s: float = TIMEOUT_S
) -> AsyncIterator[Desk]:
    keyring = FakeKeyring()
    desk = build_desk(folders_under(folder), secrets=Keychain(lambda: keyring))
    for id_, endpoint in ((HOME, home), (OTHER, other)):
        await desk.secrets.keep(id_, Credentials(endpoint.access_key, endpoint.secret_key))
        await desk.connections.add(
            Connection(
                id_,
                str(id_),
                endpoint.url,
                endpoint.region,
                Addressing.PATH,
                CredentialReference(),
            )
        )
    members = Backend(HOME), Backend(OTHER)
    group = FailoverGroup(members, timeout_s=timeout_s)
    await desk.connections.add(group_connection(GROUP, "Group", group))
    await desk.open()
    try:
        yield desk
    finally:
        await desk.aclose()
