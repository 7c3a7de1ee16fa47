"""`s4desk share`: links that let somebody without keys do one thing for a while."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.core.domain.identity import Location
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.selection import pages_of
from s4desk.viewmodels.link_text import SignedLink, expiry_from, link_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncGenerator

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk


async def share(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Sign a link to one object, or to each below a folder; nothing is asked of the store."""
    expires_s = expiry_from(arguments.expires)
    remote = _place(desk, arguments)
    query = _query(arguments)
    method = arguments.method
    said = ""
    async with aclosing(_locations(desk, remote, is_many=arguments.recursive)) as locations:
        async for location in locations:
            until = datetime.now(UTC) + timedelta(seconds=expires_s)
            url = await desk.stores.link(
                remote.connection.id, location, expires_s, method=method, query=query
            )
            life = desk.stores.key_life(remote.connection.id)
            link = SignedLink(url, until, life, method)
            said = link_text(link)
            console.record(_record(location, link), url)
    if said and not console.as_json:
        console.say(said)


def _place(desk: Desk, arguments: Namespace) -> Remote:
    if not arguments.recursive:
        return parse_object(arguments.place, desk.connections)
    if arguments.version_id or arguments.method == "PUT":
        raise UsageError(tr("-r is for reading what is there: without --version-id and PUT."))
    remote = parse_remote(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    return remote


async def _locations(
    desk: Desk, remote: Remote, *, is_many: bool
) -> AsyncGenerator[Location, None]:
    if not is_many:
        yield remote.location
        return
    store = await desk.stores.get(remote.connection.id)
    async with aclosing(pages_of(store, remote.folder)) as pages:
        async for page in pages:
            for key in page.keys:
                yield Location(remote.bucket, key)


def _query(arguments: Namespace) -> dict[str, str]:
    if arguments.method == "PUT" and (arguments.download_as or arguments.content_type):
        raise UsageError(tr("--download-as and --content-type are for links that read."))
    query = {"versionId": arguments.version_id, "response-content-type": arguments.content_type}
    if arguments.download_as:
        name = quote(arguments.download_as, safe="")
        query["response-content-disposition"] = f"attachment; filename*=UTF-8''{name}"
    return {name: value for name, value in query.items() if value}


def _record(location: Location, link: SignedLink) -> dict[str, object]:
    return {
        "type": "link",
        "bucket": location.bucket,
        "key": location.key,
        "method": link.method,
        "url": link.url,
        "asked_until": link.until.isoformat(timespec="seconds"),
        "works_until": None if link.is_uncertain else link.ends_at.isoformat(timespec="seconds"),
        "key_ends_first": link.is_cut_short,
    }
