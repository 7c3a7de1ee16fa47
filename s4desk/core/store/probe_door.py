"""The requests of a probe that no store makes: other headers, other hosts, signed links."""

from __future__ import annotations

import http.client
import ipaddress
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from s4desk.core.domain.connection import Addressing
from s4desk.core.store.s3_address import query_string
from s4desk.core.store.s3_errors import from_exception, from_reply
from s4desk.core.store.s3_sender import MAX_REPLY, S3Request, S3Sender
from s4desk.core.wire.connection import Request
from s4desk.core.wire.pool import Lane
from s4desk.core.wire.signing import presign

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.credentials import CredentialSource
    from s4desk.core.store.s3_sender import Headers
    from s4desk.core.store.way import Way
    from s4desk.core.wire.exchange import Exchange
    from s4desk.core.wire.pool import WirePool

LINK_S: Final = 60


@dataclass(frozen=True, slots=True)
class Told:
    """A reply that succeeded; the names of its headers are in lower case."""

    headers: Headers
    body: bytes


class Door(Protocol):
    """All calls raise the StoreError that the reply, or no reply, means."""

    @property
    def host(self) -> str:
        """Where the store answers, without a bucket's name in front."""

    @property
    def host_is_address(self) -> bool:
        """Whether it is an address of the Internet Protocol: no name can stand before that."""

    def can_name(self, bucket: str) -> bool:
        """Whether a bucket's name can stand in a host's."""

    async def server(self) -> str:
        """What the store calls itself, empty if it does not; no key is needed to ask."""

    async def ask(self, request: S3Request, addressing: Addressing | None = None) -> Told:
        """Send a signed request, with the bucket's name where `addressing` says."""

    async def follow_link(self, location: Location, *, age_s: float = 0.0) -> Told | None:
        """Sign a link to an object, or to the listing of a bucket, as of `age_s` ago, and follow it
        without a key; None when there is no key to sign with. It runs out after LINK_S."""


class WireDoor:
    """The door of a connection to S3."""

    def __init__(
        self,
        connection: Connection,
        credentials: CredentialSource,
        pool: WirePool,
        way: Way | None = None,
    ) -> None:
        """Raises InvalidRequestError for an endpoint that is no http or https URL."""
        self._credentials = credentials
        self._pool = pool
        self._own = S3Sender(connection, credentials, way=way)
        self._senders = {
            addressing: S3Sender(replace(connection, addressing=addressing), credentials, way=way)
            for addressing in (Addressing.PATH, Addressing.VIRTUAL)
        }

    @property
    def host(self) -> str:
        return self._senders[Addressing.PATH].addresses.target("").endpoint.host

    @property
    def host_is_address(self) -> bool:
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True

    def can_name(self, bucket: str) -> bool:
        named = self._senders[Addressing.VIRTUAL].addresses.target(bucket).endpoint.host
        return named != self.host

    async def server(self) -> str:
        target = self._senders[Addressing.PATH].addresses.target("")
        request = Request("GET", "/", [("Host", target.endpoint.authority)])

        def ask(exchange: Exchange) -> str:
            try:
                with exchange.request(target.endpoint, request) as reply:
                    reply.read_upto(MAX_REPLY)
                    return reply.headers.get("server", "")
            except (OSError, http.client.HTTPException) as error:
                raise from_exception(
                    error, host=target.endpoint.host, operation="server"
                ) from error

        return await self._pool.run(Lane.INTERACTIVE, ask)

    async def ask(self, request: S3Request, addressing: Addressing | None = None) -> Told:
        sender = self._own if addressing is None else self._senders[addressing]
        return await self._pool.run(
            Lane.INTERACTIVE, lambda exchange: sender.call(exchange, request, Told)
        )

    async def follow_link(self, location: Location, *, age_s: float = 0.0) -> Told | None:
        return await self._pool.run(
            Lane.INTERACTIVE, lambda exchange: self._follow(exchange, location, age_s)
        )

    async def aclose(self) -> None:
        """Close idle connections; the threads belong to the pool."""
        for sender in (self._own, *self._senders.values()):
            for endpoint in sender.addresses.endpoints:
                self._pool.drop_connections(endpoint)

    def _follow(self, exchange: Exchange, location: Location, age_s: float) -> Told | None:
        credentials = exchange.token.detached(self._credentials)
        if credentials is None:
            return None
        target = self._own.addresses.target(location.bucket, location.key or None)
        host = target.endpoint.authority
        query = "" if location.key else query_string({"list-type": "2", "max-keys": "1"})
        link = presign(
            "GET",
            f"{target.path}?{query}" if query else target.path,
            host,
            credentials,
            region=target.region,
            expires_s=LINK_S,
            at=time.time() - age_s,
        )
        try:
            with exchange.request(target.endpoint, Request("GET", link, [("Host", host)])) as reply:
                body = reply.read_all(MAX_REPLY)
        except (OSError, http.client.HTTPException) as error:
            raise from_exception(
                error, host=target.endpoint.host, operation="follow_link", location=location
            ) from error
        if 200 <= reply.status < 300:
            return Told(reply.headers, body)
        raise from_reply(
            status=reply.status,
            headers=reply.headers,
            body=body,
            operation="follow_link",
            location=location,
        )
