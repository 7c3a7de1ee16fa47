"""`s4desk rm --version-id`: one version or delete marker, for good."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.domain.lock import NO_LOCK, Protection
from s4desk.core.domain.past_change import ChangeKind, PastChange
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.selection import versions_of
from s4desk.viewmodels.lock_text import protection_text

if TYPE_CHECKING:
    from argparse import Namespace

    from s4desk.app.cli.console import Console
    from s4desk.app.cli.places import Remote
    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.store.protocol import Store


async def remove_version(
    store: Store, remote: Remote, arguments: Namespace, console: Console
) -> PastChange:
    """Refused with the reason where its lock forbids it; returns what became of it. Raises
    NotFoundError, StoreError."""
    kind, id_ = ChangeKind.VERSIONS_DELETED, remote.connection.id
    refused = PastChange(kind, id_, remote.bucket, remote.key, 0, failed=1)
    version = await _found(store, remote, arguments.version_id)
    lock, now = await _lock(store, version), datetime.now(UTC)
    is_bypassing = arguments.bypass_governance and lock.protection(now) is Protection.GOVERNANCE
    protection = lock.protection(now, bypass=is_bypassing)
    if protection is not None:
        reason = protection_text(lock, now)
        if protection is Protection.GOVERNANCE:
            reason = f"{reason} {_permission_text()}"
        console.fail(reason, str(remote))
        return refused
    try:
        await store.delete(remote.location, version=version.version, bypass=is_bypassing)
    except PermissionDeniedError as error:
        if not is_bypassing:
            raise
        console.fail(f"{console.sentence(error)} {_permission_text()}", str(remote))
        return refused
    record = {
        "type": "deleted",
        "bucket": remote.bucket,
        "key": remote.key,
        "version": version.version,
        "is_delete_marker": version.is_delete_marker,
        "bypassed": is_bypassing,
        "count": 1,
    }
    sentence = (
        tr("deleted {place}, delete marker {version}: what is below is seen again")
        if version.is_delete_marker
        else tr("deleted {place}, version {version}, for good")
    )
    place = console.name(str(remote))
    console.record(record, sentence.format(place=place, version=version.version))
    return PastChange(kind, id_, remote.bucket, remote.key, 1)


async def _found(store: Store, remote: Remote, id_: str) -> ObjectVersion:
    """S3 says of a version that never was that it is deleted."""
    async for page in versions_of(store, remote.location):
        for each in page:
            if each.version == id_:
                return each
    raise NotFoundError(tr("no such version"), location=remote.location, code="NoSuchVersion")


async def _lock(store: Store, version: ObjectVersion) -> LockState:
    """As far as one may know: the store has the last word."""
    if not version.is_delete_marker:
        with contextlib.suppress(PermissionDeniedError):
            return (await store.head(version.location, version=version.version)).attributes.lock
    return NO_LOCK


def _permission_text() -> str:
    return tr("It takes --bypass-governance, and the permission s3:BypassGovernanceRetention.")
