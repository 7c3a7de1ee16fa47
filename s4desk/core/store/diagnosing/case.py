"""One connection that did not work: who was asked, and what can be looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from s4desk.core.domain.aws_sites import aws_host
from s4desk.core.store.diagnosis import Diagnosis, Fix
from s4desk.core.store.looks import Looks
from s4desk.core.store.s3_address import DEFAULT_REGION, Addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.connection import Connection, WaySecrets
    from s4desk.core.domain.provider import Provider
    from s4desk.core.store.diagnosis import Attempt, Problem


@dataclass(frozen=True)
class Case:
    """`attempt` tries a change of the connection; `providers` are those that are known. `secrets`
    are what the way there needs, a proxy's password for one."""

    connection: Connection
    attempt: Attempt
    providers: Mapping[str, Provider]
    secrets: WaySecrets

    @cached_property
    def looks(self) -> Looks:
        return Looks(self.connection, self.secrets)

    @property
    def url(self) -> str:
        connection = self.connection
        return connection.endpoint or f"https://{aws_host(connection.region or DEFAULT_REGION)}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def asked_host(self) -> str:
        """That of the start bucket, where buckets are hosts."""
        bucket = self.connection.start_bucket
        if not bucket:
            return self.host
        return Addresses(self.connection).target(bucket).endpoint.host

    @property
    def asked_url(self) -> str:
        return with_host(self.url, self.asked_host)

    def found(
        self, problem: Problem, error: Exception, fix: Fix | None = None, **facts: object
    ) -> Diagnosis:
        """The diagnosis, with what every one says."""
        found = Diagnosis(problem, error, host=self.host, port=self.port, fix=fix)
        return replace(found, **facts)  # type: ignore[arg-type]


def at_port(url: str, port: int) -> str:
    """The root of another port of the same host."""
    parts = urlsplit(url)
    scheme = "https" if port == 443 else parts.scheme if port != 80 else "http"
    return urlunsplit((scheme, _netloc(parts.hostname or "", port), "", "", ""))


def without_path(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=""))


def with_host(url: str, host: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=_netloc(host, parts.port)))


def with_scheme(url: str, scheme: str) -> str:
    """The same port, unless it is the scheme's own."""
    return urlunsplit(urlsplit(url)._replace(scheme=scheme))


def _netloc(host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host
