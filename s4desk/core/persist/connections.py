"""The connections a person has made: `connections.toml`, without any secret."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import fields
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    ConnectionLimits,
    CredentialKind,
    CredentialReference,
    led_by,
)
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.persist.group_entry import from_group_entry, to_group_entry
from s4desk.core.persist.toml_file import Document, TomlFile
from s4desk.core.runtime.events import ConnectionsChanged
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from s4desk.core.persist.secrets import Keychain
    from s4desk.core.runtime.events import EventBus

log = logging.getLogger(__name__)

MIGRATIONS: list[Callable[[Document], Document]] = []
_TEXTS = (
    "provider",
    "endpoint",
    "region",
    "ca_file",
    "start_bucket",
    "start_prefix",
    "key_id",
    "proxy",
    "client_certificate",
    "client_key",
)
UNREADABLE = (KeyError, TypeError, ValueError)
_LIMITS = tuple(field.name for field in fields(ConnectionLimits))


def new_connection_id() -> ConnectionId:
    return ConnectionId(uuid4().hex)


class ConnectionBook:
    """All connections, in the order they were added. Names are unique, whatever their case.

    Another process may write the file too (the headless verbs beside the window), so each change
    is made to what the file holds now, and nobody else comes in between.
    """

    def __init__(self, path: Path, events: EventBus, secrets: Keychain) -> None:
        self._file = TomlFile(path, MIGRATIONS)
        self._events = events
        self._secrets = secrets
        self._changing = asyncio.Lock()
        self._broken = 0
        self._connections: dict[ConnectionId, Connection] = {}
        self._take(self._file.load())

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        if self._file.notice or not self._broken:
            return self._file.notice
        return tr_n(
            "{count} connection in {file} cannot be read and is not shown.",
            "{count} connections in {file} cannot be read and are not shown.",
            self._broken,
        ).format(count=self._broken, file=self._file.path)

    @property
    def path(self) -> Path:
        return self._file.path

    def all(self) -> list[Connection]:
        return list(self._connections.values())

    def get(self, connection: ConnectionId) -> Connection | None:
        return self._connections.get(connection)

    def name_of(self, connection: ConnectionId) -> str:
        """Empty for one that was removed."""
        found = self.get(connection)
        return "" if found is None else found.name

    def by_name(self, name: str) -> Connection | None:
        wanted = name.casefold()
        return next((c for c in self.all() if c.name.casefold() == wanted), None)

    async def add(self, connection: Connection) -> None:
        """Raises ValidationError when the name is taken."""
        await self._change(lambda document: _put(document, connection), connection)

    async def add_all(self, connections: Sequence[Connection]) -> None:
        """Add them in one change, all or none. Raises ValidationError when a name is taken."""
        for connection in connections:
            _refuse_undecodable(connection)
        await self._apply(lambda document: _append(document, connections))

    async def edit(self, connection: Connection) -> None:
        """Replace the connection of that id. Its key goes when it no longer uses the keyring."""
        await self._change(lambda document: _put(document, connection), connection)
        if connection.credentials.kind is not CredentialKind.KEYRING:
            await self._secrets.forget_key(connection.id)

    async def remove(self, connection: ConnectionId) -> None:
        """Forget a connection and its secrets."""
        await self._change(lambda document: _drop(document, connection))
        await self._secrets.forget(connection)

    async def refresh(self) -> None:
        """Read what another process has written, and tell if that changed something.

        What cannot be read changes nothing.
        """
        async with self._changing:
            before = self._connections
            try:
                self._take(await in_thread(self._file.read))
            except (OSError, ValueError) as error:
                log.info("%s cannot be read now: %s", self._file.path, error)
                return
        if self._connections != before:
            self._events.publish(ConnectionsChanged())

    async def _change(
        self, change: Callable[[Document], None], connection: Connection | None = None
    ) -> None:
        def changed(document: Document) -> None:
            if connection is not None:
                _refuse_taken_name(document, connection)
            change(document)

        if connection is not None:
            _refuse_undecodable(connection)
        await self._apply(changed)

    async def _apply(self, change: Callable[[Document], None]) -> None:
        async with self._changing:
            self._take(await in_thread(self._file.change, change))
        self._events.publish(ConnectionsChanged())

    def _take(self, document: Document) -> None:
        self._connections, self._broken = {}, 0
        for entry in _entries(document):
            try:
                connection = from_entry(entry)
            except UNREADABLE as error:
                log.warning("a connection in %s cannot be read: %r", self._file.path, error)
                self._broken += 1
            else:
                self._connections[connection.id] = connection
        for group in self.all():
            home = None if group.group is None else self.get(group.group.backends[0].connection)
            if home is not None:
                self._connections[group.id] = led_by(group, home)


def _append(document: Document, connections: Sequence[Connection]) -> None:
    taken = {str(entry.get("name", "")).casefold() for entry in _entries(document)}
    for connection in connections:
        if connection.name.casefold() in taken:
            raise ValidationError(_taken_name(connection.name))
        taken.add(connection.name.casefold())
    document["connections"].extend(to_entry(connection) for connection in connections)


def _taken_name(name: str) -> str:
    return tr("There is a connection named “{name}” already.").format(name=name)


def _refuse_taken_name(document: Document, connection: Connection) -> None:
    wanted = connection.name.casefold()
    for entry in _entries(document):
        with contextlib.suppress(*UNREADABLE):
            other = from_entry(entry)
            if other.id != connection.id and other.name.casefold() == wanted:
                raise ValidationError(_taken_name(other.name))


def _entries(document: Document) -> list[dict[str, Any]]:
    entries = document.setdefault("connections", [])
    return [entry for entry in entries if isinstance(entry, dict)]


def _put(document: Document, connection: Connection) -> None:
    fresh = to_entry(connection)
    for entry in _entries(document):
        if entry.get("id") == connection.id:
            for name in (*_TEXTS, *_LIMITS, "verify", "group"):
                entry.pop(name, None)
            entry.update(fresh)
            return
    document["connections"].append(fresh)


def _drop(document: Document, connection: ConnectionId) -> None:
    document["connections"] = [
        entry for entry in _entries(document) if entry.get("id") != connection
    ]


def to_entry(connection: Connection) -> dict[str, Any]:
    """What the file holds of a connection; never a secret."""
    values = {name: getattr(connection, name) for name in _TEXTS}
    values |= {name: getattr(connection.limits, name) for name in _LIMITS}
    return {
        "id": connection.id,
        "name": connection.name,
        "addressing": connection.addressing.value,
        "credentials": str(connection.credentials),
        **{name: value for name, value in values.items() if value},
        **({} if connection.verify else {"verify": False}),
        **({} if connection.group is None else {"group": to_group_entry(connection.group)}),
    }


def from_entry(entry: dict[str, Any]) -> Connection:
    """Raises one of `UNREADABLE` for what is no connection."""
    texts: dict[str, Any] = {name: _text(entry.get(name, "")) for name in _TEXTS}
    return Connection(
        id=ConnectionId(_text(entry["id"])),
        name=_text(entry["name"]),
        addressing=Addressing(entry.get("addressing", Addressing.AUTO)),
        credentials=parse_credential_reference(_text(entry.get("credentials", "keyring"))),
        limits=ConnectionLimits(**{name: _count(entry.get(name, 0)) for name in _LIMITS}),
        verify=_flag(entry.get("verify", True)),
        group=from_group_entry(entry["group"]) if "group" in entry else None,
        **texts,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


def _flag(value: object) -> bool:
    """Nothing but a plain `false` turns something off."""
    if not isinstance(value, bool):
        raise TypeError(f"neither true nor false: {value!r}")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"not a number of things: {value!r}")
    return value


def parse_credential_reference(text: str) -> CredentialReference:
    """Read `keyring`, `env`, `anonymous` or `profile:NAME`; raises ValueError for anything else."""
    kind, _, profile = text.partition(":")
    reference = CredentialReference(CredentialKind(kind), profile)
    if bool(profile) is not (reference.kind is CredentialKind.PROFILE):
        raise ValueError(text)
    return reference


def _refuse_undecodable(connection: Connection) -> None:
    for text in (connection.name, *(getattr(connection, name) for name in _TEXTS)):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValidationError(tr("A connection is described in Unicode text.")) from error
