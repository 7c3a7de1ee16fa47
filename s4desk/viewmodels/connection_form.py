"""The form that makes or edits a connection."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.connection import (
    Addressing,
    Connection,
    ConnectionLimits,
    CredentialKind,
    CredentialReference,
    Credentials,
    WaySecrets,
)
from s4desk.core.domain.errors import ValidationError
from s4desk.core.persist.settings import LEAST_RATE, MOST_PARTS, MOST_TRANSFERS
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.profile_endpoints import profile_endpoint
from s4desk.viewmodels.connection_preset import (
    Preset,
    connection_texts,
    parse_store_endpoint,
    proposed_name,
    provider_field,
)
from s4desk.viewmodels.forms import Field, FieldKind, Form, choice
from s4desk.viewmodels.moments import until_from
from s4desk.viewmodels.quantities import count_between, rate_example, rate_from, rate_words
from s4desk.viewmodels.validation import (
    endpoint_remark,
    key_remark,
    parse_connection_name,
    parse_key,
)
from s4desk.viewmodels.way_fields import WayFields, exposure_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_REGION = re.compile(r"[A-Za-z0-9._-]*\Z")
_KEY_FIELDS = ("key_id", "secret", "token", "ends")

IN_MEMORY = "memory:"
"""How the endpoint of a store begins that only lives in this process: for demonstrations, tests."""


@dataclass(frozen=True, slots=True)
class ConnectionDraft:
    """What the form made. `credentials` is what to put into the keyring, None to leave it; so is
    `way`, what the way to the store needs."""

    connection: Connection
    credentials: Credentials | None
    way: WaySecrets | None = None


class ConnectionForm(Form):
    """Edits one connection.

    A secret is never shown: with `kept_key_id` the keyring has one, and it stays as long as key
    id, secret, token and end are left alone. `taken` are the names of the other connections.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        taken: Collection[str] = (),
        kept_key_id: str | None = None,
        keeps_token: bool = False,
        keeps_end: bool = False,
        kept_way: WaySecrets | None = None,
    ) -> None:
        self._connection = connection
        self._way = WayFields(connection, kept_way or WaySecrets())
        self._taken = {name.casefold() for name in taken}
        self._proposed = ""
        self._kept_key_id = kept_key_id
        unchanged = "" if kept_key_id is None else tr("unchanged")
        self._provider = provider_field(connection)
        self._name = Field(tr("Name"), connection.name, self._parse_name)
        self._endpoint = Field(
            tr("Endpoint"),
            connection.endpoint,
            self._parse_endpoint,
            placeholder=tr("https://s3.example.com; empty for AWS"),
            remark_on=endpoint_remark,
        )
        self._region = Field(
            tr("Region"), connection.region, parse_region, placeholder=tr("us-east-1")
        )
        self._addressing = Field(
            tr("Addressing"),
            connection.addressing.value,
            choice(Addressing),
            kind=FieldKind.CHOICE,
            choices=_addressings(),
        )
        self._credentials = Field(
            tr("Credentials"),
            connection.credentials.kind.value,
            choice(CredentialKind),
            kind=FieldKind.CHOICE,
            choices=_credential_kinds(),
        )
        self._key_id = Field(
            tr("Key id"), kept_key_id or connection.key_id, parse_key, remark_on=key_remark
        )
        self._secret = Field(
            tr("Secret key"),
            "",
            parse_key,
            kind=FieldKind.SECRET,
            placeholder=unchanged,
            remark_on=key_remark,
        )
        self._token = Field(
            tr("Session token"),
            "",
            parse_key,
            kind=FieldKind.SECRET,
            placeholder=unchanged if keeps_token else tr("only for temporary keys"),
            remark_on=key_remark,
        )
        self._ends = Field(
            tr("Session ends"),
            "",
            parse_end,
            placeholder=unchanged if keeps_end else tr("12h or 2026-11-20 22:00, if it is known"),
        )
        self._profile = Field(tr("AWS profile"), connection.credentials.profile, parse_profile)
        self._ca_file = Field(
            tr("CA file"),
            connection.ca_file,
            parse_ca_file,
            kind=FieldKind.FILE,
            placeholder=tr("for a certificate of your own"),
        )
        self._start_bucket = Field(
            tr("Start bucket"),
            connection.start_bucket,
            parse_known_bucket,
            placeholder=tr("for keys that may not list buckets"),
        )
        self._start_prefix = Field(tr("Start folder"), connection.start_prefix, str)
        limits = connection.limits
        self._limits = {
            "upload_rate": _rate(tr("Upload limit"), limits.upload_rate),
            "download_rate": _rate(tr("Download limit"), limits.download_rate),
            "transfers": _count(tr("Transfers at once"), limits.transfers, MOST_TRANSFERS),
            "parts": _count(tr("Parts at once"), limits.parts, MOST_PARTS),
        }
        super().__init__(
            tr("Connection"),
            provider=self._provider,
            name=self._name,
            endpoint=self._endpoint,
            region=self._region,
            addressing=self._addressing,
            credentials=self._credentials,
            key_id=self._key_id,
            secret=self._secret,
            token=self._token,
            ends=self._ends,
            profile=self._profile,
            ca_file=self._ca_file,
            start_bucket=self._start_bucket,
            start_prefix=self._start_prefix,
            **self._way.fields,
            **self._limits,
        )
        self._preset = Preset(self.fields)

    def edit(self, name: str, text: str) -> None:
        """Provider, endpoint, region and addressing follow each other, unless a person wrote."""
        super().edit(name, text)
        self._preset.follow(name)
        if name != "name":
            self._propose_name()

    @property
    def regions(self) -> Mapping[str, str]:
        """The regions of the chosen provider, with a name for people."""
        return self._preset.provider.regions

    def _propose_name(self) -> None:
        """A connection that was never called anything is called as its store is, until a person
        writes another name."""
        is_free = not self._connection.name and self._name.text in ("", self._proposed)
        if is_free:
            wanted = proposed_name(self._preset.provider, self._endpoint.text)
            self._proposed = self._name.text = _untaken(wanted, self._taken)

    def apply(self, connection: Connection) -> None:
        """Take over what another connection says differently about the store, as if typed."""
        for name, text in connection_texts(connection).items():
            if self.fields[name].text != text:
                super().edit(name, text)

    def is_shown(self, name: str) -> bool:
        if name in _KEY_FIELDS:
            return self._credentials.value is CredentialKind.KEYRING
        if name == "profile":
            return self._credentials.value is CredentialKind.PROFILE
        return self._way.is_shown(name)

    @property
    def exposure(self) -> str:
        """What somebody between here and the store could do, empty for nothing."""
        is_unverified = bool(self.fields["unverified"].text)
        endpoint = self._endpoint.text.strip()
        if not endpoint and self.is_shown("profile"):
            endpoint = profile_endpoint(self._profile.text.strip())
        return exposure_of(endpoint, is_unverified=is_unverified)

    @property
    def has_way(self) -> bool:
        """Whether anything is said about the way to the store."""
        return self._way.is_used

    def result(self) -> ConnectionDraft:
        """Raises ValidationError as long as there are errors."""
        for error in self.errors.values():
            raise ValidationError(error)
        kind = self._credentials.value
        profile = self._profile.value if kind is CredentialKind.PROFILE else ""
        connection = Connection(
            id=self._connection.id,
            name=self._name.value,
            endpoint=self._endpoint.value,
            region=self._region.value,
            addressing=self._addressing.value,
            credentials=CredentialReference(kind, profile),
            ca_file=self._ca_file.value,
            start_bucket=self._start_bucket.value,
            start_prefix=self._start_prefix.value,
            key_id=self._key_id.value if kind is CredentialKind.KEYRING else "",
            provider=self._provider.value,
            limits=ConnectionLimits(**{name: field.value for name, field in self._limits.items()}),
        )
        connection = self._way.applied(connection)
        return ConnectionDraft(connection, self._typed_credentials(), self._way.secrets())

    def _typed_credentials(self) -> Credentials | None:
        if not self.is_shown("secret") or self._is_key_unchanged():
            return None
        token = self._token.value
        return Credentials(self._key_id.value, self._secret.value, token, self._ends.value)

    def _is_key_unchanged(self) -> bool:
        typed = self._secret.value or self._token.value or self._ends.text
        return (
            self._kept_key_id is not None and self._key_id.value == self._kept_key_id and not typed
        )

    def _errors_between_fields(self) -> dict[str, str]:
        found = self._way.errors()
        if not self._endpoint.text.strip() and not self._preset.provider.is_implied:
            found["endpoint"] = tr("Enter the address of the store.")
        if self._start_prefix.text and not self._start_bucket.text.strip():
            found["start_bucket"] = tr("A start folder needs a start bucket.")
        if self._is_key_unchanged():
            return found
        if not self._key_id.value:
            found["key_id"] = tr("Enter the key id, also called access key.")
        if self._ends.text and not self._token.value:
            found["ends"] = tr("Only a key with a session token ends: enter the token as well.")
        if not self._secret.value:
            found["secret"] = (
                tr("Enter the secret key.")
                if self._kept_key_id is None
                else tr("Key id or token was changed: enter the secret key that belongs to it.")
            )
        return found

    def _parse_endpoint(self, text: str) -> str:
        kept = self._connection.endpoint
        if text == kept and kept.startswith(IN_MEMORY):
            # Nobody can type it; taken for the name of a host it would be dialled.
            return kept
        return parse_store_endpoint(text)

    def _parse_name(self, text: str) -> str:
        name = parse_connection_name(text)
        if name.casefold() in self._taken:
            raise ValidationError(
                tr("There is a connection named “{name}” already.").format(name=name)
            )
        return name


