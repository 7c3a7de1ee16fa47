"""An object copied by the store itself, within one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import IntegrityError, NotSupportedError, PayloadTooLargeError
from s4desk.core.domain.objects import NO_ATTRIBUTES
from s4desk.core.domain.parts import MAX_SINGLE_COPY
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.job import JobContext, Outcome, TransferJob, remote
from s4desk.core.transfer.verify import SIZE_ONLY, expected_sum, has_same_bytes

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import Store


class CopyJob(TransferJob):
    """Asks the store to copy, and looks at the result.

    Without attributes in the spec those of the source are kept.
    """

    def __init__(self, transfer: Transfer, context: JobContext) -> None:
        super().__init__(transfer, context)
        self._source = remote(self._spec.source)
        self._target = remote(self._spec.target)

    async def _transfer(self) -> Outcome:
        if self._source.connection != self._target.connection:
            raise NotSupportedError("no store can copy from another one", operation="copy")
        store = await self._context.store_of(self._target.connection)
        source = await store.head(self._source.location)
        if await self._is_needless(store, source):
            return Outcome(skipped=True)
        if source.size > MAX_SINGLE_COPY:
            raise PayloadTooLargeError(
                f"{source.size} bytes cannot be copied in one request",
                operation="copy",
                location=self._source.location,
            )
        self._show(done=0, total=source.size)
        await self._begin_commit()
        await store.copy(
            self._source.location,
            self._target.location,
            version=source.version,
            attributes=None if self._spec.attributes == NO_ATTRIBUTES else self._spec.attributes,
        )
        copied = await store.head(self._target.location)
        return Outcome(self._compared(source, copied))

    async def _undo(self) -> None:
        """Nothing is left by a copy that was not made."""

    async def _keep(self) -> None:
        """Nothing can be kept of it."""

    async def _is_needless(self, store: Store, source: ObjectMeta) -> bool:
        if self._spec.on_conflict is ConflictPolicy.OVERWRITE:
            return False
        there = await head_if_there(store, self._target.location)
        if there is None or self._spec.on_conflict is ConflictPolicy.SKIP:
            return there is not None
        return has_same_bytes(source, there)

    def _compared(self, source: ObjectMeta, copied: ObjectMeta) -> str:
        one, other = expected_sum(source), expected_sum(copied)
        is_comparable = one is not None and other is not None and one.algorithm == other.algorithm
        if source.size != copied.size or (is_comparable and one != other):
            raise IntegrityError(
                "the copy is not what was copied",
                operation="copy",
                location=self._target.location,
            )
        return one.algorithm if one is not None and is_comparable else SIZE_ONLY
