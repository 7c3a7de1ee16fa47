"""From what was dropped or selected to the specs of single transfers, batch by batch."""

from __future__ import annotations

import math
import mimetypes
from array import array
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix, VersionId
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes, ObjectMeta, ObjectVersion
from s4desk.core.domain.transfer import BatchId, ConflictPolicy, Direction, TransferSpec
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.version_listing import past_pages
from s4desk.core.transfer.folders import rules_of
from s4desk.core.transfer.names import (
    LocalNames,
    NameChange,
    NameReason,
    NameRules,
    numbered,
)
from s4desk.core.transfer.selection import Selected, collapsed, pages_of
from s4desk.core.transfer.walk import Found, PathProblem, PathReason, in_batches, walk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
    from datetime import datetime

    from s4desk.core.domain.objects import Page
    from s4desk.core.store.protocol import ObjectStore

KEY_LIMIT = 1024
WALK_BATCH = 1000

_Source = tuple[Location, int, float, str, VersionId | None]
"""An object, its size, when it was changed, its key relative to the chosen folder, and which of its
versions is meant if not the newest."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One batch of a plan: what to submit, what is left out, and what gets another name.

    `modified` is when the object of each spec was changed, in seconds since the epoch in UTC, nan
    when that is not known; empty for local sources.
    """

    specs: Sequence[TransferSpec]
    problems: Sequence[PathProblem] = ()
    changes: Sequence[NameChange] = ()
    modified: Sequence[float] = ()


async def plan_uploads(
    paths: Sequence[Path],
    connection: ConnectionId,
    prefix: Prefix,
    batch: BatchId,
    *,
    on_conflict: ConflictPolicy = ConflictPolicy.OVERWRITE,
    keep_name: bool = True,
    removes_source: bool = False,
) -> AsyncIterator[Planned]:
    """Plan files and whole folders to go under `prefix`.

    A folder keeps its own name there, or with `keep_name` off only what it holds is sent. An
    empty folder becomes a marker `dir/`. Two paths of one name: the second is numbered.
    """
    plan = _UploadPlan(connection, prefix, batch, on_conflict, removes_source=removes_source)
    taken: set[str] = set()
    for path in paths:
        top = await in_thread(Path.absolute, path)
        is_folder = await in_thread(top.is_dir)
        name = free_name(top.name, taken) if keep_name or not is_folder else ""
        root = top if is_folder else None
        changed = name != top.name and keep_name
        async for found in in_batches(walk(top), WALK_BATCH):
            # The types of files are looked up in the system's lists, which are read once.
            planned = await in_thread(plan.add, name, found, root)
            if changed:
                change = NameChange(prefix.prefix + top.name, prefix.prefix + name, NameReason.TWIN)
                planned = Planned(planned.specs, planned.problems, [change])
                changed = False
            yield planned


class _UploadPlan:
    def __init__(
        self,
        connection: ConnectionId,
        prefix: Prefix,
        batch: BatchId,
        on_conflict: ConflictPolicy,
        *,
        removes_source: bool,
    ) -> None:
        self._removes_source = removes_source
        self._connection = connection
        self._prefix = prefix
        self._batch = batch
        self._on_conflict = on_conflict
        self._attributes: dict[str, Attributes] = {"": NO_ATTRIBUTES}

    def add(self, top: str, found: Sequence[Found | PathProblem], root: Path | None) -> Planned:
        """Plan what was found, named below `top`; `root` is the folder that is walked."""
        specs: list[TransferSpec] = []
        problems: list[PathProblem] = []
        for each in found:
            outcome = each if isinstance(each, PathProblem) else self._spec(top, each, root)
            if isinstance(outcome, PathProblem):
                problems.append(outcome)
            elif outcome is not None:
                specs.append(outcome)
        return Planned(specs, problems)

    def _spec(self, top: str, found: Found, root: Path | None) -> TransferSpec | PathProblem | None:
        name = "/".join(part for part in (top, found.name) if part)
        if not name:
            # An empty folder of which only the content was wanted.
            return None
        key = f"{self._prefix.prefix}{name}{'/' if found.is_folder else ''}"
        try:
            # Stores put other letters in the place of what is no UTF-8, and so two names may meet.
            size = len(key.encode())
        except UnicodeEncodeError:
            return PathProblem(found.path, PathReason.NOT_TEXT)
        if size > KEY_LIMIT:
            return PathProblem(found.path, PathReason.TOO_LONG, f"{size} > {KEY_LIMIT}")
        return TransferSpec(
            Direction.UPLOAD,
            found.path,
            Address(self._connection, Location(self._prefix.bucket, key)),
            found.size,
            self._on_conflict,
            NO_ATTRIBUTES if found.is_folder else self._typed(key),
            self._batch,
            found.is_folder,
            root if self._removes_source else None,
            self._removes_source,
        )

    def _typed(self, key: str) -> Attributes:
        kind = content_type(key)
        known = self._attributes.get(kind)
        if known is None:
            known = self._attributes[kind] = Attributes(content_type=kind)
        return known


def content_type(name: str) -> str:
    """The media type that a file's name stands for, empty when it tells nothing."""
    kind, encoding = mimetypes.guess_type(name.rpartition("/")[2])
    if encoding is not None:
        # The bytes are those of the compressed file; nobody is to unpack them on the way.
        return "application/gzip" if encoding == "gzip" else f"application/x-{encoding}"
    return kind or ""


