"""A bucket in memory whose objects have any past, and which counts what is asked of it."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.domain.identity import Location, Prefix, UploadId, VersionId
from s4desk.core.domain.lifecycle.candidates import Candidate, Versioning
from s4desk.core.domain.lock import NO_LOCK, LockState
from s4desk.core.domain.objects import Attributes, ObjectMeta, Page, VersionPage
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.memory_bucket import NULL_VERSION, StoredVersion
from s4desk.core.store.memory_upload import MemoryUpload

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

BUCKET = "b"
PREFIX = Prefix(BUCKET)
_STATUS = {Versioning.ENABLED: "Enabled", Versioning.SUSPENDED: "Suspended"}


class Shelf(MemoryStore):
    """`asked` counts requests. `denied` are those that are refused, of a key or (with "") at all;
    `gone` are keys that vanish once they were listed. A page has `page` rows."""

    def __init__(
        self,
        versioning: Versioning = Versioning.OFF,
        *,
        lock: bool = False,
        replicates: bool = False,
        page: int = 3,
    ) -> None:
        super().__init__([BUCKET])
        self.asked: Counter[str] = Counter()
        self.denied: set[tuple[str, str]] = set()
        self.gone: set[str] = set()
        self.replications: dict[tuple[str, str], str] = {}
        self.hints: dict[str, str] = {}
        self._page = page
        self._is_kept = versioning is not Versioning.OFF
        self._numbers = itertools.count(1)
        documents = self.buckets[BUCKET]
        if versioning is not Versioning.OFF:
            documents.tell(from_json(ConfigKind.VERSIONING, {"Status": _STATUS[versioning]}))
        if lock:
            documents.tell(from_json(ConfigKind.OBJECT_LOCK, {"ObjectLockEnabled": "Enabled"}))
        if replicates:
            rule = {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::other"}}
            documents.tell(from_json(ConfigKind.REPLICATION, {"Role": "r", "Rules": [rule]}))

    def place(
        self,
        key: str,
        created: datetime,
        size: int = 1,
        *,
        tags: Mapping[str, str] | None = None,
        storage_class: str = "STANDARD",
        lock: LockState = NO_LOCK,
        replication: str = "",
        is_marker: bool = False,
        is_null: bool = False,
    ) -> StoredVersion:
        """Put a version on top of those of its key."""
        bucket = self.buckets[BUCKET]
        has_id = self._is_kept and not is_null
        version = VersionId(f"v{next(self._numbers)}") if has_id else NULL_VERSION
        attributes = Attributes(storage_class=storage_class, tags=tags or {}, lock=lock)
        data = None if is_marker else bytes(size)
        stored = StoredVersion(version, data, f"{next(self._numbers):032x}", created, attributes)
        bucket.objects.setdefault(key, []).append(stored)
        self.replications[key, version] = replication
        return stored

    def begin(self, key: str, initiated: datetime) -> UploadId:
        """An upload that nobody ends."""
        upload = UploadId(f"u{next(self._numbers)}")
        self.uploads[upload] = MemoryUpload(Location(BUCKET, key), Attributes(), initiated)
        return upload

    def candidates(self, key: str) -> list[Candidate]:
        """All that is known of a key, the newest version first."""
        versions = list(reversed(self.buckets[BUCKET].objects[key]))
        return [
            Candidate(
                key,
                each.size,
                each.modified,
                each.storage_class,
                each.id if self._is_kept else "",
                each.etag,
                each.attributes.tags,
                is_current=not at,
                is_delete_marker=each.data is None,
                lock=each.attributes.lock,
                replication=self.replications[key, each.id],
            )
            for at, each in enumerate(versions)
        ]

    def _ask(self, what: str, key: str = "") -> None:
        self.asked[what] += 1
        if key in self.gone:
            raise NotFoundError("NoSuchKey", status=404)
        if (what, key) in self.denied or (what, "") in self.denied:
            raise PermissionDeniedError("AccessDenied", operation=what, status=403)

    async def get_document(self, bucket: str, kind: ConfigKind, *, id: str = "") -> Any:
        self._ask(kind)
        return await super().get_document(bucket, kind, id=id)

    async def list_objects(self, prefix: Prefix, **query: Any) -> Page:
        self._ask("list_objects")
        return await super().list_objects(prefix, **query | {"limit": self._page})

    async def list_versions(self, prefix: Prefix, **query: Any) -> VersionPage:
        self._ask("list_versions")
        return await super().list_versions(prefix, **query | {"limit": self._page})

    async def list_uploads(self, prefix: Prefix) -> Any:
        self._ask("list_uploads")
        return await super().list_uploads(prefix)

    async def get_tags(
        self, location: Location, *, version: VersionId | None = None
    ) -> Mapping[str, str]:
        self._ask("tags", location.key)
        return await super().get_tags(location, version=version)

    async def head(self, location: Location, *, version: VersionId | None = None) -> ObjectMeta:
        self._ask("head", location.key)
        meta = await super().head(location, version=version)
        status = self.replications.get((location.key, self._version(location, version).id), "")
        told = {"x-amz-replication-status": status} if status else {}
        # As S3 does: it is told of the key.
        if (hint := self.hints.get(location.key)) and version is None:
            told["x-amz-expiration"] = hint
        if ("get_lock", "") in self.denied:
            meta = replace(meta, attributes=replace(meta.attributes, lock=NO_LOCK))
        return replace(meta, headers={**meta.headers, **told})

    async def get_lock(self, location: Location, *, version: VersionId | None = None) -> LockState:
        self._ask("get_lock", location.key)
        return await super().get_lock(location, version=version)


def everything_in(shelf: Shelf) -> list[Candidate]:
    """All versions of all keys, as a report lists them."""
    return [each for key in shelf.buckets[BUCKET].objects for each in shelf.candidates(key)]
