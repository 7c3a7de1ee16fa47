"""A plain botocore client for the suite's own needs: seeding, looking, cleaning up."""

from __future__ import annotations

import contextlib
import functools
import uuid
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.endpoint import Endpoint


@contextlib.contextmanager
def s3_client(
    endpoint: Endpoint, *, second_account: bool = False, service: str = "s3", **options: Any
) -> Iterator[Any]:
    """Yield a client that sends no trailers and tries once; `options` go to botocore's Config."""
    config = Config(
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
    ).merge(Config(**options))
    client = _session().create_client(
        service,
        region_name=endpoint.region,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key2 if second_account else endpoint.access_key,
        aws_secret_access_key=endpoint.secret_key2 if second_account else endpoint.secret_key,
        verify=str(endpoint.ca) if endpoint.ca else None,
        config=config,
    )
    try:
        yield client
    finally:
        client.close()


@functools.cache
def _session() -> Any:
    """One for the whole run: a new one reads botocore's model of S3 for 0.1 s."""
    return botocore.session.get_session()


def new_bucket_name() -> str:
    return f"t-{uuid.uuid4().hex[:20]}"


@contextlib.contextmanager
def temporary_bucket(endpoint: Endpoint, *, lock: bool = False) -> Iterator[str]:
    """Yield the name of a new bucket; what can be deleted of it is deleted at the end."""
    bucket = new_bucket_name()
    with s3_client(endpoint) as client:
        client.create_bucket(
            Bucket=bucket, **({"ObjectLockEnabledForBucket": True} if lock else {})
        )
        try:
            yield bucket
        finally:
            # Locked objects stay, and go with the server.
            with contextlib.suppress(ClientError):
                empty_bucket(client, bucket)
                client.delete_bucket(Bucket=bucket)


def empty_bucket(client: Any, bucket: str) -> None:
    """Delete every version and every unfinished upload; GOVERNANCE locks are bypassed."""
    for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            client.abort_multipart_upload(
                Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = page.get("Versions", []) + page.get("DeleteMarkers", [])
        for key, version_id in _not_deleted_together(client, bucket, versions):
            _delete(client, bucket, key, version_id)


def _not_deleted_together(
    client: Any, bucket: str, versions: list[dict[str, Any]]
) -> list[tuple[str, str]]:
    """Delete many in one request; those that are left, all of them where a store cannot do that."""
    every = [(each["Key"], each["VersionId"]) for each in versions]
    if len(every) < 2:
        return every
    objects = [{"Key": key, "VersionId": version_id} for key, version_id in every]
    try:
        told = client.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    except ClientError:
        return every
    deleted = {(each["Key"], each.get("VersionId")) for each in told.get("Deleted", [])}
    return [each for each in every if each not in deleted]


def _delete(client: Any, bucket: str, key: str, version_id: str) -> None:
    where = {"Bucket": bucket, "Key": key, "VersionId": version_id}
    try:
        client.delete_object(**where)
    except ClientError:
        with contextlib.suppress(ClientError):
            client.put_object_legal_hold(**where, LegalHold={"Status": "OFF"})
        with contextlib.suppress(ClientError):
            client.delete_object(**where, BypassGovernanceRetention=True)
