"""What differs between a configuration that was written and the one that came back.

Spellings that mean the same are equal: the order of rules and tags, a filter in its old or new
form, an identifier the store made up, an empty list for none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from s4desk.core.store.protocol import ConfigKind

ABSENT: Final = None
_MADE_UP_BY_STORES: Final = {
    "ID",
    "TransitionDefaultMinimumObjectSize",
    "MFADelete",
    "BucketKeyEnabled",
    "BlockedEncryptionTypes",
    "DeleteMarkerReplication",
    "ObjectLockEnabled",
    "Priority",
}
_CHAIN: Final = (ConfigKind.CORS,)
"""Kinds whose rules are tried in order: there the order means something."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as it was written; None on a side where it is absent.

    `path` is written as `Rules[old].Filter.Prefix`, with a rule's ID or its position.
    """

    path: str
    wanted: Any
    found: Any


def differences(
    kind: ConfigKind, wanted: Mapping[str, Any], found: Mapping[str, Any] | None
) -> list[Difference]:
    """What is lost, changed or added in `found`; empty when both mean the same."""
    return list(
        _differ("", _canonical(kind, wanted), _canonical(kind, found or {}), kind in _CHAIN)
    )


def _differ(path: str, wanted: Any, found: Any, is_chain: bool) -> list[Difference]:
    if _are_both(Mapping, wanted, found):
        return _differ_fields(path, wanted or {}, found or {}, is_chain)
    if _are_both(list, wanted, found) and _holds_rules(wanted) and _holds_rules(found):
        return _differ_rules(path, wanted or [], found or [], is_chain)
    return [] if wanted == found else [Difference(path, wanted, found)]


def _are_both(kind: type, wanted: Any, found: Any) -> bool:
    """Whether there are two of a kind, one of which may be absent."""
    present = [each for each in (wanted, found) if each is not ABSENT]
    return bool(present) and all(isinstance(each, kind) for each in present)


def _holds_rules(value: Any) -> bool:
    return all(isinstance(each, Mapping) for each in value or ())


def _differ_fields(
    path: str, wanted: Mapping[str, Any], found: Mapping[str, Any], is_chain: bool
) -> list[Difference]:
    result = []
    for name in sorted(wanted.keys() | found.keys()):
        if name not in wanted and name in _MADE_UP_BY_STORES:
            continue
        below = f"{path}.{name}" if path else name
        result += _differ(below, wanted.get(name, ABSENT), found.get(name, ABSENT), is_chain)
    return result


def _differ_rules(
    path: str, wanted: Sequence[Any], found: Sequence[Any], is_chain: bool
) -> list[Difference]:
    """Pair each rule with its namesake, else with the one that differs least."""
    left = list(found)
    result = []
    for position, rule in enumerate(wanted):
        below = f"{path}[{rule.get('ID', position)}]"
        candidates = (
            left[:1]
            if is_chain
            else [
                each for each in left if rule.get("ID", ABSENT) in (ABSENT, each.get("ID", ABSENT))
            ]
        )
        if not candidates:
            result.append(Difference(below, rule, ABSENT))
            continue
        best = min(candidates, key=lambda each: len(_differ("", rule, each, is_chain)))
        left.remove(best)
        result += _differ(below, rule, best, is_chain)
    result += [Difference(f"{path}[{each.get('ID', '+')}]", ABSENT, each) for each in left]
    return result


def _canonical(kind: ConfigKind, value: Mapping[str, Any]) -> Any:
    if kind is ConfigKind.POLICY:
        return _policy(value)
    if kind is ConfigKind.TAGGING:
        return {"TagSet": _tags(value.get("TagSet", ()))}
    plain = _plain(value)
    rules = plain.get("Rules") if isinstance(plain, dict) else None
    if kind in (ConfigKind.LIFECYCLE, ConfigKind.REPLICATION) and rules:
        plain["Rules"] = [_with_flat_filter(rule) for rule in rules]
    return plain


def _plain(value: Any, name: str = "") -> Any:
    """Without empty fields; lists of names in one order; dates as text."""
    if isinstance(value, Mapping):
        fields = {inner: _plain(each, inner) for inner, each in value.items()}
        return {inner: each for inner, each in fields.items() if not _is_empty(inner, each)}
    if isinstance(value, list | tuple):
        values = [_plain(each) for each in value]
        return sorted(values) if all(isinstance(each, str) for each in values) else values
    if name == "Date":
        return str(value)[:10]
    return value


def _is_empty(name: str, value: Any) -> bool:
    """Zero means none, but for a size: larger than 0 bytes is not every object."""
    if value == 0 and name.startswith("ObjectSize"):
        return False
    return not value


def _with_flat_filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule whose filter is one flat mapping, wherever its parts were written."""
    rest = {name: value for name, value in rule.items() if name not in ("Filter", "Prefix")}
    nested = dict(rule.get("Filter", {}))
    flat = {"Prefix": rule.get("Prefix", ""), **nested.pop("And", {}), **nested}
    single = [flat.pop("Tag")] if "Tag" in flat else []
    flat["Tags"] = _tags([*flat.get("Tags", ()), *single])
    return {**rest, "Filter": _plain(flat)}


def _tags(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {tag.get("Key", ""): tag.get("Value", "") for tag in tags}


def _policy(value: Mapping[str, Any]) -> Any:
    text = value.get("Policy", "")
    try:
        return _as_lists(json.loads(text)) if text else {}
    except ValueError:
        return {"Policy": text}


def _as_lists(value: Any) -> Any:
    """IAM takes a single value for a list of one ("IAM JSON policy elements")."""
    if isinstance(value, dict):
        return {name: _as_lists(each) for name, each in value.items() if each != ""}
    if isinstance(value, list):
        inner = [_as_lists(each) for each in value]
        flat = [each[0] if isinstance(each, list) and len(each) == 1 else each for each in inner]
        if all(isinstance(each, str) for each in flat):
            return sorted(flat)
        return flat
    return [value] if isinstance(value, str) else value
