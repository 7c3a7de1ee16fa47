"""The loaded part of a listing, kept in columns: what a million rows may cost."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from datetime import UTC, datetime
from itertools import compress
from typing import TYPE_CHECKING

from s4desk.core.domain.archive import RESTORE
from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import DELETED, LATEST, NO_METADATA, ObjectMeta, ObjectVersion
from s4desk.viewmodels.pager import without_first

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from s4desk.core.domain.identity import ConnectionId, Location, VersionId
    from s4desk.core.domain.objects import Page

SEAM = "\0"
"""Between a name and a version: no store lets a key have it."""

MD5_BYTES = 16
HEX_DIGITS = 2 * MD5_BYTES
FEW_NAMES = 200
"""Up to this many names are looked up one by one, more in one pass over the column."""
MANY_RUNS = 50
"""Above this many runs it is cheaper to copy a column than to cut it in places."""


def row_runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """`rows` in ascending runs without a gap: (first, last)."""
    runs: list[tuple[int, int]] = []
    first = last = None
    for row in sorted(rows):
        if last is not None and row == last + 1:
            last = row
            continue
        if first is not None and last is not None:
            runs.append((first, last))
        first = last = row
    if first is not None and last is not None:
        runs.append((first, last))
    return runs


class Labels:
    """A column of few different texts: each text once, a number per row."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}
        self.rows: array[int] = array("I")

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> str:
        return self.texts[self.rows[row]]

    def __setitem__(self, row: int, text: str) -> None:
        self.rows[row] = self._code(text)

    def extend(self, texts: Sequence[str]) -> None:
        codes = self._codes
        for text in set(texts) - codes.keys():
            self._code(text)
        self.rows.extend([codes[text] for text in texts])

    def insert(self, row: int, text: str) -> None:
        self.rows.insert(row, self._code(text))

    def _code(self, text: str) -> int:
        code = self._codes.get(text)
        if code is None:
            code = self._codes[text] = len(self.texts)
            self.texts.append(text)
        return code


class Etags:
    """A column of ETags. The usual ones, an MD5 with or without `-parts`, take 18 bytes."""

    def __init__(self) -> None:
        self._digests = bytearray()
        self._parts: array[int] = array("H")
        self._odd: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._parts)

    def __getitem__(self, row: int) -> str:
        if row in self._odd:
            return self._odd[row]
        digest = self._digests[row * MD5_BYTES : (row + 1) * MD5_BYTES].hex()
        return f"{digest}-{self._parts[row]}" if self._parts[row] else digest

    def __setitem__(self, row: int, etag: str) -> None:
        self._odd.pop(row, None)
        digest, parts = _packed(etag)
        if digest is None:
            self._odd[row] = etag
        self._digests[row * MD5_BYTES : (row + 1) * MD5_BYTES] = digest or bytes(MD5_BYTES)
        self._parts[row] = parts

    def extend(self, etags: Sequence[str]) -> None:
        digests = _unhexed("".join([etag[:HEX_DIGITS] for etag in etags]))
        tails = [etag[HEX_DIGITS:] for etag in etags]
        counts = {tail: _parts(tail) for tail in set(tails)}
        if digests is None or len(digests) < len(etags) * MD5_BYTES or None in counts.values():
            for etag in etags:
                self._append(etag)
            return
        self._digests += digests
        self._parts.extend([counts[tail] or 0 for tail in tails])

    def insert(self, row: int, etag: str) -> None:
        self._odd = {at + (at >= row): odd for at, odd in self._odd.items()}
        self._digests[row * MD5_BYTES : row * MD5_BYTES] = bytes(MD5_BYTES)
        self._parts.insert(row, 0)
        self[row] = etag

    def cut(self, first: int, last: int) -> None:
        gone = last + 1 - first
        del self._digests[first * MD5_BYTES : (last + 1) * MD5_BYTES]
        del self._parts[first : last + 1]
        self._odd = {
            at - gone * (at > last): odd for at, odd in self._odd.items() if not first <= at <= last
        }

    def keep(self, mask: bytearray) -> None:
        """Copy the rows whose byte in `mask` is not 0."""
        kept = list(compress(range(len(self)), mask))
        self._digests = bytearray().join(
            self._digests[row * MD5_BYTES : (row + 1) * MD5_BYTES] for row in kept
        )
        self._parts = array("H", compress(self._parts, mask))
        if self._odd:
            self._odd = {at: self._odd[row] for at, row in enumerate(kept) if row in self._odd}

    def _append(self, etag: str) -> None:
        self._digests += bytes(MD5_BYTES)
        self._parts.append(0)
        self[len(self) - 1] = etag


def _packed(etag: str) -> tuple[bytes | None, int]:
    """The digest and the number of parts, (None, 0) for an ETag that is not made this way."""
    parts = _parts(etag[HEX_DIGITS:])
    digest = _unhexed(etag[:HEX_DIGITS])
    if digest is None or len(digest) != MD5_BYTES or parts is None:
        return None, 0
    return digest, parts


