"""Where the keys of a connection come from, and what its AWS profile says beside them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from s4desk.core.domain.connection import Addressing, CredentialKind, Credentials
from s4desk.core.domain.errors import CredentialsError, MissingKeyError
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact
from s4desk.core.store.botocore_errors import credentials_error

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.secrets import SecretReader

CredentialSource = Callable[[], Credentials | None]
"""The keys to sign the next request with, None to send it unsigned. Blocks while keys are renewed;
may be called from any thread. Raises CredentialsError."""

# RuntimeError is what botocore raises for keys that have expired when they come.
_NOT_RENEWED: Final = (BotoCoreError, ClientError, RuntimeError)
_ADDRESSING: Final = {"path": Addressing.PATH, "virtual": Addressing.VIRTUAL}


async def credential_source(connection: Connection, secrets: SecretReader) -> CredentialSource:
    """Prepare the source a connection refers to. Raises CredentialsError.

    The keyring is read once, now: what is stored later is seen when the connection is opened
    again. The environment is read at each call; a profile renews its keys by itself.
    """
    match connection.credentials.kind:
        case CredentialKind.ANONYMOUS:
            return _anonymous
        case CredentialKind.ENVIRONMENT:
            return _from_environment
        case CredentialKind.PROFILE:
            return await asyncio.to_thread(_from_profile, connection.credentials.profile)
        case CredentialKind.KEYRING:
            return await _from_keyring(connection, secrets)


async def completed(connection: Connection) -> Connection:
    """`connection` with what it leaves empty filled in from its AWS profile, if it has one."""
    if connection.credentials.kind is not CredentialKind.PROFILE:
        return connection
    return await asyncio.to_thread(_completed, connection)


def _anonymous() -> None:
    return None


def _from_environment() -> Credentials:
    key_id = os.environ.get("AWS_ACCESS_KEY_ID", "")
    secret = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    if not key_id or not secret:
        raise CredentialsError(
            tr(
                "The environment has no keys. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                "before starting, or choose other credentials for this connection."
            )
        )
    token = os.environ.get("AWS_SESSION_TOKEN") or os.environ.get("AWS_SECURITY_TOKEN", "")
    return _hidden(Credentials(key_id, secret, token))


async def _from_keyring(connection: Connection, secrets: SecretReader) -> CredentialSource:
    kept = await secrets.credentials(connection.id)
    if kept is None:
        said = tr("There are no keys for “{name}” in the keyring. Edit the connection to add them.")
        raise MissingKeyError(said.format(name=connection.name))
    found = _hidden(kept)
    return lambda: found


def _from_profile(profile: str) -> CredentialSource:
    session = _session(profile)
    _refuse_prompts(session, profile)
    try:
        held = session.get_credentials()
    except BotoCoreError as error:
        raise credentials_error(error, profile) from error
    if held is None:
        said = tr("The AWS profile {profile} has no keys. Run “aws configure --profile {profile}”.")
        raise CredentialsError(said.format(profile=profile))

    def current() -> Credentials:
        try:
            frozen = held.get_frozen_credentials()
        except _NOT_RENEWED as error:
            raise credentials_error(error, profile) from error
        return _hidden(Credentials(frozen.access_key, frozen.secret_key, frozen.token or ""))

    return current


def _session(profile: str) -> Session:
    """A botocore session of the profile; an unknown one is an error here and now."""
    try:
        session = Session(profile=profile or None)
        session.get_scoped_config()
    except BotoCoreError as error:
        raise credentials_error(error, profile) from error
    return session


def _refuse_prompts(session: Session, profile: str) -> None:
    """botocore would ask for a one-time password on a terminal that nobody looks at."""
    if "mfa_serial" in session.get_scoped_config():
        said = tr(
            "The AWS profile {profile} asks for a one-time password, which is not supported yet. "
            "Use a profile with temporary keys."
        )
        raise CredentialsError(said.format(profile=profile))


def _completed(connection: Connection) -> Connection:
    session = _session(connection.credentials.profile)
    scoped: dict[str, Any] = session.get_scoped_config()
    s3 = scoped.get("s3")
    style = s3.get("addressing_style", "") if isinstance(s3, dict) else ""
    addressing = connection.addressing
    if addressing is Addressing.AUTO:
        addressing = _ADDRESSING.get(style, Addressing.AUTO)
    # The environment belongs to other programs: only the profile's own endpoint counts.
    endpoints = ConfiguredEndpointProvider(session.full_config, scoped, "s3", environ={})
    return replace(
        connection,
        endpoint=connection.endpoint or endpoints.provide() or "",
        region=connection.region or scoped.get("region", ""),
        ca_file=connection.ca_file or os.path.expanduser(scoped.get("ca_bundle", "")),
        addressing=addressing,
    )


def _hidden(credentials: Credentials) -> Credentials:
    redact(credentials.secret)
    redact(credentials.token)
    return credentials
