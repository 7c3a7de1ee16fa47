"""What goes along with the bytes of a copy: headers, metadata, tags, storage class, lock."""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.errors import (
    InvalidRequestError,
    MalformedReplyError,
    NotKeptError,
    NotSupportedError,
    PermissionDeniedError,
)
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.objects import NO_ATTRIBUTES, NO_METADATA, Attributes
from s4desk.core.domain.properties import is_all_told, spelling_for_others, spelling_of
from s4desk.core.domain.replication.stamp import unstamped
from s4desk.core.domain.transfer import CARRIED
from s4desk.core.wire.listing import STANDARD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.store.protocol import ObjectStore

log = logging.getLogger(__name__)
T = TypeVar("T")

TAG_COUNT = "x-amz-tagging-count"
_APART = ("storage_class", "tags", "lock", "encryption", "spelling")
_PLAIN = tuple(field.name for field in fields(Attributes) if field.name not in _APART)


class Belongings:
    """What belongs to one object and goes along with its copy, as the spec chooses."""

    def __init__(
        self, spec: TransferSpec, origin: ObjectStore, source: ObjectMeta, now: datetime
    ) -> None:
        self._spec = spec
        self._origin = origin
        self._source = source
        self._now = now
        self._tags: Mapping[str, str] | None = None
        self._left_behind: set[str] = set()
        self._untold: set[str] = set()

    @property
    def left_behind(self) -> list[str]:
        """What was to go along with a copy and did not, once it is settled: names of attributes."""
        return sorted(self._left_behind)

    @property
    def untold(self) -> tuple[str, ...]:
        """What of that the source did not tell; the rest was not taken, or not kept."""
        return tuple(sorted(self._untold))

    @property
    def is_kept_by_itself(self) -> bool:
        """Whether a store that copies need not be told what to keep."""
        return self._spec.attributes == NO_ATTRIBUTES and self._spec.carries == CARRIED

    async def tags(self) -> Mapping[str, str]:
        """Raises PermissionDeniedError when those of an object that is moved may not be read."""
        if self._tags is None:
            self._tags = self._spec.attributes.tags
            if not self._tags and self._spec.carries.tags:
                self._tags = await self._read_tags()
        return self._tags

    async def _read_tags(self) -> Mapping[str, str]:
        source = self._source
        try:
            return await read_tags(self._origin, source.location, source.version)
        except (PermissionDeniedError, MalformedReplyError) as error:
            # A store that has never heard of tags may answer with the object itself.
            if self._spec.removes_source:
                raise
            log.info("the tags of %s cannot be read and stay behind: %s", source.location, error)
            if isinstance(error, PermissionDeniedError) and _may_have_tags(source):
                self._left_behind.add("tags")
                self._untold.add("tags")
            return NO_METADATA

    async def attributes(self) -> Attributes:
        return carried_attributes(self._spec, self._source, await self.tags(), self._now)

    async def written_with(self, write: Callable[[Attributes], Awaitable[T]]) -> T:
        """Write with tags; where that is refused and no harm, without."""
        attributes = await self.attributes()
        try:
            return await write(attributes)
        except (NotSupportedError, PermissionDeniedError):
            is_asked = self._spec.removes_source or self._spec.attributes.tags
            if is_asked or not attributes.tags:
                raise
            log.info("%s goes without tags", self._spec.target)
            self._tags = NO_METADATA
            self._left_behind.add("tags")
            return await write(replace(attributes, tags=NO_METADATA))

    async def are_at(self, store: ObjectStore, there: ObjectMeta) -> bool:
        """Whether an object has all of it."""
        if lost(await self.attributes(), there):
            return False
        tags = await read_tags(store, there.location, there.version)
        return dict(tags) == dict(await self.tags())

    async def settle(self, store: ObjectStore, there: ObjectMeta, *, by_itself: bool) -> None:
        """See that all of it has arrived; `by_itself` says that the store made the copy alone.

        Raises NotKeptError for what the store did not keep: of a move anything, else the lock. What
        else did not come along is `left_behind`.
        """
        is_move = self._spec.removes_source
        if by_itself and self.is_kept_by_itself and not is_move:
            return
        tags = await self.tags()
        if is_move:
            if tags or _may_have_tags(there):
                await self._settle_tags(store, there, tags)
        elif tags or (by_itself and not self._spec.carries.tags):
            await self._try_tags(store, there, tags)
        missing = self._lost(await self.attributes(), there)
        if not (by_itself or is_all_told(self._source.headers)) and "metadata" not in missing:
            missing.append("metadata")
            self._untold.add("metadata")
        if missing and (is_move or "lock" in missing):
            raise NotKeptError(", ".join(missing), operation="copy", location=there.location)
        self._left_behind.update(missing)

    def _lost(self, wanted: Attributes, there: ObjectMeta) -> list[str]:
        return lost(wanted, there)

    async def _try_tags(
        self, store: ObjectStore, there: ObjectMeta, tags: Mapping[str, str]
    ) -> None:
        """The same, where it is no harm if the store has no such thing, or not for us."""
        try:
            await self._settle_tags(store, there, tags)
        except (NotSupportedError, PermissionDeniedError) as error:
            log.info("%s does not get its tags: %s", there.location, error.detail)
            self._left_behind.add("tags")

    async def _settle_tags(
        self, store: ObjectStore, there: ObjectMeta, tags: Mapping[str, str]
    ) -> None:
        """Raises NotKeptError for those that the store does not take, too."""
        try:
            await settle_tags(store, there, tags)
        except InvalidRequestError as error:
            raise NotKeptError(
                f"tags ({error.detail})", operation="put_tags", location=there.location
            ) from error


