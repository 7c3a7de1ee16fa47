"""What belongs to objects on S3 beside their bytes: tags, locks, grants, copies of archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from s4desk.core.domain.archive import Tier
from s4desk.core.store.s3_access import Granter
from s4desk.core.store.s3_archive import Archivist
from s4desk.core.store.s3_lock import Locker
from s4desk.core.store.s3_tags import Tagger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s4desk.core.domain.access import Acl, CannedAcl
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.store.s3_sender import S3Sender
    from s4desk.core.wire.exchange import Exchange

T = TypeVar("T")


class S3Properties:
    """The half of `S3Store` that moves no bytes."""

    def __init__(self, sender: S3Sender) -> None:
        self._tagger = Tagger(sender)
        self._locker = Locker(sender)
        self._granter = Granter(sender)
        self._archivist = Archivist(sender)

    async def _ask(self, call: Callable[[Exchange], T]) -> T:
        raise NotImplementedError

    async def get_tags(
        self, location: Location, *, version: VersionId | None = None
    ) -> Mapping[str, str]:
        return await self._ask(lambda exchange: self._tagger.get(exchange, location, version))

    async def put_tags(
        self, location: Location, tags: Mapping[str, str], *, version: VersionId | None = None
    ) -> None:
        await self._ask(lambda exchange: self._tagger.put(exchange, location, tags, version))

    async def get_lock(self, location: Location, *, version: VersionId | None = None) -> LockState:
        return await self._ask(lambda exchange: self._locker.get(exchange, location, version))

    async def put_retention(
        self,
        location: Location,
        lock: LockState,
        *,
        version: VersionId | None = None,
        bypass: bool = False,
    ) -> None:
        await self._ask(
            lambda exchange: self._locker.put_retention(
                exchange, location, lock, version, bypass=bypass
            )
        )

    async def put_legal_hold(
        self, location: Location, *, is_on: bool, version: VersionId | None = None
    ) -> None:
        await self._ask(
            lambda exchange: self._locker.put_hold(exchange, location, version, is_on=is_on)
        )

    async def get_acl(self, location: Location, *, version: VersionId | None = None) -> Acl:
        return await self._ask(lambda exchange: self._granter.get(exchange, location, version))

    async def put_acl(
        self, location: Location, acl: Acl | CannedAcl, *, version: VersionId | None = None
    ) -> None:
        await self._ask(lambda exchange: self._granter.put(exchange, location, acl, version))

    async def restore_archived(
        self,
        location: Location,
        days: int,
        tier: Tier = Tier.STANDARD,
        *,
        version: VersionId | None = None,
    ) -> None:
        await self._ask(
            lambda exchange: self._archivist.restore(exchange, location, days, tier, version)
        )
