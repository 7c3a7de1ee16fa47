"""A lifecycle rule in words: what happens to which objects, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s4desk.core.domain.lifecycle.checks import MARKERS, part_of, parts_of
from s4desk.core.domain.lifecycle.filter_shape import filter_of, number_in
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.quantities import size_words

Rule = Mapping[str, Any]


def rules_in(value: Mapping[str, Any]) -> list[Rule]:
    """Those that can be looked at; none if one of them cannot."""
    found = value.get("Rules")
    if isinstance(found, list) and all(isinstance(each, Mapping) for each in found):
        return list(found)
    return []


def rule_name(rule: Rule, at: int) -> str:
    """Its ID; its place where it has none. `at` counts from 0."""
    id = str(rule.get("ID") or "")
    return printable(id) if id else tr("#{place}").format(place=at + 1)


def is_on(rule: Rule) -> bool:
    """A status that nobody knows counts as off (SPEC.md section 4)."""
    return rule.get("Status") == "Enabled"


def rule_summary(rule: Rule) -> str:
    """Sentences, whether it is on or not."""
    scope = scope_words(rule)
    sentences = [
        *_of_current(rule, tr("objects{scope}").format(scope=scope) if scope else ""),
        *_of_old(rule, scope),
        *_of_markers(rule, scope),
        *_of_uploads(rule, scope),
    ]
    return " ".join(_capital(each) for each in sentences) or tr("Nothing is done.")


def named_summary(rule: Rule, at: int) -> str:
    """The same, with the name of the rule and whether it is on."""
    said = tr("Rule “{name}”: {summary}") if is_on(rule) else tr("Rule “{name}” is off: {summary}")
    return said.format(name=rule_name(rule, at), summary=rule_summary(rule))


def scope_words(rule: Rule) -> str:
    """What objects of a rule have in common, each part after a space; empty for all objects."""
    filter = filter_of(rule)
    parts = []
    if filter.prefix:
        parts.append(tr("under “{prefix}”").format(prefix=printable(filter.prefix)))
    if filter.tags:
        tags = [tr("“{tag}”").format(tag=printable(f"{key}={value}")) for key, value in filter.tags]
        parts.append(tr("tagged {tags}").format(tags=_joined(tags)))
    sizes = []
    if filter.larger_than is not None:
        sizes.append(tr("larger than {size}").format(size=size_words(filter.larger_than)))
    if filter.smaller_than is not None:
        sizes.append(tr("smaller than {size}").format(size=size_words(filter.smaller_than)))
    if sizes:
        parts.append(_joined(sizes))
    return "".join(f" {part}" for part in parts)


def _of_current(rule: Rule, objects: str) -> list[str]:
    deeds = [
        tr("moved to {storage_class} {when}").format(
            storage_class=_class(each), when=_after_creation(each)
        )
        for each in _by_age(parts_of(rule, "Transitions"), "Days")
    ]
    expiration = part_of(rule, "Expiration")
    if "Days" in expiration or "Date" in expiration:
        deeds.append(tr("deleted {when}").format(when=_after_creation(expiration)))
    if not deeds:
        return []
    return [
        tr("{objects} are {deeds}.").format(
            objects=objects or tr("all objects"), deeds=_joined(deeds)
        )
    ]


def _of_old(rule: Rule, scope: str) -> list[str]:
    deeds = [
        tr("moved to {storage_class} {when}").format(
            storage_class=_class(each), when=_after_replacement(each)
        )
        for each in _by_age(parts_of(rule, "NoncurrentVersionTransitions"), "NoncurrentDays")
    ]
    if end := part_of(rule, "NoncurrentVersionExpiration"):
        deeds.append(tr("deleted {when}").format(when=_after_replacement(end)))
    if not deeds:
        return []
    said = (
        tr("old versions of objects{scope} are {deeds}.")
        if scope
        else tr("old versions are {deeds}.")
    )
    return [said.format(scope=scope, deeds=_joined(deeds))]


def _of_markers(rule: Rule, scope: str) -> list[str]:
    if part_of(rule, "Expiration").get(MARKERS) is not True:
        return []
    return [tr("delete markers{scope} that hide nothing are removed.").format(scope=scope)]


def _of_uploads(rule: Rule, scope: str) -> list[str]:
    abort = part_of(rule, "AbortIncompleteMultipartUpload")
    days = number_in(abort, "DaysAfterInitiation")
    if days is None:
        return []
    said = tr_n(
        "unfinished uploads{scope} are aborted {count} day after they began.",
        "unfinished uploads{scope} are aborted {count} days after they began.",
        days,
    )
    return [said.format(scope=scope, count=days)]


def _after_creation(part: Rule) -> str:
    if "Date" not in part:
        return _after_days(part)
    date = tr("on {date}").format(date=str(part["Date"])[:10])
    if "Days" not in part:
        return date
    # S3 takes no rule with both; some stores do.
    return tr("{days} or {date}").format(days=_after_days(part), date=date)


def _after_days(part: Rule) -> str:
    days = number_in(part, "Days")
    if days is None:
        return tr("at a moment that cannot be read")
    if days == 0:
        return tr("as soon as they are there")
    said = tr_n("{count} day after creation", "{count} days after creation", days)
    return said.format(count=days)


def _after_replacement(part: Rule) -> str:
    days, newer = number_in(part, "NoncurrentDays"), number_in(part, "NewerNoncurrentVersions")
    if days is None:
        when = tr("at a moment that cannot be read")
    elif days == 0:
        when = tr("as soon as they were replaced")
    else:
        said = tr_n(
            "{count} day after they were replaced", "{count} days after they were replaced", days
        )
        when = said.format(count=days)
    if not newer:
        return when
    kept = tr_n("{when}, but for the newest one", "{when}, but for the newest {count}", newer)
    return kept.format(when=when, count=newer)


def _by_age(parts: Sequence[Rule], days: str) -> list[Rule]:
    return sorted(parts, key=lambda part: (number_in(part, days) or 0, str(part.get("Date", ""))))


def _class(part: Rule) -> str:
    return printable(str(part.get("StorageClass") or tr("no class")))


def _joined(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    if len(words) == 2:
        return tr("{one} and {other}").format(one=words[0], other=words[1])
    return tr("{some}, and {last}").format(some=", ".join(words[:-1]), last=words[-1])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
