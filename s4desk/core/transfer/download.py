"""An object on its way to a file."""

from __future__ import annotations

from contextlib import suppress
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
    MIB,
    DownloadCheckpoint,
    Part,
    PartPlan,
    plan_parts,
)
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.conflicts import existing_at, head_if_there
from s4desk.core.transfer.ends import identity_of
from s4desk.core.transfer.files import PartialFile, SteadySource, fingerprint, make_folder
from s4desk.core.transfer.job import JobContext, Outcome, local, remote
from s4desk.core.transfer.moving import Landed, MovableJob, refuse_locked
from s4desk.core.transfer.verify import (
    SIZE_ONLY,
    etag_of_sums,
    expected_sum,
    is_cut_as_told,
    is_same,
    joined,
    part_guesses,
    parts_told,
    sum_of,
)
from s4desk.core.wire.checksums import CRC64NVME, MD5, can_combine, running_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.objects import Checksum, ObjectMeta
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import GetReply, Store

RANGES_IN_FLIGHT = 16
JOURNALLED_SUM = CRC64NVME
"""The cheapest that there is: it costs a fiftieth of a CRC32."""


MOST_DOUBTS = 3
LARGEST_RANGE = 64 * MIB


class _DoubtError(Exception):
    """Nothing proves what arrived, or that it is wrong."""


