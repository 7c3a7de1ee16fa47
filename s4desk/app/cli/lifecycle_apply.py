"""`s4desk lifecycle apply`: what is due by rules is done by s4desk itself, once it is agreed to."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli import transfers
from s4desk.app.cli.lifecycle_file import rules_in
from s4desk.app.cli.lifecycle_preview import failure_values, moment_of, tell_failures
from s4desk.app.cli.places import UsageError, at_home, parse_bucket
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.lifecycle import manifest
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.planning import Planning
from s4desk.core.lifecycle.question import Engine
from s4desk.core.lifecycle.report import FAILURES, Outcome, RunState, changes_of, kept_back
from s4desk.core.persist.runs import upload_owners
from s4desk.core.persist.toml_file import try_place, whole_file
from s4desk.core.replication.awaited import awaited_in
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.folders import local_errors
from s4desk.viewmodels import lifecycle_report
from s4desk.viewmodels.lifecycle_apply_text import (
    not_done_text,
    outcome_text,
    plan_lines,
    plan_warnings,
    question,
    report_lines,
)
from s4desk.viewmodels.lifecycle_inventory_text import utc_text
from s4desk.viewmodels.lifecycle_reason import concern_text
from s4desk.viewmodels.lifecycle_report import report_pieces
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.lifecycle_file import RulesFile
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.lifecycle.plan import Plan
    from s4desk.core.lifecycle.report import ApplyReport, Settled
    from s4desk.core.transfer.owners import Owners

TELL_EVERY_S = 0.2
FEW = 20
"""So many of each kind that was not done are named."""
SETTLE_S = 30.0
"""How long an interrupted run waits for what is on its way."""


async def apply(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Plan, show, ask, and carry out; or hand the plan over."""
    remote = parse_bucket(arguments.place, desk.connections)
    if not (arguments.yes or arguments.manifest or console.can_ask):
        raise UsageError(tr("This deletes, and nobody is there to be asked: add --yes."))
    now = moment_of(arguments)
    rules = await rules_in(arguments.rules)
    rules.need_scope()
    rules.warn(console)
    if arguments.report:
        await in_thread(_try, Path(arguments.report))
    store = await desk.home_store(remote.connection.id)
    remote = at_home(desk, remote)
    awaited = awaited_in(desk.replication, remote.connection.id, remote.bucket)
    engine = Engine(arguments.evaluator)
    planning = Planning(store, remote.bucket, rules.lifecycle, now, engine, awaited)
    plan = await _plan(planning, console)
    _tell_plan(plan, rules, console)
    if arguments.manifest:
        await _hand_over(plan, Path(arguments.manifest), console)
    elif not len(plan):
        console.say(tr("Nothing is due."))
        report = await Execution([Errand(store, plan)], describe=console.sentence).run()
        await _tell(report, plan, kept_back(plan), remote, arguments, console)
    elif arguments.yes or await _agrees(plan, remote, arguments, console):
        await _carry_out(desk, Errand(store, plan, awaited), remote, arguments, console)
    else:
        console.fail(tr("Nothing was done."))


async def _plan(planning: Planning, console: Console) -> Plan:
    scope = TaskScope("plan")
    try:
        working = scope.start(_held(planning))
        while not working.done():
            await asyncio.wait([working], timeout=TELL_EVERY_S)
            seen = planning.summary.seen.objects
            console.progress(tr("{count} looked at").format(count=format_count(seen)))
        plan = working.result()
    finally:
        await scope.aclose()
    if isinstance(plan, S4DeskError):
        raise plan
    tell_failures(planning.asking, console)
    return plan


async def _held(planning: Planning) -> Plan | S4DeskError:
    """An error is for whoever asked, not for the log."""
    try:
        return await planning.plan()
    except S4DeskError as error:
        return error


def _tell_plan(plan: Plan, rules: RulesFile, console: Console) -> None:
    counts = plan.counts
    record = {
        "event": "plan",
        "bucket": plan.bucket,
        "now": plan.made.isoformat(),
        "evaluated": plan.evaluated,
        "is_whole": plan.is_whole,
        "due": [
            {"action": action, "count": count, "bytes": size}
            for action, (count, size) in counts.items()
        ],
        "under_delete_markers": plan.kept[0],
        "skipped": dict(plan.skipped),
        "errors": plan.errors,
        "failures": failure_values(plan.failures),
        "rule_problems": rules.values(),
    }
    if console.as_json:
        console.record(record, "")
    console.say(tr("Seen from {time}:").format(time=utc_text(plan.made)))
    for line in (*plan_lines(plan), *plan_warnings(plan)):
        console.say(line)
    for concern in plan.concerns:
        said = concern_text(concern, plan.lifecycle.rules)
        console.say(tr("s4desk: warning: {text}").format(text=said))


