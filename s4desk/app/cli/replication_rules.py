"""`s4desk replication rules`: where the objects of a bucket go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from s4desk.app.cli.config_files import content_of
from s4desk.app.cli.places import UsageError, parse_bucket
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.replication.problems import RuledBucket, problems_of
from s4desk.core.domain.replication.reading import rules_of, value_of
from s4desk.core.replication.buckets import BucketShelf
from s4desk.core.replication.checking import concerns_of
from s4desk.core.replication.table import Source
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.findings import identity
from s4desk.viewmodels.config_json import JsonProblem, parsed
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.native_replication import native_json, native_remarks
from s4desk.viewmodels.replication_rule_text import concern_text, problem_text, rule_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.rule_book import Ruled

MOST_S: Final = 30 * 24 * 3600


async def rules(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Show them, or save others once both ends were asked."""
    remote = parse_bucket(arguments.place, desk.connections)
    await desk.replication.check_rules()
    ruled = await desk.replication.ruled(source_of(desk, remote))
    if arguments.native:
        _show_native(desk, ruled, arguments.native, console)
        return
    wanted = ruled
    if arguments.file:
        wanted = replace(wanted, rules=await _read(desk, arguments.file))
    if arguments.every is not None:
        if not 1 <= arguments.every <= MOST_S:
            text = tr("--every is a number of seconds, from 1 to {most}.")
            raise UsageError(text.format(most=MOST_S))
        wanted = replace(wanted, every=timedelta(seconds=arguments.every))
    if wanted == ruled:
        _show(desk, ruled, console)
        return
    await _check(desk, wanted, console, is_forced=arguments.unchecked)
    await desk.replication.put(wanted)
    _show(desk, wanted, console)


def source_of(desk: Desk, remote: Remote) -> Source:
    """Where the rules of a bucket are kept: of a group at its first member."""
    return Source(*desk.home_of(remote.connection.id, remote.bucket))


def chosen_rule(ruled: Ruled, id_: str) -> Rule:
    """The rule of a bucket with this id. Raises UsageError with those there are."""
    for each in ruled.rules:
        if each.id == id_:
            return each
    known = ", ".join(each.id for each in ruled.rules)
    raise UsageError(tr("There is no rule “{id}”. There are: {known}.").format(id=id_, known=known))


def _show(desk: Desk, ruled: Ruled, console: Console) -> None:
    name_of = desk.connections.name_of
    if console.as_json:
        console.record(value_of(ruled.rules, name_of), "")
        return
    if not ruled.rules:
        console.say(tr("The bucket has no replication rules."))
    for each in ruled.rules:
        console.record({}, f"{console.name(each.id)}\t{console.name(rule_text(each, name_of))}")


def _show_native(desk: Desk, ruled: Ruled, role: str, console: Console) -> None:
    """As a configuration of the store; what it would do otherwise is said."""
    for remark in native_remarks(ruled.rules, ruled.source.connection, _store_of(desk)):
        console.say(tr("s4desk: warning: {text}").format(text=remark))
    console.document(native_json(ruled.rules, role))


def _store_of(desk: Desk) -> Callable[[ConnectionId], str]:
    """Names the store that a connection leads to."""

    def store_of(id_: ConnectionId) -> str:
        found = desk.connections.get(id_)
        return str(id_) if found is None else identity(desk.stores.reached(found))

    return store_of


async def _read(desk: Desk, name: str) -> tuple[Rule, ...]:
    value = parsed(await in_thread(content_of, name))
    if isinstance(value, JsonProblem):
        raise UsageError(f"{name}: {value.sentence}")

    def connection_of(called: str) -> ConnectionId | None:
        found = desk.connections.by_name(called)
        return None if found is None else found.id

    try:
        return rules_of(value, connection_of)
    except ValidationError as error:
        raise UsageError(f"{name}: {error}") from error


async def _check(desk: Desk, wanted: Ruled, console: Console, *, is_forced: bool) -> None:
    """Say what is wrong. Raises UsageError for rules that cannot be meant, and for those by which
    nothing would arrive unless that `is_forced`."""

    others = [
        RuledBucket(each.source.connection, each.source.bucket, each.rules)
        for each in await desk.replication.all_ruled()
    ]
    source = wanted.source
    mine = RuledBucket(source.connection, source.bucket, wanted.rules)
    problems, name_of = problems_of(mine, others, _store_of(desk)), desk.connections.name_of
    concerns = await concerns_of(
        wanted, desk.stores.get, BucketShelf(desk.stores.get, SystemClock())
    )
    warned = [problem_text(each, name_of) for each in problems if not each.is_forbidden]
    warned += [concern_text(each, describe) for each in concerns]
    for sentence in warned:
        console.say(tr("s4desk: warning: {text}").format(text=sentence))
    for problem in problems:
        if problem.is_forbidden:
            raise UsageError(problem_text(problem, name_of))
    if not is_forced and any(each.is_grave for each in concerns):
        raise UsageError(tr("Nothing was saved. Add --unchecked to save it all the same."))
