"""`s4desk rm`: one object, or a folder with all in it after asking."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from s4desk.app.cli.emptiness import emptiness
from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.core.domain.errors import PermissionDeniedError, StoreError
from s4desk.core.domain.identity import Location
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.store.protocol import ConfigKind
from s4desk.core.store.s3_errors import classify
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.delete import Deletion
from s4desk.core.transfer.selection import Tally, tally
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.domain.objects import DeleteFailure
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.delete import DeleteReport
    from s4desk.core.transfer.selection import Selected

TELL_EVERY_S = 0.2
SETTLE_S = 30.0
"""How long an interrupted deletion waits for the batches that are on their way."""


async def rm(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Delete what is named; on a bucket with versions that hides it under delete markers."""
    parse = parse_remote if arguments.recursive else parse_object
    remote = parse(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    store = await desk.stores.get(remote.connection.id)
    if arguments.recursive:
        await _remove_folder(store, remote, console, is_sure=arguments.yes)
    else:
        await _remove_object(store, remote)
        line = tr("deleted {place}").format(place=console.name(str(remote)))
        _tell_deleted(remote, 1, line, console)


async def _remove_object(store: Store, remote: Remote) -> None:
    """S3 deletes what is not there without a word; a person who mistyped wants to know."""
    with contextlib.suppress(PermissionDeniedError):  # who may delete need not be allowed to look
        await store.head(remote.location)
    await store.delete(remote.location)


async def _remove_folder(store: Store, remote: Remote, console: Console, *, is_sure: bool) -> None:
    """The prefix with a slash behind it, and the object of the same name without one."""
    selection: list[Selected] = [remote.folder]
    if remote.prefix != remote.folder:
        with contextlib.suppress(PermissionDeniedError):  # as above
            meta = await head_if_there(store, remote.location)
            selection += [meta] if meta is not None else []
    if not is_sure and not await _agrees(store, remote, selection, console):
        console.fail(tr("Nothing was deleted."))
        return
    deletion = Deletion(store, selection)
    try:
        await delete(deletion, console)
    finally:
        report = deletion.report
        tell_report(remote, report, console)
    if report.error is not None:
        raise report.error
    if not report.deleted and not report.failures:
        raise await emptiness(store, remote, tr("There is nothing to delete in {place}."))


async def _agrees(
    store: Store, remote: Remote, selection: list[Selected], console: Console
) -> bool:
    """Say what would go, and wait for a typed yes."""
    if not console.can_ask:
        raise UsageError(tr("rm -r asks first, and nobody is there to answer: add --yes."))
    counts = [count async for count in tally(store, selection)]
    total = counts[-1] if counts else Tally()
    if not total.objects:
        raise await emptiness(store, remote, tr("There is nothing to delete in {place}."))
    question = tr_n(
        "Delete {count} object ({size}) in {place}? {meaning} Type “yes”: ",
        "Delete {count} objects ({size}) in {place}? {meaning} Type “yes”: ",
        total.objects,
    ).format(
        count=format_count(total.objects),
        size=format_size(total.size),
        place=printable(str(remote)),
        meaning=await _meaning(store, remote.bucket),
    )
    return await console.agrees(question)


async def _meaning(store: Store, bucket: str) -> str:
    try:
        versioning = await store.get_config(bucket, ConfigKind.VERSIONING)
    except StoreError:
        versioning = None
    if (versioning or {}).get("Status") == "Enabled":
        return tr("The bucket keeps versions: they stay, under delete markers.")
    return tr("This cannot be undone.")


async def delete(deletion: Deletion, console: Console) -> None:
    """Run it to its end; interrupted, let what was sent come back, so that the count is true."""
    scope = TaskScope("rm")
    try:
        deleting = scope.start(deletion.run())
        try:
            while not deleting.done():
                await asyncio.wait([deleting], timeout=TELL_EVERY_S)
                console.progress(tr("{count} deleted").format(count=deletion.report.deleted))
            deleting.result()
        except asyncio.CancelledError:
            deletion.stop()
            await asyncio.wait([deleting], timeout=SETTLE_S)
            raise
    finally:
        await scope.aclose()


def tell_report(remote: Remote, report: DeleteReport, console: Console) -> None:
    for failure in report.failures:
        _tell_failure(remote, failure, console)
    if report.deleted:
        sentence = tr_n(
            "{place}: {count} object deleted", "{place}: {count} objects deleted", report.deleted
        )
        place = str(remote).removesuffix("/")
        line = sentence.format(place=console.name(place), count=report.deleted)
        _tell_deleted(remote, report.deleted, line, console)


def _tell_deleted(remote: Remote, count: int, line: str, console: Console) -> None:
    record = {"type": "deleted", "bucket": remote.bucket, "key": remote.key, "count": count}
    console.record(record, line)


def _tell_failure(remote: Remote, failure: DeleteFailure, console: Console) -> None:
    location = Location(remote.bucket, failure.doomed.key)
    error = classify(
        status=0,
        code=failure.code,
        message=failure.message,
        operation="DeleteObject",
        location=location,
    )
    console.fail(error, f"{remote.connection.name}:{location.bucket}/{location.key}")
    if console.as_json:
        record = {
            "type": "failed",
            "bucket": location.bucket,
            "key": location.key,
            "code": failure.code,
            "message": failure.message,
        }
        console.record(record, "")
