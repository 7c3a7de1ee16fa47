"""An object on its way to a file."""

from __future__ import annotations

import asyncio
import errno
import os
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    PreconditionFailedError,
    S4DeskError,
    SourceChangedError,
    StoreError,
    TargetExistsError,
)
from s4desk.core.domain.parts import (
    DownloadCheckpoint,
    PartPlan,
    Span,
)
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.failover.errors import OutOfReachError
from s4desk.core.runtime.answers import hearing_answers
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.arrival import Arrival, mended
from s4desk.core.transfer.brief import BRIEF, BriefSink, NotBriefError
from s4desk.core.transfer.composite import composition
from s4desk.core.transfer.conflicts import existing_at, head_if_there
from s4desk.core.transfer.ends import identity_of
from s4desk.core.transfer.files import PartialFile, date_older, fingerprint, partial_token
from s4desk.core.transfer.job import JobContext, Outcome, local, remote
from s4desk.core.transfer.moving import Landed, MovableJob, refuse_locked
from s4desk.core.transfer.origin import Seen, older_source, seen, seen_instead
from s4desk.core.transfer.proof import sum_told
from s4desk.core.transfer.units import Wanted, range_size, runs, span_of, unit_plan, unit_sum
from s4desk.core.transfer.verify import SIZE_ONLY, algorithm_of_proof, expected_sum, is_same
from s4desk.core.wire.body import BytesSink
from s4desk.core.wire.checksums import running_sum

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.composite import Composition

RANGES_IN_FLIGHT = 16
_FULL = (errno.ENOSPC, errno.EDQUOT)
_ONLY_NEW = (ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT)
_NOT_BY_OLDER = (ConflictPolicy.IF_DIFFERENT, ConflictPolicy.RENEW)


