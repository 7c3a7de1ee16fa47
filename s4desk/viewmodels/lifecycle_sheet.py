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
    reason_text,
    rule_name,
    skipped_text,
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
    SIZE = 3
    CLASS = 4
    RULE = 5
    REASON = 6


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


def sum_rows(
    summary: Summary, rules: Sequence[Rule], versioning: Versioning = Versioning.OFF
) -> list[list[str]]:
    """Rule, what becomes of how much, and when first and last."""
    rows = [
        _sum_row(
            rule_name(rules, cause.rule),
            action_text(
                cause.action,
                cause.storage_class,
                hides=cause.action is Action.EXPIRE and versioning is Versioning.ENABLED,
            ),
            tally,
        )
        for cause, tally in summary.causes().items()
    ]
    for held, tally in sorted(summary.skipped.items()):
        what = tr("stays: {reason}").format(reason=skipped_text(held.skipped))
        rows.append(_sum_row(rule_name(rules, held.rule), what, tally))
    return rows


def summary_text(summary: Summary, *, is_busy: bool) -> str:
    """How much was looked at, and how much of it something happens to."""
    counted = tr_n("{count} object looked at", "{count} objects looked at", summary.seen.objects)
    sentences = [
        tr("{objects}, {size}.").format(
            objects=counted.format(count=format_count(summary.seen.objects)),
            size=format_size(summary.seen.size),
        ),
        tr("Due now: {amount}.").format(amount=_amount(summary.due_now())),
    ]
    if summary.days:
        ahead = tr_n("In {count} day: {amount}.", "In {count} days: {amount}.", summary.days)
        amount = _amount(summary.whole())
        sentences.append(ahead.format(count=format_count(summary.days), amount=amount))
    rest = tr("Nothing happens to {untouched}; no rule is about {unmatched} of them.")
    sentences.append(
        rest.format(
            untouched=format_count(summary.untouched.objects),
            unmatched=format_count(summary.unmatched.objects),
        )
    )
    return " ".join([*sentences, "…"] if is_busy else sentences)


def _amount(tally: Tally) -> str:
    return f"{format_count(tally.objects)} ({format_size(tally.size)})"


def finding_cells(
    found: Finding, rules: Sequence[Rule], versioning: Versioning = Versioning.OFF
) -> list[str]:
    """One finding, in the order of FindingColumn; `versioning` is that of its bucket."""
    decision = found.decision
    step = decision.step
    action = tr("stays")
    if decision.skipped is None:
        hides = step.action is Action.EXPIRE and versioning.keeps(found.version)
        action = action_text(step.action, step.storage_class, hides=hides)
    return [
        date_text(found.due) if found.day else tr("now"),
        action,
        printable(found.key),
        format_size(found.size),
        found.storage_class,
        printable(rule_name(rules, step.rule)),
        reason_text(decision, rules, found.until, names_rule=False)
        + then_text(found.then, found.due, found.day),
    ]


def _sum_row(rule: str, what: str, tally: Tally) -> list[str]:
    span = tally.span
    first, last = ("", "") if span is None else (date_text(span[0]), date_text(span[1]))
    objects, size = format_count(tally.objects), format_size(tally.size)
    return [printable(rule), what, objects, size, first, last]
