"""How an error names what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Location
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.domain.errors import SourceChangedError, StoreError


def object_of(error: StoreError) -> str:
    """The object, as it may be typed: `NAME:bucket/key`, where the connection is known. What a
    failover group was asked for is an object of the group, whoever had it."""
    if error.location is None:
        return tr("the store")
    asked = error.connection.name if error.connection is not None else ""
    return f"“{_place(error.location, error.group or asked)}”"


def source_of(error: SourceChangedError) -> str:
    """A path, or an object as above."""
    if isinstance(error.source, Location):
        asked = error.connection.name if error.connection is not None else ""
        return f"“{_place(error.source, asked)}”"
    return str(error.source)


def _place(location: Location, name: str) -> str:
    return f"{name}:{location.path}" if name else str(location)


def bucket_of(error: StoreError) -> str:
    return error.location.bucket if error.location is not None else ""
