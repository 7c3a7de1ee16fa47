"""Finding names by what a person typed."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from s4desk.core.domain.query import NamePattern
from s4desk.viewmodels.ordering import STEP_ROWS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from s4desk.viewmodels.columns import Columns


class Pattern(NamePattern):
    """What a person typed to find names among those that are here."""

    def select_folders(self, names: Iterable[str], first: int = 0) -> list[int]:
        """The ids of the folders that fit; the delimiter is not part of what is compared."""
        places = self.select([name.removesuffix("/") for name in names], first)
        return [~place for place in places]


def matching_ids(columns: Columns, pattern: Pattern) -> Generator[None, None, array[int]]:
    """The ids that fit, folders first, each kind in S3's order."""
    folders: array[int] = array("i")
    objects: array[int] = array("i")
    seen_folders = seen = 0
    while seen_folders < len(columns.folders) or seen < len(columns.names):
        some_folders = columns.folders[seen_folders : seen_folders + STEP_ROWS]
        folders.extend(pattern.select_folders(some_folders, seen_folders))
        seen_folders += len(some_folders)
        names = columns.names[seen : seen + STEP_ROWS]
        objects.extend(pattern.select(names, seen))
        seen += len(names)
        yield
    return folders + objects


def in_order(
    ids: array[int], order: array[int], columns: Columns
) -> Generator[None, None, array[int]]:
    """`ids` in the order in which they are in `order`."""
    folders = len(columns.folders)
    wanted = bytearray(len(columns))
    for id_ in ids:
        wanted[id_ + folders] = 1
    found: array[int] = array("i")
    for first in range(0, len(order), STEP_ROWS):
        found.extend([id_ for id_ in order[first : first + STEP_ROWS] if wanted[id_ + folders]])
        yield
    return found
