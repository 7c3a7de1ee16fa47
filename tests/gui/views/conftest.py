"""A pane on the screen, and listings for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from s4desk.gui.views.objects_pane import ObjectsPane
from tests.gui.models.fakes import FakeListing, no_icons

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from s4desk.core.domain.identity import Prefix
    from s4desk.viewmodels.pager import Pager


class Sources:
    """A PagerSource over one FakeListing after the other; remembers what it was asked for."""

    def __init__(self, *listings: FakeListing) -> None:
        self.listings = list(listings)
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, prefix: Prefix, *, with_owner: bool = False) -> Pager:
        self.asked.append((prefix.prefix, with_owner))
        listing = self.listings[0] if len(self.listings) == 1 else self.listings.pop(0)
        return listing.pager(prefix)


class Heard(list[Any]):
    """Everything a signal said."""

    def __init__(self, signal: Any) -> None:
        super().__init__()
        signal.connect(lambda *said: self.append(said[0] if len(said) == 1 else said))


@pytest.fixture
async def pane(qtbot) -> AsyncIterator[ObjectsPane]:
    pane = ObjectsPane(no_icons)
    qtbot.addWidget(pane)
    pane.resize(800, 600)
    pane.show()
    failures: list[object] = []
    for tasks in pane.tasks:
        tasks.failed.connect(failures.append)
    yield pane
    for tasks in pane.tasks:
        await tasks.aclose()
    assert not failures