class DownloadJob(MovableJob):
    """Collects an object in a hidden file beside the target, and puts that in its place.

    Until then the old target stays as it is; with SKIP what came there meanwhile stays for good.
    Every request carries the ETag that HEAD told, so that the bytes are of one object; if that
    changes meanwhile, all is fetched once more.
    """

    def __init__(self, transfer: Transfer, context: JobContext) -> None:
        super().__init__(transfer, context)
        self._address = remote(self._spec.source)
        self._source = self._address.location
        self._path = local(self._spec.target)
        self._partial = PartialFile(self._path, f"{context.journal.token}-{transfer.id:x}")
        self._is_whole = False
        self._plan: PartPlan | None = None
        self._sums: dict[int, str] = {}
        self._doubted: list[tuple[str, ...]] = []

    async def _carry(self) -> Outcome:
        if self._spec.is_folder:
            await in_thread(make_folder, self._path, self._spec.root)
            if self._spec.removes_source:
                await self._remove_marker()
            return Outcome()
        store = await self._context.store_of(self._address.connection)
        try:
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
        self._is_whole, self._plan, self._sums = False, None, {}
        with suppress(LocalFileError):
            # What cannot be removed is hidden, and no reason to fail for a second time.
            await in_thread(self._partial.remove)
        await self._context.journal.forget(self.transfer.id)

    async def _fetch_steady(self, store: Store) -> Outcome:
        """Fetch the object; once more if it is replaced meanwhile, but not twice, and once more
        if nothing proves what arrived."""
        meta = await store.head(self._source)
        if self._spec.removes_source:
            refuse_locked(meta, self._context.clock.now())
        if await self._is_needless(meta):
            if self.transfer.attempts > 1:
                await self._discard()
            return Outcome(skipped=True)
        is_replaced = False
        while True:
            try:
                return await self._fetch(store, meta)
            except PreconditionFailedError:
                if is_replaced:
                    raise
                is_replaced = True
                self._doubted.clear()
            except _DoubtError:
                # The same bytes twice are the object's.
                pass
            await self._discard()
            meta = await store.head(self._source)

    async def _is_needless(self, meta: ObjectMeta) -> bool:
        policy = self._spec.on_conflict
        if policy is ConflictPolicy.OVERWRITE:
            return False
        there = await in_thread(existing_at, self._path)
        if there is None or policy is ConflictPolicy.SKIP:
            return there is not None
        if policy is ConflictPolicy.IF_ABSENT:
            # It may be ours, from a life that ended before it could say so.
            if there.is_folder or not await self._is_same(meta):
                raise self._exists()
            return True
        return not there.is_folder and await self._is_same(meta)

    async def _is_same(self, meta: ObjectMeta) -> bool:
        """Whether the object's bytes are in the file; the object may go then."""
        found = await in_thread(fingerprint, self._path)
        if not await is_same(self._path, meta, part_size=self._context.sizes.part):
            return False
        known = expected_sum(meta)
        self._landed = Landed(identity_of(meta), found, known.algorithm if known else MD5)
        return True

    async def _fetch(self, store: Store, meta: ObjectMeta) -> Outcome:
        self._show(done=0, total=meta.size)
        expected = expected_sum(meta)
        if meta.size <= self._context.sizes.ranges_above:
            verified = await self._fetch_whole(store, meta, expected)
        else:
            verified = await self._fetch_ranges(store, meta, expected)
        await self._begin_commit()
        policy = self._spec.on_conflict
        may_replace = policy not in (ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT)
        if await in_thread(lambda: self._partial.finish(meta.size, may_replace=may_replace)):
            found = await in_thread(fingerprint, self._path)
            self._landed = Landed(identity_of(meta), found, verified)
            return Outcome(verified)
        await self._discard()
        if policy is ConflictPolicy.IF_ABSENT:
            raise self._exists()
        return Outcome(skipped=True)

    def _exists(self) -> TargetExistsError:
        return TargetExistsError(f"{self._path} was not there before", operation="get")

    # In one request

    async def _fetch_whole(self, store: Store, meta: ObjectMeta, expected: Checksum | None) -> str:
        self._is_whole = True
        await in_thread(self._partial.open, self._spec.root, meta.size)
        if meta.size == 0:
            return SIZE_ONLY
        reply = await store.get(
            self._source,
            self._partial.sink,
            if_match=meta.etag,
            version=meta.version,
            algorithm=expected.algorithm if expected else JOURNALLED_SUM,
            moved=self._moved,
        )
        self._check_same(reply, meta)
        self._effort.arrived()
        if reply.received is None:
            return SIZE_ONLY
        if expected is None:
            return await self._proved_by_parts(meta, [reply.received.value])
        return self._compared(reply.received.value, expected)

    # In ranges

    async def _fetch_ranges(self, store: Store, meta: ObjectMeta, expected: Checksum | None) -> str:
        self._is_journalled = True
        checkpoint = await self._resumed(meta) or await self._begun(meta, expected)
        plan = self._plan = PartPlan(checkpoint.size, checkpoint.part_size)
        self._sums = dict(checkpoint.done)
        self._effort.found(self._kept())
        self._show(done=self._kept(), total=meta.size)

        async def fetch(part: Part) -> None:
            async with self._context.parts.entered():
                reply = await store.get(
                    self._source,
                    self._partial.sink,
                    span=part.span,
                    if_match=meta.etag,
                    version=meta.version,
                    algorithm=checkpoint.algorithm,
                    moved=self._moved,
                )
            self._check_same(reply, meta)
            if reply.received is None:
                raise IntegrityError("no sum of the received bytes", location=self._source)
            self._sums[part.number] = reply.received.value
            self._effort.arrived()
            self._context.journal.range_done(self.transfer.id, part.number, reply.received.value)

        missing = (fetch(part) for part in plan if part.number not in self._sums)
        await run_bounded(missing, RANGES_IN_FLIGHT)
        return await self._verified(plan, checkpoint.algorithm, expected, meta)

    async def _begun(self, meta: ObjectMeta, expected: Checksum | None) -> DownloadCheckpoint:
        plan = plan_parts(meta.size, self._context.sizes.range)
        if expected is None and (
            likely := part_guesses(meta.size, parts_told(meta), plan.part_size)
        ):
            # Ranges that are the object's parts prove its ETag without being read again.
            plan = likely[0] if likely[0].part_size <= LARGEST_RANGE else plan
        await in_thread(self._partial.open, self._spec.root, meta.size)
        checkpoint = DownloadCheckpoint(
            etag=meta.etag,
            version=meta.version or "",
            size=meta.size,
            part_size=plan.part_size,
            partial=str(self._partial.path),
            algorithm=_range_sum(meta, expected, plan),
        )
        await self._context.journal.save_download(self.transfer.id, checkpoint)
        return checkpoint

    async def _resumed(self, meta: ObjectMeta) -> DownloadCheckpoint | None:
        """What an earlier attempt left, if it is of this very object and still on the disk.

        Its ranges are read back: after a crash of the machine what was journalled need not be
        what was written.
        """
        saved = await self._context.journal.load_download(self.transfer.id)
        if saved is None:
            return None
        is_of_this = (saved.etag, saved.version, saved.size) == (
            meta.etag,
            meta.version or "",
            meta.size,
        )
        if not is_of_this or saved.partial != str(await in_thread(lambda: self._partial.path)):
            await self._discard()
            return None
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

    async def _verified(
        self, plan: PartPlan, algorithm: str, expected: Checksum | None, meta: ObjectMeta
    ) -> str:
        if expected is None:
            sums = [self._sums[part.number] for part in plan]
            if algorithm == MD5 and etag_of_sums(sums) == meta.etag:
                return MD5
            return await self._proved_by_parts(meta, sums)
        if expected.algorithm == algorithm:
            sized = [(self._sums[part.number], part.span.size) for part in plan]
            whole = joined(algorithm, sized)
            if whole is not None:
                return self._compared(whole, expected)
        self._show(note="verifying")
        source = SteadySource(self._partial.path)
        try:
            await in_thread(source.open)
            return self._compared(await sum_of(source, plan.size, expected.algorithm), expected)
        finally:
            source.close()

    async def _proved_by_parts(self, meta: ObjectMeta, sums: Sequence[str]) -> str:
        """MD5 when the object's ETag comes out of what arrived, cut as its parts may have been.

        Another ETag is no contradiction, the object may have been cut elsewhere; but then the same
        bytes have to arrive twice. Raises IntegrityError when they never do.
        """
        if not parts_told(meta):
            return SIZE_ONLY
        self._show(note="verifying")
        source = SteadySource(self._partial.path)
        try:
            await in_thread(source.open)
            if await is_cut_as_told(source, meta, part_size=self._context.sizes.part):
                return MD5
        finally:
            source.close()
        before = self._doubted[-1:]
        self._doubted.append(tuple(sums))
        if before == [tuple(sums)]:
            return SIZE_ONLY
        if len(self._doubted) == MOST_DOUBTS:
            raise IntegrityError(
                "other bytes arrive each time", operation="get", location=self._source
            )
        raise _DoubtError

    def _check_same(self, reply: GetReply, meta: ObjectMeta) -> None:
        """Some stores ignore If-Match."""
        if reply.meta.etag and meta.etag and reply.meta.etag != meta.etag:
            raise PreconditionFailedError("ETag differs", operation="get", location=self._source)

    def _compared(self, value: str, expected: Checksum) -> str:
        if value != expected.value:
            raise IntegrityError(
                f"{expected.algorithm} is {value}, not {expected.value}",
                operation="get",
                location=self._source,
            )
        return expected.algorithm


def _range_sum(meta: ObjectMeta, expected: Checksum | None, plan: PartPlan) -> str:
    """What ranges are summed with: what can prove the whole, else what costs least."""
    if expected is None and parts_told(meta) == plan.count:
        return MD5
    is_joinable = expected is not None and can_combine(expected.algorithm)
    return expected.algorithm if expected and is_joinable else JOURNALLED_SUM


def _is_spoilt(error: S4DeskError) -> bool:
    """Whether the ranges collected so far are of no use, or in the way: no space is left."""
    is_passing = isinstance(error, StoreError)
    return not is_passing or isinstance(error, IntegrityError | PreconditionFailedError)
