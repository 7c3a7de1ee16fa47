"""The user's AWS configuration, of which only the sections that are asked for are parsed.

A company's list has thousands of profiles: reading them all takes a third of a second of the
processor, for each connection that is opened. "Configuration and credential file settings" in
the AWS CLI user guide.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

Values = dict[str, Any]

_CONFIG: Final = ("AWS_CONFIG_FILE", "~/.aws/config")
_CREDENTIALS: Final = ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
_HEADER: Final = re.compile(r"^\[([^\]\r\n]*)\]", re.MULTILINE)
_REMARK: Final = ("#", ";")
_REFERENCES: Final = (
    ("sso_session", "sso-session", "sso_sessions"),
    ("services", "services", "services"),
)
"""What a profile may name beside other profiles: its key, the section's kind, botocore's word."""

_CHAIN: Final = 16
"""As many profiles may name each other as their source; a circle ends here."""


class UnreadableFileError(Exception):
    """A file of the AWS configuration is none; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class ProfileValues:
    """What both files say of a profile; a value of the second one counts where both have it."""

    config: Values = field(default_factory=dict)
    credentials: Values = field(default_factory=dict)

    @property
    def all(self) -> Values:
        return {**self.config, **self.credentials}


@dataclass(frozen=True, slots=True)
class Sections:
    """A file that was read: where each of its sections stands in the text."""

    path: Path
    text: str = ""
    spans: Mapping[tuple[str, str], tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def names(self, kind: str) -> Iterator[str]:
        return (name for of_kind, name in self.spans if of_kind == kind)

    def values(self, kind: str, name: str) -> Values | None:
        """The values of a section, None when there is none. Raises UnreadableFileError."""
        spans = self.spans.get((kind, name))
        if spans is None:
            return None
        found: Values = {}
        for start, end in spans:
            found |= self._parsed(self.text[start:end])
        return found

    def _parsed(self, body: str) -> Values:
        parser = configparser.RawConfigParser(strict=False, default_section="")
        try:
            parser.read_string(f"[section]\n{body}")
            return {name: _nested(value) for name, value in parser.items("section")}
        except (configparser.Error, ValueError) as error:
            raise UnreadableFileError(f"{self.path}: {error}") from error


def profile_names() -> list[str]:
    """In the order of the files; what cannot be read has none. It blocks: call it in a thread."""
    names: dict[str, None] = {}
    for file in (_CONFIG, _CREDENTIALS):
        try:
            names |= dict.fromkeys(_sections(file).names("profile"))
        except UnreadableFileError:
            continue
    return list(names)


def profile_values(profile: str) -> ProfileValues | None:
    """What is said of a profile, None when there is none. Raises UnreadableFileError."""
    config = _sections(_CONFIG).values("profile", profile)
    credentials = _sections(_CREDENTIALS).values("profile", profile)
    if config is None and credentials is None:
        return None
    return ProfileValues(config or {}, credentials or {})


def mentions(profile: str, words: Collection[str]) -> bool:
    """Whether any of these words stands in the sections of a profile: quick, nothing is parsed."""
    for file in (_CONFIG, _CREDENTIALS):
        try:
            found = _sections(file)
        except UnreadableFileError:
            continue
        for start, end in found.spans.get(("profile", profile), ()):
            if any(found.text.find(word, start, end) >= 0 for word in words):
                return True
    return False


def service_values(profile: str) -> tuple[Values, Values]:
    """What is said of a profile, and in the section of services that it names.

    Raises UnreadableFileError.
    """
    found = profile_values(profile)
    values = found.all if found is not None else {}
    name = values.get("services")
    services = _sections(_CONFIG).values("services", name) if isinstance(name, str) else None
    return values, services or {}


def configuration_of(profile: str) -> dict[str, dict[str, Any]]:
    """As much of botocore's `full_config` as a profile needs: its sources, sessions, services.

    Raises UnreadableFileError.
    """
    config = _sections(_CONFIG)
    found: dict[str, dict[str, Any]] = {"profiles": {}, "sso_sessions": {}, "services": {}}
    wanted: str | None = profile
    for _ in range(_CHAIN):
        values = profile_values(wanted) if wanted and wanted not in found["profiles"] else None
        if wanted is None or values is None:
            break
        merged = found["profiles"][wanted] = values.all
        for key, kind, place in _REFERENCES:
            name = merged.get(key)
            section = config.values(kind, name) if isinstance(name, str) else None
            if isinstance(name, str) and section is not None:
                found[place][name] = section
        wanted = merged.get("source_profile")
    return found


def _sections(file: tuple[str, str]) -> Sections:
    variable, usual = file
    path = Path(os.path.expandvars(os.environ.get(variable) or usual)).expanduser()
    try:
        about = path.stat()
    except OSError:
        return Sections(path)
    return _read(path, about.st_mtime_ns, about.st_size, is_config=file is _CONFIG)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int, _size: int, *, is_config: bool) -> Sections:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{path}: {error}") from error
    headers = list(_HEADER.finditer(text))
    first = headers[0].start() if headers else len(text)
    for line in text[:first].splitlines():
        if line.strip() and not line.lstrip().startswith(_REMARK):
            raise UnreadableFileError(f"{path}: not a section: {line.strip()[:40]!r}")
    spans: dict[tuple[str, str], tuple[tuple[int, int], ...]] = {}
    ends = [header.start() for header in headers[1:]] + [len(text)]
    for header, end in zip(headers, ends, strict=False):
        title = _titled(header[1].strip()) if is_config else ("profile", header[1].strip())
        rest = text.find("\n", header.end(), end)
        if rest >= 0:
            spans[title] = (*spans.get(title, ()), (rest + 1, end))
        else:
            spans.setdefault(title, ())
    return Sections(path, text, spans)


def _titled(header: str) -> tuple[str, str]:
    """The kind and the name of a section of the configuration file."""
    if " " not in header and "\t" not in header:
        return ("profile", header)
    try:
        kind, *names = shlex.split(header)
    except ValueError:
        return ("", header)
    return (kind, " ".join(names))


def _nested(value: str) -> Any:
    """An indented block of settings below one that has no value of its own."""
    if not value.startswith("\n"):
        return value
    pairs = (line.partition("=") for line in value.splitlines() if line.strip())
    nested = {}
    for key, equals, text in pairs:
        if not equals:
            raise ValueError(f"not a setting: {key.strip()!r}")
        nested[key.strip()] = text.strip()
    return nested
