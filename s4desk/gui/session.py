"""A window at work: its commands, and what leads from views and core to them.

Imported only after the first paint, because it brings all dialogs and engines with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.identity import EVERYWHERE
from s4desk.core.persist.lifecycle_schedule import SCHEDULES
from s4desk.core.persist.replication_rules import REPLICATION_RULES
from s4desk.core.persist.settings import Theme
from s4desk.core.runtime.i18n import tr
from s4desk.gui.assembly import make_commands
from s4desk.gui.bridge.file_watch import FileWatch
from s4desk.gui.bridge.garbage import spare_what_is_loaded
from s4desk.gui.bridge.reachability import Reachability
from s4desk.gui.bridge.relay import EventRelay
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.commands.calls import calls, open_entry, remedy_call
from s4desk.gui.commands.clip_watch import ClipWatch
from s4desk.gui.commands.departures import Departures
from s4desk.gui.commands.freshness import Freshness
from s4desk.gui.commands.lock_look import MANY, LockLook
from s4desk.gui.commands.queueing import QueueFeed
from s4desk.gui.commands.unlocking import passphrase_asker
from s4desk.gui.commands.welcoming import Welcoming
from s4desk.gui.context_menus import ContextMenus
from s4desk.gui.dialogs.details import AboutDialog
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.batch_text import batch_text, batch_title
from s4desk.viewmodels.places import bytes_of, place_of
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Location, Prefix
    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.persist.settings import Settings
    from s4desk.core.runtime.events import BatchFinished, GroupChanged
    from s4desk.gui.assets import Assets
    from s4desk.gui.commands.calls import Call, Work
    from s4desk.gui.main_window import MainWindow
    from s4desk.gui.opening import Prepare
    from s4desk.viewmodels.listing import ListingStatus
    from s4desk.viewmodels.places import Place
    from s4desk.viewmodels.selection import Selection, Summary


class Session(QObject):
    """From the first paint of a window to its end. The desk is opened here and closed elsewhere.

    A view's signal leads to one call of `commands`, every action to one call of `bundle.calls`,
    and the EventRelay brings what the core tells.
    """

    def __init__(self, desk: Desk, assets: Assets, window: MainWindow) -> None:
        super().__init__(window)
        self._desk = desk
        self._assets = assets
        self._window = window
        self.tasks = GuiTasks(self)
        self._relay = EventRelay(desk.events, self)
        self._feed = QueueFeed(
            desk.board, window.ticker, window.transfer_model, window.transfers, window.status_bar
        )
        self.commands = make_commands(
            desk, assets, window, self.tasks, self._feed, self._show_settings
        )
        desk.secrets.let_ask(passphrase_asker(window, lambda: window.path_bar.is_editing))
        self.commands.unlocking.follow(window.tree_model, window.pane, self.commands.browsing)
        self._lock_look = LockLook(self.commands.locks, self.tasks, self._show_lock)
        self.commands.inspecting.let_lock(
            self.commands.locks.is_locking, window.acts[Act.LOCK].trigger
        )
        self.commands.inspecting.let_replicate(self.commands.replication_reading.facts)
        self.commands.replication_badges.let_follow(self.commands.inspecting.replication_changed)
        self.commands.group_rows.let_forget(self._other_member_tells)
        self.commands.lock_badges.let_follow(self._lock_look.look_again, self._locks_changed)
        self._freshness = Freshness(
            self.commands.browsing, window.tree_model, window.pane, self.tasks
        )
        clip_watch = ClipWatch(self.commands.clipping, self.commands.browsing, window.pane)
        clip_watch.changed.connect(self._fit)
        self._feed.let_follow(Departures(self.commands.browsing, window.pane).follow)
        self._welcoming = Welcoming(
            desk.connections, self.commands.importing, window.pane, self.tasks
        )
        self._watch = FileWatch(desk.connections.path, self)
        self._schedules = FileWatch(desk.folders.config / SCHEDULES, self)
        self._replication_rules = FileWatch(desk.folders.config / REPLICATION_RULES, self)
        self._menus = ContextMenus(window, window.acts, self.commands, self.run_call)
        self.commands.probing.let_tell(self._fit)
        window.tree_model.let_tell_more(self.commands.signing_in.life_text)
        window.tree_model.let_reach(desk.stores.reached)
        self.tasks.start(self.commands.signing_in.watch())
        self._connect_places()
        self._connect_objects()
        self._connect_transfers()
        self._connect_actions()
        self._connect_core()
        self._fit()

    def start(self, prepare: Prepare | None = None) -> None:
        """Load what the first paint did not need, and show the first place."""
        self.tasks.start(self._start(prepare))

    async def aclose(self) -> None:
        """End everything that was begun."""
        self._relay.close()
        self._watch.close()
        self._schedules.close()
        self._replication_rules.close()
        self.commands.notices.close()
        self.commands.thumbnailing.close()
        self.commands.lock_badges.close()
        self.commands.replication_badges.close()
        self.commands.replicating.close()
        self.commands.group_looking.close()
        self.commands.group_watching.close()
        self.commands.group_rows.close()
        self.commands.archive_states.close()
        await self.tasks.aclose()
        for tasks in (self._window.tree_model.tasks, *self._window.pane.tasks):
            await tasks.aclose()
        await self._window.scope.aclose()
        await self.commands.dragging.remove_all()

    def run_call(self, call: Call, deed: Act | None = None) -> None:
        """Do what a command does; if that takes time, it is a task of this session."""
        self.commands.notices.hush()
        with self.commands.notices.begun(deed):
            work = call()
            if work is not None:
                self.tasks.start(work)

    async def _start(self, prepare: Prepare | None) -> None:
        notices = self.commands.notices
        self.tasks.start(self._warm_up())
        self._window.tree_model.show_connections(self._desk.connections.all())
        if prepare is None:
            self._welcoming.speak()
        await self.commands.dragging.remove_left_behind()
        try:
            waiting = await self._desk.open()
            self.tasks.start(self._desk.remember_former())
            self.tasks.start(self.commands.recovering.look(waiting))
        except S4DeskError as error:
            notices.fail(error)
        self.commands.dragging.give_up_former()
        if (aside := self._desk.database.moved_aside) is not None:
            sentence = tr("The list of transfers was damaged. A new one is begun; {file} keeps it.")
            notices.tell(sentence.format(file=aside))
        self._feed.wake()
        try:
            place = await prepare(notices.tell) if prepare is not None else None
        finally:
            self._welcoming.speak()
        if place is None and self.commands.browsing.place is None:
            place = self.commands.tabbing.restore(self._window.last_tabs)
            if place is not None:
                self.commands.tabbing.show_restored()
                return
            place = self._last_place
        if place is not None:
            self.commands.browsing.go(place)

    @property
    def _last_place(self) -> Place | None:
        """Where the window was when it was closed, if there is still a connection to it."""
        place = place_of(self._window.last_place)
        known = place is not None and self._desk.connections.get(place.connection) is not None
        return place if known else None

    async def _warm_up(self) -> None:
        await self._desk.stores.look_up()
        await self._desk.stores.warm_up()
        spare_what_is_loaded()
        Reachability(self).came.connect(self._desk.queue.network.try_now)

    # Connections of signals

    def _connect_places(self) -> None:
        c, window = self.commands, self._window
        window.tree.opened.connect(c.browsing.go)
        window.tree.chosen.connect(self._tree_chosen)
        window.tree.menu_requested.connect(self._menus.open_for_tree)
        window.tree.files_dropped.connect(
            lambda paths, place: self._upload(paths, place.connection, place.prefix)
        )
        for view in (window.tree, window.path_bar, window.tab_strip):
            view.clip_dropped.connect(c.dropping.drop)
        window.tab_strip.judge = c.dropping.judge
        window.tab_strip.files_dropped.connect(
            lambda paths, place: self._upload(paths, place.connection, place.prefix)
        )
        c.tabbing.changed.connect(self._tabs_changed)
        window.pane.filter_bar.changed.connect(lambda _: self._keep_tabs())
        window.tree.judge = c.dropping.judge
        window.path_bar.let_judge(c.dropping.judge)
        window.path_bar.files_dropped.connect(
            lambda paths, place: self._upload(paths, place.connection, place.prefix)
        )
        window.path_bar.opened.connect(c.browsing.go)
        for went in (window.tree.opened, window.path_bar.opened, window.pane.went_up):
            went.connect(c.notices.hush)
        window.path_bar.typed.connect(c.going_to.go_to)
        window.path_bar.address_typed.connect(c.going_to.go_to_address)
        window.path_bar.typing.connect(c.completing.typed)
        window.path_bar.typing_ended.connect(c.completing.stop)
        c.browsing.moved.connect(self._moved)

    def _connect_objects(self) -> None:
        c, pane = self.commands, self._window.pane
        pane.opened.connect(lambda entry: self.run_call(lambda: open_entry(c, entry)))
        pane.opened_aside.connect(c.tabbing.open_entry)
        pane.went_up.connect(c.browsing.up)
        pane.past_bar.back_wanted.connect(c.versioning.back_to_now)
        pane.group_bar.chosen.connect(c.group_watching.remedy)
        self._window.status_bar.group_clicked.connect(c.group_watching.show_status)
        pane.selection_changed.connect(self._selection_changed)
        pane.status_changed.connect(self._status_changed)
        pane.menu_requested.connect(self._menus.open_for_objects)
        pane.files_dropped.connect(self._dropped_here)
        pane.clip_dropped.connect(c.dropping.drop_here)
        pane.let_judge(c.dropping.judge_here)
        pane.drag_started.connect(self._drag_started)
        pane.rename_requested.connect(lambda _: self._window.acts[Act.RENAME].trigger())
        pane.renamed.connect(self._renamed)
        pane.delete_requested.connect(lambda _: self._window.acts[Act.DELETE].trigger())
        pane.message_acted.connect(self._window.acts[Act.ADD_CONNECTION].trigger)
        pane.remedy_wanted.connect(lambda remedy: self.run_call(lambda: remedy_call(c, remedy)))

    def _connect_transfers(self) -> None:
        c, pane, model = self.commands, self._window.transfers, self._window.transfer_model
        pane.pause_requested.connect(c.queueing.pause)
        pane.resume_requested.connect(c.queueing.resume)
        pane.retry_requested.connect(lambda ids: self.run_call(lambda: c.queueing.retry(ids)))
        pane.cancel_requested.connect(lambda ids: self.run_call(lambda: c.queueing.cancel(ids)))
        pane.clear_requested.connect(c.queueing.clear)
        pane.history_requested.connect(self._window.acts[Act.HISTORY].trigger)
        pane.concurrency_chosen.connect(
            lambda count: self.run_call(lambda: c.queueing.set_concurrency(count))
        )
        pane.show_concurrency(self._desk.settings.current.transfer_limit)
        pane.revealed.connect(lambda _: self._window.acts[Act.REVEAL].trigger())
        pane.failure_opened.connect(c.queueing.explain)
        pane.selection_changed.connect(self._transfers_chosen)
        pane.menu_requested.connect(self._menus.open_for_transfers)
        for changed in (model.states_changed, model.rowsRemoved, model.modelReset):
            changed.connect(self._fit)

    def _connect_actions(self) -> None:
        window, pane = self._window, self._window.pane
        own: dict[Act, Call] = {
            Act.QUIT: self._quit,
            Act.SELECT_ALL: pane.select_all,
            Act.FILTER: pane.show_filter,
            Act.GO_TO: window.path_bar.edit,
            Act.NEXT_PANE: lambda: window.step_pane(is_forward=True),
            Act.PREVIOUS_PANE: lambda: window.step_pane(is_forward=False),
            Act.SHOW_TABLE: pane.show_table,
            Act.SHOW_TREE: pane.show_tree,
            Act.SHOW_GRID: pane.show_grid,
            Act.LOAD_ALL: pane.load_all,
            Act.STOP: pane.stop,
            Act.FOLLOW_SYSTEM: lambda: self.commands.preferring.change(theme=Theme.SYSTEM),
            Act.LIGHT: lambda: self.commands.preferring.change(theme=Theme.LIGHT),
            Act.DARK: lambda: self.commands.preferring.change(theme=Theme.DARK),
            Act.ABOUT: lambda: AboutDialog(self._assets.app_icon(), window).open(),
        }
        window.acts[Act.SHOW_INSPECTOR].toggled.connect(self.commands.inspecting.look)
        window.acts[Act.SHOW_INSPECTOR].toggled.connect(self.commands.timeline.look)
        window.banner.chosen.connect(
            lambda remedy: self.run_call(lambda: self.commands.recovering.remedy(remedy))
        )
        window.ask_before_closing(self.commands.closing.is_question)
        window.close_asked.connect(lambda: self.run_call(self.commands.closing.ask))
        for act, call in {**own, **calls(self.commands)}.items():
            window.acts[act].triggered.connect(
                lambda _=False, call=call, act=act: self.run_call(call, act)
            )
        for act in (Act.SHOW_TABLE, Act.SHOW_TREE, Act.SHOW_GRID):
            window.acts[act].triggered.connect(lambda _=False: self._tabs_changed())

    def _connect_core(self) -> None:
        c, window, notices = self.commands, self._window, self.commands.notices
        self._relay.objects_changed.connect(self._freshness.objects_changed)
        self._relay.objects_changed.connect(self.commands.inspecting.objects_changed)
        self._relay.objects_changed.connect(self.commands.timeline.objects_changed)
        self._relay.objects_changed.connect(c.lifecycle_previewing.objects_changed)
        self._relay.replication_changed.connect(c.replication_badges.changed)
        self._replication_rules.changed.connect(c.replication_badges.rules_changed)
        self._relay.group_changed.connect(self._group_changed)
        self._relay.lifecycle_ran.connect(c.lifecycle_scheduling.ran)
        self._relay.buckets_changed.connect(self._freshness.buckets_changed)
        self._relay.connections_changed.connect(self._connections_changed)
        self._watch.changed.connect(lambda: self.tasks.start(self.commands.connecting.reread()))
        self._schedules.changed.connect(self._desk.lifecycle.look_again)
        self._relay.batch_finished.connect(self._batch_finished)
        self._relay.sign_in_wanted.connect(lambda event: c.signing_in.tell_wanted(event.connection))
        for tasks in (self.tasks, window.tree_model.tasks, *window.pane.tasks):
            tasks.failed.connect(notices.fail)

    # What happens

    def _upload(self, paths: list[Path], connection: ConnectionId, prefix: Prefix) -> None:
        self.tasks.start(self.commands.transferring.upload(paths, connection, prefix))

    def _dropped_here(self, paths: list[Path], prefix: Prefix) -> None:
        place = self.commands.browsing.place
        if place is not None:
            self._upload(paths, place.connection, prefix)

    def _drag_started(self, selection: Selection) -> None:
        place = self.commands.browsing.place
        if place is not None and selection.prefix != EVERYWHERE and selection.is_of_now:
            self.commands.dragging.start(place.connection, selection)

    def _renamed(self, entry: Location, name: str) -> None:
        place, c = self.commands.browsing.place, self.commands
        if place is None:
            return
        connection = place.connection

        def rename() -> Work:
            if c.group_rows.refuses(connection):
                return None
            return c.renaming.rename(connection, entry, name)

        self.run_call(rename, Act.RENAME)

    def _tree_chosen(self, place: Place | None) -> None:
        self.commands.subject.choose(place)
        self._fit()

    def _transfers_chosen(self, transfers: list[TransferId]) -> None:
        self.commands.subject.choose_transfers(transfers)
        self._fit()

    def _selection_changed(self, summary: Summary) -> None:
        self.commands.subject.summary = summary
        self._window.status_bar.show_selection(summary)
        place = self.commands.browsing.place
        is_looked_at = place is not None and 0 < len(summary) <= MANY
        self._lock_look.look(
            place.connection if place is not None and is_looked_at else None,
            self._window.pane.selection,
        )
        self.commands.inspecting.look()
        self.commands.timeline.look()
        self.commands.previewing.follow()

    def _locks_changed(self) -> None:
        self._selection_changed(self._window.pane.summary)

    def _show_lock(self, reason: str, can_bypass: bool) -> None:
        self.commands.subject.lock, self.commands.subject.can_bypass = reason, can_bypass
        self._fit()

    def _status_changed(self, status: ListingStatus) -> None:
        self.commands.subject.status = status
        self._window.status_bar.show_listing(status)
        self.commands.sorting.show()
        self.commands.group_rows.look()
        self.commands.group_watching.rows_changed()
        self._fit()

    def _keep_tabs(self) -> None:
        self._window.last_tabs = self.commands.tabbing.save()

    def _tabs_changed(self) -> None:
        self._keep_tabs()
        self._window.acts[Act(f"show-{self._window.pane.browsers.kind}")].setChecked(True)
        self._fit()

    def _moved(self) -> None:
        browsing = self.commands.browsing
        place, connection = browsing.place, browsing.connection
        self.commands.notices.moved(place)
        self._window.last_place = bytes_of(place) if place is not None else b""
        self._window.acts[Act.BOOKMARK].setChecked(self.commands.bookmarking.is_bookmarked)
        is_of_versions = place is not None and place.versions
        self._window.acts[Act.SHOW_VERSIONS].setChecked(is_of_versions)
        self._window.setWindowTitle(window_title(place, connection.name if connection else ""))
        self.commands.inspecting.look()
        self.commands.group_watching.fit()
        self._fit()

    def _group_changed(self, event: GroupChanged) -> None:
        self.commands.group_rows.changed(event.connection)
        self._fit_groups()

    def _fit_groups(self) -> None:
        self.commands.group_watching.fit()
        self.commands.group_looking.fit()
        self.commands.previewing.fit()
        self._fit()

    def _other_member_tells(self) -> None:
        """What is kept of objects of a group may not be so at the one that answers now."""
        c = self.commands
        c.archive_states.forget()
        c.replication_badges.refresh()
        c.thumbnailing.try_again()
        c.lock_badges.try_again()

    def _connections_changed(self) -> None:
        self._window.tree_model.show_connections(self._desk.connections.all())
        self.commands.browsing.connections_changed()
        self._fit_groups()
        self.tasks.start(self._desk.stores.look_up())
        self._welcoming.speak()

    def _batch_finished(self, event: BatchFinished) -> None:
        self.commands.recalling.refresh()
        settings, notices = self._desk.settings.current, self.commands.notices
        if self.commands.dragging.is_ours(event.batch):
            return
        if settings.notify_when_done:
            notices.say(batch_text(event))
        if settings.notify_by_tray:
            notices.notify(batch_title(event), batch_text(event))

    def _fit(self) -> None:
        situation = self.commands.subject.situation()
        self._window.acts.fit(situation)
        self._window.pane.show_no_writes(situation.no_writes)

    def _show_settings(self, settings: Settings) -> None:
        """What of the settings is seen in the window."""
        self._assets.set_theme(settings.theme)
        self._window.show_theme(settings.theme)
        self._window.transfers.show_concurrency(settings.transfer_limit)
        self.commands.thumbnailing.settings_changed()

    def _quit(self) -> None:
        self._window.close()


def window_title(place: Place | None, connection_name: str) -> str:
    """The place in a few words; the platform adds the name of the program."""
    if place is None:
        return "s4desk"
    if place.prefix is None:
        return display_name(connection_name)
    path = display_name(f"{place.prefix.bucket}/{place.prefix.prefix}".removesuffix("/"))
    return tr("{path} at {connection}").format(path=path, connection=display_name(connection_name))
