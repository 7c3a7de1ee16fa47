"""Buckets by aiobotocore, which is loaded when they are asked for.

It takes 0.4 s of processor time and 80 MB; objects, listings and configurations need none of it.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.objects import Bucket
    from s4desk.core.store.credentials import CredentialSource
    from s4desk.core.store.s3_admin import S3Admin
    from s4desk.core.store.way import Way
    from s4desk.core.wire.pool import WirePool


class LateAdmin:
    """The `BucketStore` of one connection, made at the first request."""

    def __init__(
        self, connection: Connection, credentials: CredentialSource, pool: WirePool, way: Way
    ) -> None:
        self._how = (connection, credentials, pool, way)
        self._making = asyncio.Lock()
        self._made: S3Admin | None = None

    async def list_buckets(self) -> list[Bucket]:
        return await (await self._admin()).list_buckets()

    async def head_bucket(self, bucket: str) -> Bucket:
        return await (await self._admin()).head_bucket(bucket)

    async def create_bucket(self, bucket: str, *, with_lock: bool = False) -> None:
        await (await self._admin()).create_bucket(bucket, with_lock=with_lock)

    async def delete_bucket(self, bucket: str) -> None:
        await (await self._admin()).delete_bucket(bucket)

    async def aclose(self) -> None:
        if self._made is not None:
            await self._made.aclose()

    async def _admin(self) -> S3Admin:
        async with self._making:
            if self._made is None:
                await in_thread(load)
                # Loaded already, in a thread: importing it here costs nothing.
                from s4desk.core.store.s3_admin import S3Admin  # noqa: PLC0415

                self._made = S3Admin(*self._how)
            return self._made


def load() -> None:
    """Load aiobotocore and its description of S3. It blocks."""
    import_module("s4desk.core.store.s3_admin").service_model()
