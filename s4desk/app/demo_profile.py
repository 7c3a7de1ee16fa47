"""The profile of `--demo`: a home of its own while the demo runs, and nothing of the user's."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.paths import folders_under
from s4desk.app.wiring import build_desk
from s4desk.core.domain.connection import Addressing, Connection, Credentials
from s4desk.core.persist.connections import new_connection_id
from s4desk.core.persist.secrets import Keychain, no_keyring
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s4desk.app.demo.launch import DemoServer
    from s4desk.core.desk import Desk


@contextmanager
def demo_desk() -> Iterator[Desk]:
    """A desk in a temporary home, deleted at the end; its secrets are in memory only."""
    with tempfile.TemporaryDirectory(prefix="s4desk-demo-", ignore_cleanup_errors=True) as home:
        secrets = Keychain(no_keyring(tr("The demo does not use the keyring.")))
        yield replace(build_desk(folders_under(Path(home)), secrets=secrets), is_passing=True)


async def add_demo_connection(desk: Desk, server: DemoServer) -> Connection:
    """Make the connection to a demo server that runs."""
    connection = Connection(
        id=new_connection_id(),
        name=tr("Demo"),
        endpoint=server.url,
        region=server.region,
        addressing=Addressing.PATH,
    )
    await desk.secrets.keep(connection.id, Credentials(server.access_key, server.secret_key))
    await desk.connections.add(connection)
    return connection
