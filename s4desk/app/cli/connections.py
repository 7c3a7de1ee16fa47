"""`s4desk connections …`: the same book and keyring as the window's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s4desk.app.cli.connection_options import OTHER_PROVIDER
from s4desk.app.cli.places import UsageError, find_connection
from s4desk.app.cli.secrets import NOTHING, ask_secrets, keep_secrets, with_key_id
from s4desk.app.cli.way_options import way_changes
from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
)
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.providers import PROVIDERS
from s4desk.core.persist.connections import new_connection_id, parse_credential_reference
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.profile_endpoints import profile_endpoint
from s4desk.viewmodels.connection_form import parse_ca_file, parse_region
from s4desk.viewmodels.connection_preset import provider_at, usual_region
from s4desk.viewmodels.exposure_text import exposure_words
from s4desk.viewmodels.validation import parse_connection_name, parse_endpoint

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk


async def add(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Add a connection; its secret comes from a prompt or stdin, never from the command line."""
    is_named = arguments.endpoint is not None or arguments.provider not in (None, OTHER_PROVIDER)
    if not is_named and not await _is_in_profile(arguments.credentials):
        raise UsageError(tr("Name the store: --endpoint URL or --provider P."))
    empty = Connection(new_connection_id(), "")
    connection = _changed(empty, arguments, arguments.name)
    _refuse_taken(desk, connection)
    wants_key = connection.credentials.kind is CredentialKind.KEYRING
    asked = await ask_secrets(empty, connection, wants_key=wants_key)
    connection = with_key_id(connection, asked)
    if not await keep_secrets(desk, connection, asked, console):
        return
    try:
        await desk.connections.add(connection)
    except S4DeskError:
        if asked != NOTHING:
            await desk.secrets.forget(connection.id)
        raise
    await desk.stores.look_up()
    record = _record(connection, desk.stores.reached(connection))
    console.record(record, tr("Added {name}.").format(name=connection.name))


async def edit(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Change what is named; a key is only asked for with `--credentials keyring`."""
    before = find_connection(arguments.name, desk.connections)
    if before.group is not None:
        said = tr("“{name}” is a group: “s4desk group edit” changes it.")
        raise UsageError(said.format(name=before.name))
    connection = _changed(before, arguments, arguments.new_name)
    has_new_key = arguments.credentials == CredentialKind.KEYRING
    if connection == before and not has_new_key:
        raise UsageError(tr("Nothing is to be changed: name what, for example --region."))
    _refuse_taken(desk, connection)
    asked = await ask_secrets(before, connection, wants_key=has_new_key)
    connection = with_key_id(connection, asked)
    if not await keep_secrets(desk, connection, asked, console):
        return
    await desk.connections.edit(connection)
    await desk.stores.look_up()
    record = _record(connection, desk.stores.reached(connection))
    console.record(record, tr("Changed {name}.").format(name=connection.name))


async def show_all(desk: Desk, _arguments: Namespace, console: Console) -> None:
    await desk.stores.look_up()
    for connection in desk.connections.all():
        reached = desk.stores.reached(connection)
        words = exposure_words(reached)
        told = _told(desk, connection, reached)
        line = "\t".join((*told, words) if words else told)
        console.record(_record(connection, reached), console.name(line))


async def remove(desk: Desk, arguments: Namespace, console: Console) -> None:
    connection = find_connection(arguments.name, desk.connections)
    _refuse_backend(desk, connection)
    await desk.connections.remove(connection.id)
    console.record(
        {"type": "removed", "connection": connection.name},
        tr("Removed {name}.").format(name=connection.name),
    )


def _refuse_backend(desk: Desk, connection: Connection) -> None:
    """A group would lose what only this one holds."""
    for each in desk.connections.all():
        if each.group is not None and connection.id in each.group.ids:
            said = tr("“{name}” is a backend of the group “{group}”; take it out of that first.")
            raise UsageError(said.format(name=connection.name, group=each.name))


async def _is_in_profile(credentials: str) -> bool:
    """Whether the keys come from a profile that names the store too; it is asked each time then."""
    reference = _parse_credentials(credentials)
    is_profile = reference.kind is CredentialKind.PROFILE
    return is_profile and bool(await in_thread(profile_endpoint, reference.profile))


def _changed(connection: Connection, arguments: Namespace, name: str | None) -> Connection:
    """The connection with all that the command line says of it."""
    changes = _preset(connection, arguments)
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
    return replace(connection, **changes, **way_changes(arguments))


def _preset(connection: Connection, arguments: Namespace) -> dict[str, Any]:
    """What the provider says; what the command line says itself counts more."""
    if arguments.provider is None:
        is_told = arguments.endpoint is not None and not connection.provider
        return {"provider": provider_at(arguments.endpoint).id} if is_told else {}
    id_ = "" if arguments.provider == OTHER_PROVIDER else arguments.provider
    provider = PROVIDERS[id_]
    region = arguments.region or connection.region or usual_region(provider)
    endpoint = provider.endpoint(region, arguments.account)
    if "{" in endpoint and arguments.endpoint is None:
        raise UsageError(tr("The endpoint names your account: add --account ID."))
    return {
        "provider": id_,
        "endpoint": endpoint or connection.endpoint,
        "region": region,
        "addressing": provider.addressing,
    }


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


def _told(desk: Desk, connection: Connection, reached: Connection) -> tuple[str, ...]:
    if connection.group is not None:
        names = ", ".join(desk.connections.name_of(each) or each for each in connection.group.ids)
        return connection.name, tr("group of {names}").format(names=names)
    return connection.name, reached.endpoint or "AWS", str(connection.credentials)


def _record(connection: Connection, reached: Connection) -> dict[str, object]:
    return {
        "type": "connection",
        "name": connection.name,
        "id": connection.id,
        "provider": connection.provider,
        "endpoint": connection.endpoint,
        "region": connection.region,
        "addressing": connection.addressing.value,
        "credentials": str(connection.credentials),
        "ca_file": connection.ca_file,
        "start_bucket": connection.start_bucket,
        "start_prefix": connection.start_prefix,
        "proxy": connection.proxy or "system",
        "client_certificate": connection.client_certificate,
        "client_key": connection.client_key,
        "verify": connection.verify,
        "leads_to": reached.endpoint,
        "exposure": reached.exposure.value,
    }
