"""`s4desk replication run`: replicate without a window."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from s4desk.app.cli.places import UsageError
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.service import HEED_S
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.tasks import first_of
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.replication.engine import Engine, Look
    from s4desk.core.replication.table import Record, Source

TELL_EVERY_S: Final = 0.5


async def replicate(desk: Desk, arguments: Namespace, console: Console) -> None:
    """By all rules or by one, until it is stopped, or `once`; fails if anything has not arrived."""
    await desk.replication.check_rules()
    ruled = await desk.replication.all_ruled()
    if arguments.thorough and not arguments.once:
        raise UsageError(tr("--thorough goes with --once."))
    if arguments.rule:
        known = ", ".join(sorted({rule.id for each in ruled for rule in each.rules}))
        ruled = [each for each in ruled if any(r.id == arguments.rule for r in each.rules)]
        if not ruled and known:
            text = tr("There is no rule “{id}”. There are: {known}.")
            raise UsageError(text.format(id=arguments.rule, known=known))
    ruled = [each for each in ruled if each.is_on]
    if not ruled:
        raise UsageError(
            tr("There is nothing to replicate: set rules by “s4desk replication rules”.")
        )
    teller = _Teller(console)
    try:
        engine = await desk.replication.open_engine(
            told=teller.tell,
            only=arguments.rule,
            watches=not arguments.once,
        )
        if engine is None:
            raise UsageError(
                tr("Another s4desk replicates already: a window, or another “replication run”.")
            )
        if arguments.once:
            sources = [each.source for each in ruled]
            looks = [await engine.look(each, thorough=arguments.thorough) for each in sources]
            await _once(engine, dict(zip(sources, looks, strict=True)), teller, desk, console)
        else:
            await _for_ever(engine, teller, desk, console)
    finally:
        await desk.replication.aclose()


async def _once(
    engine: Engine, looks: Mapping[Source, Look], teller: _Teller, desk: Desk, console: Console
) -> None:
    for source, look in looks.items():
        teller.look(look)
        if look.error:
            console.fail(look.error, _name(source, desk))
    while not engine.replicator.is_idle:
        await first_of(engine.replicator.idle(), SystemClock().sleep(TELL_EVERY_S))
        teller.show()
    if engine.replicator.trouble is not None:
        raise engine.replicator.trouble
    teller.sum_up(engine.replicator.locks_left.total())


async def _for_ever(engine: Engine, teller: _Teller, desk: Desk, console: Console) -> None:
    """What keeps buckets from being looked at is told when it begins."""
    told: dict[Source, str] = {}
    while True:
        await SystemClock().sleep(HEED_S)
        await desk.replication.heed()
        for source, look in engine.looks.items():
            if look.error and told.get(source) != look.error:
                name = _name(source, desk)
                console.say(tr("s4desk: warning: {text}").format(text=f"{name}: {look.error}"))
            told[source] = look.error
        teller.show()


def _name(source: Source, desk: Desk) -> str:
    return f"{desk.connections.name_of(source.connection)}:{source.bucket}"


class _Teller:
    """A line for each object that has come to its end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._counts: Counter[Status] = Counter()
        self._found = 0
        self._bytes = 0
        self._listed = 0
        self._failed: dict[tuple[Source, str, str | None], bool] = {}

    def look(self, look: Look) -> None:
        self._listed += look.looked.listed

    def tell(self, records: Sequence[Record]) -> None:
        for each in records:
            write = each.task.write
            self._counts[each.status] += not each.is_found
            self._found += each.is_found
            id_ = each.task.source, write.key, write.version
            self._failed[id_] = each.status is Status.FAILED
            if not self._failed[id_]:
                del self._failed[id_]
            if each.status in (Status.PENDING, Status.NONE, Status.REPLICA):
                continue
            is_written = each.status is Status.COMPLETED and not each.is_found
            if is_written:
                self._bytes += write.seen.size
            record = {
                "event": "found" if each.is_found else "replicated" if is_written else "failed",
                "key": write.key,
                "version_id": write.version,
                "rule": write.rule,
                "status": each.status,
                "size": write.seen.size,
                "attempts": each.attempts,
                "error": each.error,
            }
            words = [each.status, write.key, *filter(None, [each.error])]
            self._console.record(record, "\t".join(self._console.names(words)))

    def show(self) -> None:
        self._console.progress(
            tr("{done} replicated, {failed} failed").format(
                done=format_count(self._counts[Status.COMPLETED]),
                failed=format_count(len(self._failed)),
            )
        )

    def sum_up(self, locks_left: int) -> None:
        """The last line. What has failed is a failure; locks that stay behind are told of once."""
        done, failed = self._counts[Status.COMPLETED], len(self._failed)
        text = tr("{listed} looked at, {done} replicated, {found} there already, {failed} failed")
        summary = {
            "event": "summary",
            "listed": self._listed,
            "replicated": done,
            "found": self._found,
            "bytes": self._bytes,
            "failed": failed,
            "locks_left": locks_left,
        }
        counts = {"listed": self._listed, "done": done, "found": self._found, "failed": failed}
        said = text.format(**{name: format_count(count) for name, count in counts.items()})
        self._console.record(summary, said)
        if locks_left:
            text = tr_n(
                "{count} replica is not locked as its source is: the destination has no Object"
                " Lock.",
                "{count} replicas are not locked as their sources are: the destination has no"
                " Object Lock.",
                locks_left,
            )
            said = text.format(count=format_count(locks_left))
            self._console.say(tr("s4desk: warning: {text}").format(text=said))
        if failed:
            self._console.failures += 1
