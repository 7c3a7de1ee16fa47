"""How an error names what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from s4desk.core.domain.errors import StoreError


def object_of(error: StoreError) -> str:
    """The object, as it may be typed: `NAME:bucket/key`, where the connection is known."""
    if error.location is None:
        return tr("the store")
    if error.connection is None or not error.connection.name:
        return f"“{error.location}”"
    return f"“{error.connection.name}:{error.location.bucket}/{error.location.key}”"


def bucket_of(error: StoreError) -> str:
    return error.location.bucket if error.location is not None else ""
