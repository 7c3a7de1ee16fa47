"""`s4desk lifecycle preview`: what rules will do, before they do it."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from s4desk.app.cli.lifecycle_file import rules_in
from s4desk.app.cli.lifecycle_inventory import preview_report
from s4desk.app.cli.lifecycle_telling import Teller
from s4desk.app.cli.places import UsageError, at_home, parse_remote
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.lifecycle.preview import Preview
from s4desk.core.lifecycle.question import Engine, Question
from s4desk.core.replication.awaited import awaited_in
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.store.configuration import read_config
from s4desk.viewmodels.error_text import describe
from s4desk.viewmodels.lifecycle_form_limits import provider_of, small_objects_note
from s4desk.viewmodels.lifecycle_reason import concern_text, disagreement_text, no_rules_text
from s4desk.viewmodels.moments import since_from
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.lifecycle.asking import Asking, Failure

MOST_DAYS: Final = 36_500
_MOST_TOLD: Final = 10
_MOST_LISTED: Final = 100


async def preview(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Tell what happens to each object, and how much becomes of what."""
    now = moment_of(arguments)
    days = days_of(arguments)
    if arguments.inventory:
        await preview_report(desk, arguments, console, now, days)
        return
    if arguments.versioning:
        raise UsageError(tr("--versioning is for --inventory: a bucket is asked."))
    remote = parse_remote(arguments.place, desk.connections) if arguments.place else None
    if remote is None or not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    given = await rules_in(arguments.rules) if arguments.rules else None
    store = await desk.home_store(remote.connection.id)
    remote = at_home(desk, remote)
    if given is not None:
        given.warn(console)
        lifecycle = given.lifecycle
    else:
        lifecycle = lifecycle_of(await read_config(store, remote.bucket, ConfigKind.LIFECYCLE))
        if nothing := no_rules_text(lifecycle.rules):
            console.say(nothing)
    engine = Engine(arguments.evaluator)
    question = Question(lifecycle, now, days, engine, is_saved=given is None)
    problems = [] if given is None else given.values()
    awaited = awaited_in(desk.replication, remote.connection.id, remote.bucket)
    await _preview(Preview(store, remote.prefix, question, awaited), console, problems)
    note = small_objects_note(lifecycle, provider_of(remote.connection))
    if note and engine is Engine.AWS:
        console.say(tr("s4desk: warning: {text}").format(text=note))


def moment_of(arguments: Namespace) -> datetime:
    """From when on one looks, in UTC as stores count. Raises ValidationError."""
    now = datetime.now(UTC)
    if not arguments.now:
        return now
    return datetime.fromtimestamp(since_from(arguments.now, now, UTC), UTC)


def days_of(arguments: Namespace) -> int:
    """How far one looks ahead. Raises UsageError."""
    days: int = arguments.days
    if not 0 <= days <= MOST_DAYS:
        raise UsageError(tr("--days is a number from 0 to {most}.").format(most=MOST_DAYS))
    return days


async def _preview(
    looking: Preview, console: Console, problems: Sequence[Mapping[str, Any]]
) -> None:
    question = looking.question
    teller = Teller(console, question)
    async with aclosing(looking.batches()) as batches:
        async for batch in batches:
            if len(batch):
                teller.tell(batch)
            if console.shows_progress:
                console.progress(_how_far(looking))
    rules = question.lifecycle.rules
    for concern in looking.concerns:
        console.say(tr("s4desk: warning: {text}").format(text=concern_text(concern, rules)))
    tell_failures(looking.asking, console)
    _tell_hints(looking, console)
    teller.sum_up(looking.summary, rule_problems=problems, **_rest(looking))
    if not looking.is_whole:
        console.failures += 1


def _how_far(looking: Preview) -> str:
    seen = looking.summary.seen.objects
    counted = tr_n("{count} object", "{count} objects", seen)
    return counted.format(count=format_count(seen))


def tell_failures(asking: Asking, console: Console) -> None:
    """The first of them; the rest is counted."""
    for each in asking.failures[:_MOST_TOLD]:
        console.fail(each.error, console.name(each.key))
    left = asking.errors - _MOST_TOLD
    if left > 0:
        sentence = tr_n("{count} more failed.", "{count} more failed.", left)
        console.say(sentence.format(count=format_count(left)))


def failure_values(failures: Sequence[Failure]) -> list[dict[str, object]]:
    """The first of them for programs."""
    return [
        {
            "key": each.key,
            "version_id": each.version or None,
            "asked": each.asked,
            "error": describe(each.error),
        }
        for each in failures[:_MOST_LISTED]
    ]


def _tell_hints(looking: Preview, console: Console) -> None:
    hints = looking.hints
    for each in hints.disagreements[:_MOST_TOLD]:
        console.say(f"s4desk: {each.key}: {disagreement_text(each)}")
    if hints.differing:
        sentence = tr_n(
            "s4desk: warning: of {all} objects the store says something else of {count}",
            "s4desk: warning: of {all} objects the store says something else of {count}",
            hints.differing,
        )
        console.say(sentence.format(all=hints.compared, count=hints.differing))


def _rest(looking: Preview) -> dict[str, object]:
    """What a summary says beside the sums."""
    hints, asking = looking.hints, looking.asking
    return {
        "versioning": looking.facts.versioning,
        "errors": asking.errors,
        "failures": failure_values(asking.failures),
        "gone": asking.gone,
        "requests": asking.requests,
        "complete": looking.is_whole,
        "warnings": [each.doubt for each in looking.concerns],
        "hints": {
            "compared": hints.compared,
            "different": hints.differing,
            "objects": [
                {
                    "key": each.key,
                    "version_id": each.version or None,
                    "store": each.theirs and each.theirs.due.isoformat(),
                    "store_rule": each.theirs and each.theirs.rule,
                    "here": each.ours and each.ours.due.isoformat(),
                    "here_rule": each.ours and each.ours.rule,
                }
                for each in hints.disagreements[:_MOST_TOLD]
            ],
        },
    }
