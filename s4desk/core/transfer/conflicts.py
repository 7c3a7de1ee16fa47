"""Targets that exist already, found and decided before bytes move."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError
from s4desk.core.domain.identity import Address, ConnectionId, Location, Prefix
from s4desk.core.domain.transfer import ConflictPolicy, TransferSpec
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.names import NameRules, numbered
from s4desk.core.transfer.planner import KEY_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.store.protocol import ObjectStore, StoreOf

FEW = 16
HEADS_IN_FLIGHT = 8
LOOKS_PER_HOP = 500
LISTINGS_IN_FLIGHT = 8
KEYS_PER_LOOK = 2000
"""Fewer than that are two pages or so: not worth another request."""


@dataclass(frozen=True, slots=True)
class Existing:
    """What is at a target. `size` in bytes, `modified` in UTC.

    `is_hidden`: the store does not let us look, there may be something or nothing.
    """

    size: int
    modified: datetime | None
    is_folder: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    spec: TransferSpec
    existing: Existing


async def find_conflicts(specs: Sequence[TransferSpec], store_of: StoreOf) -> list[Conflict]:
    """Which of the targets exist. Folders never conflict: the one that is there is kept.

    A few targets are asked for one by one. Many are looked up in the listing of what they have in
    common, where stretches without any are skipped: never more requests than targets. What a
    store does not let us look at is in conflict too. Raises StoreError.
    """
    local: list[tuple[Path, TransferSpec]] = []
    remote: defaultdict[tuple[ConnectionId, str], dict[str, TransferSpec]] = defaultdict(dict)
    for spec in specs:
        if spec.is_folder:
            continue
        if isinstance(spec.target, Path):
            local.append((spec.target, spec))
        else:
            location = spec.target.location
            remote[spec.target.connection, location.bucket][location.key] = spec
    conflicts = await _local_conflicts(local)
    for (connection, bucket), wanted in remote.items():
        store = await store_of(connection)
        look = _asked_one_by_one if len(wanted) <= FEW else _looked_up
        conflicts += await look(store, bucket, wanted)
    return conflicts


async def _local_conflicts(wanted: Sequence[tuple[Path, TransferSpec]]) -> list[Conflict]:
    conflicts: list[Conflict] = []
    for start in range(0, len(wanted), LOOKS_PER_HOP):
        some = wanted[start : start + LOOKS_PER_HOP]
        conflicts += await in_thread(_look_at, some)
    return conflicts


def _look_at(wanted: Iterable[tuple[Path, TransferSpec]]) -> list[Conflict]:
    return [
        Conflict(spec, existing)
        for path, spec in wanted
        if (existing := existing_at(path)) is not None
    ]


def existing_at(path: Path) -> Existing | None:
    """What is at a local path; a link is what it leads to, if that is there. It blocks."""
    try:
        found = path.stat() if path.exists() else path.lstat()
    except OSError:
        # It cannot be looked at; writing there will say why.
        return None
    modified = datetime.fromtimestamp(found.st_mtime, UTC)
    return Existing(found.st_size, modified, S_ISDIR(found.st_mode))


async def _asked_one_by_one(
    store: ObjectStore, bucket: str, wanted: dict[str, TransferSpec]
) -> list[Conflict]:
    found: dict[str, Existing] = {}

    async def ask(key: str) -> None:
        try:
            meta = await head_if_there(store, Location(bucket, key))
        except PermissionDeniedError:
            found[key] = Existing(0, None, is_hidden=True)
            return
        if meta is not None:
            found[key] = Existing(meta.size, meta.modified)

    await run_bounded((ask(key) for key in wanted), HEADS_IN_FLIGHT)
    return [Conflict(spec, found[key]) for key, spec in wanted.items() if key in found]


async def head_if_there(
    store: ObjectStore, location: Location, *, version: VersionId | None = None
) -> ObjectMeta | None:
    """The object, or this version of it, None when it is absent.

    Raises PermissionDeniedError when we may not look: S3 answers 403 then for what exists, and to
    whoever may not list the bucket for what does not ("HeadObject" in the S3 API reference).
    """
    try:
        return await store.head(location, version=version)
    except NotFoundError:
        return None


async def _looked_up(
    store: ObjectStore, bucket: str, wanted: dict[str, TransferSpec]
) -> list[Conflict]:
    """Very many are looked up at several places at once."""
    keys = sorted(wanted, key=_bytes)
    share = max(KEYS_PER_LOOK, -(-len(keys) // LISTINGS_IN_FLIGHT))
    found: dict[str, Existing] = {}
    looks = (
        _look_up(
            store,
            bucket,
            keys[start : start + share],
            found,
            after=keys[start][:-1] if start else "",
        )
        for start in range(0, len(keys), share)
    )
    try:
        await run_bounded(looks, LISTINGS_IN_FLIGHT)
    except PermissionDeniedError:
        return await _asked_one_by_one(store, bucket, wanted)
    return [Conflict(wanted[key], found[key]) for key in keys if key in found]


async def _look_up(
    store: ObjectStore, bucket: str, keys: Sequence[str], found: dict[str, Existing], *, after: str
) -> None:
    """Note in `found` what is there of `keys`, which are in byte order and behind `after`."""
    prefix = Prefix(bucket, _common(keys[0], keys[-1]))
    asked = frozenset(keys)
    token, is_heard = None, True
    while True:
        page = await store.list_objects(
            prefix, delimiter="", token=token, start_after="" if token else after
        )
        found.update(
            (key, Existing(page.sizes[row], page.meta(row).modified))
            for row, key in enumerate(page.keys)
            if key in asked
        )
        if not token and page.keys and _bytes(page.keys[0]) <= _bytes(after):
            # A store that ignores start-after begins at the beginning: on from there.
            is_heard = False
        token = page.next_token
        if token is None:
            return
        if page.keys:
            reached = page.keys[-1]
            position = bisect_right(keys, _bytes(reached), key=_bytes)
            if position == len(keys):
                return
            # Whatever sorts before the next wanted key is of no interest.
            before = keys[position][:-1]
            if is_heard and _bytes(before) > _bytes(reached):
                token, after = None, before


class FreeNames:
    """Finds names that are free at the target and in the batch: `photo (2).jpg`."""

    def __init__(
        self,
        specs: Iterable[TransferSpec],
        store_of: StoreOf,
    ) -> None:
        self._taken = {spec.target for spec in specs}
        self._store_of = store_of

    async def renamed(self, spec: TransferSpec) -> TransferSpec:
        """The spec with a target that is free, and now taken by it. Raises StoreError."""
        number = 2
        while True:
            target = _numbered(spec.target, number)
            if target not in self._taken and not await self._exists(target):
                self._taken.add(target)
                return replace(spec, target=target, on_conflict=ConflictPolicy.IF_ABSENT)
            number += 1

    async def _exists(self, target: Path | Address) -> bool:
        if isinstance(target, Path):
            return await in_thread(os.path.lexists, target)
        store = await self._store_of(target.connection)
        return await head_if_there(store, target.location) is not None


async def decide(
    conflict: Conflict, policy: ConflictPolicy, names: FreeNames
) -> TransferSpec | None:
    """What to submit in place of the spec in conflict, None for nothing.

    Whether a target differs is found out by the transfer itself, since it may take reading both.
    What may be there unseen is left to the transfer as well. Raises ValueError for ASK: that is
    for a person to decide.
    """
    if policy is ConflictPolicy.ASK:
        raise ValueError("a conflict must be decided before it is submitted")
    if policy is ConflictPolicy.SKIP and not conflict.existing.is_hidden:
        return None
    if policy is ConflictPolicy.RENAME:
        return await names.renamed(conflict.spec)
    return replace(conflict.spec, on_conflict=policy)


def _numbered(target: Path | Address, number: int) -> Path | Address:
    if isinstance(target, Path):
        return target.with_name(numbered(target.name, number))
    location = target.location
    above = location.key[: len(location.key) - len(location.name)]
    rules = NameRules(limit=KEY_LIMIT - len(_bytes(above)))
    return replace(
        target, location=replace(location, key=above + numbered(location.name, number, rules))
    )


def _common(first: str, last: str) -> str:
    """How both begin; of sorted keys the first and the last tell it for all."""
    length = 0
    for one, other in zip(first, last, strict=False):
        if one != other:
            break
        length += 1
    return first[:length]


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogateescape")
