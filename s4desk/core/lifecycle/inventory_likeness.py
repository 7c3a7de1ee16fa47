"""What rules see of a version, in SQL: the same as `likeness_of`, for the rows of a report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.candidates import HELD_REPLICATION, NULL_VERSION
from s4desk.core.domain.lifecycle.likeness import (
    AHEAD,
    DAY_S,
    FOREVER,
    PASSED,
    UNDATED,
    Grain,
)
from s4desk.core.domain.lifecycle.rules import SMALL, Filter
from s4desk.core.domain.objects import DELETED, LATEST
from s4desk.core.lifecycle.inventory_rows import blob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.likeness import Rounding
    from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule

WORD: Final = 62
"""So many rules are the bits of one number."""
_DAY_US: Final = DAY_S * 1_000_000


def with_likeness(
    lifecycle: Lifecycle, rounding: Rounding, untold: Sequence[Rule] = ()
) -> tuple[str, list[str]]:
    """A SELECT of `rows` with what rules see of them, and the columns that say so.

    They are `rules0`, `rules1`, … and the other fields of a Likeness; and `is_matched`, which is
    true of what a rule is about, or may be about: of `untold` that cannot be told.
    """
    columns = _columns(lifecycle, rounding, untold)
    listed = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    placed = f"SELECT *, {_place('modified', rounding)} AS place FROM rows"
    return f"SELECT * EXCLUDE place, {listed} FROM ({placed})", list(columns)


def _columns(lifecycle: Lifecycle, rounding: Rounding, untold: Sequence[Rule]) -> dict[str, str]:
    held = ", ".join(f"'{status}'" for status in sorted(HELD_REPLICATION))
    maybe = [replace(each, filter=Filter(each.filter.prefix)) for each in untold]
    words = _words(lifecycle.rules)
    return {
        **{f"rules{at}": word for at, word in enumerate(words)},
        "is_matched": " OR ".join(f"{word} <> 0" for word in (*words, *_words(maybe))),
        "is_large": f"size >= {SMALL}",
        "storage_class": "class",
        "created": _coarse(rounding),
        "mark": f"((CASE WHEN is_latest THEN {LATEST} ELSE 0 END)"
        f" | (CASE WHEN is_marker THEN {DELETED} ELSE 0 END))",
        "held": _held(rounding),
        "is_replicating": f"replication IN ({held})",
        "is_null": f"version IN ('', '{NULL_VERSION}')",
    }


def rules_of(words: Sequence[int]) -> int:
    """The bits of all rules."""
    return sum(word << (at * WORD) for at, word in enumerate(words))


def _words(rules: Sequence[Rule]) -> list[str]:
    bits: list[list[str]] = [[] for _ in range(max(1, -(-len(rules) // WORD)))]
    for at, rule in enumerate(rules):
        if rule.is_enabled:
            bit = 1 << at % WORD
            matches = _matches(rule.filter)
            bits[at // WORD].append(
                f"(CASE WHEN {matches} THEN {bit} ELSE 0 END)" if matches else str(bit)
            )
    return ["({})::BIGINT".format(" | ".join(each) or "0") for each in bits]


def _matches(wanted: Filter) -> str:
    """Empty for what every object is."""
    parts = []
    if wanted.prefix:
        parts.append(_begins(wanted.prefix.encode("utf-8", "surrogateescape")))
    if wanted.larger_than is not None:
        parts.append(f"size > {wanted.larger_than}")
    if wanted.smaller_than is not None:
        parts.append(f"size < {wanted.smaller_than}")
    parts += [_is_tagged(name, value) for name, value in wanted.tags]
    return " AND ".join(parts)


def _begins(prefix: bytes) -> str:
    stem = prefix.rstrip(b"\xff")
    begins = f"key >= {blob(prefix)}"
    if not stem:
        return begins
    return f"{begins} AND key < {blob(stem[:-1] + bytes([stem[-1] + 1]))}"


def _is_tagged(name: str, value: str) -> str:
    pair = b"\0".join(each.encode("utf-8", "surrogateescape") for each in (name, value))
    return f"list_contains({_pairs()}, {blob(pair)})"


def _pairs() -> str:
    """Name and value of each tag, a NUL between them. A name that is there twice has the last
    value."""

    def decoded(text: str) -> str:
        return f"encode(coalesce(TRY(url_decode({text})), {text}))"

    pair = "replace(pair, '+', ' ')"
    name = decoded(f"split_part({pair}, '=', 1)")
    rest = f"(CASE WHEN contains(pair, '=') THEN {pair}[strpos(pair, '=') + 1:] ELSE '' END)"
    return (
        f"list_transform(list_filter(string_split(tags, '&'), lambda pair: pair <> ''),"
        f" lambda pair: {name} || '\\x00'::BLOB || {decoded(rest)})"
    )


def _place(moment: str, rounding: Rounding) -> str:
    now = _seconds(rounding.now)
    if rounding.grain is Grain.AGE:
        place = f"floor(({now} - {moment} / 1e6) / {DAY_S})::BIGINT"
    else:
        behind = f"(CASE WHEN {moment} % {_DAY_US} <> 0 THEN 1 ELSE 0 END)"
        ahead = (
            f"(CASE WHEN {moment} / 1e6 > {now}"
            f" THEN ceil(({moment} / 1e6 - {now}) / {DAY_S})::BIGINT * {AHEAD} ELSE 0 END)"
        )
        place = f"2 * floor({moment} / {_DAY_US})::BIGINT + {behind} + {ahead}"
    return f"coalesce({place}, {UNDATED})"


def _coarse(rounding: Rounding) -> str:
    if rounding.spans is None:
        return "place"
    days = [_days_until(span, rounding) for span in rounding.spans]
    passed = " + ".join(f"({day} <= 0)::BIGINT" for day in days) or "0"
    is_ahead = "".join(f" OR ({day}) BETWEEN 1 AND {rounding.days}" for day in days)
    return (
        f"(CASE WHEN place = {UNDATED} OR place > {AHEAD // 2}{is_ahead} THEN place"
        f" ELSE {PASSED} - ({passed}) END)"
    )


def _days_until(span: int, rounding: Rounding) -> str:
    if rounding.grain is Grain.AGE:
        return f"{span} - place"
    due = f"(floor(place / 2) + {1 + span}) * {DAY_S}"
    return f"ceil(({due} - {_seconds(rounding.now)}) / {DAY_S})"


def _held(rounding: Rounding) -> str:
    now = _seconds(rounding.now)
    return (
        f"(CASE WHEN lock_hold THEN {FOREVER}"
        f" WHEN lock_mode = '' OR lock_until IS NULL OR lock_until / 1e6 <= {now} THEN 0"
        f" ELSE ceil((lock_until / 1e6 - {now}) / {DAY_S})::BIGINT END)"
    )


def _seconds(moment: float) -> str:
    return f"'{moment!r}'::DOUBLE"
