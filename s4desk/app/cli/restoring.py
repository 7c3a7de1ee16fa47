"""`s4desk versions` and `s4desk restore`: what keys were, and how they become so again."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.app.cli.listings import version_line, version_record
from s4desk.app.cli.lock_watch import LockWatch
from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.app.cli.served import Served
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotFoundError, ValidationError
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.store.configuration import read_config
from s4desk.core.transfer.restoring import Step, restorations, restore_all
from s4desk.core.transfer.selection import versions_of
from s4desk.viewmodels.lock_text import lock_text, until_text
from s4desk.viewmodels.moments import since_from
from s4desk.viewmodels.rows import format_count

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncGenerator

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.domain.errors import S4DeskError
    from s4desk.core.domain.identity import Location, Prefix
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.restoring import Restoration


async def versions(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Every version and delete marker of one key, the newest first."""
    remote = parse_object(arguments.place, desk.connections)
    store, served = await desk.stores.get(remote.connection.id), Served(desk)
    count = 0
    async for page in versions_of(store, remote.location):
        for version in page:
            count += 1
            await _show(store, version, served, console, with_lock=arguments.locks)
    if not count:
        raise NotFoundError(tr("no version of it is there"), location=remote.location)


async def _show(
    store: Store,
    version: ObjectVersion,
    served: Served,
    console: Console,
    *,
    with_lock: bool,
) -> None:
    record, line = version_record(version), version_line(version, console)
    if with_lock and not version.is_delete_marker:
        lock = await store.get_lock(version.location, version=version.version)
        until = lock.retain_until
        record["lock"] = {
            "mode": lock.mode,
            "retain_until": until and until.isoformat(),
            "legal_hold": lock.legal_hold,
        }
        line = f"{line}  {lock_text(lock)}"
    console.record(record | served.record, line)


