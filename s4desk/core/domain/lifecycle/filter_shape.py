"""The filter of a rule as the API writes it: in one of its three shapes, read and changed.

`rule` is always one entry of `Rules` in what `config_json.as_json` makes of a document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from s4desk.core.domain.lifecycle.rules import Filter

RawRule = Mapping[str, Any]

_SIZES: Final = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
_EMPTY: Final[tuple[object, ...]] = (None, [], {})


def filter_of(rule: RawRule) -> Filter:
    """What it says, wherever it says it; the top-level Prefix of old rules too."""
    flat = _flat(rule)
    tags = tuple((str(each.get("Key", "")), str(each.get("Value", ""))) for each in _tags(flat))
    larger, smaller = (_size_in(flat, name) for name in _SIZES)
    return Filter(str(flat.get("Prefix") or ""), tags, larger, smaller)


def is_old_shape(rule: RawRule) -> bool:
    """Whether it has its Prefix beside its actions, as before there were filters."""
    return "Filter" not in rule and "Prefix" in rule


def is_scope_said(rule: RawRule) -> bool:
    """Whether a rule says at all which objects it is about: an empty filter says all of them. None,
    null, and one with nothing in it but empty parts may be a slip that would cost everything."""
    nested = rule.get("Filter")
    if nested is None:
        return rule.get("Prefix") is not None
    return not nested or not isinstance(nested, Mapping) or _says_something(nested)


def is_in_one_place(rule: RawRule) -> bool:
    """Whether a filter says all it says in one place, as S3 wants it: more than one condition in
    And, and no prefix of the old kind beside it."""
    nested = rule.get("Filter")
    if not isinstance(nested, Mapping):
        return True
    said = [name for name, each in nested.items() if each is not None]
    return len(said) < 2 and rule.get("Prefix") is None


def with_filter(rule: RawRule, wanted: Filter) -> dict[str, Any]:
    """`rule` with another filter. What is not known in there stays; a rule in the old shape keeps
    it as long as that can say all of it."""
    if filter_of(rule) == wanted:
        return dict(rule)
    if is_old_shape(rule) and not wanted.tags and not wanted.has_size:
        return {**rule, "Prefix": wanted.prefix}
    rest = {name: each for name, each in rule.items() if name != "Prefix"}
    return {**rest, "Filter": _written(rule, wanted)}


def with_scope(rule: RawRule) -> dict[str, Any]:
    """`rule`, and that it is about all objects where nothing was said."""
    if is_scope_said(rule):
        return dict(rule)
    rest = {name: each for name, each in rule.items() if name != "Prefix"}
    return {**rest, "Filter": _written(rule, filter_of(rule))}


def number_in(part: Any, name: str) -> int | None:
    """A whole number of a field; None where there is none, or something else."""
    found = part.get(name) if isinstance(part, Mapping) else None
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return found
    text = found.strip() if isinstance(found, str) else ""
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() else None


def odd_sizes(rule: RawRule) -> list[str]:
    """What stands where sizes belong and is none."""
    nested = _mapping(rule.get("Filter"))
    said = [each for part in (nested, _mapping(nested.get("And"))) for each in part.items()]
    told = {name: value for name, value in said if name in _SIZES and value is not None}
    return [str(value) for name, value in told.items() if _is_odd(name, value)]


def _size_in(part: Mapping[str, Any], name: str) -> int | None:
    size = number_in(part, name)
    return None if size is None or size < 0 else size


def _written(rule: RawRule, wanted: Filter) -> dict[str, Any]:
    nested = _mapping(rule.get("Filter"))
    around = {name: each for name, each in nested.items() if name != "And" and _is_odd(name, each)}
    within = {n: each for n, each in _mapping(nested.get("And")).items() if _is_odd(n, each)}
    said: dict[str, Any] = {"Prefix": wanted.prefix} if wanted.prefix else {}
    tags = _tag_entries(rule, wanted.tags)
    sizes = zip(_SIZES, (wanted.larger_than, wanted.smaller_than), strict=True)
    numbers = {name: size for name, size in sizes if size is not None}
    if within or len(said) + len(tags) + len(numbers) > 1:
        several = {"Tags": tags} if tags else {}
        return {**around, "And": {**said, **several, **numbers, **within}}
    alone = {"Tag": tags[0]} if tags else {}
    return {**around, **(said | alone | numbers or {"Prefix": ""})}


def _tag_entries(rule: RawRule, tags: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Tags as they were written where they are the same."""
    before = [dict(each) for each in _tags(_flat(rule))]
    entries = []
    for key, value in tags:
        mine = {"Key": key, "Value": value}
        same = next((each for each in before if each | mine == each), None)
        if same is not None:
            before.remove(same)
        entries.append(same or mine)
    return entries


def _flat(rule: RawRule) -> dict[str, Any]:
    nested = _mapping(rule.get("Filter"))
    return {"Prefix": rule.get("Prefix"), **nested, **_mapping(nested.get("And"))}


def _tags(flat: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    several, alone = flat.get("Tags"), flat.get("Tag")
    found = [*(several if isinstance(several, list) else ()), alone]
    return [each for each in found if isinstance(each, Mapping)]


def _says_something(part: Mapping[str, Any]) -> bool:
    return any(
        _says_something(each) if isinstance(each, Mapping) and name == "And" else each not in _EMPTY
        for name, each in part.items()
    )


def _is_odd(name: str, value: Any) -> bool:
    """Whether it is nothing that a `Filter` holds."""
    if name in _SIZES:
        return _size_in({name: value}, name) is None
    return name not in ("Prefix", "Tag", "Tags")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
