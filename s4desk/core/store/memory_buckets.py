"""The buckets of the store in memory, and their configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json, neutral
from s4desk.core.domain.errors import (
    ConflictError,
    InvalidRequestError,
    MalformedReplyError,
    NotFoundError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Bucket
from s4desk.core.store.memory_bucket import MemoryBucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.domain.bucket_config import BucketDocument
    from s4desk.core.runtime.clock import Clock

_ENABLED: Final = {"Status": "Enabled"}
_LOCKING: Final = {"ObjectLockEnabled": "Enabled"}


class MemoryBuckets:
    """All of `BucketStore` and `ConfigStore`, in a dictionary."""

    def __init__(self, buckets: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self.buckets = {name: MemoryBucket(clock.now()) for name in buckets}

    async def list_buckets(self) -> list[Bucket]:
        return [Bucket(name, bucket.created) for name, bucket in sorted(self.buckets.items())]

    async def head_bucket(self, bucket: str) -> Bucket:
        return Bucket(bucket, self._bucket(bucket).created)

    async def create_bucket(self, bucket: str, *, with_lock: bool = False) -> None:
        if bucket in self.buckets:
            raise ConflictError(
                "it exists",
                operation="create_bucket",
                location=Location(bucket, ""),
                status=409,
                code="BucketAlreadyOwnedByYou",
            )
        self.buckets[bucket] = MemoryBucket(self._clock.now())
        if with_lock:
            await self.put_document(bucket, from_json(ConfigKind.VERSIONING, _ENABLED))
            await self.put_document(bucket, from_json(ConfigKind.OBJECT_LOCK, _LOCKING))

    async def delete_bucket(self, bucket: str) -> None:
        if self._bucket(bucket).objects:
            raise ConflictError("BucketNotEmpty", operation="delete_bucket", status=409)
        del self.buckets[bucket]

    async def get_document(
        self, bucket: str, kind: ConfigKind, *, id: str = ""
    ) -> BucketDocument | None:
        return self._bucket(bucket).documents.get((kind, id))

    async def put_document(self, bucket: str, document: BucketDocument) -> None:
        """Raises InvalidRequestError for what cannot be read."""
        there = self._bucket(bucket)
        try:
            there.tell(document)
        except MalformedReplyError as error:
            raise InvalidRequestError(
                error.detail, operation="put_document", status=400, code="MalformedXML"
            ) from error

    async def delete_document(self, bucket: str, kind: ConfigKind, *, id: str = "") -> None:
        there = self._bucket(bucket)
        instead = neutral(kind)
        if instead is not None and (kind, id) in there.documents:
            there.tell(instead)
        else:
            there.documents.pop((kind, id), None)

    async def list_document_ids(self, bucket: str, kind: ConfigKind) -> list[str]:
        return sorted(id for each, id in self._bucket(bucket).documents if each is kind)

    def _bucket(self, name: str) -> MemoryBucket:
        if name not in self.buckets:
            raise NotFoundError("NoSuchBucket", location=Location(name, ""), status=404)
        return self.buckets[name]
