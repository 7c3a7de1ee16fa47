"""Copying and moving inside stores, and from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.errors import ValidationError
from s4desk.core.domain.identity import Address, Location, Prefix
from s4desk.core.domain.transfer import CARRIED
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.copy_planner import CopyTarget, plan_copies
from s4desk.core.transfer.duplicates import plan_duplicates
from s4desk.core.transfer.selection import collapsed
from s4desk.gui.commands.merging import agrees_to_merge
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.commands.transferring import selected
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.destination import DestinationDialog
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.models.connection_tree import ConnectionTreeModel
from s4desk.gui.views.connection_tree_view import ConnectionTreeView
from s4desk.viewmodels.capability_text import lack_of
from s4desk.viewmodels.clip import Clip, Deed, obstacle
from s4desk.viewmodels.locked_text import Threat
from s4desk.viewmodels.moving_forms import CarriedForm
from s4desk.viewmodels.moving_text import (
    destination_text,
    looking_text,
    many_explanation,
    many_question,
)
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.transfer import Carried, TransferSpec
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.making import Making
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.planning import Planning
    from s4desk.gui.models.cells import Icons
    from s4desk.gui.sources import Sources

MANY = 1000
"""More than these are not moved without a question: it takes long, and nothing undoes it."""


class Moving:
    """Commands that copy and move objects and folders. Whatever arrives is told by the queue."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        planning: Planning,
        making: Making,
        sources: Sources,
        icons: Icons,
        window: QWidget,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._planning = planning
        self._making = making
        self._sources = sources
        self._icons = icons
        self._window = window
        self._last: Place | None = None

    async def put(self, clip: Clip, place: Place, deed: Deed, carries: Carried = CARRIED) -> bool:
        """Copy or move into a folder; copied to where it is, it is duplicated.

        False when nothing was begun: it cannot be done, or the person declined.
        """
        why_not = obstacle(clip, place, deed)
        if why_not or place.prefix is None:
            self._notices.refuse(why_not)
            return False
        if clip.is_all_in(place):
            return await self.duplicate(clip)
        chosen = selected(clip.selection)
        if deed is Deed.MOVE and not await self._planning.guard.allows(
            clip.connection, chosen, Threat.MOVE
        ):
            return False
        folders = [
            Prefix(place.prefix.bucket, f"{place.prefix.prefix}{each.name}/")
            for each in collapsed(chosen)
            if isinstance(each, Prefix)
        ]

        async def agree(specs: Sequence[TransferSpec]) -> bool:
            if not await agrees_to_merge(self._desk, place.connection, folders, self._window):
                return False
            return deed is not Deed.MOVE or await self._agree(specs)

        is_move = deed is Deed.MOVE
        source = Address(clip.connection, Location(clip.bucket, ""))
        target = Address(place.connection, place.prefix.location(""))
        store_of = self._desk.stores_for(source, target, removes_source=is_move)
        plan = plan_copies(
            await store_of(clip.connection),
            clip.connection,
            chosen,
            CopyTarget(
                place.connection,
                place.prefix,
                store=await self._desk.stores.get(place.connection),
            ),
            new_batch(),
            removes_source=is_move,
            carries=carries,
        )
        try:
            return await self._planning.submit(plan, looking_text(deed), agree=agree, in_store=True)
        except ValidationError as error:
            self._notices.warn(str(error))
            return False

    async def duplicate(self, clip: Clip) -> bool:
        """Copy beside the originals, under numbered names."""
        store = await self._desk.stores.get(clip.connection)
        plan = plan_duplicates(store, clip.connection, selected(clip.selection), new_batch())
        return await self._planning.submit(plan, looking_text(Deed.COPY), in_store=True)

    async def choose(self, clip: Clip, deed: Deed) -> None:
        """Ask for a place, and what goes along, and do it."""
        if not len(clip):
            return
        model = ConnectionTreeModel(self._sources, self._icons)
        model.tasks.failed.connect(self._notices.fail)
        tree = ConnectionTreeView(model)
        report = self._desk.stores.report(clip.connection)
        form = CarriedForm(
            deed,
            no_tags=lack_of(report, Capability.OBJECT_TAGGING),
            no_lock=lack_of(report, Capability.OBJECT_LOCK),
        )
        dialog = DestinationDialog(
            form,
            destination_text(clip, deed),
            deed,
            tree,
            lambda place: obstacle(clip, place, deed),
            self._window,
        )
        tree.chosen.connect(dialog.choose)
        start = self._last or Place(clip.connection, clip.selection.prefix)

        def open_start(place: Place | None) -> None:
            if place == start:
                tree.expand(model.find(start))

        tree.chosen.connect(open_start)
        model.let_reach(self._desk.stores.reached)
        model.show_connections(self._desk.connections.all())
        tree.reveal(start)

        def show_new(place: Place) -> None:
            model.refresh(place)
            tree.reveal(place)

        dialog.folder_wanted.connect(
            lambda place: self._tasks.start(self._make_folder(dialog, place, show_new))
        )
        try:
            if not await accepted(dialog) or (place := dialog.place) is None:
                return
        finally:
            await model.tasks.aclose()
            model.deleteLater()
        self._last = place
        await self.put(clip, place, deed, form.result())

    async def _make_folder(
        self, dialog: DestinationDialog, place: Place, show: Callable[[Place], None]
    ) -> None:
        if place.prefix is None:
            return
        made = await self._making.folder_in(place.connection, place.prefix, dialog)
        if made is not None:
            show(Place(place.connection, made))

    async def _agree(self, specs: Sequence[TransferSpec]) -> bool:
        if len(specs) <= MANY:
            return True
        size = sum(spec.size for spec in specs)
        return await accepted(
            QuestionDialog(
                tr("Move"),
                many_question(len(specs), size),
                many_explanation(),
                tr("&Move"),
                self._window,
            )
        )
