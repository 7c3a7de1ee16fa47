"""What of a lifecycle rule cannot be said at a store, or is of no use there, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.lifecycle.checks import CLASSES, Part
from s4desk.core.domain.lifecycle.rules import MinimumSize
from s4desk.core.domain.lifecycle.stores import ANY_STORE, STORES
from s4desk.core.domain.providers import AWS, OTHER, PROVIDERS, recognise
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.capability_text import lack_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.capability import CapabilityReport
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.domain.provider import Provider

_OLD = (Part.OLD_EXPIRATION, Part.NEWER, Part.OLD_TRANSITIONS)


@dataclass(frozen=True, slots=True)
class RuleLimits:
    """`obstacles` are why a part cannot be edited, `hints` what is worth knowing about one.
    `classes` are offered; unless `are_all`, there may be others. `versions_hint` is about all that
    is said of old versions."""

    classes: tuple[str, ...] = CLASSES
    are_all: bool = False
    obstacles: Mapping[Part, str] = field(default_factory=dict)
    hints: Mapping[Part, str] = field(default_factory=dict)
    versions_hint: str = ""


NO_LIMITS = RuleLimits()


def provider_of(connection: Connection | None) -> Provider:
    """Whose store it is: as somebody said, else by its address."""
    if connection is None:
        return OTHER
    if connection.provider in PROVIDERS and connection.provider:
        return PROVIDERS[connection.provider]
    if not connection.endpoint:
        return AWS
    found = recognise(connection.endpoint)
    return found.provider if found is not None else OTHER


def small_objects_note(lifecycle: Lifecycle, provider: Provider) -> str:
    """What a preview by AWS's rules may get wrong of another store, "" for nothing: Ceph was seen
    to move small objects."""
    moves = any(
        rule.is_enabled and rule.transitions and not rule.filter.has_size
        for rule in lifecycle.rules
    )
    if provider.id == "aws" or lifecycle.minimum is MinimumSize.NONE or not moves:
        return ""
    return tr("Objects below 128 KiB keep their class here, as at AWS; this store may move them.")


def limits_of(
    provider: Provider, report: CapabilityReport | None = None, *, has_versions: bool = True
) -> RuleLimits:
    """By what the vendor says and what a probe found; `has_versions` is about the bucket."""
    known = STORES.get(provider.id, ANY_STORE)
    lacking = tr("{store} does not have this in its rules.").format(store=provider.name)
    obstacles = dict.fromkeys(sorted(known.lacks), lacking)
    if tagless := lack_of(report, Capability.OBJECT_TAGGING):
        obstacles[Part.TAGS] = tagless
    if unversioned := lack_of(report, Capability.VERSIONING):
        obstacles |= dict.fromkeys(_OLD, unversioned)
    forgetting = tr(
        "Older releases of {store} take this and forget it. What was saved is read back, and undone"
        " if it means something else."
    ).format(store=provider.name)
    hints = dict.fromkeys(sorted(known.forgets), forgetting)
    unkept = tr("This bucket keeps no old versions: versioning was never turned on.")
    versions_hint = "" if has_versions else unkept
    classes = CLASSES if known.classes is None else known.classes
    return RuleLimits(classes, known.classes is not None, obstacles, hints, versions_hint)
