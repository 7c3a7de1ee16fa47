"""Dialogs about lifecycle rules, each with what it says at its longest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox

from s4desk.core.domain.identity import ConnectionId
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Skipped, Step
from s4desk.core.domain.lifecycle.rules import Lifecycle, Rule, When
from s4desk.core.lifecycle.findings import Finding
from s4desk.core.lifecycle.plan import Plan, PlanDraft
from s4desk.core.lifecycle.report import ApplyReport, Outcome, RunState, Settled
from s4desk.core.lifecycle.schedule_entries import Entry, Trouble
from s4desk.core.lifecycle.summary import Tally
from s4desk.core.persist.lifecycle_runs import RunRecord
from s4desk.core.runtime.i18n import tr
from s4desk.gui.dialogs.lifecycle_apply import LifecycleApplyDialog
from s4desk.gui.dialogs.lifecycle_preview import LifecyclePreviewDialog
from s4desk.gui.dialogs.lifecycle_schedule import LifecycleScheduleDialog
from s4desk.gui.dialogs.lifecycle_schedules import LifecycleSchedulesDialog
from s4desk.viewmodels.lifecycle_apply_text import (
    is_permanent,
    plan_rows,
    plan_warnings,
    report_rows,
    settled_row,
    state_text,
)
from s4desk.viewmodels.lifecycle_chart import day_bars
from s4desk.viewmodels.lifecycle_schedule_text import (
    ahead_text,
    run_row,
    schedule_row,
    words_of,
)
from s4desk.viewmodels.lifecycle_subject import RulesOf, first_match_text, rules_text
from s4desk.viewmodels.usage_rows import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QDialog, QWidget

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = (Rule(id="logs"), Rule(id="archive photos"), Rule())
DONE = {("photos", action): 40 for action in Action}
LEFT: dict[tuple[str, Outcome], int] = {
    ("photos", outcome): 3 for outcome in Outcome if outcome is not Outcome.DONE
}
PLACE = "home:photos"
SETTLED = [
    Settled("photos", f"logs/2026/{number}.log", "v", Action.EXPIRE, outcome, 1, "", detail)
    for number, (outcome, detail) in enumerate(
        [
            (Outcome.DONE, ""),
            (Outcome.CHANGED, ""),
            (Outcome.IMPOSSIBLE, ""),
            (Outcome.FAILED, "Access Denied: the bucket's owner has not allowed that to anybody"),
        ]
    )
]
REPORT = ApplyReport(RunState.STOPPED, NOW, NOW, ("photos",), 400, 1200, DONE, {}, LEFT, (), {}, 2)


def stray_lifecycle(parent: QWidget) -> Iterator[tuple[str, QDialog]]:
    """Names and dialogs, not shown yet."""
    yield "lifecycle-preview-of-much", _preview(parent)
    yield "lifecycle-plan", _planned(parent)
    running = _planned(parent)
    still = replace(REPORT, state=RunState.RUNNING)
    running.show_progress(state_text(still, is_paused=True), 120, 400)
    running.show_paused(True)
    yield "lifecycle-running", running
    done = _planned(parent)
    done.show_progress("", 0, 400)
    done.show_report(state_text(REPORT), report_rows(REPORT))
    done.show_results([settled_row(each, Versioning.ENABLED) for each in SETTLED], is_whole=False)
    done.outcome.say(tr("Written to {file}.").format(file="lifecycle.csv"), is_success=True)
    yield "lifecycle-report", done
    failed = Entry(ConnectionId("home"), "photos", last=NOW, trouble=Trouble.MOVED, detail="r2")
    words = words_of(failed, PLACE, is_edited=True)
    schedule = LifecycleScheduleDialog(
        failed, words, lambda every: ahead_text(failed, every, NOW), parent
    )
    runs = [
        RunRecord("1", failed.connection, REPORT, {"verb": verb})
        for verb in ("schedule", "window", "apply")
    ]
    schedule.show_runs([run_row(each) for each in runs])
    is_on = schedule.findChild(QCheckBox, "on")
    assert is_on is not None
    is_on.setChecked(True)
    yield "lifecycle-schedule", schedule
    schedules = LifecycleSchedulesDialog(parent)
    entries = [failed, replace(failed, is_on=True, since=NOW, trouble=Trouble.NONE, report="1")]
    rows = [schedule_row(each, "home", runs[0], NOW) for each in entries]
    schedules.show_rows(rows, [each.is_on for each in entries])
    yield "lifecycle-schedules", schedules


def plan() -> Plan:
    """Everything that can be planned, and what is held back."""
    draft = PlanDraft()
    for number in range(60):
        action = list(Action)[number % len(Action)]
        skipped = list(Skipped)[number % 2] if number > 50 else None
        moves = action in (Action.TRANSITION, Action.TRANSITION_NONCURRENT)
        step = Step(action, number % len(RULES), NOW, When(30), "GLACIER_IR" * moves)
        key = f"photos/2026/a journey of some days/{number:04}.jpeg"
        found = Finding(
            key, "v", "e", 4096 * number, "STANDARD", 0.0, 0, 0.0, Decision(step, skipped)
        )
        draft.take([found])
    return Plan(
        *("photos", Lifecycle(RULES), NOW, draft.findings, Versioning.SUSPENDED, 900),
        skipped=dict(draft.skipped),
    )


def _planned(parent: QWidget) -> LifecycleApplyDialog:
    said = f"{rules_text(RulesOf.EDITED, 3)} {first_match_text()}"
    dialog, made = LifecycleApplyDialog("photos", PLACE, said, parent), plan()
    dialog.show_plan(made, plan_rows(made), plan_warnings(made), is_permanent=is_permanent(made))
    return dialog


def _preview(parent: QWidget) -> LifecyclePreviewDialog:
    """As it is once all was looked at."""
    title = tr("What Lifecycle Rules Will Do: {place}").format(place=PLACE)
    dialog = LifecyclePreviewDialog(title, rules_text(RulesOf.EDITED, 3), parent)
    dialog.begin(plan().findings, RULES, NOW)
    by_day = {
        (day, action): Tally(day * (place + 1) * 37 % 900, 10**6)
        for day in range(31)
        for place, action in enumerate(Action)
    }
    bars = day_bars(by_day, NOW, 30, Measure.OBJECTS, Versioning.ENABLED)
    dialog.show_known("", [], bars)
    dialog.set_busy(False)
    dialog.let_apply()
    moment = (NOW + timedelta(days=1)).strftime("%Y-%m-%d")
    dialog.show_notes([tr("{date} (UTC)").format(date=moment)])
    return dialog
