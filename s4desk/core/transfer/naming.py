"""Which connection the object of an error is at: errors of the store know it, ours do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    NotRemovedError,
    NotUndoneError,
    SourceChangedError,
    SourceKeptError,
    StoreError,
)
from s4desk.core.domain.identity import Address

if TYPE_CHECKING:
    from collections.abc import Callable

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import TransferSpec

    ConnectionOf = Callable[[ConnectionId], Connection | None]


def name_connection(error: S4DeskError, spec: TransferSpec, connection_of: ConnectionOf) -> None:
    """Let the error of a transfer say which of its connections it is about."""
    if isinstance(error, NotRemovedError | NotUndoneError):
        name_connection(error.cause, spec, connection_of)
    ends: tuple[object, ...] = (spec.target, spec.source)
    place: object = None
    if isinstance(error, StoreError):
        place = error.location
    elif isinstance(error, SourceChangedError):
        place = error.source
        is_of_target = isinstance(error, SourceKeptError) and error.is_of_target
        ends = ends if is_of_target else (spec.source, spec.target)
    if not isinstance(error, StoreError | SourceChangedError) or error.connection is not None:
        return
    for end in ends:
        if isinstance(end, Address) and end.location == place:
            error.connection = connection_of(end.connection)
            return
