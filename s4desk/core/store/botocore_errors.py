"""What an error of botocore or aiobotocore means, by the same table as replies of the wire."""

from __future__ import annotations

import os
from typing import Any, Final

from botocore import exceptions, parsers

from s4desk.core.domain.errors import (
    CredentialsError,
    InvalidRequestError,
    MalformedReplyError,
    S4DeskError,
    StalledError,
    StoreError,
    TlsError,
    UnavailableError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.s3_errors import classify, from_exception

BOTOCORE_ERRORS: Final = (
    exceptions.BotoCoreError,
    exceptions.ClientError,
    parsers.ResponseParserError,
)
_NO_CREDENTIALS: Final = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.ProfileNotFound,
    exceptions.ConfigParseError,
    exceptions.InvalidConfigError,
    exceptions.UnknownCredentialError,
    exceptions.MetadataRetrievalError,
    exceptions.RefreshWithMFAUnsupportedError,
    exceptions.MissingDependencyException,
)
_SIGN_IN_AGAIN: Final = (
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.NoAuthTokenError,
    exceptions.SSOError,
    exceptions.LoginError,
)
_UNREACHABLE: Final = (exceptions.ConnectionError, exceptions.HTTPClientError)


def from_botocore(
    error: Exception, *, host: str, operation: str = "", bucket: str = "", region: str = ""
) -> S4DeskError:
    """The error of ours that one of `BOTOCORE_ERRORS` means; `region` was signed for."""
    location = Location(bucket, "") if bucket else None
    if isinstance(error, exceptions.ClientError):
        return _from_reply(error.response, operation, location, region)
    if isinstance(error, _NO_CREDENTIALS + _SIGN_IN_AGAIN):
        return credentials_error(error)
    if isinstance(error, _UNREACHABLE):
        return _from_connection(error, host, operation, location)
    kind: type[StoreError] = InvalidRequestError
    if isinstance(error, parsers.ResponseParserError | exceptions.IncompleteReadError):
        kind = MalformedReplyError
    return kind(f"{host}: {error}", operation=operation, location=location)


def credentials_error(error: Exception, profile: str = "") -> CredentialsError:
    """Say what to do about credentials that botocore could not find, read or refresh."""
    if isinstance(error, (*_SIGN_IN_AGAIN, exceptions.ClientError, RuntimeError)):
        said = tr("The keys of the AWS profile {profile} cannot be renewed; sign in again.")
        return CredentialsError(f"{said.format(profile=profile)} ({error})")
    if isinstance(error, exceptions.ProfileNotFound):
        said = tr("There is no AWS profile named {profile}; choose one of ~/.aws/config.")
        return CredentialsError(said.format(profile=profile or error.kwargs.get("profile", "")))
    said = tr("The AWS configuration gives no usable credentials: {reason}")
    return CredentialsError(said.format(reason=error))


def _from_reply(
    response: dict[str, Any], operation: str, location: Location | None, region: str
) -> StoreError:
    told: dict[str, Any] = response.get("Error", {})
    metadata: dict[str, Any] = response.get("ResponseMetadata", {})
    fields = {name: str(value) for name, value in told.items()}
    fields.setdefault("RequestId", metadata.get("RequestId", ""))
    return classify(
        status=metadata.get("HTTPStatusCode", 0),
        code=fields.get("Code", ""),
        message=fields.get("Message", ""),
        operation=operation,
        location=location,
        headers=metadata.get("HTTPHeaders", {}),
        fields=fields,
        signed_region=region,
    )


def _from_connection(
    error: exceptions.BotoCoreError, host: str, operation: str, location: Location | None
) -> StoreError:
    cause = _cause(error)
    if isinstance(error, exceptions.ReadTimeoutError):
        kind: type[StoreError] = StalledError
    elif isinstance(error, exceptions.ConnectTimeoutError | exceptions.ConnectionClosedError):
        kind = UnavailableError
    elif cause is not None:
        return from_exception(cause, host=host, operation=operation, location=location)
    elif isinstance(error, exceptions.SSLError):
        kind = TlsError
    else:
        kind = UnavailableError
    return kind(f"{host}: {error}", operation=operation, location=location)


def _cause(error: exceptions.BotoCoreError) -> OSError | None:
    """The operating system's own error under the layers of aiohttp."""
    inner = error.kwargs.get("error")
    for name in ("certificate_error", "os_error"):
        inner = getattr(inner, name, inner)
    if isinstance(inner, ConnectionRefusedError):
        # asyncio tells which call failed, not why.
        return ConnectionRefusedError(inner.errno, os.strerror(inner.errno or 0))
    return inner if isinstance(inner, OSError) else None
