"""Objects in stores that were copied from what may be older than it should be.

A file of that kind is dated as the object that it came of. A store dates what it gets itself: what
was written while the first backend of a group was down looks newer than anything that was there,
and a sync by times would leave it for ever. So this computer remembers which objects these are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.transfer.inventory import Held

_INTENDED: Final = "?"
"""No ETag begins so, or has one."""
_OF_BYTES: Final = re.compile(r"[0-9a-f]{32}")
_PARTS: Final = "-"


def intended(source: ObjectMeta) -> str:
    """What is said of a copy of this until it is known to be there: its size, and the ETag that it
    gets if that is made of the bytes, and it goes in one piece."""
    etag = source.etag if _OF_BYTES.fullmatch(source.etag) else ""
    return f"{_INTENDED}{source.size}{_INTENDED}{etag}"


def _may_be(mark: str, held: Held) -> bool:
    """Whether something at its key may be the copy that was intended."""
    _, size, etag = mark.split(_INTENDED)
    listed = "" if held.meta is None else held.meta.etag
    is_named = not etag or not listed or listed == etag or _PARTS in listed
    return is_named and held.size == int(size)


class OlderCopies(Protocol):
    """All that are remembered, in any store.

    What is said of one is the ETag that it got, or what `intended` makes of its source: then what
    is as large may be one, unless its ETag is of other bytes. All but `intend` and `below` may fail
    without a word: what is forgotten too late is looked at once more.
    """

    async def intend(self, target: Address, source: ObjectMeta) -> None:
        """A copy of this is about to be written there: that is on the disk when this returns, so
        that who dies before the reply knows. Raises S4DeskError."""

    async def made(self, target: Address, etag: str) -> None:
        """It was written, and got this ETag."""

    async def below(self, connection: ConnectionId, prefix: Prefix) -> Mapping[str, str]:
        """The ETags of those at and below a prefix, by their keys. Raises S4DeskError."""

    async def settled(self, target: Address) -> None:
        """What is there now is not older than it should be, or was not written by us."""

    async def forget(self, connection: ConnectionId, bucket: str, gone: Mapping[str, str]) -> None:
        """Something else is at these keys, which had these ETags."""


class MemoryOlderCopies:
    """Remembers as long as the object lives, for what need not survive: tests, most of all."""

    def __init__(self) -> None:
        self.etags: dict[tuple[ConnectionId, Location], str] = {}

    async def intend(self, target: Address, source: ObjectMeta) -> None:
        self.etags[target.connection, target.location] = intended(source)

    async def made(self, target: Address, etag: str) -> None:
        self.etags[target.connection, target.location] = etag

    async def below(self, connection: ConnectionId, prefix: Prefix) -> Mapping[str, str]:
        return {
            place.key: etag
            for (id_, place), etag in self.etags.items()
            if id_ == connection
            and place.bucket == prefix.bucket
            and place.key.startswith(prefix.prefix)
        }

    async def settled(self, target: Address) -> None:
        self.etags.pop((target.connection, target.location), None)

    async def forget(self, connection: ConnectionId, bucket: str, gone: Mapping[str, str]) -> None:
        self.etags = {
            (id_, place): etag
            for (id_, place), etag in self.etags.items()
            if (id_, place.bucket, gone.get(place.key)) != (connection, bucket, etag)
        }


class OlderBelow:
    """Those in one folder, for a sync that goes there: asked for once, before it is listed."""

    def __init__(self, copies: OlderCopies, connection: ConnectionId, prefix: Prefix) -> None:
        self._copies = copies
        self._connection = connection
        self._prefix = prefix
        self._etags: Mapping[str, str] = {}
        self._gone: dict[str, str] = {}

    async def load(self) -> None:
        """Raises S4DeskError."""
        self._etags = await self._copies.below(self._connection, self._prefix)

    def has(self, key: str, held: Held | None) -> bool:
        """Whether what is at this key, as a listing has it, is one of them."""
        etag = self._etags.get(key)
        if etag is None:
            return False
        if etag.startswith(_INTENDED):
            # It stays while something else is there: its write may be under way.
            return held is not None and _may_be(etag, held)
        # Not every store tells ETags in its listings.
        listed = "" if held is None or held.meta is None else held.meta.etag or etag
        if listed != etag:
            self._gone[key] = etag
        return listed == etag

    async def tidy(self) -> None:
        """Forget those that are not there any more."""
        if self._gone:
            await self._copies.forget(self._connection, self._prefix.bucket, self._gone)
