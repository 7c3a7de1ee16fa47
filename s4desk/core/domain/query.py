"""What a person looks for among keys: a name, a size, an age, a storage class."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from s4desk.core.domain.objects import Page

    Compiler = Callable[[str, re.RegexFlag], Callable[[str], object]]

DELIMITER: Final = "/"
_GLOB: Final = re.compile(r"(\*\*/?|\*|\?|\[!?(?:\][^\]]*|[^\]]+)\])")
_RANGE: Final = re.compile(r"(.)(?:-(.))?", re.DOTALL)
_SIMPLE_GLOB: Final = re.compile(r"([*?])")
_WILD: Final = frozenset("*?")


class Spelling(StrEnum):
    """How a name is written. WILD is what people type: letters, or with `*` or `?` a glob in
    which brackets are only brackets."""

    WILD = "wild"
    LETTERS = "letters"
    GLOB = "glob"
    REGEX = "regex"


class NamePattern:
    """A test of names: letters anywhere in one, a glob for all of it, or a regular expression.

    Unless case matters, upper and lower case are the same; NFC and NFD always are. Nothing at all
    fits every name. Raises ValidationError for one that cannot be read.
    """

    def __init__(
        self,
        text: str = "",
        spelling: Spelling = Spelling.WILD,
        *,
        match_case: bool = False,
        compiled: Compiler | None = None,
    ) -> None:
        """`compiled` makes the search of a regular expression; by default it is `re`'s, which may
        take for ever."""
        if spelling is Spelling.WILD and _WILD.isdisjoint(text):
            spelling = Spelling.LETTERS
        self.text = text
        self._fold = _fold_of(text, match_case=match_case)
        self._letters = self._fold(text)
        self._fits: Callable[[str], object] | None = None
        if spelling is Spelling.REGEX:
            flags = re.NOFLAG if match_case else re.IGNORECASE
            self._fold = str if text.isascii() else _composed
            expression = self._fold(text)
            search = _compiled(expression, flags).search
            self._fits = search if compiled is None else compiled(expression, flags)
        elif spelling is not Spelling.LETTERS:
            parts = _GLOB if spelling is Spelling.GLOB else _SIMPLE_GLOB
            self._fits = _compiled(_glob_regex(self._letters, parts), re.DOTALL).fullmatch

    def __bool__(self) -> bool:
        return bool(self.text)

    def select(self, names: Iterable[str], first: int = 0) -> list[int]:
        """The places of the names that fit, counted from `first`."""
        fits, fold = self._fits, self._fold
        if fits is None:
            letters = self._letters
            return [at for at, name in enumerate(names, first) if letters in fold(name)]
        return [at for at, name in enumerate(names, first) if fits(fold(name))]

    def select_paths(self, paths: Iterable[str]) -> list[int]:
        """The places of the paths that fit themselves, or that have a name which does."""
        if self._fits is None or DELIMITER in self.text:
            return self.select(paths)
        fits, fold = self._fits, self._fold
        folders: dict[str, bool] = {"": False}  # most objects share theirs with their neighbours
        found = []
        for at, path in enumerate(paths):
            folder, _, name = path.removesuffix(DELIMITER).rpartition(DELIMITER)
            if folder not in folders:
                folders[folder] = any(fits(fold(each)) for each in folder.split(DELIMITER))
            if folders[folder] or fits(fold(name)):
                found.append(at)
        return found


@dataclass(frozen=True, slots=True)
class Query:
    """What objects have to be like. Sizes are in bytes and moments in seconds since the epoch,
    each with its bounds; None is no bound. `classes` empty is every storage class.

    Letters are looked for in the path below the folder of the search, and so is a name with a slash
    in it; any other may be that of the object or of a folder on that path.
    """

    name: NamePattern
    least_size: int | None = None
    most_size: int | None = None
    after: float | None = None
    before: float | None = None
    classes: frozenset[str] = frozenset()

    def rows(self, page: Page) -> list[int]:
        """The rows of `page` that fit, ascending. An object without a date fits no age."""
        rows: Sequence[int] = range(len(page))
        if self.least_size is not None or self.most_size is not None:
            least, most, sizes = self.least_size or 0, self.most_size, page.sizes
            rows = [at for at in rows if least <= sizes[at] and (most is None or sizes[at] <= most)]
        if self.after is not None or self.before is not None:
            after = -inf if self.after is None else self.after
            before = inf if self.before is None else self.before
            rows = [at for at in rows if after <= page.modified[at] <= before]
        if self.classes:
            rows = [at for at in rows if page.classes[at] in self.classes]
        if not self.name:
            return list(rows)
        skip = page.prefix.prefix.rfind(DELIMITER) + 1
        paths = [page.keys[at][skip:] for at in rows]
        return [rows[place] for place in self.name.select_paths(paths)]

    def within(self, page: Page) -> Page:
        """`page` with only the objects that fit, and without folders."""
        rows = self.rows(page)
        return replace(page if len(rows) == len(page) else page.of_rows(rows), folders=())


def _fold_of(text: str, *, match_case: bool) -> Callable[[str], str]:
    if match_case:
        return str if text.isascii() else _composed
    return str.casefold if text.isascii() else _folded


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


def _compiled(expression: str, flags: re.RegexFlag) -> re.Pattern[str]:
    try:
        return re.compile(expression, flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValidationError(str(error)) from error


def _glob_regex(glob: str, wildcards: re.Pattern[str]) -> str:
    """`*` and `?` stay within a name when the glob has a slash; `**` goes across them.

    What people type may begin at any name of a path.
    """
    is_path = DELIMITER in glob
    within = "[^/]" if wildcards is _GLOB and is_path else "."
    begin = "(?:.*/)?" if wildcards is _SIMPLE_GLOB and is_path else ""
    # What is split at a group alternates: text, wildcard, text.
    return begin + "".join(
        _wildcard(part, within) if at % 2 else re.escape(part)
        for at, part in enumerate(wildcards.split(glob))
    )


def _wildcard(part: str, within: str) -> str:
    match part:
        case "**/":
            return "(?:.*/)?"
        case "**":
            return ".*"
        case "*":
            return f"{within}*"
        case "?":
            return within
    inner = part[1:-1]
    is_negative = inner.startswith("!") and len(inner) > 1
    members = _RANGE.sub(_member, inner[is_negative:])
    return f"[{'^' if is_negative else ''}{members}]"


def _member(found: re.Match[str]) -> str:
    """A letter, or a range of them, as a class of a regular expression has it."""
    return "-".join(re.escape(end) for end in found.groups() if end)
