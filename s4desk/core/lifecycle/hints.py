"""What a store itself says will become of an object (`x-amz-expiration`), beside what we say.

"Lifecycle and other bucket configurations" and HeadObject in the S3 documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
    """When an object expires, and by which rule: its id. `written` is what stood in the header: S3
    encodes ids there as in a URL, others do not."""

    due: datetime
    rule: str
    written: str = field(default="", compare=False)


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
    written = _as_utf8(fields.get("rule-id", ""))
    return Expiry(due, unquote(written), written)


def expiries_of(steps: Sequence[Step], rules: Sequence[Rule]) -> list[Expiry]:
    """What we say: the first of the steps by which a current object expires. Several only where
    they are of one moment: then nobody knows which one is named."""
    ends = [
        # A day that was over before the object came is told all the same.
        Expiry(step.when.date or step.due, rules[step.rule].id)
        for step in steps
        if step.action is Action.EXPIRE
    ]
    first = min((each.due for each in ends), default=None)
    return [each for each in ends if each.due == first]


def agree(ours: Sequence[Expiry], theirs: Expiry | None) -> bool:
    """Whether both say the same; of rules without an id, only when."""
    if theirs is None:
        return not ours
    return any(_is_same(each, theirs) for each in ours)


def _is_same(ours: Expiry, theirs: Expiry) -> bool:
    is_same_rule = not ours.rule or not theirs.rule or ours.rule in (theirs.rule, theirs.written)
    return is_same_rule and ours.due.replace(microsecond=0) == theirs.due.replace(microsecond=0)


def _as_utf8(value: str) -> str:
    """The text of a header that was sent as it is, and read as Latin-1."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
