"""What lifecycle rules will do, as a window shows it: sums by rule, and a row for each finding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lifecycle_reason import (
    action_text,
    date_text,
    held_sum_text,
    held_text,
    reason_text,
    rule_name,
    then_text,
)
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.decisions import Decision
    from s4desk.core.domain.lifecycle.rules import Rule
    from s4desk.core.lifecycle.findings import Finding, Findings
    from s4desk.core.lifecycle.summary import Summary, Tally


class FindingColumn(IntEnum):
    DUE = 0
    ACTION = 1
    KEY = 2
    VERSION = 3
    SIZE = 4
    CLASS = 5
    RULE = 6
    REASON = 7


class Kind(StrEnum):
    """Which findings are shown: all, those that are due, what goes for good, moves, what stays."""

    ALL = "all"
    DUE = "due"
    GOES = "goes"
    MOVES = "moves"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which findings are shown: those of which anything that happens is of that kind, by that rule
    (a place, -1 for all) and on that day (-1 for all)."""

    kind: Kind = Kind.ALL
    rule: int = -1
    day: int = -1
    text: str = ""

    @property
    def is_open(self) -> bool:
        return self == Sieve()

    def rows(self, found: Findings, first: int, last: int) -> list[int]:
        """Those of the rows from `first` to before `last` that are shown."""
        rows: Sequence[int] = range(first, last)
        if not replace(self, text="").is_open:
            days, decisions, thens, lets = found.days, found.decisions, found.thens, self._lets
            rows = [
                row
                for row in rows
                if lets(days[row], decisions[row])
                or any(lets(each.day, each.decision) for each in thens[row])
            ]
        if self.text:
            wanted = self.text.casefold()
            rows = [row for row in rows if wanted in found.keys[row].casefold()]
        return list(rows)

    def _lets(self, day: int, decision: Decision) -> bool:
        step, kind, is_held = decision.step, self.kind, decision.skipped is not None
        if self.day not in (-1, day) or self.rule not in (-1, step.rule):
            return False
        if kind is Kind.ALL or kind is Kind.STAYS:
            return kind is Kind.ALL or is_held
        if kind is Kind.DUE:
            return day == 0 and not is_held
        return not is_held and bool(step.storage_class) is (kind is Kind.MOVES)


def sum_rows(summary: Summary, rules: Sequence[Rule]) -> list[list[str]]:
    """Rule, what becomes of how much, and when first and last."""
    rows = [
        _sum_row(
            rule_name(rules, cause.rule),
            action_text(cause.action, cause.storage_class, hides=cause.hides),
            tally,
        )
        for cause, tally in summary.causes().items()
    ]
    for held, tally in sorted(summary.skipped.items()):
        rows.append(_sum_row(rule_name(rules, held.rule), held_sum_text(held.skipped), tally))
    return rows


def summary_text(
    summary: Summary, versioning: Versioning = Versioning.OFF, *, is_busy: bool
) -> str:
    """How much was looked at, how much is done, and to how many of it all; `versioning` is that of
    the bucket."""
    sentences = [
        *_seen(summary, versioning),
        tr("Due now: {amount}.").format(amount=_amount(summary.due_now())),
    ]
    if summary.days:
        ahead = tr_n("In {count} day: {amount}.", "In {count} days: {amount}.", summary.days)
        amount = _amount(summary.whole())
        sentences.append(ahead.format(count=format_count(summary.days), amount=amount))
    if held := sum(tally.objects for tally in summary.skipped.values()):
        said = tr_n("{count} action is held back.", "{count} actions are held back.", held)
        sentences.append(said.format(count=format_count(held)))
    return " ".join([*sentences, *_touched(summary), *(["…"] if is_busy else [])])


def _seen(summary: Summary, versioning: Versioning) -> list[str]:
    seen, markers, uploads = summary.seen, summary.markers, summary.uploads
    counted = (
        tr_n("{count} object looked at", "{count} objects looked at", seen.objects)
        if versioning is Versioning.OFF
        else tr_n("{count} version looked at", "{count} versions looked at", seen.objects)
    )
    objects = counted.format(count=format_count(seen.objects))
    said = [tr("{objects}, {size}.").format(objects=objects, size=format_size(seen.size))]
    if markers:
        told = tr_n("{count} of them is a delete marker.", "{count} are delete markers.", markers)
        said.append(told.format(count=format_count(markers)))
    if uploads:
        told = tr_n("{count} unfinished upload too.", "{count} unfinished uploads too.", uploads)
        said.append(told.format(count=format_count(uploads)))
    return said


def _touched(summary: Summary) -> list[str]:
    """Versions and uploads that something happens to or is held back from, and the others."""
    aborted = summary.actions().get(Action.ABORT_UPLOAD)
    aborts = 0 if aborted is None else aborted.objects
    touched = summary.touched.objects + aborts
    untouched = summary.untouched.objects + summary.uploads - aborts
    sentence = tr("That is about {touched} of them; nothing happens to {untouched}.")
    said = [sentence.format(touched=format_count(touched), untouched=format_count(untouched))]
    if summary.unmatched.objects:
        told = tr("No rule is about {unmatched} of those.")
        said.append(told.format(unmatched=format_count(summary.unmatched.objects)))
    return said


def _amount(tally: Tally) -> str:
    """What moves first and is deleted then has two actions."""
    counted = tr_n("{count} action", "{count} actions", tally.objects)
    return tr("{actions} ({size})").format(
        actions=counted.format(count=format_count(tally.objects)), size=format_size(tally.size)
    )


def finding_cells(found: Finding, rules: Sequence[Rule], now: float) -> list[str]:
    """One finding, in the order of FindingColumn, as one looks from `now`: seconds since the
    epoch."""
    decision = found.decision
    step = decision.step
    action = (
        action_text(step.action, step.storage_class, hides=decision.hides)
        if decision.skipped is None
        else held_text(decision.skipped)
    )
    return [
        date_text(found.due) if found.day else tr("now"),
        action,
        printable(found.key),
        printable(found.version),
        format_size(found.size),
        found.storage_class,
        printable(rule_name(rules, step.rule)),
        reason_text(decision, rules, found.until, names_rule=False) + then_text(found.then, now),
    ]


def _sum_row(rule: str, what: str, tally: Tally) -> list[str]:
    span = tally.span
    first, last = ("", "") if span is None else (date_text(span[0]), date_text(span[1]))
    objects, size = format_count(tally.objects), format_size(tally.size)
    return [printable(rule), what, objects, size, first, last]
