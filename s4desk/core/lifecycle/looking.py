"""The look right before something is done: is it still what was evaluated, and may it be touched?

Between plan and act lie minutes, or a night at a prompt. What was replaced since, whatever is
locked, whose tags are others by now, or what became current again: all that stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil, floor
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import (
    ClockSkewError,
    MalformedReplyError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
)
from s4desk.core.domain.identity import Location, Prefix, UploadId, VersionId
from s4desk.core.domain.lifecycle.candidates import HELD_REPLICATION, Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.objects import ObjectMeta, Upload
from s4desk.core.lifecycle.bucket_facts import ask_versioning, worst_of
from s4desk.core.lifecycle.deciding import Deciding, current_of
from s4desk.core.lifecycle.report import Outcome
from s4desk.core.store.configuration import read_config
from s4desk.core.store.protocol import MAX_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.lifecycle.candidates import Candidate
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.core.lifecycle.awaited import Awaited, Awaiting
    from s4desk.core.lifecycle.findings import Finding
    from s4desk.core.lifecycle.plan import Plan
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store

AT_ONCE: Final = 8
"""A connection has some more slots: the rest is for whoever clicks meanwhile."""
FEW: Final = 100
MOST_SKEW: Final = timedelta(minutes=5)
"""So far a clock may be from the store's: by a clock that is days ahead, all is days older."""
NULL: Final = "null"
_REPLICATION: Final = "x-amz-replication-status"
_TAG_COUNT: Final = "x-amz-tagging-count"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look has shown. `outcome` says why it is left alone, None when it may be touched."""

    outcome: Outcome | None = None
    meta: ObjectMeta | None = None


@dataclass(slots=True)
class Looks:
    """Looks at what one plan is about. All of them raise StoreError."""

    store: Store
    plan: Plan
    clock: Clock
    awaited: Awaited | None = None
    _deciding: Deciding = field(init=False)

    def __post_init__(self) -> None:
        self._deciding = Deciding(self.plan)

    async def awaiting(self, found: Sequence[Finding]) -> Awaiting:
        """Of which of these keys replicas are awaited. Raises S4DeskError."""
        if self.awaited is None:
            return {}
        return await self.awaited.of(sorted({each.key for each in found}))

    async def has_lock(self) -> bool:
        """Whether something in the bucket may be locked. Who may not ask has to assume so."""
        try:
            lock = await read_config(self.store, self.plan.bucket, ConfigKind.OBJECT_LOCK)
        except NotSupportedError:
            return False
        except PermissionDeniedError:
            return True
        return lock.get("ObjectLockEnabled") == "Enabled"

    async def is_kept_otherwise(self) -> bool:
        """Whether versions are not kept as they were when it was planned: what was to be hidden may
        be lost then. Raises ClockSkewError where the store tells another time than our clock."""
        told = await ask_versioning(self.store, self.plan.bucket)
        self._refuse_skew(told.at)
        return worst_of(told.kept) is not self.plan.versioning

    def _refuse_skew(self, there: datetime | None) -> None:
        ahead = timedelta() if there is None else there - self.clock.now()
        if abs(ahead) > MOST_SKEW:
            raise ClockSkewError(
                "our clock is another than the store's",
                seconds=ahead.total_seconds(),
                operation="lifecycle",
                location=Location(self.plan.bucket, ""),
            )

    # Current objects

    async def current(self, found: Finding, *, has_lock: bool) -> Seen:
        """At what its key holds now."""
        location = Location(self.plan.bucket, found.key)
        try:
            meta = await self.store.head(location)
        except NotFoundError:
            return Seen(Outcome.GONE)
        self._refuse_skew(_sent(meta))
        outcome = await self._why_it_stays(found, meta, has_lock=has_lock)
        return Seen(outcome or await self._why_more_would_be_lost(found, meta), meta)

    async def _why_it_stays(
        self, found: Finding, meta: ObjectMeta, *, has_lock: bool
    ) -> Outcome | None:
        if self.plan.versioning is Versioning.OFF and meta.version not in (None, "", NULL):
            # Whoever said that there are none was wrong.
            return Outcome.VERSIONING
        if not (_is_same(found, meta) and await self._is_as_old(found, meta)):
            return Outcome.CHANGED
        if meta.headers.get(_REPLICATION, "") in HELD_REPLICATION:
            return Outcome.REPLICATION_PENDING
        if await self._is_locked(meta, has_lock=has_lock):
            return Outcome.LOCKED
        is_so = await self._is_decided_so(found, current_of(found), meta)
        return None if is_so else Outcome.CHANGED

    async def _why_more_would_be_lost(self, found: Finding, meta: ObjectMeta) -> Outcome | None:
        """In a suspended bucket the marker of an expiration takes the place of the null version,
        which the plan names, and so does the copy to another class, for which no plan has it. None
        where nothing else is lost."""
        is_suspended = self.plan.versioning is Versioning.SUSPENDED
        # Who could not list versions has it from the look alone.
        if not is_suspended or (found.version or meta.version) in (None, "", NULL):
            return None
        try:
            rows = await self.rows_of(found.key)
        except (PermissionDeniedError, NotSupportedError):
            return Outcome.HIDDEN
        lost = next((row for row in rows if row.version == NULL), None)
        if lost is None or lost.is_delete_marker:
            return None
        if found.decision.step.action is not Action.EXPIRE:
            return Outcome.REPLACES
        planned = self.plan.consequences.get(found.key)
        if planned is None or lost.modified is None:
            return Outcome.CHANGED
        is_same = (planned.etag, planned.created) == (lost.etag, lost.modified.timestamp())
        return None if is_same else Outcome.CHANGED

    async def _is_as_old(self, found: Finding, meta: ObjectMeta) -> bool:
        """Whether it was written when it was listed, and not since: the same bytes again are young.

        A HEAD tells seconds. Those of some stores are rounded up: what could be a second younger
        is listed again.
        """
        if found.created != found.created:
            return True
        if meta.modified is None:
            return False
        told = meta.modified.timestamp()
        if floor(told) == floor(found.created):
            return True
        if told != ceil(found.created):
            return False
        page = await self.store.list_objects(
            Prefix(self.plan.bucket, found.key), delimiter="", limit=1
        )
        return list(page.keys) == [found.key] and page.modified[0] == found.created

    async def _is_locked(self, meta: ObjectMeta, *, has_lock: bool) -> bool:
        """A HEAD leaves out what one may not see, so it is asked for by name where there may be
        some. Raises PermissionDeniedError."""
        now = self.clock.now()
        if meta.attributes.lock.is_locked(now):
            return True
        if not has_lock:
            return False
        try:
            lock = await self.store.get_lock(meta.location, version=meta.version)
        except NotSupportedError:
            return False  # there are no locks at all
        return lock.is_locked(now)

    async def _is_decided_so(
        self, found: Finding, candidate: Candidate, there: ObjectMeta | ObjectVersion
    ) -> bool:
        """Whether the rules still say so, with the tags of now."""
        if not self._deciding.is_by_tags(found):
            return True
        try:
            tags = await self.store.get_tags(there.location, version=there.version)
        except NotSupportedError:
            if self.plan.has_tags or _counts_tags(await self._looked_at(there)):
                raise
            tags = {}
        return self._deciding.is_same(found, candidate, tags)

    async def _looked_at(self, there: ObjectMeta | ObjectVersion) -> ObjectMeta:
        """A listing does not tell how many tags a version has."""
        if isinstance(there, ObjectMeta):
            return there
        return await self.store.head(there.location, version=there.version)

    async def is_there(self, found: Finding) -> bool:
        """Whether the key still holds anything."""
        try:
            await self.store.head(Location(self.plan.bucket, found.key))
        except NotFoundError:
            return False
        return True

    # Versions and markers

    async def rows_of(self, key: str, count: int = 1) -> Sequence[ObjectVersion]:
        """All versions and markers of a key, the newest first; `count` is how many are expected."""
        rows: list[ObjectVersion] = []
        marker = None
        limit = min(MAX_KEYS, max(FEW, 2 * count))
        while True:
            page = await self.store.list_versions(
                Prefix(self.plan.bucket, key), delimiter="", marker=marker, limit=limit
            )
            for each in page.versions:
                if each.location.key != key:
                    return rows
                rows.append(each)
            if page.next_marker is None:
                return rows
            if page.next_marker == marker or not page.versions:
                raise MalformedReplyError("the list of versions does not go on")
            marker = page.next_marker

    async def noncurrent(
        self, found: Finding, rows: Sequence[ObjectVersion], *, has_lock: bool
    ) -> Seen:
        """At a version that is to be deleted for good. Of `rows` are those of its key now."""
        place = _place_of(found, rows)
        if place is None:
            return Seen(Outcome.GONE)
        row = rows[place]
        if row.is_latest or row.etag != found.etag or not self._is_due(found, rows):
            # Whoever removed what was on top of it wants it back.
            return Seen(Outcome.CHANGED)
        if row.is_delete_marker:
            return Seen()
        meta = None
        if has_lock:
            meta = await self.store.head(row.location, version=row.version)
            if await self._is_locked(meta, has_lock=True):
                return Seen(Outcome.LOCKED, meta)
        candidate = replace(
            current_of(found),
            is_current=False,
            noncurrent_since=rows[place - 1].modified,
            newer_noncurrent=_newer(rows, place),
        )
        if not await self._is_decided_so(found, candidate, row):
            return Seen(Outcome.CHANGED, meta)
        return Seen(None, meta)

    def _is_due(self, found: Finding, rows: Sequence[ObjectVersion]) -> bool:
        """Whether so many are still newer, and have been for so long."""
        place, step = _place_of(found, rows), found.decision.step
        if place is None:
            return False
        if _newer(rows, place) < step.newer:
            return False
        since = rows[place - 1].modified
        if since is None or step.when.days is None:
            return True
        return since + timedelta(days=step.when.days) <= self.plan.made

    def marker(self, found: Finding, rows: Sequence[ObjectVersion]) -> Seen:
        """At a marker that nothing is behind."""
        place = _place_of(found, rows)
        if place is None:
            return Seen(Outcome.GONE)
        is_alone = len(rows) == 1 and rows[place].is_latest and rows[place].is_delete_marker
        return Seen(None if is_alone else Outcome.CHANGED)

    async def is_locked_now(self, found: Finding) -> bool:
        """Of a version that the store refused to delete."""
        try:
            version = VersionId(found.version)
            lock = await self.store.get_lock(Location(self.plan.bucket, found.key), version=version)
        except (NotFoundError, PermissionDeniedError, NotSupportedError):
            return False
        return lock.is_locked(self.clock.now())


def upload_of(bucket: str, found: Finding) -> Upload:
    """The unfinished upload that a finding is about."""
    begun = found.created
    initiated = None if begun != begun else datetime.fromtimestamp(begun, UTC)
    return Upload(Location(bucket, found.key), UploadId(found.version), initiated)


def _place_of(found: Finding, rows: Sequence[ObjectVersion]) -> int | None:
    version = found.version or NULL
    return next((at for at, row in enumerate(rows) if row.version == version), None)


def _sent(meta: ObjectMeta) -> datetime | None:
    """When the store told it, by its own clock."""
    try:
        found = parsedate_to_datetime(meta.headers.get("date", ""))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _counts_tags(there: ObjectMeta) -> bool:
    """Whether a look gives the lie to a store that says it has none."""
    return there.headers.get(_TAG_COUNT, "0") != "0"


def _newer(rows: Sequence[ObjectVersion], place: int) -> int:
    """Delete markers are not among the versions that a rule keeps."""
    return sum(not row.is_delete_marker for row in rows[1:place])


def _is_same(found: Finding, meta: ObjectMeta) -> bool:
    """Whether it has the same bytes, and is the same version where that is told."""
    if (meta.etag, meta.size) != (found.etag, found.size):
        return False
    return found.version in ("", NULL) or meta.version in (None, found.version)
