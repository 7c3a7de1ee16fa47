"""The buckets of the store in memory, and their configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s4desk.core.domain.errors import ConflictError, NotFoundError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Bucket
from s4desk.core.store.memory_bucket import MemoryBucket
from s4desk.core.store.protocol import ConfigKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from s4desk.core.runtime.clock import Clock


class MemoryBuckets:
    """All of `BucketStore`, in a dictionary."""

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
            await self.put_config(bucket, ConfigKind.VERSIONING, {"Status": "Enabled"})
            await self.put_config(bucket, ConfigKind.OBJECT_LOCK, {"ObjectLockEnabled": "Enabled"})

    async def delete_bucket(self, bucket: str) -> None:
        if self._bucket(bucket).objects:
            raise ConflictError("BucketNotEmpty", operation="delete_bucket", status=409)
        del self.buckets[bucket]

    async def get_config(self, bucket: str, kind: ConfigKind) -> Mapping[str, Any] | None:
        return self._bucket(bucket).configs.get(kind)

    async def put_config(self, bucket: str, kind: ConfigKind, value: Mapping[str, Any]) -> None:
        self._bucket(bucket).configs[kind] = value

    async def delete_config(self, bucket: str, kind: ConfigKind) -> None:
        self._bucket(bucket).configs.pop(kind, None)

    def _bucket(self, name: str) -> MemoryBucket:
        if name not in self.buckets:
            raise NotFoundError("NoSuchBucket", location=Location(name, ""), status=404)
        return self.buckets[name]
