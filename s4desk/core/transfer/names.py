"""From keys to names that the local file system can hold, inside the chosen folder, each its own.

A key may be anything: `../../x`, `/etc/passwd`, `a//b`, `CON`, both `a` and `a/b`. What cannot
be a name here is written percent-encoded (`%2E%2E`); what would fall on another object's name is
numbered. Pure: nothing looks at the disk.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

NAME_LIMIT = 255
_LONGEST_SUFFIX = 16
_WINDOWS_FORBIDDEN = frozenset('<>:"\\|?*') | {chr(code) for code in range(32)}
_WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)


class NameReason(StrEnum):
    """Why a key cannot keep its name."""

    EMPTY = "empty"
    DOTS = "dots"
    FORBIDDEN = "forbidden"
    TRAILING = "trailing"
    RESERVED = "reserved"
    NOT_TEXT = "not-text"
    TOO_LONG = "too-long"
    TWIN = "twin"


@dataclass(frozen=True, slots=True)
class NameChange:
    """A name that differs from the key's, to be shown before anything is downloaded.

    `proposed` is relative to the chosen folder, with `/` between its segments.
    """

    key: str
    proposed: str
    reason: NameReason


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a file system takes for a name.

    `limit` counts bytes, on Windows UTF-16 units. A folding file system takes names that differ
    in case, or in Unicode normal form, for the same.
    """

    is_windows: bool = False
    folds_case: bool = False
    folds_unicode: bool = False
    is_text_only: bool = False
    limit: int = NAME_LIMIT

    def length(self, name: str) -> int:
        if self.is_windows:
            return len(name.encode("utf-16-le", "surrogatepass")) // 2
        return len(name.encode("utf-8", "surrogateescape"))

    def folded(self, name: str) -> str:
        """Equal for names that the file system takes for one."""
        if self.folds_case:
            name = unicodedata.normalize("NFD", name).casefold()
        if self.folds_case or self.folds_unicode:
            name = unicodedata.normalize("NFD", name)
        return name


LINUX = NameRules()
MACOS = NameRules(folds_case=True, folds_unicode=True, is_text_only=True)
WINDOWS = NameRules(is_windows=True, folds_case=True, is_text_only=True)


@dataclass(frozen=True, slots=True)
class LocalName:
    """`path` is relative, with `/` between its segments; `reason` is None when it is the key."""

    path: str
    reason: NameReason | None = None


_TOP = LocalName("")


class LocalNames:
    """Gives every key of one download its own path.

    Call it in the order of the listing: what comes first keeps its name. The keys are relative to
    what was chosen.
    """

    def __init__(self, rules: NameRules) -> None:
        self._rules = rules
        self._folders: dict[str, LocalName] = {"": _TOP}
        self._taken: set[str] = set()

    def file(self, key: str) -> LocalName:
        """The path for the object `key`; asked for the same key again it gives another."""
        cut = key.rfind("/") + 1
        return self._claim(self._folder(key[:cut]), key[cut:])

    def folder(self, key: str) -> LocalName:
        """The directory for the marker `key`, the same one that the objects below it get."""
        return self._folder(key if key.endswith("/") else f"{key}/")

    def _folder(self, prefix: str) -> LocalName:
        known = self._folders.get(prefix)
        if known is not None:
            return known
        end, above = 0, _TOP
        while end < len(prefix):
            begin, end = end, prefix.index("/", end) + 1
            below = self._folders.get(prefix[:end])
            if below is None:
                below = self._claim(above, prefix[begin : end - 1], is_folder=True)
                self._folders[prefix[:end]] = below
            above = below
        return above

    def _claim(self, above: LocalName, segment: str, *, is_folder: bool = False) -> LocalName:
        name, reason = safe_name(segment, self._rules)
        path = self._joined(above, name)
        if self._is_taken(path) and is_folder:
            # `a` and `a/b` may both exist in a store; here the folder shows its slash.
            name, reason = self._fitted(f"{name}%2F"), NameReason.TWIN
            path = self._joined(above, name)
        number = 2
        while self._is_taken(path):
            path = self._joined(above, numbered(name, number, self._rules))
            number, reason = number + 1, NameReason.TWIN
        self._taken.add(self._rules.folded(path))
        return LocalName(path, above.reason or reason)

    def _fitted(self, name: str) -> str:
        return (
            name
            if self._rules.length(name) <= self._rules.limit
            else _shortened(name, name, self._rules)
        )

    def _is_taken(self, path: str) -> bool:
        return self._rules.folded(path) in self._taken

    def _joined(self, above: LocalName, name: str) -> str:
        return f"{above.path}/{name}" if above.path else name


def safe_name(segment: str, rules: NameRules) -> tuple[str, NameReason | None]:
    """A name for one segment of a key, and why it is another one, if it is."""
    name, reason = _spelled(segment, rules)
    if rules.length(name) > rules.limit:
        return _shortened(name, segment, rules), NameReason.TOO_LONG
    return name, reason


def numbered(name: str, number: int, rules: NameRules = LINUX) -> str:
    """`photo.jpg` as `photo (2).jpg`, cut to fit."""
    stem, suffix = _split(name)
    mark = f" ({number}){suffix}"
    while stem and rules.length(stem + mark) > rules.limit:
        stem = stem[:-1]
    return stem + mark


def _spelled(segment: str, rules: NameRules) -> tuple[str, NameReason | None]:
    if not segment:
        return "%2F", NameReason.EMPTY
    if segment in (".", "..") or (rules.is_windows and not segment.strip(".")):
        return "%2E" * len(segment), NameReason.DOTS
    name, reason = segment, None
    forbidden = {"\0", "/"} | (_WINDOWS_FORBIDDEN if rules.is_windows else set())
    if not forbidden.isdisjoint(name):
        name = "".join(_escaped(char) if char in forbidden else char for char in name)
        reason = NameReason.FORBIDDEN
    if rules.is_text_only and not _is_text(name):
        name = "".join(char if _is_text(char) else _escaped(char) for char in name)
        reason = NameReason.NOT_TEXT
    return _windows_spelled(name, reason) if rules.is_windows else (name, reason)


def _windows_spelled(name: str, reason: NameReason | None) -> tuple[str, NameReason | None]:
    """See "Naming Files, Paths, and Namespaces" in the Windows documentation."""
    if name[-1] in ". ":
        name, reason = name[:-1] + _escaped(name[-1]), NameReason.TRAILING
    if name.partition(".")[0].rstrip(" ").lower() in _WINDOWS_DEVICES:
        name, reason = f"%{ord(name[0]):02X}{name[1:]}", NameReason.RESERVED
    return name, reason


def _escaped(char: str) -> str:
    return "%2E" if char == "." else quote(char.encode("utf-8", "surrogateescape"), safe="")


def _is_text(name: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _shortened(name: str, original: str, rules: NameRules) -> str:
    """`name` cut to the limit; a piece of the original's hash keeps it apart from its like."""
    # Nothing that the first paint waits for.
    import hashlib  # noqa: PLC0415

    digest = hashlib.sha256(original.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    stem, suffix = _split(name)
    mark = f"~{digest}{suffix}"
    room = rules.limit - rules.length(mark)
    stem = stem[: max(room, 0)]
    while rules.length(stem) > room:
        stem = stem[:-1]
    return stem + mark


def _split(name: str) -> tuple[str, str]:
    dot = name.rfind(".")
    if dot <= 0 or len(name) - dot > _LONGEST_SUFFIX:
        return name, ""
    return name[:dot], name[dot:]
