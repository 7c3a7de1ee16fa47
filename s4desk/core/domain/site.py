"""An address that a vendor's S3 answers at, and the regions behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_REGIONS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Site:
    """An address, with `{region}` and `{account}` where they differ, and the regions it has.

    `name` tells several sites of one vendor apart.
    """

    url: str
    regions: Mapping[str, str] = field(default_factory=lambda: NO_REGIONS)
    name: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def needs_account(self) -> bool:
        return "{account}" in self.url
