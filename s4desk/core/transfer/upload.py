"""A file on its way to a store."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    ConflictError,
    IntegrityError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
    SourceChangedError,
    StoreError,
    TargetExistsError,
    UnavailableError,
)
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.parts import (
    Part,
    PartPlan,
    PartReceipt,
    Span,
    UploadCheckpoint,
    plan_parts,
)
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread, settled
from s4desk.core.store.protocol import Condition, UploadTicket
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.files import SteadySource
from s4desk.core.transfer.job import JobContext, Outcome, TransferJob, local, remote
from s4desk.core.transfer.verify import (
    SIZE_ONLY,
    contradicts,
    is_joined_of,
    is_same,
)
from s4desk.core.wire.body import Slice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import PutReply, Store

PARTS_IN_FLIGHT = 16
ABORTS = 3
_ONLY_NEW = (ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT)
ABORT_PAUSE_S = 1.0


class UploadJob(TransferJob):
    """Puts a small file in one request, a large one in parts that survive a restart.

    What must not be replaced is looked for first. Where the store honours If-None-Match the write
    itself carries the condition too, so that nobody's object is lost who came in between.
    """

    def __init__(self, transfer: Transfer, context: JobContext) -> None:
        super().__init__(transfer, context)
        self._path = local(self._spec.source)
        self._address = remote(self._spec.target)
        self._target = self._address.location
        self._receipts: dict[int, PartReceipt] = {}
        policy = self._spec.on_conflict
        self._must_be_absent = self._spec.is_folder or policy in _ONLY_NEW
        self._denied: PermissionDeniedError | None = None

    async def _transfer(self) -> Outcome:
        store = await self._context.store_of(self._address.connection)
        if await self._is_needless(store):
            # An earlier attempt may have left parts.
            await self._undo()
            return await self._needless(store)
        if self._spec.is_folder:
            return await self._put_marker(store)
        source = SteadySource(self._path)
        try:
            await in_thread(source.open)
            size = source.fingerprint.size
            if size < self._context.sizes.multipart_from:
                self._show(done=0, total=size)
                return await self._put_whole(store, source)
            return await self._put_parts(store, source)
        finally:
            source.close()

    async def _undo(self) -> None:
        saved = await self._context.journal.load_upload(self.transfer.id)
        if saved is None:
            return
        store = await self._context.store_of(self._address.connection)
        await self._abort(store, saved)
        await self._context.journal.forget(self.transfer.id)
        self._receipts = {}

    async def _keep(self) -> None:
        """All of it can be used again."""

    def _kept(self) -> int:
        return sum(receipt.size for receipt in self._receipts.values())

    async def _is_needless(self, store: Store) -> bool:
        if self._spec.on_conflict is ConflictPolicy.OVERWRITE and not self._must_be_absent:
            return False
        if self._spec.on_conflict is ConflictPolicy.IF_ABSENT and not self._is_worth_a_look:
            return False
        try:
            there = await head_if_there(store, self._target)
        except PermissionDeniedError as denied:
            if not self._must_be_absent:
                raise
            # The store itself may still be able to refuse.
            self._denied = denied
            return False
        if there is None or self._must_be_absent:
            return there is not None
        return await is_same(self._path, there, part_size=self._context.sizes.part)

    @property
    def _is_worth_a_look(self) -> bool:
        """Somebody looked already; only before many bytes move is it worth another request."""
        return self._spec.size >= self._context.sizes.multipart_from

    async def _needless(self, store: Store) -> Outcome:
        """What to say when something is at the target that must not be replaced.

        It may be ours, from an attempt of which the reply was lost. Raises TargetExistsError.
        """
        if self._spec.on_conflict is ConflictPolicy.IF_ABSENT and not self._spec.is_folder:
            there = await head_if_there(store, self._target)
            part_size = self._context.sizes.part
            if there is None or not await is_same(self._path, there, part_size=part_size):
                raise TargetExistsError("it was not there before", location=self._target)
        return Outcome(skipped=True)

    async def _written(
        self, store: Store, write: Callable[[Condition | None], Awaitable[PutReply]]
    ) -> PutReply | None:
        """The reply to a write; None when the target had to be absent and is not.

        Raises PermissionDeniedError where neither we may look nor the store can be trusted to.
        """
        if not self._must_be_absent:
            return await write(None)
        try:
            return await write(Condition(if_absent=True))
        except NotSupportedError:
            if self._denied is not None:
                raise self._denied from None
            # Where the store cannot be trusted with it, this look is the last moment there is.
            is_first = self._spec.on_conflict is ConflictPolicy.IF_ABSENT
            if is_first and await head_if_there(store, self._target) is not None:
                return None
            return await write(None)
        except PreconditionFailedError:
            return None
        except ConflictError:
            # Another writer was there at the same time; whether it won must be seen.
            if await head_if_there(store, self._target) is None:
                raise
            return None

    async def _put_marker(self, store: Store) -> Outcome:
        async def put(condition: Condition | None) -> PutReply:
            attributes = self._spec.attributes
            return await store.put(self._target, b"", attributes=attributes, condition=condition)

        return Outcome(skipped=await self._written(store, put) is None)

    # In one request

    async def _put_whole(self, store: Store, source: SteadySource) -> Outcome:
        size = source.fingerprint.size

        async def put(condition: Condition | None) -> PutReply:
            return await store.put(
                self._target,
                Slice(source, Span(0, size)) if size else b"",
                attributes=self._spec.attributes,
                condition=condition,
                moved=self._moved,
            )

        reply = await self._written(store, put)
        if reply is None:
            return await self._needless(store)
        self._effort.arrived()
        if reply.checked:
            return Outcome(reply.checked)
        there = await store.head(self._target)
        if there.size != size:
            raise IntegrityError(f"{size} bytes became {there.size}", location=self._target)
        return Outcome(SIZE_ONLY)

    # In parts

    async def _put_parts(self, store: Store, source: SteadySource) -> Outcome:
        self._is_journalled = True
        saved = await self._saved(source)
        if saved is not None:
            held = await self._held_parts(store, saved)
            if held is None:
                # Completed, and the reply was lost; or gone, and to be begun again.
                there = await self._found_joined(store, saved)
                if there is not None:
                    self._effort.found(saved.source.size)
                    return _judged(there, saved)
                await self._context.journal.forget(self.transfer.id)
                saved = None
            else:
                saved = replace(saved, parts=_usable(saved, held))
        if saved is None:
            saved = await settled(asyncio.ensure_future(self._begun(store, source)))
        return await self._go_on(store, source, saved)

    async def _go_on(
        self, store: Store, source: SteadySource, checkpoint: UploadCheckpoint
    ) -> Outcome:
        self._receipts = dict(checkpoint.parts)
        self._effort.found(self._kept())
        self._show(done=self._kept(), total=source.fingerprint.size)
        try:
            await self._send_missing(store, source, checkpoint)
            await in_thread(source.check)
        except SourceChangedError:
            # If the store cannot be reached now, the next attempt will find another fingerprint.
            with suppress(StoreError):
                await self._undo()
            raise
        return await self._complete(store, replace(checkpoint, parts=self._receipts))

    async def _saved(self, source: SteadySource) -> UploadCheckpoint | None:
        """What an earlier attempt left to go on with; of another file it is removed."""
        saved = await self._context.journal.load_upload(self.transfer.id)
        if saved is not None and saved.source != source.fingerprint:
            await self._undo()
            return None
        return saved

    async def _held_parts(
        self, store: Store, saved: UploadCheckpoint
    ) -> Sequence[PartReceipt] | None:
        """The parts that the store holds, None when it does not know the upload.

        The journal only says which upload to ask about; what has arrived is the store's word.
        """
        try:
            return await store.list_parts(self._target, saved.upload)
        except NotFoundError:
            return None

    async def _begun(self, store: Store, source: SteadySource) -> UploadCheckpoint:
        """Create the upload and write it down. To be awaited to its end, whatever happens."""
        ticket = await store.create_multipart(self._target, attributes=self._spec.attributes)
        plan = plan_parts(source.fingerprint.size, self._context.sizes.part)
        checkpoint = UploadCheckpoint(
            ticket.upload, plan.part_size, source.fingerprint, ticket.algorithm
        )
        try:
            await self._context.journal.save_upload(self.transfer.id, checkpoint)
        except BaseException:
            await store.abort_multipart(self._target, ticket.upload)
            raise
        return checkpoint

    async def _send_missing(
        self, store: Store, source: SteadySource, checkpoint: UploadCheckpoint
    ) -> None:
        ticket = UploadTicket(checkpoint.upload, checkpoint.algorithm)

        async def send(part: Part) -> None:
            async with self._context.parts.entered():
                receipt = await store.put_part(
                    self._target, ticket, part.number, Slice(source, part.span), moved=self._moved
                )
            self._receipts[part.number] = receipt
            self._effort.arrived()
            self._context.journal.part_done(self.transfer.id, receipt)

        plan = PartPlan(checkpoint.source.size, checkpoint.part_size)
        missing = (send(part) for part in plan if part.number not in self._receipts)
        await run_bounded(missing, PARTS_IN_FLIGHT)

    async def _complete(self, store: Store, checkpoint: UploadCheckpoint) -> Outcome:
        self._show(note="verifying")
        # Whoever finds out later that the reply was lost must know all parts.
        await self._context.journal.flush()
        ticket = UploadTicket(checkpoint.upload, checkpoint.algorithm)
        await self._begin_commit()

        async def join(condition: Condition | None) -> PutReply:
            return await store.complete_multipart(
                self._target, ticket, _ordered(checkpoint), condition=condition
            )

        try:
            reply = await self._written(store, join)
        except StoreError as error:
            there = None
            if error.retryable or isinstance(error, NotFoundError):
                with suppress(StoreError):
                    there = await self._found_joined(store, checkpoint)
            if there is None:
                raise
        else:
            if reply is None:
                return await self._refused(store, checkpoint)
            there = ObjectMeta(self._target, checkpoint.source.size, None, reply.etag)
            there = replace(there, checksum=reply.checksum)
            if _judged(there, checkpoint).verified == SIZE_ONLY:
                there = await store.head(self._target)
        return _judged(there, checkpoint)

    async def _refused(self, store: Store, checkpoint: UploadCheckpoint) -> Outcome:
        """Something is at the target already: ours, after a lost reply, or another's."""
        there = await self._found_joined(store, checkpoint)
        if there is not None:
            return _judged(there, checkpoint)
        await self._undo()
        return await self._needless(store)

    async def _found_joined(self, store: Store, checkpoint: UploadCheckpoint) -> ObjectMeta | None:
        """The object at the target, if it is what this upload makes when it is completed."""
        plan = PartPlan(checkpoint.source.size, checkpoint.part_size)
        if len(checkpoint.parts) != plan.count:
            return None
        try:
            there = await head_if_there(store, self._target)
        except PermissionDeniedError:
            return None
        return there if there is not None and _is_proof(there, checkpoint) else None

    async def _abort(self, store: Store, saved: UploadCheckpoint) -> None:
        """Abort until the store says that there is no such upload.

        A part that was on its way may arrive after the first abort ("AbortMultipartUpload" in the
        S3 API reference). Raises UnavailableError when the upload does not go away.
        """
        for attempt in range(ABORTS):
            if attempt:
                await self._context.clock.sleep(ABORT_PAUSE_S)
            await store.abort_multipart(self._target, saved.upload)
            if await self._held_parts(store, saved) is None:
                return
        raise UnavailableError(
            "the store still holds parts of the upload",
            operation="abort_multipart",
            location=self._target,
        )


