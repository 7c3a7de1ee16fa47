"""The key that a transfer writes, and what must not be replaced there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    ConflictError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
    StoreError,
)
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.store.protocol import Condition
from s4desk.core.transfer.conflicts import head_if_there

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import ObjectStore, PutReply

_ONLY_NEW = (ConflictPolicy.SKIP, ConflictPolicy.IF_ABSENT)


async def make_marker(store: ObjectStore, location: Location) -> bool:
    """Write the empty object that stands for a folder; False when something is there already."""

    async def write(condition: Condition | None) -> PutReply:
        return await store.put(location, b"", condition=condition)

    target = Target(location, ConflictPolicy.IF_ABSENT)
    return await target.written(store, write) is not None


class Target:
    """Where an object is written to.

    What must not be replaced is looked for first. The write itself carries the condition too, so
    that nobody's object is lost who came in between: everywhere but at stores that are known to
    ignore it or have refused to read it. `may_be_written`: something was sent, and was not refused.
    """

    def __init__(
        self, location: Location, policy: ConflictPolicy, *, is_folder: bool = False
    ) -> None:
        self.location = location
        self.must_be_absent = is_folder or policy in _ONLY_NEW
        self._is_first = policy is ConflictPolicy.IF_ABSENT
        self._denied: PermissionDeniedError | None = None
        self.may_be_written = False

    def keep_what_is_there(self) -> None:
        """Nothing may be replaced after all."""
        self.must_be_absent = self._is_first = True

    async def look(self, store: ObjectStore) -> ObjectMeta | None:
        """What is there. Where we may not look, nothing, if the store itself may still refuse.

        Raises PermissionDeniedError.
        """
        try:
            return await head_if_there(store, self.location)
        except PermissionDeniedError as denied:
            if not self.must_be_absent:
                raise
            self._denied = denied
            return None

    async def written(
        self,
        store: ObjectStore,
        write: Callable[[Condition | None], Awaitable[PutReply]],
        *,
        is_late: bool = False,
    ) -> PutReply | None:
        """The reply to a write; None when the target had to be absent and is not.

        `is_late` says that there was time since the look. Raises PermissionDeniedError where
        neither we may look nor the store can be trusted to.
        """
        self.may_be_written = True
        try:
            reply = await self._written(store, write, is_late=is_late)
        except StoreError as error:
            self.may_be_written = error.retryable
            raise
        self.may_be_written = reply is not None
        return reply

    async def _written(
        self,
        store: ObjectStore,
        write: Callable[[Condition | None], Awaitable[PutReply]],
        *,
        is_late: bool,
    ) -> PutReply | None:
        if not self.must_be_absent:
            return await write(None)
        try:
            try:
                return await write(Condition(if_absent=True))
            except NotSupportedError:
                if self._denied is not None:
                    raise self._denied from None
            # Where the store cannot be trusted with it, this look is the last moment there is.
            is_unseen = self._is_first or is_late
            if is_unseen and await head_if_there(store, self.location) is not None:
                return None
            return await write(Condition(if_absent=True, is_safeguard=True))
        except (PreconditionFailedError, ConflictError) as refusal:
            # Another writer may have been there at the same time, and a copy has a condition on
            # its source too: what it was must be seen.
            if not await self._is_taken(store, refusal):
                raise
            return None

    async def _is_taken(self, store: ObjectStore, refusal: StoreError) -> bool:
        """Where we may not look, the store's word has to do."""
        try:
            return await head_if_there(store, self.location) is not None
        except PermissionDeniedError:
            return isinstance(refusal, PreconditionFailedError)
