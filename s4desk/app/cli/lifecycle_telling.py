"""What `s4desk lifecycle preview` writes: a line for each thing that happens, and the sums."""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime, timedelta
from math import isinf, nan
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.lifecycle.decisions import Action, Skipped
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lifecycle_inventory_text import utc_text
from s4desk.viewmodels.lifecycle_reason import (
    action_text,
    held_sum_text,
    held_text,
    reason_text,
    rule_name,
    then_text,
)
from s4desk.viewmodels.lifecycle_records import decision_record, then_records
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from s4desk.app.cli.console import Console
    from s4desk.core.domain.lifecycle.decisions import Decision, Event
    from s4desk.core.lifecycle.findings import Findings
    from s4desk.core.lifecycle.question import Question
    from s4desk.core.lifecycle.summary import Summary, Tally

_MOST: Final = 65_536


class Teller:
    """Writes findings as they come, and a summary at the end."""

    def __init__(self, console: Console, question: Question) -> None:
        self._console = console
        self._question = question
        self._rules = question.lifecycle.rules
        self._quoted = json.JSONEncoder().encode
        self._moment = functools.lru_cache(_MOST)(_iso)
        self._said: dict[int, tuple[Decision, tuple[str, str]]] = {}
        self._fragments: dict[int, tuple[Decision, str]] = {}
        self._thens: dict[int, tuple[Sequence[Event], str]] = {}

    def tell(self, found: Findings) -> None:
        """One line for each."""
        self._console.write(self._records(found) if self._console.as_json else self._lines(found))

    # For programs

    def _records(self, found: Findings) -> Iterator[str]:
        quoted, moment = self._quoted, self._moment
        for row, key in enumerate(found.keys):
            decision = found.decisions[row]
            version = found.versions[row]
            is_upload = decision.step.action is Action.ABORT_UPLOAD
            id_ = quoted(version) if version and not is_upload else "null"
            held = self._held(found.untils.get(row), decision)
            upload = f', "upload_id": {quoted(version)}' if is_upload else ""
            yield (
                f'{{"key": {quoted(key)}, "version_id": {id_}, {self._fragment(decision)}, '
                f'"due": {quoted(moment(found.dues[row]))}, "day": {found.days[row]}, '
                f'"size": {found.sizes[row]}{held}{upload}{self._then(found.thens[row])}}}'
            )

    def _fragment(self, decision: Decision) -> str:
        """The part of a record that decisions decide: few are different."""
        kept = self._fragments.get(id(decision))
        if kept is None or kept[0] is not decision:
            text = json.dumps(decision_record(decision, self._rules))[1:-1]
            if len(self._fragments) >= _MOST:
                self._fragments.clear()
            kept = self._fragments[id(decision)] = (decision, text)
        return kept[1]

    def _held(self, until: float | None, decision: Decision) -> str:
        if decision.skipped is not Skipped.LOCKED:
            return ""
        is_hold = until is not None and isinf(until)
        end = None if until is None or is_hold else self._moment(until)
        return f', "locked_until": {json.dumps(end)}, "legal_hold": {json.dumps(is_hold)}'

    def _then(self, events: Sequence[Event]) -> str:
        if not events:
            return ""
        kept = self._thens.get(id(events))
        if kept is None or kept[0] is not events:
            records = then_records(events, self._rules)
            if len(self._thens) >= _MOST:
                self._thens.clear()
            kept = self._thens[id(events)] = (events, f', "then": {json.dumps(records)}')
        return kept[1]

    # For people

    def _lines(self, found: Findings) -> Iterator[str]:
        names, now = self._console.names(found.keys), self._question.now.timestamp()
        for row, name in enumerate(names):
            decision = found.decisions[row]
            what, reason = self._words(decision, found.untils.get(row))
            day = _date(found.dues[row]) if found.days[row] else tr("now")
            version = f" ({found.versions[row]})" if found.versions[row] else ""
            size = format_size(found.sizes[row])
            then = then_text(found.thens[row], now)
            yield f"{day:<10} {what:<24} {size:>10} {name}{version}  [{reason}{then}]"

    def _words(self, decision: Decision, until: float | None) -> tuple[str, str]:
        """What happens, and why. Few decisions are different, but for when a lock ends."""
        kept = self._said.get(id(decision))
        if until is None and kept is not None and kept[0] is decision:
            return kept[1]
        step = decision.step
        what = (
            action_text(step.action, step.storage_class, hides=decision.hides)
            if decision.skipped is None
            else held_text(decision.skipped)
        )
        words = (what, reason_text(decision, self._rules, nan if until is None else until))
        if until is None:
            if len(self._said) >= _MOST:
                self._said.clear()
            self._said[id(decision)] = (decision, words)
        return words

    def sum_up(self, summary: Summary, **more: object) -> None:
        """How much becomes of what. `more` is told to programs as well."""
        if self._console.as_json:
            record = summary_record(summary, self._question) | more
            self._console.record(record, "")
            return
        for line in self._sums(summary):
            self._console.record({}, line)

    def _sums(self, summary: Summary) -> Iterator[str]:
        yield ""
        yield tr("Seen from {time}:").format(time=utc_text(self._question.now))
        yield _row(tr("rule"), tr("what"), tr("objects"), tr("size"), tr("first"), tr("last"))
        for cause, tally in summary.causes().items():
            name = self._console.name(rule_name(self._rules, cause.rule))
            what = action_text(cause.action, cause.storage_class, hides=cause.hides)
            yield _tally_row(name, what, tally)
        for held, tally in sorted(summary.skipped.items()):
            name = self._console.name(rule_name(self._rules, held.rule))
            yield _tally_row(name, held_sum_text(held.skipped), tally)
        yield _tally_row("", tr("due now"), summary.due_now())
        untouched = tr_n("nothing in {count} day", "nothing in {count} days", summary.days).format(
            count=summary.days
        )
        yield _tally_row("", untouched, summary.untouched)
        yield _tally_row("", tr("no rule at all"), summary.unmatched)
        if summary.unsure.objects:
            yield _tally_row("", tr("perhaps none, by tags"), summary.unsure)
        yield _tally_row("", tr("looked at"), summary.seen)


