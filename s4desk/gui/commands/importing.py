"""Taking over connections of other programs and computers, and writing them down for others."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.persist.aws_offers import aws_offers
from s4desk.core.persist.connection_export import exported, file_offers
from s4desk.core.persist.offers import fitted, looked_up, take_over
from s4desk.core.persist.rclone_offers import rclone_offers
from s4desk.core.persist.toml_file import write_atomically
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.store.aws_profiles import profile_names
from s4desk.core.transfer.folders import local_errors
from s4desk.gui.commands.unlocking import make_secret_file
from s4desk.gui.dialogs.base import pressed
from s4desk.gui.dialogs.files import choose_file, choose_target
from s4desk.gui.dialogs.importing import ImportDialog, Source
from s4desk.viewmodels.offer_text import taken_over_text
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.persist.offers import Offer
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices


class Importing:
    """The list of what there is, and the file for others."""

    def __init__(self, desk: Desk, tasks: GuiTasks, notices: Notices, window: QWidget) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._window = window
        self._exported = "connections.toml"

    async def take_in(self) -> None:
        """Let a person tick what is taken over, of AWS profiles at first."""
        dialog = ImportDialog(self._window)
        dialog.source_chosen.connect(lambda source: self._tasks.start(self._read(dialog, source)))
        dialog.file_wanted.connect(lambda: self._tasks.start(self._make_file(dialog)))
        beside = (
            self._tasks.start(self._read(dialog, Source.AWS)),
            self._tasks.start(self._show_keyring(dialog)),
        )
        try:
            while await pressed(dialog, dialog.submitted):
                if await self._take_over(dialog):
                    return
        finally:
            for task in beside:
                task.cancel()
            dialog.close()
            dialog.deleteLater()

    async def _make_file(self, dialog: ImportDialog) -> None:
        """Make the file for secrets, and say that it is the place from now on."""
        if await make_secret_file(self._desk.secrets, dialog):
            await self._show_keyring(dialog)

    async def _show_keyring(self, dialog: ImportDialog) -> None:
        dialog.show_keyring(await self._desk.secrets.state())

    async def count_found(self) -> int:
        """How many connections there are to import where AWS and rclone look by themselves."""
        return await in_thread(_count_found)

    async def write_out(self) -> None:
        """Write all connections, without any secret, into a file."""
        path = await choose_target(tr("Export Connections"), self._exported, self._window)
        if path is None:
            return
        self._exported = str(path)
        kept = self._desk.connections.all()
        content = exported(kept)
        with local_errors(path):
            await in_thread(write_atomically, path, content)
        said = tr("Connections written to {file}, without secrets.")
        said = said.format(file=display_name(path.name))
        if any(each.group is not None for each in kept):
            said = f"{said} {tr('Failover groups stay here: make them anew elsewhere.')}"
        self._notices.say(said)

    async def _read(self, dialog: ImportDialog, source: Source) -> None:
        reader = await self._reader(dialog, source)
        if reader is None:
            return
        try:
            offers = await in_thread(lambda: looked_up(reader()))
        except S4DeskError as error:
            dialog.fail(error)
        else:
            if dialog.source is source:
                dialog.show_offers(fitted(offers, self._desk.connections.all()))

    async def _reader(
        self, dialog: ImportDialog, source: Source
    ) -> Callable[[], list[Offer]] | None:
        """What reads the source; a person may have to choose a file for it."""
        if source is Source.AWS:
            return lambda: aws_offers(profile_names())
        start = str(rclone_file().parent) if source is Source.RCLONE else ""
        path = await choose_file(dialog.windowTitle(), start, tr("Open"), dialog)
        if path is None:
            return None
        return partial(rclone_offers if source is Source.RCLONE else file_offers, path)

    async def _take_over(self, dialog: ImportDialog) -> bool:
        """Take over what is ticked; whether all of it came along. What failed is told."""
        chosen = dialog.model.chosen
        dialog.set_busy(True, tr("Importing…"))
        try:
            is_kept = await take_over(chosen, self._desk.connections, self._desk.secrets)
        except S4DeskError as error:
            dialog.set_busy(False)
            dialog.fail(error)
            return False
        said = taken_over_text(len(chosen))
        if not is_kept:
            said += " " + tr("Their keys are kept for this session only: there is no keyring.")
        self._notices.say(said)
        return True


def _count_found() -> int:
    path = rclone_file()
    found: list[Offer] = []
    # One that has a password, or cannot be read, is told of when it is chosen; and most people
    # have one of both at most.
    with suppress(S4DeskError):
        found += rclone_offers(path) if path.is_file() else []
    with suppress(S4DeskError):
        found += aws_offers(profile_names())
    return sum(offer.connection is not None for offer in found)


def rclone_file() -> Path:
    """Where rclone looks for its configuration (“rclone config file”)."""
    named = os.environ.get("RCLONE_CONFIG", "")
    base = os.environ.get("XDG_CONFIG_HOME", "") or "~/.config"
    return Path(named or f"{base}/rclone/rclone.conf").expanduser()
