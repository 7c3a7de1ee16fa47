"""`s4desk connections probe`: what a store can do, found out by trying, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.app.cli.places import UsageError, find_connection, parse_remote
from s4desk.core.domain.capability import Capability, Reason
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.capability_text import (
    cells,
    columns,
    finding_record,
    leftovers_text,
    record,
    summary,
)

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.capability import CapabilityReport
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import Prefix


async def probe(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Tell what is kept of the last probe of this store and version, or probe it now."""
    connection, place = _place(desk, arguments.place)
    report = None if arguments.refresh else await _kept(desk, connection)
    if report is None or _says_less(report, place, is_read_only=arguments.read_only):
        report = await _probe(desk, connection, place, arguments, console)
    _tell(connection, report, console)
    if left := leftovers_text(report):
        console.fail(left)


def _place(desk: Desk, word: str) -> tuple[Connection, Prefix | None]:
    """The connection, and the place that is named: None for the connection alone."""
    if ":" not in word:
        return find_connection(word, desk.connections), None
    remote = parse_remote(word, desk.connections)
    return remote.connection, remote.prefix if remote.bucket else None


async def _kept(desk: Desk, connection: Connection) -> CapabilityReport | None:
    """The last report, if it is of the version that answers now."""
    await desk.stores.get(connection.id)
    report = desk.stores.report(connection.id)
    if report is None or report.at is None:
        return None
    server = await desk.stores.server_version(connection.id)
    return report if server == report.server else None


def _says_less(report: CapabilityReport, place: Prefix | None, *, is_read_only: bool) -> bool:
    """Whether what is kept is of another place, or of a probe that only read."""
    reasons = {finding.reason for finding in report.findings.values()}
    has_only_read = Reason.NEEDS_WRITING in reasons and not is_read_only
    return has_only_read or place not in (None, report.place)


async def _probe(
    desk: Desk,
    connection: Connection,
    place: Prefix | None,
    arguments: Namespace,
    console: Console,
) -> CapabilityReport:
    place = place or connection.start
    if place is None:
        raise UsageError(tr("A bucket to try things in is needed: NAME:BUCKET[/PREFIX]."))

    def told(done: int, of: int) -> None:
        console.progress(tr("{done} of {all} experiments").format(done=done, all=of))

    return await desk.stores.probe(
        connection.id, place, is_read_only=arguments.read_only, told=told
    )


def _tell(connection: Connection, report: CapabilityReport, console: Console) -> None:
    rows = {each: cells(each, report[each]) for each in Capability}
    widths = [max(len(row[at]) for row in (columns(), *rows.values())) for at in range(2)]
    head = f"{connection.name}: {summary(report)}"
    console.record(record(connection, report), console.name(head))
    for capability, row in rows.items():
        line = "  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2]))
        console.record(
            finding_record(connection, capability, report[capability]), console.name(line)
        )