def _untaken(name: str, taken: Collection[str]) -> str:
    names = (name, *(f"{name} {number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each.casefold() not in taken) if name else ""


def parse_region(text: str) -> str:
    region = text.strip()
    if not _REGION.match(region):
        raise ValidationError(tr("A region looks like eu-central-1."))
    return region


def parse_end(text: str) -> datetime | None:
    """When keys end, None for nobody knows. Raises ValidationError."""
    now = datetime.now(UTC)
    try:
        ends = until_from(text.strip(), now) if text.strip() else None
    except OverflowError:
        raise ValidationError(tr("No key lasts that long.")) from None
    if ends is not None and ends <= now:
        raise ValidationError(tr("That is over already."))
    return ends


def parse_profile(text: str) -> str:
    profile = text.strip()
    if not profile:
        raise ValidationError(tr("Enter the name of a profile in ~/.aws/config."))
    return profile


def parse_ca_file(text: str) -> str:
    """An absolute path to a PEM file that holds a certificate; empty stays empty."""
    if not text.strip():
        return ""
    path = Path(text.strip()).expanduser().absolute()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except FileNotFoundError as error:
        raise ValidationError(tr("There is no such file.")) from error
    except ssl.SSLError as error:
        raise ValidationError(
            tr("This file holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).")
        ) from error
    except (OSError, ValueError) as error:
        raise ValidationError(
            tr("This file cannot be read: {error}").format(
                error=getattr(error, "strerror", None) or error
            )
        ) from error
    return str(path)


def parse_known_bucket(text: str) -> str:
    """The name of a bucket that exists, by rules older than today's; empty stays empty."""
    name = text.strip()
    if "/" in name or any(character.isspace() for character in name):
        raise ValidationError(tr("A bucket name has no spaces and no “/”."))
    return name


def _rate(label: str, rate: int) -> Field[int]:
    return Field(label, rate_words(rate), rate_from(LEAST_RATE), placeholder=rate_example())


def _count(label: str, count: int, most: int) -> Field[int]:
    return Field(
        label,
        str(count or ""),
        count_between(1, most, empty=0),
        placeholder=tr("as many as the settings allow"),
    )


def _addressings() -> list[tuple[str, str]]:
    return [
        (Addressing.AUTO.value, tr("Automatic")),
        (Addressing.PATH.value, tr("In the path: host/bucket")),
        (Addressing.VIRTUAL.value, tr("In the host name: bucket.host")),
    ]


def _credential_kinds() -> list[tuple[str, str]]:
    return [
        (CredentialKind.KEYRING.value, tr("Access key and secret")),
        (CredentialKind.ENVIRONMENT.value, tr("Environment variables (AWS_ACCESS_KEY_ID …)")),
        (CredentialKind.PROFILE.value, tr("AWS profile")),
        (CredentialKind.ANONYMOUS.value, tr("Anonymous")),
    ]
