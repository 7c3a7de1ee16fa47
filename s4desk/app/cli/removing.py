"""`s4desk rm`: one object, or a folder with all in it after asking."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.app.cli.emptiness import emptiness
from s4desk.app.cli.locked import hidden_record, hidden_text, tell_hidden
from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.app.cli.removing_versions import remove_version
from s4desk.app.cli.rivals import rivals_told
from s4desk.app.cli.telling import tell_aside
from s4desk.core.domain.errors import PermissionDeniedError, StillThereError, StoreError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.lock import NO_LOCK
from s4desk.core.domain.past_change import ChangeKind, PastChange
from s4desk.core.failover.errors import UsageLimitExceededError
from s4desk.core.persist.deletions import LastingDeletion, command_of
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.store.s3_errors import classify
from s4desk.core.transfer.confirmed import confirm_now, keeps_versions
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.delete import Deletion
from s4desk.core.transfer.past_changes import deletion_of
from s4desk.core.transfer.selection import Tally, tally
from s4desk.viewmodels.deletion_text import spared_text
from s4desk.viewmodels.printable import printable
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import DeleteFailure
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.delete import DeleteReport
    from s4desk.core.transfer.selection import Selected

RECURSIVE = "recursive"
TELL_EVERY_S = 0.2
SETTLE_S = 30.0
"""How long an interrupted deletion waits for the batches that are on their way."""


async def rm(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Delete what is named; on a bucket with versions that hides it under delete markers."""
    parse = parse_remote if arguments.recursive else parse_object
    remote = parse(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    _refuse_mixed(arguments)
    store = await desk.stores.get(remote.connection.id)
    if arguments.version_id:
        change = await remove_version(store, remote, arguments, console)
        await desk.note(change)
    elif arguments.recursive:
        await _remove_folder(desk, remote, console, is_sure=arguments.yes)
    else:
        lock = await _remove_object(store, remote)
        await desk.note(_removal_of_one(remote))
        place = console.name(str(remote))
        if lock.is_locked(datetime.now(UTC)):
            record = _deleted_record(remote, 1) | hidden_record(lock)
            console.record(record, hidden_text(place, lock))
        else:
            _tell_deleted(remote, 1, tr("deleted {place}").format(place=place), console)


def _removal_of_one(remote: Remote) -> PastChange:
    return PastChange(ChangeKind.DELETED, remote.connection.id, remote.bucket, remote.key, 1)


def _refuse_mixed(arguments: Namespace) -> None:
    if arguments.recursive and arguments.version_id:
        raise UsageError(tr("--version-id is for one object, -r for many."))
    if arguments.bypass_governance and not arguments.version_id:
        raise UsageError(tr("--bypass-governance goes with --version-id."))


async def _remove_object(store: Store, remote: Remote) -> LockState:
    """S3 deletes what is not there without a word, and hides what is locked; a person who mistyped
    wants to know. Returns the lock that there was, as far as one may know."""
    lock = NO_LOCK
    # Who may delete need not be allowed to look, or has reached a limit, which deletions have not.
    with contextlib.suppress(PermissionDeniedError, UsageLimitExceededError):
        lock = (await store.head(remote.location)).attributes.lock
    await store.delete(remote.location)
    return lock


async def _remove_folder(desk: Desk, remote: Remote, console: Console, *, is_sure: bool) -> None:
    """The prefix with a slash behind it, and the object of the same name without one."""
    store = await desk.stores.get(remote.connection.id)
    places: list[Location | Prefix] = [remote.folder]
    if remote.prefix != remote.folder:
        with contextlib.suppress(PermissionDeniedError):  # as above
            places += [remote.location] if await head_if_there(store, remote.location) else []
    agreed = _Agreed() if is_sure else await _ask(store, remote, places, console)
    if agreed is None:
        console.fail(tr("Nothing was deleted."))
        return
    confirmed = await confirm_now(
        store, places, remote.connection.endpoint, is_kept=agreed.is_kept, total=agreed.total
    )
    run = await desk.runs.begin(
        command_of(remote.connection.id, remote.location, (RECURSIVE,)), confirmed
    )
    tell_aside(desk, console)
    deletion = LastingDeletion(run, Deletion(store, places))
    async with rivals_told(desk, remote, run.id, console):
        report = await carry_out(desk, deletion, remote, console)
    if not report.deleted and not report.failures:
        raise await emptiness(store, remote, tr("There is nothing to delete in {place}."))
    if report.deleted:
        await tell_hidden(store, remote, console)


async def carry_out(
    desk: Desk, deletion: LastingDeletion, remote: Remote, console: Console
) -> DeleteReport:
    """Delete, and tell what was done. Raises the StoreError that ended it early."""
    try:
        await delete(deletion, console, stop=deletion.halt)
    finally:
        report = deletion.report
        tell_report(remote, report, console)
        await desk.note(deletion_of(report, remote.connection.id, remote.prefix))
        if deletion.is_kept:
            tell_kept(deletion.run_id, console)
    if report.error is not None:
        raise report.error
    return report


def tell_kept(run_id: str, console: Console) -> None:
    """Say how what is left of a deletion may go on."""
    ways = tr(
        "Not all is deleted. Run the same command again to go on, or forget it with “s4desk"
        " transfers cancel {id}”."
    )
    console.say(ways.format(id=run_id))


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What a person was told before they agreed: how many objects, and that versions stay."""

    total: int | None = None
    is_kept: bool = False


async def _ask(
    store: Store, remote: Remote, places: Sequence[Selected], console: Console
) -> _Agreed | None:
    """Say what would go, and wait for a typed yes."""
    if not console.can_ask:
        raise UsageError(tr("rm -r asks first, and nobody is there to answer: add --yes."))
    counts = [count async for count in tally(store, places)]
    total = counts[-1] if counts else Tally()
    if not total.objects:
        raise await emptiness(store, remote, tr("There is nothing to delete in {place}."))
    is_kept = await _is_kept(store, remote.bucket)
    question = tr_n(
        "Delete {count} object ({size}) in {place}? {meaning} Type “yes”: ",
        "Delete {count} objects ({size}) in {place}? {meaning} Type “yes”: ",
        total.objects,
    ).format(
        count=format_count(total.objects),
        size=format_size(total.size),
        place=printable(str(remote)),
        meaning=_meaning(is_kept=is_kept),
    )
    return _Agreed(total.objects, is_kept) if await console.agrees(question) else None


async def _is_kept(store: Store, bucket: str) -> bool:
    try:
        return await keeps_versions(store, bucket)
    except StoreError:
        return False


def _meaning(*, is_kept: bool) -> str:
    if is_kept:
        return tr("The bucket keeps versions: they stay, under delete markers.")
    return tr("This cannot be undone.")


async def delete(
    deletion: Deletion | LastingDeletion,
    console: Console,
    *,
    stop: Callable[[], None] | None = None,
) -> None:
    """Run it to its end; interrupted, let what was sent come back, so that the count is true.

    `stop` is what an interruption does.
    """
    scope = TaskScope("rm")
    try:
        deleting = scope.start(deletion.run())
        try:
            while not deleting.done():
                await asyncio.wait([deleting], timeout=TELL_EVERY_S)
                console.progress(tr("{count} deleted").format(count=deletion.report.deleted))
            deleting.result()
        except asyncio.CancelledError:
            (stop or deletion.stop)()
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
    if report.spared:
        record = {"type": "spared", "bucket": remote.bucket, "key": remote.key}
        console.record(record | {"count": report.spared}, spared_text(report.spared))


def _tell_deleted(remote: Remote, count: int, line: str, console: Console) -> None:
    console.record(_deleted_record(remote, count), line)


def _deleted_record(remote: Remote, count: int) -> dict[str, object]:
    return {"type": "deleted", "bucket": remote.bucket, "key": remote.key, "count": count}


def _tell_failure(remote: Remote, failure: DeleteFailure, console: Console) -> None:
    location = Location(remote.bucket, failure.doomed.key)
    error: StoreError = StillThereError(
        failure.message, operation="DeleteObject", location=location
    )
    if failure.code:  # else it is what we have seen, and no word of the store
        error = classify(
            status=0,
            code=failure.code,
            message=failure.message,
            operation="DeleteObject",
            location=location,
        )
    error.connection = remote.connection
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
