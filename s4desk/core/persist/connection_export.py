"""Connections in a file for another computer: everything but secrets."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import tomli_w

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.persist.connections import (
    UNREADABLE,
    from_entry,
    new_connection_id,
    to_entry,
)
from s4desk.core.persist.offers import Offer, UnusableSourceError
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from s4desk.core.domain.connection import Connection

_FORMAT: Final = "s4desk connections"
_VERSION: Final = 1


def exported(connections: Iterable[Connection]) -> bytes:
    """The file's content. Ids stay here: who imports it makes connections of their own. And so do
    failover groups, which are made of ids."""
    entries = []
    for connection in connections:
        if connection.group is not None:
            continue
        entry = to_entry(connection)
        del entry["id"]
        entries.append(entry)
    document = {"format": _FORMAT, "version": _VERSION, "connections": entries}
    return tomli_w.dumps(document).encode("utf-8")


def file_offers(path: Path) -> list[Offer]:
    """What an exported file holds. It blocks. Raises LocalFileError, UnusableSourceError."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise LocalFileError(path, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnusableSourceError(_no_export(path)) from error
    entries = document.get("connections")
    if document.get("format") != _FORMAT or not isinstance(entries, list):
        raise UnusableSourceError(_no_export(path))
    if document.get("version") != _VERSION:
        said = tr("{file} was written by a newer version of s4desk.")
        raise UnusableSourceError(said.format(file=path))
    return [_offer(entry) for entry in entries]


def _no_export(path: Path) -> str:
    return tr("{file} is not a file that “Export Connections” has written.").format(file=path)


def _offer(entry: Any) -> Offer:
    try:
        connection = from_entry({**entry, "id": new_connection_id()})
    except UNREADABLE as error:
        name = entry.get("name", "?") if isinstance(entry, dict) else "?"
        return Offer(str(name), problem=tr("It cannot be read: {error}").format(error=error))
    if connection.group is not None:
        said = tr("A failover group cannot be taken over: make it anew of its members.")
        return Offer(connection.name, problem=said)
    if connection.verify:
        return Offer(connection.name, connection)
    # Who leaves the store's certificate unverified decides that on each computer.
    return Offer(connection.name, replace(connection, verify=True), left_out=("verify = false",))
