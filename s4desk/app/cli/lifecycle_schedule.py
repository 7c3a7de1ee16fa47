"""`s4desk lifecycle schedule`: what an open window applies again and again, and what it did so far.

Nothing is applied here: that is only switched on and off.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from s4desk.app.cli.lifecycle_file import rules_in
from s4desk.app.cli.places import UsageError, parse_bucket
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.configuration import read_config
from s4desk.viewmodels.lifecycle_reason import no_rules_text
from s4desk.viewmodels.lifecycle_schedule_text import every_text, last_text, run_row, run_titles

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.lifecycle.schedule_entries import Entry
    from s4desk.core.persist.lifecycle_runs import RunRecord

MOST_RUNS: Final = 20
_HOUR: Final = timedelta(hours=1)


async def schedule(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Switch it, if that is asked for; then tell how it is."""
    remote = parse_bucket(arguments.place, desk.connections)
    if arguments.every is not None and arguments.every < 1:
        raise UsageError(tr("--every is a number of hours, at least 1."))
    if not arguments.on and (arguments.every is not None or arguments.rules):
        raise UsageError(tr("--every and --rules go with --on."))
    entry = await desk.lifecycle.entry(remote.connection.id, remote.bucket)
    if arguments.on and not await _is_switched_on(desk, remote, entry, arguments, console):
        console.fail(tr("Nothing was changed."))
        return
    if arguments.off:
        await desk.lifecycle.put(replace(entry, is_on=False))
    entry = await desk.lifecycle.entry(*entry.key)
    runs = await desk.lifecycle_runs.latest(remote.connection.id, remote.bucket, MOST_RUNS)
    _tell(remote, entry, runs, console)


async def _is_switched_on(
    desk: Desk, remote: Remote, entry: Entry, arguments: Namespace, console: Console
) -> bool:
    """Nobody is asked later, so a person is asked now; whether they agreed."""
    rules = await _rules(arguments.rules, console) if arguments.rules else entry.rules
    every = entry.every if arguments.every is None else timedelta(hours=arguments.every)
    wanted = replace(entry, is_on=True, every=every, rules=rules)
    if rules is None:
        store = await desk.stores.get(remote.connection.id)
        there = await read_config(store, remote.bucket, ConfigKind.LIFECYCLE)
        if nothing := no_rules_text(there.get("Rules", [])):
            console.say(tr("s4desk: warning: {text}").format(text=nothing))
    is_agreed = arguments.yes or await _agrees(remote, wanted, console)
    if is_agreed:
        await desk.lifecycle.put(wanted)
    return is_agreed


async def _agrees(remote: Remote, wanted: Entry, console: Console) -> bool:
    if not console.can_ask:
        raise UsageError(tr("This deletes, and nobody is there to be asked: add --yes."))
    question = tr(
        "{every} an open window of s4desk then does what is due in {place}, and nobody is asked."
        " What rules delete is gone. Type “yes”: "
    )
    place = str(remote).removesuffix("/")
    return await console.agrees(question.format(every=every_text(wanted), place=place))


async def _rules(name: str, console: Console) -> Mapping[str, Any]:
    """Those of a file, once they can be read as rules. Raises UsageError."""
    if name == "-":
        raise UsageError(tr("Rules that are kept come from a file."))
    given = await rules_in(name)
    given.need_scope()
    given.warn(console)
    return given.value


def _tell(remote: Remote, entry: Entry, runs: list[RunRecord], console: Console) -> None:
    state = every_text(entry) if entry.is_on else tr("Switched off.")
    source = "bucket" if entry.rules is None else "file"
    lines = [state]
    if entry.rules is not None:
        lines.append(tr("By rules that are kept here, not by those of the bucket."))
    lines += filter(None, [last_text(entry)])
    if entry.is_on:
        lines.append(tr("It acts only while a window of s4desk is open."))
    record = {
        "event": "schedule",
        "connection": remote.connection.name,
        "bucket": remote.bucket,
        "on": entry.is_on,
        "every_hours": entry.every // _HOUR,
        "rules": source,
        "last": None if entry.last is None else entry.last.isoformat(),
        "next": None if not entry.is_on or entry.due is None else entry.due.isoformat(),
        "trouble": entry.trouble,
        "detail": entry.detail,
    }
    console.record(record, "\n".join(lines))
    if runs and not console.as_json:
        console.record({}, "\t".join(run_titles()))
    for each in runs:
        _tell_run(each, console)


def _tell_run(run: RunRecord, console: Console) -> None:
    report = run.report
    record = {
        "event": "run",
        "id": run.id,
        "began": None if report.started is None else report.started.isoformat(),
        "by": run.about.get("verb", ""),
        "state": report.state,
        "planned": report.planned,
        **report.counters,
    }
    console.record(record, "\t".join(run_row(run)))
