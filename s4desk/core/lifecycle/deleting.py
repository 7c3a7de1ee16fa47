"""Deletes what was looked at, as conditionally as a store lets anybody."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    NotSupportedError,
    PreconditionFailedError,
    StoreError,
)
from s4desk.core.domain.identity import Location, VersionId
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.objects import Doomed
from s4desk.core.lifecycle.looking import AT_ONCE, NULL
from s4desk.core.lifecycle.report import Outcome, Result, unheard
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store.once import not_twice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.objects import DeleteFailure
    from s4desk.core.lifecycle.findings import Finding
    from s4desk.core.lifecycle.looking import Looks

BY_KEY: Final = frozenset({Action.EXPIRE, Action.TRANSITION})
"""Actions on whatever a key holds; the others are on a version by its id."""
_PRECONDITION: Final = "PreconditionFailed"
_DENIED: Final = ("AccessDenied", "ObjectLocked", "PermissionDenied")


class Guard(StrEnum):
    """What sees to it that only what was evaluated is deleted, beside the look before.

    BATCH: the ETag of each in a DeleteObjects. SINGLE: If-Match, one by one. LOOK: nothing else.
    """

    BATCH = "batch"
    SINGLE = "single"
    LOOK = "look"


class Deleter:
    """The deletions in one bucket. Which guard its store knows shows at the first one: what it is
    not known to heed is refused before anything is sent."""

    def __init__(self, looks: Looks) -> None:
        self.guard = Guard.BATCH
        self._looks = looks
        self._store = looks.store
        self._bucket = looks.plan.bucket

    def is_guarded(self, action: Action) -> bool:
        """Whether the store itself looks at what it deletes, so that asking again harms nothing."""
        return action is Action.EXPIRE and self.guard is not Guard.LOOK

    async def delete_current(self, found: Sequence[Finding]) -> Sequence[Result]:
        """What the keys hold; in a bucket with versions that puts markers on top.

        Raises StoreError when nobody knows what became of them. Without a guard that is after one
        attempt: whoever repeats it looks at them again before.
        """
        if self.guard is Guard.BATCH:
            try:
                return await self._at_once(found, with_etags=True)
            except NotSupportedError:
                self.guard = Guard.SINGLE
        if self.guard is Guard.SINGLE:
            try:
                return await self._one_by_one(found, with_etags=True)
            except NotSupportedError:
                self.guard = Guard.LOOK
        return await self._at_once(found, with_etags=False)

    async def delete_versions(self, found: Sequence[Finding]) -> Sequence[Result]:
        """Versions and markers by their ids, for good. Raises StoreError as above, after one
        attempt."""
        return await self._at_once(found, with_etags=False, by_version=True)

    async def _at_once(
        self, found: Sequence[Finding], *, with_etags: bool, by_version: bool = False
    ) -> Sequence[Result]:
        doomed = [_doomed(each, with_etag=with_etags, by_version=by_version) for each in found]
        try:
            with nullcontext() if with_etags else not_twice():
                failures = await self._store.delete_many(self._bucket, doomed)
        except NotSupportedError:
            if with_etags:
                raise
            return await self._one_by_one(found, with_etags=False, by_version=by_version)
        told = {each.doomed: each for each in failures}
        pairs = zip(found, doomed, strict=True)
        return [await self._verdict(each, told.get(asked)) for each, asked in pairs]

    async def _one_by_one(
        self, found: Sequence[Finding], *, with_etags: bool, by_version: bool = False
    ) -> Sequence[Result]:
        """Raises NotSupportedError before anything is deleted."""
        results: dict[int, Result] = {}

        async def delete(at: int) -> None:
            results[at] = await self._delete(found[at], with_etags, by_version)

        await delete(0)
        await run_bounded(map(delete, range(1, len(found))), AT_ONCE)
        return [results[at] for at in range(len(found))]

    async def _delete(self, found: Finding, with_etag: bool, by_version: bool) -> Result:
        version = VersionId(found.version or NULL) if by_version else None
        try:
            with nullcontext() if with_etag else not_twice():
                await self._store.delete(
                    Location(self._bucket, found.key),
                    version=version,
                    if_match=found.etag if with_etag else "",
                )
        except NotSupportedError:
            raise
        except PreconditionFailedError:
            return await self._replaced(found)
        except StoreError as error:
            if error.retryable:
                try:
                    if await self.is_gone(found):
                        return Result(found, Outcome.DONE)
                except StoreError:
                    return unheard(found, error)
            return await self._refused(found, error.code, error.detail)
        return Result(found, Outcome.DONE)

    async def _verdict(self, found: Finding, failure: DeleteFailure | None) -> Result:
        if failure is None:
            return Result(found, Outcome.DONE)
        if failure.code == _PRECONDITION:
            return await self._replaced(found)
        return await self._refused(found, failure.code, failure.message)

    async def _replaced(self, found: Finding) -> Result:
        """Another one is there; or nothing, after a lost reply."""
        try:
            is_there = await self._looks.is_there(found)
        except StoreError:
            is_there = True
        return Result(found, Outcome.CHANGED if is_there else Outcome.DONE)

    async def _refused(self, found: Finding, code: str, detail: str) -> Result:
        """By a lock that was set in the last moment, or for whatever reason."""
        if code in _DENIED and found.version:
            with suppress(StoreError):
                if await self._looks.is_locked_now(found):
                    return Result(found, Outcome.LOCKED)
        return Result(found, Outcome.FAILED, code, detail)

    async def is_gone(self, found: Finding) -> bool:
        """Whether it was deleted, by whomever, where no reply came. Raises StoreError."""
        if found.decision.step.action in BY_KEY:
            return not await self._looks.is_there(found)
        version = found.version or NULL
        return all(row.version != version for row in await self._looks.rows_of(found.key))


def _doomed(found: Finding, *, with_etag: bool, by_version: bool) -> Doomed:
    version = VersionId(found.version or NULL) if by_version else None
    return Doomed(found.key, version, etag=found.etag if with_etag else "")
