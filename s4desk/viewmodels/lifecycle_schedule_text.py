"""What is said of rules that are applied by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from s4desk.core.lifecycle.report import RunState
from s4desk.core.lifecycle.schedule_entries import Trouble
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count, format_time

if TYPE_CHECKING:
    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.core.persist.lifecycle_runs import RunRecord


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


def run_titles() -> list[str]:
    return [tr("Began"), tr("Asked for by"), tr("State"), tr("Done"), tr("Left"), tr("Errors")]


def run_row(record: RunRecord) -> list[str]:
    """One application of rules, whoever asked for it."""
    report, verb = record.report, str(record.about.get("verb", ""))
    began = "" if report.started is None else format_time(report.started.timestamp())
    state = {
        RunState.RUNNING: tr("running"),
        RunState.FINISHED: tr("finished"),
        RunState.STOPPED: tr("stopped"),
        RunState.CUT_OFF: tr("cut off"),
    }[report.state]
    asker = {
        "window": tr("this window"),
        "schedule": tr("the schedule"),
        "apply": tr("the command line"),
    }.get(verb, verb)
    counts = (sum(report.done.values()), sum(report.left.values()), report.errors)
    return [began, asker, state, *map(format_count, counts)]
