"""What belongs to objects beside their bytes, as a wrapped store passes it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.archive import Tier
from s4desk.core.store.request import at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.access import Acl, CannedAcl
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.store.protocol import Moved, ObjectStore
    from s4desk.core.store.request import Call, Request

T = TypeVar("T")


class PropertyWrapper:
    """The half of `StoreWrapper` that is about tags, locks, grants and archives."""

    _objects: ObjectStore

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        raise NotImplementedError

    async def get_tags(
        self, location: Location, *, version: VersionId | None = None
    ) -> Mapping[str, str]:
        return await self._around(
            at("get_tags", location), lambda _: self._objects.get_tags(location, version=version)
        )

    async def put_tags(
        self, location: Location, tags: Mapping[str, str], *, version: VersionId | None = None
    ) -> None:
        await self._around(
            at("put_tags", location),
            lambda _: self._objects.put_tags(location, tags, version=version),
        )

    async def get_lock(self, location: Location, *, version: VersionId | None = None) -> LockState:
        return await self._around(
            at("get_lock", location), lambda _: self._objects.get_lock(location, version=version)
        )

    async def put_retention(
        self,
        location: Location,
        lock: LockState,
        *,
        version: VersionId | None = None,
        bypass: bool = False,
    ) -> None:
        await self._around(
            at("put_retention", location),
            lambda _: self._objects.put_retention(location, lock, version=version, bypass=bypass),
        )

    async def put_legal_hold(
        self, location: Location, *, is_on: bool, version: VersionId | None = None
    ) -> None:
        await self._around(
            at("put_legal_hold", location),
            lambda _: self._objects.put_legal_hold(location, is_on=is_on, version=version),
        )

    async def get_acl(self, location: Location, *, version: VersionId | None = None) -> Acl:
        return await self._around(
            at("get_acl", location), lambda _: self._objects.get_acl(location, version=version)
        )

    async def put_acl(
        self, location: Location, acl: Acl | CannedAcl, *, version: VersionId | None = None
    ) -> None:
        await self._around(
            at("put_acl", location),
            lambda _: self._objects.put_acl(location, acl, version=version),
        )

    async def restore_archived(
        self,
        location: Location,
        days: int,
        tier: Tier = Tier.STANDARD,
        *,
        version: VersionId | None = None,
    ) -> None:
        await self._around(
            at("restore_archived", location),
            lambda _: self._objects.restore_archived(location, days, tier, version=version),
        )
