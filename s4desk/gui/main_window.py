"""The window: puts the views, the commands and the actions together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMainWindow, QSplitter, QToolBar

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.persist.settings import Theme
from s4desk.core.runtime.clock import SystemClock
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.tasks import TaskScope
from s4desk.gui import menus, window_state
from s4desk.gui.actions import LOCAL, Actions
from s4desk.gui.bridge.relay import EventRelay
from s4desk.gui.bridge.tasks import GuiTasks
from s4desk.gui.bridge.ticker import Ticker
from s4desk.gui.commands.browsing import Browsing
from s4desk.gui.commands.bundle import Commands, calls, open_entry
from s4desk.gui.commands.connecting import Connecting
from s4desk.gui.commands.copying import Copying
from s4desk.gui.commands.deleting import Deleting
from s4desk.gui.commands.dragging import Dragging
from s4desk.gui.commands.freshness import Freshness
from s4desk.gui.commands.making import Making
from s4desk.gui.commands.notices import Notices
from s4desk.gui.commands.planning import Planning
from s4desk.gui.commands.queueing import QueueFeed, Queueing
from s4desk.gui.commands.sources import Sources
from s4desk.gui.commands.subject import Subject
from s4desk.gui.commands.transferring import Transferring
from s4desk.gui.context_menus import ContextMenus
from s4desk.gui.dialogs.details import AboutDialog
from s4desk.gui.models.connection_tree import ConnectionTreeModel
from s4desk.gui.models.transfer_table import TransferTableModel
from s4desk.gui.views.connection_tree_view import ConnectionTreeView
from s4desk.gui.views.objects_pane import ObjectsPane
from s4desk.gui.views.path_bar import PathBar
from s4desk.gui.views.status_bar import StatusBar
from s4desk.gui.views.transfers_pane import TransfersPane
from s4desk.viewmodels.availability import Act
from s4desk.viewmodels.batch_text import batch_text, batch_title
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from PySide6.QtCore import QByteArray
    from PySide6.QtGui import QCloseEvent, QPaintEvent

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.core.domain.transfer import TransferId
    from s4desk.core.runtime.events import BatchFinished
    from s4desk.gui.assets import Assets
    from s4desk.gui.commands.bundle import Call
    from s4desk.viewmodels.listing import ListingStatus
    from s4desk.viewmodels.places import Place
    from s4desk.viewmodels.selection import Selection, Summary

    Prepare = Callable[[Callable[[str], None]], Awaitable[Place | None]]

SIZE = (1180, 760)
LEAST = (640, 420)
TREE_WIDTH = 240
TRANSFERS_HEIGHT = 210


class MainWindow(QMainWindow):
    """Assembles; what it does is in `commands`. It lives until `aclose` has ended.

    A Ticker frame shows the queue, the EventRelay brings what the core tells, every action runs
    one call of `commands/bundle`.
    """

    closed = Signal()

    def __init__(self, desk: Desk, assets: Assets) -> None:
        super().__init__()
        self._desk = desk
        self._assets = assets
        self._scope = TaskScope("listings")
        self.tasks = GuiTasks(self)
        self._painted: asyncio.Future[None] | None = None
        self._relay = EventRelay(desk.events, self)
        self._ticker = Ticker(self)
        self.actions_of = Actions(assets, self)
        self._make_views()
        self.commands = self._make_commands()
        self._menus = ContextMenus(self, self.actions_of, self.commands, self.run_call)
        self._lay_out()
        self._connect_views()
        self._connect_actions()
        self._connect_core()
        self._restore()
        self._fit()

    # Life

    async def first_paint(self) -> None:
        """Wait until the window is on the screen; to be awaited once, after `show`."""
        self._painted = asyncio.get_running_loop().create_future()
        await self._painted

    def start(self, prepare: Prepare | None = None) -> None:
        """Load what was not needed for the first paint, and show the first place."""
        self.tasks.start(self._start(prepare))

    async def aclose(self) -> None:
        """End everything this window began; the desk stays open."""
        self._relay.close()
        self.commands.notices.close()
        await self.tasks.aclose()
        await self._tree_model.tasks.aclose()
        await self._scope.aclose()
        await self.commands.dragging.remove_all()
        self.deleteLater()

    async def _start(self, prepare: Prepare | None) -> None:
        notices = self.commands.notices
        self.tasks.start(self._desk.stores.warm_up())
        self._tree_model.show_connections(self._desk.connections.all())
        await self.commands.dragging.remove_left_behind()
        try:
            await self._desk.open()
        except S4DeskError as error:
            notices.fail(error)
        self._feed.wake()
        place = await prepare(notices.tell) if prepare is not None else None
        if place is not None:
            self.commands.browsing.go(place)
        self._welcome()

    # Assembly

    def _make_views(self) -> None:
        icons = self._assets.icon
        sources = self._sources = Sources(self._desk.stores, self._scope)
        self._tree_model = ConnectionTreeModel(sources, icons, self)
        self.tree = ConnectionTreeView(self._tree_model, self)
        self.pane = ObjectsPane(icons, self)
        self.path_bar = PathBar(icons, self)
        self._transfer_model = TransferTableModel(self._desk.board, icons, self)
        self.transfers = TransfersPane(self._transfer_model, icons, self)
        self.status_bar = StatusBar(self)
        self._feed = QueueFeed(
            self._desk.board, self._ticker, self._transfer_model, self.transfers, self.status_bar
        )

    def _make_commands(self) -> Commands:
        desk = self._desk
        notices = Notices(self.status_bar, self, self._assets.app_icon())
        browsing = Browsing(
            desk, self._sources, self.pane, self.path_bar, self.tree, self._tree_model
        )
        planning = Planning(desk, self._feed, self)
        return Commands(
            subject=Subject(browsing, self.pane, self._transfer_model),
            notices=notices,
            browsing=browsing,
            connecting=Connecting(desk, self.tasks, browsing, self),
            making=Making(desk, browsing, self),
            deleting=Deleting(desk, self.tasks, notices, browsing, self),
            transferring=Transferring(desk, planning, self),
            dragging=Dragging(desk, self.tasks, self._feed, notices, SystemClock(), self.pane),
            queueing=Queueing(desk, self._feed, notices),
            copying=Copying(notices),
        )

    def _lay_out(self) -> None:
        self.setWindowTitle("s4desk")
        self.setMinimumSize(*LEAST)
        self.resize(*SIZE)
        self._browse = QSplitter(Qt.Orientation.Horizontal)
        self._browse.addWidget(self.tree)
        self._browse.addWidget(self.pane)
        self._browse.setStretchFactor(1, 1)
        self._browse.setSizes([TREE_WIDTH, SIZE[0] - TREE_WIDTH])
        self._whole = QSplitter(Qt.Orientation.Vertical)
        self._whole.addWidget(self._browse)
        self._whole.addWidget(self.transfers)
        self._whole.setStretchFactor(0, 1)
        self._whole.setSizes([SIZE[1] - TRANSFERS_HEIGHT, TRANSFERS_HEIGHT])
        for splitter in (self._browse, self._whole):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        self.setCentralWidget(self._whole)
        self.setStatusBar(self.status_bar)
        menus.fill_menu_bar(self.menuBar(), self.actions_of)
        bar = QToolBar(tr("Tools"), self)
        bar.setObjectName("tools")
        menus.fill_tool_bar(bar, self.actions_of, self.path_bar)
        self.addToolBar(bar)

    def _connect_views(self) -> None:
        c = self.commands
        self.tree.opened.connect(c.browsing.go)
        self.tree.chosen.connect(self._tree_chosen)
        self.tree.menu_requested.connect(self._menus.open_for_tree)
        self.tree.files_dropped.connect(
            lambda paths, place: self._upload(paths, place.connection, place.prefix)
        )
        self.path_bar.opened.connect(c.browsing.go)
        self.path_bar.typed.connect(c.browsing.go_to)
        self.pane.opened.connect(lambda entry: self.run_call(lambda: open_entry(c, entry)))
        self.pane.went_up.connect(c.browsing.up)
        self.pane.selection_changed.connect(self._selection_changed)
        self.pane.status_changed.connect(self._status_changed)
        self.pane.menu_requested.connect(self._menus.open_for_objects)
        self.pane.files_dropped.connect(self._dropped_here)
        self.pane.drag_started.connect(self._drag_started)
        self.pane.delete_requested.connect(lambda _: self.actions_of[Act.DELETE].trigger())
        self.pane.message_acted.connect(self.actions_of[Act.ADD_CONNECTION].trigger)
        self.transfers.pause_requested.connect(c.queueing.pause)
        self.transfers.resume_requested.connect(c.queueing.resume)
        self.transfers.retry_requested.connect(c.queueing.retry)
        self.transfers.cancel_requested.connect(c.queueing.cancel)
        self.transfers.clear_requested.connect(c.queueing.clear)
        self.transfers.revealed.connect(lambda _: self.actions_of[Act.REVEAL].trigger())
        self.transfers.selection_changed.connect(self._transfers_chosen)
        self.transfers.menu_requested.connect(self._menus.open_for_transfers)
        self._transfer_model.states_changed.connect(self._fit)
        self._transfer_model.rowsInserted.connect(self._fit_transfers)
        self._transfer_model.rowsRemoved.connect(self._fit_transfers)
        self._transfer_model.modelReset.connect(self._fit_transfers)
        self.status_bar.transfers_clicked.connect(self.actions_of[Act.SHOW_TRANSFERS].toggle)
        self.tasks.failed.connect(c.notices.fail)
        self._tree_model.tasks.failed.connect(c.notices.fail)
        for tasks in self.pane.tasks:
            tasks.failed.connect(c.notices.fail)
        c.browsing.moved.connect(self._moved)

    def _connect_actions(self) -> None:
        actions = self.actions_of
        own: dict[Act, Call] = {
            Act.QUIT: self._quit,
            Act.SELECT_ALL: self.pane.select_all,
            Act.FILTER: self.pane.show_filter,
            Act.GO_TO: self.path_bar.edit,
            Act.SHOW_TABLE: self.pane.show_table,
            Act.SHOW_TREE: self.pane.show_tree,
            Act.LOAD_ALL: self.pane.load_all,
            Act.STOP: self.pane.stop,
            Act.SHOW_TRANSFERS: self._fit_transfers,
            Act.HIDE_EMPTY_TRANSFERS: self._fit_transfers,
            Act.FOLLOW_SYSTEM: lambda: self._set_theme(Theme.SYSTEM),
            Act.LIGHT: lambda: self._set_theme(Theme.LIGHT),
            Act.DARK: lambda: self._set_theme(Theme.DARK),
            Act.SHOW_LOGS: self._show_logs,
            Act.ABOUT: lambda: AboutDialog(self._assets.app_icon(), self).open(),
        }
        for act, call in {**own, **calls(self.commands)}.items():
            actions[act].triggered.connect(lambda _=False, call=call: self.run_call(call))
        for act in LOCAL:
            self.pane.addAction(actions[act])
        actions[Act.SHOW_TRANSFERS].toggled.connect(self._fit_transfers)

    def _connect_core(self) -> None:
        freshness = Freshness(self.commands.browsing, self._tree_model, self.pane, self.tasks)
        self._relay.objects_changed.connect(freshness.objects_changed)
        self._relay.buckets_changed.connect(freshness.buckets_changed)
        self._relay.connections_changed.connect(self._connections_changed)
        self._relay.batch_finished.connect(self._batch_finished)
        self._assets.changed.connect(self.pane.redraw_icons)

    # What happens

    def run_call(self, call: Call) -> None:
        """Do what a command does; if that takes time, the window owns the task."""
        work = call()
        if work is not None:
            self.tasks.start(work)

    def _upload(self, paths: list[Path], connection: ConnectionId, prefix: Prefix) -> None:
        self.tasks.start(self.commands.transferring.upload(paths, connection, prefix))

    def _dropped_here(self, paths: list[Path], prefix: Prefix) -> None:
        place = self.commands.browsing.place
        if place is not None:
            self._upload(paths, place.connection, prefix)

    def _drag_started(self, selection: Selection) -> None:
        place = self.commands.browsing.place
        if place is not None:
            self.commands.dragging.start(place.connection, selection)

    def _tree_chosen(self, place: Place | None) -> None:
        self.commands.subject.choose(place)
        self._fit()

    def _transfers_chosen(self, transfers: list[TransferId]) -> None:
        self.commands.subject.choose_transfers(transfers)
        self._fit()

    def _selection_changed(self, summary: Summary) -> None:
        self.commands.subject.summary = summary
        self.status_bar.show_selection(summary)
        self._fit()

    def _status_changed(self, status: ListingStatus) -> None:
        self.commands.subject.status = status
        self.status_bar.show_listing(status)
        self._fit()

    def _moved(self) -> None:
        browsing = self.commands.browsing
        place, connection = browsing.place, browsing.connection
        self.setWindowTitle(window_title(place, connection.name if connection else ""))
        self._fit()

    def _connections_changed(self) -> None:
        self._tree_model.show_connections(self._desk.connections.all())
        self.commands.browsing.connections_changed()
        self._welcome()

    def _batch_finished(self, event: BatchFinished) -> None:
        settings = self._desk.settings.current
        if settings.notify_when_done and not self.commands.dragging.is_ours(event.batch):
            self.commands.notices.announce(batch_title(event), batch_text(event))

    def _fit(self) -> None:
        self.actions_of.fit(self.commands.subject.situation())

    def _fit_transfers(self) -> None:
        """Show the transfers as long as they are wanted, and there are any or emptiness is too."""
        hides_empty = self.actions_of[Act.HIDE_EMPTY_TRANSFERS].isChecked()
        is_wanted = self.actions_of[Act.SHOW_TRANSFERS].isChecked()
        has_any = self._transfer_model.rowCount() > 0
        self.transfers.setVisible(is_wanted and (has_any or not hides_empty))
        self._fit()

    def _welcome(self) -> None:
        """What is said while no place is shown."""
        if self._desk.connections.all():
            self.pane.show_message(
                "connection",
                tr("Choose a connection"),
                tr("Its buckets are shown here."),
            )
        else:
            self.pane.show_message(
                "connection",
                tr("Connect to a store"),
                tr("Any S3 store will do: AWS, Ceph, MinIO, Garage, R2, …"),
                tr("New Connection…"),
            )

    async def _set_theme(self, theme: Theme) -> None:
        self._assets.set_theme(theme)
        await self._desk.settings.change(theme=theme)

    async def _show_logs(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._desk.folders.logs)))

    def _quit(self) -> None:
        self.close()

    # State

    def _restore(self) -> None:
        actions = self.actions_of
        parts = window_state.unpack(self._desk.settings.window_state())
        self.restoreGeometry(parts.get("geometry", b""))
        self._browse.restoreState(parts.get("browse", b""))
        self._whole.restoreState(parts.get("whole", b""))
        self.pane.restore_state(parts.get("pane", b""))
        self.transfers.restore_state(parts.get("transfers", b""))
        actions[Act.SHOW_TRANSFERS].setChecked(parts.get("shows-transfers", b"1") == b"1")
        actions[Act.HIDE_EMPTY_TRANSFERS].setChecked(parts.get("hides-empty", b"1") == b"1")
        actions[Act.SHOW_TREE if self.pane.is_tree else Act.SHOW_TABLE].setChecked(True)
        actions[_THEMES[self._desk.settings.current.theme]].setChecked(True)
        self._fit_transfers()

    def _save(self) -> None:
        actions = self.actions_of
        parts: dict[str, bytes | QByteArray] = {
            "geometry": self.saveGeometry(),
            "browse": self._browse.saveState(),
            "whole": self._whole.saveState(),
            "pane": self.pane.save_state(),
            "transfers": self.transfers.save_state(),
            "shows-transfers": b"%d" % actions[Act.SHOW_TRANSFERS].isChecked(),
            "hides-empty": b"%d" % actions[Act.HIDE_EMPTY_TRANSFERS].isChecked(),
        }
        self._desk.settings.save_window_state(window_state.pack(parts))

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._painted is not None and not self._painted.done():
            # The children are painted, and all of it put on the screen, before this is run.
            QTimer.singleShot(0, self, self._tell_painted)

    def _tell_painted(self) -> None:
        if self._painted is not None and not self._painted.done():
            self._painted.set_result(None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._assets.forget()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._save()
        super().closeEvent(event)
        self.closed.emit()


_THEMES = {Theme.SYSTEM: Act.FOLLOW_SYSTEM, Theme.LIGHT: Act.LIGHT, Theme.DARK: Act.DARK}


def window_title(place: Place | None, connection_name: str) -> str:
    """The place in a few words; the platform adds the name of the program."""
    if place is None:
        return "s4desk"
    if place.prefix is None:
        return display_name(connection_name)
    path = display_name(f"{place.prefix.bucket}/{place.prefix.prefix}".removesuffix("/"))
    return tr("{path} at {connection}").format(path=path, connection=display_name(connection_name))
