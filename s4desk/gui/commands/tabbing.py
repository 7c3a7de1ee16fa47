"""Tabs: opened, closed, shown, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from s4desk.core.domain.identity import Prefix
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.rows import escape_key
from s4desk.viewmodels.tabs import Glance, tab_title

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.gui.views.tab_strip import TabStrip


class Tabbing(QObject):
    """What is done with the tabs of the window. Only the shown one has rows: others are read again.

    changed     which there are, where they are, or which is shown
    """

    changed = Signal()

    def __init__(self, desk: Desk, browsing: Browsing, pane: ObjectsPane, strip: TabStrip) -> None:
        super().__init__(strip)
        self._desk = desk
        self._browsing = browsing
        self._tabs = browsing.tabs
        self._pane = pane
        self._strip = strip
        self._restored = Glance()
        browsing.moved.connect(self._tell)
        strip.picked.connect(self.show)
        strip.closed.connect(self.close)
        strip.moved_to.connect(self._moved)

    def new(self) -> None:
        """Open a tab at the place that is shown."""
        place = self._browsing.place
        self._keep()
        self._tabs.open(place, self._glance())
        self._show()

    def open(self, place: Place) -> None:
        """Open a place in a tab of its own, behind the shown one."""
        kind = self._pane.browsers.kind
        self._tabs.open(place, Glance(kind), is_behind=True)
        self._tell()

    def open_entry(self, entry: object) -> None:
        """The same for a folder or a bucket that is shown."""
        here = self._browsing.place
        if here is not None and isinstance(entry, Prefix):
            self.open(Place(here.connection, entry.folder).seen_from(here))

    def close(self, index: int | None = None) -> None:
        """Close a tab, the shown one if none is told; the last one stays."""
        at = self._tabs.index if index is None else index
        is_shown = at == self._tabs.index
        if len(self._tabs) == 1:
            return
        self._keep()
        self._tabs.close(at)
        if is_shown:
            self._show()
        else:
            self._tell()

    def reopen(self) -> None:
        """Show the tab again that was closed last."""
        self._keep()
        self._tabs.reopen()
        self._show()

    def step(self, by: int) -> None:
        """Show the next tab (1), or the one before (-1)."""
        if len(self._tabs) > 1:
            self._keep()
            self._tabs.step(by)
            self._show()

    def show(self, index: int) -> None:
        if index != self._tabs.index:
            self._keep()
            self._tabs.show(index)
            self._show()

    def restore(self, kept: bytes) -> Place | None:
        """Open the tabs that were kept, and tell where the shown one is; it is not read yet."""
        self._tabs.restore(kept, {connection.id for connection in self._desk.connections.all()})
        self._restored = self._tabs.shown.glance
        self._pane.browsers.choose(self._restored.kind)
        self._tell()
        return self._browsing.place

    def show_restored(self) -> None:
        """Read where the shown tab is, as it was looked at; the keyboard stays where it is."""
        self._browsing.show_tab()
        self._pane.filter_bar.recall(self._restored.pattern)

    def save(self) -> bytes:
        """As bytes that `restore` reads."""
        self._keep()
        return self._tabs.save()

    def _moved(self, was: int, now: int) -> None:
        self._tabs.move(was, now)
        self._tell()

    def _glance(self) -> Glance:
        return Glance(
            self._pane.browsers.kind, self._pane.filter_bar.pattern, self._pane.current_name
        )

    def _keep(self) -> None:
        self._tabs.look(self._glance())

    def _show(self) -> None:
        glance = self._tabs.shown.glance
        self._pane.browsers.choose(glance.kind)
        self._browsing.show_tab()
        self._pane.filter_bar.recall(glance.pattern)
        self._pane.await_name(glance.row)
        self._pane.focus_rows()

    def _tell(self) -> None:
        places = self._tabs.places
        names = [self._name(place) for place in places]
        titles = [tab_title(place, name) for place, name in zip(places, names, strict=True)]
        tips = [_tip(place, name) for place, name in zip(places, names, strict=True)]
        self._strip.show_tabs(titles, tips, places, self._tabs.index)
        self.changed.emit()

    def _name(self, place: Place | None) -> str:
        found = self._desk.connections.get(place.connection) if place is not None else None
        return found.name if found is not None else ""


def _tip(place: Place | None, connection_name: str) -> str:
    if place is None or place.prefix is None:
        return connection_name
    prefix = place.prefix
    return f"{connection_name}: s3://{escape_key(prefix.bucket)}/{escape_key(prefix.prefix)}"
