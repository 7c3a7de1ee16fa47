"""`s4desk replication compare`: what destinations lack, or have otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.places import UsageError, parse_bucket
from s4desk.app.cli.replication_rules import chosen_rule, source_of
from s4desk.core.domain.replication.rules import Kept, Matcher
from s4desk.core.replication.buckets import BucketShelf
from s4desk.core.replication.comparing import Comparison, Kind
from s4desk.core.replication.manifest import Manifest
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.table import Source

_FAILURES = (Kind.MISSING, Kind.DIFFERENT)


async def compare(desk: Desk, arguments: Namespace, console: Console) -> None:
    """A line for each difference, and the sums of each rule; it fails if anything is missing or
    different."""
    source = source_of(parse_bucket(arguments.place, desk.connections))
    ruled = await desk.replication.ruled(source)
    chosen = [chosen_rule(ruled, arguments.rule)] if arguments.rule else ruled.rules
    if not chosen:
        raise UsageError(tr("The bucket has no replication rules."))
    matcher = Matcher(ruled.rules)
    manifest = Manifest(Path(arguments.manifest), source.bucket) if arguments.manifest else None
    try:
        are_compared = [
            await _compare(desk, source, rule, matcher, console, manifest)
            for rule in chosen
            if rule.is_enabled
        ]
        # What could not be compared may lack objects: no list of that.
        if manifest is not None and all(are_compared):
            await in_thread(manifest.finish)
    finally:
        if manifest is not None:
            manifest.close()


async def _compare(
    desk: Desk,
    source: Source,
    rule: Rule,
    matcher: Matcher,
    console: Console,
    manifest: Manifest | None,
) -> bool:
    """Whether it could be compared."""
    origin = await desk.stores.get(source.connection)
    store = await desk.stores.get(rule.destination.connection)
    facts = await BucketShelf(desk.stores.get, SystemClock()).facts(rule.destination)
    if rule.versions is Kept.ALL and not facts.is_versioned:
        text = tr(
            "“{rule}” keeps a key for each version, because its destination keeps no versions: they"
            " cannot be compared."
        )
        console.fail(text.format(rule=rule.id))
        return False
    comparison = Comparison(origin, source.bucket, store, rule, matcher)
    async for some in comparison.differences():
        if manifest is not None:
            manifest.add(each.key for each in some if each.kind in _FAILURES)
        for each in some:
            record = {
                "key": each.key,
                "rule": rule.id,
                "difference": each.kind,
                "size": each.size,
                "size_there": each.size_there,
            }
            console.record(record, f"{each.kind}\t{console.name(each.key)}")
    counts = {str(kind): comparison.counts[kind] for kind in Kind}
    counts["replicas"] = comparison.replicas
    text = tr(
        "{rule}: {same} with the same bytes, {missing} missing, {different} different, {unproved}"
        " unproved, {extra} besides, {replicas} that are replicas themselves and go nowhere"
    )
    told = {name: format_count(count) for name, count in counts.items()}
    said = text.format(rule=rule.id, same=format_count(comparison.same), **told)
    summary = {"event": "summary", "rule": rule.id, "same": comparison.same, **counts}
    console.record(summary, said)
    if any(comparison.counts[kind] for kind in _FAILURES):
        console.failures += 1
    return True