def summary_record(summary: Summary, question: Question) -> dict[str, object]:
    """All counters, for programs."""
    rules = question.lifecycle.rules
    return {
        "event": "summary",
        "evaluator": question.engine,
        "now": question.now.isoformat(),
        "days": question.days,
        **_amount(summary.seen),
        "delete_markers": summary.markers,
        "uploads": summary.uploads,
        "touched": _amount(summary.touched),
        "untouched": _amount(summary.untouched),
        "unmatched": _amount(summary.unmatched),
        "unmatched_keys": summary.samples,
        "unmatched_perhaps": _amount(summary.unsure),
        "due_now": _spanned(summary.due_now()),
        "actions": {action: _spanned(tally) for action, tally in summary.actions().items()},
        "rules": [
            {
                "rule": rule_name(rules, cause.rule),
                "action": cause.action,
                "storage_class": cause.storage_class or None,
                "delete_marker": cause.hides,
                **_spanned(tally),
            }
            for cause, tally in summary.causes().items()
        ],
        "by_day": [
            {"day": day, "date": _day_of(question, day), "action": action, **_amount(tally)}
            for (day, action), tally in summary.by_day().items()
        ],
        "skipped": _skipped(summary),
        "skipped_rules": [
            {"rule": rule_name(rules, held.rule), "skipped": held.skipped, **_spanned(tally)}
            for held, tally in sorted(summary.skipped.items())
        ],
    }


def _skipped(summary: Summary) -> Mapping[str, int]:
    counts: dict[str, int] = {Skipped.LOCKED.value: 0, Skipped.REPLICATION_PENDING.value: 0}
    for held, tally in summary.skipped.items():
        counts[held.skipped.value] = counts.get(held.skipped.value, 0) + tally.objects
    return counts


def _amount(tally: Tally) -> dict[str, object]:
    return {"objects": tally.objects, "bytes": tally.size}


def _spanned(tally: Tally) -> dict[str, object]:
    span = tally.span
    first, last = (None, None) if span is None else (_iso(span[0]), _iso(span[1]))
    return _amount(tally) | {"first": first, "last": last}


def _day_of(question: Question, day: int) -> str:
    return (question.now + timedelta(days=day)).date().isoformat()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _date(seconds: float) -> str:
    """In UTC, as the store counts."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _tally_row(rule: str, what: str, tally: Tally) -> str:
    span = tally.span
    first, last = ("", "") if span is None else (_date(span[0]), _date(span[1]))
    return _row(rule, what, format_count(tally.objects), format_size(tally.size), first, last)


def _row(rule: str, what: str, objects: str, size: str, first: str, last: str) -> str:
    return f"{rule:<24} {what:<28} {objects:>12} {size:>10}  {first:<10}  {last:<10}".rstrip()