def carried_attributes(
    spec: TransferSpec, source: ObjectMeta, tags: Mapping[str, str], now: datetime
) -> Attributes:
    """What is written with the copy: what the spec says, else what the source has and is chosen."""
    told, chosen = spec.attributes, spec.carries
    kept = {name: getattr(told, name) or getattr(source.attributes, name) for name in _PLAIN}
    # A copy that somebody makes of a replica is none.
    kept["metadata"] = unstamped(kept["metadata"])
    is_same_store = _connection(spec.source) == _connection(spec.target)
    keeps_class = is_same_store if chosen.storage_class is None else chosen.storage_class
    storage_class = source.storage_class if keeps_class else ""
    lock = source.attributes.lock
    is_worth_it = chosen.lock and lock.is_locked(now)
    return Attributes(
        **kept,
        storage_class=told.storage_class or ("" if storage_class == STANDARD else storage_class),
        tags=tags,
        lock=told.lock if told.lock != NO_LOCK else (lock.still(now) if is_worth_it else NO_LOCK),
        spelling=(spelling_of if is_same_store else spelling_for_others)(source.headers),
    )


def _connection(place: object) -> object:
    return getattr(place, "connection", None)


async def read_tags(
    store: ObjectStore, location: Location, version: VersionId | None
) -> Mapping[str, str]:
    """The tags of an object; none where a store has no tags at all.

    Raises PermissionDeniedError, MalformedReplyError.
    """
    try:
        return await store.get_tags(location, version=version)
    except NotSupportedError:
        return NO_METADATA


async def settle_tags(store: ObjectStore, target: ObjectMeta, tags: Mapping[str, str]) -> None:
    """See that an object has these tags and no others: some stores drop those that came with it.

    Raises NotKeptError when the store does not keep them, NotSupportedError,
    PermissionDeniedError.
    """
    location, version = target.location, target.version
    if await _has_tags(store, target, tags):
        return
    await store.put_tags(location, tags, version=version)
    if not await _has_tags(store, target, tags):
        raise NotKeptError("tags", operation="put_tags", location=location)


def _may_have_tags(there: ObjectMeta) -> bool:
    """Whether a look at its tags is worth a request; who may read them is told how many there are
    ("HeadObject" in the S3 API reference)."""
    return not there.headers or there.headers.get(TAG_COUNT, "0") != "0"


async def _has_tags(store: ObjectStore, target: ObjectMeta, tags: Mapping[str, str]) -> bool:
    try:
        there = await store.get_tags(target.location, version=target.version)
    except NotSupportedError:
        if tags:
            raise
        return True
    return dict(there) == dict(tags)


def lost(wanted: Attributes, there: ObjectMeta) -> list[str]:
    """What of the attributes is not there; tags are looked at elsewhere.

    What was not asked for is the store's to decide.
    """
    names = [name for name in _PLAIN if _differs(getattr(wanted, name), there, name)]
    if wanted.lock != NO_LOCK and not wanted.lock.is_as(there.attributes.lock):
        names.append("lock")
    return names


def _differs(wanted: str | Mapping[str, str], there: ObjectMeta, name: str) -> bool:
    return bool(wanted) and _plain(wanted) != _plain(getattr(there.attributes, name))


def _plain(value: str | Mapping[str, str]) -> str | dict[str, str]:
    """Metadata names have no upper case."""
    if isinstance(value, str):
        return value
    return {name.lower(): text for name, text in value.items()}
