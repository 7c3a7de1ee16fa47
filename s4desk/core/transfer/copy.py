"""An object copied: by the store itself within one connection, through memory between two."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    IntegrityError,
    InvalidRequestError,
    LeftBehindError,
    NotSupportedError,
    PayloadTooLargeError,
    PermissionDeniedError,
    PreconditionFailedError,
    SourceChangedError,
    StoreError,
    TargetExistsError,
    ValidationError,
)
from s4desk.core.domain.parts import MIB, MIN_PART_SIZE, PartPlan, Span
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.failover.errors import OutOfReachError
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.protocol import UploadTicket
from s4desk.core.transfer.carrying import Belongings
from s4desk.core.transfer.composite import part_guesses, parts_told
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.copy_way import Way
from s4desk.core.transfer.ends import identity_of
from s4desk.core.transfer.job import JobContext, Outcome, remote
from s4desk.core.transfer.moving import (
    Landed,
    MovableJob,
    is_alias_of_other,
    refuse_locked,
    seen_behind_alias,
)
from s4desk.core.transfer.multipart import MultipartGuard
from s4desk.core.transfer.origin import Seen, older_source, seen, seen_instead
from s4desk.core.transfer.proof import sum_told
from s4desk.core.transfer.streaming import Stream
from s4desk.core.transfer.target import Target
from s4desk.core.transfer.verify import (
    SIZE_ONLY,
    algorithm_of_proof,
    has_same_bytes,
)
from s4desk.core.wire.body import Slice

if TYPE_CHECKING:
    from s4desk.core.domain.objects import Attributes, ObjectMeta
    from s4desk.core.domain.parts import Part, PartReceipt
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import Condition, PutReply, Store

LARGEST_STREAMED_PART = 64 * MIB


_BEFORE_IT_IS_THERE: Final = ("put", "copy", "create_multipart", "put_part")
"""What one of these refuses is not written."""


class CopyJob(MovableJob):
    """Copies one object with what belongs to it, and looks at the result.

    A store that does not copy by itself is read and written to as if it were two. What the spec
    says of attributes wins over what the source has. What may be older than what a failover group
    should have replaces nothing, whatever the spec says.
    """

    def __init__(
        self, transfer: Transfer, context: JobContext, target: Target | None = None
    ) -> None:
        super().__init__(transfer, context)
        self._from = remote(self._spec.source)
        self._to = remote(self._spec.target)
        self._target = target or Target(self._to.location, self._spec.on_conflict)
        self._guard = MultipartGuard(transfer.id, context, self._target)
        self._streams = self._from.connection != self._to.connection
        self._by_itself = False
        self._is_joined = False
        self._written = ""
        self._seen: Seen | None = None

    @property
    def may_be_written(self) -> bool:
        return self._target.may_be_written

    async def _carry(self) -> Outcome:
        if self._spec.removes_source and self._from == self._to:
            raise ValidationError(tr("An object cannot be moved onto itself."))
        origin = await self._context.store_of(self._from.connection)
        store = await self._context.store_of(self._to.connection)
        if self.transfer.attempts > 1 and not await self._guard.may_exist():
            self._effort.begin_anew()
        source = await seen(self._source(origin))
        try:
            return await self._brought(origin, store, source)
        except OutOfReachError as error:
            instead = seen_instead(error)
            if instead is None:
                raise
        self._effort.begin_anew()
        if instead.answer is not None:
            self._effort.answered(instead.answer)
        return await self._brought(origin, store, instead, is_anew=True)

    async def _brought(
        self, origin: Store, store: Store, seen_: Seen, *, is_anew: bool = False
    ) -> Outcome:
        """If it `is_anew`, another object was on its way before."""
        source, self._seen = seen_.meta, seen_
        if self._may_be_old:
            self._target.keep_what_is_there()
        way = Way(origin, store, source, self._belongings(origin, source), self._target)
        if self._spec.removes_source:
            refuse_locked(source, self._context.clock.now())
            await self._refuse_same_place(way)
        if self._spec.on_conflict is not ConflictPolicy.OVERWRITE or self._may_be_old:
            there = await self._target.look(store)
            outcome = None if there is None else await self._occupied(way, there)
            if outcome is not None:
                if self._may_be_old and there is not None and self._landed is not None:
                    # It may be ours, of an attempt that did not hear of it.
                    await self._context.older.made(self._to, there.etag)
                if not self._is_joined:
                    # An earlier attempt may have left parts.
                    await self._undo()
                return outcome
        if is_anew:
            await self._undo()
        self._show(done=0, total=way.source.size)
        try:
            return await self._made(way)
        except SourceChangedError:
            # If the store cannot be reached now, the next attempt will find another source.
            with suppress(StoreError):
                await self._undo()
            raise

    @property
    def _may_be_old(self) -> bool:
        return self._seen is not None and self._seen.may_be_old

    @property
    def _is_of_group(self) -> bool:
        return self._seen is not None and self._seen.answer is not None

    async def _source(self, origin: Store) -> ObjectMeta:
        """What is to be copied, as it is now."""
        return await origin.head(self._from.location)

    def _belongings(self, origin: Store, source: ObjectMeta) -> Belongings:
        return Belongings(self._spec, origin, source, self._context.clock.now())

    async def undo(self) -> None:
        """Take away the parts that attempts have left. Raises StoreError."""
        await self._undo()

    async def _undo(self) -> None:
        if await self._guard.may_exist():
            await self._guard.undo(await self._context.store_of(self._to.connection))

    async def _keep(self) -> None:
        """All of it can be used again."""
        await self._guard.recall()

    def _kept(self) -> int:
        return self._guard.kept

    async def _made(self, way: Way) -> Outcome:
        there, verified = await self._remembered(way)
        if there is None:
            found = await head_if_there(way.store, self._to.location)
            outcome = None if found is None else await self._occupied(way, found)
            if outcome is None:
                # It was the source that did not match.
                raise SourceChangedError(self._from.location)
            return outcome
        # From here on the copy is made: a stop would leave it without what belongs to it.
        await self._begin_commit()
        # Not every store tells the same ETag when it is written.
        if self._may_be_old and there.etag == self._written:
            await self._context.older.made(self._to, there.etag)
        await way.settle(there, self._written, by_itself=self._by_itself)
        self._land(way, there, verified)
        checksum = sum_told(there, verified)
        return Outcome(verified, checksum=checksum, note=self._left_behind(way))

    async def _remembered(self, way: Way) -> tuple[ObjectMeta | None, str]:
        """The same as `_copied`; what may be older is noted before it is written, and only what was
        surely refused is not there."""
        if not self._may_be_old:
            return await self._copied(way)
        await self._context.older.intend(self._to, way.source)
        try:
            copied = await self._copied(way)
        except StoreError as error:
            if not error.retryable and error.operation in _BEFORE_IT_IS_THERE:
                await self._context.older.settled(self._to)
            raise
        if copied[0] is None:
            await self._context.older.settled(self._to)
        return copied

    def _left_behind(self, way: Way) -> str:
        """What to say of what did not come along."""
        missing = way.belongings.left_behind
        if not missing:
            return ""
        error = LeftBehindError(", ".join(missing), operation="copy", location=self._to.location)
        error.untold = way.belongings.untold
        return self._context.sentence(error, self._spec)

    def _land(self, way: Way, there: ObjectMeta, verified: str) -> None:
        self._landed = Landed(identity_of(way.source), identity_of(there), verified)

    # What is there already

    async def _occupied(self, way: Way, there: ObjectMeta) -> Outcome | None:
        """What to do with something at the target: None is to replace it.

        Raises TargetExistsError, OlderSourceError; what has the same bytes is ours, of an attempt
        that lost a reply.
        """
        if self._spec.on_conflict is ConflictPolicy.SKIP:
            return await self._ours(way, there) or Outcome(skipped=True)
        if await self._is_same(way, there):
            self._land(way, there, algorithm_of_proof(way.source, there))
            return Outcome(skipped=True)
        if self._spec.on_conflict is ConflictPolicy.IF_ABSENT:
            raise TargetExistsError("it was not there before", location=self._to.location)
        if self._seen is not None and self._seen.may_be_old:
            raise older_source(self._seen, self._spec, self._context.connection_of)
        return None

    async def _ours(self, way: Way, there: ObjectMeta) -> Outcome | None:
        """The end of an earlier attempt that died when its target was there; None: another's."""
        if self.transfer.attempts > 1 and await self._guard.has_made(
            way.store, there, identity_of(way.source)
        ):
            self._is_joined = self._is_journalled = True
            await way.settle(there, there.etag, by_itself=False)
            proof = self._guard.verified(there)
        elif self._may_have_landed and await self._is_same(way, there):
            proof = algorithm_of_proof(way.source, there)
        else:
            return None
        self._land(way, there, proof)
        note = self._left_behind(way) if self._is_joined else ""
        return Outcome(proof, checksum=sum_told(there, proof), note=note)

    async def _is_same(self, way: Way, there: ObjectMeta) -> bool:
        """Whether nothing would be gained by copying; of a move all is asked that shall arrive, and
        of what may be the work of an attempt that failed, or older than it should be."""
        if not has_same_bytes(way.source, there):
            return False
        if self._spec.removes_source:
            return await way.belongings.are_at(way.store, there)
        with suppress(PermissionDeniedError):
            is_renewed = self._spec.on_conflict is ConflictPolicy.RENEW and not self._may_be_old
            is_enough = self.transfer.attempts == 1 and not is_renewed
            return is_enough or await way.belongings.are_at(way.store, there)
        return False

    async def _refuse_same_place(self, way: Way) -> None:
        """Two connections, or two names of a bucket, may lead to the very object that is moved."""
        if self._from.location.key != self._to.location.key:
            return
        if is_alias_of_other(self._from.location, self._to.location):
            there = await seen_behind_alias(way.store, self._to.location)
        else:
            there = await self._target.look(way.store)
        if there is not None and identity_of(there) == identity_of(way.source):
            raise ValidationError(
                tr("Source and target look like one and the same object; nothing was moved.")
            )

    # The bytes

    async def _copied(self, way: Way) -> tuple[ObjectMeta | None, str]:
        """What is at the target then, and how it was verified; None: it must not be replaced."""
        sizes = self._context.sizes
        may_stream_at_once = way.source.size < min(sizes.multipart_from, 2 * sizes.part)
        if self.transfer.attempts > 1 and (
            may_stream_at_once if self._streams else way.source.size <= sizes.single_copy
        ):
            # An earlier attempt, of a larger object, may have left parts.
            await self._undo()
        if not self._streams and way.source.size <= sizes.single_copy:
            try:
                return await self._copied_at_once(way)
            except NotSupportedError:
                self._streams = True
            except PayloadTooLargeError:
                """This store takes less in one request: go by parts."""
            self._end_commit()
        if self._streams and may_stream_at_once:
            return await self._streamed_at_once(way)
        return await self._copied_in_parts(way)

    async def _copied_at_once(self, way: Way) -> tuple[ObjectMeta | None, str]:
        source = way.source
        belongings = way.belongings
        attributes = None if belongings.is_kept_by_itself else await belongings.attributes()

        async def copy(condition: Condition | None) -> PutReply:
            return await way.store.copy(
                source.location,
                self._to.location,
                version=source.version,
                attributes=attributes,
                if_match=source.etag,
                condition=condition,
                seen=source,
            )

        await self._begin_commit()
        try:
            reply = await self._target.written(way.store, copy)
        except PreconditionFailedError as error:
            raise SourceChangedError(source.location) from error
        if reply is None:
            return None, ""
        self._by_itself, self._written = True, reply.etag
        there = await way.store.head(self._to.location, version=reply.version)
        if not has_same_bytes(way.source, there):
            # Not every store looks at If-Match when it copies.
            await way.check_source(there, reply.etag)
        return there, await way.judged(there, reply.etag)

    async def _streamed_at_once(self, way: Way) -> tuple[ObjectMeta | None, str]:
        source = way.source
        stream = Stream(way.origin, source, self._context.sizes.part)
        async with self._context.parts.entered():
            buffer, received = await stream.whole()

            async def write(attributes: Attributes) -> PutReply | None:
                body = Slice(buffer, Span(0, source.size)) if source.size else b""

                async def put(condition: Condition | None) -> PutReply:
                    return await way.store.put(
                        self._to.location,
                        body,
                        attributes=attributes,
                        condition=condition,
                        moved=self._moved,
                    )

                return await self._target.written(way.store, put)

            try:
                reply = await way.belongings.written_with(write)
            except InvalidRequestError as error:
                raise await way.refused(error) from error
        if reply is None:
            return None, ""
        self._effort.arrived()
        self._written = reply.etag
        there = await way.store.head(self._to.location, version=reply.version)
        verified = await way.judged(there, reply.etag)
        if verified == SIZE_ONLY and stream.proof and reply.checked:
            await stream.compare(buffer, Span(0, source.size), received)
            verified = stream.proof
        return there, verified

    async def _copied_in_parts(self, way: Way) -> tuple[ObjectMeta | None, str]:
        self._is_journalled = True
        guard, source = self._guard, way.source

        async def open_(attributes: Attributes) -> ObjectMeta | None:
            return await guard.open(
                way.store, identity_of(source), attributes, self._part_size(source)
            )

        stream = Stream(way.origin, source, self._context.sizes.part)
        there, proof = await way.belongings.written_with(open_), ""
        self._effort.found(guard.kept)
        self._show(done=guard.kept, total=source.size)
        if there is None:
            proof = await self._send_missing(way, stream)
            self._show(note="verifying")
            there = await guard.join(way.store, self._begin_commit)
        if there is None:
            return None, ""
        is_joined, etag = guard.verified(there) != SIZE_ONLY, there.etag
        self._written = etag
        there = await way.store.head(self._to.location, version=there.version)
        return there, proof if proof and is_joined else await way.judged(there, etag)

    def _part_size(self, source: ObjectMeta) -> int:
        """Cut as the source was, if that can be guessed: then both have the same ETag."""
        sizes = self._context.sizes
        limit = LARGEST_STREAMED_PART if self._streams else source.size
        for plan in part_guesses(source.size, parts_told(source), sizes.part):
            if min(MIN_PART_SIZE, sizes.part) <= plan.part_size <= limit:
                return plan.part_size
        return sizes.part if self._streams else sizes.copied_part

    async def _send_missing(self, way: Way, stream: Stream) -> str:
        """Bring all parts; the algorithm by which they are proved to be the source, or nothing."""
        guard, location = self._guard, self._to.location
        begun = guard.checkpoint
        ticket = UploadTicket(begun.upload, begun.algorithm)
        plan = PartPlan(begun.source.size, begun.part_size)
        stream.begin(ticket, plan, begun.parts)

        async def send(ticket: UploadTicket, part: Part) -> PartReceipt:
            if self._streams:
                await stream.room(part)
            async with self._context.parts.entered():
                receipt = None if self._streams else await self._copy_part(way, ticket, part)
                if receipt is not None:
                    stream.holds(receipt)
                else:
                    receipt = await stream.part(way.store, location, ticket, part, self._moved)
            self._effort.arrived()
            return receipt

        try:
            await guard.send_missing(send, stream.passed)
            if self._streams:
                return await stream.check(ticket, plan, guard.checkpoint.parts)
        except IntegrityError:
            await self._undo()
            raise
        await way.check_source()
        return ""

    async def _copy_part(self, way: Way, ticket: UploadTicket, part: Part) -> PartReceipt | None:
        """Let the store copy a part; None when it does not do that."""
        source = way.source
        try:
            receipt = await way.store.copy_part(
                source.location,
                self._to.location,
                ticket,
                part.number,
                part.span,
                if_match=source.etag,
                version=source.version,
            )
        except PreconditionFailedError as error:
            raise SourceChangedError(source.location) from error
        except NotSupportedError:
            self._streams = True
            return None
        # These bytes do not pass our wire.
        self._context.board.moved(self.transfer.id, part.span.size)
        return receipt
