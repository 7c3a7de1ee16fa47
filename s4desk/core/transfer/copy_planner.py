"""From a selection in a store to the copies, moves or renames of single objects."""

from __future__ import annotations

import math
from array import array
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import PermissionDeniedError, ValidationError
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.domain.transfer import (
    CARRIED,
    BatchId,
    Carried,
    ConflictPolicy,
    Direction,
    TransferSpec,
)
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.names import NameChange, NameReason
from s4desk.core.transfer.planner import KEY_LIMIT, Planned, free_name
from s4desk.core.transfer.selection import Selected, collapsed, pages_of
from s4desk.core.transfer.sync_overlap import refuse_one_place
from s4desk.core.transfer.walk import PathProblem, PathReason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from s4desk.core.store.protocol import ObjectStore

_Row = tuple[str, int, float]
"""A key, the size of its object, and when that was changed."""


@dataclass(frozen=True, slots=True)
class CopyTarget:
    """Where copies go: below `prefix`, at a connection that may be another one.

    With `new_name` the one thing that is selected gets it: that is a rename. With `keep_name` off
    only what lies below a prefix is copied, not the folder itself. The `store` of another
    connection is asked whether it leads to the same bucket.
    """

    connection: ConnectionId
    prefix: Prefix
    keep_name: bool = True
    new_name: str = ""
    store: ObjectStore | None = None


@dataclass(frozen=True, slots=True)
class _Lead:
    """What is put in the place of the first `cut` characters of the keys of one selected thing."""

    bucket: str
    head: str
    cut: int


async def plan_copies(
    store: ObjectStore,
    connection: ConnectionId,
    selection: Sequence[Selected],
    target: CopyTarget,
    batch: BatchId,
    *,
    on_conflict: ConflictPolicy = ConflictPolicy.OVERWRITE,
    removes_source: bool = False,
    carries: Carried = CARRIED,
) -> AsyncIterator[Planned]:
    """Plan objects, and all that lies below prefixes, to be copied or moved.

    Two things of one name: the second is numbered. The size of a bare location stays 0 until it
    is copied. Raises StoreError, and ValidationError for what would go into or onto itself.
    """
    chosen = collapsed(selection)
    if target.new_name and len(chosen) != 1:
        raise ValidationError(tr("Only one thing at a time can get a new name."))
    plan = _CopyPlan(
        connection, target, batch, on_conflict, removes_source=removes_source, carries=carries
    )
    leads = [plan.lead(each) for each in chosen]
    there = store if connection == target.connection else target.store
    for each, lead in zip(chosen, leads, strict=True):
        if isinstance(each, Prefix) and there is not None:
            await _refuse_itself(store, each, there, Prefix(target.prefix.bucket, lead.head))
    for each, lead in zip(chosen, leads, strict=True):
        if isinstance(each, Prefix):
            async with aclosing(pages_of(store, each)) as pages:
                async for page in pages:
                    rows = zip(page.keys, page.sizes, page.modified, strict=True)
                    yield plan.add(lead, rows)
        elif isinstance(each, ObjectMeta):
            modified = math.nan if each.modified is None else each.modified.timestamp()
            yield plan.add(lead, [(each.location.key, each.size, modified)])
        else:
            yield plan.add(lead, [(each.key, 0, math.nan)])


async def _refuse_itself(
    store: ObjectStore, folder: Prefix, there: ObjectStore, target: Prefix
) -> None:
    """A folder that is copied into itself under another name would never end.

    Raises ValidationError.
    """
    if target.prefix.startswith(folder.prefix):
        # Who may not list at the target may still be allowed to write there.
        with suppress(PermissionDeniedError):
            await refuse_one_place(store, folder, there, target)


class _CopyPlan:
    def __init__(
        self,
        connection: ConnectionId,
        target: CopyTarget,
        batch: BatchId,
        on_conflict: ConflictPolicy,
        *,
        removes_source: bool,
        carries: Carried,
    ) -> None:
        self._connection = connection
        self._target = target
        self._batch = batch
        self._on_conflict = on_conflict
        self._removes_source = removes_source
        self._carries = carries
        self._taken: set[str] = set()
        self._changes: list[NameChange] = []

    def lead(self, each: Selected) -> _Lead:
        """Where something selected goes. Raises ValidationError."""
        place = each.location if isinstance(each, ObjectMeta) else each
        if isinstance(place, Prefix):
            return self._lead_of_folder(place)
        name = self._name(place.key, place.name.removesuffix("/"), place.name[-1:] == "/")
        head = self._target.prefix.prefix + name
        if self._is_here(place.bucket) and head == place.key:
            raise ValidationError(
                tr("An object cannot be moved onto itself.")
                if self._removes_source
                else tr("An object cannot be copied onto itself.")
            )
        return _Lead(place.bucket, head, len(place.key))

    def _lead_of_folder(self, folder: Prefix) -> _Lead:
        top, cut = self._target.prefix.prefix, folder.prefix.rfind("/") + 1
        is_whole = cut == len(folder.prefix)
        if is_whole and (self._target.keep_name or self._target.new_name):
            top += self._name(folder.prefix, folder.name, True)
        if self._is_here(folder.bucket) and top.startswith(folder.prefix):
            raise ValidationError(
                tr("A folder cannot be moved into itself.")
                if self._removes_source
                else tr("A folder cannot be copied into itself.")
            )
        return _Lead(folder.bucket, top, cut)

    def _name(self, key: str, name: str, is_folder: bool) -> str:
        """The last segment at the target; told when it is not that of the source."""
        slash = "/" if is_folder else ""
        if self._target.new_name:
            return self._target.new_name.removesuffix("/") + slash
        # An object and a folder may have one name; they are two things.
        free = free_name(name, self._taken, slash)
        if free != name:
            where = self._target.prefix.prefix
            self._changes.append(NameChange(key, f"{where}{free}{slash}", NameReason.TWIN))
        return free + slash

    def _is_here(self, bucket: str) -> bool:
        is_same_store = self._connection == self._target.connection
        return is_same_store and bucket == self._target.prefix.bucket

    def add(self, lead: _Lead, rows: Iterable[_Row]) -> Planned:
        specs: list[TransferSpec] = []
        problems: list[PathProblem] = []
        times = array("d")
        for key, size, modified in rows:
            source, to = Location(lead.bucket, key), lead.head + key[lead.cut :]
            if not to:
                # The marker of the folder of which only the content was wanted.
                continue
            problem = _problem(source, to)
            if problem is not None:
                problems.append(problem)
                continue
            times.append(modified)
            specs.append(self._spec(source, Location(self._target.prefix.bucket, to), size))
        changes, self._changes = self._changes, []
        return Planned(specs, problems, changes, times)

    def _spec(self, source: Location, target: Location, size: int) -> TransferSpec:
        return TransferSpec(
            Direction.COPY,
            Address(self._connection, source),
            Address(self._target.connection, target),
            size,
            self._on_conflict,
            batch=self._batch,
            removes_source=self._removes_source,
            carries=self._carries,
        )


def _problem(source: Location, key: str) -> PathProblem | None:
    """Why an object cannot have this key."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        return PathProblem(source, PathReason.NOT_TEXT)
    if size > KEY_LIMIT:
        return PathProblem(source, PathReason.TOO_LONG, f"{size} > {KEY_LIMIT}")
    return None
