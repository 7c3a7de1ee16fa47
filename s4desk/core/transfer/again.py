"""Transfers that have ended, planned anew: the same ends, as they are now."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address, VersionId
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.domain.transfer import TransferSpec
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.planner import Planned, content_type
from s4desk.core.transfer.walk import PathProblem, PathReason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from s4desk.core.domain.transfer import BatchId, Direction

    Ends = tuple[Direction, Path | Address, Path | Address, VersionId | None]

AT_ONCE = 1000


def ends_of(spec: TransferSpec) -> Ends:
    """What makes two transfers the same wish."""
    return spec.direction, spec.source, spec.target, spec.version


async def plan_again(specs: Sequence[TransferSpec], batch: BatchId) -> AsyncIterator[Planned]:
    """Plan what was asked for then, each wish once. A file that is not there is a problem; an
    object that is not, its transfer will tell."""
    wishes = list({ends_of(spec): spec for spec in specs}.values())
    for first in range(0, len(wishes), AT_ONCE):
        yield await in_thread(_planned, wishes[first : first + AT_ONCE], batch)


def _planned(wishes: Sequence[TransferSpec], batch: BatchId) -> Planned:
    outcomes = [_again(spec, batch) for spec in wishes]
    return Planned(
        [each for each in outcomes if isinstance(each, TransferSpec)],
        [each for each in outcomes if isinstance(each, PathProblem)],
    )


def _again(spec: TransferSpec, batch: BatchId) -> TransferSpec | PathProblem:
    size, attributes = spec.size, NO_ATTRIBUTES
    if isinstance(spec.source, Path):
        try:
            size = _size_of(spec.source, is_folder=spec.is_folder)
        except OSError as error:
            return PathProblem(spec.source, PathReason.UNREADABLE, error.strerror or str(error))
        if isinstance(spec.target, Address) and not spec.is_folder:
            attributes = Attributes(content_type=content_type(spec.target.location.key))
    root = spec.target.parent if spec.is_folder and isinstance(spec.target, Path) else None
    return TransferSpec(
        spec.direction,
        spec.source,
        spec.target,
        size,
        attributes=attributes,
        batch=batch,
        is_folder=spec.is_folder,
        root=root,
        removes_source=spec.removes_source,
        version=spec.version,
    )


def _size_of(path: Path, *, is_folder: bool) -> int:
    """In bytes, 0 for a folder. Raises OSError, also for what is something else now."""
    found = path.stat()
    if path.is_dir() != is_folder:
        kind = errno.ENOTDIR if is_folder else errno.EISDIR
        raise OSError(kind, os.strerror(kind))
    return 0 if is_folder else found.st_size
