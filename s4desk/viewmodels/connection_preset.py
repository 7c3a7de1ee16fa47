"""How a provider fills the form of a connection, and how an address chooses the provider."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.providers import AWS, OTHER, PROVIDERS, recognise
from s4desk.core.domain.proxies import choice_of
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.forms import Field, FieldKind
from s4desk.viewmodels.validation import parse_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.provider import Provider

DEFAULT_REGION = "us-east-1"
_ACCOUNT = "{account}"


def provider_field(connection: Connection) -> Field[str]:
    """What a connection says, or what its endpoint tells."""
    chosen = PROVIDERS.get(connection.provider, OTHER)
    return Field(
        tr("Provider"),
        chosen.id or provider_at(connection.endpoint).id,
        str,
        kind=FieldKind.CHOICE,
        choices=[(each.id, tr(each.name)) for each in PROVIDERS.values()],
        remark_on=provider_remark,
    )


def provider_at(endpoint: str) -> Provider:
    """Whose endpoint it is; an empty one is that of AWS."""
    if not endpoint.strip():
        return AWS
    found = recognise(endpoint.strip())
    return found.provider if found is not None else OTHER


def provider_remark(provider: str) -> str:
    """Where its keys are made, and what else is worth knowing before signing in."""
    known = PROVIDERS.get(provider, OTHER)
    return " ".join((keys_are_made(known), *(tr(note) for note in known.key_notes)))


def keys_are_made(provider: Provider) -> str:
    return tr("Keys: {where}").format(where=tr(provider.where_keys_are))


def parse_store_endpoint(text: str) -> str:
    if _ACCOUNT in text:
        raise ValidationError(
            tr("Write the id of your account in place of {account}.").format(account=_ACCOUNT)
        )
    return parse_endpoint(text)


def proposed_name(provider: Provider, endpoint: str) -> str:
    """What a connection could be called: as whose store it is, or as its host."""
    if provider is not OTHER:
        # A name has no colon and no slash.
        return re.split("[:/(]", provider.name)[0].strip()
    try:
        host = urlsplit(endpoint if "://" in endpoint else f"//{endpoint.strip()}").hostname or ""
    except ValueError:
        return ""
    return host if ":" not in host else ""


def connection_texts(connection: Connection) -> dict[str, str]:
    """What a form shows of where and how a store is reached."""
    return {
        "endpoint": connection.endpoint,
        "region": connection.region,
        "addressing": connection.addressing.value,
        "ca_file": connection.ca_file,
        "start_bucket": connection.start_bucket,
        "proxy": choice_of(connection.proxy).value,
    }


class Preset:
    """Keeps provider, endpoint, region and addressing of a form together.

    What a person typed stays: only what is empty, or what this wrote itself, is written over.
    """

    def __init__(self, fields: Mapping[str, Field[Any]]) -> None:
        self._fields = fields
        self._written: dict[str, str] = {"addressing": Addressing.AUTO.value}
        if fields["endpoint"].text == self._endpoint_in(fields["region"].text):
            self._written["endpoint"] = fields["endpoint"].text

    @property
    def provider(self) -> Provider:
        return PROVIDERS.get(self._fields["provider"].text, OTHER)

    def follow(self, name: str) -> None:
        """Take up that a field was edited."""
        if name == "provider":
            self._fill()
        elif name == "endpoint":
            self._look_at_endpoint()
        elif name == "region" and self._is_free("endpoint") and self.provider.is_hosted:
            self._write("endpoint", self._endpoint_in(self._fields["region"].text.strip()))

    def _fill(self) -> None:
        provider = self.provider
        region = self._fields["region"].text
        if self._is_free("region") or (provider.regions and region not in provider.regions):
            self._write("region", usual_region(provider))
        endpoint = self._fields["endpoint"].text
        is_elsewhere = provider.is_hosted and provider_at(endpoint) is not provider
        if self._is_free("endpoint") or (is_elsewhere and provider_at(endpoint) is not OTHER):
            self._write("endpoint", self._endpoint_in(self._fields["region"].text))
        if self._is_free("addressing"):
            self._write("addressing", provider.addressing.value)

    def _look_at_endpoint(self) -> None:
        """A vendor's address chooses the vendor; any other may be that of a server program."""
        endpoint = self._fields["endpoint"].text
        found = recognise(endpoint.strip()) if endpoint.strip() else None
        provider = provider_at(endpoint)
        if provider is OTHER and not self.provider.is_hosted:
            return
        self._fields["provider"].text = provider.id
        if found is not None and found.region and self._is_free("region"):
            self._write("region", found.region)
        elif self._is_free("region"):
            self._write("region", usual_region(provider) if endpoint.strip() else "")
        if self._is_free("addressing"):
            self._write("addressing", provider.addressing.value)

    def _endpoint_in(self, region: str) -> str:
        return self.provider.endpoint(region)

    def _is_free(self, name: str) -> bool:
        text = self._fields[name].text
        return not text.strip() or text == self._written.get(name)

    def _write(self, name: str, text: str) -> None:
        self._fields[name].text = self._written[name] = text


def usual_region(provider: Provider) -> str:
    """Empty where the usual one need not be said."""
    is_named = any("{region}" in site.url for site in provider.sites)
    if provider.is_implied or (provider.region == DEFAULT_REGION and not is_named):
        return ""
    return provider.region
