"""The key that a transfer writes, and what must not be replaced there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    ConflictError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
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


class Target:
    """Where an object is written to.

    What must not be replaced is looked for first. Where the store honours If-None-Match the write
    itself carries the condition too, so that nobody's object is lost who came in between.
    """

    def __init__(
        self, location: Location, policy: ConflictPolicy, *, is_folder: bool = False
    ) -> None:
        self.location = location
        self.must_be_absent = is_folder or policy in _ONLY_NEW
        self._is_first = policy is ConflictPolicy.IF_ABSENT
        self._denied: PermissionDeniedError | None = None

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
        self, store: ObjectStore, write: Callable[[Condition | None], Awaitable[PutReply]]
    ) -> PutReply | None:
        """The reply to a write; None when the target had to be absent and is not.

        Raises PermissionDeniedError where neither we may look nor the store can be trusted to.
        """
        if not self.must_be_absent:
            return await write(None)
        try:
            return await write(Condition(if_absent=True))
        except NotSupportedError:
            if self._denied is not None:
                raise self._denied from None
            # Where the store cannot be trusted with it, this look is the last moment there is.
            if self._is_first and await head_if_there(store, self.location) is not None:
                return None
            return await write(None)
        except PreconditionFailedError:
            return None
        except ConflictError:
            # Another writer was there at the same time; whether it won must be seen.
            if await head_if_there(store, self.location) is None:
                raise
            return None
