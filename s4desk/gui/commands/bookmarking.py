"""Places to come back to: bookmarks, and where the window was of late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.views.place_menu import PlaceMenu

RECENT: Final = 15


class Bookmarking:
    """Keeps what is in the two menus; the window keeps the recent places until the next start."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        browsing: Browsing,
        bookmarks: PlaceMenu,
        recent: PlaceMenu,
    ) -> None:
        self._desk = desk
        self._browsing = browsing
        self._bookmarks = bookmarks
        self._recent = recent
        for menu in (bookmarks, recent):
            menu.opened.connect(browsing.go)
        bookmarks.name_of = self._name
        recent.name_of = lambda place: "" if place == self._here else self._name(place)
        browsing.moved.connect(self._moved)
        tasks.start(self._read())

    @property
    def is_bookmarked(self) -> bool:
        """Whether the place that is shown is a bookmark."""
        return self._here in self._bookmarks.places

    async def toggle(self) -> None:
        """Make a bookmark of the place that is shown, or remove it. Raises LocalFileError."""
        here = self._here
        if here is None:
            return
        bookmark = (here.connection, here.prefix)
        try:
            if self.is_bookmarked:
                await self._desk.bookmarks.remove(bookmark)
            else:
                await self._desk.bookmarks.add(bookmark)
        finally:
            await self._read()

    @property
    def _here(self) -> Place | None:
        """The place that is shown, of a search its folder."""
        place = self._browsing.place
        return None if place is None else Place(place.connection, place.prefix)

    def _name(self, place: Place) -> str:
        connection = self._desk.connections.get(place.connection)
        return "" if connection is None else connection.name

    async def _read(self) -> None:
        kept = await self._desk.bookmarks.all()
        self._bookmarks.places = [Place(*bookmark) for bookmark in kept]
        if self._here is not None:
            # Whether this place is one of them may be seen.
            self._browsing.moved.emit()

    def _moved(self) -> None:
        here = self._here
        if here is not None:
            others = [place for place in self._recent.places if place != here]
            self._recent.places = [here, *others][:RECENT]
