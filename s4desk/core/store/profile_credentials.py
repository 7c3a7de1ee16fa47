"""Keys and settings of AWS profiles, by botocore. Everything here blocks."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    PartialCredentialsError,
)
from botocore.session import Session

from s4desk.core.domain.connection import Addressing, Credentials
from s4desk.core.domain.errors import CredentialsError
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.aws_profiles import UnreadableFileError, configuration_of, profile_values
from s4desk.core.store.botocore_errors import credentials_error
from s4desk.core.store.credentials import hidden

if TYPE_CHECKING:
    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.credentials import CredentialSource

# RuntimeError is what botocore raises for keys that have expired when they come.
_NOT_RENEWED: Final = (BotoCoreError, ClientError, RuntimeError)
_ADDRESSING: Final = {"path": Addressing.PATH, "virtual": Addressing.VIRTUAL}
_ELSEWHERE: Final = ("role_arn", "web_identity_token_file", "sso_session", "sso_start_url")
"""Whoever has one of these gets keys from there, whatever else the profile holds."""

_NO_FILES: Final = {
    # What is needed of them has been read; botocore would read all of them again, and again.
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def from_profile(profile: str) -> CredentialSource:
    """The keys of a profile, which renews them by itself. Raises CredentialsError."""
    session = _session(profile)
    _refuse_prompts(session, profile)
    try:
        kept = _static(profile)
        if kept is not None:
            return lambda: kept
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
        return hidden(Credentials(frozen.access_key, frozen.secret_key, frozen.token or ""))

    return current


def _static(profile: str) -> Credentials | None:
    """The keys that stand in the files, if the profile says nothing that counts more."""
    values = profile_values(profile)
    if values is None or any(name in values.all for name in _ELSEWHERE):
        return None
    for said in (values.credentials, {} if "credential_process" in values.all else values.config):
        if "aws_access_key_id" not in said:
            continue
        if "aws_secret_access_key" not in said:
            raise PartialCredentialsError(provider="profile", cred_var="aws_secret_access_key")
        token = said.get("aws_session_token") or said.get("aws_security_token", "")
        return hidden(Credentials(said["aws_access_key_id"], said["aws_secret_access_key"], token))
    return None


class _ProfileSession(Session):  # type: ignore[misc]
    """A session that knows one profile, and what that refers to."""

    def __init__(self, profile: str) -> None:
        super().__init__(profile=profile, session_vars=_NO_FILES)
        self._of_profile = configuration_of(profile)

    @property
    def full_config(self) -> dict[str, Any]:
        return self._of_profile


def _session(profile: str) -> Session:
    """A botocore session of the profile; an unknown one is an error here and now."""
    try:
        session = _ProfileSession(profile)
        session.get_scoped_config()
    except UnreadableFileError as error:
        path, _, reason = str(error).partition(": ")
        raise credentials_error(ConfigParseError(path=path, error=reason), profile) from error
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


def completed_by_profile(connection: Connection) -> Connection:
    """`connection` with what it leaves empty filled in. Raises CredentialsError."""
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
