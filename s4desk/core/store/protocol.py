"""What an object store can do for the rest of the program.

Every store and every wrapper implements these protocols and passes one contract suite. All calls
may raise the `StoreError` family of `core/domain/errors`; an error is never an empty result.
Cancelling a call stops its request: when the call has ended no thread reads the source or writes
the sink any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.archive import Tier
from s4desk.core.domain.objects import (
    NO_ATTRIBUTES,
    Attributes,
    Bucket,
    Checksum,
    DeleteFailure,
    Doomed,
    ObjectMeta,
    ObjectParts,
    Page,
    Upload,
    VersionMarker,
    VersionPage,
)

if TYPE_CHECKING:
    from s4desk.core.domain.access import Acl, CannedAcl
    from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
    from s4desk.core.domain.identity import (
        ConnectionId,
        Location,
        Prefix,
        UploadId,
        VersionId,
    )
    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.parts import PartReceipt, Span
    from s4desk.core.wire.body import Body, Sink

MAX_KEYS = 1000

Moved = Callable[[int], None]
"""Called from a worker thread with the number of bytes that just moved; negative when a request
starts over."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a write may happen: only if the key is absent, or only over this ETag (bare).

    `is_safeguard` says that whoever needs it has looked: the condition is then sent wherever it is
    not known to be ignored or refused, and elsewhere left out. `is_bare` spells the ETag of such a
    one without quotes, as some stores compare it.
    """

    if_absent: bool = False
    if_match: str = ""
    is_safeguard: bool = False
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class PutReply:
    """What a store answered to a write.

    `checked` is the algorithm whose sum the store verified against ours (crc64nvme, md5, ...),
    empty when it verified nothing. `checksum` is what it keeps with the object.
    """

    etag: str
    version: VersionId | None = None
    checksum: Checksum | None = None
    checked: str = ""


@dataclass(frozen=True, slots=True)
class GetReply:
    """What a GET delivered. `received` is the sum of the bytes that reached the sink, in the
    algorithm that was asked for."""

    meta: ObjectMeta
    received: Checksum | None = None


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """A multipart upload that exists. `algorithm` is what its parts are summed with: crc64nvme and
    the like when the store keeps checksums, md5 when it only compares Content-MD5. `is_composite`:
    the object will have a sum of these sums, and none of all its bytes."""

    upload: UploadId
    algorithm: str = "md5"
    is_composite: bool = False


class ObjectStore(Protocol):
    """Objects: listings, bytes, multipart uploads."""

    async def list_objects(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        token: str | None = None,
        start_after: str = "",
        limit: int = MAX_KEYS,
        with_owner: bool = False,
    ) -> Page:
        """One page of ListObjectsV2, going on at `token` when there is one.

        `start_after` (a key) begins a listing in the middle: retry from here.
        Raises MalformedReplyError for a truncated page without a token or with the token it was
        asked for.
        """

    async def list_versions(
        self,
        prefix: Prefix,
        *,
        delimiter: str = "/",
        marker: VersionMarker | None = None,
        limit: int = MAX_KEYS,
    ) -> VersionPage:
        """One page of ListObjectVersions, newest version of a key first."""

    async def head(self, location: Location, *, version: VersionId | None = None) -> ObjectMeta:
        """Raises NotFoundError; MalformedReplyError when the reply has no length."""

    async def get(
        self,
        location: Location,
        sink: Sink,
        *,
        span: Span | None = None,
        if_match: str = "",
        version: VersionId | None = None,
        algorithm: str = "",
        moved: Moved | None = None,
    ) -> GetReply:
        """Write the object, or `span` of it, to `sink` at the object's own offsets.

        `if_match` is a bare ETag: another object under the key is PreconditionFailedError. A body
        shorter than promised is UnavailableError: the sink then holds a part of it.
        `algorithm` asks for the sum of the received bytes.
        """

    async def object_parts(self, meta: ObjectMeta, *, exactly: bool = False) -> ObjectParts | None:
        """How the object that `head` told of was joined of parts.

        None where the store does not say. Asked of a key that has been written since, it may tell
        of another object: what it says is to be compared with `meta`. `exactly` asks for the size
        of every part, which may take a request for each.
        """

    async def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        """One PutObject of at most 5 GiB. Use `transfer/upload` for files.

        A condition that the store is not known to honour is NotSupportedError, before anything is
        sent, unless it is a safeguard. A refused one is PreconditionFailedError; two racing writers
        may give ConflictError.
        """

    async def copy(
        self,
        source: Location,
        target: Location,
        *,
        version: VersionId | None = None,
        attributes: Attributes | None = None,
        if_match: str = "",
        condition: Condition | None = None,
        seen: ObjectMeta | None = None,
    ) -> PutReply:
        """CopyObject (at most 5 GiB). An error inside a 200 reply is raised as the error it is.

        Without `attributes` those of the source are kept, all but its lock (Ceph keeps that too);
        with them the tags are, if none are given, and not everywhere. `if_match` is the bare ETag
        that the source must have; not every store looks at it. `condition` is on the target, as
        in `put`. `seen` is the source as it was just looked at: S3 does not keep all by itself,
        and without it has to look.
        """

    async def get_tags(
        self, location: Location, *, version: VersionId | None = None
    ) -> Mapping[str, str]:
        """Raises NotSupportedError where objects have no tags."""

    async def put_tags(
        self, location: Location, tags: Mapping[str, str], *, version: VersionId | None = None
    ) -> None:
        """Replace all tags of an object."""

    async def get_lock(self, location: Location, *, version: VersionId | None = None) -> LockState:
        """What protects a version. Unlike `head`, which leaves out what one may not see, it raises
        PermissionDeniedError then. In a bucket without Object Lock nothing is protected."""

    async def put_retention(
        self,
        location: Location,
        lock: LockState,
        *,
        version: VersionId | None = None,
        bypass: bool = False,
    ) -> None:
        """Set the mode and the end of a retention, or take it away where `lock` has none.

        Raises PermissionDeniedError for what the present one does not allow; `bypass` asks to
        bypass governance. Raises InvalidRequestError in a bucket without Object Lock.
        """

    async def put_legal_hold(
        self, location: Location, *, is_on: bool, version: VersionId | None = None
    ) -> None:
        """Raises InvalidRequestError in a bucket without Object Lock."""

    async def get_acl(self, location: Location, *, version: VersionId | None = None) -> Acl:
        """Raises NotSupportedError where objects have no access control lists, NotFoundError."""

    async def put_acl(
        self, location: Location, acl: Acl | CannedAcl, *, version: VersionId | None = None
    ) -> None:
        """Replace all grants of an object, or let the store make those of a name.

        Raises InvalidRequestError where the bucket has access control lists switched off.
        """

    async def restore_archived(
        self,
        location: Location,
        days: int,
        tier: Tier = Tier.STANDARD,
        *,
        version: VersionId | None = None,
    ) -> None:
        """RestoreObject: have a copy of what is in an archive made, for `days`; a HEAD tells when
        it is there. Of one that is there the end is moved.

        Raises ConflictError for what is in no archive, or is being restored already;
        NotSupportedError.
        """

    async def delete(
        self,
        location: Location,
        *,
        version: VersionId | None = None,
        bypass: bool = False,
        if_match: str = "",
    ) -> None:
        """Delete a key (a marker on a versioned bucket) or one version. Absent is success.

        A locked version is PermissionDeniedError; `bypass` asks to bypass governance. `if_match` is
        a bare ETag: another object under the key is PreconditionFailedError. Where that is not
        known to be heeded it is NotSupportedError, before anything is sent.
        """

    async def delete_many(
        self, bucket: str, doomed: Sequence[Doomed], *, bypass: bool = False
    ) -> list[DeleteFailure]:
        """One DeleteObjects of at most 1000; returns what could not be deleted.

        Raises NotSupportedError, before anything is sent, for ETags where they are not known to be
        heeded here.
        """

    async def create_multipart(
        self, location: Location, *, attributes: Attributes = NO_ATTRIBUTES
    ) -> UploadTicket: ...

    async def put_part(
        self,
        location: Location,
        ticket: UploadTicket,
        number: int,
        body: Body,
        *,
        moved: Moved | None = None,
    ) -> PartReceipt: ...

    async def copy_part(
        self,
        source: Location,
        target: Location,
        ticket: UploadTicket,
        number: int,
        span: Span,
        *,
        if_match: str = "",
        version: VersionId | None = None,
    ) -> PartReceipt:
        """UploadPartCopy: the store itself copies `span` of an object into a part.

        `if_match` as in `copy`. An error inside a 200 reply is raised as the error it is.
        """

    async def list_parts(self, location: Location, upload: UploadId) -> list[PartReceipt]:
        """All parts the store holds, all pages. Raises NotFoundError when the upload is gone."""

    async def complete_multipart(
        self,
        location: Location,
        ticket: UploadTicket,
        parts: Sequence[PartReceipt],
        *,
        condition: Condition | None = None,
    ) -> PutReply:
        """Join the parts. An error inside a 200 reply is raised as the error it is."""

    async def abort_multipart(self, location: Location, upload: UploadId) -> None:
        """Forget the upload and its parts; one that is gone already is success."""

    async def list_uploads(self, prefix: Prefix) -> list[Upload]:
        """All unfinished uploads under a prefix, all pages."""


class BucketStore(Protocol):
    """Buckets."""

    async def list_buckets(self) -> list[Bucket]: ...

    async def head_bucket(self, bucket: str) -> Bucket:
        """Raises NotFoundError or PermissionDeniedError."""

    async def create_bucket(self, bucket: str, *, with_lock: bool = False) -> None:
        """Raises ConflictError when there is one of this name, whoever owns it.

        Raises NotSupportedError of code `BucketWithoutLock` when it was made without the lock.
        """

    async def delete_bucket(self, bucket: str) -> None:
        """Raises ConflictError when it is not empty."""


class ConfigStore(Protocol):
    """What buckets are told: documents that lose nothing on their way.

    S3 has no condition for these requests: who writes after somebody else wins. Write by
    `store/configuration.save`, which looks before and afterwards.
    """

    async def get_document(
        self, bucket: str, kind: ConfigKind, *, id: str = ""
    ) -> BucketDocument | None:
        """A configuration as the store has it, None when the bucket has none of the kind.

        Some stores, and S3 for some kinds, send a document that says nothing instead of none:
        `config_json.is_set` tells. Raises NotFoundError for no such bucket, NotSupportedError
        where the store does not know the kind, MalformedReplyError for what is no such document.
        """

    async def put_document(self, bucket: str, document: BucketDocument) -> None:
        """Write it as it is. Raises InvalidRequestError for what the store does not accept."""

    async def delete_document(self, bucket: str, kind: ConfigKind, *, id: str = "") -> None:
        """Take a configuration away, or write what is neutral where S3 removes none: versioning
        is suspended, Object Lock loses its default rule, only the owner is left in an ACL.

        Raises NotSupportedError where the store does not know the kind: it may delete the bucket
        itself when it is asked for what it does not know.
        """

    async def list_document_ids(self, bucket: str, kind: ConfigKind) -> list[str]:
        """The ids of a kind that is there several times, all pages."""


class Store(ObjectStore, BucketStore, ConfigStore, Protocol):
    """A whole connection."""

    async def aclose(self) -> None:
        """Close idle connections and end worker threads that belong to this store alone."""


StoreOf = Callable[["ConnectionId"], Awaitable[Store]]
"""How work gets at the stores of connections."""
