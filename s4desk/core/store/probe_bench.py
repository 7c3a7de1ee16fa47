"""Where a probe experiments: it knows every key that was written, and leaves none behind."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import uuid4

from s4desk.core.domain.errors import NotFoundError, StoreError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.runtime.threads import settled
from s4desk.core.store.protocol import UploadTicket
from s4desk.core.store.wrapper import Call, Request, StoreWrapper

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from s4desk.core.domain.connection import Addressing
    from s4desk.core.domain.identity import UploadId, VersionId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.capabilities import Capabilities
    from s4desk.core.store.probe_door import Door, Told
    from s4desk.core.store.protocol import Moved, Store
    from s4desk.core.store.s3_sender import S3Request

log = logging.getLogger(__name__)
T = TypeVar("T")

MARK: Final = ".s4desk-probe-"
OLD: Final = timedelta(hours=1)
_TIME: Final = "%Y%m%dT%H%M%SZ"
_MARKED: Final = re.compile(rf"{re.escape(MARK)}(\d{{8}}T\d{{6}}Z)-[0-9a-f]{{32}}(?:-[a-z0-9]+)?")
_WRITES: Final = frozenset(
    {"put", "copy", "create_multipart", "put_part", "copy_part", "complete_multipart", "put_tags"}
)
_ROUNDS: Final = 3

Thing = tuple[str, "VersionId | None"]


class Bench(StoreWrapper):
    """A store with a place for experiments: keys that begin with `base` and belong to nobody else.

    A request that has begun is brought to its end whatever happens, so that what it wrote is seen
    when all is removed. `trial` are the capabilities of the store, and of nobody else: experiments
    claim in them what is yet to be seen. Without a `door` only the store itself can be asked.
    """

    def __init__(
        self, inner: Store, trial: Capabilities, place: Prefix, clock: Clock, door: Door | None
    ) -> None:
        super().__init__(inner)
        self.trial = trial
        self.place = place
        self.bucket = place.bucket
        self.door = door
        self._clock = clock
        self._base = f"{place.prefix}{MARK}{clock.now():{_TIME}}-{uuid4().hex}"
        self._keys: set[str] = set()
        self._uploads: set[tuple[Location, UploadId]] = set()

    def location(self, name: str = "") -> Location:
        """A key for an experiment of this name: letters and digits."""
        return Location(self.bucket, f"{self._base}-{name}" if name else self._base)

    async def ask(self, request: S3Request, addressing: Addressing | None = None) -> Told:
        """What the door is told; only where there is one."""
        assert self.door is not None
        if request.key is not None and request.method != "GET":
            self._keys.add(request.key)
        return await settled(asyncio.ensure_future(self.door.ask(request, addressing)))

    async def follow_link(self, location: Location, *, age_s: float = 0.0) -> bytes | None:
        """The body behind a signed link, None when there is no key to sign with."""
        assert self.door is not None
        asked = self.door.follow_link(location, age_s=age_s)
        told = await settled(asyncio.ensure_future(asked))
        return None if told is None else told.body

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        async def whole() -> T:
            result = await call(moved)
            if isinstance(result, UploadTicket):
                self._uploads.add((request.location, result.upload))
            return result

        if request.operation in _WRITES:
            self._keys.add(request.key)
        return await settled(asyncio.ensure_future(whole()))

    async def clean(self) -> list[str]:
        """Remove everything that was written; returns the keys that are still there.

        To be cancelled it is too late: it ends first.
        """
        return await settled(asyncio.ensure_future(self._clean()))

    async def clean_old(self) -> None:
        """Remove what probes that were killed have left in this place, if it is old enough."""
        latest = self._clock.now() - OLD
        place = Prefix(self.bucket, self.place.prefix + MARK)
        for location, upload in await self._uploads_under(place):
            if self._is_mark(location.key, latest):
                await self._remove(self.abort_multipart(location, upload))
        async for key, version in self._things_under(place):
            if self._is_mark(key, latest):
                await self._remove(self.delete(Location(self.bucket, key), version=version))

    def _is_mark(self, key: str, latest: datetime) -> bool:
        found = _MARKED.fullmatch(key.removeprefix(self.place.prefix))
        if found is None:
            return False
        try:
            return datetime.strptime(found[1], _TIME).replace(tzinfo=UTC) < latest
        except ValueError:
            return False

    async def _clean(self) -> list[str]:
        if not self._keys:
            return []
        left: list[str] = []
        for _ in range(_ROUNDS):
            for location, upload in await self._uploads_left():
                await self._remove(self.abort_multipart(location, upload))
            for key, version in await self._things_left():
                await self._remove(self.delete(Location(self.bucket, key), version=version))
            left = sorted({key for key, _ in await self._things_left()})
            left += [location.key for location, _ in await self._uploads_left()]
            if not left:
                break
        return left

    async def _uploads_left(self) -> list[tuple[Location, UploadId]]:
        """What the store lists, and what it does not list but still knows."""
        listed = await self._uploads_under(Prefix(self.bucket, self._base))
        for each in sorted(self._uploads - set(listed)):
            try:
                await self.list_parts(*each)
            except NotFoundError:
                continue
            except StoreError:
                # Whether it is there cannot be told: aborting it is no mistake.
                await self._remove(self.abort_multipart(*each))
                continue
            listed.append(each)
        return listed

    async def _uploads_under(self, place: Prefix) -> list[tuple[Location, UploadId]]:
        try:
            return [(each.location, each.upload) for each in await self.list_uploads(place)]
        except StoreError as error:
            log.info("probe: no list of uploads: %s", error)
            return []

    async def _things_left(self) -> list[Thing]:
        """All versions under the base, and keys that the listing does not show (yet)."""
        found = [each async for each in self._things_under(Prefix(self.bucket, self._base))]
        for key in sorted(self._keys - {key for key, _ in found}):
            try:
                await self.head(Location(self.bucket, key))
            except NotFoundError:
                continue
            except StoreError as error:
                log.info("probe: %s: %s", key, error)
            found.append((key, None))
        return found

    async def _things_under(self, place: Prefix) -> AsyncIterator[Thing]:
        """Versions where they can be listed, keys elsewhere."""
        try:
            page = await self.list_versions(place, delimiter="")
            versions = list(page.versions)
            while page.next_marker is not None:
                page = await self.list_versions(place, delimiter="", marker=page.next_marker)
                versions += page.versions
        except StoreError as error:
            log.info("probe: no list of versions: %s", error)
        else:
            for each in versions:
                yield each.location.key, each.version
            return
        try:
            listed = await self.list_objects(place, delimiter="")
        except StoreError as error:
            log.info("probe: no list of keys: %s", error)
            return
        for key in listed.keys:
            yield key, None

    async def _remove(self, removal: Awaitable[None]) -> None:
        """What cannot be removed is still there afterwards, and told."""
        try:
            await removal
        except StoreError as error:
            log.info("probe: not removed: %s", error)
