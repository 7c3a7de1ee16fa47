"""Going from place to place, and looking at it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from s4desk.core.domain.identity import EVERYWHERE, Prefix
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.exposure_text import exposure_sentence, exposure_words
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.tabs import Tabs

if TYPE_CHECKING:
    from collections.abc import Collection

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.gui.models.connection_tree import ConnectionTreeModel
    from s4desk.gui.sources import Sources
    from s4desk.gui.views.connection_tree_view import ConnectionTreeView
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.gui.views.path_bar import PathBar
    from s4desk.viewmodels.places import History


class Browsing(QObject):
    """Where the window is: the pane, the path and the tree show the same place."""

    moved = Signal()

    def __init__(
        self,
        desk: Desk,
        sources: Sources,
        pane: ObjectsPane,
        path_bar: PathBar,
        tree: ConnectionTreeView,
        tree_model: ConnectionTreeModel,
    ) -> None:
        super().__init__(pane)
        self._desk = desk
        self._sources = sources
        self._pane = pane
        self._path_bar = path_bar
        self._tree = tree
        self._tree_model = tree_model
        self.tabs = Tabs()

    @property
    def history(self) -> History:
        """Of the tab that is shown."""
        return self.tabs.shown.history

    @property
    def place(self) -> Place | None:
        return self.history.here

    @property
    def connection(self) -> Connection | None:
        """The connection of the place that is shown."""
        place = self.place
        return None if place is None else self._desk.connections.get(place.connection)

    def go(self, place: Place) -> None:
        """Show a place, and remember the one before; versions, or a moment, stay in sight."""
        self.show_as(place.seen_from(self.place))

    def show_as(self, place: Place) -> None:
        """Show a place exactly as it is told."""
        if place == self.place:
            self.refresh()
            return
        self.history.visit(place)
        self._show(place)

    def open_connection(self, connection: ConnectionId) -> None:
        """Show the buckets of a connection, or the folder that it starts in."""
        found = self._desk.connections.get(connection)
        if found is not None:
            self.go(start_of(found))

    def open_entry(self, entry: object) -> bool:
        """Go into a folder or a bucket that is shown; False for what is none."""
        if self.place is None or not isinstance(entry, Prefix):
            return False
        self.go(replace(self.place.plain, prefix=entry))
        return True

    def back(self) -> None:
        self._step(self.history.back())

    def forward(self) -> None:
        self._step(self.history.forward())

    def up(self) -> None:
        """Go to the folder above; from the top of a bucket to the list of buckets."""
        if self.place is not None and self.place.parent is not None:
            self.go(self.place.parent)

    def go_to(self, connection_name: str, prefix: Prefix | None) -> None:
        """Go where somebody typed to; a name that is none is said beside the typing."""
        connection = self.connection
        if connection_name:
            connection = self._desk.connections.by_name(connection_name)
            if connection is None:
                sentence = tr("There is no connection named “{name}”.")
                self._path_bar.say(sentence.format(name=connection_name))
                return
        if connection is None:
            self._path_bar.say(tr("Choose a connection first, or type NAME:bucket/folder."))
            return
        self.go(Place(connection.id, None if prefix is None else prefix.folder))
        self._pane.focus_rows()

    def go_to_entry(self, place: Place, entry: Location) -> None:
        """Go to the folder of an object, and select it there as soon as it is here."""
        self.go(place)
        self.await_entry(place.connection, entry)
        self._pane.focus_rows()

    def refresh(self) -> None:
        """Ask the store again."""
        self._pane.refresh()

    def await_entry(self, connection: ConnectionId, location: Location) -> None:
        """Select what was just written as soon as it is here, if it belongs into what is shown."""
        place = self.place
        if place is not None and place.connection == connection:
            self._pane.await_entry(location)

    def no_longer_found(
        self, connection: ConnectionId, entries: Collection[Prefix | Location]
    ) -> None:
        """Take these out of what a search has found: it is not done again."""
        place = self.place
        if place is not None and place.connection == connection and place.query is not None:
            self._pane.remove(entries)

    def refresh_tree(self, place: Place) -> None:
        """Read anew what the tree shows below a place."""
        self._tree_model.refresh(place)

    def connection_edited(self, connection: ConnectionId) -> None:
        """Read anew what came from a store that is reached another way now."""
        self.refresh_tree(Place(connection))
        if self.place is not None and self.place.connection == connection:
            self.refresh()

    def connections_changed(self) -> None:
        """Leave the place whose connection is gone; show a new name where it has another."""
        self.tabs.keep_known({connection.id for connection in self._desk.connections.all()})
        if self.place is None:
            self._show_nothing()
        else:
            self._show_path(self.place)
        self.moved.emit()

    def show_tab(self) -> None:
        """Another tab is shown: its place, as it was left."""
        if self.place is not None:
            self._show(self.place)
        else:
            self._show_nothing()
            self.moved.emit()

    def _show_nothing(self) -> None:
        self._pane.close_listing()
        self._path_bar.show_place(None, "")
        self._path_bar.warn("")

    def _step(self, place: Place | None) -> None:
        if place is not None:
            self._show(place)

    def _show(self, place: Place) -> None:
        connection = place.connection
        if place.query is not None and place.prefix is None:
            source = self._sources.wide_search_source(connection, place.query)
            self._pane.open(EVERYWHERE, source, is_search=True)
        elif place.prefix is None:
            self._pane.open_buckets(lambda: self._sources.list_buckets(connection))
        elif place.query is not None:
            source = self._sources.search_source(connection, place.query)
            self._pane.open(place.prefix, source, is_search=True)
        elif place.moment is not None:
            source = self._sources.past_source(connection, place.moment)
            self._pane.open(place.prefix, source, is_search=True)
        elif place.versions:
            self._pane.open_versions(place.prefix, self._sources.version_source(connection))
        else:
            self._pane.open(place.prefix, self._sources.pager_source(connection))
        self._show_path(place)
        self._pane.show_moment(place.moment)
        self._tree.reveal(place.plain)
        self.moved.emit()

    def _show_path(self, place: Place) -> None:
        connection = self._desk.connections.get(place.connection)
        is_group = connection is not None and connection.group is not None
        name = connection.name if connection is not None else ""
        self._path_bar.show_place(place, name, is_group=is_group)
        if connection is not None:
            reached = self._desk.stores.reached(connection)
            self._path_bar.warn(exposure_words(reached), exposure_sentence(reached))


def start_of(connection: Connection) -> Place:
    """Where opening a connection leads to."""
    return Place(connection.id, connection.start)