async def _agrees(plan: Plan, remote: Remote, arguments: Namespace, console: Console) -> bool:
    told = tr("“lifecycle preview” with --evaluator {evaluator} lists the objects one by one.")
    console.say(told.format(evaluator=arguments.evaluator))
    place = str(remote).removesuffix("/")
    sentence = tr("{question} Type “yes”: ").format(question=question(plan, place))
    return await console.agrees(sentence)


async def _hand_over(plan: Plan, folder: Path, console: Console) -> None:
    for each in await in_thread(manifest.write, plan, folder):
        record = {"event": "manifest", "file": str(each.path), "count": each.count}
        console.record(record | {"bytes": each.size}, console.name(str(each.path)))
    console.say(tr("What to do with them is in {file}.").format(file=folder / manifest.README))


async def _carry_out(
    desk: Desk, errand: Errand, remote: Remote, arguments: Namespace, console: Console
) -> None:
    async def owners_of() -> Owners:
        before = console.failures
        found = upload_owners(await transfers.look(desk, console))
        if console.failures > before:
            raise S4DeskError(tr("It is not certain which uploads are still needed."))
        return found

    about = {"verb": "apply", "evaluator": arguments.evaluator}
    # --now says what is due, and not when that was done.
    began = datetime.now(UTC)
    journal = await desk.lifecycle_runs.begin(remote.connection.id, about, began)
    execution = Execution([errand], journal=journal, owners_of=owners_of, describe=console.sentence)
    desk.wakefulness.show(True, execution)
    try:
        await _run(execution, console)
    finally:
        desk.wakefulness.show(False, execution)
        await journal.aclose()
        for change in changes_of(execution.report, remote.connection.id):
            await desk.note(change)
        objects = desk.lifecycle_runs.objects(journal.id)
        await _tell(execution.report, errand.plan, objects, remote, arguments, console)


async def _run(execution: Execution, console: Console) -> None:
    """To its end; interrupted, let what was sent come back, so that the count is true."""
    scope = TaskScope("lifecycle")
    try:
        running = scope.start(execution.run())
        try:
            while not running.done():
                await asyncio.wait([running], timeout=TELL_EVERY_S)
                report = execution.report
                sentence = tr("{tried} of {planned} done")
                console.progress(sentence.format(tried=report.tried, planned=report.planned))
            running.result()
        except asyncio.CancelledError:
            execution.stop()
            await asyncio.wait([running], timeout=SETTLE_S)
            raise
    finally:
        await scope.aclose()


async def _tell(
    report: ApplyReport,
    plan: Plan,
    objects: Iterable[Settled],
    remote: Remote,
    arguments: Namespace,
    console: Console,
) -> None:
    _tell_not_done(report, remote, console)
    for bucket, error in report.bucket_errors.items():
        console.fail(error, f"{remote.connection.name}:{bucket}")
    value = lifecycle_report.as_value(report, lists=False)
    console.record({"event": "report"} | value, "\n".join(report_lines(report, plan)))
    if report.state in (RunState.STOPPED, RunState.GIVEN_UP):
        console.say(tr("Run the same command again to go on: what is done is not due any more."))
    if arguments.report:
        await in_thread(_write, report, objects, Path(arguments.report))


def _tell_not_done(report: ApplyReport, remote: Remote, console: Console) -> None:
    """Each for programs; for people the first of each kind, and how many more."""
    told: Counter[Outcome] = Counter()
    for left in report.not_done:
        told[left.outcome] += 1
        if console.as_json:
            value = lifecycle_report.not_done_value(left)
            console.record({"event": "not_done"} | value, "")
        is_failed = left.outcome in (*FAILURES, Outcome.IN_DOUBT)
        name = f"{remote.connection.name}:{left.bucket}/{left.key}"
        if told[left.outcome] > FEW:
            console.failures += is_failed
        elif is_failed:
            console.fail(not_done_text(left), name)
        elif not console.as_json:
            console.say(f"{name}: {not_done_text(left)}")
    for outcome, count in told.items():
        if count > FEW:
            sentence = tr("{count} more: {reason}")
            more = sentence.format(count=format_count(count - FEW), reason=outcome_text(outcome))
            console.say(more)


def _try(path: Path) -> None:
    with local_errors(path):
        try_place(path)


def _write(report: ApplyReport, objects: Iterable[Settled], path: Path) -> None:
    is_table = path.suffix.lower() == ".csv"
    with local_errors(path), whole_file(path) as file:
        file.writelines(report_pieces(report, objects, is_table=is_table))
