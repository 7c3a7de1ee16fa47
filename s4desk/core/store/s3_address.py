"""Where a bucket is: endpoint, Host and path of a request, and the region it is signed for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from s4desk.core.domain.aws_sites import aws_host
from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.errors import InvalidRequestError
from s4desk.core.domain.keys import encode_key, encode_value
from s4desk.core.store.way import Way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.connection import Connection
    from s4desk.core.wire.endpoint import Endpoint

DEFAULT_REGION: Final = "us-east-1"
_DNS_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_AWS_HOST: Final = re.compile(r"s3(?:-fips)?(?:\.dualstack)?[.-]([a-z]+-[a-z-]+-\d+)\.")


@dataclass(frozen=True, slots=True)
class Target:
    """One request's place. `path` is percent-encoded and begins with a slash."""

    endpoint: Endpoint
    path: str
    region: str


class Addresses:
    """The places of one connection; it learns where buckets live.

    All methods may be called from any thread.
    """

    def __init__(self, connection: Connection, way: Way | None = None) -> None:
        """Raises InvalidRequestError for an endpoint that is no http or https URL."""
        self._connection = connection
        self._way = way or Way(connection)
        self._is_aws = connection.is_aws
        self._regions: dict[str, str] = {}
        self._seen: set[Endpoint] = set()
        self._base = urlsplit(connection.endpoint).path.rstrip("/")
        host = urlsplit(connection.endpoint).hostname or ""
        named = _AWS_HOST.search(host) if self._is_aws else None
        self.region = connection.region or (named[1] if named else DEFAULT_REGION)
        self._default = self._parse(connection.endpoint or _aws_url(self.region))

    def _parse(self, url: str) -> Endpoint:
        try:
            return self._way.endpoint(url)
        except ValueError as error:
            raise InvalidRequestError(str(error), operation="open") from error

    @property
    def endpoints(self) -> list[Endpoint]:
        """Every endpoint that was asked for."""
        return list(self._seen)

    def region_of(self, bucket: str) -> str:
        return self._regions.get(bucket, self.region)

    def learn(self, bucket: str, region: str) -> None:
        """Remember that `bucket` lives in `region`."""
        self._regions[bucket] = region

    def target(self, bucket: str, key: str | None = None) -> Target:
        """The place of a bucket, or of a key in it."""
        region = self.region_of(bucket)
        endpoint = self._default
        if self._is_aws and region != self.region:
            endpoint = self._parse(_aws_url(region, endpoint.scheme))
        path = "" if key is None else "/" + encode_key(key)
        if self._is_virtual(bucket, endpoint):
            endpoint = self._way.beside(endpoint, f"{bucket}.{endpoint.host}")
        else:
            path = f"/{encode_key(bucket)}{path}"
        self._seen.add(endpoint)
        return Target(endpoint, f"{self._base}{path}" or "/", region)

    def _is_virtual(self, bucket: str, endpoint: Endpoint) -> bool:
        if self._connection.addressing is Addressing.PATH:
            return False
        if not _DNS_NAME.fullmatch(bucket) or ".." in bucket:
            return False
        if self._connection.addressing is Addressing.AUTO:
            # A wildcard certificate covers one label only.
            return self._is_aws and not (endpoint.is_tls and "." in bucket)
        return self._connection.addressing is Addressing.VIRTUAL


def _aws_url(region: str, scheme: str = "https") -> str:
    return f"{scheme}://{aws_host(region)}"


def query_string(parameters: Mapping[str, str]) -> str:
    """Parameters in the order the signature wants; those without a value have no `=`."""
    return "&".join(
        f"{encode_value(name)}={encode_value(value)}" if value else encode_value(name)
        for name, value in sorted(parameters.items())
    )
