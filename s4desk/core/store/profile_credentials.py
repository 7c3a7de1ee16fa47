"""Keys and settings of AWS profiles, by botocore. Everything here blocks."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from s4desk.core.domain.connection import Addressing, Credentials
from s4desk.core.domain.errors import CredentialsError, SignInNeededError, ValidationError
from s4desk.core.domain.sign_in import KeyLife, SignInKind, SignInNeed
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.aws_profiles import profile_values
from s4desk.core.store.botocore_errors import credentials_error
from s4desk.core.store.credential_process import run_process
from s4desk.core.store.credentials import hidden, life_of
from s4desk.core.store.portal import DeviceSignIn, is_signed_in, portal_of
from s4desk.core.store.profile_session import (
    fresh_key_cache,
    key_cache,
    open_session,
    portal_provider,
    role_provider,
)
from s4desk.core.store.temporary_keys import KeptKeys, Leased, TemporaryKeys, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.utils import JSONFileCache

    from s4desk.core.domain.connection import Connection
    from s4desk.core.store.credentials import CredentialSource
    from s4desk.core.store.profile_session import ProfileSession
    from s4desk.core.store.way import Way

# RuntimeError is what botocore raises for keys that have expired when they come.
_NOT_RENEWED: Final = (BotoCoreError, ClientError, RuntimeError)
_NOT_SIGNED_IN: Final = (SSOError, TokenRetrievalError)
_ADDRESSING: Final = {"path": Addressing.PATH, "virtual": Addressing.VIRTUAL}
_ELSEWHERE: Final = ("role_arn", "web_identity_token_file", "sso_session", "sso_start_url")
"""Whoever has one of these gets keys from there, whatever else the profile holds."""


class _CodeNeededError(Exception):
    """There are no keys in the cache, and nobody has given a one-time code."""


def from_profile(connection: Connection, way: Way | None = None) -> CredentialSource:
    """The keys of a connection's profile, renewed when it is time. Portals and STS are asked by
    `way`, and without one as the system says.

    Raises CredentialsError; SignInNeededError when a person has to sign in before there are any.
    """
    profile = connection.credentials.profile
    session = open_session(profile, way)
    try:
        kept = _static(profile)
        if kept is not None:
            return KeptKeys(kept)
        fetch = _fetch(session, connection.name, key_cache())
        if fetch is None:
            return _by_botocore(session)
    except BotoCoreError as error:
        raise credentials_error(error, profile) from error
    source = TemporaryKeys(fetch)
    if _wants_person(session):
        _look(source)
    return source


def sign_in_need(connection: Connection) -> SignInNeed | None:
    """What signing in takes next, None where nobody has to. Raises CredentialsError."""
    session = open_session(connection.credentials.profile)
    portal, needs_code = portal_of(session), bool(_with_code(session))
    if portal is not None and not (needs_code and is_signed_in(portal, datetime.now(UTC))):
        return _page_need(session, connection.name)
    return _code_need(session, connection.name) if needs_code else None


def device_sign_in(connection: Connection, way: Way | None = None) -> DeviceSignIn:
    """Raises CredentialsError."""
    session = open_session(connection.credentials.profile, way)
    portal = portal_of(session)
    if portal is None:
        raise AssertionError("only a profile with a portal is signed in at one")
    return DeviceSignIn(session, portal)


def sign_in_with_code(connection: Connection, code: str, way: Way | None = None) -> KeyLife:
    """Get keys of the role, and keep them where every program of the user finds them.

    Raises ValidationError for a code that is wrong, CredentialsError.
    """
    session = open_session(connection.credentials.profile, way)
    provider = role_provider(session, fresh_key_cache(), lambda _: code)
    return KeyLife(_named(lambda: _loaded(provider), session, connection.name).ends_at)


def key_life(
    connection: Connection, way: Way | None = None, *, is_fresh: bool = False
) -> KeyLife | None:
    """How long the keys last that there are now, with `is_fresh` those that are asked for now.

    Raises CredentialsError.
    """
    if is_fresh:
        session = open_session(connection.credentials.profile, way)
        fetch = _fetch(session, connection.name, fresh_key_cache())
        return KeyLife(fetch().ends_at) if fetch is not None else None
    source = from_profile(connection, way)
    source()
    return life_of(source)


def completed_by_profile(connection: Connection) -> Connection:
    """`connection` with what it leaves empty filled in. Raises CredentialsError."""
    session = open_session(connection.credentials.profile)
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


def _fetch(session: ProfileSession, name: str, cache: JSONFileCache) -> Callable[[], Leased] | None:
    """How keys are got that we renew ourselves; `name` is the connection's."""
    values = session.get_scoped_config()
    if "role_arn" in values and "web_identity_token_file" not in values:
        return lambda: _named(
            lambda: _loaded(role_provider(session, cache, _no_code)), session, name
        )
    if "sso_account_id" in values or "sso_role_name" in values:
        return lambda: _named(
            lambda: _loaded(portal_provider(session, session.name, cache)), session, name
        )
    command = values.get("credential_process")
    if command:
        return lambda: _leased(run_process(command))
    return None


