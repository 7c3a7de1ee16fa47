"""What is at a target before a sync, and what of it nothing in the source stands for."""

from __future__ import annotations

import os
from bisect import bisect_right
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.files import is_partial
from s4desk.core.transfer.folders import rules_of
from s4desk.core.transfer.names import LocalNames
from s4desk.core.transfer.selection import pages_of
from s4desk.core.transfer.walk import PathProblem, PathReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import ObjectMeta, Page
    from s4desk.core.domain.transfer import TransferSpec
    from s4desk.core.store.protocol import ObjectStore
    from s4desk.core.transfer.names import NameRules


@dataclass(frozen=True, slots=True)
class Held:
    """Something at the target. `size` in bytes, `modified` in seconds since the epoch, nan when
    that is not known. `meta` is the row of a listing."""

    place: Path | Location
    size: int
    modified: float
    meta: ObjectMeta | None = None


class Inventory(Protocol):
    """Everything at a target, each thing met or not yet. `spared` counts what `unmet` left out, and
    `unseen` those of them that may be where the source could not be looked at."""

    spared: int
    unseen: int

    async def load(self) -> None:
        """Look at all of it. Raises StoreError, LocalFileError: half a look is none."""

    def meet(self, spec: TransferSpec) -> Held | None:
        """What is at the target of a spec; it is not gone then, nor are the folders above it."""

    def obstacle(self, spec: TransferSpec) -> PathProblem | None:
        """Why nothing of a spec can come to its target, if something stands against it."""

    def spare(self, name: str) -> None:
        """What lies at this name below the target, or under it, is not gone."""

    def unmet(self) -> Iterator[Held]:
        """What nothing stood for, in the order of names."""


class RemoteInventory:
    """The objects below a prefix.

    `local` are the rules of the file system that the source lies in: a key that has no name of its
    own there is not gone because nothing there has it.
    """

    def __init__(
        self,
        store: ObjectStore,
        connection: ConnectionId,
        prefix: Prefix,
        *,
        local: NameRules | None = None,
    ) -> None:
        self.spared = self.unseen = 0
        self._local = local
        self._spared_names: list[str] = []
        self._store = store
        self._connection = connection
        self._prefix = prefix
        self._pages: list[Page] = []
        self._starts: list[int] = []
        self._rows: dict[str, int] = {}
        self._met = bytearray()
        self._folders: set[str] = set()

    async def load(self) -> None:
        count = 0
        async with aclosing(pages_of(self._store, self._prefix)) as pages:
            async for page in pages:
                self._pages.append(page)
                self._starts.append(count)
                self._rows.update(zip(page.keys, range(count, count + len(page)), strict=True))
                count += len(page)
        self._met = bytearray(count)

    def meet(self, spec: TransferSpec) -> Held | None:
        target = spec.target
        if not isinstance(target, Address):
            raise TypeError(f"{target} is not in a store")
        key = target.location.key
        self._folders.update(_above(key, len(self._prefix.prefix)))
        row = self._rows.get(key)
        if row is None:
            return None
        self._met[row] = True
        return self._held(row)

    def obstacle(self, spec: TransferSpec) -> PathProblem | None:
        """None: a key may be anything."""
        return None

    def spare(self, name: str) -> None:
        self._spared_names.append(self._prefix.prefix + name)

    def unmet(self) -> Iterator[Held]:
        """Markers of folders that hold something stay: they are part of it."""
        self.spared = self.unseen = 0
        names = LocalNames(self._local) if self._local is not None else None
        for key, row in self._rows.items():
            has_name = names is None or self._has_name(names, key)
            if self._met[row] or key in self._folders or key == self._prefix.prefix:
                continue
            is_unseen = self._is_spared(key)
            if has_name and not is_unseen:
                yield self._held(row)
            else:
                self.spared += 1
                self.unseen += is_unseen

    def _has_name(self, names: LocalNames, key: str) -> bool:
        below = key[len(self._prefix.prefix) :]
        name = names.folder(below) if key.endswith("/") else names.file(below)
        return name.reason is None

    def _is_spared(self, key: str) -> bool:
        return any(key == name or key.startswith(f"{name}/") for name in self._spared_names)

    def _held(self, row: int) -> Held:
        number = bisect_right(self._starts, row) - 1
        page, at = self._pages[number], row - self._starts[number]
        meta = page.meta(at)
        return Held(meta.location, meta.size, page.modified[at], meta)


