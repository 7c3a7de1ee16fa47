"""The two ends of a transfer: which object or file is there, its sum, and its removal."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.errors import (
    IntegrityError,
    LocalFileError,
    PreconditionFailedError,
    SourceChangedError,
)
from s4desk.core.domain.identity import NULL_VERSION, VersionId
from s4desk.core.domain.parts import ObjectIdentity, plan_parts
from s4desk.core.failover.errors import OutOfReachError
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.files import SteadySource, fingerprint
from s4desk.core.transfer.folders import local_errors
from s4desk.core.transfer.verify import joined, sum_of
from s4desk.core.wire.checksums import CRC64NVME, running_sum

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.parts import Identity, Part
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.job import JobContext

READ_BACK_SUM = CRC64NVME
_RANGES_IN_FLIGHT = 16
_ABSENT = (errno.ENOENT, errno.ENOTDIR)


def identity_of(meta: ObjectMeta) -> ObjectIdentity:
    """What tells this object, as HEAD shows it, from another one."""
    modified = int(meta.modified.timestamp()) if meta.modified is not None else 0
    version = "" if meta.version in (None, NULL_VERSION) else meta.version
    return ObjectIdentity(meta.size, meta.etag, version, modified)


class End(Protocol):
    """Where a transfer comes from or goes to."""

    @property
    def place(self) -> Path | Location:
        """What an error calls it."""

    async def identity(self) -> Identity | None:
        """What is there now; None when nothing is."""

    async def read_back(self, expected: Identity) -> str:
        """The sum (READ_BACK_SUM) of all that is there, read for it.

        Raises SourceChangedError when it is not what was expected.
        """

    async def remove(self) -> None:
        """Delete what is there; absent is success."""


class LocalEnd:
    """A file. When it is removed, so are the folders above it that this leaves empty, up to `root`
    and with it."""

    def __init__(self, path: Path, root: Path | None = None) -> None:
        self._path = path
        self._root = root

    async def identity(self) -> Identity | None:
        return await in_thread(self._found)

    def _found(self) -> Identity | None:
        """A link that leads nowhere is not nothing. Raises LocalFileError."""
        try:
            return fingerprint(self._path)
        except LocalFileError as error:
            if error.cause.errno in _ABSENT and not self._path.is_symlink():
                return None
            raise

    async def read_back(self, expected: Identity) -> str:
        source = SteadySource(self._path)
        try:
            await in_thread(source.open)
            if source.fingerprint != expected:
                raise SourceChangedError(self._path)
            value = await sum_of(source, expected.size, READ_BACK_SUM)
            await in_thread(source.check)
        finally:
            source.close()
        return value

    async def remove(self) -> None:
        await in_thread(self._remove)

    def _remove(self) -> None:
        with local_errors(self._path):
            self._path.unlink(missing_ok=True)
        if self._root is not None:
            remove_empty(self._path.parent, self._root)

    @property
    def place(self) -> Path:
        return self._path


class RemoteEnd:
    """An object: the newest version of its key."""

    def __init__(self, store: Store, location: Location, context: JobContext) -> None:
        self._store = store
        self._location = location
        self._slots = context.parts
        self._range = context.sizes.range

    async def identity(self) -> Identity | None:
        there = await head_if_there(self._store, self._location)
        return None if there is None else identity_of(there)

    async def read_back(self, expected: Identity) -> str:
        if not isinstance(expected, ObjectIdentity):
            raise SourceChangedError(self._location)
        if not expected.size:
            return running_sum(READ_BACK_SUM).value
        sums: dict[int, tuple[str, int]] = {}

        async def read(part: Part) -> None:
            async with self._slots.entered():
                reply = await self._store.get(
                    self._location,
                    _Nowhere(),
                    span=part.span,
                    if_match=expected.etag,
                    version=VersionId(expected.version) if expected.version else None,
                    algorithm=READ_BACK_SUM,
                )
            if reply.received is None or reply.meta.size != expected.size:
                raise SourceChangedError(self._location)
            sums[part.number] = (reply.received.value, part.span.size)

        plan = plan_parts(expected.size, self._range)
        try:
            await run_bounded((read(part) for part in plan), _RANGES_IN_FLIGHT)
        except OutOfReachError:
            raise
        except PreconditionFailedError as error:
            raise SourceChangedError(self._location) from error
        whole = joined(READ_BACK_SUM, [sums[part.number] for part in plan])
        if whole is None:
            raise IntegrityError("no sum of the received bytes", location=self._location)
        return whole

    async def remove(self) -> None:
        await self._store.delete(self._location)

    @property
    def place(self) -> Location:
        return self._location


class _Nowhere:
    """A sink for bytes that only matter for their sum."""

    def write(self, view: memoryview, offset: int) -> None:
        """Let them go."""


def remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder and those above it, up to `root` and with it, as long as they are empty."""
    while folder.is_relative_to(root):
        try:
            folder.rmdir()
        except OSError:
            # Something is in it, or came into it, or it may not be removed: it stays.
            return
        folder = folder.parent