def _wants_person(session: ProfileSession) -> bool:
    """Whether it may take a person to get keys: that is best said before anything is begun."""
    return bool(_with_code(session)) or portal_of(session) is not None


def _with_code(session: ProfileSession) -> dict[str, Any]:
    """What is said of the role that takes a one-time code, nothing when none does."""
    asking = (each for each in session.chain() if "mfa_serial" in each and "role_arn" in each)
    return next(asking, {})


def _look(source: TemporaryKeys) -> None:
    """Raises SignInNeededError. What else fails is said by the request that needs the keys."""
    try:
        source()
    except SignInNeededError:
        raise
    except CredentialsError:
        return


def _by_botocore(session: ProfileSession) -> CredentialSource:
    """What it finds where the program runs, or by a file of a cluster; it renews them itself."""
    held = session.get_credentials()
    if held is None:
        said = tr("The AWS profile {profile} has no keys. Run “aws configure --profile {profile}”.")
        raise CredentialsError(said.format(profile=session.name))

    def current() -> Credentials:
        try:
            frozen = held.get_frozen_credentials()
        except _NOT_RENEWED as error:
            raise credentials_error(error, session.name) from error
        return hidden(Credentials(frozen.access_key, frozen.secret_key, frozen.token or ""))

    return current


def _loaded(provider: Any) -> Leased:
    # Its keys would be asked for by botocore's timetable, and each time it fails be in the log.
    return _leased(provider.load()._refresh_using())  # noqa: SLF001 - it has no other name


def _leased(said: dict[str, Any]) -> Leased:
    keys = hidden(Credentials(said["access_key"], said["secret_key"], said["token"] or ""))
    ends = said["expiry_time"]
    try:
        ends_at = parse_time(ends) if ends else None
    except ValueError as error:
        raise CredentialsError(tr("The keys came with an end that is no time.")) from error
    return Leased(keys, ends_at)


def _named(work: Callable[[], Leased], session: ProfileSession, name: str) -> Leased:
    """Do it; what fails is said in our words."""
    try:
        return work()
    except _CodeNeededError as error:
        raise _needed(_code_need(session, name)) from error
    except _NOT_SIGNED_IN as error:
        raise _needed(_page_need(session, name)) from error
    except ClientError as error:
        raise _refused(error, session) from error
    except _NOT_RENEWED as error:
        raise credentials_error(error, session.name) from error


def _refused(error: ClientError, session: ProfileSession) -> CredentialsError | ValidationError:
    values = session.get_scoped_config()
    told = error.response.get("Error", {})
    message = str(told.get("Message", ""))
    if error.operation_name == "GetRoleCredentials":
        said = tr("The portal gives you no role {role} in the account {account}.")
        return CredentialsError(
            said.format(
                role=values.get("sso_role_name", "?"), account=values.get("sso_account_id", "?")
            )
        )
    if error.operation_name == "AssumeRole" and "MultiFactorAuthentication" in message:
        return ValidationError(
            tr("That code was not accepted. Each code works once: wait for the next one.")
        )
    if error.operation_name == "AssumeRole":
        said = tr("The role {role} cannot be assumed: {reason}")
        return CredentialsError(said.format(role=values.get("role_arn", "?"), reason=message))
    return credentials_error(error, session.name)


def _needed(need: SignInNeed) -> SignInNeededError:
    sentence = (
        tr("“{name}” needs a one-time code (AWS profile {profile}).")
        if need.kind is SignInKind.CODE
        else tr("You are not signed in for “{name}”, or that has ended (AWS profile {profile}).")
    )
    return SignInNeededError(sentence.format(name=need.name, profile=need.profile), need=need)


def _page_need(session: ProfileSession, name: str) -> SignInNeed:
    portal = portal_of(session)
    start_url = "" if portal is None else portal.start_url
    return SignInNeed(SignInKind.PAGE, name, session.name, portal=start_url)


def _code_need(session: ProfileSession, name: str) -> SignInNeed:
    values = _with_code(session)
    role, device = values.get("role_arn", ""), values.get("mfa_serial", "")
    return SignInNeed(SignInKind.CODE, name, session.name, role=role, device=device)


def _no_code(_prompt: str) -> str:
    raise _CodeNeededError
