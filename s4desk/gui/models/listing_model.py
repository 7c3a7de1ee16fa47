"""What the models of the table, the tree and the list of buckets have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.viewmodels.listing import ListingStatus


class ListingModel(Protocol):
    """A listing that is loaded piece by piece."""

    tasks: GuiTasks

    @property
    def status(self) -> ListingStatus: ...
    def load_all(self) -> None: ...
    def load_more(self) -> None: ...
    def retry(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...
