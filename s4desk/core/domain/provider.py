"""What is known of a vendor's S3 before the first request: where it answers, and its quirks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.parts import (
    MAX_OBJECT,
    MAX_PART_SIZE,
    MAX_PARTS,
    MAX_SINGLE_PUT,
    MIN_PART_SIZE,
)
from s4desk.core.domain.site import NO_REGIONS, Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.capability import Capability

_NAME: Final = "[a-z0-9][a-z0-9-]*"
_BUCKET: Final = r"(?:(?P<bucket>[a-z0-9][a-z0-9.-]*)\.)?"


@dataclass(frozen=True, slots=True)
class ObjectLimits:
    """Sizes in bytes. `best_part` is what the vendor advises, 0 for no advice."""

    object: int = MAX_OBJECT
    single_put: int = MAX_SINGLE_PUT
    parts: int = MAX_PARTS
    smallest_part: int = MIN_PART_SIZE
    largest_part: int = MAX_PART_SIZE
    best_part: int = 0
    equal_parts: bool = False


@dataclass(frozen=True, slots=True)
class KeyRules:
    """What a key may be. `four_byte_characters` are emoji and the like."""

    bytes: int = 1024
    four_byte_characters: bool = True


@dataclass(frozen=True, slots=True)
class Provider:
    """A vendor or a server program. What is in neither `has` nor `lacks` is for a probe to tell.

    `region` is what requests are signed for where no region was chosen. `is_implied` says that a
    connection's endpoint stays empty, for the region alone leads there. `other_hosts` are further
    addresses and the region each belongs to, empty where `{region}` in it says so. `wrong_ports`
    are those people take from a browser's address bar, with the port of the S3 API behind each.
    `where_keys_are` and the notes are for people, in English: `key_notes` before signing in,
    `list_notes` for keys that may not list buckets. `unsure` tells a reader of the table
    what was not found in the vendor's own words.
    """

    id: str
    name: str
    sites: tuple[Site, ...] = ()
    region: str = "us-east-1"
    addressing: Addressing = Addressing.AUTO
    limits: ObjectLimits = ObjectLimits()
    keys: KeyRules = KeyRules()
    has: frozenset[Capability] = frozenset()
    lacks: frozenset[Capability] = frozenset()
    is_implied: bool = False
    other_hosts: Mapping[str, str] = field(default_factory=lambda: NO_REGIONS)
    wrong_ports: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    where_keys_are: str = ""
    key_notes: tuple[str, ...] = ()
    list_notes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unsure: str = ""

    @property
    def regions(self) -> dict[str, str]:
        """All regions of all sites, with a name for people."""
        return {id_: name for site in self.sites for id_, name in site.regions.items()}

    @property
    def is_hosted(self) -> bool:
        """Whether the vendor runs it: its addresses are known."""
        return any(site.url.startswith("https:") for site in self.sites)

    def supports(self, capability: Capability) -> bool | None:
        """None is not known."""
        if capability in self.has:
            return True
        return False if capability in self.lacks else None

    def site_of(self, region: str) -> Site | None:
        """The site that has a region; the first one for a region nobody knows."""
        found = (site for site in self.sites if region in site.regions)
        return next(found, self.sites[0] if self.sites else None)

    def endpoint(self, region: str, account: str = "") -> str:
        """Where a region answers; empty where that is not known or need not be said.

        Without an account its place stays open, for a person to see.
        """
        site = self.site_of(region)
        if site is None or self.is_implied or ("{region}" in site.url and not region):
            return ""
        return site.url.replace("{region}", region).replace("{account}", account or "{account}")


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose address it is, and what else the address says."""

    provider: Provider
    region: str = ""
    account: str = ""
    bucket: str = ""


def recognise(endpoint: str, providers: Mapping[str, Provider]) -> Recognised | None:
    """Whose endpoint this is, by its host; None for one that could be anybody's."""
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    bucket = parts.path.strip("/").partition("/")[0]
    for provider in providers.values():
        for pattern, region in _hosts(provider):
            if found := re.fullmatch(_BUCKET + pattern, host):
                words = found.groupdict()
                return Recognised(
                    provider,
                    words.get("region") or region,
                    words.get("account") or "",
                    words["bucket"] or bucket,
                )
    return None


def _hosts(provider: Provider) -> list[tuple[str, str]]:
    """Expressions for the hosts of a provider, each with the region it stands for."""
    known = [(site.host.partition(":")[0], "") for site in provider.sites if "." in site.host]
    known += provider.other_hosts.items()
    # The most exact one first: the place of an account would take the word of a jurisdiction.
    known.sort(key=lambda pair: len(pair[0].replace("{region}", "").replace("{account}", "")))
    return [
        (
            re.escape(host)
            .replace(r"\{region\}", f"(?P<region>{_NAME})")
            .replace(r"\{account\}", f"(?P<account>{_NAME})"),
            region,
        )
        for host, region in reversed(known)
    ]
