"""`s4desk du`: how much lies where, in which class, and how old it is."""

from __future__ import annotations

import time
from contextlib import aclosing
from math import nan
from typing import TYPE_CHECKING

from s4desk.app.cli.places import UsageError, parse_remote
from s4desk.app.cli.served import Served
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.usage import AGES_D, Amount, Usage
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.transfer.selection import pages_of, versions_of
from s4desk.viewmodels.rows import format_count, format_size
from s4desk.viewmodels.usage_rows import age_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.store.protocol import Store

DEEPEST = 64


async def du(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Count everything below a place; progress is shown while it counts."""
    if not 0 <= arguments.depth <= DEEPEST:
        raise UsageError(tr("--depth is a number from 0 to {most}.").format(most=DEEPEST))
    remote = parse_remote(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    store, served = await desk.stores.to_read(remote.connection.id), Served(desk)
    usage = Usage(remote.prefix.prefix, time.time(), arguments.depth)
    markers = await _count(store, remote, usage, console, with_versions=arguments.versions)
    served.tell(console)
    if not usage.whole.objects and not markers and remote.key:
        raise NotFoundError(tr("nothing begins with this"), location=remote.location)
    _tell(usage, remote, console, markers, served.record)


async def _count(
    store: Store, remote: Remote, usage: Usage, console: Console, *, with_versions: bool
) -> int:
    """Returns the number of delete markers."""
    markers = 0
    if with_versions:
        async for versions in versions_of(store, remote.prefix):
            kept = [each for each in versions if not each.is_delete_marker]
            markers += len(versions) - len(kept)
            usage.count(
                (
                    each.location.key,
                    each.size,
                    nan if each.modified is None else each.modified.timestamp(),
                    each.storage_class,
                )
                for each in kept
            )
            _show(usage, console)
        return markers
    async with aclosing(pages_of(store, remote.prefix)) as pages:
        async for page in pages:
            usage.count(zip(page.keys, page.sizes, page.modified, page.classes, strict=True))
            _show(usage, console)
    return markers


def _show(usage: Usage, console: Console) -> None:
    console.progress(_amount_text(usage.whole))


def _tell(
    usage: Usage, remote: Remote, console: Console, markers: int, more: Mapping[str, object]
) -> None:
    """`more` is in each record."""
    for folder, amount in sorted(usage.folders.items(), key=lambda each: -each[1].size):
        _line("folder", {"key": folder, **more}, console.name(folder), amount, console)
    for name, amount in sorted(usage.classes.items(), key=lambda each: -each[1].size):
        _line("class", {"storage_class": name, **more}, name, amount, console)
    for span, amount in enumerate(usage.ages):
        if amount.objects:
            youngest, oldest = [0, *AGES_D][span], [*AGES_D, None][span]
            span_of: dict[str, object] = {"older_than_days": youngest, "at_most_days": oldest}
            _line("age", {**span_of, **more}, age_text(span), amount, console)
    record = {"bucket": remote.bucket, "key": remote.key, "delete_markers": markers, **more}
    _line("total", record, console.name(str(remote)), usage.whole, console)
    if markers and not console.as_json:
        sentence = tr_n("{count} delete marker", "{count} delete markers", markers)
        console.say(sentence.format(count=format_count(markers)))


def _line(
    kind: str, what: Mapping[str, object], name: str, amount: Amount, console: Console
) -> None:
    record = {"type": kind, **what, "objects": amount.objects, "bytes": amount.size}
    console.record(record, f"{_amount_text(amount):>32}  {name}")


def _amount_text(amount: Amount) -> str:
    counted = tr_n("{count} object", "{count} objects", amount.objects)
    return f"{counted.format(count=format_count(amount.objects))} {format_size(amount.size):>12}"
