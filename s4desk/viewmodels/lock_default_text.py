"""What a change of a bucket's default retention means, before and after it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lock import LockMode
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lock_default_form import MOST, Unit, most_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = Mapping[str, Any]

_NOTHING: Final[Mapping[str, Any]] = {}


def refuse_far(before: Value, after: Value) -> None:
    """Raises ValidationError for a new default retention that not every store can count."""
    kept = _new_default(before, after)
    for unit, most in MOST.items():
        count = kept.get(unit.value)
        if isinstance(count, int) and count > most:
            raise ValidationError(most_text(unit))


def compliance_text(before: Value, after: Value) -> str:
    """What a default in COMPLIANCE mode does that was not there before; empty for none."""
    kept = _new_default(before, after)
    if kept.get("Mode") != LockMode.COMPLIANCE:
        return ""
    days, years = kept.get(Unit.DAYS.value) or 0, kept.get(Unit.YEARS.value) or 0
    span = (
        tr_n("{count} day", "{count} days", days).format(count=days)
        if days
        else tr_n("{count} year", "{count} years", years).format(count=years)
    )
    sentence = tr(
        "Nobody will be able to delete a new version for {span}, not even the owner of the account."
    )
    return sentence.format(span=span)


def _new_default(before: Value, after: Value) -> Value:
    """The default retention, empty where there is none or it stays as it was."""
    was, kept = _default(before), _default(after)
    return _NOTHING if kept == was else kept


def _default(value: Value) -> Value:
    found: Any = value
    for name in ("Rule", "DefaultRetention"):
        found = found.get(name) or _NOTHING
    return dict(found)
