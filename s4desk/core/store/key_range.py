"""One stretch of a listing: which keys belong to it, and how far it is read."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import compress
from operator import lt
from typing import TYPE_CHECKING

from s4desk.core.store.key_space import Sample, byte_order, sample_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from s4desk.core.domain.objects import Page


class OrderError(Exception):
    """The store does not list in the order of bytes, or did not begin where it was asked to."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """What was seen behind the end of a range, `upper`, next to the `last` in it.

    Another range must show it.
    """

    last: str
    upper: str
    entry: str


@dataclass(slots=True, eq=False)
class KeyRange:
    """The keys behind `after` up to `upper`, both in byte order; None is the end of the listing.

    `after` moves on with what is read; `pages` wait for their turn. `expected` keys were guessed
    to be in it, with `stretch` as the correction of the guess. One that `is_apart` begins where
    nothing is known of the keys.
    """

    after: str = ""
    upper: str | None = None
    sample: Sample | None = None
    expected: float = 0.0
    stretch: float = 1.0
    is_apart: bool = False
    beyond: Beyond | None = None
    token: str | None = None
    pages: deque[Page] = field(default_factory=deque)
    found: int = 0
    requests: int = 0
    is_running: bool = False
    is_done: bool = False
    error: BaseException | None = None
    _tokens: set[str] = field(default_factory=set)

    @property
    def is_untouched(self) -> bool:
        return not self.requests and not self.is_running and not self.is_done

    @property
    def is_idle(self) -> bool:
        return not self.is_running and not self.is_done

    def reaches(self, key: str) -> bool:
        """Whether `key` does not lie behind its end."""
        return self.upper is None or byte_order(key) <= byte_order(self.upper)

    def goes_on_at(self, token: str | None) -> bool:
        """Note the token of the next page; False when it came before."""
        if token in self._tokens:
            return False
        self.token = token
        if token is not None:
            self._tokens.add(token)
        return True

    def go_back(self) -> None:
        """Leave the token, which may be what the store chokes on, and start behind `after`."""
        self.token = None
        self._tokens.clear()

    def take(self, page: Page) -> Page:
        """What of an ordered page belongs here; `after` moves to its end.

        The last key of the page before may be repeated, and so may a folder that `after` lies in.
        Raises OrderError.
        """
        keys, folders = page.keys, page.folders
        if not is_ordered(page):
            raise OrderError
        low = byte_order(self.after)
        first, first_folder = _count(keys, low), _count(folders, low)
        if first > 1 or (first and keys[0] != self.after):
            raise OrderError
        if any(not self.after.startswith(folder) for folder in folders[:first_folder]):
            raise OrderError
        end, end_of_folders = len(keys), len(folders)
        last = last_of(page, self.after)
        if self.upper is not None and not self.reaches(last):
            last = self.upper
            end, end_of_folders = (_count(names, byte_order(last)) for names in (keys, folders))
            left = [*keys[end : end + 1], *folders[end_of_folders : end_of_folders + 1]]
            kept = last_of(page.cut(slice(end), slice(end_of_folders)), self.after)
            self.beyond = Beyond(kept, self.upper, min(left, key=byte_order))
        self.after = last
        self.sample = sample_of(keys if len(keys) >= len(folders) else folders) or self.sample
        taken = page.cut(slice(first, end), slice(first_folder, end_of_folders))
        self.found += len(taken.keys) + len(taken.folders)
        return taken


def last_of(page: Page, before: str) -> str:
    """The last key or folder of a page, `before` if it is behind them."""
    return max([before, *page.keys[-1:], *page.folders[-1:]], key=byte_order)


def without(page: Page, delivered: Collection[int]) -> Page:
    """The page without the keys and folders whose hashes are in `delivered`."""
    fresh = [hash(key) not in delivered for key in page.keys]
    return replace(
        page,
        keys=list(compress(page.keys, fresh)),
        sizes=array("q", compress(page.sizes, fresh)),
        modified=array("d", compress(page.modified, fresh)),
        etags=list(compress(page.etags, fresh)),
        classes=list(compress(page.classes, fresh)),
        folders=[folder for folder in page.folders if hash(folder) not in delivered],
        owners=list(compress(page.owners, fresh)),
    )


def _count(entries: Sequence[str], last: bytes) -> int:
    """How many of them lie up to `last`."""
    return bisect_right(entries, last, key=byte_order) if entries else 0


def is_ordered(page: Page) -> bool:
    return _is_ascending(page.keys) and _is_ascending(page.folders)


def _is_ascending(entries: Sequence[str]) -> bool:
    try:
        "".join(entries).encode()
    except UnicodeEncodeError:
        # What is no UTF-8 is out of order as characters, and in order as bytes.
        entries_as_bytes = [byte_order(entry) for entry in entries]
        return all(map(lt, entries_as_bytes, entries_as_bytes[1:]))
    return all(map(lt, entries, entries[1:]))
