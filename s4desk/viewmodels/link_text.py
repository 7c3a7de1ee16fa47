"""Signed links in words: who can do what with one, and until when it really works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from s4desk.core.domain.errors import ValidationError
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.lock_text import until_text
from s4desk.viewmodels.moments import age_from

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.domain.sign_in import KeyLife

MOST_S = 7 * 24 * 3600
"""Seconds that a signature holds at most ("Authenticating Requests: Using Query Parameters")."""


@dataclass(frozen=True, slots=True)
class SignedLink:
    """A link that was asked for `until` then. `life` is that of the keys that signed it, None for
    keys that do not end by themselves. `leads_to` says to which backend of a group."""

    url: str
    until: datetime
    life: KeyLife | None = None
    method: str = "GET"
    leads_to: str = ""

    @property
    def ends_at(self) -> datetime:
        """When it really ends, as far as anybody knows."""
        ends = self.life.ends_at if self.life is not None else None
        return self.until if ends is None else min(self.until, ends)

    @property
    def is_cut_short(self) -> bool:
        """Whether its key ends before it does."""
        return self.ends_at < self.until

    @property
    def is_uncertain(self) -> bool:
        """Whether its key may end before it does, and nobody knows when."""
        return self.life is not None and self.life.ends_at is None


def expiry_from(text: str) -> int:
    """Seconds that a link shall work, such as 30m, 12h or 7d. Raises ValidationError."""
    seconds = int(age_from(text).total_seconds())
    if not 0 < seconds <= MOST_S:
        raise ValidationError(tr("A link works for at least a minute and at most 7d."))
    return seconds


def link_text(link: SignedLink) -> str:
    """How long a link really works: not longer than the keys that signed it; and where."""
    if link.method == "PUT":
        said = tr("Anybody who has it can write the object until {time}.")
    elif link.method == "HEAD":
        said = tr("Anybody who has it can look at the object's headers until {time}.")
    else:
        said = tr("Anybody who has it can read the object until {time}.")
    said = said.format(time=until_text(link.ends_at))
    if link.is_uncertain:
        said = f"{said} {tr('Its key may end sooner.')}"
    elif link.is_cut_short:
        said = f"{said} {tr('Then its key ends.')}"
    return f"{said} {link.leads_to}" if link.leads_to else said


def link_query(
    version: str = "", content_type: str = "", download_name: str = "", disposition: str = ""
) -> dict[str, str]:
    """The parameters of a link: which version it is about, and what a browser makes of it.

    A `download_name` stands for a `disposition` of its own.
    """
    query = {
        "versionId": version,
        "response-content-type": content_type,
        "response-content-disposition": disposition,
    }
    if download_name:
        name = quote(download_name, safe="")
        query["response-content-disposition"] = f"attachment; filename*=UTF-8''{name}"
    return {name: value for name, value in query.items() if value}


def has_dots(key: str) -> bool:
    """Whether programs that tidy addresses up (RFC 3986, 5.2.4) ask for another key than this."""
    return not {".", ".."}.isdisjoint(key.split("/"))


def dots_text(key: str) -> str:
    """What is to be known before a link to `key` is given away, empty when nothing is."""
    if not has_dots(key):
        return ""
    return tr(
        "Parts of this key are “.” or “..”: browsers and many programs take them away, and"
        " then the link does not work. curl --path-as-is and wget send it as it is."
    )
