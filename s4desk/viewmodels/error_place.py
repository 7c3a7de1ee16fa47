"""How an error names what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.errors import SourceChangedError, StoreError


def object_of(error: StoreError) -> str:
    """The object, as it may be typed: `NAME:bucket/key`, where the connection is known."""
    if error.location is None:
        return tr("the store")
    return f"“{_place(error.location, error.connection)}”"


def source_of(error: SourceChangedError) -> str:
    """A path, or an object as above."""
    if isinstance(error.source, Location):
        return f"“{_place(error.source, error.connection)}”"
    return str(error.source)


def _place(location: Location, connection: Connection | None) -> str:
    if connection is None or not connection.name:
        return str(location)
    return f"{connection.name}:{location.path}"


def bucket_of(error: StoreError) -> str:
    return error.location.bucket if error.location is not None else ""
