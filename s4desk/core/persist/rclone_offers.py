"""Connections in rclone's configuration. It keeps the keys of S3 remotes in plain text.

"Configuration" and "Amazon S3 Storage Providers" in rclone's documentation.
"""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    CredentialKind,
    CredentialReference,
    Credentials,
)
from s4desk.core.domain.errors import LocalFileError
from s4desk.core.persist.connections import new_connection_id
from s4desk.core.persist.offers import Offer, UnusableSourceError, importable_name
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.logs import redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ENCRYPTED: Final = "RCLONE_ENCRYPT_V"
_TAKEN: Final = {
    "type",
    "provider",
    "env_auth",
    "profile",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "region",
    "endpoint",
    "force_path_style",
    "description",
}
_YES: Final = ("true", "1", "yes")


def rclone_offers(path: Path) -> list[Offer]:
    """One for each remote, in the order of the file. It blocks.

    Raises LocalFileError, UnusableSourceError for what is encrypted or no such file.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise LocalFileError(path, error) from error
    except UnicodeDecodeError as error:
        raise UnusableSourceError(_no_rclone(path)) from error
    if any(line.startswith(_ENCRYPTED) for line in text.splitlines()[:5]):
        raise UnusableSourceError(
            tr(
                "{file} is encrypted with a password of rclone's. Let rclone write what is in it"
                " into another file (“rclone config show”), import that, and delete it."
            ).format(file=path)
        )
    parser = configparser.RawConfigParser(
        strict=False, delimiters=("=",), default_section="", interpolation=None
    )
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise UnusableSourceError(_no_rclone(path)) from error
    return [_offer(name, dict(parser.items(name))) for name in parser.sections()]


def _no_rclone(path: Path) -> str:
    return tr("{file} is not a configuration file of rclone.").format(file=path)


def _offer(name: str, remote: Mapping[str, str]) -> Offer:
    kind = remote.get("type", "")
    if kind != "s3":
        said = tr("It is no S3 store for rclone, but “{kind}”.").format(kind=kind or "?")
        return Offer(name, problem=said)
    provider = remote.get("provider", "")
    endpoint = _endpoint(remote.get("endpoint", ""))
    if not endpoint and provider not in ("", "AWS"):
        said = tr("It names no endpoint: rclone knows that of {provider} by itself.")
        return Offer(name, problem=said.format(provider=provider))
    reference, credentials = _keys(remote)
    connection = Connection(
        new_connection_id(),
        importable_name(name),
        endpoint=endpoint,
        region=remote.get("region", ""),
        addressing=_addressing(remote.get("force_path_style", "")),
        credentials=reference,
        key_id=credentials.key_id if credentials is not None else "",
    )
    return Offer(
        name, connection, credentials, _left_out(remote), remark=_remark(remote, reference)
    )


def _endpoint(text: str) -> str:
    address = text.strip().rstrip("/")
    return f"https://{address}" if address and "://" not in address else address


def _addressing(force_path_style: str) -> Addressing:
    if not force_path_style:
        return Addressing.AUTO
    return Addressing.PATH if force_path_style.lower() in _YES else Addressing.VIRTUAL


def _keys(remote: Mapping[str, str]) -> tuple[CredentialReference, Credentials | None]:
    key_id, secret = remote.get("access_key_id", ""), remote.get("secret_access_key", "")
    if key_id and secret:
        redact(secret)
        token = remote.get("session_token", "")
        return CredentialReference(), Credentials(key_id, secret, token)
    if remote.get("env_auth", "").lower() not in _YES:
        return CredentialReference(CredentialKind.ANONYMOUS), None
    profile = remote.get("profile", "")
    kind = CredentialKind.PROFILE if profile else CredentialKind.ENVIRONMENT
    return CredentialReference(kind, profile), None


def _remark(remote: Mapping[str, str], reference: CredentialReference) -> str:
    """A key id alone is no key."""
    is_keyless = reference.kind is CredentialKind.ANONYMOUS
    return (
        tr("Its key comes without a secret.") if is_keyless and remote.get("access_key_id") else ""
    )


def _left_out(remote: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the options that s4desk has no place for; their values may be secret."""
    return tuple(sorted(name for name, value in remote.items() if value and name not in _TAKEN))
