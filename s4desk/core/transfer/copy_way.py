"""From where to where an object is copied, and what becomes of a copy once it is made."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import (
    IntegrityError,
    InvalidRequestError,
    NotFoundError,
    NotKeptError,
    SourceChangedError,
    StoreError,
)
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.ends import identity_of
from s4desk.core.transfer.verify import (
    SIZE_ONLY,
    algorithm_of_proof,
    expected_sum,
    has_same_bytes,
)

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.carrying import Belongings
    from s4desk.core.transfer.target import Target


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where, and the object as it was when it was looked at."""

    origin: Store
    store: Store
    source: ObjectMeta
    belongings: Belongings
    target: Target

    async def settle(self, there: ObjectMeta, written: str, *, by_itself: bool) -> None:
        """See that what belongs to it has arrived; a copy that must not do without is unmade.

        `written` is the ETag of what we wrote, `by_itself` says that the store made it alone.
        Raises NotKeptError, StoreError.
        """
        try:
            await self.belongings.settle(self.store, there, by_itself=by_itself)
        except StoreError as error:
            is_undone = await self.unmade(there, written)
            if isinstance(error, NotKeptError):
                error.is_undone = is_undone
            raise

    async def refused(self, error: InvalidRequestError) -> StoreError:
        """What to raise when an object was not taken with its tags.

        Some stores have written it all the same, without them: it is unmade then.
        """
        if not self.target.must_be_absent or not await self.belongings.tags():
            # What is there may have been there before.
            return error
        with suppress(StoreError):
            there = await head_if_there(self.store, self.target.location)
            if there is not None and has_same_bytes(self.source, there):
                told = f"tags ({error.detail})"
                unkept = NotKeptError(told, operation="put", location=self.target.location)
                unkept.is_undone = await self.unmade(there, there.etag)
                return unkept
        return error

    async def unmade(self, there: ObjectMeta, written: str) -> bool:
        """Remove a copy that was just made. False when it is there still, is not what we wrote, or
        has replaced something that would not come back."""
        if there.etag != written or not (self.target.must_be_absent or there.version):
            return False
        location = self.target.location
        with suppress(StoreError):
            now = await self.store.head(location, version=there.version)
            if identity_of(now) == identity_of(there):
                await self.store.delete(location, version=there.version)
                return True
        return False

    async def check_source(self, there: ObjectMeta | None = None, written: str = "") -> None:
        """Raises SourceChangedError when the source is not what it was; `there`, which was made of
        it, is removed if that is possible."""
        source = self.source
        try:
            now = await self.origin.head(source.location, version=source.version)
        except NotFoundError:
            now = None
        if now is None or identity_of(now) != identity_of(source):
            may_be_there = there is not None and not await self.unmade(there, written)
            raise SourceChangedError(source.location, may_be_there=may_be_there)

    async def judged(self, there: ObjectMeta, written: str) -> str:
        """How the copy is proved to be the source; `written` is the ETag of what we wrote.

        That the source is what it was is known by now, or that these are the bytes it had. Raises
        IntegrityError when the copy is another object, which is removed if we made it.
        """
        if has_same_bytes(self.source, there):
            return algorithm_of_proof(self.source, there)
        location = self.target.location
        if _contradicts(self.source, there):
            # Nothing is removed for a word that is not said twice.
            there = await self.store.head(location, version=there.version)
            if has_same_bytes(self.source, there):
                return algorithm_of_proof(self.source, there)
        if _contradicts(self.source, there):
            if there.etag == written:
                with suppress(StoreError):
                    await self.store.delete(location, version=there.version)
            raise IntegrityError(
                f"the copy is not what was copied: {there.etag}, not {self.source.etag}",
                operation="copy",
                location=location,
            )
        return SIZE_ONLY


def _contradicts(one: ObjectMeta, other: ObjectMeta) -> bool:
    """Whether two objects that are not `has_same_bytes` cannot be of the same bytes."""
    first, second = expected_sum(one), expected_sum(other)
    is_comparable = first is not None and second is not None and first.algorithm == second.algorithm
    return one.size != other.size or is_comparable
