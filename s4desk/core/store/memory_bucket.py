"""What a bucket of the store in memory holds, and how it is listed."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.access import CannedAcl, Grantee, GranteeKind, canned_acl
from s4desk.core.domain.archive import ARCHIVES, RESTORE
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json
from s4desk.core.domain.errors import (
    InvalidRequestError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
)
from s4desk.core.domain.identity import Location, VersionId
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.domain.objects import (
    NO_METADATA,
    ObjectMeta,
    ObjectVersion,
    Page,
    VersionMarker,
    VersionPage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from s4desk.core.domain.access import Acl
    from s4desk.core.domain.bucket_config import BucketDocument
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import Attributes, ObjectParts
    from s4desk.core.store.protocol import Condition

NULL_VERSION = VersionId("null")
OWNER = Grantee(GranteeKind.ACCOUNT, "memory")
PRIVATE = canned_acl(CannedAcl.PRIVATE, OWNER, OWNER)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of a key; `data` is None for a delete marker, `parts` for what came whole."""

    id: VersionId
    data: bytes | None
    etag: str
    modified: datetime
    attributes: Attributes
    parts: ObjectParts | None = None
    acl: Acl = PRIVATE
    restored_until: datetime | None = None

    @property
    def is_archived(self) -> bool:
        return self.storage_class in ARCHIVES

    @property
    def size(self) -> int:
        return len(self.data or b"")

    @property
    def storage_class(self) -> str:
        return self.attributes.storage_class or "STANDARD"

    def meta(self, location: Location) -> ObjectMeta:
        return ObjectMeta(
            location=location,
            size=self.size,
            modified=self.modified,
            etag=self.etag,
            storage_class=self.storage_class,
            version=None if self.id == NULL_VERSION else self.id,
            attributes=replace(self.attributes, tags=NO_METADATA),
            headers=self.headers,
        )

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of a HEAD that are nowhere else."""
        if self.restored_until is None:
            return NO_METADATA
        until = format_datetime(self.restored_until.astimezone(UTC), usegmt=True)
        return {RESTORE: f'ongoing-request="false", expiry-date="{until}"'}


@dataclass(slots=True)
class MemoryBucket:
    """The versions of each key, the oldest first, and the bucket's own configuration."""

    created: datetime
    objects: dict[str, list[StoredVersion]] = field(default_factory=dict)
    documents: dict[tuple[ConfigKind, str], BucketDocument] = field(default_factory=dict)
    is_versioned: bool = False
    is_suspended: bool = False
    """Versions that are there are kept, and what is written from now on has none."""

    def tell(self, document: BucketDocument) -> None:
        """Keep a configuration, and do as it says."""
        self.documents[document.kind, document.id] = document
        if document.kind is ConfigKind.VERSIONING:
            status = as_json(document).get("Status")
            self.is_versioned, self.is_suspended = status == "Enabled", status == "Suspended"

    def newest(self, key: str) -> StoredVersion | None:
        """The object a plain GET sees, None when it is absent or deleted."""
        versions = self.objects.get(key)
        return versions[-1] if versions and versions[-1].data is not None else None

    def beneath(self, key: str) -> list[StoredVersion]:
        """What stays of a key when something comes on top of it."""
        versions = self.objects.get(key, [])
        if self.is_suspended:
            return [each for each in versions if each.id != NULL_VERSION]
        return versions if self.is_versioned else []

    def told(self, version: StoredVersion) -> VersionId | None:
        """The version as a reply names it: not at all in a bucket without versions."""
        return version.id if self.is_versioned else None

    def check(self, location: Location, condition: Condition | None) -> None:
        """Raise what S3 answers to a write that is not to happen as things are."""
        if condition is None:
            return
        there = self.newest(location.key)
        if condition.if_absent and there is not None:
            raise PreconditionFailedError("exists", operation="put", location=location, status=412)
        if condition.if_match and there is None:
            raise NotFoundError("NoSuchKey", operation="put", location=location, status=404)
        if condition.if_match and there is not None and there.etag != condition.if_match:
            raise PreconditionFailedError("ETag", operation="put", location=location, status=412)

    def default_lock(self, now: datetime) -> LockState:
        """What the bucket locks a new version with that says nothing itself."""
        rule = as_json(self.documents.get((ConfigKind.OBJECT_LOCK, ""))).get("Rule", {})
        kept = rule.get("DefaultRetention")
        if not kept:
            return NO_LOCK
        days = kept.get("Days") or 365 * kept["Years"]
        return LockState(LockMode(kept["Mode"]), now + timedelta(days=days))

    def lock(self, location: Location, version: StoredVersion, lock: LockState) -> None:
        """Give a version another lock. Raises InvalidRequestError in a bucket without."""
        if (ConfigKind.OBJECT_LOCK, "") not in self.documents:
            raise InvalidRequestError("no Object Lock", location=location, status=400)
        versions = self.objects[location.key]
        locked = replace(version, attributes=replace(version.attributes, lock=lock))
        versions[versions.index(version)] = locked

    def remove(self, location: Location, id_: VersionId, now: datetime, *, bypass: bool) -> None:
        """Delete a version, unless it is locked."""
        versions = self.objects.get(location.key, [])
        found = next((each for each in versions if each.id == id_), None)
        if found is not None and not found.attributes.lock.can_delete(now, bypass=bypass):
            raise PermissionDeniedError("locked", operation="delete", location=location, status=403)
        self.keep(location.key, [each for each in versions if each is not found])

    def keep(self, key: str, versions: list[StoredVersion]) -> None:
        """Hold these versions of a key, and nothing of it if there are none."""
        if versions:
            self.objects[key] = versions
        else:
            self.objects.pop(key, None)

    def page(
        self, prefix: Prefix, *, delimiter: str, after: str, limit: int, with_owner: bool
    ) -> Page:
        """What sorts behind `after`, in the order of S3."""
        keys = sorted((key for key in self.objects if self.newest(key)), key=key_bytes)
        found: list[str] = []
        folders: list[str] = []
        next_token = None
        for entry, is_folder in _grouped(keys, prefix.prefix, delimiter, after):
            if len(found) + len(folders) == limit:
                next_token = max(found + folders, key=key_bytes)
                break
            (folders if is_folder else found).append(entry)
        versions = [self.objects[key][-1] for key in found]
        return Page(
            prefix=prefix,
            keys=found,
            sizes=array("q", [version.size for version in versions]),
            modified=array("d", [version.modified.timestamp() for version in versions]),
            etags=[version.etag for version in versions],
            classes=[version.storage_class for version in versions],
            folders=folders,
            owners=["memory"] * len(found) if with_owner else (),
            next_token=next_token,
        )

    def version_page(
        self, prefix: Prefix, *, delimiter: str, marker: VersionMarker | None, limit: int
    ) -> VersionPage:
        """Versions behind `marker`, the newest of a key first."""
        keys = sorted(self.objects, key=key_bytes)
        rows: list[ObjectVersion] = []
        folders: list[str] = []
        for entry, is_folder in _grouped(keys, prefix.prefix, delimiter, ""):
            if is_folder:
                if marker is None or key_bytes(entry) > key_bytes(marker.key):
                    folders.append(entry)
                continue
            rows.extend(_rows(Location(prefix.bucket, entry), self.objects[entry]))
        if marker is not None:
            rows = rows[_place_after(rows, marker) :]
        page = rows[:limit]
        more = VersionMarker(page[-1].location.key, page[-1].version) if len(rows) > limit else None
        return VersionPage(prefix, page, folders, more)


