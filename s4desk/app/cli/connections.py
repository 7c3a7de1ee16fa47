"""`s4desk connections …`: the same book and keyring as the window's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli import prompt
from s4desk.app.cli.places import UsageError, find_connection
from s4desk.core.domain.connection import Addressing, Connection, CredentialKind, Credentials
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.persist.connections import new_connection_id, parse_credential_reference
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.check import check_connection
from s4desk.viewmodels.connection_form import parse_ca_file, parse_region
from s4desk.viewmodels.connection_outcome import describe_outcome
from s4desk.viewmodels.validation import parse_connection_name, parse_endpoint

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk


async def add(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Add a connection; its secret comes from a prompt or stdin, never from the command line."""
    connection = _connection(arguments)
    if desk.connections.by_name(connection.name) is not None:
        raise UsageError(
            tr("There is a connection named “{name}” already.").format(name=connection.name)
        )
    is_kept = connection.credentials.kind is CredentialKind.KEYRING
    if is_kept and not await _keep(desk, connection, console):
        return
    try:
        await desk.connections.add(connection)
    except S4DeskError:
        if is_kept:
            await desk.secrets.forget(connection.id)
        raise
    console.record(_record(connection), tr("Added {name}.").format(name=connection.name))


async def show_all(desk: Desk, _arguments: Namespace, console: Console) -> None:
    for connection in desk.connections.all():
        line = "\t".join(
            (connection.name, connection.endpoint or "AWS", str(connection.credentials))
        )
        console.record(_record(connection), console.name(line))


async def test(desk: Desk, arguments: Namespace, console: Console) -> None:
    connection = find_connection(arguments.name, desk.connections)
    store = await desk.stores.get(connection.id)
    outcome = await check_connection(store, connection)
    record = {
        "type": "test",
        "connection": connection.name,
        "count": outcome.count,
        "seconds": round(outcome.seconds, 6),
    }
    console.record(record, f"{connection.name}: {describe_outcome(outcome)}")


async def remove(desk: Desk, arguments: Namespace, console: Console) -> None:
    connection = find_connection(arguments.name, desk.connections)
    await desk.connections.remove(connection.id)
    console.record(
        {"type": "removed", "connection": connection.name},
        tr("Removed {name}.").format(name=connection.name),
    )


def _connection(arguments: Namespace) -> Connection:
    try:
        credentials = parse_credential_reference(arguments.credentials)
    except ValueError as error:
        raise UsageError(
            tr("--credentials is one of env, keyring, anonymous, profile:NAME.")
        ) from error
    bucket, _, prefix = arguments.start.partition("/")
    return Connection(
        id=new_connection_id(),
        name=parse_connection_name(arguments.name),
        endpoint=parse_endpoint(arguments.endpoint),
        region=parse_region(arguments.region),
        addressing=Addressing(arguments.addressing),
        credentials=credentials,
        ca_file=parse_ca_file(arguments.ca),
        start_bucket=bucket,
        start_prefix=prefix,
    )


async def _keep(desk: Desk, connection: Connection, console: Console) -> bool:
    """Put what is typed into the keyring. This process ends now, so only a keyring helps."""
    credentials = await _read_credentials()
    state = await desk.secrets.keep(connection.id, credentials)
    if not state.usable:
        console.fail(
            tr(
                "{reason} The connection was not added, for its secret would be lost. Use"
                " --credentials env or profile:NAME instead."
            ).format(reason=state.reason)
        )
    return state.usable


async def _read_credentials() -> Credentials:
    if prompt.is_somebody_there():
        key_id = await prompt.ask(tr("Key id: "))
        secret = await prompt.ask_secret(tr("Secret key: "))
        token = await prompt.ask_secret(tr("Session token (empty for none): "))
    else:
        lines = await prompt.read_input()
        key_id, secret, token = (*lines.splitlines(), "", "", "")[:3]
    credentials = Credentials(key_id.strip(), secret.strip(), token.strip())
    if not credentials.key_id or not credentials.secret:
        raise UsageError(tr("Key id and secret are needed: two lines on standard input."))
    return credentials


def _record(connection: Connection) -> dict[str, object]:
    return {
        "type": "connection",
        "name": connection.name,
        "id": connection.id,
        "endpoint": connection.endpoint,
        "region": connection.region,
        "addressing": connection.addressing.value,
        "credentials": str(connection.credentials),
        "ca_file": connection.ca_file,
        "start_bucket": connection.start_bucket,
        "start_prefix": connection.start_prefix,
    }
