"""What became of transfers, written into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.persist.toml_file import write_atomically
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.folders import local_errors
from s4desk.gui.dialogs.files import choose_target
from s4desk.gui.models.transfer_cells import names_in
from s4desk.viewmodels.history_rows import as_progress
from s4desk.viewmodels.rows import display_name, format_count
from s4desk.viewmodels.transfer_report import report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import Progress, TransferId
    from s4desk.core.persist.history import HistoryEntry
    from s4desk.gui.commands.notices import Notices
    from s4desk.viewmodels.history_rows import NameOf


class Reporting:
    """Saves reports, and remembers where."""

    def __init__(self, desk: Desk, notices: Notices, window: QWidget) -> None:
        self._desk = desk
        self._notices = notices
        self._window = window
        self._last = "transfers.csv"

    async def save(self, transfers: Sequence[TransferId]) -> None:
        """Ask for a file, and write a line for each of these, or of all if there are none."""
        chosen = transfers or [each.id for each in self._desk.queue.transfers()]
        path = await choose_target(tr("Save Report"), self._last, self._window)
        if path is None:
            return
        lines = [each for each in map(self._desk.board.progress, chosen) if each is not None]
        await self._write(path, lines, names_in(self._desk.connections))

    async def save_entries(
        self, entries: Iterable[HistoryEntry], name_of: NameOf, over: QWidget
    ) -> None:
        """The same of the history; `entries` are read when the file is known, in a thread."""
        path = await choose_target(tr("Export Report"), self._last, over)
        if path is not None:
            await self._write(path, map(as_progress, entries), name_of)

    async def _write(self, path: Path, lines: Iterable[Progress], name_of: NameOf) -> None:
        self._last = str(path)
        count = await in_thread(_write, path, lines, name_of)
        sentence = tr_n(
            "{count} transfer reported in {file}.",
            "{count} transfers reported in {file}.",
            count,
        )
        name = display_name(path.name)
        self._notices.say(sentence.format(count=format_count(count), file=name))


def _write(path: Path, lines: Iterable[Progress], name_of: NameOf) -> int:
    """Write the report; of how many transfers it is."""
    told = list(lines)
    with local_errors(path):
        write_atomically(path, report(told, name_of))
    return len(told)
