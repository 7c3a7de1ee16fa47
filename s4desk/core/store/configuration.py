"""Writing a bucket's configuration so that nothing is lost in silence.

Some stores accept a configuration and keep only a part of it: a lifecycle rule without its size
filter deletes more than was written (SPEC.md section 1). And S3 has no condition for these
requests: what somebody else wrote meanwhile is found by looking first. Between that look and the
write there is a moment that nobody can close.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, is_set, neutral
from s4desk.core.domain.errors import (
    ConfigChangedError,
    ConfigUncertainError,
    NotSupportedError,
    PermissionDeniedError,
    StoreError,
)
from s4desk.core.domain.identity import Location
from s4desk.core.runtime.clock import Clock, SystemClock
from s4desk.core.store.config_compare import Difference, differences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.core.domain.bucket_config import BucketDocument
    from s4desk.core.store.protocol import ConfigStore

log = logging.getLogger(__name__)

READS: Final = 3
READ_AGAIN_S: Final = 1.0


class WriteOutcome(StrEnum):
    """What holds in the bucket now."""

    WRITTEN = "written"
    """What was wanted, wholly."""
    INSISTED = "insisted"
    """What the store made of it, because the user wants it anyway."""
    RESTORED = "restored"
    """What was there before: the new one lost something."""
    NOT_RESTORED = "not-restored"
    """What the store made of it, for all that is known; the old one could not be put back, or is
    not there again."""
    UNREAD = "unread"
    """What was wanted, as far as anybody knows: the new policy forbids to read it back."""


@dataclass(frozen=True, slots=True)
class ConfigReport:
    """How a write ended. `found` is what the store made of it, `before` what it replaced."""

    outcome: WriteOutcome
    differences: Sequence[Difference] = ()
    found: BucketDocument | None = None
    before: BucketDocument | None = None
    restore_error: StoreError | None = None


async def read_config(
    store: ConfigStore, bucket: str, kind: ConfigKind, *, id: str = ""
) -> dict[str, Any]:
    """What a bucket has of a kind, as the AWS CLI writes it.

    Empty for none, also where the store shows that it does not know the kind. Raises StoreError.
    """
    try:
        value = as_json(await store.get_document(bucket, kind, id=id))
    except NotSupportedError as error:
        if error.code != "UnknownConfiguration":
            raise
        return {}
    return value if any(value.values()) else {}


def is_same(one: BucketDocument | None, other: BucketDocument | None) -> bool:
    """Whether two documents of a kind mean the same, however they are written."""
    present = one or other
    if present is None or (one is not None and other is not None and one.body == other.body):
        return one is None or other is None or one.headers == other.headers
    here, there = as_json(one), as_json(other)
    kind = present.kind
    return here == there or not (differences(kind, here, there) or differences(kind, there, here))


async def save(
    store: ConfigStore,
    bucket: str,
    kind: ConfigKind,
    before: BucketDocument | None,
    after: BucketDocument | None,
    *,
    id: str = "",
    insist: bool = False,
    clock: Clock | None = None,
) -> ConfigReport:
    """Put `after` in the place of `before`, or delete where it is None; read back and compare.

    Raises ConfigChangedError, with what is there, when that is not `before` any more; StoreError
    when the store refuses it; ConfigUncertainError when no reply comes, or it cannot be read back:
    the old one is then put back, but for a policy that forbids just that. What lost something is
    undone, unless `insist`. What was put back is read as well. Cancelling does not interrupt it
    half-way: a configuration that deletes too much must not stay behind.
    """
    writing = _Writing(store, bucket, kind, id, insist, clock or SystemClock())
    work = asyncio.ensure_future(writing.save(before, after))
    try:
        return await asyncio.shield(work)
    finally:
        if not work.done():
            await asyncio.wait([work])
            _tell_unheard(work)


def _tell_unheard(work: asyncio.Future[ConfigReport]) -> None:
    """The caller was cancelled: what would have been its answer goes to the log."""
    error = None if work.cancelled() else work.exception()
    if error is not None:
        log.warning("a configuration was being written while it was cancelled: %s", error)


@dataclass(frozen=True, slots=True)
class _Writing:
    """One change of one configuration."""

    store: ConfigStore
    bucket: str
    kind: ConfigKind
    id: str
    insist: bool
    clock: Clock

    async def save(
        self, before: BucketDocument | None, after: BucketDocument | None
    ) -> ConfigReport:
        current = await self._read()
        if not is_same(before, current):
            raise ConfigChangedError(
                f"the {self.kind} configuration is another one",
                current=current,
                operation=f"save {self.kind}",
                location=Location(self.bucket, ""),
            )
        if after is not None and current is not None and _is_identical(after, current):
            return ConfigReport(WriteOutcome.WRITTEN, (), current, current)
        found = await self._written(after, current)
        if found is WriteOutcome.UNREAD:
            return ConfigReport(WriteOutcome.UNREAD, (), after, current)
        lost = self._lost(after, found, current)
        if not lost:
            return ConfigReport(WriteOutcome.WRITTEN, (), found, current)
        if self.insist:
            return ConfigReport(WriteOutcome.INSISTED, lost, found, current)
        error = None
        try:
            is_restored = await self._is_restored(current, after)
        except StoreError as caught:
            is_restored, error = False, caught
        outcome = WriteOutcome.RESTORED if is_restored else WriteOutcome.NOT_RESTORED
        return ConfigReport(outcome, lost, found, current, error)

    async def _written(
        self, after: BucketDocument | None, current: BucketDocument | None
    ) -> BucketDocument | Literal[WriteOutcome.UNREAD] | None:
        """Write it, and return what the store has then; UNREAD for a policy that forbids to read
        it."""
        lost_reply = None
        try:
            await self._write(after)
        except StoreError as error:
            if not error.retryable:
                raise
            lost_reply = error  # it may have come all the same
        try:
            found = await self._settled(after, current)
        except StoreError as error:
            if lost_reply is not None:
                raise self._uncertain(lost_reply) from error
            if self.kind is ConfigKind.POLICY and isinstance(error, PermissionDeniedError):
                return WriteOutcome.UNREAD
            raise await self._unread(error, current, after) from error
        if lost_reply is not None and is_same(found, current):
            raise self._uncertain(lost_reply, is_restored=True)
        return found

    async def _unread(
        self, error: StoreError, current: BucketDocument | None, after: BucketDocument | None
    ) -> ConfigUncertainError:
        """It was taken and cannot be read back: how that ends, after what can be done about it."""
        is_restored = False
        if not self.insist:
            try:
                is_restored = await self._is_restored(current, after)
            except StoreError as refusal:
                log.info("the %s configuration is not put back: %s", self.kind, refusal)
        return self._uncertain(error, is_accepted=True, is_restored=is_restored)

    def _uncertain(
        self, error: StoreError, *, is_accepted: bool = False, is_restored: bool = False
    ) -> ConfigUncertainError:
        return ConfigUncertainError(
            error.detail,
            cause=error,
            code=error.code,
            is_accepted=is_accepted,
            is_restored=is_restored,
            operation=f"save {self.kind}",
            location=Location(self.bucket, ""),
        )

    async def _read(self) -> BucketDocument | None:
        return await self.store.get_document(self.bucket, self.kind, id=self.id)

    async def _write(self, document: BucketDocument | None) -> None:
        if document is None:
            await self.store.delete_document(self.bucket, self.kind, id=self.id)
        else:
            await self.store.put_document(self.bucket, document)

    async def _is_restored(
        self, before: BucketDocument | None, instead_of: BucketDocument | None
    ) -> bool:
        """Put back what was there, and look whether it is. An empty document is no configuration:
        not every store accepts one. Raises StoreError."""
        document = before if before is not None and as_json(before) else None
        await self._write(document)
        return not self._lost(document, await self._settled(document, instead_of), instead_of)

    async def _settled(
        self, after: BucketDocument | None, before: BucketDocument | None
    ) -> BucketDocument | None:
        """What the store has now; while it still tells the old one, it is asked again."""
        found = await self._read()
        for _ in range(READS - 1):
            is_stale = is_same(found, before) and bool(self._lost(after, found, before))
            if not is_stale:
                break
            await self.clock.sleep(READ_AGAIN_S)
            found = await self._read()
        return found

    def _lost(
        self,
        after: BucketDocument | None,
        found: BucketDocument | None,
        before: BucketDocument | None,
    ) -> Sequence[Difference]:
        """How what was found differs from what was wanted."""
        there = as_json(found)
        if after is not None:
            return differences(self.kind, as_json(after), there)
        instead = neutral(self.kind)
        if instead is None or self.kind is ConfigKind.ACL:
            # A store may have defaults of its own: it is enough that the old one is gone.
            is_left = is_set(found) and is_same(found, before) and not _is_usual(self.kind, there)
            return [Difference("", None, there)] if is_left else ()
        return differences(self.kind, as_json(instead), there)


def _is_identical(one: BucketDocument, other: BucketDocument) -> bool:
    return one.body == other.body and one.headers == other.headers


def _is_usual(kind: ConfigKind, value: Mapping[str, Any]) -> bool:
    """Whether a store says this of every bucket: many encrypt by themselves."""
    return kind is ConfigKind.ENCRYPTION and "aws:kms" not in str(value)
