"""`s4desk lifecycle schedule`: what an open window applies again and again, and what it did so far.

Nothing is applied here: that is only switched on and off.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from s4desk.app.cli.lifecycle_file import rules_in
from s4desk.app.cli.places import UsageError, at_home, parse_bucket
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotFoundError, S4DeskError
from s4desk.core.lifecycle.schedule_entries import Trouble
from s4desk.core.lifecycle.schedule_rules import RefusedError, agreed
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.store.configuration import read_config
from s4desk.viewmodels.lifecycle_reason import no_rules_text
from s4desk.viewmodels.lifecycle_schedule_text import (
    every_text,
    found_rules_text,
    last_text,
    own_rules_text,
    run_row,
    run_titles,
)
from s4desk.viewmodels.lifecycle_summary import named_summary
from s4desk.viewmodels.lifecycle_summary import rules_in as rules_of
from s4desk.viewmodels.rows import format_count

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
    asked = parse_bucket(arguments.place, desk.connections)
    remote = at_home(desk, asked)
    if arguments.every is not None and arguments.every < 1:
        raise UsageError(tr("--every is a number of hours, at least 1."))
    if not arguments.on and (arguments.every is not None or arguments.rules):
        raise UsageError(tr("--every and --rules go with --on."))
    entry = await desk.lifecycle.entry(remote.connection.id, remote.bucket)
    if arguments.on and not await _is_switched_on(desk, asked, entry, arguments, console):
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
    rules, whose = (
        await _kept(desk, remote, arguments.rules, console)
        if arguments.rules
        else (None, await _own(desk, remote, entry, console))
    )
    every = entry.every if arguments.every is None else timedelta(hours=arguments.every)
    wanted = replace(entry, is_on=True, every=every, rules=rules)
    is_agreed = arguments.yes or await _agrees(at_home(desk, remote), wanted, whose, console)
    if is_agreed:
        await desk.lifecycle.put(wanted)
    return is_agreed


async def _agrees(remote: Remote, wanted: Entry, whose: str, console: Console) -> bool:
    if not console.can_ask:
        raise UsageError(tr("This deletes, and nobody is there to be asked: add --yes."))
    question = tr(
        "{whose} {every} an open window of s4desk then does what is due in {place}, and nobody is"
        " asked. What rules delete is gone. Type “yes”: "
    )
    place = str(remote).removesuffix("/")
    return await console.agrees(question.format(whose=whose, every=every_text(wanted), place=place))


async def _own(desk: Desk, remote: Remote, entry: Entry, console: Console) -> str:
    """That it goes by the rules of the bucket, and how many those are."""
    store = await desk.stores.get(remote.connection.id)
    there = rules_of(await read_config(store, remote.bucket, ConfigKind.LIFECYCLE))
    if nothing := no_rules_text(there):
        console.say(tr("s4desk: warning: {text}").format(text=nothing))
    if entry.rules is not None:
        console.say(tr("The rules that are kept here are dropped: --rules keeps others."))
    return f"{own_rules_text()} {found_rules_text(len(there))}"


async def _kept(
    desk: Desk, remote: Remote, name: str, console: Console
) -> tuple[Mapping[str, Any], str]:
    """The rules of a file, once a run would go by them, and how many those are. Raises
    UsageError, NotFoundError."""
    if name == "-":
        raise UsageError(tr("Rules that are kept come from a file."))
    given = await rules_in(name)
    given.need_scope()
    try:
        agreed(given.value, is_kept=True)
    except RefusedError as error:
        reason = _refusal(error)
        raise UsageError(tr("{file}: {reason}").format(file=name, reason=reason)) from error
    given.warn(console)
    try:
        store = await desk.stores.get(remote.connection.id)
        await store.head_bucket(remote.bucket)
    except NotFoundError:
        raise
    except S4DeskError as error:
        # It may be asked when it is due, as a store that is not always there.
        console.say(tr("s4desk: warning: {text}").format(text=console.sentence(error)))
    count = len(rules_of(given.value))
    sentence = tr_n(
        "It goes by the {count} rule of {file}, and not by those of the bucket.",
        "It goes by the {count} rules of {file}, and not by those of the bucket.",
        count,
    )
    return given.value, sentence.format(count=format_count(count), file=console.name(name))


def _refusal(error: RefusedError) -> str:
    if error.trouble is Trouble.NO_RULES:
        return tr("There are no rules in it.")
    if error.trouble is Trouble.UNREADABLE:
        return error.detail
    sentence = tr(
        "It says something that s4desk does not know ({detail}), and no run would go by it."
    )
    return sentence.format(detail=error.detail)


def _tell(remote: Remote, entry: Entry, runs: list[RunRecord], console: Console) -> None:
    state = every_text(entry) if entry.is_on else tr("Switched off.")
    source = "bucket" if entry.rules is None else "file"
    lines = [state]
    if entry.rules is not None:
        lines.append(tr("By rules that are kept here, not by those of the bucket."))
        lines += [named_summary(rule, at) for at, rule in enumerate(rules_of(entry.rules))]
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
        "kept": entry.rules,
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
        "now": None if report.moment is None else report.moment.isoformat(),
        "by": run.about.get("verb", ""),
        "state": report.state,
        "planned": report.planned,
        **report.counters,
    }
    console.record(record, "\t".join(run_row(run)))
