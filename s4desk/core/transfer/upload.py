"""A file on its way to a store."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    NotKeptError,
    SourceChangedError,
    StoreError,
    TargetExistsError,
)
from s4desk.core.domain.parts import Part, PartReceipt, Span
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.runtime import repeats
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.brief import BriefSource, NotBriefError
from s4desk.core.transfer.carrying import lost, settle_tags
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.ends import identity_of, remove_empty
from s4desk.core.transfer.files import SteadySource, fingerprint
from s4desk.core.transfer.job import JobContext, Outcome, local, remote
from s4desk.core.transfer.moving import Landed, MovableJob
from s4desk.core.transfer.multipart import MultipartGuard
from s4desk.core.transfer.proof import sum_told
from s4desk.core.transfer.target import Target
from s4desk.core.transfer.verify import SIZE_ONLY, expected_sum, is_same, sum_if_held
from s4desk.core.wire.body import Slice
from s4desk.core.wire.checksums import MD5

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.parts import Fingerprint
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import Condition, PutReply, Store, UploadTicket


class UploadJob(MovableJob):
    """Puts a small file in one request, a large one in parts that survive a restart."""

    def __init__(self, transfer: Transfer, context: JobContext) -> None:
        super().__init__(transfer, context)
        self._path = local(self._spec.source)
        self._address = remote(self._spec.target)
        self._target = Target(
            self._address.location, self._spec.on_conflict, is_folder=self._spec.is_folder
        )
        self._guard = MultipartGuard(transfer.id, context, self._target)

    @property
    def may_be_written(self) -> bool:
        return self._target.may_be_written

    async def _carry(self) -> Outcome:
        store = await self._context.store_of(self._address.connection)
        if self._spec.is_folder:
            return await self._carry_folder(store)
        if await self._is_needless(store):
            # An earlier attempt may have left parts.
            await self._undo()
            return await self._needless(store)
        has_parts = self.transfer.attempts > 1 and await self._guard.may_exist()
        is_small = 0 < self._spec.size < self._multipart_from
        if is_small and not self._spec.removes_source and not has_parts:
            with suppress(NotBriefError):
                return await self._put_at_once(store)
        source = SteadySource(self._path)
        try:
            await in_thread(source.open)
            size = source.fingerprint.size
            if size < self._multipart_from and not (has_parts and size):
                if has_parts:
                    await self._guard.undo(store)
                self._show(done=0, total=size)
                outcome = await self._put_whole(store, source, size)
            else:
                outcome = await self._put_parts(store, source)
        finally:
            source.close()
        if self._spec.removes_source and not outcome.skipped:
            there = await store.head(self._target.location)
            await self._land(store, there, source.fingerprint, outcome.verified)
        return outcome

    async def _carry_folder(self, store: Store) -> Outcome:
        is_there = await self._target.look(store) is not None
        outcome = Outcome(skipped=True) if is_there else await self._put_marker(store)
        if self._spec.removes_source:
            await in_thread(remove_empty, self._path, self._spec.root or self._path)
        return outcome

    async def _land(
        self, store: Store, there: ObjectMeta, source: Fingerprint, verified: str
    ) -> None:
        """See that nothing is lost when the file goes. Raises IntegrityError, NotKeptError."""
        attributes = self._spec.attributes
        if there.size != source.size:
            raise IntegrityError(
                f"{source.size} bytes became {there.size}", location=self._target.location
            )
        missing = lost(attributes, there)
        if missing:
            raise NotKeptError(", ".join(missing), operation="put", location=there.location)
        if attributes.tags:
            await settle_tags(store, there, attributes.tags)
        self._landed = Landed(source, identity_of(there), verified)

    async def _undo(self) -> None:
        if await self._guard.may_exist():
            await self._guard.undo(await self._context.store_of(self._address.connection))

    async def _keep(self) -> None:
        """All of it can be used again."""
        await self._guard.recall()

    def _kept(self) -> int:
        return self._guard.kept

    async def _is_needless(self, store: Store) -> bool:
        must_be_absent = self._target.must_be_absent
        if self._spec.on_conflict is ConflictPolicy.OVERWRITE and not must_be_absent:
            return False
        if self._spec.on_conflict is ConflictPolicy.IF_ABSENT and not self._is_worth_a_look:
            return False
        there = await self._target.look(store)
        if there is not None and must_be_absent:
            if self._may_have_landed:
                await self._is_same(store, there)
            return True
        return there is not None and await self._is_same(store, there)

    async def _is_same(self, store: Store, there: ObjectMeta) -> bool:
        """Whether the file's bytes are there; the file may go then, if all of it has arrived."""
        source = await in_thread(fingerprint, self._path)
        if not await is_same(self._path, there, part_size=self._context.sizes.part):
            return False
        if self._spec.removes_source:
            if lost(self._spec.attributes, there):
                return False
            known = expected_sum(there)
            await self._land(store, there, source, known.algorithm if known else MD5)
        return True

    @property
    def _is_worth_a_look(self) -> bool:
        """Somebody looked already; only before many bytes move is it worth another request."""
        return self._spec.size >= self._multipart_from

    @property
    def _multipart_from(self) -> int:
        return self._context.sizes.multipart_from

    async def _needless(self, store: Store) -> Outcome:
        """What to say when something is at the target that must not be replaced.

        It may be ours, from an attempt of which the reply was lost. Raises TargetExistsError.
        """
        is_first = self._spec.on_conflict is ConflictPolicy.IF_ABSENT
        if is_first or (self._may_have_landed and self._landed is None):
            there = await head_if_there(store, self._target.location)
            is_ours = there is not None and await self._is_same(store, there)
            if is_first and not is_ours:
                raise TargetExistsError("it was not there before", location=self._target.location)
        return Outcome(skipped=True)

    async def _put_marker(self, store: Store) -> Outcome:
        async def put(condition: Condition | None) -> PutReply:
            attributes = self._spec.attributes
            return await store.put(
                self._target.location, b"", attributes=attributes, condition=condition
            )

        return Outcome(skipped=await self._target.written(store, put) is None)

    # In one request

    async def _put_at_once(self, store: Store) -> Outcome:
        """Send what has the size that was told; nothing has to be known before.

        Raises NotBriefError, and nothing has been sent, when it has another.
        """
        source = BriefSource(self._path, self._spec.size)
        try:
            return await self._put_whole(store, source, self._spec.size)
        finally:
            source.close()

    async def _put_whole(self, store: Store, source: SteadySource, size: int) -> Outcome:
        if self.transfer.attempts > 1:
            # An earlier attempt, of a larger file, may have left parts.
            await self._undo()

        async def put(condition: Condition | None) -> PutReply:
            return await store.put(
                self._target.location,
                Slice(source, Span(0, size)) if size else b"",
                attributes=self._spec.attributes,
                condition=condition,
                moved=self._moved,
            )

        repeated: list[bool] = []
        repeats.listen_too(lambda: repeated.append(True))
        try:
            reply = await self._target.written(store, put)
        except SourceChangedError as error:
            # Seen when it was sent again: the first time may have arrived without a reply.
            if repeated and await self._is_something_there(store):
                raise SourceChangedError(error.source, may_be_there=True) from error
            raise
        if reply is None:
            return await self._needless(store)
        self._effort.arrived()
        if reply.checked:
            return Outcome(reply.checked, checksum=sum_told(reply, reply.checked))
        there = await store.head(self._target.location)
        if there.size != size:
            raise IntegrityError(
                f"{size} bytes became {there.size}", location=self._target.location
            )
        return self._ended(source, there, SIZE_ONLY)

    async def _is_something_there(self, store: Store) -> bool:
        """Where nobody can tell, there may be."""
        with suppress(StoreError):
            return await head_if_there(store, self._target.location) is not None
        return True

    # In parts

    async def _put_parts(self, store: Store, source: SteadySource) -> Outcome:
        self._is_journalled = True
        guard, size = self._guard, source.fingerprint.size
        there = await guard.open(
            store, source.fingerprint, self._spec.attributes, self._context.sizes.part
        )
        if there is not None:
            self._effort.found(guard.kept)
            return self._ended(source, there, guard.verified(there))
        try:
            await guard.adopt_unheard(partial(sum_if_held, source))
            self._effort.found(guard.kept)
            self._show(done=guard.kept, total=size)
            await self._send_missing(store, source)
        except SourceChangedError:
            # If the store cannot be reached now, the next attempt will find another fingerprint.
            with suppress(StoreError):
                await guard.undo(store)
            raise
        self._show(note="verifying")
        there = await guard.join(store, self._begin_commit)
        if there is None:
            return await self._needless(store)
        return self._ended(source, there, guard.verified(there))

    def _ended(self, source: SteadySource, there: ObjectMeta, verified: str) -> Outcome:
        if self._will_read_back(verified):
            self._landed = Landed(source.fingerprint, identity_of(there), verified)
        return Outcome(verified, checksum=sum_told(there, verified))

    async def _send_missing(self, store: Store, source: SteadySource) -> None:
        async def send(ticket: UploadTicket, part: Part) -> PartReceipt:
            body = Slice(source, part.span)
            async with self._context.parts.entered():
                receipt = await store.put_part(
                    self._target.location, ticket, part.number, body, moved=self._moved
                )
            self._effort.arrived()
            return receipt

        await self._guard.send_missing(send)
        await in_thread(source.check)