def _ordered(checkpoint: UploadCheckpoint) -> list[PartReceipt]:
    return [checkpoint.parts[number] for number in sorted(checkpoint.parts)]


def _usable(saved: UploadCheckpoint, held: Sequence[PartReceipt]) -> dict[int, PartReceipt]:
    """The parts that need not be sent again: of the planned size, and the ones we sent."""
    plan = PartPlan(saved.source.size, saved.part_size)
    return {
        part.number: sent
        for part in held
        if (sent := saved.parts.get(part.number)) is not None
        and part.size == sent.size == plan.part(part.number).span.size
        and part.etag == sent.etag
    }


def _is_proof(there: ObjectMeta, checkpoint: UploadCheckpoint) -> bool:
    return is_joined_of(there, checkpoint.algorithm, _ordered(checkpoint))


def _judged(there: ObjectMeta, checkpoint: UploadCheckpoint) -> Outcome:
    """How the joined object was verified. Raises IntegrityError when it is not what was sent."""
    if contradicts(there, checkpoint.algorithm, _ordered(checkpoint)):
        raise IntegrityError(
            "the joined object is not what was sent",
            operation="complete_multipart",
            location=there.location,
        )
    return Outcome(checkpoint.algorithm if _is_proof(there, checkpoint) else SIZE_ONLY)
