"""What commands are about now: the place, the selection, the transfers that are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.identity import EVERYWHERE, Prefix
from s4desk.gui.commands.queueing import local_side
from s4desk.viewmodels.availability import Situation, missing, unwritable
from s4desk.viewmodels.group_writes import deletions_obstacle, writes_obstacle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from s4desk.core.domain.capability import Capability, CapabilityReport, Finding
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.domain.transfer import Transfer, TransferId
    from s4desk.core.failover.service import GroupStatus
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.clipping import Clipping
    from s4desk.gui.models.transfer_table import TransferTableModel
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.viewmodels.acts import Act
    from s4desk.viewmodels.listing import ListingStatus
    from s4desk.viewmodels.places import Place
    from s4desk.viewmodels.selection import Selection, Summary


class Subject:
    """Looked at when a command is given, so that it is about what the person sees then."""

    def __init__(
        self,
        browsing: Browsing,
        pane: ObjectsPane,
        transfers: TransferTableModel,
        clipping: Clipping,
        report_of: Callable[[ConnectionId], CapabilityReport | None],
        is_locking: Callable[[ConnectionId, str], bool | None],
        group_status: Callable[[ConnectionId], GroupStatus | None],
    ) -> None:
        """`report_of` is what is known of the store of a connection, `is_locking` whether a bucket
        is known to have Object Lock, `group_status` how a failover group is."""
        self._group_status = group_status
        self._is_locking = is_locking
        self._report_of = report_of
        self._browsing = browsing
        self._clipping = clipping
        self._pane = pane
        self._model = transfers
        self._chosen: Place | None = None
        self._transfers: Sequence[TransferId] = ()
        self.summary: Summary | None = None
        self.status: ListingStatus | None = None
        self.lock = ""
        self.can_bypass = False

    def choose(self, place: Place | None) -> None:
        """The row of the tree that is current now."""
        self._chosen = place

    def choose_transfers(self, transfers: Sequence[TransferId]) -> None:
        self._transfers = list(transfers)

    @property
    def connection(self) -> ConnectionId | None:
        """The connection chosen in the tree, which is that of what is shown unless somebody went
        elsewhere in the tree."""
        place = self._chosen or self._browsing.place
        return place.connection if place is not None else None

    @property
    def shown_connection(self) -> Connection | None:
        return self._browsing.connection

    @property
    def folder(self) -> tuple[ConnectionId, Prefix] | None:
        """The folder that is shown, None in a list of buckets. Of what was found everywhere it is
        the bucket in which the selection lies, and EVERYWHERE if that is not one."""
        place = self._browsing.place
        if place is None or (place.prefix is None and place.query is None):
            return None
        return place.connection, place.prefix or self.selection.prefix or EVERYWHERE

    @property
    def sync_folder(self) -> tuple[ConnectionId, Prefix] | None:
        """The one folder or bucket that is selected, or else the folder that is shown."""
        place = self._browsing.place
        only = self._pane.selection().only if self._selected == 1 else None
        if place is not None and isinstance(only, Prefix):
            return place.connection, only
        return self.folder

    @property
    def bucket(self) -> str:
        """The bucket a bucket command is about, empty when there is none."""
        place = self._browsing.place
        if place is not None and place.prefix is not None:
            return place.prefix.bucket
        if place is not None and place.query is not None:
            return ""
        only = self._pane.selection().only if self._selected == 1 else None
        return only.bucket if only is not None else ""

    @property
    def selection(self) -> Selection:
        return self._pane.selection()

    @property
    def places(self) -> list[Prefix | Location]:
        selection = self._pane.selection()
        return [*selection.folders, *selection.objects]

    def edit_name(self) -> bool:
        """Let the selected object be renamed where it stands; False when that cannot be."""
        return self._pane.edit_name()

    @property
    def transfers(self) -> Sequence[TransferId]:
        return self._transfers

    @property
    def transfer(self) -> Transfer | None:
        """The one transfer that is selected."""
        return self._model.transfer(self._transfers[0]) if len(self._transfers) == 1 else None

    def lacking(self, connection: ConnectionId) -> Mapping[Act, str]:
        """The commands that the store of a connection has no use for, or cannot carry out now, each
        with the reason."""
        group = self._group_status(connection)
        no_writes, no_deletions = writes_obstacle(group), deletions_obstacle(group)
        found = unwritable(no_writes, no_deletions, no_buckets=no_writes)
        return {**missing(self._lacks(connection)), **found}

    def _lacks(self, connection: ConnectionId | None) -> Mapping[Capability, Finding]:
        report = self._report_of(connection) if connection is not None else None
        return report.lacks if report is not None else {}

    def situation(self) -> Situation:
        place, transfer = self._browsing.place, self.transfer
        history, status = self._browsing.history, self.status
        group = None if place is None else self._group_status(place.connection)
        chosen = self.connection
        tree_group = None if chosen is None else self._group_status(chosen)
        return Situation(
            place=place,
            has_connection=self.connection is not None,
            is_group=self._is_group,
            no_writes=writes_obstacle(group),
            no_deletions=deletions_obstacle(group),
            no_buckets=writes_obstacle(tree_group),
            chosen_bucket=self.bucket,
            selected=self._selected,
            is_scattered=self._is_scattered,
            latest=self.summary.latest if self.summary is not None else 0,
            markers=self.summary.markers if self.summary is not None else 0,
            folders=self.summary.folders if self.summary is not None else 0,
            at_hand=self.summary.at_hand if self.summary is not None else 0,
            has_object=self.summary is not None and self.summary.objects > 0,
            can_go_back=history.can_go_back,
            can_go_forward=history.can_go_forward,
            tabs=len(self._browsing.tabs),
            can_reopen_tab=self._browsing.tabs.can_reopen,
            is_loading=status is not None and status.is_busy,
            has_more=status is not None and status.has_more,
            is_unreadable=status is not None and status.is_unreadable,
            lock=self.lock,
            can_bypass=self.can_bypass,
            is_lockless=self._is_lockless(place),
            clip=self._clipping.obstacle(self._browsing.place),
            lacks=self._lacks(place.connection if place is not None else None),
            transfers=self._model.all_states,
            chosen_transfers=self._model.states(self._transfers),
            is_held=bool(self._model.held),
            is_chosen_held=not self._model.held.isdisjoint(self._transfers),
            has_local_file=transfer is not None and local_side(transfer) is not None,
        )

    @property
    def _is_group(self) -> bool:
        shown = self._browsing.connection
        return shown is not None and shown.group is not None

    def _is_lockless(self, place: Place | None) -> bool:
        if place is None or place.prefix is None:
            return False
        return self._is_locking(place.connection, place.prefix.bucket) is False

    @property
    def _is_scattered(self) -> bool:
        """Whether the selection lies in several buckets, or nobody has looked."""
        place = self._browsing.place
        is_wide = place is not None and place.query is not None and place.prefix is None
        return is_wide and self._selected > 1 and self.selection.prefix == EVERYWHERE

    @property
    def _selected(self) -> int:
        return len(self.summary) if self.summary is not None else 0
