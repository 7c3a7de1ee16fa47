"""What belongs to objects of the store in memory beside their bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.access import CannedAcl, canned_acl
from s4desk.core.domain.archive import Tier
from s4desk.core.domain.errors import ConflictError, InvalidRequestError, PermissionDeniedError
from s4desk.core.domain.lock import RetentionRefusal
from s4desk.core.store.memory_bucket import OWNER
from s4desk.core.store.memory_buckets import MemoryBuckets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.access import Acl
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.lock import LockState
    from s4desk.core.store.memory_bucket import StoredVersion


class MemoryProperties(MemoryBuckets):
    """Tags, locks, grants and archives, in a dictionary. A restore is done at once."""

    def _version(self, location: Location, version: VersionId | None) -> StoredVersion:
        raise NotImplementedError

    async def get_lock(self, location: Location, *, version: VersionId | None = None) -> LockState:
        return self._version(location, version).attributes.lock

    async def put_retention(
        self,
        location: Location,
        lock: LockState,
        *,
        version: VersionId | None = None,
        bypass: bool = False,
    ) -> None:
        found = self._version(location, version)
        there = found.attributes.lock
        refusal = there.refusal(lock, self._clock.now(), bypass=bypass)
        if refusal is RetentionRefusal.PAST:
            raise InvalidRequestError("in the past", operation="put_retention", status=400)
        if refusal is not None:
            raise PermissionDeniedError("locked", operation="put_retention", status=403)
        changed = replace(there, mode=lock.mode, retain_until=lock.retain_until)
        self._bucket(location.bucket).lock(location, found, changed)

    async def put_legal_hold(
        self, location: Location, *, is_on: bool, version: VersionId | None = None
    ) -> None:
        found = self._version(location, version)
        held = replace(found.attributes.lock, legal_hold=is_on)
        self._bucket(location.bucket).lock(location, found, held)

    async def get_tags(
        self, location: Location, *, version: VersionId | None = None
    ) -> Mapping[str, str]:
        return self._version(location, version).attributes.tags

    async def put_tags(
        self, location: Location, tags: Mapping[str, str], *, version: VersionId | None = None
    ) -> None:
        found = self._version(location, version)
        tagged = replace(found, attributes=replace(found.attributes, tags=dict(tags)))
        self._put_in_place(location, found, tagged)

    async def get_acl(self, location: Location, *, version: VersionId | None = None) -> Acl:
        return self._version(location, version).acl

    async def put_acl(
        self, location: Location, acl: Acl | CannedAcl, *, version: VersionId | None = None
    ) -> None:
        found = self._version(location, version)
        granted = canned_acl(acl, OWNER, OWNER) if isinstance(acl, CannedAcl) else acl
        self._put_in_place(location, found, replace(found, acl=granted))

    async def restore_archived(
        self,
        location: Location,
        days: int,
        tier: Tier = Tier.STANDARD,
        *,
        version: VersionId | None = None,
    ) -> None:
        found = self._version(location, version)
        if not found.is_archived:
            raise ConflictError(
                f"{found.storage_class}, {tier}",
                operation="restore_archived",
                location=location,
                status=403,
                code="InvalidObjectState",
            )
        until = self._clock.now() + timedelta(days=days)
        self._put_in_place(location, found, replace(found, restored_until=until))

    def _put_in_place(self, location: Location, old: StoredVersion, new: StoredVersion) -> None:
        versions = self._bucket(location.bucket).objects[location.key]
        versions[versions.index(old)] = new
