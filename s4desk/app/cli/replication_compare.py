"""`s4desk replication compare`: what destinations lack, or have otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.places import UsageError, parse_bucket
from s4desk.app.cli.replication_rules import chosen_rule, source_of
from s4desk.core.replication.comparing import Kind, comparison_by
from s4desk.core.replication.differing import REQUESTS_S
from s4desk.core.replication.manifest import Manifest
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.viewmodels.properties_error_text import property_names
from s4desk.viewmodels.replication_compare import comparing_text, incomparable_text, unlooked_text
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.replication.rules import Rule
    from s4desk.core.replication.comparing import Comparison, Difference
    from s4desk.core.replication.rule_book import Ruled

_FAILURES = (Kind.MISSING, Kind.DIFFERENT, Kind.ATTRIBUTES)


async def compare(desk: Desk, arguments: Namespace, console: Console) -> None:
    """A line for each difference, and the sums of each rule; it fails if anything is missing or
    different."""
    if arguments.rate is not None and not (arguments.attributes and arguments.rate > 0):
        raise UsageError(tr("--rate is a number of requests above 0, and goes with --attributes."))
    source = source_of(desk, parse_bucket(arguments.place, desk.connections))
    ruled = await desk.replication.ruled(source)
    chosen = [chosen_rule(ruled, arguments.rule)] if arguments.rule else ruled.rules
    if not chosen:
        raise UsageError(tr("The bucket has no replication rules."))
    manifest = Manifest(Path(arguments.manifest), source.bucket) if arguments.manifest else None
    comparing = _Comparing(desk, ruled, console, manifest)
    try:
        are_compared = [await comparing.by(rule, arguments) for rule in chosen if rule.is_enabled]
        # What could not be compared may lack objects: no list of that.
        if manifest is not None and all(are_compared):
            await in_thread(manifest.finish)
        if any(are_compared) and not arguments.attributes:
            console.say(unlooked_text())
    finally:
        if manifest is not None:
            manifest.close()


class _Comparing:
    """One bucket, by one rule after the other."""

    def __init__(
        self, desk: Desk, ruled: Ruled, console: Console, manifest: Manifest | None
    ) -> None:
        self._desk = desk
        self._ruled = ruled
        self._console = console
        self._manifest = manifest

    async def by(self, rule: Rule, arguments: Namespace) -> bool:
        """Whether it could be compared."""
        requests_s = (arguments.rate or REQUESTS_S) if arguments.attributes else 0
        comparison = await comparison_by(
            rule, self._ruled, self._desk.stores.get, SystemClock(), requests_s=requests_s
        )
        if comparison is None:
            self._console.fail(incomparable_text(rule))
            return False
        async for some in comparison.differences():
            if self._manifest is not None:
                self._manifest.add(each.key for each in some if each.kind in _FAILURES)
            for each in some:
                self._tell(rule, each)
            self._console.progress(comparing_text(comparison))
        self._sum_up(rule, comparison)
        if any(comparison.counts[kind] for kind in _FAILURES):
            self._console.failures += 1
        return True

    def _tell(self, rule: Rule, found: Difference) -> None:
        record: dict[str, object] = {
            "key": found.key,
            "rule": rule.id,
            "difference": found.kind,
            "size": found.size,
            "size_there": found.size_there,
        }
        line = f"{found.kind}\t{self._console.name(found.key)}"
        if found.differs:
            record["differs"] = found.differs
            line = f"{line}\t{property_names(', '.join(found.differs))}"
        self._console.record(record, line)

    def _sum_up(self, rule: Rule, comparison: Comparison) -> None:
        counts = {str(kind): comparison.counts[kind] for kind in Kind}
        counts |= {"replicas": comparison.replicas, "unread": comparison.unread}
        if comparison.is_thorough:
            text = tr(
                "{rule}: {same} as they should be, {missing} missing, {different} different,"
                " {attributes} with other attributes, {unproved} unproved, {extra} besides,"
                " {replicas} that are replicas themselves and go nowhere, {unread} not readable in"
                " full"
            )
        else:
            text = tr(
                "{rule}: {same} with the same bytes, {missing} missing, {different} different,"
                " {unproved} unproved, {extra} besides, {replicas} that are replicas themselves and"
                " go nowhere"
            )
        told = {name: format_count(count) for name, count in counts.items()}
        said = text.format(rule=rule.id, same=format_count(comparison.same), **told)
        summary = {"event": "summary", "rule": rule.id, "same": comparison.same, **counts}
        self._console.record(summary | {"thorough": comparison.is_thorough}, said)
