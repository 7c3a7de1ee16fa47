"""Deleting many objects: in batches, several in flight, and stopped within one."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    StoreError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import DeleteFailure, Doomed, ObjectMeta
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store.protocol import MAX_KEYS
from s4desk.core.transfer.selection import collapsed, pages_of, versions_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Sequence
    from datetime import datetime

    from s4desk.core.domain.objects import ObjectVersion, Page
    from s4desk.core.store.protocol import ObjectStore, Store
    from s4desk.core.transfer.selection import Selected

IN_FLIGHT = 3
LOOKS_IN_FLIGHT = 16
SECOND = timedelta(seconds=1)
"""A Date knows no smaller time: what was there is older than the end of it."""
THERE = "the store did not refuse, but it is still there"
_Batch = tuple[str, list[Doomed]]


@dataclass(frozen=True, slots=True)
class DeleteReport:
    """What a deletion did. `error` is why it ended early, if it was not stopped.

    `spared` is how many objects were left because they came since it was confirmed.
    `is_of_versions`: what was deleted are single versions and delete markers.
    """

    deleted: int
    failures: Sequence[DeleteFailure] = ()
    is_stopped: bool = False
    error: StoreError | None = None
    spared: int = 0
    is_of_versions: bool = False


class Deletion:
    """Deletes what is selected, everything below selected prefixes, and on demand all versions.

    Without versions a versioned bucket keeps everything under delete markers. `report` may be
    looked at while it runs. A key that cannot be deleted does not stop the rest; a store that
    cannot be reached does.

    With `before`, a time of the store's clock, only what was last written earlier is deleted: the
    rest, and what has no date, is spared. Single objects are then looked at one by one. What is in
    parts and of the `arriving` ones is spared whatever its date.
    """

    def __init__(
        self,
        store: ObjectStore,
        selection: Sequence[Selected],
        *,
        versions: bool = False,
        before: datetime | None = None,
        arriving: Collection[Location] = (),
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._store = store
        self._selection = collapsed(selection)
        self._versions = versions
        self._before = before
        self._arriving = arriving
        self._in_flight = in_flight
        self._singles: defaultdict[str, list[Doomed]] = defaultdict(list)
        self._failed: defaultdict[str, list[Doomed]] = defaultdict(list)
        self._deleted = 0
        self._spared = 0
        self._failures: list[DeleteFailure] = []
        self._begun: dict[Prefix, datetime] = {}
        self._is_stopped = self._is_cut_short = False
        self._is_of_versions = self._bypass = False
        self._error: StoreError | None = None
        self._batch_done = asyncio.Event()

    @classmethod
    def of_versions(
        cls, store: ObjectStore, versions: Iterable[ObjectVersion], *, bypass: bool = False
    ) -> Deletion:
        """Deletes these versions and delete markers, for good; with `bypass` also those that are
        locked in GOVERNANCE mode."""
        made = cls(store, [])
        made._is_of_versions = True
        made._bypass = bypass
        for each in versions:
            made._singles[each.location.bucket].append(Doomed(each.location.key, each.version))
        return made

    @property
    def report(self) -> DeleteReport:
        """What is done so far."""
        return DeleteReport(
            self._deleted,
            tuple(self._failures),
            self._is_stopped,
            self._error,
            self._spared,
            self._is_of_versions,
        )

    def again(self) -> Deletion:
        """A deletion of what this one could not delete; of the same selection if it ended early."""
        is_cut_short = self._is_stopped or self._error is not None
        selection = self._selection if is_cut_short else []
        other = Deletion(
            self._store,
            selection,
            versions=self._versions,
            before=self._before,
            arriving=self._arriving,
            in_flight=self._in_flight,
        )
        other._is_of_versions = self._is_of_versions
        other._bypass = self._bypass
        if not is_cut_short:
            other._singles.update(self._failed)
        elif not selection:
            other._singles.update(self._singles)
        return other

    async def batch_done(self) -> None:
        """Wait until a batch, or more, has come back since the last call."""
        await self._batch_done.wait()
        self._batch_done.clear()

    def stop(self) -> None:
        """Send no further batch; those under way are finished. When they were the last, the
        report knows of no stop."""
        self._is_stopped = True

    async def run(self) -> DeleteReport:
        """Delete until all is done, or stopped, or an error makes the rest pointless."""
        turn = asyncio.Lock()
        async with aclosing(self._batches()) as batches:

            async def work() -> None:
                while True:
                    async with turn:
                        batch = None if self._is_over else await self._next(batches)
                    if batch is None:
                        return
                    await self._delete(*batch)
                    self._batch_done.set()

            await run_bounded((work() for _ in range(self._in_flight)), self._in_flight)
            if self._is_stopped and self._error is None and not self._is_cut_short:
                # A stop that came after all was sent has stopped nothing.
                self._is_stopped = await self._next(batches) is not None
        if not self._is_over:
            await self._look_back()
        return self.report

    @property
    def _is_over(self) -> bool:
        return self._is_stopped or self._error is not None

    async def _next(self, batches: AsyncIterator[_Batch]) -> _Batch | None:
        try:
            return await anext(batches, None)
        except StoreError as error:
            self._error = error
            return None

    async def _delete(self, bucket: str, doomed: list[Doomed]) -> None:
        try:
            failures = await self._store.delete_many(bucket, doomed, bypass=self._bypass)
        except NotSupportedError:
            await self._delete_singly(bucket, doomed)
        except StoreError as error:
            self._error = self._placed(error, bucket)
        else:
            self._note(bucket, failures)
            self._deleted += len(doomed) - len(failures)

    def _placed(self, error: StoreError, bucket: str) -> StoreError:
        """The error of a batch, about what was asked for: a batch itself has no name."""
        asked = [
            each.location if isinstance(each, ObjectMeta) else each for each in self._selection
        ]
        places = [each for each in asked if each.bucket == bucket]
        if len(places) == 1 and (error.location is None or not error.location.key):
            place = places[0]
            error.location = Location(bucket, place.prefix) if isinstance(place, Prefix) else place
        return error

    def _note(self, bucket: str, failures: Sequence[DeleteFailure]) -> None:
        self._failures += failures
        if failures:
            self._failed[bucket] += [each.doomed for each in failures]

    async def _delete_singly(self, bucket: str, doomed: list[Doomed]) -> None:
        """For stores without DeleteObjects."""
        for each in doomed:
            if self._is_over:
                self._is_cut_short = True
                return
            try:
                location = Location(bucket, each.key)
                await self._store.delete(location, version=each.version, bypass=self._bypass)
            except StoreError as error:
                if error.retryable:
                    self._error = error
                    return
                self._note(bucket, [DeleteFailure(each, error.code, error.detail)])
            else:
                self._deleted += 1

    async def _batches(self) -> AsyncGenerator[_Batch, None]:
        for each in self._selection:
            place = each.location if isinstance(each, ObjectMeta) else each
            if isinstance(place, Prefix) or self._versions:
                async with aclosing(self._found(place)) as found:
                    async for batch in found:
                        yield place.bucket, batch
            else:
                self._singles[place.bucket].append(Doomed(place.key))
        for bucket, doomed in self._singles.items():
            for start in range(0, len(doomed), MAX_KEYS):
                batch = doomed[start : start + MAX_KEYS]
                if self._before is not None:
                    batch = await self._still_meant(bucket, batch)
                if batch:
                    yield bucket, batch

    async def _found(self, place: Location | Prefix) -> AsyncGenerator[list[Doomed], None]:
        if self._versions:
            async for doomed in self._found_versions(place):
                yield doomed
        elif isinstance(place, Prefix):
            async with aclosing(pages_of(self._store, place)) as pages:
                async for page in pages:
                    if page.keys and page.told_at is not None:
                        self._begun.setdefault(place, self._before or page.told_at + SECOND)
                    if meant := self._meant(page):
                        yield meant

    async def _found_versions(self, place: Location | Prefix) -> AsyncIterator[list[Doomed]]:
        """A page is only handed out when the next one is there: the next begins behind its last
        version, and not every store finds its way from a version that is gone."""
        last: list[Doomed] = []
        async for versions in versions_of(self._store, place):
            if last:
                yield last
            last = [
                Doomed(each.location.key, each.version)
                for each in versions
                if self._is_meant(each.location, each.etag, _seconds(each.modified))
            ]
        if last:
            yield last

    # What is there all the same

    async def _look_back(self) -> None:
        """List again what was listed: a garbled listing, or a store that says yes and does nothing,
        shows only there. It costs a request where all is gone."""
        try:
            for prefix, moment in self._begun.items():
                await self._name_what_is_left(prefix, moment.timestamp())
        except StoreError as error:
            self._error = error

    async def _name_what_is_left(self, prefix: Prefix, moment: float) -> None:
        known = {each.key for each in self._failed[prefix.bucket]}
        known |= {each.key for each in self._arriving if each.bucket == prefix.bucket}
        async with aclosing(pages_of(self._store, prefix)) as pages:
            async for page in pages:
                times = zip(page.keys, page.modified, strict=True)
                left = [key for key, when in times if when < moment and key not in known]
                self._deleted -= len(left)
                self._note(prefix.bucket, [DeleteFailure(Doomed(key), "", THERE) for key in left])

    # Sparing

    def _meant(self, page: Page) -> list[Doomed]:
        if self._before is None:
            return [Doomed(key) for key in page.keys]
        bucket, rows = page.prefix.bucket, zip(page.keys, page.etags, page.modified, strict=True)
        return [
            Doomed(key)
            for key, etag, modified in rows
            if self._is_meant(Location(bucket, key), etag, modified)
        ]

    def _is_meant(self, location: Location, etag: str, modified: float) -> bool:
        """Whether something of this date was there when it was confirmed; nan is no date."""
        if self._before is None:
            return True
        has_arrived = "-" in etag and location in self._arriving
        if modified < self._before.timestamp() and not has_arrived:
            return True
        self._spared += 1
        return False

    async def _still_meant(self, bucket: str, doomed: Sequence[Doomed]) -> list[Doomed]:
        """Those that are there and were written before. Raises StoreError."""
        meant: dict[Doomed, bool] = {}

        async def look(each: Doomed) -> None:
            try:
                meta = await self._store.head(Location(bucket, each.key), version=each.version)
            except NotFoundError:
                meant[each] = False
            except PermissionDeniedError as error:
                self._note(bucket, [DeleteFailure(each, error.code, error.detail)])
                meant[each] = False
            else:
                meant[each] = self._is_meant(meta.location, meta.etag, _seconds(meta.modified))

        await run_bounded(map(look, doomed), LOOKS_IN_FLIGHT)
        return [each for each in doomed if meant[each]]


async def delete_emptied(store: Store, bucket: str) -> None:
    """Delete a bucket whose objects are gone, with the unfinished uploads in it: some stores keep
    a bucket for them. Raises StoreError."""
    try:
        uploads = await store.list_uploads(Prefix(bucket))
    except NotSupportedError:
        uploads = []
    for upload in uploads:
        await store.abort_multipart(upload.location, upload.upload)
    await store.delete_bucket(bucket)


def _seconds(modified: datetime | None) -> float:
    return math.nan if modified is None else modified.timestamp()
