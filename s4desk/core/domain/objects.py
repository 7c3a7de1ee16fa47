"""What a store tells about its buckets and objects."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import nan
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, overload

from s4desk.core.domain.identity import Location, Prefix, UploadId, VersionId
from s4desk.core.domain.lock import NO_LOCK, LockState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.properties import Encryption

NO_METADATA: Mapping[str, str] = MappingProxyType({})
EVERYTHING: Final = slice(None)


def _none() -> Mapping[str, str]:
    return NO_METADATA


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    created: datetime | None = None
    region: str = ""


@dataclass(frozen=True, slots=True)
class Checksum:
    """`algorithm` is S3's name in lower case (crc64nvme, crc32c, crc32, sha256, sha1, md5).

    `value` is base64 as S3 sends it. `is_full` says that it covers the whole object rather than
    the list of its parts (ChecksumType FULL_OBJECT).
    """

    algorithm: str
    value: str
    is_full: bool = True


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is written with an object beside its bytes. Metadata keys are lower case.

    A HEAD tells all of it but the tags. `encryption` is only said where it must not be the
    default of the bucket; `encryption_of` in `domain/properties` reads that of an object.
    `spelling` is only said where values go back to the store they came from: `spelling_of` reads
    it. It is no part of what an object is.
    """

    content_type: str = ""
    content_encoding: str = ""
    content_disposition: str = ""
    content_language: str = ""
    cache_control: str = ""
    expires: str = ""
    storage_class: str = ""
    website_redirect: str = ""
    metadata: Mapping[str, str] = field(default_factory=_none)
    tags: Mapping[str, str] = field(default_factory=_none)
    lock: LockState = NO_LOCK
    encryption: Encryption | None = None
    spelling: Mapping[str, str] = field(default_factory=_none, compare=False)


NO_ATTRIBUTES = Attributes()


@dataclass(frozen=True, slots=True)
class ObjectMeta:
    """One object as HEAD or a listing shows it.

    `etag` is bare (without quotes). `size` is in bytes, `modified` in UTC; None means the store
    did not say. `headers` holds the whole HEAD reply, names in lower case; from a listing nothing
    but what it tells of a restore.
    """

    location: Location
    size: int
    modified: datetime | None
    etag: str
    storage_class: str = "STANDARD"
    version: VersionId | None = None
    owner: str = ""
    attributes: Attributes = NO_ATTRIBUTES
    checksum: Checksum | None = None
    headers: Mapping[str, str] = field(default_factory=_none)