def _above(key: str, begin: int) -> Iterator[str]:
    """The markers of the folders a key lies in, below the first `begin` letters."""
    cut = key.find("/", begin)
    while 0 <= cut < len(key) - 1:
        yield key[: cut + 1]
        cut = key.find("/", cut + 1)


class LocalInventory:
    """The files below a folder.

    Links to folders are not entered: what lies behind them may be something else's, or the
    source's own. Partial files of our transfers are nobody's.
    """

    def __init__(self, folder: Path) -> None:
        self.spared = self.unseen = 0
        self._spared_names: list[str] = []
        self._folder = folder
        self._files: dict[str, Held] = {}
        self._links: list[Held] = []
        self._met: set[str] = set()
        self._free: set[Path] = set()
        self._folded: Callable[[str], str] = str

    async def load(self) -> None:
        self._folder = await in_thread(Path.absolute, self._folder)
        rules = await in_thread(rules_of, self._folder)
        self._folded = rules.folded
        self._files, self._links = await in_thread(self._found)

    def _found(self) -> tuple[dict[str, Held], list[Held]]:
        """All files by their names as the file system takes them, and links to folders. It
        blocks."""
        files, links = {}, []
        for entry in _entries(self._folder):
            found = entry.stat(follow_symlinks=False)
            held = Held(Path(entry.path), found.st_size, found.st_mtime)
            if _is_folder(entry):
                links.append(held)
            else:
                files[self._folded(entry.path)] = held
        return files, links

    def led_away(self) -> Iterator[Held]:
        """Links to folders that lie outside, or that the link lies in: nothing goes by them. It
        blocks."""
        top = self._folder.resolve()
        for link in self._links:
            path = Path(str(link.place))
            aim = path.resolve()
            if not aim.is_relative_to(top) or path.parent.resolve().is_relative_to(aim):
                yield link

    def meet(self, spec: TransferSpec) -> Held | None:
        name = self._folded(str(spec.target))
        self._met.add(name)
        return self._files.get(name)

    def obstacle(self, spec: TransferSpec) -> PathProblem | None:
        target = spec.target
        if not isinstance(spec.source, Address) or not isinstance(target, Path):
            return None
        if not spec.is_folder and is_partial(target.name):
            return PathProblem(spec.source.location, PathReason.PARTIAL_NAME)
        blocking = self._file_at(target if spec.is_folder else target.parent)
        if blocking is None:
            return None
        return PathProblem(spec.source.location, PathReason.IN_THE_WAY, str(blocking))

    def _file_at(self, folder: Path) -> Path | None:
        """The file that is where this folder has to be, or one above it."""
        while folder != self._folder and folder not in self._free:
            held = self._files.get(self._folded(str(folder)))
            if held is not None:
                return Path(str(held.place))
            self._free.add(folder)
            folder = folder.parent
        return None

    def spare(self, name: str) -> None:
        self._spared_names.append(self._folded(str(self._folder / name)))

    def unmet(self) -> Iterator[Held]:
        self.spared = self.unseen = 0
        for name, held in self._files.items():
            if name in self._met:
                continue
            if any(name == each or name.startswith(f"{each}/") for each in self._spared_names):
                self.spared += 1
                self.unseen += 1
            else:
                yield held


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All that is no folder, links of any kind among it, in the order of names. It blocks.

    Raises LocalFileError for a folder that cannot be read: it may hold anything.
    """
    if not folder.exists():
        return
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise LocalFileError(folder, error) from error
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(Path(entry.path))
        elif not is_partial(entry.name):
            yield entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """A link that leads to itself is no folder."""
    try:
        return entry.is_dir()
    except OSError:
        return False
