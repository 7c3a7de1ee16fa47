"""`s4desk lifecycle preview --inventory`: what rules will do to a bucket, by a report of it."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s4desk.app.cli.lifecycle_file import rules_in
from s4desk.app.cli.lifecycle_telling import Teller
from s4desk.app.cli.places import UsageError, parse_bucket, parse_side
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import StoreError
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.lifecycle.bucket_facts import told_versioning
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.inventory import open_inventory
from s4desk.core.lifecycle.question import Engine, Question
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.store.configuration import read_config
from s4desk.viewmodels.lifecycle_inventory_text import (
    age_text,
    counting_text,
    fetched_text,
    other_bucket_text,
    other_versioning_text,
    report_concern_text,
)
from s4desk.viewmodels.lifecycle_reason import no_rules_text, rule_name
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.lifecycle.rules import Lifecycle
    from s4desk.core.lifecycle.inventory import InventoryPreview, Source


async def preview_report(
    desk: Desk, arguments: Namespace, console: Console, now: datetime, days: int
) -> None:
    """Tell what happens to each object of a report, in no order, and how much becomes of what."""
    sources = [await _source(desk, word) for word in arguments.inventory]
    lifecycle, problems = await _rules(desk, arguments, console)
    question = Question(lifecycle, now, days, Engine(arguments.evaluator))
    fetching = _Fetching(console)
    asked = _bucket(desk, arguments)
    live = await _told(desk, arguments)
    said = Versioning(arguments.versioning) if arguments.versioning else None
    async with open_inventory(sources, question, fetching.moved) as looking:
        looking.ask(question, live, of=asked, otherwise=said)
        await looking.count(lambda share: console.progress(counting_text(share)))
        _tell_doubts(looking, arguments, asked, said, console)
        teller = Teller(console, question)
        told = 0
        async with aclosing(looking.findings()) as batches:
            async for batch in batches:
                teller.tell(batch)
                told += len(batch)
                if console.shows_progress:
                    console.progress(_how_far(told))
        if not console.as_json:
            console.record({}, f"\n{age_text(looking.created, looking.newest)}")
        teller.sum_up(looking.summary, rule_problems=problems, **_rest(looking))


async def _source(desk: Desk, word: str) -> Source:
    side = parse_side(word, desk.connections)
    if isinstance(side, Path):
        return side
    if not side.bucket or not side.key:
        raise UsageError(
            tr("A file of a report is needed: NAME:BUCKET/PATH/manifest.json, or one here.")
        )
    return await desk.stores.get(side.connection.id), side.location


async def _rules(
    desk: Desk, arguments: Namespace, console: Console
) -> tuple[Lifecycle, Sequence[Mapping[str, Any]]]:
    """Those of a file, with what is wrong with them, or those that a bucket has."""
    if arguments.rules:
        given = await rules_in(arguments.rules)
        given.warn(console)
        return given.lifecycle, given.values()
    if not arguments.place:
        raise UsageError(
            tr("Which rules? Add --rules FILE, or NAME:BUCKET in front for those that it has.")
        )
    remote = parse_bucket(arguments.place, desk.connections)
    store = await desk.stores.get(remote.connection.id)
    return lifecycle_of(await read_config(store, remote.bucket, ConfigKind.LIFECYCLE)), []


def _bucket(desk: Desk, arguments: Namespace) -> str:
    """The bucket that was named, empty for none."""
    return parse_bucket(arguments.place, desk.connections).bucket if arguments.place else ""


async def _told(desk: Desk, arguments: Namespace) -> Versioning | None:
    """What the bucket says, where one was named; None where it does not say."""
    if not arguments.place:
        return None
    remote = parse_bucket(arguments.place, desk.connections)
    try:
        store = await desk.stores.get(remote.connection.id)
        return await told_versioning(store, remote.bucket)
    except StoreError:
        return None  # the bucket may be gone; there is a report of it all the same


def _tell_doubts(
    looking: InventoryPreview,
    arguments: Namespace,
    asked: str,
    said: Versioning | None,
    console: Console,
) -> None:
    rules = looking.question.lifecycle.rules
    sentences = [report_concern_text(each, rules) for each in looking.concerns]
    if any(each.doubt is Doubt.VERSIONING for each in looking.concerns):
        sentences.append(tr("Say how it is with --versioning, or with NAME:BUCKET in front."))
    if looking.is_of_another(asked):
        sentences.append(other_bucket_text(looking.bucket, asked))
    if said is not None and looking.versioning is not said:
        sentences.append(other_versioning_text(looking.versioning))
    nothing = "" if arguments.rules else no_rules_text(rules)
    if nothing:
        console.say(nothing)
    for sentence in sentences:
        console.say(tr("s4desk: warning: {text}").format(text=sentence))


def _rest(looking: InventoryPreview) -> dict[str, object]:
    """What a summary says beside the sums."""
    rules = looking.question.lifecycle.rules
    return {
        "bucket": looking.bucket or None,
        "versioning": looking.versioning,
        "report_created": looking.created and looking.created.isoformat(),
        "newest": None if isnan(looking.newest) else _iso(looking.newest),
        "complete": True,
        "warnings": list(dict.fromkeys(each.doubt for each in looking.concerns)),
        "report_lacks": [
            name
            for each in looking.concerns
            if each.doubt is Doubt.REPORT_LACKS
            for name in each.names
        ],
        "doubled_rows": looking.doubles,
        "rules_left_out": [rule_name(rules, at) for at in looking.untold],
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _how_far(told: int) -> str:
    counted = tr_n("{count} object", "{count} objects", told)
    return counted.format(count=format_count(told))


class _Fetching:
    """How much of a report has come. Told by worker threads; a line that two of them write is
    written again."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bytes = 0

    def moved(self, count: int) -> None:
        self._bytes += count
        if self._console.shows_progress:
            self._console.progress(fetched_text(self._bytes))
