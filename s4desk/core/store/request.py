"""What passes through the one hook of a wrapped store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from s4desk.core.domain.identity import Location
from s4desk.core.store.protocol import Moved

T = TypeVar("T")
Call = Callable[[Moved | None], Awaitable[T]]
"""Makes the request; what it is given is told of the bytes that move."""


class Request(NamedTuple):
    """What is asked of a store. `operation` is the protocol's name of it; `has_body` says that it
    moves an object's bytes, `is_small` that they are few, and `is_glance` that a person waits to
    see them."""

    operation: str
    bucket: str = ""
    key: str = ""
    has_body: bool = False
    is_small: bool = False
    is_glance: bool = False

    @property
    def location(self) -> Location:
        return Location(self.bucket, self.key)


def at(operation: str, location: Location, *, has_body: bool = False) -> Request:
    """A request for one object."""
    return Request(operation, location.bucket, location.key, has_body)
