"""`s4desk lock`: what protects versions, and changes of that."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from s4desk.app.cli.emptiness import emptiness
from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotSupportedError, PermissionDeniedError, S4DeskError
from s4desk.core.domain.identity import Location, VersionId
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.store.configuration import read_config
from s4desk.core.transfer.locking import LockChange, change_lock, change_locks, targets_of
from s4desk.viewmodels.lock_text import lock_text, protection_text
from s4desk.viewmodels.moments import until_from

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.desk import Desk
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.locking import LockOutcome


class NoObjectLockError(S4DeskError):
    """Nothing in the bucket can be locked; the message says so."""


async def show(desk: Desk, arguments: Namespace, console: Console) -> None:
    """The lock of one version, or what a bucket locks new ones with."""
    remote = parse_remote(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket or an object is needed: NAME:BUCKET[/KEY]."))
    store = await desk.stores.get(remote.connection.id)
    if not remote.key:
        config = await read_config(store, remote.bucket, ConfigKind.OBJECT_LOCK)
        _show_bucket(remote, config, console)
        return
    version = VersionId(arguments.version_id) if arguments.version_id else None
    lock = await store.get_lock(remote.location, version=version)
    now = datetime.now(UTC)
    protection = lock.protection(now)
    record = _record("lock", remote.location, version, lock)
    record |= {"can_delete": protection is None, "protection": protection}
    lines = (f"{console.name(str(remote))}: {lock_text(lock)}", protection_text(lock, now))
    console.record(record, "\n".join(lines))


async def change(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Set or take away a retention and a legal hold, of one version or of all below a folder."""
    wanted = _wanted(arguments, datetime.now(UTC))
    remote = _place(desk, arguments)
    store = await desk.stores.get(remote.connection.id)
    await _see_lockable(store, remote.bucket)
    if not arguments.dry_run and not await _is_agreed(wanted, remote, arguments, console):
        console.fail(tr("Nothing was changed."))
        return
    if arguments.recursive:
        await _change_many(store, remote, wanted, arguments, console)
        return
    target = (remote.location, VersionId(arguments.version_id) if arguments.version_id else None)
    now = datetime.now(UTC)
    outcome = await change_lock(store, target, wanted, now, is_dry=arguments.dry_run)
    _tell(outcome, remote, console, is_dry=arguments.dry_run)


async def _see_lockable(store: Store, bucket: str) -> None:
    """Who may not look goes on: the store will say it, for each. Raises NoObjectLockError."""
    with suppress(PermissionDeniedError, NotSupportedError):
        if not _is_enabled(await read_config(store, bucket, ConfigKind.OBJECT_LOCK)):
            sentence = tr("{bucket} has no Object Lock, so nothing in it can be locked.")
            raise NoObjectLockError(sentence.format(bucket=bucket))


def _is_enabled(config: Any) -> bool:
    return bool(config) and config.get("ObjectLockEnabled") == "Enabled"


def _place(desk: Desk, arguments: Namespace) -> Remote:
    if not arguments.recursive:
        if arguments.all_versions:
            raise UsageError(tr("--all-versions goes with -r."))
        return parse_object(arguments.place, desk.connections)
    if arguments.version_id:
        raise UsageError(tr("--version-id is for one object, -r for many."))
    remote = parse_remote(arguments.place, desk.connections)
    if not remote.bucket:
        raise UsageError(tr("A bucket is needed: NAME:BUCKET[/PREFIX]."))
    return remote


def _wanted(arguments: Namespace, now: datetime) -> LockChange:
    """Raises UsageError and ValidationError for what has no meaning."""
    hold = None if arguments.legal_hold is None else arguments.legal_hold == "on"
    if arguments.mode is None and hold is None:
        raise UsageError(tr("Say what to change: --mode with --until, or --legal-hold."))
    if arguments.mode in (None, "none"):
        if arguments.until:
            raise UsageError(tr("--until goes with --mode governance or compliance."))
        retention = None if arguments.mode is None else NO_LOCK
        return LockChange(retention, hold, bypass=arguments.bypass)
    if not arguments.until:
        raise UsageError(tr("--mode needs --until: a date, or a span such as 30d."))
    until = until_from(arguments.until, now)
    if until <= now:
        raise UsageError(tr("A retention cannot end in the past."))
    retention = LockState(LockMode(arguments.mode.upper()), until)
    return LockChange(retention, hold, bypass=arguments.bypass)


