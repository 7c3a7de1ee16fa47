"""The tabs of a window: each is somewhere, has been somewhere, and looks at it in its own way."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.places import History, Place, bytes_of, place_of
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from s4desk.core.domain.identity import ConnectionId

MOST_REOPENED: Final = 20
MOST_KEPT: Final = 20
"""Places of the way back of each tab that are there again after a restart."""


@dataclass(frozen=True, slots=True)
class Glance:
    """How a folder is looked at: the kind of view, the filter, and the name of the current row."""

    kind: str = ""
    pattern: str = ""
    row: str = ""


@dataclass(slots=True)
class Tab:
    history: History = field(default_factory=History)
    glance: Glance = Glance()

    @property
    def place(self) -> Place | None:
        return self.history.here


class Tabs:
    """One of them is shown; there is always one."""

    def __init__(self) -> None:
        self._tabs = [Tab()]
        self._closed: list[Tab] = []
        self.index = 0

    def __len__(self) -> int:
        return len(self._tabs)

    def __getitem__(self, index: int) -> Tab:
        return self._tabs[index]

    @property
    def shown(self) -> Tab:
        return self._tabs[self.index]

    @property
    def places(self) -> list[Place | None]:
        return [tab.place for tab in self._tabs]

    @property
    def can_reopen(self) -> bool:
        return bool(self._closed)

    def open(self, place: Place | None, glance: Glance, *, is_behind: bool = False) -> None:
        """A new tab beside the shown one."""
        tab = Tab(glance=glance)
        if place is not None:
            tab.history.visit(place)
        self._tabs.insert(self.index + 1, tab)
        if not is_behind:
            self.index += 1

    def show(self, index: int) -> None:
        self.index = index

    def step(self, by: int) -> None:
        """Show the next one (1) or the one before (-1), round and round."""
        self.index = (self.index + by) % len(self._tabs)

    def move(self, index: int, to: int) -> None:
        """Put one in another's place; the shown one stays shown."""
        shown = self.shown
        self._tabs.insert(to, self._tabs.pop(index))
        self.index = next(at for at, tab in enumerate(self._tabs) if tab is shown)

    def close(self, index: int) -> None:
        """Close one, but for the last; it can be reopened. Its neighbour is shown if it was."""
        if len(self._tabs) == 1:
            return
        self._closed = [*self._closed, self._tabs.pop(index)][-MOST_REOPENED:]
        if index < self.index or self.index == len(self._tabs):
            self.index -= 1

    def reopen(self) -> None:
        """Show the tab that was closed last beside the shown one."""
        if self._closed:
            self.index += 1
            self._tabs.insert(self.index, self._closed.pop())

    def keep_known(self, known: Collection[ConnectionId]) -> None:
        """Forget the places of connections that are gone, and the tabs that are nowhere then."""
        for tab in (*self._tabs, *self._closed):
            for place in {*tab.history.places}:
                if place.connection not in known:
                    tab.history.forget(place.connection)
        shown = self.shown
        self._tabs = [tab for tab in self._tabs if tab is shown or tab.place is not None]
        self._closed = [tab for tab in self._closed if tab.place is not None]
        self.index = next(at for at, tab in enumerate(self._tabs) if tab is shown)

    def save(self) -> bytes:
        """As bytes that `restore` reads: where they are and have been, how they look at it, and
        which is shown."""
        kept = [
            [
                bytes_of(tab.place).decode(),
                tab.glance.kind,
                tab.glance.pattern,
                [bytes_of(place).decode() for place in tab.history.past[-MOST_KEPT:]],
            ]
            for tab in self._tabs
            if tab.place is not None
        ]
        before = sum(tab.place is not None for tab in self._tabs[: self.index])
        return json.dumps([before, kept]).encode()

    def restore(self, kept: bytes, known: Collection[ConnectionId]) -> None:
        """Open what was kept, where there is still a connection to it; damaged bytes are none."""
        try:
            index, tabs = json.loads(kept)
            found = [_tab_of(*parts) for parts in tabs]
        except (ValueError, TypeError, AttributeError):
            return
        restored, shown = list[Tab](), 0
        for at, (places, glance) in enumerate(found):
            if places[-1] is None or places[-1].connection not in known:
                continue
            shown = len(restored) if at <= index else shown
            tab = Tab(glance=glance)
            for place in places:
                if place is not None and place.connection in known:
                    tab.history.visit(place)
            restored.append(tab)
        if restored:
            self._tabs, self.index = restored, shown

    def look(self, glance: Glance) -> None:
        """How the shown one is looked at now."""
        self.shown.glance = glance

    def forget_row(self) -> None:
        """The row is found again once: whoever goes elsewhere in the tab is at other rows."""
        self.look(replace(self.shown.glance, row="", pattern=""))


def _tab_of(
    place: str, kind: str, pattern: str = "", past: Sequence[str] = ()
) -> tuple[list[Place | None], Glance]:
    """Where a tab was, the last place last; an older s4desk kept neither the filter nor the way."""
    places = [place_of(each.encode()) for each in (*past, place)]
    return places, Glance(str(kind), str(pattern))


def tab_title(place: Place | None, connection_name: str) -> str:
    """The last part of where a tab is."""
    if place is None:
        return tr("New tab")
    if place.prefix is None:
        return display_name(connection_name)
    name = place.prefix.name if place.prefix.prefix else place.prefix.bucket
    return display_name(name.removesuffix("/"))