class DownloadJob(MovableJob):
    """Collects an object in a hidden file beside the target, and puts that in its place.

    Until then the old target stays as it is; with SKIP what came there meanwhile stays for good.
    Every request carries the ETag that HEAD told, so that the bytes are of one object; if that
    changes meanwhile, all is fetched once more. So it is if it cannot be had any more, and another
    backend of a failover group has another one.
    """

    def __init__(self, transfer: Transfer, context: JobContext) -> None:
        super().__init__(transfer, context)
        self._address = remote(self._spec.source)
        self._source = self._address.location
        self._path = local(self._spec.target)
        token = partial_token(context.journal.token, transfer.id)
        self._partial = PartialFile(self._path, token, context.folders)
        self._may_replace = self._spec.on_conflict not in _ONLY_NEW
        self._is_whole = False
        self._plan: PartPlan | None = None
        self._sums: dict[int, str] = {}
        self._parts: dict[Span, str] = {}

    async def _carry(self) -> Outcome:
        if self._spec.is_folder:
            folders = self._context.folders
            is_new = await in_thread(folders.has_made, self._path, self._spec.root)
            if self._spec.removes_source:
                await self._remove_marker()
            return Outcome(skipped=not is_new)
        store = await self._context.store_of(self._address.connection)
        try:
            with suppress(NotBriefError):
                if await self._may_be_brief():
                    return await self._fetch_at_once(store)
            return await self._fetch_steady(store)
        except S4DeskError as error:
            if self._is_whole or (self._plan is not None and _is_spoilt(error)):
                await self._discard()
            raise
        finally:
            self._partial.close()

    async def _undo(self) -> None:
        if not self._spec.is_folder:
            await self._discard()

    async def _keep(self) -> None:
        if self._is_whole:
            await in_thread(self._partial.remove)
        elif self._plan is None:
            saved = await self._context.journal.load_download(self.transfer.id)
            if saved is not None:
                self._plan = PartPlan(saved.size, saved.part_size)
                self._sums = dict(saved.done)

    def _kept(self) -> int:
        plan = self._plan
        return sum(plan.part(number).span.size for number in self._sums) if plan else 0

    async def _remove_marker(self) -> None:
        """Delete the object that stands for the folder. Raises SourceChangedError if it has bytes,
        LockedError."""
        store = await self._context.store_of(self._address.connection)
        there = await head_if_there(store, self._source)
        if there is None:
            return
        refuse_locked(there, self._context.clock.now())
        if there.size:
            raise SourceChangedError(self._source)
        await store.delete(self._source)

    async def _discard(self) -> None:
        """Remove what was collected, and what is remembered of it."""
        self._is_whole, self._plan, self._sums, self._parts = False, None, {}, {}
        saved = await self._context.journal.load_download(self.transfer.id)
        with suppress(LocalFileError):
            # What cannot be removed is hidden, and no reason to fail for a second time.
            if saved is not None:
                await in_thread(self._partial.take_over, Path(saved.partial))
            await in_thread(self._partial.remove)
        await self._context.journal.forget(self.transfer.id)

    async def _fetch_steady(self, store: Store) -> Outcome:
        """Fetch the object; once more if it is replaced meanwhile, but not twice."""
        saved = self._context.journal.load_download
        if self.transfer.attempts > 1 and await saved(self.transfer.id) is None:
            self._effort.begin_anew()
        source = await seen(store.head(self._source, version=self._spec.version))
        if self._spec.removes_source:
            refuse_locked(source.meta, self._context.clock.now())
        is_replaced = False
        while not await self._is_needless(source):
            if is_replaced and not await self._is_begun(source.meta):
                await self._discard()
            try:
                return await self._fetch(store, source)
            except PreconditionFailedError as error:
                if is_replaced:
                    raise
                source, is_replaced = await self._anew(store, error), True
        if is_replaced or self.transfer.attempts > 1:
            await self._discard()
        return Outcome(skipped=True)

    async def _anew(self, store: Store, error: PreconditionFailedError) -> Seen:
        """What to fetch instead of an object that was replaced, or cannot be had any more. Raises
        `error` where only that will do."""
        if not isinstance(error, OutOfReachError):
            self._effort.begin_anew()
            return await seen(store.head(self._source, version=self._spec.version))
        instead = seen_instead(error)
        if instead is None or self._spec.version is not None:
            raise error
        self._effort.begin_anew()
        if instead.answer is not None:
            self._effort.answered(instead.answer)
        return instead

    async def _is_needless(self, source: Seen) -> bool:
        """Raises TargetExistsError, OlderSourceError for what must not be replaced."""
        meta, policy = source.meta, self._spec.on_conflict
        if policy is ConflictPolicy.OVERWRITE:
            return False
        there = await in_thread(existing_at, self._path)
        if there is not None and policy is ConflictPolicy.SKIP:
            if self._may_have_landed and not there.is_folder:
                await self._is_same(meta)
            return True
        if there is None:
            return False
        if policy is ConflictPolicy.IF_ABSENT:
            # It may be ours, from a life that ended before it could say so.
            if there.is_folder or not await self._is_same(meta):
                raise self._exists()
            return True
        is_same = not there.is_folder and await self._is_same(meta)
        if source.may_be_old and not is_same:
            raise older_source(source, self._spec, self._context.connection_of)
        if is_same and policy is ConflictPolicy.RENEW and not source.may_be_old:
            # Who may not do that has it looked at again the next time.
            with suppress(OSError):
                await in_thread(os.utime, self._path)
        return is_same

    async def _is_same(self, meta: ObjectMeta) -> bool:
        """Whether the object's bytes are in the file; the object may go then."""
        found = await in_thread(fingerprint, self._path)
        if not await is_same(self._path, meta, part_size=self._context.sizes.part):
            return False
        self._landed = Landed(identity_of(meta), found, algorithm_of_proof(meta, meta))
        return True

    async def _fetch(self, store: Store, source: Seen) -> Outcome:
        meta = source.meta
        self._show(done=0, total=meta.size)
        known = None
        if expected_sum(meta) is None:
            known = await composition(store, meta, self._context.sizes.part)
        if meta.size <= self._context.sizes.ranges_above:
            verified = await self._fetch_whole(store, meta, known)
        else:
            verified = await self._fetch_ranges(store, meta, known)
        await self._begin_commit()
        # Nothing was there to be asked about when it was looked at.
        is_refused = source.may_be_old and self._spec.on_conflict in _NOT_BY_OLDER
        may_replace = self._may_replace and not is_refused
        finish = partial(self._partial.finish, meta.size, source.dated, may_replace=may_replace)
        if await in_thread(finish):
            if self._spec.removes_source or self._will_read_back(verified):
                found = await in_thread(fingerprint, self._path)
                self._landed = Landed(identity_of(meta), found, verified)
            return Outcome(verified, checksum=sum_told(meta, verified))
        if is_refused:
            raise older_source(source, self._spec, self._context.connection_of)
        return await self._came_meanwhile()

    async def _came_meanwhile(self) -> Outcome:
        """What to say when something is in the target's place by now. Raises TargetExistsError."""
        await self._discard()
        if self._spec.on_conflict is ConflictPolicy.IF_ABSENT:
            raise self._exists()
        return Outcome(skipped=True)

    def _exists(self) -> TargetExistsError:
        return TargetExistsError(f"{self._path} was not there before", operation="get")

    # In one request

    async def _may_be_brief(self) -> bool:
        """Whether the first reply to ask for is the object itself: nothing has to be known before.

        One reply is of one object, and tells its size and its sum as well as a HEAD.
        """
        spec, largest = self._spec, min(BRIEF, self._context.sizes.ranges_above)
        is_small = 0 < spec.size <= largest
        if not is_small or spec.removes_source or self.transfer.attempts > 1:
            return False
        if spec.on_conflict is ConflictPolicy.OVERWRITE:
            return True
        return await in_thread(existing_at, self._path) is None

    async def _fetch_at_once(self, store: Store) -> Outcome:
        """Raises NotBriefError when a HEAD has to tell more."""
        self._is_whole = True
        commit, root = self._begin_commit_in_thread, self._spec.root
        # Nothing was there, or a person wants it replaced. What came meanwhile may be newer.
        may_replace = self._spec.on_conflict is ConflictPolicy.OVERWRITE
        sink = BriefSink(self._partial, root, commit, may_replace=may_replace)
        try:
            with hearing_answers() as answers:
                reply = await store.get(
                    self._source, sink, version=self._spec.version, moved=self._moved
                )
        except NotBriefError:
            self._is_whole = False
            raise
        self._effort.arrived()
        if sink.size != self._spec.size:
            self._show(total=sink.size)
        if not sink.verified:
            if not self._may_replace:
                return await self._came_meanwhile()
            await self._discard()
            self._end_commit()
            return await self._fetch_steady(store)
        if answers and (dated := Seen(reply.meta, answers[-1]).dated) is not None:
            await in_thread(date_older, self._path, dated)
        if self._will_read_back(sink.verified):
            found = await in_thread(fingerprint, self._path)
            self._landed = Landed(identity_of(reply.meta), found, sink.verified)
        return Outcome(sink.verified, checksum=sum_told(reply.meta, sink.verified))

    async def _fetch_whole(self, store: Store, meta: ObjectMeta, known: Composition | None) -> str:
        self._is_whole = True
        await in_thread(self._partial.open, self._spec.root, meta.size)
        if meta.size == 0:
            return SIZE_ONLY
        expected, plan = expected_sum(meta), PartPlan(meta.size, meta.size)
        if expected is not None:
            algorithm = expected.algorithm
        elif known is not None and any(cut.plan() == plan for cut in known.cuts):
            algorithm = known.algorithm
        else:
            algorithm = unit_sum(meta)
        return await self._collect(store, meta, known, plan, algorithm, meta.size)

    # In ranges

    async def _fetch_ranges(self, store: Store, meta: ObjectMeta, known: Composition | None) -> str:
        self._is_journalled = True
        checkpoint = await self._resumed(store, meta) or await self._begun(meta, known)
        plan = self._plan = PartPlan(checkpoint.size, checkpoint.part_size)
        self._sums = dict(checkpoint.done)
        self._effort.found(self._kept())
        self._show(done=self._kept(), total=meta.size)
        largest = range_size(known, self._context.sizes.range)
        return await self._collect(store, meta, known, plan, checkpoint.algorithm, largest)

    async def _collect(
        self,
        store: Store,
        meta: ObjectMeta,
        known: Composition | None,
        plan: PartPlan,
        algorithm: str,
        largest: int,
    ) -> str:
        """Fetch what is missing, `largest` bytes at once; how all of it is proved."""
        sums = self._sums
        missing = [unit.number for unit in plan if unit.number not in sums]
        wanted = Wanted.of(store, meta, known, plan, algorithm)

        async def fetch(run: range) -> None:
            await self._run(wanted, run)
            self._effort.arrived()

        async def again(number: int) -> bool:
            span, before = plan.part(number).span, sums[number]
            if arrival.is_refutable:
                self._effort.repeated()
            self._show(note="mending")
            self._moved(-span.size)
            for whole in [each for each in self._parts if each.offset < span.end]:
                if span.offset < whole.end:
                    del self._parts[whole]
            await self._run(wanted, range(number, number + 1))
            return sums[number] != before

        await run_bounded(map(fetch, runs(plan, missing, largest)), RANGES_IN_FLIGHT)
        self._show(note="verifying")
        exactly, path = partial(composition, store, meta, exactly=True), self._partial.path
        arrival = Arrival(path, meta, known, plan, algorithm, sums, self._parts, exactly)
        return await mended(arrival, again)

    async def _run(self, wanted: Wanted, run: range) -> None:
        """Fetch units that are neighbours; each is kept as soon as it is there."""
        meta, plan, span = wanted.meta, wanted.plan, wanted.span(run)
        sums, loop = self._sums, asyncio.get_running_loop()
        came: set[int] = set()

        def arrived(number: int, checksum: str) -> None:
            came.add(number)
            sums[number] = checksum
            loop.call_soon_threadsafe(self._keep_unit, plan, number, checksum)

        async with nullcontext() if span is None else self._context.parts.entered():
            reply = await wanted.store.get(
                self._source,
                wanted.sink(self._partial.sink, run, arrived),
                span=span,
                if_match=meta.etag,
                version=meta.version,
                algorithm=wanted.sum_of(run),
                moved=self._moved,
            )
        if reply.meta.etag and meta.etag and reply.meta.etag != meta.etag:
            # Some stores ignore If-Match.
            raise PreconditionFailedError("ETag differs", operation="get", location=self._source)
        if reply.received is not None and plan.count == 1:
            arrived(1, reply.received.value)
        elif reply.received is not None:
            self._parts[span_of(plan, run)] = reply.received.value
        if came != set(run):
            raise IntegrityError("no sum of the received bytes", location=self._source)

    def _keep_unit(self, plan: PartPlan, number: int, checksum: str) -> None:
        """Unless it was for what has been given up meanwhile."""
        if self._plan is plan:
            self._context.journal.range_done(self.transfer.id, number, checksum)

    async def _begun(self, meta: ObjectMeta, known: Composition | None) -> DownloadCheckpoint:
        plan = unit_plan(meta.size, range_size(known, self._context.sizes.range))
        await in_thread(self._partial.open, self._spec.root, meta.size)
        checkpoint = DownloadCheckpoint(
            etag=meta.etag,
            version=meta.version or "",
            size=meta.size,
            part_size=plan.part_size,
            partial=str(self._partial.path),
            algorithm=unit_sum(meta),
        )
        await self._context.journal.save_download(self.transfer.id, checkpoint)
        return checkpoint

    async def _is_begun(self, meta: ObjectMeta) -> bool:
        """Whether an earlier attempt has left something of this very object."""
        saved = await self._context.journal.load_download(self.transfer.id)
        return saved is not None and _is_of(saved, meta)

    async def _resumed(self, store: Store, meta: ObjectMeta) -> DownloadCheckpoint | None:
        """What an earlier attempt left, if it is of this very object and still on the disk.

        Its ranges are read back: after a crash of the machine what was journalled need not be
        what was written.
        """
        saved = await self._context.journal.load_download(self.transfer.id)
        if saved is None:
            return None
        if not _is_of(saved, meta):
            # If this one is out of reach, as it was then, what was begun goes on.
            span = Span(0, 1)
            await store.get(
                self._source,
                BytesSink(),
                span=span,
                if_match=meta.etag,
                version=meta.version,
                moved=self._effort.moved,
            )
            await self._discard()
            self._effort.begin_anew()
            return None
        # A transfer that was inherited from another journal had another name for it.
        await in_thread(self._partial.take_over, Path(saved.partial))
        plan = PartPlan(saved.size, saved.part_size)
        done = {}
        for number, checksum in saved.done.items():
            span, total = plan.part(number).span, running_sum(saved.algorithm)
            if await in_thread(self._partial.holds, span, total, checksum):
                done[number] = checksum
        await in_thread(lambda: self._partial.open(self._spec.root, meta.size, keep=True))
        return DownloadCheckpoint(
            saved.etag,
            saved.version,
            saved.size,
            saved.part_size,
            saved.partial,
            saved.algorithm,
            done,
        )


def _is_of(saved: DownloadCheckpoint, meta: ObjectMeta) -> bool:
    return (saved.etag, saved.version, saved.size) == (meta.etag, meta.version or "", meta.size)


def _is_spoilt(error: S4DeskError) -> bool:
    """Whether the ranges collected so far are of no use. Where no space is left they are: somebody
    makes room, and goes on."""
    if isinstance(error, LocalFileError) and error.cause.errno in _FULL:
        return False
    if not isinstance(error, StoreError):
        return True
    # What is merely out of reach may come back as it was.
    is_other = isinstance(error, PreconditionFailedError)
    is_other = is_other and not isinstance(error, OutOfReachError)
    return is_other or isinstance(error, IntegrityError)