def free_name(name: str, taken: set[str], suffix: str = "") -> str:
    """The name, numbered if it is taken with this suffix; it is taken then."""
    free, number = name, 2
    while free + suffix in taken:
        free, number = numbered(name, number), number + 1
    taken.add(free + suffix)
    return free


async def plan_downloads(
    store: ObjectStore,
    connection: ConnectionId,
    selection: Sequence[Selected],
    folder: Path,
    batch: BatchId,
    *,
    on_conflict: ConflictPolicy = ConflictPolicy.OVERWRITE,
    keep_name: bool = True,
    rules: NameRules | None = None,
) -> AsyncIterator[Planned]:
    """Plan objects, and all that lies below prefixes, to go into `folder`.

    A prefix keeps its last segment (a bucket its name) as a folder there, or with `keep_name` off
    only what lies below is fetched. Names are made for the file system of `folder` unless `rules`
    are given. The size of a bare location stays 0 until it is fetched. Raises StoreError.
    """
    plan = await _download_plan(connection, folder, batch, on_conflict, rules)
    kept = collapsed(selection)
    if singles := [_source_of(each) for each in kept if not isinstance(each, Prefix)]:
        yield plan.add(singles)
    for each in kept:
        if isinstance(each, Prefix):
            async with aclosing(pages_of(store, each)) as pages:
                async for page in pages:
                    yield plan.add_page(each, page, keep_name=keep_name)


async def plan_past_downloads(
    store: ObjectStore,
    connection: ConnectionId,
    selection: Sequence[ObjectVersion | Prefix],
    folder: Path,
    batch: BatchId,
    moment: datetime | None,
) -> AsyncIterator[Planned]:
    """Plan versions to go into `folder`, and all that lay below prefixes at `moment`, or lies
    there now. Raises StoreError."""
    plan = await _download_plan(connection, folder, batch, ConflictPolicy.OVERWRITE, None)
    if singles := [_source_of(each) for each in selection if not isinstance(each, Prefix)]:
        yield plan.add(singles)
    for each in selection:
        if isinstance(each, Prefix):
            async with aclosing(_pages(store, each, moment)) as pages:
                async for page in pages:
                    yield plan.add_page(each, page, keep_name=True)


async def _download_plan(
    connection: ConnectionId,
    folder: Path,
    batch: BatchId,
    on_conflict: ConflictPolicy,
    rules: NameRules | None,
) -> _DownloadPlan:
    top = await in_thread(Path.absolute, folder)
    if rules is None:
        rules = await in_thread(rules_of, top)
    return _DownloadPlan(connection, top, batch, on_conflict, LocalNames(rules))


def _pages(
    store: ObjectStore, prefix: Prefix, moment: datetime | None
) -> AsyncGenerator[Page, None]:
    if moment is None:
        return pages_of(store, prefix)
    return past_pages(store.list_versions, prefix, moment)


def _source_of(single: Location | ObjectMeta | ObjectVersion) -> _Source:
    """What a HEAD told of is meant as the newest: to name a version takes a right of its own
    (s3:GetObjectVersion)."""
    if isinstance(single, Location):
        return single, 0, math.nan, single.name, None
    version = single.version if isinstance(single, ObjectVersion) else None
    return single.location, single.size, _seconds(single), single.location.name, version


def _seconds(meta: ObjectMeta | ObjectVersion) -> float:
    return math.nan if meta.modified is None else meta.modified.timestamp()


def _lead(prefix: Prefix, *, keep_name: bool) -> tuple[str, int]:
    """What goes before a key below `prefix`, and how much is cut off its begin."""
    if not keep_name:
        return "", prefix.prefix.rfind("/") + 1
    parent = prefix.parent
    return (f"{prefix.bucket}/", 0) if parent is None else ("", len(parent.prefix))


def as_move(planned: Planned) -> Planned:
    """The same, with the sources removed in the end."""
    return replace(planned, specs=[replace(spec, removes_source=True) for spec in planned.specs])


class _DownloadPlan:
    def __init__(
        self,
        connection: ConnectionId,
        folder: Path,
        batch: BatchId,
        on_conflict: ConflictPolicy,
        names: LocalNames,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._batch = batch
        self._on_conflict = on_conflict
        self._names = names

    def add_page(self, chosen: Prefix, page: Page, *, keep_name: bool) -> Planned:
        """Plan what lies below a chosen prefix."""
        head, cut = _lead(chosen, keep_name=keep_name)
        versions = page.versions or repeat(None, len(page))
        rows = zip(page.keys, page.sizes, page.modified, versions, strict=True)
        return self.add(
            (Location(chosen.bucket, key), size, modified, head + key[cut:], version)
            for key, size, modified, version in rows
        )

    def add(self, objects: Iterable[_Source]) -> Planned:
        """Plan objects."""
        specs: list[TransferSpec] = []
        changes: list[NameChange] = []
        times = array("d")
        for location, size, modified, key, version in objects:
            is_folder = size == 0 and key.endswith("/")
            if not key and location.key.endswith("/") and size == 0:
                # The marker of the prefix of which only the content was wanted.
                continue
            name = self._names.folder(key) if is_folder else self._names.file(key)
            if name.reason is not None:
                changes.append(NameChange(location.key, name.path, name.reason))
            times.append(modified)
            specs.append(
                TransferSpec(
                    Direction.DOWNLOAD,
                    Address(self._connection, location),
                    self._folder / name.path,
                    size,
                    self._on_conflict,
                    NO_ATTRIBUTES,
                    self._batch,
                    is_folder,
                    self._folder,
                    version=version,
                )
            )
        return Planned(specs, (), changes, times)
