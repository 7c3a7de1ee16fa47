"""What differs between a configuration that was written and the one that came back.

Spellings that mean the same are equal: the order of rules and tags, a filter in its old or new
form, an identifier the store made up, an empty list for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_fields import SAID_BY_BEING_THERE

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
    "Id",
    "DisplayName",
}
_SINGLE: Final = ("Version", "Id", "Sid", "Effect")
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
    """What is lost, changed or added in `found`; empty when both mean the same.

    Both are what `config_json.as_json` makes of a document.
    """
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
    pairs, left = _in_place(wanted, found) if is_chain else _paired(wanted, found)
    result = []
    for position, (rule, there) in enumerate(pairs):
        below = f"{path}[{_id_of(rule) or position}]"
        if there is ABSENT:
            result.append(Difference(below, rule, ABSENT))
        else:
            result += _differ(below, rule, there, is_chain)
    return result + [Difference(f"{path}[{_id_of(each) or '+'}]", ABSENT, each) for each in left]


Pairs = tuple[list[tuple[Any, Any]], list[Any]]


def _in_place(wanted: Sequence[Any], found: Sequence[Any]) -> Pairs:
    there = [*found[: len(wanted)], *([ABSENT] * (len(wanted) - len(found)))]
    return list(zip(wanted, there, strict=True)), list(found[len(wanted) :])


def _paired(wanted: Sequence[Any], found: Sequence[Any]) -> Pairs:
    """Each rule beside its equal or its namesake, else beside the one that differs least."""
    left = list(found)
    partners: dict[int, Any] = {}
    for position, rule in enumerate(wanted):
        if rule in left:
            left.remove(rule)
            partners[position] = rule
    for position, rule in enumerate(wanted):
        candidates = [each for each in left if _may_be(rule, each)]
        if position not in partners and candidates:
            best = min(candidates, key=partial(_distance, rule))
            left.remove(best)
            partners[position] = best
    return [(rule, partners.get(position, ABSENT)) for position, rule in enumerate(wanted)], left


def _distance(rule: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return len(_differ("", rule, other, is_chain=False))


def _may_be(rule: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return not _id_of(rule) or _id_of(rule) == _id_of(other)


def _id_of(rule: Mapping[str, Any]) -> str:
    return str(rule.get("ID") or rule.get("Id") or "")


def _canonical(kind: ConfigKind, value: Mapping[str, Any]) -> Any:
    if kind is ConfigKind.POLICY:
        return _as_lists(value)
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
        if name in SAID_BY_BEING_THERE and not value:
            return True
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


def _as_lists(value: Any, name: str = "") -> Any:
    """IAM takes a single value for a list of one ("IAM JSON policy elements")."""
    if isinstance(value, dict):
        fields = {inner: _as_lists(each, inner) for inner, each in value.items() if each != ""}
        return [fields] if name == "Statement" else fields
    if isinstance(value, list):
        each_plain = [_as_lists(each, "Effect") for each in value]
        return sorted(each_plain) if all(isinstance(each, str) for each in value) else each_plain
    return [value] if isinstance(value, str) and name not in _SINGLE else value
