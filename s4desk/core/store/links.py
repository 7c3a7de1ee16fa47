"""Links that let anybody do one thing with an object for a while."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import CredentialsError
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.credentials import completed
from s4desk.core.store.s3_address import Addresses, query_string
from s4desk.core.wire.signing import presign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.connection import Connection, Credentials
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.credentials import CredentialSource

NO_QUERY: Final[Mapping[str, str]] = MappingProxyType({})


async def signed_links(
    connection: Connection,
    source: CredentialSource,
    locations: Sequence[Location],
    expires_s: int,
    *,
    method: str = "GET",
    query: Mapping[str, str] = NO_QUERY,
    region: str = "",
) -> list[str]:
    """A link for each of these objects of one bucket, which works until it, or the key that signed
    it, runs out; nothing is asked of the store.

    `query` are parameters of the request, such as versionId and response-content-disposition.
    `region` is the bucket's where that is known. Raises CredentialsError, also without keys.
    """
    connection = await completed(connection)
    credentials = await in_thread(source)
    if credentials is None:
        raise CredentialsError(tr("Without keys no link can be signed."))
    addresses = Addresses(connection)
    if region and locations:
        addresses.learn(locations[0].bucket, region)

    def sign_all() -> list[str]:
        return [
            _signed(addresses, credentials, each, expires_s, method=method, query=query)
            for each in locations
        ]

    return await in_thread(sign_all)


def _signed(
    addresses: Addresses,
    credentials: Credentials,
    location: Location,
    expires_s: int,
    *,
    method: str,
    query: Mapping[str, str],
) -> str:
    target = addresses.target(location.bucket, location.key)
    host = target.endpoint.authority
    path = f"{target.path}?{query_string(query)}" if query else target.path
    signed = presign(method, path, host, credentials, region=target.region, expires_s=expires_s)
    return f"{target.endpoint.scheme}://{host}{signed}"
