"""Every command by a few letters: what the menus hold, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from s4desk.gui.actions import words_of
from s4desk.gui.dialogs.palette import PaletteDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.palette import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMenuBar, QWidget

    from s4desk.gui.actions import Actions

_ACTS = frozenset(Act)


class Commanding:
    """Shows the palette, and gives the command that is chosen in it."""

    def __init__(self, acts: Actions, bar: QMenuBar, window: QWidget) -> None:
        self._acts = acts
        self._bar = bar
        self._window = window

    def show(self) -> None:
        acts = self._acts
        found = list(_entries(self._bar.actions(), ""))
        dialog = PaletteDialog(found, lambda act: acts[act].icon(), self._window)
        # When the dialog is gone: a command looks at who has the keyboard, or opens its own.
        dialog.chosen.connect(lambda act: acts[act].trigger())
        dialog.open()


def _entries(actions: Sequence[QAction], menu: str) -> Iterator[Entry]:
    for action in actions:
        words = words_of(action)
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _entries(inner.actions(), f"{menu} › {words}" if menu else words)
        elif action.objectName() in _ACTS and action.objectName() != Act.PALETTE:
            yield Entry(
                Act(action.objectName()),
                words,
                menu,
                action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
                "" if action.isEnabled() else action.statusTip(),
            )
