"""Where connections lead that leave their endpoint to an AWS profile: shown before it is opened.

The profile itself is resolved by botocore when a store is opened; this reads the one value that a
person has to see, of as many profiles as there are connections to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.connection import CredentialKind
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.aws_profiles import UnreadableFileError, mentions, service_values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from s4desk.core.domain.connection import Connection

_WORDS: Final = ("endpoint_url", "services")


class ProfileEndpoints:
    """What profiles say of endpoints, as far as it was looked up; `changed` is called for news."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._found: dict[str, str] = {}
        self._changed = changed

    def of(self, connection: Connection) -> Connection:
        """`connection` with the endpoint that it is reached by."""
        found = self._found.get(profile_of(connection))
        return replace(connection, endpoint=found) if found else connection

    async def learn(self, connections: Iterable[Connection]) -> None:
        """Look up the profiles of these."""
        wanted = {profile for each in connections if (profile := profile_of(each))}
        if not wanted:
            return
        found: dict[str, str] = await in_thread(_endpoints, wanted)
        before = {profile: self._found.get(profile, "") for profile in found}
        self._found |= found
        if found != before:
            self._changed()


def profile_endpoint(profile: str) -> str:
    """The endpoint for S3 that a profile names, empty for none or for an unreadable one.

    The environment belongs to other programs and does not count. It blocks. "Service-specific
    endpoints" in the AWS SDKs and Tools Reference Guide.
    """
    if not mentions(profile, _WORDS):
        return ""
    try:
        values, services = service_values(profile)
    except UnreadableFileError:
        return ""
    of_s3: Any = services.get("s3")
    own = of_s3.get("endpoint_url") if isinstance(of_s3, dict) else None
    found = own or values.get("endpoint_url")
    return found if isinstance(found, str) else ""


def profile_of(connection: Connection) -> str:
    """The profile that a connection leaves its endpoint to, empty for none."""
    reference = connection.credentials
    is_left = reference.kind is CredentialKind.PROFILE and not connection.endpoint
    return reference.profile if is_left else ""


def _endpoints(profiles: Collection[str]) -> dict[str, str]:
    return {profile: profile_endpoint(profile) for profile in profiles}
