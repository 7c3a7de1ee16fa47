"""Addresses of buckets, folders and objects: for the clipboard, and what one leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from s4desk.core.domain.aws_sites import aws_host
from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.keys import encode_key
from s4desk.core.domain.provider import recognise
from s4desk.core.domain.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.domain.connection import Connection

DEFAULT_REGION = "us-east-1"
_PORTS = {"http": 80, "https": 443}


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


def place_of_url(
    url: str, connections: Iterable[Connection]
) -> tuple[Connection, Prefix | None] | None:
    """The first connection that a web address belongs to, and the bucket and key it names.

    The bucket may be in the host or in the path. Of several connections to one store that goes
    first whose key signed the address. None for an address of no connection.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    signer = parse_qs(parts.query).get("X-Amz-Credential", [""])[0].partition("/")[0]
    # A sort keeps the order of those that are alike.
    ordered = sorted(connections, key=lambda each: not signer or each.key_id != signer)
    for connection in ordered:
        path = _path_at(connection, parts)
        if path is not None:
            bucket, _, key = path.partition("/")
            return connection, Prefix(bucket, key) if bucket else None
    return None


def _path_at(connection: Connection, url: SplitResult) -> str | None:
    """`bucket/key` of an address at a connection's store; None for one elsewhere."""
    path = unquote(url.path, errors="surrogateescape").removeprefix("/")
    host = url.hostname or ""
    if connection.is_aws:
        found = recognise(host, {"aws": PROVIDERS["aws"]})
        if found is None:
            return None
        return f"{found.bucket}/{path}" if found.bucket else path
    endpoint = urlsplit(connection.endpoint)
    if _port(url) != _port(endpoint) or not endpoint.hostname:
        return None
    base = f"{endpoint.path.strip('/')}/".lstrip("/")
    if not path.startswith(base):
        return None
    path = path.removeprefix(base)
    if host == endpoint.hostname:
        return path
    bucket = host.removesuffix(f".{endpoint.hostname}")
    return f"{bucket}/{path}" if bucket != host else None


def _port(url: SplitResult) -> int | None:
    return url.port or _PORTS.get(url.scheme)