@dataclass(frozen=True, slots=True)
class ObjectParts:
    """How an object was joined: the size of each of its parts in bytes, in order.

    `sums` (base64, of `algorithm`) are those that the store keeps of the parts, empty when it tells
    none. Unless it `is_exact` only the first size was told, and the others are what they mostly
    are.
    """

    sizes: Sequence[int]
    algorithm: str = ""
    sums: Sequence[str] = ()
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version or delete marker of a key."""

    location: Location
    version: VersionId
    is_latest: bool
    is_delete_marker: bool
    modified: datetime | None
    size: int = 0
    etag: str = ""
    storage_class: str = "STANDARD"
    owner: str = ""


LATEST: Final = 1
"""The mark, in a Page, of the version that its key has now."""
DELETED: Final = 2
"""The mark of a delete marker."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, in columns, in the store's key order.

    A million rows of objects would cost gigabytes; columns cost what their values cost.
    `modified` is seconds since the epoch in UTC, nan when the store did not say. `folders` are
    common prefixes, full, with their delimiter. `next_token` is None on the last page.
    `owners` is empty unless owners were asked for. `told_at` is the time of the store's own clock
    when it answered, None where it did not say.

    In a page of versions a key has a row for each, the newest first: `versions` are their ids and
    `marks` what they are (LATEST, DELETED). Both are empty in a page of objects. `restores` says
    of keys in archives how far their restore is, as a HEAD would; only AWS tells.
    """

    prefix: Prefix
    keys: Sequence[str]
    sizes: array[int]
    modified: array[float]
    etags: Sequence[str]
    classes: Sequence[str]
    folders: Sequence[str] = ()
    owners: Sequence[str] = ()
    next_token: str | None = None
    told_at: datetime | None = None
    versions: Sequence[VersionId] = ()
    marks: bytes = b""
    restores: Mapping[str, str] = field(default_factory=_none)

    def __len__(self) -> int:
        return len(self.keys)

    def cut(self, rows: slice, folders: slice = EVERYTHING) -> Page:
        """Only these of its objects and of its folders."""
        if rows == folders == EVERYTHING:
            return self
        return replace(
            self,
            keys=self.keys[rows],
            sizes=self.sizes[rows],
            modified=self.modified[rows],
            etags=self.etags[rows],
            classes=self.classes[rows],
            folders=self.folders[folders],
            owners=self.owners[rows],
            versions=self.versions[rows],
            marks=self.marks[rows],
        )

    def of_rows(self, rows: Sequence[int]) -> Page:
        """Only these of its objects, in this order, with all of its folders."""
        return replace(
            self,
            keys=[self.keys[at] for at in rows],
            sizes=array("q", [self.sizes[at] for at in rows]),
            modified=array("d", [self.modified[at] for at in rows]),
            etags=[self.etags[at] for at in rows],
            classes=[self.classes[at] for at in rows],
            owners=[self.owners[at] for at in rows] if self.owners else (),
            versions=[self.versions[at] for at in rows] if self.versions else (),
            marks=bytes([self.marks[at] for at in rows]) if self.marks else b"",
        )

    def meta(self, row: int) -> ObjectMeta:
        """The object in `row` as a value of its own."""
        seconds = self.modified[row]
        return ObjectMeta(
            location=Location(self.prefix.bucket, self.keys[row]),
            size=self.sizes[row],
            modified=None if seconds != seconds else datetime.fromtimestamp(seconds, UTC),
            etag=self.etags[row],
            storage_class=self.classes[row],
            owner=self.owners[row] if self.owners else "",
            version=self.versions[row] if self.versions else None,
        )

    def version(self, row: int) -> ObjectVersion:
        """The version in `row` of a page of versions."""
        seconds, mark = self.modified[row], self.marks[row]
        return ObjectVersion(
            location=Location(self.prefix.bucket, self.keys[row]),
            version=self.versions[row],
            is_latest=bool(mark & LATEST),
            is_delete_marker=bool(mark & DELETED),
            modified=None if seconds != seconds else datetime.fromtimestamp(seconds, UTC),
            size=self.sizes[row],
            etag=self.etags[row],
            storage_class=self.classes[row],
            owner=self.owners[row] if self.owners else "",
        )


class Versions(Sequence[ObjectVersion]):
    """The rows of a page of versions, each made when it is looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __len__(self) -> int:
        return len(self.page)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, at: int) -> ObjectVersion: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ObjectVersion]: ...
    def __getitem__(self, at: int | slice) -> ObjectVersion | Sequence[ObjectVersion]:
        if isinstance(at, slice):
            return [self.page.version(row) for row in range(*at.indices(len(self)))]
        return self.page.version(range(len(self))[at])


@dataclass(frozen=True, slots=True)
class VersionMarker:
    """Where a listing of versions goes on: ListObjectVersions' two markers."""

    key: str
    version: str


@dataclass(frozen=True, slots=True)
class VersionPage:
    prefix: Prefix
    versions: Sequence[ObjectVersion]
    folders: Sequence[str] = ()
    next_marker: VersionMarker | None = None

    @property
    def page(self) -> Page:
        """The same in columns."""
        if isinstance(self.versions, Versions):
            return self.versions.page
        rows = self.versions
        return Page(
            prefix=self.prefix,
            keys=[each.location.key for each in rows],
            sizes=array("q", [each.size for each in rows]),
            modified=array("d", [_seconds(each.modified) for each in rows]),
            etags=[each.etag for each in rows],
            classes=[each.storage_class for each in rows],
            folders=self.folders,
            owners=[each.owner for each in rows],
            versions=[each.version for each in rows],
            marks=bytes(mark_of(each) for each in rows),
        )


def mark_of(version: ObjectVersion) -> int:
    """What a version is, as a Page says it."""
    latest = LATEST if version.is_latest else 0
    return latest | (DELETED if version.is_delete_marker else 0)


def _seconds(moment: datetime | None) -> float:
    return nan if moment is None else moment.timestamp()


@dataclass(frozen=True, slots=True)
class Upload:
    """An unfinished multipart upload as ListMultipartUploads shows it.

    `initiator` is the id of who began it, where the store tells.
    `algorithm` is what its parts are summed with, empty when the store keeps no sums of them;
    `is_composite`: the whole will only have a sum of their sums.
    """

    location: Location
    upload: UploadId
    initiated: datetime | None
    storage_class: str = "STANDARD"
    initiator: str = ""
    algorithm: str = ""
    is_composite: bool = False


@dataclass(frozen=True, slots=True)
class Doomed:
    """What DeleteObjects is asked to delete; without a version the newest is meant.

    With an `etag` (bare) only that one: what has another survives, as a failure of code
    PreconditionFailed.
    """

    key: str
    version: VersionId | None = None
    etag: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class DeleteFailure:
    doomed: Doomed
    code: str
    message: str