def _parts(tail: str) -> int | None:
    """The number in `-7`, 0 for nothing, None for what is not written so."""
    if not tail:
        return 0
    count = tail[1:]
    parts = int(count) if count.isascii() and count.isdecimal() and len(count) < 6 else 0
    return parts if tail == f"-{parts}" and 0 < parts < 2**16 else None


def _unhexed(text: str) -> bytes | None:
    """The bytes of lower-case hex; None when it would not come back as it was."""
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        return None
    return digest if digest.hex() == text else None


class Columns:
    """All folders and objects of one prefix that have been loaded, in the store's order.

    Objects have the ids 0, 1, 2, ..., folders ~0, ~1, ~2, ...; ids shift when something is put in
    or cut out. Names are what follows the prefix; a folder's name keeps its delimiter.
    The empty object that stands for the folder itself is not a row: `has_marker`.
    `is_complete` is set by who knows that no page is left. `begun` is when reading began, in
    seconds since the epoch. `members` are those of a failover group that have listed it so far.
    `generation` changes when ids shift, not when rows are appended.

    In a listing of versions a name has a row for each, told apart by `token`: `versions` are their
    ids and `marks` what they are, both empty in a listing of objects.
    """

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix
        self.begun = time.time()
        self.members: Collection[ConnectionId] = ()
        self.folders: list[str] = []
        self.names: list[str] = []
        self.sizes: array[int] = array("q")
        self.modified: array[float] = array("d")
        self.etags = Etags()
        self.classes = Labels()
        self.owners = Labels()
        self.versions: list[VersionId] = []
        self.marks = bytearray()
        self.restores: dict[str, str] = {}
        self.total_bytes = 0
        self.has_marker = False
        self.is_complete = False
        self.generation = 0
        self._is_ordered = True

    def __len__(self) -> int:
        return len(self.folders) + len(self.names)

    def stripped(self, page: Page) -> Page:
        """`page` without the folder's own marker, which sorts before everything in it."""
        while (
            self.prefix.prefix != ""
            and bool(page.keys)
            and page.keys[0] == self.prefix.prefix
            and page.sizes[0] == 0
        ):
            self.has_marker = True
            page = without_first(page)
        return page

    def add_folders(self, page: Page) -> None:
        self._watch_order(self.folders, page.folders)
        skip = len(self.prefix.prefix)
        self.folders.extend([folder[skip:] for folder in page.folders])

    def add_objects(self, page: Page) -> None:
        """Append the objects of `page`, which `stripped` has seen."""
        self._watch_order(self.names, page.keys)
        skip = len(self.prefix.prefix)
        self.names.extend([key[skip:] for key in page.keys] if skip else page.keys)
        self.sizes.extend(page.sizes)
        self.modified.extend(page.modified)
        self.etags.extend(page.etags)
        self.classes.extend(page.classes)
        self.owners.extend(page.owners or [""] * len(page.keys))
        self.versions.extend(page.versions)
        self.marks.extend(page.marks)
        self.restores.update({key[skip:]: told for key, told in page.restores.items()})
        self.total_bytes += sum(page.sizes)

    def name(self, id_: int) -> str:
        return self.folders[~id_] if id_ < 0 else self.names[id_]

    def key(self, id_: int) -> str:
        return self.prefix.prefix + self.name(id_)

    def entry(self, id_: int) -> Prefix | Location:
        """What the row stands for."""
        if id_ < 0:
            return Prefix(self.prefix.bucket, self.key(id_))
        return self.prefix.location(self.names[id_])

    def meta(self, id_: int) -> ObjectMeta:
        """The object `id_` as a value of its own."""
        seconds = self.modified[id_]
        return ObjectMeta(
            location=self.prefix.location(self.names[id_]),
            size=self.sizes[id_],
            modified=None if seconds != seconds else datetime.fromtimestamp(seconds, UTC),
            etag=self.etags[id_],
            storage_class=self.classes[id_],
            owner=self.owners[id_],
            version=self.versions[id_] if self.versions else None,
            headers=self._headers(id_),
        )

    def _headers(self, id_: int) -> Mapping[str, str]:
        """What the listing told of a restore, as a HEAD would."""
        told = self.restores.get(self.names[id_]) if self.restores else None
        return NO_METADATA if told is None else {RESTORE: told}

    def version(self, id_: int) -> ObjectVersion:
        """The version `id_` as a value of its own, in a listing of versions."""
        meta, mark = self.meta(id_), self.marks[id_]
        return ObjectVersion(
            meta.location,
            self.versions[id_],
            is_latest=bool(mark & LATEST),
            is_delete_marker=bool(mark & DELETED),
            modified=meta.modified,
            size=meta.size,
            etag=meta.etag,
            storage_class=meta.storage_class,
            owner=meta.owner,
        )

    def token(self, id_: int) -> str:
        """What no other row has: the name, and in a listing of versions the version too."""
        name = self.name(id_)
        return f"{name}{SEAM}{self.versions[id_]}" if self.versions and id_ >= 0 else name

    def find(self, names: Collection[str]) -> list[int]:
        """The ids of the folders and objects with these names or tokens; unknown ones are left
        out."""
        if self._is_ordered and len(names) <= FEW_NAMES and not self.versions:
            places = ((name, is_folder) for name in names for is_folder in (True, False))
            ids = [(self.place_of(name, is_folder=is_folder), name) for name, is_folder in places]
            return sorted(id_ for id_, name in ids if self._is_at(id_, name))
        wanted = set(names)
        folders = [~at for at, name in enumerate(self.folders) if name in wanted]
        bare = {name.partition(SEAM)[0] for name in wanted} if self.versions else wanted
        objects = [at for at, name in enumerate(self.names) if name in bare]
        if self.versions:
            is_meant = wanted.intersection
            objects = [at for at in objects if is_meant((self.names[at], self.token(at)))]
        return folders[::-1] + objects

    def set(self, id_: int, meta: ObjectMeta) -> None:
        """The object `id_` was written anew."""
        self.total_bytes += meta.size - self.sizes[id_]
        self.sizes[id_] = meta.size
        self.modified[id_] = _seconds(meta)
        self.etags[id_] = meta.etag
        self.classes[id_] = meta.storage_class
        self.owners[id_] = meta.owner
        self.restores.pop(self.names[id_], None)

    def place_of(self, name: str, *, is_folder: bool) -> int:
        """The id that a new name gets in S3's order, that of the bytes."""
        names = self.folders if is_folder else self.names
        at = bisect_left(names, byte_order(name), key=byte_order)
        return ~at if is_folder else at

    def insert_folder(self, id_: int, name: str) -> None:
        self.generation += 1
        self.folders.insert(~id_, name)

    def insert_object(self, id_: int, name: str, meta: ObjectMeta) -> None:
        self.generation += 1
        self.names.insert(id_, name)
        self.sizes.insert(id_, meta.size)
        self.modified.insert(id_, _seconds(meta))
        self.etags.insert(id_, meta.etag)
        self.classes.insert(id_, meta.storage_class)
        self.owners.insert(id_, meta.owner)
        self.total_bytes += meta.size

    def cut_objects(self, first: int, last: int) -> None:
        """Take the objects `first` to `last` out."""
        self.generation += 1
        self.total_bytes -= sum(self.sizes[first : last + 1])
        for column in self._plain():
            del column[first : last + 1]
        self.etags.cut(first, last)
        del self.versions[first : last + 1]
        del self.marks[first : last + 1]

    def cut_folders(self, first: int, last: int) -> None:
        """Take the folders with the places `first` to `last` out."""
        self.generation += 1
        del self.folders[first : last + 1]

    def remove(self, ids: Collection[int]) -> None:
        """Take any folders and objects out."""
        for first, last in reversed(row_runs(~id_ for id_ in ids if id_ < 0)):
            self.cut_folders(first, last)
        runs = row_runs(id_ for id_ in ids if id_ >= 0)
        if len(runs) <= MANY_RUNS:
            for first, last in reversed(runs):
                self.cut_objects(first, last)
        else:
            self._drop(ids)

    def _is_at(self, id_: int, name: str) -> bool:
        names, at = (self.folders, ~id_) if id_ < 0 else (self.names, id_)
        return at < len(names) and names[at] == name

    def _watch_order(self, have: Sequence[str], keys: Sequence[str]) -> None:
        """Some stores list in no order (S3's directory buckets); page ends give them away."""
        if have and keys:
            last = byte_order(self.prefix.prefix + have[-1])
            self._is_ordered = self._is_ordered and last < byte_order(keys[0])

    def _plain(self) -> tuple[list[str], array[int], array[float], array[int], array[int]]:
        return self.names, self.sizes, self.modified, self.classes.rows, self.owners.rows

    def _drop(self, ids: Iterable[int]) -> None:
        """Copy every column without the objects `ids`."""
        self.generation += 1
        mask = bytearray(b"\1") * len(self.names)
        for id_ in ids:
            if id_ >= 0:
                mask[id_] = 0
        self.names = list(compress(self.names, mask))
        self.sizes = array("q", compress(self.sizes, mask))
        self.modified = array("d", compress(self.modified, mask))
        self.classes.rows = array("I", compress(self.classes.rows, mask))
        self.owners.rows = array("I", compress(self.owners.rows, mask))
        self.etags.keep(mask)
        self.versions = list(compress(self.versions, mask))
        self.marks = bytearray(compress(self.marks, mask))
        self.total_bytes = sum(self.sizes)


def byte_order(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _seconds(meta: ObjectMeta) -> float:
    return meta.modified.timestamp() if meta.modified is not None else float("nan")
