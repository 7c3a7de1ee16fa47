"""Multipart uploads that were begun and never completed: whose they are, and their end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, StoreError, UnavailableError
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.tasks import run_bounded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from datetime import datetime, timedelta

    from s4desk.core.domain.identity import Location, Prefix, UploadId
    from s4desk.core.domain.objects import Upload
    from s4desk.core.domain.parts import PartReceipt
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.owners import Owners

LOOKS_IN_FLIGHT = 8
ABORTS = 3
ABORT_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Leftover:
    """An unfinished upload. `parts` and `size` (bytes) are what the store holds of it, None where
    it does not tell. `owner` names the transfer of ours that still needs it, if one does, or that
    will end it: then it `is_supposed` to be ours, until somebody is seen to have sent a part."""

    upload: Upload
    owner: str = ""
    is_supposed: bool = False
    parts: int | None = None
    size: int | None = None

    def age(self, now: datetime) -> timedelta | None:
        """None when the store did not say since when it is there."""
        return None if self.upload.initiated is None else now - self.upload.initiated


async def find_leftovers(
    store: ObjectStore,
    under: Prefix,
    owners_of: Callable[[], Awaitable[Owners]],
) -> list[Leftover]:
    """All unfinished uploads below a prefix, by key and then by age. Raises StoreError.

    `owners_of` finds out which transfer needs which upload; it is asked last, so that an upload
    that was just begun has its owner. What nobody here needs may be another program's that is at
    work right now.
    """
    found: list[Leftover] = []
    begun = await list_leftovers(store, under, owners_of)
    await measure_leftovers(store, begun, found.append, lambda _gone: None)
    return sorted(found, key=_order)


async def list_leftovers(
    store: ObjectStore,
    under: Prefix,
    owners_of: Callable[[], Awaitable[Owners]],
) -> list[Leftover]:
    """The same before anybody has asked what each of them holds."""
    uploads = await store.list_uploads(under)
    owners = await owners_of()
    found = [Leftover(upload, *owners.of(upload)) for upload in uploads]
    return sorted(found, key=_order)


async def measure_leftovers(
    store: ObjectStore,
    leftovers: Iterable[Leftover],
    tell: Callable[[Leftover], None],
    tell_gone: Callable[[Leftover], None],
) -> None:
    """Ask what each holds, several at once, and `tell`; of one that has ended `tell_gone`."""

    async def look(leftover: Leftover) -> None:
        upload = leftover.upload
        try:
            parts = await store.list_parts(upload.location, upload.upload)
        except NotFoundError:
            tell_gone(leftover)
        except StoreError:
            tell(leftover)
        else:
            size = sum(part.size for part in parts)
            is_ours = not (leftover.is_supposed and parts)
            owner = leftover.owner if is_ours else ""
            tell(replace(leftover, owner=owner, parts=len(parts), size=size))

    await run_bounded(map(look, leftovers), LOOKS_IN_FLIGHT)


def _order(leftover: Leftover) -> tuple[Location, str]:
    return leftover.upload.location, str(leftover.upload.initiated)


async def abort_for_good(
    store: ObjectStore, location: Location, upload: UploadId, clock: Clock | None = None
) -> None:
    """Abort an upload until the store says that there is none.

    A part that was on its way may arrive after the first abort ("AbortMultipartUpload" in the S3
    API reference). Raises UnavailableError when the upload does not go away, and other StoreErrors.
    """
    clock = clock or SystemClock()
    for attempt in range(ABORTS):
        if attempt:
            await clock.sleep(ABORT_PAUSE_S)
        await store.abort_multipart(location, upload)
        if await held_parts(store, location, upload) is None:
            return
    raise UnavailableError(
        "the store still holds parts of the upload",
        operation="abort_multipart",
        location=location,
    )


async def held_parts(
    store: ObjectStore, location: Location, upload: UploadId
) -> Sequence[PartReceipt] | None:
    """The parts that the store holds, None when it does not know the upload."""
    try:
        return await store.list_parts(location, upload)
    except NotFoundError:
        return None
