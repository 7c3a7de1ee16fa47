"""The keys that a person gave to commands: `shortcuts.toml`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from s4desk.core.persist.toml_file import Document, TomlFile
from s4desk.core.runtime.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class ShortcutFile:
    """Only what differs from the usual keys; an empty text is a command without keys.

    Commands and keys are texts here: one that this version does not know stays in the file.
    """

    def __init__(self, path: Path) -> None:
        self._file = TomlFile(path)
        self._changing = asyncio.Lock()
        self.current = _keys_in(self._file.load())

    @property
    def notice(self) -> str:
        """What the user should know about the file, empty when all is well."""
        return self._file.notice

    async def change(self, changes: Mapping[str, str | None]) -> None:
        """Give keys to commands; None gives the usual ones back. Raises LocalFileError."""

        def change(document: Document) -> None:
            kept = {**_keys_in(document), **changes}
            document["shortcuts"] = {act: keys for act, keys in kept.items() if keys is not None}

        async with self._changing:
            self.current = _keys_in(await in_thread(self._file.change, change))


def _keys_in(document: Document) -> dict[str, str]:
    table = document.get("shortcuts", {})
    if not isinstance(table, dict):
        return {}
    return {act: keys for act, keys in table.items() if isinstance(keys, str)}
