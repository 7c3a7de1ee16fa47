"""Reading and changing one place inside a configuration, with everything else left as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Path = Sequence[str | int]
"""Names of fields and positions in lists, from the top."""


def found_at(value: Any, path: Path) -> Any:
    """What is there; None for nothing."""
    for step in path:
        if isinstance(step, int):
            is_there = isinstance(value, Sequence) and not isinstance(value, str)
            value = value[step] if is_there and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def text_at(value: Any, path: Path) -> str:
    """What is there as a text; empty for nothing."""
    found = found_at(value, path)
    return "" if found is None else str(found)


def put_at(value: Any, path: Path, new: Any) -> Any:
    """A copy of `value` with `new` there; None takes away what is there, and whatever is left
    empty by that. An empty text is something."""
    if not path:
        return new
    step, below = path[0], path[1:]
    changed = put_at(found_at(value, [step]), below, new)
    if isinstance(step, int):
        return _in_list(value, step, changed)
    fields = dict(value) if isinstance(value, Mapping) else {}
    if _is_nothing(changed):
        fields.pop(step, None)
    else:
        fields[step] = changed
    return fields


def _in_list(value: Any, at: int, changed: Any) -> list[Any]:
    items = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    if _is_nothing(changed):
        del items[at : at + 1]
    elif at < len(items):
        items[at] = changed
    else:
        items.append(changed)
    return items


def _is_nothing(value: Any) -> bool:
    return value is None or value in ({}, [])
