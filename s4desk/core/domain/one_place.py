"""Whether two connections lead to one store, and two names to one bucket, as far as they tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from s4desk.core.domain.failover import SCHEME

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ALIAS_ENDS = ("-s3alias", "--ol-s3", "--op-s3", ".mrap")
"""No bucket of AWS has a name that ends so ("Bucket naming rules", S3 user guide)."""


def is_alias(bucket: str) -> bool:
    """Whether this is the name of an access point: another name of some bucket."""
    return bucket.startswith("arn:") or bucket.endswith(_ALIAS_ENDS)


def may_be_one(one: str, other: str) -> bool:
    """Whether two names may be those of one bucket."""
    return one == other or is_alias(one) or is_alias(other)


def is_one_endpoint(one: Connection, other: Connection) -> bool:
    """Whether two connections lead to one store, as far as their addresses tell."""
    return one.id == other.id or _site_of(one) == _site_of(other)


def bucket_name(connection: Connection, bucket: str) -> str:
    """What a bucket is called among those of all stores, however the address of its own is
    written."""
    host, port, path = _site_of(connection)
    return f"{host}:{port or ''}{path}/{bucket}"


def leads_alike(connection: Connection, endpoint: str) -> bool:
    """Whether it would lead to the same store with another endpoint, as far as addresses tell."""
    other = replace(connection, endpoint=endpoint)
    return (_site_of(connection), _names_of(connection)) == (_site_of(other), _names_of(other))


def _site_of(connection: Connection) -> tuple[str, int | None, str]:
    """Host, port and path as every way to write them has them; AWS has one name per bucket."""
    if connection.group is not None:
        home = connection.endpoint.removeprefix(f"{SCHEME}:").partition("#")[0]
        connection = replace(connection, endpoint=home, group=None)
    try:
        url = urlsplit(connection.endpoint)
        host, port = (url.hostname or "").rstrip("."), url.port
    except ValueError:
        return connection.endpoint, None, ""
    if connection.is_aws:
        return f"aws{'.cn' if host.endswith('.cn') else ''}", None, ""
    return host, port or _DEFAULT_PORTS.get(url.scheme), url.path.rstrip("/")


def _names_of(connection: Connection) -> str:
    """What buckets of a group are called at its first backend, where that is something else."""
    return "" if connection.group is None else connection.endpoint.partition("#")[2]
