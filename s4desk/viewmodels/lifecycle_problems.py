"""What is wrong with lifecycle rules, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from s4desk.core.domain.lifecycle.checks import MAX_ID, MAX_NEWER, MAX_RULES, Fault, Part, Problem
from s4desk.core.domain.lifecycle.conflicts import conflicts
from s4desk.core.domain.lifecycle.filter_shape import is_scope_said
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lifecycle_summary import rule_name

Rules = Sequence[Mapping[str, Any]]
_F = Fault
_WITH_DAYS: Final = (_F.OUTRUN, _F.OVERLAP, _F.NEVER_MOVED)
_LIMITS: Final = {"most_id": MAX_ID, "most_newer": MAX_NEWER, "most_rules": MAX_RULES}


def problem_text(problem: Problem, rules: Rules) -> str:
    """One sentence, without the name of the rule it is about."""
    words = {f"fact{number}": fact for number, fact in enumerate(problem.facts)}
    other = "" if problem.other is None else rule_name(rules[problem.other], problem.other)
    days = _days(problem.facts[-1]) if problem.fault in _WITH_DAYS else ""
    return _sentences()[problem.fault].format(**words, **_LIMITS, other=other, days=days)


def _days(count: str) -> str:
    return tr_n("{count} day", "{count} days", int(count)).format(count=count)


def named_problem(problem: Problem, rules: Rules) -> str:
    """The same, for a list of what is wrong with all rules."""
    sentence = problem_text(problem, rules)
    if problem.fault is _F.TOO_MANY_RULES:
        return sentence
    name = rule_name(rules[problem.rule], problem.rule)
    return tr("Rule “{name}”: {problem}").format(name=name, problem=sentence)


def warned_problem(problem: Problem, rules: Rules) -> str:
    """The same, for who asks what rules do before any store has seen them."""
    sentence = named_problem(problem, rules)
    if not problem.is_error:
        return sentence
    return tr("{problem} S3 refuses that.").format(problem=sentence)


def unclear_text(rules: Rules, kept: Rules = ()) -> str:
    """Why nobody acts on rules that a person wrote: which of them do not say which objects they are
    about. Empty where all do; `kept` are those that a store has so, and knows what it means."""
    return " ".join(
        named_problem(Problem(Fault.NO_SCOPE, Part.PREFIX, at), rules)
        for at, rule in enumerate(rules)
        if not is_scope_said(rule) and rule not in kept
    )


def problem_value(problem: Problem, rules: Rules) -> dict[str, Any]:
    """The same for programs; `refused` is what S3 does not take."""
    return {
        "rule": rule_name(rules[problem.rule], problem.rule),
        "problem": problem.fault,
        "part": problem.part,
        "refused": problem.is_error,
    }


def conflict_texts(rules: Rules) -> list[str]:
    """Where rules get into each other's way."""
    return [warned_problem(each, rules) for each in conflicts(rules)]


def _sentences() -> Mapping[Fault, str]:
    return _of_filters() | _of_moments() | _of_classes() | _between_rules()


def _of_filters() -> dict[Fault, str]:
    return {
        _F.NO_ACTION: tr("It does nothing yet: say what is deleted, moved or aborted."),
        _F.UNKNOWN_ELEMENT: tr(
            "“{fact0}” is not known here: it is kept as it is, and may change what the rule does."
        ),
        _F.LONG_ID: tr("An ID has at most {most_id} characters."),
        _F.UNKNOWN_STATUS: tr("Its status is not known: it counts as off."),
        _F.NO_SCOPE: tr(
            "It does not say which objects it is about. Give its filter a prefix: an empty one"
            " means all objects."
        ),
        _F.MIXED_FILTER: tr("What its filter asks for belongs together, in “And”."),
        _F.LONG_PREFIX: tr("A prefix has at most 1024 bytes."),
        _F.PREFIX_SLASH: tr("Keys do not begin with “/” as a rule: this prefix may match nothing."),
        _F.PREFIX_STAR: tr(
            "A “*” is nothing but a star in a prefix: it does not stand for others."
        ),
        _F.TAG_TWICE: tr("The tag “{fact0}” is here twice."),
        _F.TAG_WITHOUT_KEY: tr("A tag has a key."),
        _F.LONG_TAG: tr("The key of a tag has at most 128 characters, its value 256."),
        _F.NOT_A_SIZE: tr("“{fact0}” is no size in bytes."),
        _F.NO_SIZE: tr("No size is larger than the one and smaller than the other."),
        _F.NOT_WITH_TAGS: tr(
            "Uploads and delete markers have no tags: this does not go with a filter by tags."
        ),
        _F.NOT_WITH_SIZES: tr(
            "Uploads and delete markers have no size: this does not go with a filter by size."
        ),
    }


