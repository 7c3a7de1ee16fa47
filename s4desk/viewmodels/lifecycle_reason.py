"""Decisions of lifecycle rules in words: what happens, by which rule, why, and what came off second
best. Used by the window and on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite, isinf
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.decisions import Action, Skipped
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.lock_text import until_text
from s4desk.viewmodels.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.decisions import Decision, Event, Step
    from s4desk.core.domain.lifecycle.rules import Rule
    from s4desk.core.lifecycle.concerns import Concern
    from s4desk.core.lifecycle.hints import Disagreement, Expiry

DAY_S: Final = 86_400.0


def rule_name(rules: Sequence[Rule], at: int) -> str:
    """The id of a rule; its place where it has none. `at` counts from 0."""
    return rules[at].id or f"#{at + 1}"


def no_rules_text(rules: Sequence[object]) -> str:
    """That a bucket has none at all; empty where it has some."""
    return "" if rules else tr("The bucket has no lifecycle rules.")


def action_text(action: Action, storage_class: str = "", *, hides: bool = False) -> str:
    """What becomes of something, in few words. `hides`: it stays, under a delete marker."""
    if hides:
        return tr("put delete marker on top")
    if action in (Action.TRANSITION, Action.TRANSITION_NONCURRENT):
        return tr("move to {storage_class}").format(storage_class=printable(storage_class))
    return {
        Action.EXPIRE: tr("delete"),
        Action.EXPIRE_NONCURRENT: tr("delete old version"),
        Action.REMOVE_DELETE_MARKER: tr("remove delete marker"),
        Action.ABORT_UPLOAD: tr("abort upload"),
    }[action]


def held_text(skipped: Skipped) -> str:
    """What becomes of something that is held back, in few words."""
    return tr("not known") if skipped is Skipped.UNKNOWN else tr("stays")


def held_sum_text(skipped: Skipped) -> str:
    """The same with the reason, of many."""
    if skipped is Skipped.UNKNOWN:
        return tr("not known: locks or tags could not be read")
    return tr("stays: {reason}").format(reason=skipped_text(skipped))


def skipped_text(skipped: Skipped, until: float = float("nan")) -> str:
    """Why something stays. `until` is the end of its retention in seconds since the epoch, inf
    under a legal hold, nan when nobody said."""
    if skipped is Skipped.REPLICATION_PENDING:
        return tr("not replicated yet")
    if skipped is Skipped.REPLACES:
        return tr("its copy would take the place of the version “null”")
    if skipped is Skipped.UNKNOWN:
        return tr("whether it is locked, or what its tags are, is not known")
    if isinf(until):
        return tr("under a legal hold")
    if not isfinite(until):
        return tr("locked")
    return tr("locked until {time}").format(time=until_text(datetime.fromtimestamp(until, UTC)))


def reason_text(
    decision: Decision,
    rules: Sequence[Rule],
    until: float = float("nan"),
    *,
    names_rule: bool = True,
) -> str:
    """Why it happens, or does not: the rule, its threshold, and what was due as well and lost.

    Without the name of the rule where that stands beside it."""
    step = decision.step
    words = [step_text(step, rules) if names_rule else when_text(step)]
    if decision.skipped is not None:
        held = tr("held back: {reason}")
        words.append(held.format(reason=skipped_text(decision.skipped, until)))
    if decision.outdone:
        lost = ", ".join(dict.fromkeys(_short(each, rules) for each in decision.outdone))
        words.append(tr("comes before {others}").format(others=lost))
    return "; ".join(words)


def then_text(then: Sequence[Event], now: float) -> str:
    """What comes after the first thing that happens, to be put behind it; seen from `now`, in
    seconds since the epoch. The first may be overdue, but what follows waits for it."""
    ahead = tr("then {action} on {date}")
    said = [
        ahead.format(action=_deed(each.decision), date=date_text(now + each.day * DAY_S))
        for each in then
    ]
    return "".join(f"; {each}" for each in said)


def _deed(decision: Decision) -> str:
    if decision.skipped is not None:
        return held_text(decision.skipped)
    return action_text(decision.step.action, decision.step.storage_class, hides=decision.hides)


def date_text(seconds: float) -> str:
    """A day in UTC, as stores count; empty for none."""
    if seconds != seconds:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def step_text(step: Step, rules: Sequence[Rule]) -> str:
    """The rule of a step, and what it waits for."""
    name = printable(rule_name(rules, step.rule))
    return tr("rule “{name}”: {when}").format(name=name, when=when_text(step))


def when_text(step: Step) -> str:
    """What a step waits for."""
    days, date = step.when.days, step.when.date
    if date is not None:
        return tr("from {date} on").format(date=date.astimezone(UTC).strftime("%Y-%m-%d"))
    if days is None:
        return tr("no version is behind the delete marker")
    if step.action is Action.ABORT_UPLOAD:
        text = tr_n("{count} day after it was begun", "{count} days after it was begun", days)
    elif step.action in (Action.EXPIRE_NONCURRENT, Action.TRANSITION_NONCURRENT):
        text = tr_n("{count} day after it was replaced", "{count} days after it was replaced", days)
    else:
        text = tr_n("{count} day after creation", "{count} days after creation", days)
    said = text.format(count=days)
    if not step.newer:
        return said
    kept = tr_n(
        "{when}, with {count} newer old version",
        "{when}, with {count} newer old versions",
        step.newer,
    )
    return kept.format(when=said, count=step.newer)


def _short(step: Step, rules: Sequence[Rule]) -> str:
    return tr("“{name}” ({action})").format(
        name=printable(rule_name(rules, step.rule)),
        action=action_text(step.action, step.storage_class),
    )


def concern_text(concern: Concern, rules: Sequence[Rule]) -> str:
    """What is not as one would like it at a store, and what that means for what is shown."""
    if concern.doubt is Doubt.UNKNOWN_RULE:
        sentence = tr(
            "Rule “{name}” says something that is not known here ({names}): it may do more or less"
            " than is shown, and s4desk never acts on it."
        )
        names = ", ".join(map(printable, concern.names))
        return sentence.format(name=printable(rule_name(rules, concern.rule)), names=names)
    sentence = {
        Doubt.VERSIONING: tr(
            "Whether versions are kept may not be asked: it is assumed that they were, and are not"
            " any more."
        ),
        Doubt.LOCKS: tr("Whether the bucket has Object Lock may not be asked; it is assumed."),
        Doubt.REPLICATION: tr("Whether the bucket is replicated may not be asked; it is assumed."),
        Doubt.VERSIONS: tr(
            "Old versions and delete markers could not be listed: what becomes of them is not"
            " shown."
        ),
        Doubt.UPLOADS: tr(
            "Unfinished uploads could not be listed: what becomes of them is not shown."
        ),
        Doubt.HIDDEN_LOCKS: tr(
            "Locks of objects may not be seen: what is locked is shown as if it were not."
        ),
        Doubt.NO_TAGS: tr(
            "The store says of several objects that it knows no tags: rules that ask for tags are"
            " about none."
        ),
        Doubt.BROKEN_LISTING: tr(
            "The store does not list all: what comes behind the last key was not looked at."
        ),
        Doubt.UNHEEDED_REPLICAS: tr(
            "Some of it waits for its replica by rules of s4desk, or has failed to get it: the"
            " store does not wait for that."
        ),
    }[concern.doubt]
    if concern.error is None:
        return sentence
    return tr("{sentence} {reason}").format(sentence=sentence, reason=describe(concern.error))


def disagreement_text(found: Disagreement) -> str:
    """What the store says of an object, and what we say."""
    sentence = tr("The store: {theirs}. Here: {ours}.")
    return sentence.format(theirs=_expiry_text(found.theirs), ours=_expiry_text(found.ours))


def _expiry_text(expiry: Expiry | None) -> str:
    if expiry is None:
        return tr("it does not expire")
    moment = expiry.due.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if not expiry.rule:
        return tr("it expires {time}").format(time=moment)
    sentence = tr("it expires {time} by “{name}”")
    return sentence.format(time=moment, name=printable(expiry.rule))
