"""The multipart upload of one transfer, guarded from its creation to its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    StoreError,
)
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.parts import PartPlan, PartReceipt, UploadCheckpoint, plan_parts
from s4desk.core.runtime import repeats
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import settled
from s4desk.core.store.protocol import UploadTicket
from s4desk.core.transfer.asking import LATEST
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.leftovers import ABORT_PAUSE_S, abort_for_good, held_parts
from s4desk.core.transfer.unheard import Suspects
from s4desk.core.transfer.verify import (
    SIZE_ONLY,
    contradicts,
    is_joined_of,
    is_joined_of_others,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from s4desk.core.domain.identity import UploadId
    from s4desk.core.domain.objects import Attributes
    from s4desk.core.domain.parts import Identity, Part
    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.store.protocol import Condition, PutReply, Store
    from s4desk.core.transfer.asking import Span
    from s4desk.core.transfer.job import JobContext
    from s4desk.core.transfer.target import Target

PARTS_IN_FLIGHT = 16


class MultipartGuard:
    """An upload in parts: in the journal as long as it exists, and else aborted.

    There is no third place for its id. The journal only says which upload to ask about; what has
    arrived is the store's word. `checkpoint` is there once it was opened.
    """

    def __init__(self, transfer: TransferId, context: JobContext, target: Target) -> None:
        self._transfer = transfer
        self._journal = context.journal
        self._clock = context.clock
        self._target = target
        self._checkpoint: UploadCheckpoint | None = None
        self._receipts: dict[int, PartReceipt] = {}
        self._created: datetime | None = None
        self._doubts: list[Span] = []
        self._unheard: list[PartReceipt] = []

    @property
    def checkpoint(self) -> UploadCheckpoint:
        """The upload, with the parts that have arrived."""
        if self._checkpoint is None:
            raise ValueError("the upload is not open")
        return replace(self._checkpoint, parts=self._receipts)

    @property
    def kept(self) -> int:
        """The bytes that have arrived."""
        return sum(receipt.size for receipt in self._receipts.values())

    async def open(
        self, store: Store, source: Identity, attributes: Attributes, part_size: int
    ) -> ObjectMeta | None:
        """Go on with what an earlier attempt left, or begin.

        The joined object, if that attempt had come to its end and only the reply was lost.
        """
        self._doubts = _spans(await self._journal.intended_uploads(self._transfer))
        saved = await self._saved(store, source)
        if saved is not None:
            held = await held_parts(store, self._target.location, saved.upload)
            if held is not None:
                self._take(replace(saved, parts=_usable(saved, held)))
                self._unheard = [part for part in held if part.number not in saved.parts]
                return None
            # Completed, and the reply was lost; or gone, and to be begun again.
            self._take(saved)
            there = await self._found_joined(store)
            if there is not None:
                return there
            await self._journal.forget(self._transfer)
        begun = asyncio.ensure_future(self._begun(store, source, attributes, part_size))
        self._take(await settled(begun))
        return None

    async def adopt_unheard(
        self, prove: Callable[[Part, PartReceipt, str], Awaitable[str | None]]
    ) -> None:
        """Take parts that arrived in an earlier life that died before it heard so.

        `prove` gives the sum of the bytes that belong there, if the store holds just these.
        """
        checkpoint, unheard = self.checkpoint, self._unheard
        self._unheard = []
        plan = PartPlan(checkpoint.source.size, checkpoint.part_size)
        for held in unheard:
            if not 1 <= held.number <= plan.count:
                continue
            part = plan.part(held.number)
            if held.size != part.span.size:
                continue
            value = await prove(part, held, checkpoint.algorithm)
            if value is not None:
                receipt = replace(held, checksum=value)
                self._receipts[held.number] = receipt
                self._journal.part_done(self._transfer, receipt)

    async def send_missing(
        self,
        send: Callable[[UploadTicket, Part], Awaitable[PartReceipt]],
        then: Callable[[Part], Awaitable[None]] | None = None,
    ) -> None:
        """Let `send` bring each part that has not arrived, several at once.

        `then` is awaited for each when it is written down.
        """
        checkpoint = self.checkpoint
        ticket = _ticket(checkpoint)

        async def bring(part: Part) -> None:
            receipt = await send(ticket, part)
            self._receipts[part.number] = receipt
            self._journal.part_done(self._transfer, receipt)
            if then is not None:
                await then(part)

        plan = PartPlan(checkpoint.source.size, checkpoint.part_size)
        missing = (bring(part) for part in plan if part.number not in self._receipts)
        await run_bounded(missing, PARTS_IN_FLIGHT)

    async def join(
        self, store: Store, begin_commit: Callable[[], Awaitable[None]]
    ) -> ObjectMeta | None:
        """Complete the upload: what is at the target then, looked at if the reply proves nothing.

        None when something is there that must not be replaced; the upload is then gone.
        """
        # Whoever finds out later that the reply was lost must know all parts.
        await self._journal.flush()
        checkpoint = self.checkpoint
        with suppress(StoreError):
            await self._end_twins(store)
        ticket = _ticket(checkpoint)
        await begin_commit()

        async def complete(condition: Condition | None) -> PutReply:
            return await store.complete_multipart(
                self._target.location, ticket, _ordered(checkpoint), condition=condition
            )

        try:
            reply = await self._target.written(store, complete, is_late=True)
        except StoreError as error:
            there = None
            if error.retryable or isinstance(error, NotFoundError | MalformedReplyError):
                with suppress(StoreError):
                    there = await self._found_ours(store)
            if there is None:
                raise self._named(error) from error
            return there
        if reply is None:
            # Something is at the target already: ours, after a lost reply, or another's.
            there = await self._found_ours(store)
            if there is None:
                await self.undo(store)
            return there
        there = ObjectMeta(self._target.location, checkpoint.source.size, None, reply.etag)
        there = replace(there, checksum=reply.checksum, version=reply.version)
        if self.verified(there) == SIZE_ONLY:
            there = await store.head(self._target.location)
        return there

    def verified(self, there: ObjectMeta) -> str:
        """How the joined object is proved to be of these parts.

        Raises IntegrityError when it is not, PreconditionFailedError when it is another's.
        """
        checkpoint = self.checkpoint
        if is_joined_of_others(there, _ordered(checkpoint)):
            raise PreconditionFailedError(
                "somebody else wrote it at the same time",
                operation="complete_multipart",
                location=there.location,
            )
        if contradicts(there, checkpoint.algorithm, _ordered(checkpoint)):
            raise IntegrityError(
                "the joined object is not what was sent",
                operation="complete_multipart",
                location=there.location,
            )
        return checkpoint.algorithm if _is_proof(there, checkpoint) else SIZE_ONLY

    async def has_made(self, store: Store, there: ObjectMeta, source: Identity) -> bool:
        """Whether an object is what an earlier attempt made of this source; it is opened then."""
        saved = await self._journal.load_upload(self._transfer)
        if saved is None or saved.source != source:
            return False
        plan = PartPlan(saved.source.size, saved.part_size)
        if len(saved.parts) != plan.count or not _is_proof(there, saved):
            return False
        if not await self._is_gone(store, saved.upload):
            return False
        self._take(saved)
        return True

    async def recall(self) -> None:
        """Know what the journal has: an attempt may end before the upload was opened."""
        if self._checkpoint is None:
            saved = await self._journal.load_upload(self._transfer)
            self._receipts = {} if saved is None else dict(saved.parts)

    async def may_exist(self) -> bool:
        """Whether the store may hold an upload of the transfer, as far as the journal knows."""
        if await self._journal.load_upload(self._transfer) is not None:
            return True
        return bool(await self._journal.intended_uploads(self._transfer))

    async def undo(self, store: Store) -> None:
        """Abort the upload, and forget it when it is gone, which it is without its bucket."""
        location = self._target.location
        saved = await self._journal.load_upload(self._transfer)
        try:
            await self._end_unheard(store, None if saved is None else saved.upload)
            if saved is not None:
                await abort_for_good(store, location, saved.upload, self._clock)
        except NotFoundError as error:
            if error.code != "NoSuchBucket":
                raise
        await self._journal.forget(self._transfer)
        self._receipts, self._doubts = {}, []

    def _named(self, error: StoreError) -> StoreError:
        """What went wrong; it is the upload that is gone, whatever a store calls it."""
        if not isinstance(error, NotFoundError) or error.code == "NoSuchBucket":
            return error
        return NotFoundError(
            error.detail,
            operation=error.operation,
            location=self._target.location,
            status=error.status,
            code="NoSuchUpload",
            request_id=error.request_id,
        )

    def _take(self, checkpoint: UploadCheckpoint) -> None:
        self._checkpoint = checkpoint
        self._receipts = dict(checkpoint.parts)

    async def _saved(self, store: Store, source: Identity) -> UploadCheckpoint | None:
        """What an earlier attempt left to go on with; of another source it is removed."""
        saved = await self._journal.load_upload(self._transfer)
        if saved is not None and saved.source != source:
            await self.undo(store)
            return None
        return saved

    async def _end_unheard(self, store: Store, own: UploadId | None) -> None:
        """Abort what was created for us, in an earlier life or this one, and nobody heard of."""
        asked = _spans(await self._journal.intended_uploads(self._transfer))
        if asked:
            location = self._target.location
            is_there = own is not None and await held_parts(store, location, own) is not None
            known = (own, None) if own is not None and is_there else None
            await Suspects(store, location, self._clock).abort(asked, known)

    async def _end_twins(self, store: Store) -> None:
        """Abort what was created for us unheard, right before the upload that we know is joined.

        Until then everybody else's had all that time to get a part.
        """
        if self._doubts:
            suspects = Suspects(store, self._target.location, self._clock)
            await suspects.abort(self._doubts, (self.checkpoint.upload, self._created))
            self._doubts = []

    async def _begun(
        self, store: Store, source: Identity, attributes: Attributes, part_size: int
    ) -> UploadCheckpoint:
        """Create the upload and write it down. To be awaited to its end, whatever happens."""
        location = self._target.location
        since = self._clock.now()
        repeated: list[bool] = []
        await self._journal.intend_upload(self._transfer)
        repeats.listen_too(lambda: repeated.append(True))
        ticket = await store.create_multipart(location, attributes=attributes)
        plan = plan_parts(source.size, part_size)
        checkpoint = UploadCheckpoint(ticket.upload, plan.part_size, source, ticket.algorithm)
        self._created = self._clock.now()
        if repeated:
            self._doubts.append((since, self._created))
        in_doubt = tuple(asked for asked, _ in self._doubts)
        try:
            await self._journal.save_upload(self._transfer, checkpoint, in_doubt)
        except BaseException:
            await store.abort_multipart(location, ticket.upload)
            raise
        return checkpoint

    async def _found_joined(self, store: Store) -> ObjectMeta | None:
        """The object at the target, if it is what this upload makes when it is completed."""
        checkpoint = self.checkpoint
        plan = PartPlan(checkpoint.source.size, checkpoint.part_size)
        if len(checkpoint.parts) != plan.count:
            return None
        try:
            there = await head_if_there(store, self._target.location)
        except PermissionDeniedError:
            return None
        return there if there is not None and _is_proof(there, checkpoint) else None

    async def _found_ours(self, store: Store) -> ObjectMeta | None:
        """The same, if it was this upload that made it, and not another of the same parts."""
        there = await self._found_joined(store)
        if there is None or not await self._is_gone(store, self.checkpoint.upload):
            return None
        return there

    async def _is_gone(self, store: Store, upload: UploadId) -> bool:
        """Whether the store has done with an upload; it may take a moment after it was joined.

        Where nobody may ask, it is made sure of, which does nothing to what was joined.
        """
        location = self._target.location
        try:
            if await held_parts(store, location, upload) is None:
                return True
            await self._clock.sleep(ABORT_PAUSE_S)
            return await held_parts(store, location, upload) is None
        except PermissionDeniedError:
            await store.abort_multipart(location, upload)
            return True


def _spans(moments: tuple[datetime, ...]) -> list[Span]:
    """When an earlier life asked: how long it went on after it had begun to is not known."""
    return [(since, since + LATEST) for since in moments]


def _ticket(checkpoint: UploadCheckpoint) -> UploadTicket:
    return UploadTicket(checkpoint.upload, checkpoint.algorithm, checkpoint.is_composite)


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
