"""Rows of what has moved away: they go as soon as the move is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address
from s4desk.core.domain.transfer import TransferState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.domain.transfer import Progress
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.views.objects_pane import ObjectsPane


class Departures:
    """Looks once per frame at what the board told. What it misses, the next refresh shows."""

    def __init__(self, browsing: Browsing, pane: ObjectsPane) -> None:
        self._browsing = browsing
        self._pane = pane

    def follow(self, drained: Iterable[Progress]) -> None:
        """Show no more what these have moved from the folder that is shown."""
        place = self._browsing.place
        if place is None or place.prefix is None:
            return
        here = place.prefix
        gone = []
        for progress in drained:
            transfer = progress.transfer
            source = transfer.spec.source
            is_done = transfer.state is TransferState.COMPLETED and not transfer.skipped
            if not (is_done and transfer.spec.removes_source and isinstance(source, Address)):
                continue
            location = source.location
            is_here = source.connection == place.connection and location.bucket == here.bucket
            if is_here and location.key.startswith(here.prefix):
                gone.append(location)
        if gone:
            self._pane.remove(gone)
