"""`s4desk replication status` and `retry`: what is known of each object, and what has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from s4desk.app.cli.places import UsageError, parse_bucket, parse_remote
from s4desk.app.cli.replication_rules import chosen_rule, source_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.replication_rule_text import destination_text
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.replication.table import Known

CHUNK: Final = 5000


async def status(desk: Desk, arguments: Namespace, console: Console) -> None:
    """A line for each object that a rule was ever about, in the order of keys."""
    remote = parse_remote(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    source = source_of(desk, remote)
    ruled = await desk.replication.ruled(source)
    places = {
        each.id: destination_text(each.destination, desk.connections.name_of)
        for each in ruled.rules
    }
    first, count = remote.key, CHUNK
    skip: set[tuple[str, str | None]] = set()
    while True:
        found = await desk.replication.statuses.between(source, first, None, count)
        for each in found:
            write = each.task.write
            if not write.key.startswith(remote.key):
                return
            is_told = (write.key, write.version) in skip
            if not is_told and each.entry.status is not Status.NONE:
                _tell(each, places.get(write.rule, ""), console)
        if len(found) < count:
            return
        last = found[-1].task.write.key
        skip = {(last, each.task.write.version) for each in found if each.task.write.key == last}
        # A key of very many versions has to come to its end.
        count = CHUNK if last != first else 2 * count
        first = last


async def retry(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Let what has failed wait again."""
    source = source_of(desk, parse_bucket(arguments.place, desk.connections))
    if arguments.rule:
        chosen_rule(await desk.replication.ruled(source), arguments.rule)
    count = await desk.replication.retry(source, arguments.rule)
    text = tr_n("{count} object waits again.", "{count} objects wait again.", count)
    said = text.format(count=format_count(count))
    if count and not await desk.replication.statuses.is_in_use():
        said += " " + tr("Nobody replicates now: open a window, or “s4desk replication run”.")
    console.record({"event": "retry", "count": count}, said)


def _tell(known: Known, destination: str, console: Console) -> None:
    write, entry = known.task.write, known.entry
    record: dict[str, Any] = {
        "key": write.key,
        "rule": write.rule,
        "destination": destination,
        "status": entry.status,
        "generation": entry.generation,
        "recorded_at": entry.recorded_at.isoformat(),
        "attempts": entry.attempts,
        "error": entry.error,
        "lock_left": entry.lock_left,
    }
    if write.version is not None:
        record["version_id"] = write.version
    if write.seen.is_marker:
        record["delete_marker"] = True
    lock = tr("It is not locked as its source is.") if entry.lock_left else ""
    words = [entry.status, write.key, destination, *filter(None, [entry.error, lock])]
    console.record(record, "\t".join(console.names(words)))
