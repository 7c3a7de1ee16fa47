"""Asking again, when asking again can help."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import (
    ConflictError,
    NotFoundError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionFailedError,
    StoreError,
    ThrottledError,
    UnavailableError,
    WrongRegionError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.domain.transfer import WaitKind
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.runtime.repeats import note_repeat
from s4desk.core.store.configuration import read_config
from s4desk.core.store.identical import proof_of
from s4desk.core.store.once import is_once
from s4desk.core.store.protocol import PutReply
from s4desk.core.store.replay import recall
from s4desk.core.store.replies import fits_document
from s4desk.core.store.waits import waiting
from s4desk.core.store.wrapper import Call, Request, StoreWrapper, put_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.domain.objects import DeleteFailure, Doomed, ObjectMeta
    from s4desk.core.store.direct import Work
    from s4desk.core.store.protocol import Condition, Moved, Store
    from s4desk.core.store.replay import Told
    from s4desk.core.wire.body import Body

log = logging.getLogger(__name__)
T = TypeVar("T")
Look = Callable[[], Awaitable[object | None]]
Settle = Callable[[StoreError], Awaitable[T]]

ATTEMPTS: Final = 5
BASE_S: Final = 0.2
CAP_S: Final = 10.0
THROTTLED_BASE_S: Final = 1.0
THROTTLED_CAP_S: Final = 30.0
_is_elsewhere: ContextVar[bool] = ContextVar("is_elsewhere", default=False)
_look: ContextVar[Look | None] = ContextVar("look", default=None)


class RetryingStore(StoreWrapper):
    """Repeats what failed for a passing reason, with exponential backoff and full jitter.

    A store that asks for patience gets more of it: at least half of a longer delay. Progress of a
    failed attempt is taken back before the next one.

    A reply may be lost after the store has acted. A conditional put, a created and a deleted
    bucket are then recognised as done. A lost reply to `complete_multipart` shows as
    NotFoundError of the upload: the caller looks at the target before doing anything. One to
    `create_multipart` leaves an upload that nobody knows; `list_uploads` shows it.
    """

    def __init__(
        self,
        inner: Store,
        *,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        attempts: int = ATTEMPTS,
    ) -> None:
        super().__init__(inner)
        self._clock = clock or SystemClock()
        self._jitter = jitter
        self._attempts = attempts

    async def put(
        self,
        location: Location,
        body: Body,
        *,
        attributes: Attributes = NO_ATTRIBUTES,
        condition: Condition | None = None,
        moved: Moved | None = None,
    ) -> PutReply:
        """Refused after a lost reply, it succeeds if the object is what was sent.

        Another writer's object of the same bytes and the same metadata counts as ours: who needs
        to know the winner among equals puts something unique into the metadata.
        """

        async def settle(refusal: StoreError) -> PutReply:
            if not isinstance(refusal, PreconditionFailedError | ConflictError):
                raise refusal
            there = await self.head(location)
            proof = await proof_of(there, body, attributes)
            if not proof:
                raise refusal
            return PutReply(there.etag, there.version, there.checksum, proof)

        return await self._repeat(
            put_request(location, body),
            lambda moved: self._objects.put(
                location, body, attributes=attributes, condition=condition, moved=moved
            ),
            moved,
            settle if condition is not None else None,
        )

    async def copy(
        self,
        source: Location,
        target: Location,
        *,
        version: VersionId | None = None,
        attributes: Attributes | None = None,
        if_match: str = "",
        condition: Condition | None = None,
        seen: ObjectMeta | None = None,
    ) -> PutReply:
        """Refused after a lost reply, it succeeds if the object is of the same ETag and size."""

        async def settle(refusal: StoreError) -> PutReply:
            if not isinstance(refusal, PreconditionFailedError | ConflictError):
                raise refusal
            there = await self.head(target)
            origin = await self.head(source, version=version)
            if (there.etag, there.size) != (origin.etag, origin.size):
                raise refusal
            return PutReply(there.etag, there.version, there.checksum)

        return await self._repeat(
            Request("copy", target.bucket, target.key),
            lambda _: self._objects.copy(
                source,
                target,
                version=version,
                attributes=attributes,
                if_match=if_match,
                condition=condition,
                seen=seen,
            ),
            settle=settle if condition is not None else None,
        )

    async def delete(
        self,
        location: Location,
        *,
        version: VersionId | None = None,
        bypass: bool = False,
        if_match: str = "",
    ) -> None:
        """Refused by its ETag after a lost reply, it succeeds if nothing is there."""

        async def settle(refusal: StoreError) -> None:
            if not isinstance(refusal, PreconditionFailedError):
                raise refusal
            with contextlib.suppress(NotFoundError):
                await self.head(location, version=version)
                raise refusal

        await self._repeat(
            Request("delete", location.bucket, location.key),
            lambda _: self._objects.delete(
                location, version=version, bypass=bypass, if_match=if_match
            ),
            settle=settle if if_match else None,
        )

    async def delete_many(
        self, bucket: str, doomed: Sequence[Doomed], *, bypass: bool = False
    ) -> list[DeleteFailure]:
        """Keys that a document cannot carry go one by one: what fails of them makes nobody ask for
        the others again."""
        together = [each for each in doomed if fits_document(each)]
        if len(together) == len(doomed):
            return await self._delete_some(bucket, doomed, bypass=bypass)
        groups = [together] if together else []
        groups += [[each] for each in doomed if not fits_document(each)]
        failures: list[DeleteFailure] = []
        for some in groups:
            failures += await self._delete_some(bucket, some, bypass=bypass)
        return failures

    async def _delete_some(
        self, bucket: str, doomed: Sequence[Doomed], *, bypass: bool
    ) -> list[DeleteFailure]:
        return await self._repeat(
            Request("delete_many", bucket),
            lambda _: self._objects.delete_many(bucket, doomed, bypass=bypass),
        )

    async def create_bucket(self, bucket: str, *, with_lock: bool = False) -> None:
        """Looks before and after, because stores say yes to what they do not do.

        Ceph, and AWS in us-east-1, answer 200 to whoever makes a bucket that is theirs already
        ("CreateBucket" in the S3 API reference). Raises ConflictError for that.
        """

        async def settle(refusal: StoreError) -> None:
            if not isinstance(refusal, ConflictError):
                raise refusal
            # A bucket of somebody else would be PermissionDeniedError here.
            await self.head_bucket(bucket)

        await self._refuse_present(bucket)
        await self._repeat(
            Request("create_bucket", bucket),
            lambda _: self._buckets.create_bucket(bucket, with_lock=with_lock),
            settle=settle,
        )
        if with_lock:
            await self._refuse_unlocked(bucket)

    async def _refuse_present(self, bucket: str) -> None:
        try:
            await self.head_bucket(bucket)
        except (NotFoundError, PermissionDeniedError, WrongRegionError):
            # Whether it is somebody else's is told when it is made.
            return
        raise ConflictError(
            "it exists",
            operation="create_bucket",
            location=Location(bucket, ""),
            code="BucketAlreadyOwnedByYou",
        )

    async def _refuse_unlocked(self, bucket: str) -> None:
        """Who may not read the configuration has to believe the store."""
        with contextlib.suppress(PermissionDeniedError):
            lock = await read_config(self, bucket, ConfigKind.OBJECT_LOCK)
            if lock.get("ObjectLockEnabled") != "Enabled":
                raise NotSupportedError(
                    "the bucket has no Object Lock",
                    operation="create_bucket",
                    location=Location(bucket, ""),
                    code="BucketWithoutLock",
                )

    async def delete_bucket(self, bucket: str) -> None:
        async def settle(refusal: StoreError) -> None:
            if not isinstance(refusal, NotFoundError):
                raise refusal

        await self._repeat(
            Request("delete_bucket", bucket),
            lambda _: self._buckets.delete_bucket(bucket),
            settle=settle,
        )

    async def directly(self, work: Work) -> None:
        """Once: what the thread had in hand when it failed is to be seen to by who gave it that."""
        await self._lend(work)

    async def _around(self, request: Request, call: Call[T], moved: Moved | None = None) -> T:
        return await self._repeat(request, call, moved)

    async def _repeat(
        self,
        request: Request,
        call: Call[T],
        moved: Moved | None = None,
        settle: Settle[T] | None = None,
    ) -> T:
        """Make the request until it succeeds, fails for good or was tried often enough.

        `settle` decides what a refusal means when the reply to an earlier attempt may be lost.
        """
        ledger = _Ledger(moved) if moved else None
        is_lost = False
        attempts = 1 if _is_elsewhere.get() or is_once() else self._attempts
        look = _look.get()
        for attempt in range(1, attempts + 1):
            try:
                told = recall(request.operation) if attempt == 1 else None
                return await (call(ledger) if told is None else _replayed(told))
            except StoreError as error:
                if not error.retryable:
                    if settle is None or not is_lost:
                        raise
                    return await settle(error)
                if attempt == attempts:
                    raise
                is_lost = is_lost or isinstance(error, UnavailableError)
                if ledger is not None:
                    ledger.undo()
                await self._wait(request, error, attempt)
                note_repeat()
                if look is not None and (done := await look()) is not None:
                    return cast("T", done)
        raise AssertionError("the last attempt returns or raises")

    async def _wait(self, request: Request, error: StoreError, attempt: int) -> None:
        delay = backoff(error, attempt, self._jitter())
        log.info(
            "%s %s: attempt %d failed (%s), next in %.1f s",
            request.operation,
            request.location,
            attempt,
            error.detail,
            delay,
        )
        is_throttled = isinstance(error, ThrottledError)
        with waiting(WaitKind.THROTTLED if is_throttled else WaitKind.RETRY, delay):
            await self._clock.sleep(delay)


@contextlib.contextmanager
def looked_at_between(look: Look) -> Iterator[None]:
    """Before a request of the block is made again, `look` looks whether it still may be: it raises
    why not, or returns the reply if it is done already, else None. What it asks itself is asked
    again without it."""

    async def apart() -> object | None:
        inner = _look.set(None)
        try:
            return await look()
        finally:
            _look.reset(inner)

    token = _look.set(apart)
    try:
        yield
    finally:
        _look.reset(token)


@contextlib.contextmanager
def tried_elsewhere() -> Iterator[None]:
    """Requests of the block are made once: whoever makes them asks another store instead."""
    token = _is_elsewhere.set(True)
    try:
        yield
    finally:
        _is_elsewhere.reset(token)


def backoff(error: StoreError, attempt: int, jitter: float) -> float:
    """Seconds to wait after the failure of `attempt` (from 1); `jitter` is in 0..1.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    if isinstance(error, ThrottledError):
        ceiling = min(THROTTLED_CAP_S, THROTTLED_BASE_S * 2.0 ** (attempt - 1))
        return ceiling * (1 + jitter) / 2
    return min(CAP_S, BASE_S * 2.0 ** (attempt - 1)) * jitter


async def _replayed(told: Told) -> Any:
    if isinstance(told[1], BaseException):
        raise told[1]
    return told[1]


class _Ledger:
    """Passes progress on and remembers it, so that it can be taken back."""

    def __init__(self, moved: Moved) -> None:
        self._moved = moved
        self._total = 0

    def __call__(self, count: int) -> None:
        self._total += count
        self._moved(count)

    def undo(self) -> None:
        if self._total:
            self._moved(-self._total)
        self._total = 0
