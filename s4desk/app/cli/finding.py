"""`s4desk find`: keys by name, size, age and storage class, in one bucket or in all of them."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.app.cli.listings import show_page
from s4desk.app.cli.places import parse_remote
from s4desk.app.cli.served import Served
from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.query import Query, Spelling
from s4desk.core.transfer.selection import pages_of
from s4desk.viewmodels.moments import since_from
from s4desk.viewmodels.quantities import parse_size
from s4desk.viewmodels.query_text import pattern_of

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.store.protocol import Store


async def find(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Tell what fits, page by page, as `ls -r` does. A bucket that fails does not end it."""
    query = query_of(arguments)
    remote = parse_remote(arguments.place, desk.connections)
    store, served = await desk.stores.to_read(remote.connection.id), Served(desk)
    if remote.bucket:
        await _find_in(store, remote.prefix, query, served, console)
    else:
        for bucket in await store.list_buckets():
            prefix = Prefix(bucket.name)
            try:
                await _find_in(store, prefix, query, served, console, with_bucket=True)
            except S4DeskError as error:
                console.fail(error, bucket.name)
    served.tell(console)


async def _find_in(
    store: Store,
    prefix: Prefix,
    query: Query,
    served: Served,
    console: Console,
    *,
    with_bucket: bool = False,
) -> None:
    async with aclosing(pages_of(store, prefix)) as pages:
        async for page in pages:
            found = query.within(page)
            if with_bucket and not console.as_json:
                # A record names its bucket; a line says it with the key.
                found = replace(found, keys=[f"{prefix.bucket}/{key}" for key in found.keys])
            if len(found):
                show_page(found, console, served.record)


def query_of(arguments: Namespace) -> Query:
    """Raises UsageError and ValidationError for what has no meaning."""
    if arguments.regex is not None:
        text, spelling = arguments.regex, Spelling.REGEX
    elif arguments.glob is not None:
        text, spelling = arguments.glob, Spelling.GLOB
    else:
        text, spelling = arguments.name or "", Spelling.WILD
    return Query(
        pattern_of(text, spelling, match_case=arguments.match_case),
        least_size=None if arguments.larger is None else parse_size(arguments.larger),
        most_size=None if arguments.smaller is None else parse_size(arguments.smaller),
        after=since_from(arguments.newer) if arguments.newer else None,
        before=since_from(arguments.older) if arguments.older else None,
        classes=frozenset(each.upper() for each in arguments.classes),
    )
