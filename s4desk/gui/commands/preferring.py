"""The settings: changed, kept, and obeyed by whatever goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s4desk.gui.dialogs.settings import SettingsDialog
from s4desk.viewmodels.settings_form import settings_pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.persist.settings import Settings
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.queueing import QueueFeed
    from s4desk.gui.models.cells import Icons


class Preferring:
    """Shows the settings beside the window, and applies each change at once."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        feed: QueueFeed,
        show: Callable[[Settings], None],
        icons: Icons,
        window: QWidget,
    ) -> None:
        """`show` makes the window look as the settings say."""
        self._desk = desk
        self._tasks = tasks
        self._feed = feed
        self._show = show
        self._icons = icons
        self._window = window
        self._dialog: SettingsDialog | None = None

    def show(self) -> None:
        """Open the settings, or bring them to the front."""
        if self._dialog is None:
            pages = settings_pages(self._desk.settings.current)
            self._dialog = SettingsDialog(pages, self._icons, self._window)
            self._dialog.changed.connect(lambda new: self._tasks.start(self.change(**new)))
            self._dialog.finished.connect(self._closed)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    async def change(self, **changes: Any) -> None:
        """Change settings by their names. Raises LocalFileError when they cannot be kept."""
        desk = self._desk
        try:
            await desk.settings.change(**changes)
        finally:
            now = desk.settings.current
            desk.queue.set_concurrency(now.transfer_limit, now.part_limit)
            desk.queue.set_sizes(now.sizes)
            desk.stores.limit_bodies(now.part_limit)
            desk.wakefulness.look()
            desk.stores.limit_bandwidth(up=now.upload_rate, down=now.download_rate)
            self._show(now)
            self._feed.wake()

    def _closed(self) -> None:
        # Not with each choice: who goes through a list must not lose what they keep.
        self._tasks.start(self._desk.history.prune())
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
