"""`s4desk connections …`: the same book and keyring as the window's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s4desk.app.cli import prompt
from s4desk.app.cli.places import UsageError, find_connection
from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
    Credentials,
)
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
    connection = _changed(Connection(new_connection_id(), ""), arguments, arguments.name)
    _refuse_taken(desk, connection)
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


async def edit(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Change what is named; a key is only asked for with `--credentials keyring`."""
    before = find_connection(arguments.name, desk.connections)
    connection = _changed(before, arguments, arguments.new_name)
    has_new_key = arguments.credentials == CredentialKind.KEYRING
    if connection == before and not has_new_key:
        raise UsageError(tr("Nothing is to be changed: name what, for example --region."))
    _refuse_taken(desk, connection)
    if has_new_key and not await _keep(desk, connection, console):
        return
    await desk.connections.edit(connection)
    console.record(_record(connection), tr("Changed {name}.").format(name=connection.name))


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


def _changed(connection: Connection, arguments: Namespace, name: str | None) -> Connection:
    """The connection with all that the command line says of it."""
    changes: dict[str, Any] = {}
    for field, word, parse in (
        ("name", name, parse_connection_name),
        ("endpoint", arguments.endpoint, parse_endpoint),
        ("region", arguments.region, parse_region),
        ("addressing", arguments.addressing, Addressing),
        ("credentials", arguments.credentials, _parse_credentials),
        ("ca_file", arguments.ca, parse_ca_file),
    ):
        if word is not None:
            changes[field] = parse(word)
    if arguments.start is not None:
        changes["start_bucket"], _, changes["start_prefix"] = arguments.start.partition("/")
    return replace(connection, **changes)


def _parse_credentials(text: str) -> CredentialReference:
    try:
        return parse_credential_reference(text)
    except ValueError as error:
        raise UsageError(
            tr("--credentials is one of env, keyring, anonymous, profile:NAME.")
        ) from error


def _refuse_taken(desk: Desk, connection: Connection) -> None:
    other = desk.connections.by_name(connection.name)
    if other is not None and other.id != connection.id:
        raise UsageError(
            tr("There is a connection named “{name}” already.").format(name=other.name)
        )


async def _keep(desk: Desk, connection: Connection, console: Console) -> bool:
    """Put what is typed into the keyring. This process ends now, so only a keyring helps."""
    credentials = await _read_credentials()
    state = await desk.secrets.keep(connection.id, credentials)
    if not state.usable:
        console.fail(
            tr(
                "{reason} Nothing was kept, for the secret would be lost. Use"
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