async def _is_agreed(
    wanted: LockChange, remote: Remote, arguments: Namespace, console: Console
) -> bool:
    """COMPLIANCE is for ever, as far as anybody can tell: a person types yes."""
    retention = wanted.retention
    if arguments.yes or retention is None or retention.mode is not LockMode.COMPLIANCE:
        return True
    if not console.can_ask:
        raise UsageError(
            tr("COMPLIANCE cannot be undone, and nobody is there to be asked: add --yes.")
        )
    question = tr(
        "Nobody will be able to delete {place} before that: {lock}. Not even the owner of the"
        " account. Type “yes”: "
    )
    return await console.agrees(
        question.format(place=console.name(str(remote)), lock=lock_text(retention))
    )


async def _change_many(
    store: Store, remote: Remote, wanted: LockChange, arguments: Namespace, console: Console
) -> None:
    counts: Counter[str] = Counter()
    is_dry = arguments.dry_run

    def told(outcome: LockOutcome) -> None:
        if outcome.error is not None:
            counts["failed"] += 1
            console.fail(outcome.error, f"{remote.connection.name}:{_named(outcome)}")
        else:
            counts["changed" if outcome.is_changed else "unchanged"] += 1
        _tell(outcome, remote, console, is_dry=is_dry)

    targets = targets_of(store, [remote.folder], with_versions=arguments.all_versions)
    async with aclosing(targets) as pages:
        await change_locks(store, pages, wanted, datetime.now(UTC), told, is_dry=is_dry)
    if not counts:
        raise await emptiness(store, remote, tr("There is nothing to lock in {place}."))
    _tell_sum(counts, console, is_dry=is_dry)


def _tell(outcome: LockOutcome, remote: Remote, console: Console, *, is_dry: bool) -> None:
    if outcome.error is not None:
        if console.as_json:
            failed = {"type": "failed", "error": type(outcome.error).__name__}
            console.record(failed | _key(outcome.location, outcome.version), "")
        return
    record = _record("lock", outcome.location, outcome.version, outcome.after)
    record |= {"changed": outcome.is_changed and not is_dry}
    if is_dry:
        record |= {"would_change": outcome.is_changed}
    line = f"{console.name(f'{remote.connection.name}:{_named(outcome)}')}: "
    if not outcome.is_changed:
        line += tr("stays: {lock}").format(lock=lock_text(outcome.after))
    else:
        sentence = tr("would become: {lock}") if is_dry else tr("now: {lock}")
        line += sentence.format(lock=lock_text(outcome.after))
    console.record(record, line)


def _tell_sum(counts: Counter[str], console: Console, *, is_dry: bool) -> None:
    changed = counts["changed"]
    if is_dry:
        sentence = tr_n("{count} lock would change", "{count} locks would change", changed)
    else:
        sentence = tr_n("{count} lock changed", "{count} locks changed", changed)
    rest = tr("{unchanged} as they were, {failed} failed").format(
        unchanged=counts["unchanged"], failed=counts["failed"]
    )
    record: dict[str, object] = {"event": "done", "changed": 0 if is_dry else changed}
    record |= {"unchanged": counts["unchanged"], "failed": counts["failed"]}
    if is_dry:
        record |= {"would_change": changed}
    console.record(record, f"{sentence.format(count=changed)}, {rest}")


def _show_bucket(remote: Remote, config: Any, console: Console) -> None:
    config = config or {}
    kept = config.get("Rule", {}).get("DefaultRetention", {})
    record = {
        "type": "bucket_lock",
        "bucket": remote.bucket,
        "enabled": _is_enabled(config),
        "mode": kept.get("Mode"),
        "days": kept.get("Days"),
        "years": kept.get("Years"),
    }
    console.record(record, f"{console.name(str(remote).rstrip('/'))}: {_bucket_text(record)}")


def _bucket_text(record: dict[str, Any]) -> str:
    if not record["enabled"]:
        return tr("no Object Lock")
    if not record["mode"]:
        return tr("Object Lock; new versions are not retained by themselves")
    if record["days"]:
        span = tr_n("{count} day", "{count} days", record["days"]).format(count=record["days"])
    else:
        years = record["years"] or 0
        span = tr_n("{count} year", "{count} years", years).format(count=years)
    sentence = tr("Object Lock; new versions are retained for {span} in {mode} mode")
    return sentence.format(span=span, mode=record["mode"])


def _record(
    kind: str, location: Location, version: VersionId | None, lock: LockState
) -> dict[str, object]:
    until = lock.retain_until
    return {
        "type": kind,
        **_key(location, version),
        "mode": lock.mode,
        "retain_until": until and until.isoformat(),
        "legal_hold": lock.legal_hold,
    }


def _key(location: Location, version: VersionId | None) -> dict[str, object]:
    return {"bucket": location.bucket, "key": location.key, "version": version}


def _named(outcome: LockOutcome) -> str:
    where = f"{outcome.location.bucket}/{outcome.location.key}"
    return f"{where} ({outcome.version})" if outcome.version else where
