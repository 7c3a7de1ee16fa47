"""What is said of rules that are applied by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from s4desk.core.lifecycle.report import Outcome, RunState
from s4desk.core.lifecycle.schedule_entries import LEAST, Trouble
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.lifecycle_subject import RulesOf, first_match_text, rules_text
from s4desk.viewmodels.lifecycle_summary import rules_in
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count, format_time

if TYPE_CHECKING:
    from datetime import datetime

    from s4desk.core.lifecycle.report import ApplyReport
    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.core.persist.lifecycle_runs import RunRecord


@dataclass(frozen=True, slots=True)
class ScheduleWords:
    """What is said where a bucket is scheduled: which bucket, by which rules, what came of it so
    far. `own` is said when it goes by the rules that the bucket has, and `warning` what somebody
    might then be mistaken about."""

    place: str
    rules: str
    last: str
    own: str
    warning: str = ""


def words_of(entry: Entry, place: str, *, is_edited: bool = False) -> ScheduleWords:
    """`is_edited`: the rules of the bucket are just being edited."""
    rules = own = f"{own_rules_text()} {first_match_text()}"
    if entry.rules is not None:
        rules = f"{rules_text(RulesOf.KEPT, len(rules_in(entry.rules)))} {first_match_text()}"
    warning = tr("What is being edited is not saved: it goes by the rules that are.")
    return ScheduleWords(place, rules, last_text(entry), own, warning if is_edited else "")


def own_rules_text() -> str:
    """That no rules are kept here."""
    return tr("It goes by the rules that the bucket has when it runs.")


def found_rules_text(count: int) -> str:
    """How many rules the bucket has by now."""
    if not count:
        return tr("The bucket has no lifecycle rules.")
    said = tr_n("The bucket has {count} rule now.", "The bucket has {count} rules now.", count)
    return said.format(count=format_count(count))


def trouble_text(entry: Entry) -> str:
    """Why the last run did nothing, or not all; empty when all is well."""
    return {
        Trouble.NONE: "",
        Trouble.NO_RULES: tr("Nothing was done: the bucket has no lifecycle rules."),
        Trouble.UNREADABLE: tr("Nothing was done: the rules cannot be read ({detail})."),
        Trouble.UNKNOWN: tr(
            "Nothing was done: the rules say something that s4desk does not know ({detail})."
        ),
        Trouble.NOT_LISTED: tr("Nothing was done: the store did not list the whole bucket."),
        Trouble.MOVED: tr(
            "Nothing was done: the connection leads elsewhere than when this was switched on"
            " ({detail})."
        ),
        Trouble.FAILED: tr("It failed, and is tried again within the hour: {detail}"),
    }[entry.trouble].format(detail=entry.detail)


def every_text(entry: Entry) -> str:
    """How often, as a sentence begins."""
    hours = max(1, entry.every // timedelta(hours=1))
    return tr_n("Every hour", "Every {count} hours", hours).format(count=format_count(hours))


def last_text(entry: Entry) -> str:
    """When it ran last, and when next; what came of it where no report tells that."""
    lines = []
    if entry.last is not None:
        lines.append(tr("Last run: {time}").format(time=format_time(entry.last.timestamp())))
        if trouble := trouble_text(entry):
            lines.append(trouble)
        elif not entry.report:
            lines.append(tr("Nothing was due."))
    if entry.is_on and entry.due is not None:
        lines.append(tr("Next run: {time}").format(time=format_time(entry.due.timestamp())))
    return "\n".join(lines)


def ahead_text(entry: Entry, every: timedelta, now: datetime) -> str:
    """When it runs next, if that entry is saved as switched on with this interval."""
    due = entry.due if entry.is_on and every == entry.every else now + max(LEAST, every)
    if due is None or due <= now:
        return tr("It runs as soon as s4desk looks.")
    sentence = (
        tr("The next run is at {time}, or when s4desk is opened after that.")
        if entry.is_on
        else tr("Nothing runs at once: the first run is at {time}, or when s4desk is opened after.")
    )
    return sentence.format(time=format_time(due.timestamp()))


def saved_text(entry: Entry, place: str) -> str:
    """What is said once an entry was saved."""
    if not entry.is_on or entry.due is None:
        return tr("Rules are not applied to {place} by the clock.").format(place=place)
    sentence = tr("Rules are applied to {place} by the clock, next at {time}.")
    return sentence.format(place=place, time=format_time(entry.due.timestamp()))


def ran_text(entry: Entry, place: str, record: RunRecord | None) -> str:
    """What is said when a run has ended."""
    sentence = tr("Lifecycle rules of {place}, by the clock: {outcome}")
    return sentence.format(place=place, outcome=outcome_text(entry, record))


def outcome_text(entry: Entry, record: RunRecord | None) -> str:
    """What came of the last run; empty before there was one. `record` is what it wrote."""
    if entry.last is None:
        return ""
    if trouble := trouble_text(entry):
        return trouble
    if record is None:
        return tr("Nothing was due.")
    report = record.report
    done, left = sum(report.done.values()), _left(report)
    sentence = tr("{done} done, {left} left, {errors} errors.")
    counts = {"done": done, "left": left, "errors": report.errors}
    said = sentence.format(**{name: format_count(count) for name, count in counts.items()})
    if not report.unknown:
        return said
    doubt = tr("{count} not known whether done.").format(count=format_count(report.unknown))
    return f"{said} {doubt}"


def _left(report: ApplyReport) -> int:
    """What is there still, for whatever reason."""
    return sum(report.left.values()) - report.count_left(Outcome.IN_DOUBT)


def schedule_titles() -> list[str]:
    """Of a list of all buckets that are scheduled."""
    return [
        *(tr("Connection"), tr("Bucket"), tr("How often")),
        *(tr("Next run"), tr("Last run"), tr("What came of it")),
    ]


def schedule_row(entry: Entry, name: str, record: RunRecord | None, now: datetime) -> list[str]:
    """One of them. `name` is that of the connection, empty for one that was removed."""
    next_ = ""
    if entry.is_on:
        due = entry.due
        next_ = tr("soon") if due is None or due <= now else format_time(due.timestamp())
    return [
        printable(name) or tr("(removed)"),
        printable(entry.bucket),
        every_text(entry) if entry.is_on else tr("Off"),
        next_,
        "" if entry.last is None else format_time(entry.last.timestamp()),
        outcome_text(entry, record),
    ]


def run_titles() -> list[str]:
    return [
        tr("Began"),
        tr("Asked for by"),
        tr("State"),
        tr("Done"),
        tr("Left"),
        tr("Errors"),
        tr("Not Known"),
    ]


def run_row(record: RunRecord) -> list[str]:
    """One application of rules, whoever asked for it."""
    report, verb = record.report, str(record.about.get("verb", ""))
    began = "" if report.started is None else format_time(report.started.timestamp())
    state = {
        RunState.RUNNING: tr("running"),
        RunState.FINISHED: tr("finished"),
        RunState.STOPPED: tr("stopped"),
        RunState.GIVEN_UP: tr("given up"),
        RunState.CUT_OFF: tr("cut off"),
    }[report.state]
    asker = {
        "window": tr("this window"),
        "schedule": tr("the schedule"),
        "apply": tr("the command line"),
    }.get(verb, verb)
    counts = (sum(report.done.values()), _left(report), report.errors, report.unknown)
    return [began, asker, state, *map(format_count, counts)]
