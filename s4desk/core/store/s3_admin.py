"""Buckets on S3: aiobotocore makes the requests, the wire carries them."""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import os
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentials
from aiobotocore.session import AioSession
from botocore import UNSIGNED
from botocore.credentials import ReadOnlyCredentials
from botocore.loaders import Loader, create_loader

from s4desk.core.domain.aws_sites import aws_host
from s4desk.core.domain.connection import Addressing, CredentialKind
from s4desk.core.domain.errors import (
    MalformedReplyError,
    StoreError,
    WrongRegionError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Bucket
from s4desk.core.store.botocore_errors import BOTOCORE_ERRORS, from_botocore
from s4desk.core.store.limits import REQUEST_SLOTS
from s4desk.core.store.s3_error_xml import is_web_page, root_name
from s4desk.core.store.way import Way
from s4desk.core.store.wire_session import WireSession

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.credentials import CredentialSource
    from s4desk.core.wire.pool import WirePool

DEFAULT_REGION: Final = "us-east-1"
_PAGE: Final = 1000
_BUCKET_LISTS: Final = ("ListAllMyBucketsResult", "Error", "ErrorResponse")
"""What may come; botocore reads the errors."""
_NOWHERE: Final = {
    # The user's own AWS configuration is for other programs: only the connection counts here.
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


@functools.cache
def service_model() -> Loader:
    """botocore's description of S3, read once: 120 ms, so not on the loop."""
    loader = create_loader()
    for name in ("_retry", "endpoints", "partitions", "sdk-default-configuration"):
        loader.load_data_with_path(name)
    for kind in ("service-2", "endpoint-rule-set-1"):
        loader.load_service_model("s3", kind)
    return loader


class S3Admin:
    """The `BucketStore` of one connection. Its client is made at the first request."""

    def __init__(
        self,
        connection: Connection,
        credentials: CredentialSource,
        pool: WirePool,
        way: Way | None = None,
    ) -> None:
        self._connection = connection
        self._credentials = credentials
        self._pool = pool
        self._way = way or Way(connection)
        self._region = connection.region or DEFAULT_REGION
        self._host = urlsplit(connection.endpoint).netloc or aws_host(self._region)
        self._opening = asyncio.Lock()
        self._client: Any = None

    async def list_buckets(self) -> list[Bucket]:
        """All pages. Only AWS is asked for pages: others may not know the parameters."""
        buckets: list[Bucket] = []
        parameters: dict[str, Any] = {"MaxBuckets": _PAGE} if self._connection.is_aws else {}
        while True:
            reply = await self._call("list_buckets", **parameters)
            buckets.extend(
                Bucket(each["Name"], each.get("CreationDate"), each.get("BucketRegion", ""))
                for each in reply.get("Buckets", ())
            )
            token = reply.get("ContinuationToken", "")
            if not token:
                return buckets
            if token == parameters.get("ContinuationToken"):
                raise MalformedReplyError("repeated token", operation="list_buckets")
            parameters["ContinuationToken"] = token

    async def head_bucket(self, bucket: str) -> Bucket:
        reply = await self._call("head_bucket", Bucket=bucket)
        return Bucket(bucket, region=reply.get("BucketRegion", ""))

    async def create_bucket(self, bucket: str, *, with_lock: bool = False) -> None:
        parameters: dict[str, Any] = {"Bucket": bucket}
        if with_lock:
            parameters["ObjectLockEnabledForBucket"] = True
        if self._region == DEFAULT_REGION:
            await self._call("create_bucket", **parameters)
            return
        place = {"LocationConstraint": self._region}
        try:
            await self._call("create_bucket", CreateBucketConfiguration=place, **parameters)
        except WrongRegionError:
            if self._connection.is_aws:
                raise
            # The region of another vendor's store may be a name for signatures only.
            await self._call("create_bucket", **parameters)

    async def delete_bucket(self, bucket: str) -> None:
        await self._call("delete_bucket", Bucket=bucket)

    async def aclose(self) -> None:
        async with self._opening:
            client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        bucket: str = parameters.get("Bucket", "")
        try:
            client = await self._opened()
            reply: dict[str, Any] = await getattr(client, operation)(**parameters)
        except StoreError as error:
            error.operation = operation
            error.location = Location(bucket, "") if bucket else None
            raise
        except BOTOCORE_ERRORS as error:
            region = self._region
            raise from_botocore(
                error, host=self._host, operation=operation, bucket=bucket, region=region
            ) from error
        except _StrangeReplyError as error:
            raise MalformedReplyError(
                f"{self._host}: {error}",
                operation=operation,
                location=Location(bucket, "") if bucket else None,
                status=200,
            ) from error
        return reply

    async def _opened(self) -> Any:
        async with self._opening:
            if self._client is None:
                session = await asyncio.to_thread(_Session, self._credentials)
                context = session.create_client(
                    "s3",
                    region_name=self._region,
                    endpoint_url=self._connection.endpoint or None,
                    config=self._config(),
                )
                self._client = await context.__aenter__()
                events = self._client.meta.events
                # Two stars, to come before the handler that makes a 500 of what is no XML.
                events.register("before-parse.*.*", _refuse_strange)
                events.register("before-call.s3.ListBuckets", _follow_no_redirect)
                if not self._connection.is_aws:
                    events.register("before-call.s3", _sum_by_md5)
            return self._client

    def _config(self) -> AioConfig:
        is_anonymous = self._connection.credentials.kind is CredentialKind.ANONYMOUS
        return AioConfig(
            # Its own arguments are about proxies, trust and patience: the way knows of these.
            http_session_cls=lambda **_: WireSession(self._pool, self._way),
            signature_version=UNSIGNED if is_anonymous else "s3v4",
            max_pool_connections=REQUEST_SLOTS,
            # RetryingStore decides what is asked again.
            retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            ignore_configured_endpoint_urls=True,
            s3={"addressing_style": _addressing(self._connection)},
        )


class _StrangeReplyError(Exception):
    """Something came where S3's reply was expected; the message says what."""


class _Session(AioSession):  # type: ignore[misc]
    """A session that signs with the connection's own keys. Make it in a thread: it reads files."""

    def __init__(self, credentials: CredentialSource) -> None:
        super().__init__(session_vars=_NOWHERE)
        self.register_component("data_loader", service_model())
        self._source = credentials

    async def get_credentials(self) -> _LiveCredentials:
        return _LiveCredentials(self._source)


class _LiveCredentials(AioCredentials):  # type: ignore[misc]
    """Asks the source for each signature, in a thread, because renewing keys blocks."""

    def __init__(self, source: CredentialSource) -> None:
        super().__init__("asked-for", "each-time", method="explicit")
        self._source = source

    async def get_frozen_credentials(self) -> ReadOnlyCredentials:
        current = await asyncio.to_thread(self._source)
        if current is None:
            raise AssertionError("an anonymous client signs nothing")
        return ReadOnlyCredentials(current.key_id, current.secret, current.token or None)


def _addressing(connection: Connection) -> str:
    if connection.addressing is Addressing.AUTO:
        return "auto" if connection.is_aws else "path"
    return connection.addressing.value


def _refuse_strange(response_dict: dict[str, Any], operation_model: Any, **_: Any) -> None:
    """A login page is no success, and not the fault inside S3 that botocore takes it for.

    Nor is a list of no buckets whatever says something else: the list of one bucket's objects.
    """
    body = response_dict["body"]
    if response_dict["status_code"] != 200:
        return
    said = body[:200].decode("utf-8", "replace")
    if is_web_page(body):
        raise _StrangeReplyError(f"a web page instead of S3's reply: {said}")
    if operation_model.name == "ListBuckets" and root_name(body) not in _BUCKET_LISTS:
        raise _StrangeReplyError(f"no list of buckets came: {said or 'nothing'}")


def _follow_no_redirect(params: dict[str, Any], **_: Any) -> None:
    """botocore would ask where a bucket is that no request named, and fail with a TypeError."""
    params.get("context", {}).setdefault("s3_redirect", {})["redirected"] = True


def _sum_by_md5(params: dict[str, Any], **_: Any) -> None:
    """Content-MD5 in place of a flexible checksum: stores of every age know it."""
    body = params.get("body")
    content = body.encode() if isinstance(body, str) else body
    if not isinstance(content, bytes) or not content:
        return
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()
    params.get("context", {}).pop("checksum", None)
