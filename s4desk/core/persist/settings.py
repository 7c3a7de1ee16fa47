"""What a person chose once and wants kept: `settings.toml`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, get_type_hints

from s4desk.core.domain.parts import (
    GIB,
    KIB,
    MAX_PART_SIZE,
    MAX_SINGLE_PUT,
    MIB,
    MIN_PART_SIZE,
    MULTIPART_THRESHOLD,
    PART_SIZE,
)
from s4desk.core.domain.transfer import ConflictPolicy
from s4desk.core.persist.toml_file import Document, TomlFile, write_atomically
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.job import Sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

log = logging.getLogger(__name__)

MIGRATIONS: list[Callable[[Document], Document]] = []

MOST_TRANSFERS = 64
MOST_PARTS = 64
LARGEST_PART = min(MAX_PART_SIZE, GIB)
LEAST_RATE = 10 * KIB
"""What a person may choose; a rate in bytes per second."""


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Language(StrEnum):
    """What the window speaks. `SYSTEM` is what the environment or the system asks for."""

    SYSTEM = "system"
    ENGLISH = "en"
    GERMAN = "de"
    JAPANESE = "ja"
    CHINESE = "zh_CN"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default.

    `*_limit` count what moves at once. `part_size` and `multipart_from` are in bytes, `*_rate` in
    bytes per second, 0 for no limit. For `history_days` it is kept what became of transfers, with
    0 not at all. Objects of up to `thumbnail_size` bytes are read for their `thumbnails`, with
    `thumbnail_fees` also where reading costs extra.
    """

    theme: Theme = Theme.SYSTEM
    language: Language = Language.SYSTEM
    transfer_limit: int = 8
    part_limit: int = 8
    part_size: int = PART_SIZE
    multipart_from: int = MULTIPART_THRESHOLD
    upload_rate: int = 0
    download_rate: int = 0
    on_conflict: ConflictPolicy = ConflictPolicy.ASK
    keep_awake: bool = True
    resume_at_start: bool = True
    notify_when_done: bool = True
    notify_by_tray: bool = True
    confirm_delete: bool = True
    download_folder: str = ""
    verify_reads: bool = False
    history_days: int = 30
    thumbnails: bool = True
    thumbnail_size: int = 8 * MIB
    thumbnail_fees: bool = False

    @property
    def sizes(self) -> Sizes:
        """How transfers are cut into parts: as was chosen, as far as S3 allows it."""
        part = min(max(MIN_PART_SIZE, self.part_size), MAX_PART_SIZE)
        multipart_from = min(max(part, self.multipart_from), MAX_SINGLE_PUT)
        return Sizes(multipart_from=multipart_from, part=part, range=part)


class SettingsFile:
    """The settings and the file they are kept in; unknown keys stay in it.

    Those in `for_now` hold in this process only: nothing writes them.
    """

    def __init__(self, path: Path, for_now: Mapping[str, Any] | None = None) -> None:
        self._file = TomlFile(path, MIGRATIONS)
        self._window = path.with_name("window.bin")
        self._writing = asyncio.Lock()
        self.for_now = for_now or {}
        self.current = replace(_read(self._file.load()), **self.for_now)

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        return self._file.notice

    async def change(self, **changes: Any) -> None:
        """Set some settings, at once in `current` and soon on disk."""
        self.current = replace(self.current, **changes)
        async with self._writing:
            await in_thread(self._file.change, lambda document: self._put(document, changes))

    def _put(self, document: Document, names: Collection[str]) -> None:
        """Another process may have changed the others meanwhile."""
        written = _write(self.current, document)
        document |= {name: value for name, value in written.items() if name in names}

    def window_state(self) -> bytes:
        """What the window saved last, empty when it never did. Only the window can read it."""
        try:
            return self._window.read_bytes()
        except OSError:
            return b""

    def save_window_state(self, state: bytes) -> None:
        """Keep the window's geometry; not being able to is no reason to bother anybody."""
        with contextlib.suppress(OSError):
            write_atomically(self._window, state)


def _read(document: Document) -> Settings:
    kinds = get_type_hints(Settings)
    found: dict[str, Any] = {}
    for field in fields(Settings):
        if field.name in document:
            try:
                found[field.name] = _convert(document[field.name], kinds[field.name])
            except ValueError:
                log.warning("setting %s has a value that is none, default used", field.name)
    return Settings(**found)


def _convert(value: object, kind: type) -> object:
    if issubclass(kind, StrEnum):
        return kind(str(value))
    if type(value) is not kind or (isinstance(value, int) and value < 0):
        raise ValueError(value)
    return value


def _write(settings: Settings, document: Document) -> Document:
    """The settings to write: those that differ from the default, or are in the file already."""
    values = {
        field.name: (getattr(settings, field.name), field.default) for field in fields(settings)
    }
    return {
        name: value.value if isinstance(value, StrEnum) else value
        for name, (value, default) in values.items()
        if value != default or name in document
    }
