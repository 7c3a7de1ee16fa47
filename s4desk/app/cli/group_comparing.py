"""`s4desk group compare`: which backend holds what, and what differs."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from s4desk.app.cli.grouping import find_group
from s4desk.app.cli.places import UsageError, parse_remote
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.error_text import sentences
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.failover.holdings import MemberSummary, MergedRow, MergedSummary


async def compare(desk: Desk, arguments: Namespace, console: Console) -> None:
    """A line for each key that backends hold in different ways, and the sums of each backend; it
    fails if there is any, or a backend could not be listed."""
    remote = parse_remote(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("“{word}” names no bucket.").format(word=arguments.place))
    connection, _ = find_group(desk, remote.connection.name)
    view = await desk.groups.merged(connection.id, remote.prefix)
    assert view is not None, "it is a group"
    names = [each.name for each in view.summary.members]
    async with aclosing(view.rows()) as rows:
        async for some in rows:
            for row in some:
                if arguments.with_equal or row.differs:
                    _tell(row, names, console)
            console.progress(tr("{count} compared").format(count=format_count(view.summary.keys)))
    _sum_up(view.summary, console)


def _tell(row: MergedRow, names: list[str], console: Console) -> None:
    record = {
        "key": row.key,
        "same": row.is_same,
        "backends": {
            name: {"standing": each.standing, "size": each.size, "etag": each.etag}
            for name, each in zip(names, row.holdings, strict=True)
        },
    }
    told = "\t".join(
        f"{name}: {each.standing}" for name, each in zip(names, row.holdings, strict=True)
    )
    console.record(record, f"{console.name(row.key)}\t{told}")


def _sum_up(summary: MergedSummary, console: Console) -> None:
    record = {
        "event": "summary",
        "keys": summary.keys,
        "same": summary.same,
        "same_where_read": summary.alike,
        "backends": [_member_record(each) for each in summary.members],
    }
    same, said = summary.same, tr("{same} of {keys} keys are the same everywhere.")
    if not summary.is_read:
        same = summary.alike
        said = tr("{same} of {keys} keys are the same at all members that could be read.")
    said = said.format(same=format_count(same), keys=format_count(summary.keys))
    lines = [said, *(_member_line(each) for each in summary.members)]
    console.record(record, "\n".join(lines))
    for each in summary.members:
        if each.error is not None:
            console.fail(sentences(each.error), each.name)
    if not any(each.has_bucket for each in summary.members):
        console.fail(tr("No backend has this bucket."))
    elif not summary.is_alike:
        console.failures += 1


def _member_record(each: MemberSummary) -> dict[str, object]:
    return {
        "backend": each.name,
        "has_bucket": each.has_bucket,
        "held": each.held,
        "size": each.size,
        "missing": each.missing,
        "other": each.other,
        "unproved": each.unproved,
        "only": each.only,
        "unread": each.unread,
    }


def _member_line(each: MemberSummary) -> str:
    if not each.has_bucket:
        return tr("  {backend}: there is no such bucket").format(backend=each.name)
    text = tr(
        "  {backend}: {held} ({size}), {missing} missing, {other} different, {unproved} unproved,"
        " {only} nowhere else"
    )
    counts = {name: format_count(getattr(each, name)) for name in _COUNTS}
    return text.format(backend=each.name, size=format_size(each.size), **counts)


_COUNTS = ("held", "missing", "other", "unproved", "only")
