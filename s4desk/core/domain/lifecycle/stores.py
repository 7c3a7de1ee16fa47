"""What vendors say of their lifecycle rules, where that is less than the API has.

Read in 2026: "Object lifecycles" of Cloudflare R2, "Spaces S3 Compatibility" of DigitalOcean,
"Lifecycle rules" and "Storage classes" of Scaleway, the storage classes of Amazon S3. Of Ceph it
was seen: release 16 takes size filters and counts of versions, and keeps neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from s4desk.core.domain.lifecycle.checks import CLASSES, Part

_OLD: Final = frozenset({Part.OLD_EXPIRATION, Part.NEWER, Part.OLD_TRANSITIONS})


@dataclass(frozen=True, slots=True)
class RulesOfStore:
    """`classes` are all that objects can be moved to, None where nobody knows. `lacks` is not
    there at all; `forgets` is taken by some releases and not kept."""

    classes: tuple[str, ...] | None = None
    lacks: frozenset[Part] = frozenset()
    forgets: frozenset[Part] = frozenset()


ANY_STORE: Final = RulesOfStore()
STORES: Final = {
    "aws": RulesOfStore(CLASSES),
    "ceph": RulesOfStore(forgets=frozenset({Part.SIZES, Part.NEWER})),
    "r2": RulesOfStore(("STANDARD_IA",), _OLD | {Part.TAGS, Part.SIZES}),
    "digitalocean": RulesOfStore((), frozenset({Part.TAGS, Part.SIZES, Part.TRANSITIONS})),
    "scaleway": RulesOfStore(("ONEZONE_IA", "GLACIER")),
}
"""By the id of a provider."""
