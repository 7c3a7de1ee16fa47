"""What no listing tells: tags, locks, how far replication is. Asked only where it matters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import (
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    StoreError,
    UnauthenticatedError,
)
from s4desk.core.domain.identity import Location, VersionId
from s4desk.core.lifecycle.hints import EXPIRATION
from s4desk.core.runtime.tasks import run_bounded

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Mapping, Sequence

    from s4desk.core.domain.lifecycle.candidates import Candidate
    from s4desk.core.domain.lock import LockState
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.lifecycle.sifting import OpenKey
    from s4desk.core.store.protocol import Store

AT_ONCE: Final = 8
"""A connection has some more slots: the rest is for whoever clicks meanwhile."""
MOST_FAILURES: Final = 1000
OBJECTORS: Final = 3
"""So many objects have to say that there are no tags, and none may ever have told some."""
MOST_STRIKES: Final = 2 * AT_ONCE
"""So many failures in a row that might have passed by themselves are the store's, not theirs."""
REPLICATION: Final = "x-amz-replication-status"


class Asked(StrEnum):
    """What is asked of one version."""

    TAGS = "tags"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Failure:
    """A version of which something could not be learned: it counts as having no tags, or no
    lock."""

    key: str
    version: str
    asked: Asked
    error: StoreError


class Asking:
    """Asks about versions of one bucket, `AT_ONCE` at a time.

    What fails is kept in `failures` (the first of them), and versions of which something did are
    counted in `errors`; `failed` are their keys since `forget`. What is not there any more is
    marked as gone. `has_tags` is false once enough objects said, again when asked, that the store
    has no such thing: then nothing has any. `may_be_locked` is said before. `hides_locks` is true
    once a lock could not be seen: a HEAD leaves out what one may not see.
    """

    def __init__(self, store: Store, bucket: str) -> None:
        self.requests = 0
        self.errors = 0
        self.gone = 0
        self.failures: list[Failure] = []
        self.failed: set[str] = set()
        self.hides_locks = False
        self._store = store
        self._bucket = bucket
        self.may_be_locked = False
        self._is_sure_of_locks = False
        self.has_tags = True
        self._tells_tags = False
        self._objectors: dict[str, Candidate] = {}
        self._open: list[tuple[OpenKey, int, StoreError]] = []
        self._strikes = 0
        self._counted: set[tuple[str, str]] = set()

    def forget(self) -> None:
        """Other keys come: nobody asks for those before them any more."""
        self.failed.clear()
        self._counted.clear()

    async def ask(self, opened: Sequence[OpenKey]) -> None:
        """Learn what the verdicts on these keys wait for.

        Raises StoreError when the store does not answer at all any more.
        """
        await run_bounded(self._questions(opened), AT_ONCE)
        await self._settle_objections()

    def _questions(self, opened: Sequence[OpenKey]) -> Iterator[Coroutine[None, None, None]]:
        for key in opened:
            for at in key.verdict.tags:
                yield self._learn(key, at, Asked.TAGS)
            for at in key.verdict.heads:
                yield self._learn(key, at, Asked.HEAD)

    async def _learn(self, key: OpenKey, at: int, asked: Asked) -> None:
        known = key.known[at]
        is_tags = asked is Asked.TAGS
        key.known[at] = known._replace(tags=True) if is_tags else known._replace(head=True)
        try:
            await (self._tags(key, at) if is_tags else self._head(key, at))
        except NotFoundError:
            self.gone += at not in key.gone
            key.gone.add(at)
        except UnauthenticatedError:
            raise
        except StoreError as error:
            self._strikes = self._strikes + 1 if error.retryable else 0
            if self._strikes > MOST_STRIKES:
                raise
            self._silent(key, at, asked, error)
        else:
            self._strikes = 0

    def _silent(self, key: OpenKey, at: int, asked: Asked, error: StoreError) -> None:
        is_silent = key.known[at].is_silent or asked is Asked.TAGS
        key.known[at] = key.known[at]._replace(is_silent=is_silent)
        key.silent.add(at)
        self._failed(key.versions[at], asked, error)

    def _failed(self, version: Candidate, asked: Asked, error: StoreError) -> None:
        self.failed.add(version.key)
        if (version.key, version.version) in self._counted:
            return
        self._counted.add((version.key, version.version))
        self.errors += 1
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(Failure(version.key, version.version, asked, error))

    async def _tags(self, key: OpenKey, at: int) -> None:
        version = key.versions[at]
        if not self.has_tags:
            return
        try:
            tags = await self.tags(version)
        except NotSupportedError as error:
            # One reply is no proof: something on the way may have said that.
            if len(self._objectors) < OBJECTORS:
                self._objectors[version.key] = version
            self._open.append((key, at, error))
            return
        self._tells_tags = True
        key.versions[at] = replace(version, tags=tags)

    async def _settle_objections(self) -> None:
        """What objected did not say what decides, unless there are no tags in this store."""
        if not self._open:
            return
        self.has_tags = not await self._is_without_tags()
        for key, at, error in self._open if self.has_tags else ():
            self._silent(key, at, Asked.TAGS, error)
        self._open.clear()

    async def _is_without_tags(self) -> bool:
        if self._tells_tags or len(self._objectors) < OBJECTORS:
            return False
        for version in self._objectors.values():
            try:
                await self.tags(version)
            except NotSupportedError:
                continue
            except StoreError:
                return False
            self._tells_tags = True
            return False
        return True

    async def _head(self, key: OpenKey, at: int) -> None:
        version = key.versions[at]
        meta = await self.head(version)
        key.versions[at] = replace(
            key.versions[at],
            lock=await self._lock(meta, version),
            replication=version.replication or meta.headers.get(REPLICATION, ""),
        )

    async def tags(self, version: Candidate) -> Mapping[str, str]:
        """Raises StoreError."""
        self.requests += 1
        return await self._store.get_tags(self._location(version), version=_id(version))

    async def head(self, version: Candidate) -> ObjectMeta:
        """What a look at a version tells. Raises StoreError."""
        self.requests += 1
        return await self._store.head(self._location(version), version=_id(version))

    async def hint(self, candidate: Candidate) -> str | None:
        """What the store says of when a current object expires; None if it is another by now.

        S3 says it only where no version is asked for. Raises StoreError.
        """
        self.requests += 1
        meta = await self._store.head(self._location(candidate))
        is_same = meta.etag == candidate.etag and (
            not candidate.version or meta.version in (None, candidate.version)
        )
        return meta.headers.get(EXPIRATION, "") if is_same else None

    async def _lock(self, meta: ObjectMeta, version: Candidate) -> LockState:
        """No lock in a reply is none only if one may see them: that is asked once."""
        lock = meta.attributes.lock
        if not self.may_be_locked or self._is_sure_of_locks or self.hides_locks:
            return lock
        if lock.mode is not None and lock.legal_hold is not None:
            self._is_sure_of_locks = True
            return lock
        self.requests += 1
        try:
            lock = await self._store.get_lock(self._location(version), version=_id(version))
        except PermissionDeniedError:
            self.hides_locks = True
        else:
            self._is_sure_of_locks = True
        return lock

    def _location(self, version: Candidate) -> Location:
        return Location(self._bucket, version.key)


def _id(version: Candidate) -> VersionId | None:
    return VersionId(version.version) if version.version else None
