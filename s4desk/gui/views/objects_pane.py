"""The middle of the window: a folder as a table, grid or tree, or the buckets of a connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from s4desk.core.domain.identity import EVERYWHERE, Location, Prefix
from s4desk.core.runtime.i18n import tr
from s4desk.gui.models.bucket_table import BucketTableModel, ListBuckets
from s4desk.gui.models.cells import META_ROLE
from s4desk.gui.views.browsers import Browser, Browsers
from s4desk.gui.views.bucket_table_view import BucketTableView
from s4desk.gui.views.filter_bar import FilterBar
from s4desk.gui.views.listing_frame import ListingFrame
from s4desk.gui.views.notices import Banner
from s4desk.gui.views.past_bar import PastBar
from s4desk.viewmodels.listing import ListingState, ListingStatus, Notice, Remedy
from s4desk.viewmodels.selection import NOTHING, Selection, Summary, in_one_bucket

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from PySide6.QtGui import QKeyEvent

    from s4desk.core.domain.identity import VersionId
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.models.cells import Icons
    from s4desk.gui.models.listing_model import ListingModel
    from s4desk.gui.views.file_drops import Judge
    from s4desk.viewmodels.pager import PagerSource

STATUS_EVERY_S = 0.1


View = Browser | BucketTableView


class ObjectsPane(QWidget):
    """Shows one listing at a time. The signals and calls are listed in `views/__init__`."""

    opened = Signal(object)
    opened_aside = Signal(object)
    went_up = Signal()
    selection_changed = Signal(object)
    status_changed = Signal(object)
    menu_requested = Signal(object, QPoint)
    files_dropped = Signal(object, object)
    clip_dropped = Signal(object, object, object)
    drag_started = Signal(object)
    delete_requested = Signal(object)
    rename_requested = Signal(object)
    renamed = Signal(object, str)
    message_acted = Signal()
    remedy_wanted = Signal(object)
    retried = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.browsers = browsers = Browsers(icons, self)
        self.table_model, self.tree_model = browsers.table_model, browsers.tree_model
        self.table, self.grid, self.tree = browsers.table, browsers.grid, browsers.tree
        self.bucket_model = BucketTableModel(icons, self)
        self.buckets = BucketTableView(self.bucket_model)
        self._models: dict[View, ListingModel] = {
            self.table: self.table_model,
            self.grid: self.table_model,
            self.tree: self.tree_model,
            self.buckets: self.bucket_model,
        }
        self._view: View = self.table
        self._prefix: Prefix | None = None
        self._source: PagerSource | None = None
        self._is_search = False
        self._is_of_versions = False
        self._is_past = False
        self._told_at = 0.0
        self.filter_bar = FilterBar(icons)
        self._frame = ListingFrame(icons, list(self._models), self.filter_bar)
        self.page, self.banner = self._frame.page, self._frame.banner
        self.past_bar = PastBar(icons)
        self.group_bar = Banner(icons)
        self.group_bar.setObjectName("group")
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.past_bar)
        layout.addWidget(self.group_bar)
        layout.addWidget(self._frame)
        self.buckets.setAccessibleName(tr("Buckets"))

    def _listen(self) -> None:
        for view in self._models:
            view.opened.connect(self.opened)
            view.opened_aside.connect(self.opened_aside)
            view.went_up.connect(self.went_up)
            view.files_dropped.connect(self.files_dropped)
            view.clip_dropped.connect(self.clip_dropped)
            view.selection_changed.connect(self._tell_selection)
            view.menu_requested.connect(self._ask_for_menu)
            view.drag_started.connect(lambda: self.drag_started.emit(self.selection()))
            view.delete_requested.connect(lambda: self.delete_requested.emit(self.selection()))
            view.rename_requested.connect(lambda: self.rename_requested.emit(self.selection()))
            view.renamed.connect(self.renamed)
        for model in (self.table_model, self.tree_model, self.bucket_model):
            model.status_changed.connect(self._follow)
        self.table_model.sort_refused.connect(self._say_refusal)
        self.tree_model.sort_refused.connect(self._say_refusal)
        self.tree_model.table_wanted.connect(self._open_as_table)
        self.table.owner_toggled.connect(self._read_owners)
        self.filter_bar.changed.connect(self._filter)
        self.filter_bar.left.connect(self.focus_rows)
        self.page.files_dropped.connect(self.files_dropped)
        self.page.clip_dropped.connect(self.clip_dropped)
        self.page.menu_requested.connect(self._ask_for_menu)
        self._frame.chosen.connect(self._remedy)

    def let_judge(self, judge: Judge) -> None:
        """Who decides what becomes of a clip that falls on a folder: `judge(clip, prefix, …)`."""
        self.page.judge = judge
        for view in self._models:
            view.judge = judge

    # What is shown

    @property
    def tasks(self) -> list[GuiTasks]:
        """Whose `failed` tells of errors that nobody expected."""
        return [model.tasks for model in dict.fromkeys(self._models.values())]

    @property
    def status(self) -> ListingStatus:
        return self._models[self._view].status

    @property
    def is_tree(self) -> bool:
        return self.browsers.chosen is self.tree

    @property
    def is_grid(self) -> bool:
        return self.browsers.chosen is self.grid

    def open(self, prefix: Prefix, source: PagerSource, *, is_search: bool = False) -> None:
        """Show a folder; the row of the folder one comes from becomes the current one.

        What a search finds is never a tree.
        """
        before, self._prefix = self._prefix, prefix
        self._source, self._is_search = source, is_search
        view = self.browsers.for_search if is_search else self.browsers.chosen
        self._change_view(view)
        if view is self.tree:
            self.tree_model.open(prefix, source)
        else:
            self.table_model.open(source(prefix, with_owner=self.table.shows_owner))
        view.await_name(_step_down(prefix, before))

    def open_versions(self, prefix: Prefix, source: PagerSource) -> None:
        """Show a folder with all versions of its objects; only the table has columns for them."""
        before, self._prefix = self._prefix, prefix
        self._source, self._is_search = source, False
        self._change_view(self.table)
        self._is_of_versions = True
        self.table.show_versions(True)
        self.table_model.open(source(prefix))
        self.table.await_name(_step_down(prefix, before))

    def show_moment(self, moment: datetime | None) -> None:
        """Say above the rows when this was so; None for now."""
        self.past_bar.show_moment(moment)
        self._is_past = moment is not None
        for view in self._models:
            view.is_writable = not self._is_past

    def await_entry(self, location: Location) -> None:
        """Make the row that this object is, or lies in, the current one as soon as it is here."""
        if self._prefix is not None and self._prefix.bucket == location.bucket:
            below = location.key.removeprefix(self._prefix.prefix)
            if below != location.key or not self._prefix.prefix:
                name, delimiter, _ = below.partition("/")
                self.browsers.chosen.await_name(name + delimiter)

    @property
    def current_name(self) -> str:
        """The name of the current row, for `await_name`."""
        entry = self._view.entry_at(self._view.currentIndex())
        if isinstance(entry, Prefix):
            return entry.name if entry.prefix else entry.bucket
        return entry.name if isinstance(entry, Location) else ""

    def await_name(self, name: str) -> None:
        """Make the row of this name the current one as soon as it is here."""
        if name:
            self._view.await_name(name)

    def open_buckets(self, list_buckets: ListBuckets) -> None:
        """Show the buckets of a connection."""
        before, self._prefix = self._prefix, None
        self._source, self._is_search = None, False
        self._change_view(self.buckets)
        self.bucket_model.open(list_buckets)
        self.buckets.await_name(before.bucket if before is not None else "")

    def close_listing(self) -> None:
        """Show nothing but the message."""
        self._prefix, self._source, self._is_search = None, None, False
        self._change_view(self.browsers.chosen)
        self._models[self._view].close()

    def refresh(self) -> None:
        """Read the listing again; rows, selection and scroll bar stay."""
        if self._view is self.buckets:
            self.bucket_model.refresh()
        elif self._view is self.tree:
            self.tree_model.refresh()
        elif self._source is not None and self._prefix is not None:
            owned = self.table.shows_owner
            self.table_model.refresh(self._source(self._prefix, with_owner=owned))

    def show_table(self) -> None:
        self._browse_with(self.table)

    def show_tree(self) -> None:
        self._browse_with(self.tree)

    def show_grid(self) -> None:
        self._browse_with(self.grid)

    def show_message(
        self, icon: str, title: str, text: str, action: str = "", *more: tuple[Remedy, str]
    ) -> None:
        """What is said while no listing is open; `action` labels a button: `message_acted`."""
        remedies = ((Remedy.MESSAGE, action),) if action else ()
        self._frame.show_message(Notice(icon, title, text, (*remedies, *more)))
        self._follow()

    def redraw_icons(self) -> None:
        """The colours have changed."""
        self.filter_bar.redraw_icons()
        self._frame.redraw_icons()
        self.past_bar.redraw_icons()
        self.group_bar.redraw_icons()

    def _browse_with(self, view: Browser) -> None:
        self.browsers.chosen = view
        is_elsewhere = self._view in (view, self.buckets) or self._is_of_versions
        if is_elsewhere or (self._is_search and self.is_tree):
            return
        if self._models[view] is self._models[self._view]:
            # The same rows: they stay, and so do the selection, the order and the filter.
            self._view = view
            self._frame.look_through(view)
            self.browsers.take_turn(view)
        else:
            self._view_again(view)

    def _view_again(self, view: Browser) -> None:
        prefix, source = self._prefix, self._source
        self._change_view(view)
        if prefix is not None and source is not None:
            self.open(prefix, source)

    def _change_view(self, view: View) -> None:
        self._view, self._told_at = view, 0.0
        self._is_of_versions = False
        self.table.show_versions(False)
        self.filter_bar.forget()
        self._frame.turn_to(view, tells_rest=view is self.tree)
        self.browsers.take_turn(view)
        for model in dict.fromkeys(self._models.values()):
            if model is not self._models[view] and model.status.state is not ListingState.CLOSED:
                model.close()
        self._tell_selection()

    def _open_as_table(self, prefix: Prefix) -> None:
        self.browsers.chosen = self.table
        self.opened.emit(prefix)

    def _read_owners(self, is_shown: bool) -> None:
        if is_shown and self._is_by_rows:
            self.refresh()

    # Loading

    def load_all(self) -> None:
        self._models[self._view].load_all()

    def stop(self) -> None:
        self._models[self._view].stop()

    def retry(self) -> None:
        self._models[self._view].retry()

    def remove(self, entries: Collection[Location | Prefix]) -> None:
        """Show these no more: they were deleted."""
        here = self._prefix
        keys = [
            entry.key if isinstance(entry, Location) else entry.prefix
            for entry in entries
            if here is not None and entry.bucket == here.bucket
        ]
        if here == EVERYWHERE:
            keys = [str(entry).removeprefix("s3://") for entry in entries]
        if self._is_by_rows:
            self.table_model.remove(keys)
        elif self._view is self.tree:
            self.tree_model.remove(keys)

    def merge(self, metas: Sequence[ObjectMeta]) -> bool:
        """Show objects that were just written; False when `refresh` is the better way."""
        if self._view is self.tree:
            return self.tree_model.merge(metas)
        return self._is_by_rows and self.table_model.merge(metas)

    # Selection and filter

    def selection(self) -> Selection:
        """What is selected, as values."""
        if not self._is_showing_rows:
            return Selection(self._prefix)
        return in_one_bucket(self._view.selection())

    @property
    def summary(self) -> Summary:
        return self._view.summary() if self._is_showing_rows else NOTHING

    @property
    def current_object(self) -> Location | None:
        """The object that is selected; of several that of the current row, or else the first."""
        meta = self._current_meta
        if meta is not None:
            return meta.location
        selection = self.selection()
        return selection.objects[0] if selection.objects else None

    @property
    def current_version(self) -> VersionId | None:
        """Which version of the current object that is; None for the one that it has now."""
        meta = self._current_meta
        if meta is not None:
            return meta.version
        selection = self.selection()
        return selection.versions[0] if selection.versions else None

    @property
    def _current_meta(self) -> ObjectMeta | None:
        """The object of the current row, if it is one of several that are selected."""
        if not self._is_showing_rows or len(self.summary) < 2:
            return None
        index = self._view.currentIndex()
        is_selected = self._view.selectionModel().isSelected(index)
        meta: ObjectMeta | None = index.data(META_ROLE) if is_selected else None
        return meta

    def step(self, by: int) -> None:
        """Select the next object below (1) or above (-1)."""
        if self._is_showing_rows:
            self._view.step(by)

    def select_all(self) -> None:
        if self._is_showing_rows:
            self._view.selectAll()

    def edit_name(self) -> bool:
        """Let the one selected object be renamed where it stands; False when that cannot be."""
        return self._is_showing_rows and self._view.edit_name()

    def show_cut(self, entries: Collection[Location | Prefix]) -> None:
        """Draw the rows of these faintly, and no others."""
        for view in self.browsers.all:
            view.show_cut(entries)

    def show_filter(self) -> None:
        if self.status.state is not ListingState.CLOSED:
            self.filter_bar.summon()

    def save_state(self) -> bytes:
        """The kind of view, the order of the tree, the columns of the table; opaque."""
        return self.browsers.save_state()

    def restore_state(self, state: bytes) -> None:
        self._browse_with(self.browsers.restore_state(state))

    @property
    def _is_by_rows(self) -> bool:
        return self._models[self._view] is self.table_model

    @property
    def _is_showing_rows(self) -> bool:
        return self._frame.is_showing_rows

    def _filter(self, text: str) -> None:
        if self._view is self.tree:
            self.tree.set_filter(text)
        elif self._is_by_rows:
            self.table_model.set_filter(text)
        else:
            self.bucket_model.set_filter(text)

    def focus_rows(self) -> None:
        """Let the keys go to the rows, or to what is said in their place."""
        self._frame.focus_rows()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape ends the filter, or else the loading."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.filter_bar.isVisible():
            self.filter_bar.dismiss()
        else:
            self.stop()

    # What is said

    def _follow(self) -> None:
        """Say how the listing is; while pages pour in, ten times a second."""
        status = self.status
        now = time.monotonic()
        if status.state is ListingState.LOADING and now - self._told_at < STATUS_EVERY_S:
            if status.shown and not self._is_showing_rows:
                self._frame.show_rows()
            return
        self._told_at = now if status.state is ListingState.LOADING else 0.0
        self._frame.follow(status, None if self._is_past else self._prefix)
        self.filter_bar.show_count(status.text if status.pattern else "")
        self.status_changed.emit(status)

    def show_no_writes(self, sentence: str) -> None:
        """Invite nobody to put something into what is empty, for this reason; empty to do so."""
        if sentence != self._frame.no_writes:
            here = None if self._is_past else self._prefix
            self._frame.show_no_writes(sentence, self.status, here)

    def _say_refusal(self, sentence: str) -> None:
        self._frame.refuse(sentence, self.status, None if self._is_past else self._prefix)

    def _remedy(self, remedy: Remedy) -> None:
        model = self._models[self._view]
        if remedy is Remedy.RETRY:
            self.retried.emit()
            model.retry()
        elif remedy is Remedy.LOAD_MORE:
            model.load_more()
        elif remedy in (Remedy.LOAD_ALL, Remedy.SORT):
            model.load_all()
        elif remedy is Remedy.STOP:
            model.stop()
        elif remedy is Remedy.CLEAR_FILTER:
            self.filter_bar.dismiss()
        elif remedy is Remedy.MESSAGE:
            self.message_acted.emit()
        else:
            self.remedy_wanted.emit(remedy)

    def _tell_selection(self) -> None:
        self.selection_changed.emit(self.summary)

    def _ask_for_menu(self, position: QPoint) -> None:
        self.menu_requested.emit(self.selection(), position)


def _step_down(prefix: Prefix, before: Prefix | None) -> str:
    """The name, below `prefix`, of the folder that led to `before`; empty when none did."""
    if before is None or before.bucket != prefix.bucket or before == prefix:
        return ""
    if not before.prefix.startswith(prefix.prefix):
        return ""
    name, slash, _ = before.prefix[len(prefix.prefix) :].partition("/")
    return name + slash