def _of_moments() -> dict[Fault, str]:
    return {
        _F.NO_MOMENT: tr("It is not said when."),
        _F.TWO_MOMENTS: tr("Only one of days, a date, and delete markers can be said here."),
        _F.NOT_A_NUMBER: tr("“{fact0}” is no whole number."),
        _F.DAYS_BELOW_ONE: tr("It takes 1 day at least."),
        _F.DAYS_BELOW_ZERO: tr("Days cannot be below 0."),
        _F.TOO_MANY_DAYS: tr("So many days cannot be counted."),
        _F.NOT_A_DATE: tr("“{fact0}” is no date. One looks like 2027-01-31."),
        _F.NOT_MIDNIGHT: tr("A date begins at midnight UTC; “{fact0}” does not."),
        _F.PAST_DATE: tr(
            "{fact0} is over: it happens at the next run, and to all that comes later too."
        ),
        _F.AT_ONCE: tr(
            "Moved to {fact0} after 0 days: new objects are hardly ever seen elsewhere."
        ),
        _F.MIXED_MOMENTS: tr("Days and dates cannot be mixed in one rule."),
        _F.AFTER_EXPIRATION: tr("What would go to {fact0} has been deleted by then."),
        _F.NEWER_RANGE: tr("From 1 to {most_newer} old versions can be kept."),
        _F.NEWER_NEEDS_FILTER: tr(
            "Old versions are only counted in rules with a filter; this one has a prefix of the old"
            " kind."
        ),
        _F.NEWER_NEEDS_DAYS: tr("It is also said after how many days the others go."),
    }


def _of_classes() -> dict[Fault, str]:
    return {
        _F.NO_CLASS: tr("It is not said to which storage class."),
        _F.CLASS_TWICE: tr("{fact0} is here twice."),
        _F.CLASS_ORDER: tr("Objects cannot go from {fact0} to {fact1}."),
        _F.TOO_EARLY_FOR_IA: tr("Nothing goes to {fact0} before it is 30 days old."),
        _F.TOO_SOON_AFTER_IA: tr(
            "{fact1} follows less than 30 days after {fact0}: those 30 days are paid for anyway,"
            " and S3 may refuse it."
        ),
    }


def _between_rules() -> dict[Fault, str]:
    return {
        _F.TOO_MANY_RULES: tr("There are {fact0} rules. A bucket has at most {most_rules}."),
        _F.ID_TWICE: tr("Another rule has the ID “{fact0}” too."),
        _F.OUTRUN: tr(
            "It never deletes anything: rule “{other}” has deleted all of that after {days}."
        ),
        _F.OVERLAP: tr(
            "Rule “{other}” is about some of the same objects: those are deleted after {days},"
            " the shorter time."
        ),
        _F.NEVER_MOVED: tr(
            "What would go to {fact0} has been deleted after {days}, where rule “{other}” is"
            " about it too."
        ),
        _F.CLASS_ORDER_OF_TWO: tr(
            "Together with rule “{other}” it would move objects from {fact0} to {fact1}, which"
            " cannot be."
        ),
    }
