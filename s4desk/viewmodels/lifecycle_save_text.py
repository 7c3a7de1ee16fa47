"""What is said when lifecycle rules are saved: what changes, and what a store made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lifecycle_form_rules import MINIMUM, overview
from s4desk.viewmodels.lifecycle_summary import (
    is_on,
    named_summary,
    rule_name,
    rule_summary,
    rules_in,
)

Value = Mapping[str, Any]
Rule = Mapping[str, Any]
MOST: Final = 8
"""So many rules are told one by one, the others counted."""
_PLACE: Final = re.compile(r"Rules\[(.*?)\](?:\.(.*))?\Z", re.DOTALL)


def change_sentences(before: Value | None, wanted: Value | None) -> list[str]:
    """Which rules are new, changed or gone, and what is odd about all of them then."""
    old, new = rules_in(before or {}), rules_in(wanted or {})
    lines = [*_new_or_changed(old, new), *_gone(old, new)]
    if not lines and old != new:
        lines = [tr("Only the order of the rules is another one.")]
    if (before or {}).get(MINIMUM) != (wanted or {}).get(MINIMUM) and wanted:
        lines.append(tr("Which small objects are moved is another matter now."))
    if not new:
        lines.append(tr("No rule is left: the store deletes and moves nothing by itself any more."))
    odd = overview(new)[1:] if new else []
    return [*_some(lines), *_some(odd)]


def lost_rules_text(
    wanted: Value | None, found: Value | None, paths: Sequence[str], *, is_restored: bool
) -> str:
    """The store took rules and made others of them: which, and what those would have done."""
    mine, theirs = rules_in(wanted or {}), rules_in(found or {})
    lines = []
    for key, parts in _by_rule(paths).items():
        rule, at = _called(mine, key)
        there, _ = _called(theirs, key)
        if rule is not None:
            lines.append(_of_rule(rule_name(rule, at), there, parts, is_restored=is_restored))
    end = (
        tr("What was there before is there again.")
        if is_restored
        else tr("What was there before could not be brought back: look at it now.")
    )
    return "\n".join([tr("The store does not keep all of it."), *_some(lines), end])


def _of_rule(name: str, there: Rule | None, parts: list[str], *, is_restored: bool) -> str:
    if there is None or "" in parts:
        return tr("Rule “{name}” is not kept at all.").format(name=name)
    said = (
        tr("Rule “{name}” is kept without {parts}. It would have meant: {summary}")
        if is_restored
        else tr("Rule “{name}” is kept without {parts}. It means: {summary}")
    )
    sentence = said.format(
        name=name, parts=", ".join(map(_words, parts)), summary=rule_summary(there)
    )
    return sentence if is_on(there) else f"{sentence} {tr('It is off.')}"


def _words(path: str) -> str:
    known = {
        "Filter.ObjectSizeGreaterThan": tr("“larger than”"),
        "Filter.ObjectSizeLessThan": tr("“smaller than”"),
        "Filter.Prefix": tr("its prefix"),
        "Filter.Tags": tr("its tags"),
        "NoncurrentVersionExpiration.NewerNoncurrentVersions": tr(
            "the number of old versions that it keeps"
        ),
    }
    if path.startswith("Filter.Tags"):
        path = "Filter.Tags"
    return known.get(path, path)


def _by_rule(paths: Sequence[str]) -> dict[str, list[str]]:
    """What is lost of each rule, by its ID or place; an empty text is all of it."""
    found: dict[str, list[str]] = {}
    for path in paths:
        if match := _PLACE.match(path):
            found.setdefault(match[1], []).append(match[2] or "")
    return found


def _called(rules: Sequence[Rule], key: str) -> tuple[Rule | None, int]:
    """By ID; by place where that is how it was called."""
    for at, rule in enumerate(rules):
        if rule.get("ID") == key:
            return rule, at
    at = int(key) if key.isdecimal() and int(key) < len(rules) else -1
    return (rules[at], at) if at >= 0 else (None, -1)


def _new_or_changed(old: Sequence[Rule], new: Sequence[Rule]) -> list[str]:
    ids = {each.get("ID") for each in old} - {None, ""}
    lines = []
    for at, rule in enumerate(new):
        if rule not in old:
            said = tr("Changed. {rule}") if rule.get("ID") in ids else tr("New. {rule}")
            lines.append(said.format(rule=named_summary(rule, at)))
    return lines


def _gone(old: Sequence[Rule], new: Sequence[Rule]) -> list[str]:
    ids = {each.get("ID") for each in new} - {None, ""}
    gone = [
        named_summary(rule, at)
        for at, rule in enumerate(old)
        if rule not in new and rule.get("ID") not in ids
    ]
    return [tr("Gone. {rule}").format(rule=each) for each in gone]


def _some(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MOST
    if more <= 0:
        return list(lines)
    said = tr_n("And {count} more.", "And {count} more.", more).format(count=more)
    return [*lines[:MOST], said]
