"""A menu of places to go to, made anew each time it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu

from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.gui.models.cells import Icons
    from s4desk.viewmodels.places import Place


class PlaceMenu(QMenu):
    """Shows `places` but the ones that `name_of` has no name for: their connection is gone."""

    opened = Signal(object)

    def __init__(self, title: str, nothing: str, icons: Icons, parent: QWidget) -> None:
        """`nothing` is said where there is no place to go to."""
        super().__init__(title, parent)
        self._nothing = nothing
        self._icons = icons
        self.places: Sequence[Place] = ()
        self.name_of: Callable[[Place], str] = lambda _: ""
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for place in self.places:
            name = self.name_of(place)
            if name:
                # A single ampersand would mark a letter to press.
                words = place_words(place, name).replace("&", "&&")
                action = self.addAction(self._icons(_icon(place)), words)
                action.triggered.connect(lambda _=False, place=place: self.opened.emit(place))
        if self.isEmpty():
            self.addAction(self._nothing).setEnabled(False)


def _icon(place: Place) -> str:
    if place.prefix is None:
        return "connection"
    return "folder" if place.prefix.prefix else "bucket"


def place_words(place: Place, connection: str) -> str:
    """The place with the name of its connection, on one line."""
    path = "" if place.prefix is None else f"{place.prefix.bucket}/{place.prefix.prefix}"
    return display_name(f"{connection}:{path}")
