"""What a person selected, as values that stay true when the rows change."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import nan
from typing import TYPE_CHECKING, overload

from s4desk.core.domain.identity import EVERYWHERE, Location, Prefix
from s4desk.core.domain.objects import DELETED, LATEST, ObjectVersion, mark_of
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.viewmodels.rows import format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from s4desk.core.domain.identity import VersionId


class Locations(Sequence[Location]):
    """The objects with these names below a prefix, each made when it is looked at."""

    def __init__(self, prefix: Prefix, names: Sequence[str]) -> None:
        self._prefix = prefix
        self._names = names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, at: int) -> Location: ...
    @overload
    def __getitem__(self, at: slice) -> Locations: ...
    def __getitem__(self, at: int | slice) -> Location | Locations:
        if isinstance(at, slice):
            return Locations(self._prefix, self._names[at])
        return self._prefix.location(self._names[at])

    def __iter__(self) -> Iterator[Location]:
        return map(self._prefix.location, self._names)


def _no_sizes() -> array[int]:
    return array("q")


def _no_times() -> array[float]:
    return array("d")


@dataclass(frozen=True, slots=True)
class Selection:
    """Folders and objects, with what the objects were when they were selected.

    `sizes` are in bytes, `modified` in seconds since the epoch, nan when the store did not say.
    `prefix` is the folder they were selected in, None in the list of buckets; a bucket is a
    folder there. `versions` are which versions of the objects were selected, with what they are
    (`marks`, as in a Page), and `moment` is when those were the newest ones; all are empty where
    objects are meant as they are now.
    """

    prefix: Prefix | None = None
    folders: Sequence[Prefix] = ()
    objects: Sequence[Location] = ()
    sizes: array[int] = field(default_factory=_no_sizes)
    modified: array[float] = field(default_factory=_no_times)
    versions: Sequence[VersionId] = ()
    marks: bytes = b""
    moment: datetime | None = None

    def __len__(self) -> int:
        return len(self.folders) + len(self.objects)

    @property
    def is_of_now(self) -> bool:
        """Whether it is about objects as they are, and not about certain versions of them."""
        return not self.versions and self.moment is None

    @property
    def chosen_versions(self) -> list[ObjectVersion]:
        """The versions as values; empty where none were selected."""
        return [
            ObjectVersion(
                location,
                version,
                is_latest=bool(mark & LATEST),
                is_delete_marker=bool(mark & DELETED),
                modified=None if seconds != seconds else datetime.fromtimestamp(seconds, UTC),
                size=size,
            )
            for location, version, mark, seconds, size in zip(
                self.objects[: len(self.versions)],
                self.versions,
                self.marks,
                self.modified,
                self.sizes,
                strict=bool(self.versions),
            )
        ]

    @property
    def only(self) -> Prefix | Location | None:
        """The one thing that is selected, None when there is none or more."""
        if len(self) != 1:
            return None
        return self.folders[0] if self.folders else self.objects[0]


@dataclass(frozen=True, slots=True)
class Summary:
    """How much is selected: cheap, at any number of rows. `total_bytes` is that of the objects.

    In a listing of versions `latest` of the objects are the newest of their keys, and `markers` are
    delete markers. `at_hand` of the objects are in no archive, as the listing tells their class.
    """

    folders: int = 0
    objects: int = 0
    total_bytes: int = 0
    latest: int = 0
    markers: int = 0
    at_hand: int = 0

    def __len__(self) -> int:
        return self.folders + self.objects

    @property
    def text(self) -> str:
        """For the status bar; empty when nothing is selected."""
        if not len(self):
            return ""
        counted = tr_n("{count} selected", "{count} selected", len(self))
        text = counted.format(count=format_count(len(self)))
        if not self.objects:
            return text
        return tr("{selected}, {size}").format(selected=text, size=format_size(self.total_bytes))


def of_version(version: ObjectVersion) -> Selection:
    """One version of an object, selected alone."""
    return Selection(
        version.location.parent,
        (),
        [version.location],
        array("q", [version.size]),
        array("d", [nan if version.modified is None else version.modified.timestamp()]),
        [version.version],
        bytes([mark_of(version)]),
    )


NOTHING = Summary()
MANY = 10_000
"""Of more nobody looks whether they lie in one bucket."""


def in_one_bucket(selection: Selection) -> Selection:
    """What was found in all buckets, and lies in one of them, as a selection in that one."""
    if selection.prefix != EVERYWHERE or not 0 < len(selection) <= MANY:
        return selection
    buckets = {each.bucket for each in selection.objects}
    return replace(selection, prefix=Prefix(buckets.pop())) if len(buckets) == 1 else selection


Chosen = tuple[Prefix | Location, int, float]
"""An entry with its size and when it was changed; both mean nothing for a folder."""


def outermost(prefix: Prefix, chosen: Iterable[Chosen]) -> Selection:
    """What was chosen in a tree; what lies in a chosen folder is not named again."""
    rows = list(chosen)
    folders = [entry for entry, *_ in rows if isinstance(entry, Prefix)]
    tops = {folder.prefix for folder in folders}
    objects = [
        (entry, size, modified)
        for entry, size, modified in rows
        if isinstance(entry, Location) and not _is_below(entry.key, tops)
    ]
    return Selection(
        prefix,
        [folder for folder in folders if not _is_below(folder.prefix, tops)],
        [entry for entry, *_ in objects],
        array("q", [size for _, size, _ in objects]),
        array("d", [modified for *_, modified in objects]),
    )


def _is_below(key: str, prefixes: Collection[str]) -> bool:
    """Whether one of the folders above `key` is among `prefixes`."""
    end = key.rfind("/", 0, -1)
    while end >= 0:
        if key[: end + 1] in prefixes:
            return True
        end = key.rfind("/", 0, end)
    return False
