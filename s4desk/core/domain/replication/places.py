"""Under which key a replica is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.rules import Kept

if TYPE_CHECKING:
    from s4desk.core.domain.identity import VersionId
    from s4desk.core.domain.replication.rules import Rule

VERSIONS: Final = ".__s4ver__/"


def replica_of(
    rule: Rule, key: str, version: VersionId | None = None, *, is_versioned: bool = True
) -> Location:
    """Where the replica of an object goes. A destination that has no versions gets a key for each,
    if the rule keeps them all and this is a `version` and not just what the key has now."""
    key = f"{rule.destination.prefix}{key}"
    if version is not None and rule.versions is Kept.ALL and not is_versioned:
        key = f"{key}{VERSIONS}{version}"
    return Location(rule.destination.bucket, key)
