"""Uploading and downloading: from a gesture to the queue."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s4desk.core.domain.objects import ObjectMeta
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.planner import plan_downloads, plan_past_downloads, plan_uploads
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.dialogs.files import choose_files, choose_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Location, Prefix
    from s4desk.core.domain.objects import ObjectVersion
    from s4desk.gui.commands.planning import Planning
    from s4desk.viewmodels.selection import Selection


class Transferring:
    """Commands that move bytes. Folders that were chosen are remembered."""

    def __init__(self, desk: Desk, planning: Planning, window: QWidget) -> None:
        self._desk = desk
        self._planning = planning
        self._window = window
        self._upload_folder = ""

    async def upload_files(self, connection: ConnectionId, prefix: Prefix) -> None:
        """Ask for files and upload them."""
        files = await choose_files(tr("Upload Files"), self._upload_folder, self._window)
        if files:
            self._upload_folder = str(files[0].parent)
            await self.upload(files, connection, prefix)

    async def upload_folder(self, connection: ConnectionId, prefix: Prefix) -> None:
        """Ask for a folder and upload it with everything in it."""
        folder = await choose_folder(
            tr("Upload Folder"), self._upload_folder, tr("Upload"), self._window
        )
        if folder is not None:
            self._upload_folder = str(folder.parent)
            await self.upload([folder], connection, prefix)

    async def upload(self, paths: Sequence[Path], connection: ConnectionId, prefix: Prefix) -> None:
        """Upload files and folders below `prefix`; also what dropping them does."""
        plan = plan_uploads(paths, connection, prefix, new_batch())
        await self._planning.submit(plan, tr("Looking through what is to be uploaded."))

    async def download(self, connection: ConnectionId, selection: Selection) -> None:
        """Ask for a folder and download the selection into it."""
        start = self._desk.settings.current.download_folder or str(Path.home())
        folder = await choose_folder(tr("Download to Folder"), start, tr("Download"), self._window)
        if folder is None:
            return
        await self._desk.settings.change(download_folder=str(folder))
        await self.download_to(folder, connection, selection)

    async def download_to(
        self, folder: Path, connection: ConnectionId, selection: Selection
    ) -> None:
        """Download the selection into a folder."""
        store = await self._desk.stores.to_read(connection)
        if selection.is_of_now:
            plan = plan_downloads(store, connection, selected(selection), folder, new_batch())
        else:
            versions = [each for each in selection.chosen_versions if not each.is_delete_marker]
            past: list[ObjectVersion | Prefix] = [*selection.folders, *versions]
            moment = selection.moment
            plan = plan_past_downloads(store, connection, past, folder, new_batch(), moment)
        await self._planning.submit(plan, tr("Looking through what is to be downloaded."))


def selected(selection: Selection) -> list[Prefix | ObjectMeta]:
    """What was selected in the window, in the words of the planner."""
    objects = [
        ObjectMeta(location, size, _time(seconds), "")
        for location, size, seconds in zip(
            selection.objects, selection.sizes, selection.modified, strict=True
        )
    ]
    return [*selection.folders, *objects]


def _time(seconds: float) -> datetime | None:
    return None if math.isnan(seconds) else datetime.fromtimestamp(seconds, UTC)


def places(selection: Selection) -> list[Prefix | Location]:
    """What was selected, without sizes."""
    return [*selection.folders, *selection.objects]
