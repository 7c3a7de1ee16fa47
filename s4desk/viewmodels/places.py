"""Where the window is, and where it was."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import ConnectionId, Prefix

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from s4desk.core.domain.query import Query

KEPT_PLACES = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of a bucket at a connection, or the connection's list of buckets.

    With a `query` it is what fits, in the folder and everywhere below. With `versions` it is shown
    with all versions of its objects, with a `moment` as it was then.
    """

    connection: ConnectionId
    prefix: Prefix | None = None
    query: Query | None = None
    versions: bool = False
    moment: datetime | None = None

    @property
    def plain(self) -> Place:
        """The folder, or the list of buckets, however it is looked at."""
        return Place(self.connection, self.prefix)

    def seen_from(self, here: Place | None) -> Place:
        """The same, looked at as the place is from which somebody goes there: with versions within
        a connection, at a moment within a bucket."""
        if here is None or self.prefix is None or self.query is not None or self != self.plain:
            return self
        is_near = here.connection == self.connection and here.prefix is not None
        if not is_near or here.query is not None:
            return self
        is_same = here.prefix is not None and here.prefix.bucket == self.prefix.bucket
        moment = here.moment if is_same else None
        return replace(self, versions=here.versions, moment=moment)

    @property
    def parent(self) -> Place | None:
        """The place above, or None at the list of buckets. Above a search is where it began."""
        if self.query is not None:
            return Place(self.connection, self.prefix)
        if self.prefix is None:
            return None
        if self.prefix.parent is None:
            return Place(self.connection)
        return replace(self, prefix=self.prefix.parent)


def bytes_of(place: Place) -> bytes:
    """A place, of a search its folder, as bytes that `place_of` reads, whatever its names are."""
    prefix = [] if place.prefix is None else [place.prefix.bucket, place.prefix.prefix]
    return json.dumps([place.connection, *prefix]).encode()


def place_of(kept: bytes) -> Place | None:
    """The place that was kept; None for nothing, and for what is none."""
    try:
        connection, *prefix = json.loads(kept)
    except (ValueError, TypeError):
        return None
    if not all(isinstance(text, str) for text in (connection, *prefix)):
        return None
    if len(prefix) == 2:
        return Place(ConnectionId(connection), Prefix(*prefix).folder)
    return Place(ConnectionId(connection)) if not prefix else None


def bytes_of_all(places: Iterable[Place]) -> bytes:
    """Places as bytes that `places_of` reads."""
    return b"\n".join(map(bytes_of, places))


def places_of(kept: bytes) -> list[Place]:
    """The places that were kept, without what is none."""
    return [place for place in map(place_of, kept.splitlines()) if place is not None]


class History:
    """The places that were visited, and the one that is shown, as a browser keeps them."""

    def __init__(self) -> None:
        self._past: list[Place] = []
        self._future: list[Place] = []
        self._here: Place | None = None

    @property
    def here(self) -> Place | None:
        return self._here

    @property
    def places(self) -> list[Place]:
        """All that are remembered, the shown one among them."""
        here = [] if self._here is None else [self._here]
        return [*self._past, *here, *self._future]

    @property
    def past(self) -> list[Place]:
        """Those that `back` leads to, the nearest last."""
        return [*self._past]

    @property
    def can_go_back(self) -> bool:
        return bool(self._past)

    @property
    def can_go_forward(self) -> bool:
        return bool(self._future)

    def visit(self, place: Place) -> None:
        """Go to `place`; what lay ahead is forgotten. The place one is at already is no visit."""
        if place == self._here:
            return
        if self._here is not None:
            self._past = [*self._past, self._here][-KEPT_PLACES:]
        self._future.clear()
        self._here = place

    def back(self) -> Place | None:
        """Go one place back and return it; None when there is none."""
        if not self._past or self._here is None:
            return None
        self._future.append(self._here)
        self._here = self._past.pop()
        return self._here

    def forward(self) -> Place | None:
        """Go one place forward and return it; None when there is none."""
        if not self._future or self._here is None:
            return None
        self._past.append(self._here)
        self._here = self._future.pop()
        return self._here

    def forget(self, connection: ConnectionId) -> None:
        """Drop all places of a connection that was removed."""
        self._past = [place for place in self._past if place.connection != connection]
        self._future = [place for place in self._future if place.connection != connection]
        if self._here is not None and self._here.connection == connection:
            self._here = None
