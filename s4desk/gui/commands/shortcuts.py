"""Other keys for commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.gui.dialogs.shortcuts import CommandKeys, ShortcutsDialog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.gui.actions import Actions
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.viewmodels.acts import Act


class Shortcuts:
    """Shows which keys give which command, and keeps what is changed at once."""

    def __init__(self, desk: Desk, tasks: GuiTasks, acts: Actions, window: QWidget) -> None:
        self._desk = desk
        self._tasks = tasks
        self._acts = acts
        self._window = window

    def show(self) -> None:
        commands = [
            CommandKeys(act, words, keys, usual)
            for act, words, keys, usual in self._acts.keys_of_all()
        ]
        dialog = ShortcutsDialog(commands, self._window)
        dialog.changed.connect(lambda changes: self._tasks.start(self._change(changes)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _change(self, changes: Mapping[Act, str | None]) -> None:
        for act, keys in changes.items():
            self._acts.give_keys(act, keys)
        await self._desk.shortcuts.change({act.value: keys for act, keys in changes.items()})
