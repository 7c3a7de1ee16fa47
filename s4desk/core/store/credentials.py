"""Where the keys of a connection come from, and what its AWS profile says beside them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.connection import CredentialKind, Credentials
from s4desk.core.domain.errors import CredentialsError, MissingKeyError
from s4desk.core.domain.sign_in import KeyLife
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.temporary_keys import KeptKeys, parse_time
from s4desk.core.store.way import find_way

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.secrets import SecretReader
    from s4desk.core.store.way import Way

CredentialSource = Callable[[], Credentials | None]
"""The keys to sign the next request with, None to send it unsigned. Blocks while keys are renewed;
may be called from any thread. Raises CredentialsError."""

_PROFILES: Final = "s4desk.core.store.profile_credentials"


async def credential_source(connection: Connection, secrets: SecretReader) -> CredentialSource:
    """Prepare the source a connection refers to. Raises CredentialsError.

    The keyring is read once, now: what is stored later is seen when the connection is opened
    again. The environment is read at each call; a profile renews its keys by itself.
    """
    match connection.credentials.kind:
        case CredentialKind.ANONYMOUS:
            return _anonymous
        case CredentialKind.ENVIRONMENT:
            return EnvironmentKeys()
        case CredentialKind.PROFILE:
            way = await find_way(connection, secrets)
            source: CredentialSource = await in_thread(_from_profile, connection, way)
            return source
        case CredentialKind.KEYRING:
            return await _from_keyring(connection, secrets)


def life_of(source: CredentialSource) -> KeyLife | None:
    """How long the keys of a source last, None for ever or for who knows. It does not block."""
    found: KeyLife | None = getattr(source, "life", None)
    return found


async def renewed(source: CredentialSource) -> None:
    """Have keys fetched that it is time for; if that takes a person their life says so."""
    with contextlib.suppress(CredentialsError):
        await in_thread(source)


async def completed(connection: Connection) -> Connection:
    """`connection` with what it leaves empty filled in from its AWS profile, if it has one."""
    if connection.credentials.kind is not CredentialKind.PROFILE:
        return connection
    found: Connection = await in_thread(_completed, connection)
    return found


def _anonymous() -> None:
    return None


class EnvironmentKeys:
    """The keys of the environment, as a CredentialSource: read at each call."""

    def __call__(self) -> Credentials:
        key_id = os.environ.get("AWS_ACCESS_KEY_ID", "")
        secret = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
        if not key_id or not secret:
            raise CredentialsError(
                tr(
                    "The environment has no keys. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                    "before starting, or choose other credentials for this connection."
                )
            )
        return hidden(Credentials(key_id, secret, _environment_token()))

    @property
    def life(self) -> KeyLife | None:
        """None for keys that are not temporary."""
        return KeyLife(_environment_end()) if _environment_token() else None


def _environment_token() -> str:
    return os.environ.get("AWS_SESSION_TOKEN") or os.environ.get("AWS_SECURITY_TOKEN", "")


def _environment_end() -> datetime | None:
    """As `aws configure export-credentials` writes it, None for what says no time."""
    with contextlib.suppress(ValueError):
        return parse_time(os.environ.get("AWS_CREDENTIAL_EXPIRATION", ""))
    return None


async def _from_keyring(connection: Connection, secrets: SecretReader) -> CredentialSource:
    kept = await secrets.credentials(connection.id)
    if kept is None:
        said = tr("There are no keys for “{name}” in the keyring. Edit the connection to add them.")
        raise MissingKeyError(said.format(name=connection.name))
    return KeptKeys(hidden(kept))


def _from_profile(connection: Connection, way: Way) -> Any:
    """Only profiles need botocore, which takes a while to load."""
    return import_module(_PROFILES).from_profile(connection, way)


def _completed(connection: Connection) -> Any:
    return import_module(_PROFILES).completed_by_profile(connection)


def hidden(credentials: Credentials) -> Credentials:
    """The same, never to be logged."""
    redact(credentials.secret)
    redact(credentials.token)
    return credentials
