"""Every command and every known place by a few letters, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import QMenu

from s4desk.core.runtime.i18n import in_english, tr
from s4desk.gui.action_looks import action_looks
from s4desk.gui.actions import plain_words, words_of
from s4desk.gui.commands.browsing import start_of
from s4desk.gui.dialogs.palette import PaletteDialog
from s4desk.gui.views.place_menu import place_words
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.palette import Entry
from s4desk.viewmodels.synonyms import synonyms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QMenuBar, QWidget

    from s4desk.core.desk import Desk
    from s4desk.gui.actions import Actions
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.views.place_menu import PlaceMenu
    from s4desk.viewmodels.places import Place

_ACTS = frozenset(Act)


class Commanding:
    """Shows the palette, and gives the command, or goes to the place, that is chosen in it."""

    def __init__(
        self,
        acts: Actions,
        bar: QMenuBar,
        browsing: Browsing,
        desk: Desk,
        menus: Sequence[PlaceMenu],
        window: QWidget,
    ) -> None:
        """`menus` hold places to go to."""
        self._acts = acts
        self._bar = bar
        self._browsing = browsing
        self._desk = desk
        self._menus = menus
        self._window = window

    def show(self) -> None:
        known = in_english(action_looks)
        english = {act: plain_words(looks.text) for act, looks in known.items()}
        others, in_code = synonyms(), in_english(synonyms)
        also = {
            act: ", ".join((english[act], in_code.get(act, ""), others.get(act, ""))) for act in Act
        }
        found = [*_entries(self._bar.actions(), "", also), *self._places()]
        dialog = PaletteDialog(found, self._icon, self._window)
        # When the dialog is gone: a command looks at who has the keyboard, or opens its own.
        dialog.chosen.connect(self._give)
        dialog.open()

    def _icon(self, entry: Entry) -> QIcon:
        return QIcon() if entry.act is None else self._acts[entry.act].icon()

    def _give(self, entry: Entry) -> None:
        if entry.place is not None:
            self._browsing.go(entry.place)
        elif entry.act is not None:
            self._acts[entry.act].trigger()

    def _places(self) -> Iterator[Entry]:
        """Connections, bookmarks and recent places; each place once."""
        seen: set[Place] = set()
        for connection in self._desk.connections.all():
            yield Entry(None, connection.name, tr("Connection"), place=start_of(connection))
        for menu in self._menus:
            title = words_of(menu.menuAction())
            for place in menu.places:
                name = menu.name_of(place)
                if name and place not in seen:
                    seen.add(place)
                    words = place_words(place, name)
                    yield Entry(None, words, title, also=title, place=place)


def _entries(actions: Sequence[QAction], menu: str, also: Mapping[Act, str]) -> Iterator[Entry]:
    for action in actions:
        words = words_of(action)
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _entries(inner.actions(), f"{menu} › {words}" if menu else words, also)
        elif action.objectName() in _ACTS and action.objectName() != Act.PALETTE:
            act = Act(action.objectName())
            yield Entry(
                act,
                words,
                menu,
                action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
                "" if action.isEnabled() else action.statusTip(),
                also.get(act, ""),
            )
