"""Why rules are not sent to a store that might take them for all objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.lifecycle.filter_shape import filter_of
from s4desk.core.domain.lifecycle.reading import rule_of
from s4desk.core.domain.lifecycle.rules import Filter
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.lifecycle_summary import rule_name

Rules = Sequence[Mapping[str, Any]]

_SCOPE: Final = ("Filter", "Prefix")
_IN_FILTER: Final = "Filter/"
_NEVER_MORE: Final = (
    "Prefix",
    "Filter/Prefix",
    "Filter/Tag",
    "Filter/And/Prefix",
    "Filter/And/Tag",
)
"""Parts of a scope that have what they have, whatever S3 may know one day."""


def refuse_scope(rules: Rules, sent: Rules, there: Rules) -> None:
    """Raises ValidationError for what a person wrote and a store might take for all objects: `sent`
    are the rules as they would go there, and `there` those that it has."""
    if reason := unknown_scope_text(rules, there) or lost_scope_text(rules, sent):
        raise ValidationError(reason)


def unknown_scope_text(rules: Rules, there: Rules) -> str:
    """That a filter has nothing in it that is known here, unless the store has it already: where it
    is not known either, it means all objects until it is read back. Empty if all are."""
    kept = [each.get("Filter") for each in there]
    for at, rule in enumerate(rules):
        odd = [each for each in rule_of(rule).unknown if each.startswith(_IN_FILTER)]
        if odd and filter_of(rule) == Filter() and rule.get("Filter") not in kept:
            sentence = tr(
                "Rule “{rule}”: Its filter says nothing that s4desk knows ({names}). A store that"
                " does not know it either would take it for all objects. Nothing was changed."
            )
            names = ", ".join(each.removeprefix(_IN_FILTER) for each in odd)
            return sentence.format(rule=rule_name(rule, at), names=names)
    return ""


def lost_scope_text(rules: Rules, sent: Rules) -> str:
    """That a scope would not be sent as it is written: a store takes what is left of it, which may
    be all objects. Empty if all would."""
    for at, rule in enumerate(rules):
        told = sent[at] if at < len(sent) else {}
        lost = [part for part in _SCOPE if _spoken(rule.get(part)) != _spoken(told.get(part))]
        lost += [each for each in rule_of(rule).unknown if each.startswith(_NEVER_MORE)]
        if lost:
            sentence = tr(
                "Rule “{rule}”: S3 has no such {part}, and what is left of it may be about all"
                " objects. Nothing was changed."
            )
            return sentence.format(rule=rule_name(rule, at), part=lost[0])
    return ""


def _spoken(value: Any) -> Any:
    """Without regard to whether a number is written as one."""
    if isinstance(value, Mapping):
        return {name: _spoken(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_spoken(each) for each in value]
    return value if value is None else str(value)