def key_bytes(key: str) -> bytes:
    """A key as S3 sorts and measures it."""
    return key.encode("utf-8", "surrogateescape")


def _grouped(
    keys: Sequence[str], prefix: str, delimiter: str, after: str
) -> list[tuple[str, bool]]:
    """Keys and common prefixes under `prefix` that sort behind `after`, with a folder flag."""
    first = bisect_left(keys, key_bytes(prefix), key=key_bytes)
    if after:
        first = max(first, bisect_right(keys, key_bytes(after), key=key_bytes))
    entries: list[tuple[str, bool]] = []
    for key in keys[first:]:
        if not key.startswith(prefix):
            break
        head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        entry = (prefix + head + found, True) if found else (key, False)
        is_behind = not after or key_bytes(entry[0]) > key_bytes(after)
        if is_behind and (not entries or entries[-1] != entry):
            entries.append(entry)
    return entries


def _rows(location: Location, versions: Sequence[StoredVersion]) -> list[ObjectVersion]:
    return [
        ObjectVersion(
            location=location,
            version=version.id,
            is_latest=version is versions[-1],
            is_delete_marker=version.data is None,
            modified=version.modified,
            size=version.size,
            etag=version.etag,
            storage_class=version.storage_class,
        )
        for version in reversed(versions)
    ]


def _place_after(rows: Sequence[ObjectVersion], marker: VersionMarker) -> int:
    for index, row in enumerate(rows):
        if (row.location.key, row.version) == (marker.key, marker.version):
            return index + 1
    raise MalformedReplyError("no such version marker", operation="list_versions")
