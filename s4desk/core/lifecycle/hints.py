"""What a store itself says will become of an object (`x-amz-expiration`), beside what we say.

"Lifecycle and other bucket configurations" and HeadObject in the S3 documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from s4desk.core.domain.lifecycle.decisions import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.decisions import Step
    from s4desk.core.domain.lifecycle.rules import Rule

EXPIRATION: Final = "x-amz-expiration"
_FIELD: Final = re.compile(r'([a-z-]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Expiry:
    """When an object expires, and by which rule: its id."""

    due: datetime
    rule: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The store says something else of an object than we do; None is that it does not expire."""

    key: str
    version: str
    theirs: Expiry | None
    ours: Expiry | None


def read_hint(header: str) -> Expiry | None:
    """None for none, and for what cannot be read."""
    fields = dict(_FIELD.findall(header))
    try:
        due = parsedate_to_datetime(fields["expiry-date"])
    except (KeyError, ValueError):
        return None
    due = due.astimezone(UTC) if due.tzinfo else due.replace(tzinfo=UTC)
    return Expiry(due, unquote(fields.get("rule-id", "")))


def expiry_of(steps: Sequence[Step], rules: Sequence[Rule]) -> Expiry | None:
    """What we say: the first of the steps by which a current object expires."""
    ends = [step for step in steps if step.action is Action.EXPIRE]
    if not ends:
        return None
    first = min(ends, key=lambda step: step.due)
    return Expiry(first.due, rules[first.rule].id)


def agree(ours: Expiry | None, theirs: Expiry | None) -> bool:
    """Whether both say the same; of rules without an id, only when."""
    if ours is None or theirs is None:
        return ours is theirs
    is_same_rule = not ours.rule or not theirs.rule or ours.rule == theirs.rule
    return is_same_rule and ours.due.replace(microsecond=0) == theirs.due.replace(microsecond=0)
