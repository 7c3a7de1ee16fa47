"""Addresses of buckets, folders and objects, for the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from s4desk.core.domain.aws_sites import aws_host
from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.keys import encode_key

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection

DEFAULT_REGION = "us-east-1"


def uri_of(place: Prefix | Location) -> str:
    """`s3://bucket/key`, the key as it is."""
    return str(place)


def key_of(place: Prefix | Location) -> str:
    """The key alone; of a bucket its name."""
    if isinstance(place, Location):
        return place.key
    return place.prefix or place.bucket


def url_of(connection: Connection, place: Prefix | Location) -> str:
    """The web address, without a signature: who opens it needs permission of their own.

    Bucket names with dots go into the path, because no certificate covers them in the host
    ("Virtual hosting of buckets" in the S3 user guide).
    """
    endpoint = connection.endpoint or f"https://{aws_host(connection.region or DEFAULT_REGION)}"
    key = place.key if isinstance(place, Location) else place.prefix
    path = encode_key(key)
    if not _is_virtual(connection, place.bucket):
        return f"{endpoint}/{encode_key(place.bucket)}/{path}"
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{place.bucket}.{parts.netloc}/{path}"


def _is_virtual(connection: Connection, bucket: str) -> bool:
    if connection.addressing is Addressing.AUTO:
        return connection.is_aws and "." not in bucket
    return connection.addressing is Addressing.VIRTUAL
