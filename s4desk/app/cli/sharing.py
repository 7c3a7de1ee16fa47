"""`s4desk share`: links that let somebody without keys do one thing for a while."""

from __future__ import annotations

from contextlib import aclosing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.app.cli.emptiness import emptiness
from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.app.cli.served import Served
from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError, StoreError
from s4desk.core.domain.identity import Location, VersionId
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.transfer.selection import pages_of
from s4desk.viewmodels.link_owner import owner_of, signed_by
from s4desk.viewmodels.link_text import (
    SignedLink,
    dots_text,
    expiry_from,
    has_dots,
    link_query,
    link_text,
)
from s4desk.viewmodels.rows import format_count
from s4desk.viewmodels.share_form import LinkDraft

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncGenerator

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk


async def share(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Sign a link to one object, or to each below a folder, once it is known to be there."""
    expires_s = expiry_from(arguments.expires)
    remote = _place(desk, arguments)
    draft = LinkDraft(arguments.method, expires_s, _query(arguments))
    last, with_dots = None, 0
    served = Served(desk)
    try:
        await _see(desk, remote, draft, arguments)
    except StoreError as error:
        if not isinstance(error, NotFoundError):
            console.say(tr("No link was made. --unchecked makes one without asking the store."))
        raise
    async with aclosing(_locations(desk, remote, is_many=arguments.recursive)) as locations:
        async for location in locations:
            owner = owner_of(desk.groups, remote.connection.id, remote.bucket, draft, served.answer)
            now = datetime.now(UTC)
            [last] = await signed_by(owner, desk.stores, [location.key], draft, now)
            with_dots += has_dots(location.key)
            record = _record(location, last) | {"checked": not arguments.unchecked} | owner.record
            console.record(record, last.url)
    if last is None:
        store = await desk.stores.to_read(remote.connection.id)
        raise await emptiness(store, remote, tr("There is nothing to share in {place}."))
    if not console.as_json:
        console.say(link_text(last))
        _say(with_dots, arguments, console)


def _say(with_dots: int, arguments: Namespace, console: Console) -> None:
    if arguments.unchecked:
        console.say(tr("Nobody has asked whether it is there."))
    if with_dots and arguments.recursive:
        sentence = tr_n(
            "In {count} of these keys parts are “.” or “..”: browsers and many programs take them"
            " away, and then the link does not work. curl --path-as-is and wget send it as it is.",
            "In {count} of these keys parts are “.” or “..”: browsers and many programs take them"
            " away, and then the link does not work. curl --path-as-is and wget send it as it is.",
            with_dots,
        )
        console.say(sentence.format(count=format_count(with_dots)))
    elif with_dots:
        console.say(dots_text(arguments.place))


async def _see(desk: Desk, remote: Remote, draft: LinkDraft, arguments: Namespace) -> None:
    """See that what the link is for is there. Raises StoreError.

    Who may write need not be allowed to look at the bucket.
    """
    if arguments.unchecked or arguments.recursive:
        return
    stores, connection = desk.stores, remote.connection.id
    store = await (stores.get if draft.is_of_home else stores.to_read)(connection)
    if arguments.method == "PUT":
        with suppress(PermissionDeniedError):
            await store.head_bucket(remote.bucket)
        return
    version = VersionId(arguments.version_id) if arguments.version_id else None
    await store.head(remote.location, version=version)


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
    store = await desk.stores.to_read(remote.connection.id)
    async with aclosing(pages_of(store, remote.folder)) as pages:
        async for page in pages:
            for key in page.keys:
                yield Location(remote.bucket, key)


def _query(arguments: Namespace) -> dict[str, str]:
    is_shaped = (
        arguments.download_as or arguments.content_type or arguments.response_content_disposition
    )
    if arguments.method == "PUT" and is_shaped:
        raise UsageError(tr("--download-as and --content-type are for links that read."))
    if arguments.method == "PUT" and arguments.version_id:
        raise UsageError(tr("--version-id is for links that read."))
    if arguments.download_as and arguments.response_content_disposition:
        raise UsageError(tr("--download-as is a --response-content-disposition already."))
    return link_query(
        arguments.version_id,
        arguments.content_type,
        arguments.download_as,
        arguments.response_content_disposition,
    )


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
        "needs_path_as_is": has_dots(location.key),
    }