async def restore(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Make all below a folder what it was at a moment; what cannot be does not keep the rest."""
    moment = _moment(arguments.as_of, datetime.now(UTC))
    remote = parse_remote(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/FOLDER]."))
    store = await desk.stores.get(remote.connection.id)
    versioning = await read_config(store, remote.bucket, ConfigKind.VERSIONING)
    if not versioning.get("Status"):
        raise ValidationError(
            tr("{bucket} never kept versions, so nobody knows what was there.").format(
                bucket=remote.bucket
            )
        )
    watch = LockWatch(store, remote.bucket)
    report = _Report(remote, console, watch, is_dry=arguments.dry_run)
    async with aclosing(_all_restorations(store, remote, moment)) as found:
        pages = report.wanted(found, hides=arguments.hide_newer)
        if arguments.dry_run:
            async for page in pages:
                for each in page:
                    report.told(each, None)
        else:
            await restore_all(store, pages, report.told)
    if report.is_empty:
        await _see_something(store, remote)
    watch.tell(console, is_dry=arguments.dry_run)
    report.close(moment)
    if report.has_newer and await watch.is_locking():
        console.say(_moved_times(remote.bucket))


def _moved_times(bucket: str) -> str:
    """Ceph writes a new Last-Modified when a lock changes: what is older looks newer then."""
    return tr(
        "{bucket} has Object Lock: some stores, Ceph among them, tell the time of the last change"
        " of a lock as that of the object. What was locked or released after the moment may be"
        " older than it looks."
    ).format(bucket=bucket)


def _places(remote: Remote) -> list[Location | Prefix]:
    """The folder, and the object of the same name without a slash behind it."""
    is_folder = remote.prefix == remote.folder
    return [remote.folder] if is_folder else [remote.location, remote.folder]


async def _all_restorations(
    store: Store, remote: Remote, moment: datetime
) -> AsyncGenerator[list[Restoration], None]:
    for place in _places(remote):
        async with aclosing(restorations(store, place, moment)) as found:
            async for page in found:
                yield page


async def _see_something(store: Store, remote: Remote) -> None:
    """What is as it was need not be there at all. Raises NotFoundError."""
    for place in _places(remote):
        async with aclosing(versions_of(store, place)) as pages:
            async for page in pages:
                if page:
                    return
    raise NotFoundError(tr("no version of it is there"), location=remote.location)


def _moment(text: str, now: datetime) -> datetime:
    moment = datetime.fromtimestamp(since_from(text, now), UTC)
    if moment >= now:
        raise UsageError(tr("--as-of needs a moment that has passed."))
    return moment


class _Report:
    """Tells what becomes of each key, and sums it up."""

    def __init__(self, remote: Remote, console: Console, watch: LockWatch, *, is_dry: bool) -> None:
        self._remote = remote
        self._console = console
        self._watch = watch
        self._is_dry = is_dry
        self._counts: Counter[str] = Counter()
        self._newer = self._kept = 0
        self.has_newer = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found that is not as it was."""
        return not self._counts and not self._newer and not self._kept

    async def wanted(
        self, pages: AsyncGenerator[list[Restoration], None], *, hides: bool
    ) -> AsyncGenerator[list[Restoration], None]:
        """What shall be done of what could be. What is locked is never hidden: it may be older than
        it looks, and only its lock be new."""
        async for page in pages:
            newer = [each for each in page if each.step is Step.HIDE]
            self.has_newer = self.has_newer or bool(newer)
            copied = [each.location for each in page if each.step is Step.COPY]
            await self._watch.look(copied)
            kept = [each for each in page if each.step is not Step.HIDE]
            if hides and newer:
                free = await self._watch.free_of([each.location for each in newer])
                kept += [each for each in newer if each.location in free]
                self._kept += len(newer) - len(free)
            else:
                self._newer += len(newer)
            yield kept

    def told(self, each: Restoration, error: S4DeskError | None) -> None:
        name = f"{self._remote.connection.name}:{each.location.bucket}/{each.location.key}"
        version = each.version.version if each.version is not None else None
        record = {
            "type": "restoration",
            "bucket": each.location.bucket,
            "key": each.location.key,
            "step": each.step,
            "version": version,
            "done": error is None and not self._is_dry,
        }
        if error is not None:
            self._counts["failed"] += 1
            self._console.fail(error, name)
            record["error"] = type(error).__name__
            if not self._console.as_json:
                return
        else:
            self._counts["restored"] += 1
        words = {Step.UNHIDE: tr("undelete"), Step.COPY: tr("copy back"), Step.HIDE: tr("hide")}
        shown = self._console.name(name)
        self._console.record(record, f"{words[each.step]:10} {shown} {version or ''}".rstrip())

    def close(self, moment: datetime) -> None:
        restored, failed = self._counts["restored"], self._counts["failed"]
        record = {
            "event": "done",
            "as_of": moment.isoformat(),
            "restored": 0 if self._is_dry else restored,
            "failed": failed,
            "newer_left": self._newer,
            "locked_left": self._kept,
        }
        if self._is_dry:
            record["would_restore"] = restored
            sentence = tr_n(
                "{count} object would be as it was at {time}",
                "{count} objects would be as they were at {time}",
                restored,
            )
        else:
            sentence = tr_n(
                "{count} object is as it was at {time}",
                "{count} objects are as they were at {time}",
                restored,
            )
        said = [sentence.format(count=format_count(restored), time=until_text(moment))]
        if self._newer:
            newer = tr_n(
                "{count} that came later is left", "{count} that came later are left", self._newer
            )
            said.append(newer.format(count=format_count(self._newer)))
        if self._kept:
            locked = tr_n(
                "{count} that came later is locked and left",
                "{count} that came later are locked and left",
                self._kept,
            )
            said.append(locked.format(count=format_count(self._kept)))
        if failed:
            said.append(tr("{count} failed").format(count=format_count(failed)))
        self._console.record(record, ", ".join(said))
