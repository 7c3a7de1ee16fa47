"""Whether what two stores have under one name is the same object, as far as they tell."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.replication.stamp import stamp_of

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.failover.member import Member

MOST: Final = 4096
_OF_BYTES: Final = re.compile(r"[0-9a-f]{32}(-[0-9]{1,5})?")
"""An ETag that is made of the bytes, and of how they were cut into parts."""


def is_twin(one: ObjectMeta, other: ObjectMeta) -> bool:
    """Whether two objects have the same bytes: by the sums that both stores keep, by ETags, or
    because one is the replica that was made of the other. What nobody proves is not so."""
    if one.size != other.size:
        return False
    first, second = _sum(one), _sum(other)
    if first and second and first[0] == second[0]:
        return first == second
    if one.etag == other.etag:
        return _OF_BYTES.fullmatch(one.etag) is not None
    stamps = stamp_of(one), stamp_of(other)
    origins = [each.etag for each in stamps if each is not None and each.etag]
    is_of_one = len(origins) == len(stamps) and len(set(origins)) == 1
    return is_of_one or is_made_of(one, other) or is_made_of(other, one)


def _sum(meta: ObjectMeta) -> tuple[str, str] | None:
    """The algorithm and the value of what a store keeps of all bytes of an object."""
    kept = meta.checksum
    return (kept.algorithm, kept.value) if kept is not None and kept.is_full else None


def is_made_of(replica: ObjectMeta, original: ObjectMeta) -> bool:
    stamp = stamp_of(replica)
    return stamp is not None and bool(stamp.etag) and stamp.etag == original.etag


def written(there: ObjectMeta) -> datetime | None:
    """When an object was, or what it is the replica of."""
    stamp = stamp_of(there)
    if stamp is None or stamp.modified is None:
        return there.modified
    try:
        return datetime.fromtimestamp(stamp.modified, UTC)
    except (ValueError, OverflowError, OSError):
        # Anybody may write metadata.
        return there.modified


class Twins:
    """What members have told of objects lately, and what the group calls them.

    The group has one ETag for an object wherever it reads it, and one time: those of the original,
    which a replica is stamped with. Version ids are those of the first backend, and no other's.
    Objects are kept as their members tell of them, with the names that buckets have there.
    """

    def __init__(self, home: ConnectionId) -> None:
        self._home = home
        self._seen: OrderedDict[Location, dict[ConnectionId, ObjectMeta]] = OrderedDict()
        self._givers: dict[Location, ConnectionId] = {}

    def note(self, location: Location, member: Member, there: ObjectMeta) -> ObjectMeta:
        """A member has `there` at what is `location` in the group; all that is known of it."""
        told = self._seen.setdefault(location, {})
        before = told.get(member.id)
        if before is not None and (before.etag, before.size) == (there.etag, there.size):
            # Of a range a store does not say what it keeps of the whole.
            there = replace(there, checksum=there.checksum or before.checksum)
        told[member.id] = there
        self._seen.move_to_end(location)
        if len(self._seen) > MOST:
            self._givers.pop(self._seen.popitem(last=False)[0], None)
        return there

    def gave(self, location: Location, member: Member) -> None:
        """Whoever looked at this object, or read it, had it from this member."""
        if self.known_at(location, member) is not None:
            self._givers[location] = member.id

    def giver(self, location: Location) -> ConnectionId | None:
        """Who gave it last: what belongs to it is that of the same member."""
        return self._givers.get(location)

    def forget(self, location: Location) -> None:
        """It was written, or deleted."""
        self._seen.pop(location, None)
        self._givers.pop(location, None)

    def lost(self, location: Location, member: Member) -> None:
        """A member has no object there."""
        self._seen.get(location, {}).pop(member.id, None)
        if self.giver(location) == member.id:
            del self._givers[location]

    def shown(self, location: Location, member: Member, there: ObjectMeta) -> ObjectMeta:
        """An object as the group shows it: a replica as what it was made of. When that was written
        says whether another is newer; a replica may have come late."""
        if member.id == self._home:
            return replace(there, location=location)
        etag, modified = self._etag(member.id, there), written(there)
        return replace(there, location=location, version=None, etag=etag, modified=modified)

    def known_at(self, location: Location, member: Member) -> ObjectMeta | None:
        return self._seen.get(location, {}).get(member.id)

    def etag_for(self, location: Location, member: Member, there: ObjectMeta, etag: str) -> str:
        """What the object that the group calls `etag` is called at a member that has `there`; ""
        when that is another object, or nobody knows."""
        told = self._seen.get(location, {})
        named = [
            meta
            for backend, meta in told.items()
            if backend != member.id and self._etag(backend, meta) == etag
        ]
        if self._etag(member.id, there) == etag:
            # The name alone proves nothing where somebody else's object has it too.
            is_so = all(is_twin(meta, there) for meta in named)
        else:
            is_so = any(is_twin(meta, there) for meta in named)
        return there.etag if is_so else ""

    def is_that_of_home(self, location: Location, etag: str) -> bool:
        """Whether home has told that its object is called so, and nothing else since."""
        at_home = self._seen.get(location, {}).get(self._home)
        return at_home is not None and at_home.etag == etag

    def is_anothers(self, location: Location, member: Member, etag: str) -> bool:
        """Whether an object is called so because of what another member told."""
        told = self._seen.get(location, {})
        named = [backend for backend, meta in told.items() if self._etag(backend, meta) == etag]
        return bool(named) and member.id not in named

    def _etag(self, backend: ConnectionId, there: ObjectMeta) -> str:
        """At home an ETag is what conditions on writes name, so it is shown as it is."""
        stamp = None if backend == self._home else stamp_of(there)
        return stamp.etag if stamp is not None and stamp.etag else there.etag
