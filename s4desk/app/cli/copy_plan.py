"""What `s4desk cp` and `mv` mean by their two sides: the transfers to make.

Slashes as `aws s3 cp` has them. A single file goes into what ends with a slash, is a bucket or a
local folder, under its own name; anything else is its new name. With `-r` the content of the one
folder becomes the content of the other.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.app.cli.emptiness import emptiness
from s4desk.app.cli.places import Remote, UsageError
from s4desk.core.domain.errors import PermissionDeniedError, ValidationError
from s4desk.core.domain.identity import Address
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.transfer import BatchId, ConflictPolicy, Direction, TransferSpec
from s4desk.core.runtime.answers import unheard_answers
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.copy_planner import CopyTarget, plan_copies
from s4desk.core.transfer.planner import (
    Planned,
    as_move,
    content_type,
    plan_downloads,
    plan_uploads,
)

if TYPE_CHECKING:
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import StoreOf
    from s4desk.core.transfer.selection import Selected

Plan = AsyncIterator[Planned]


@dataclass(frozen=True, slots=True)
class CopyPlanner:
    """Plans one `cp` or `mv`. `into` says that the target was written with a slash at its end."""

    store_of: StoreOf
    batch: BatchId
    on_conflict: ConflictPolicy
    is_recursive: bool
    into: bool
    removes_source: bool = False

    def plan(self, source: Remote | Path, target: Remote | Path) -> Plan:
        """Raises UsageError for what has no meaning, StoreError for what is not there."""
        for side in (source, target):
            if isinstance(side, Remote) and not side.bucket:
                raise UsageError(tr("A bucket is needed: NAME:BUCKET/KEY."))
        if isinstance(source, Path):
            if isinstance(target, Path):
                raise UsageError(tr("Both sides are local; one has to be NAME:BUCKET/KEY."))
            return self._upload(source, target)
        if isinstance(target, Path):
            download = self._download_folder if self.is_recursive else self._download
            return download(source, target)
        return (self._copy_folder if self.is_recursive else self._copy)(source, target)

    async def _upload(self, source: Path, target: Remote) -> Plan:
        is_folder = await in_thread(source.is_dir)
        if is_folder and not self.is_recursive:
            raise UsageError(tr("{path} is a folder; add -r.").format(path=source))
        if is_folder:
            await self._see_bucket(target)
        new_name = "" if is_folder or target.prefix == target.folder else target.key
        where = target.location.parent if new_name else target.folder
        plan = plan_uploads(
            [source],
            target.connection.id,
            where,
            self.batch,
            on_conflict=self.on_conflict,
            keep_name=not is_folder,
            removes_source=self.removes_source,
        )
        is_empty = is_folder
        async for planned in plan:
            is_empty = is_empty and not planned.specs and not planned.problems
            yield _renamed(planned, target) if new_name else planned
        if is_empty and where.prefix:
            path = await in_thread(source.absolute)
            address = Address(target.connection.id, where.location(""))
            yield self._folder(Direction.UPLOAD, path, address)

    async def _see_bucket(self, target: Remote) -> None:
        """Meet what would be the same for everything: no such bucket, keys that are not known.

        Raises StoreError. Who may write need not be allowed to list.
        """
        store = await self.store_of(target.connection.id)
        with suppress(PermissionDeniedError):
            await store.list_objects(target.folder, delimiter="", limit=1)

    async def _download_folder(self, source: Remote, target: Path) -> Plan:
        if await self._is_single(source):
            async for planned in self._download(source, target):
                yield planned
            return
        if await in_thread(_is_occupied, target):
            raise UsageError(tr("{path} is a file, not a folder.").format(path=target))
        found = False
        async for planned in self._downloads(source, source.folder, target):
            found = found or bool(planned.specs)
            yield planned
        if found and not self.removes_source:
            return
        store = await self.store_of(source.connection.id)
        marker = source.folder.location("")
        if not marker.key or await head_if_there(store, marker) is None:
            if found:
                return
            raise await emptiness(store, source, tr("There is nothing to copy in {place}."))
        path = await in_thread(target.absolute)
        yield self._folder(Direction.DOWNLOAD, Address(source.connection.id, marker), path)

    def _folder(
        self, direction: Direction, source: Path | Address, target: Path | Address
    ) -> Planned:
        """An empty folder, which is all there is to copy."""
        root = target.parent if isinstance(target, Path) else None
        spec = TransferSpec(direction, source, target, 0, self.on_conflict, batch=self.batch)
        spec = replace(spec, is_folder=True, root=root, removes_source=self.removes_source)
        return Planned([spec])

    async def _is_single(self, source: Remote) -> bool:
        """Whether there is an object of this name and nothing below it."""
        if source.prefix == source.folder:
            return False
        store = await self.store_of(source.connection.id)
        page = await store.list_objects(source.folder, delimiter="", limit=1)
        if len(page) or page.next_token is not None:
            return False
        with unheard_answers():
            return await head_if_there(store, source.location) is not None

    async def _download(self, source: Remote, target: Path) -> Plan:
        meta = await self._looked_at(source)
        if self.into or await in_thread(target.is_dir):
            async for planned in self._downloads(source, meta, target):
                yield planned
            return
        path = await in_thread(target.absolute)
        spec = TransferSpec(
            Direction.DOWNLOAD,
            Address(source.connection.id, meta.location),
            path,
            meta.size,
            self.on_conflict,
            batch=self.batch,
            removes_source=self.removes_source,
        )
        yield Planned([spec])

    async def _looked_at(self, source: Remote) -> ObjectMeta:
        """A single object. Who gives its bytes may be another, and is told with them."""
        store = await self.store_of(source.connection.id)
        with unheard_answers():
            return await store.head(_single(source).location)

    async def _downloads(self, source: Remote, selected: Selected, target: Path) -> Plan:
        plan = plan_downloads(
            await self.store_of(source.connection.id),
            source.connection.id,
            [selected],
            target,
            self.batch,
            on_conflict=self.on_conflict,
            keep_name=False,
        )
        async for planned in plan:
            yield as_move(planned) if self.removes_source else planned

    async def _copy_folder(self, source: Remote, target: Remote) -> Plan:
        if await self._is_single(source):
            async for planned in self._copy(source, target):
                yield planned
            return
        await self._see_bucket(target)
        there = await self.store_of(target.connection.id)
        where = CopyTarget(target.connection.id, target.folder, keep_name=False, store=there)
        found = False
        async for planned in self._copies(source, source.folder, where):
            found = found or bool(planned.specs or planned.problems)
            yield planned
        if not found:
            store = await self.store_of(source.connection.id)
            raise await emptiness(store, source, tr("There is nothing to copy in {place}."))

    async def _copy(self, source: Remote, target: Remote) -> Plan:
        meta = await self._looked_at(source)
        where = CopyTarget(target.connection.id, target.folder)
        if target.prefix != target.folder:
            # The object gets a new name.
            above = target.location.parent
            where = CopyTarget(target.connection.id, above, new_name=target.location.name)
        async for planned in self._copies(source, meta, where):
            yield planned

    async def _copies(self, source: Remote, selected: Selected, where: CopyTarget) -> Plan:
        plan = plan_copies(
            await self.store_of(source.connection.id),
            source.connection.id,
            [selected],
            where,
            self.batch,
            on_conflict=self.on_conflict,
            removes_source=self.removes_source,
        )
        try:
            async for planned in plan:
                yield planned
        except ValidationError as error:
            raise UsageError(str(error)) from error


def _is_occupied(path: Path) -> bool:
    """Whether something is there that is no folder."""
    return os.path.lexists(path) and not path.is_dir()


def _single(source: Remote) -> Remote:
    if not source.key:
        raise UsageError(tr("{bucket} is a bucket; add -r.").format(bucket=source.bucket))
    return source


def _renamed(planned: Planned, target: Remote) -> Planned:
    """The plan of a single file, under the key that was asked for."""
    attributes = Attributes(content_type=content_type(target.key))
    address = Address(target.connection.id, target.location)
    specs = [replace(spec, target=address, attributes=attributes) for spec in planned.specs]
    return replace(planned, specs=specs)
