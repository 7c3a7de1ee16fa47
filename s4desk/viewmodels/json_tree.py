"""JSON as a tree that is unfolded where somebody looks.

Numbers, doubled names and the order of entries are as they stand in the text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr_n
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_CHILDREN: Final = 10_000
MOST_LETTERS: Final = 500


class Number(str):
    """As it is written: a float would be rounded."""

    __slots__ = ()


class Entries(tuple[tuple[str, object], ...]):
    """The entries of an object; a name may be there twice."""

    __slots__ = ()


def tree_of(text: str) -> object | None:
    """The object or array that a text is; None when it is none, or too deep."""
    try:
        value: object = json.loads(
            text, parse_int=Number, parse_float=Number, object_pairs_hook=Entries
        )
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Entries | list) else None


def has_parts(value: object) -> bool:
    return isinstance(value, Entries | list) and bool(value)


def parts_of(value: object) -> Sequence[tuple[str, object]]:
    """The names and values in a value: the first MOST_CHILDREN of them."""
    if isinstance(value, Entries):
        return value[:MOST_CHILDREN]
    if isinstance(value, list):
        return [(str(at), each) for at, each in enumerate(value[:MOST_CHILDREN])]
    return ()


def left_out(value: object) -> int:
    """How many more there are."""
    return max(0, len(value) - MOST_CHILDREN) if isinstance(value, Entries | list) else 0


def value_text(value: object) -> str:
    """In one line."""
    if isinstance(value, Entries):
        return f"{{{_count(len(value))}}}" if value else "{}"
    if isinstance(value, list):
        return f"[{_count(len(value))}]" if value else "[]"
    if isinstance(value, Number):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def _count(entries: int) -> str:
    said = tr_n("{count} entry", "{count} entries", entries)
    return said.format(count=format_count(entries))
