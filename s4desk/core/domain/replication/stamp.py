"""By what a replica of ours is known as one.

`x-amz-replication-status` is a header that only the server may set, so ours is user metadata. It
says of which object it is the replica, and for which place it was made: a copy that somebody makes
of a replica, to bring lost data home for one, takes the metadata along and is none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Generation, VersionId
from s4desk.core.domain.replication.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta

STORES_OWN: Final = "x-amz-replication-status"
_STATUS: Final = "s4desk-replication-status"
_ETAG: Final = "s4desk-replication-etag"
_VERSION: Final = "s4desk-replication-version"
_GENERATION: Final = "s4desk-replication-generation"
_PLACE: Final = "s4desk-replication-place"
_SIZE: Final = "s4desk-replication-size"
_MODIFIED: Final = "s4desk-replication-modified"
NAMES: Final = frozenset({_STATUS, _ETAG, _VERSION, _GENERATION, _PLACE, _SIZE, _MODIFIED})
_PLACE_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which object a replica was made of, and by the how-manieth write that was seen. Its `size` in
    bytes is None on replicas of former days, and so is when it was `modified`, by the clock of its
    store in whole seconds since the epoch."""

    etag: str
    version: VersionId | None
    generation: Generation
    size: int | None = None
    modified: int | None = None


def stamp_for(source: ObjectMeta, version: VersionId | None, generation: Generation) -> Stamp:
    """That of the replica of an object as it is now."""
    at = source.modified
    modified = None if at is None else int(at.timestamp())
    return Stamp(source.etag, version, generation, source.size, modified)


def stamped(metadata: Mapping[str, str], stamp: Stamp, place: Location) -> dict[str, str]:
    """The metadata of the replica at `place` of an object that has `metadata`."""
    told = {
        _STATUS: str(Status.REPLICA),
        _ETAG: stamp.etag,
        _GENERATION: str(stamp.generation),
        _PLACE: _place(place),
    }
    if stamp.version:
        told[_VERSION] = stamp.version
    if stamp.size is not None:
        told[_SIZE] = str(stamp.size)
    if stamp.modified is not None:
        told[_MODIFIED] = str(stamp.modified)
    return unstamped(metadata) | told


def unstamped(metadata: Mapping[str, str]) -> dict[str, str]:
    """Metadata without what makes a replica of it."""
    return {name: value for name, value in metadata.items() if name.lower() not in NAMES}


def stamp_of(there: ObjectMeta) -> Stamp | None:
    """What was stamped on an object; None for one that is no replica of ours, or a copy of one."""
    told = {name.lower(): value for name, value in there.attributes.metadata.items()}
    if told.get(_STATUS) != Status.REPLICA or told.get(_PLACE) != _place(there.location):
        return None
    return Stamp(
        told.get(_ETAG, ""),
        VersionId(told.get(_VERSION, "")) or None,
        Generation(_number(told.get(_GENERATION)) or 0),
        _number(told.get(_SIZE)),
        _number(told.get(_MODIFIED)),
    )


def is_replica(there: ObjectMeta) -> bool:
    """Whether somebody made it as a replica: we, or the store itself. It is never replicated on,
    unless it was written since."""
    return is_stores_own(there) or stamp_of(there) is not None


def is_stores_own(there: ObjectMeta) -> bool:
    """Whether the store itself has made it as a replica."""
    return there.headers.get(STORES_OWN, "").upper() == Status.REPLICA


def _number(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdecimal()
    return int(text) if text is not None and is_number else None


def _place(location: Location) -> str:
    name = f"{location.bucket}/{location.key}".encode(errors="surrogateescape")
    return hashlib.sha256(name).hexdigest()[: 2 * _PLACE_BYTES]
