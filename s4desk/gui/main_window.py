"""The window: its views, how they are laid out, and how it looked last time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QSplitter,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from s4desk.core.persist.settings import Theme
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.tasks import TaskScope
from s4desk.gui import menus, window_state
from s4desk.gui.actions import LOCAL, OF_ROWS, Actions
from s4desk.gui.bridge.ticker import Ticker
from s4desk.gui.models.connection_tree import ConnectionTreeModel
from s4desk.gui.models.transfer_cells import names_in
from s4desk.gui.models.transfer_table import TransferTableModel
from s4desk.gui.room import roomy, roomy_size
from s4desk.gui.sources import Sources
from s4desk.gui.views.connection_tree_view import ConnectionTreeView
from s4desk.gui.views.inspector_pane import InspectorPane
from s4desk.gui.views.notices import Banner
from s4desk.gui.views.objects_pane import ObjectsPane
from s4desk.gui.views.path_bar import PathBar
from s4desk.gui.views.place_menu import PlaceMenu
from s4desk.gui.views.share_splitter import ShareSplitter
from s4desk.gui.views.side_splitter import SideSplitter
from s4desk.gui.views.status_bar import StatusBar
from s4desk.gui.views.tab_strip import TabStrip
from s4desk.gui.views.tabbing import step, step_pane
from s4desk.gui.views.transfers_pane import TransfersPane
from s4desk.viewmodels.acts import MOVES, Act
from s4desk.viewmodels.places import bytes_of_all, places_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QByteArray
    from PySide6.QtGui import QCloseEvent, QMoveEvent, QPaintEvent, QResizeEvent

    from s4desk.core.desk import Desk
    from s4desk.gui.assets import Assets

SIZE = (1180, 760)
LEAST = (640, 420)
TREE_WIDTH = 240
TREE_LEAST = 180
TRANSFERS_HEIGHT = 210
SAVE_AFTER_MS = 1000
_ACTS = frozenset(Act)
"""How long the window has to be left alone before it is kept how it looks."""
_THEMES = {Theme.SYSTEM: Act.FOLLOW_SYSTEM, Theme.LIGHT: Act.LIGHT, Theme.DARK: Act.DARK}


class MainWindow(QMainWindow):
    """Assembles the views. It can be painted before anything works: a Session makes it work."""

    closed = Signal()
    close_asked = Signal()

    def __init__(self, desk: Desk, assets: Assets) -> None:
        super().__init__()
        self._settings = desk.settings
        self._assets = assets
        self._painted: asyncio.Future[None] | None = None
        self._is_question: Callable[[], bool] = lambda: False
        self._last_place = self._last_tabs = b""
        self._shows_emptiness = False
        self._is_closed = False
        self._saved = b""
        self._save_soon = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._save_soon.timeout.connect(self._save)
        self.scope = TaskScope("listings")
        self.ticker = Ticker(self)
        self.acts = Actions(assets, self)
        for act, keys in desk.shortcuts.current.items():
            if act in _ACTS:
                self.acts.give_keys(Act(act), keys)
        icons = assets.icon
        self.bookmark_menu = PlaceMenu(tr("Boo&kmarks"), tr("No bookmarks yet"), icons, self)
        self.recent_menu = PlaceMenu(tr("&Recent Places"), tr("No other places yet"), icons, self)
        self.sources = Sources(desk.stores, self.scope, desk.queue.network.reached)
        self.tree_model = ConnectionTreeModel(self.sources, icons, self)
        self.tree = ConnectionTreeView(self.tree_model, self)
        self.pane = ObjectsPane(icons, self)
        self.inspector = InspectorPane(icons, self)
        self.path_bar = PathBar(icons, self)
        self.banner = Banner(icons, self)
        self.tab_strip = TabStrip(icons, self)
        self.transfer_model = TransferTableModel(
            desk.board, icons, self, names_in(desk.connections)
        )
        self.transfers = TransfersPane(self.transfer_model, icons, self)
        self.status_bar = StatusBar(self)
        self.middle = QWidget(self)
        self._looking = SideSplitter(self.pane, self.inspector)
        self._tabbed = QWidget(self)
        self._browse = QSplitter(Qt.Orientation.Horizontal)
        self._whole = ShareSplitter(self._browse, self.transfers, TRANSFERS_HEIGHT)
        self._lay_out()
        self._restore()
        self._follow()

    @property
    def last_place(self) -> bytes:
        """Which place was shown last; the Session reads and writes it."""
        return self._last_place

    @last_place.setter
    def last_place(self, place: bytes) -> None:
        self._last_place = place
        self._note_change()

    @property
    def last_tabs(self) -> bytes:
        """Which tabs there were; the Session reads and writes it."""
        return self._last_tabs

    @last_tabs.setter
    def last_tabs(self, tabs: bytes) -> None:
        self._last_tabs = tabs
        self._note_change()

    async def first_paint(self) -> None:
        """Wait until the window is on the screen; to be awaited once, after `show`."""
        self._painted = asyncio.get_running_loop().create_future()
        await self._painted

    def ask_before_closing(self, is_question: Callable[[], bool]) -> None:
        """While `is_question`, whoever closes the window causes `close_asked` instead."""
        self._is_question = is_question

    def close_now(self) -> None:
        """Close without a question."""
        self._is_question = lambda: False
        self.close()

    def come_forward(self) -> bool:
        """Be in front of all other windows, with the keyboard, as far as the desktop allows it.
        Whether it is: a window that was closed stays so."""
        if self._is_closed:
            return False
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)
        return True

    def wake(self) -> None:
        """Look at the transfers: something was asked of the queue."""
        self.ticker.wake()

    def show_theme(self, theme: Theme) -> None:
        """Tick the theme that was chosen."""
        self.acts[_THEMES[theme]].setChecked(True)

    def step_pane(self, *, is_forward: bool) -> None:
        """Give the keyboard to the next part of the window, or to the one before."""
        panes = (
            (self.tree, self.tree.setFocus),
            (self.pane, self.pane.focus_rows),
            (self.inspector, self.inspector.focus_facts),
            (self.transfers, self.transfers.focus_rows),
        )
        step_pane(panes, is_forward=is_forward)

    def fit_transfers(self) -> None:
        """Show the transfers as long as they are wanted, and there are any or emptiness is too."""
        is_wanted = self.acts[Act.SHOW_TRANSFERS].isChecked()
        if not self._is_emptiness_hidden:
            self._shows_emptiness = False
        self.transfers.setVisible(
            is_wanted and (self._shows_emptiness or not self._is_emptiness_hidden)
        )
        self._whole.fit()
        self._note_change()

    def _fit_inspector(self) -> None:
        is_shown = self.acts[Act.SHOW_INSPECTOR].isChecked()
        if not is_shown and self.inspector.isAncestorOf(self.focusWidget() or self):
            self.pane.focus_rows()
        self.inspector.setVisible(is_shown)
        self._looking.fit()
        self._note_change()

    @property
    def _is_emptiness_hidden(self) -> bool:
        hides_empty = self.acts[Act.HIDE_EMPTY_TRANSFERS].isChecked()
        return hides_empty and not self.transfer_model.rowCount()

    def _ask_for_transfers(self, is_checked: bool) -> None:
        """An empty pane that is hidden is shown, and hidden again: what is wanted stays so."""
        if self._is_emptiness_hidden:
            self._shows_emptiness = is_checked or not self._shows_emptiness
            self.acts[Act.SHOW_TRANSFERS].setChecked(True)
            self.fit_transfers()

    def _lay_out(self) -> None:
        self.setWindowTitle("s4desk")
        self.setMinimumSize(*LEAST)
        self.resize(roomy_size(self, SIZE))
        self.tree.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self._browse.addWidget(self.tree)
        self._browse.addWidget(self._tabbed)
        self._browse.setStretchFactor(1, 1)
        tree = max(TREE_WIDTH, roomy(self, TREE_LEAST))
        self._browse.setSizes([tree, self.width() - tree])
        for splitter in (self._looking, self._browse, self._whole):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        tabbed = QVBoxLayout(self._tabbed)
        tabbed.setContentsMargins(0, 0, 0, 0)
        tabbed.setSpacing(0)
        tabbed.addWidget(self.tab_strip)
        tabbed.addWidget(self._looking, 1)
        column = QVBoxLayout(self.middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._whole, 1)
        self.setCentralWidget(self.middle)
        self.setStatusBar(self.status_bar)
        places = (self.bookmark_menu, self.recent_menu)
        menus.fill_menu_bar(self.menuBar(), self.acts, places)
        bar = QToolBar(tr("Tools"), self)
        bar.setObjectName("tools")
        menus.fill_tool_bar(bar, self.acts, self.path_bar)
        self.addToolBar(bar)

    def _follow(self) -> None:
        """What views do with each other, without anybody's help."""
        for act in LOCAL:
            self.pane.addAction(self.acts[act])
        for act in OF_ROWS:
            for view in self.pane.browsers.all:
                view.addAction(self.acts[act])
        for act in MOVES:
            self.transfers.addAction(self.acts[act])
        self.acts[Act.SHOW_INSPECTOR].toggled.connect(self._fit_inspector)
        self.inspector.closed.connect(lambda: self.acts[Act.SHOW_INSPECTOR].setChecked(False))
        for act in (Act.SHOW_TRANSFERS, Act.HIDE_EMPTY_TRANSFERS):
            self.acts[act].toggled.connect(self.fit_transfers)
        self.acts[Act.SHOW_TRANSFERS].triggered.connect(self._ask_for_transfers)
        self.status_bar.transfers_clicked.connect(self.acts[Act.SHOW_TRANSFERS].trigger)
        for splitter in (self._looking, self._browse, self._whole):
            splitter.splitterMoved.connect(self._note_change)
        self.transfer_model.rowsInserted.connect(self.fit_transfers)
        self.transfer_model.rowsRemoved.connect(self.fit_transfers)
        self.transfer_model.modelReset.connect(self.fit_transfers)
        self._assets.changed.connect(self.pane.redraw_icons)
        self._assets.changed.connect(self.inspector.redraw_icons)
        self._assets.changed.connect(self.banner.redraw_icons)

    def _restore(self) -> None:
        actions = self.acts
        parts = window_state.unpack(self._settings.window_state())
        self._last_place = parts.get("place", b"")
        self._last_tabs = parts.get("tabs", b"")
        self.recent_menu.places = places_of(parts.get("recent", b""))
        self.restoreGeometry(parts.get("geometry", b""))
        self._browse.restoreState(parts.get("browse", b""))
        self._whole.restore_state(parts.get("whole", b""))
        self._looking.restore_state(parts.get("inspector", b""))
        self.pane.restore_state(parts.get("pane", b""))
        self.transfers.restore_state(parts.get("transfers", b""))
        actions[Act.SHOW_TRANSFERS].setChecked(parts.get("shows-transfers", b"1") == b"1")
        actions[Act.HIDE_EMPTY_TRANSFERS].setChecked(parts.get("hides-empty", b"1") == b"1")
        actions[Act.SHOW_INSPECTOR].setChecked(parts.get("shows-inspector") == b"1")
        self._fit_inspector()
        actions[self._shown_way].setChecked(True)
        self.show_theme(self._settings.current.theme)
        self.fit_transfers()

    @property
    def _shown_way(self) -> Act:
        """Which of the ways to look at a folder is chosen."""
        if self.pane.is_grid:
            return Act.SHOW_GRID
        return Act.SHOW_TREE if self.pane.is_tree else Act.SHOW_TABLE

    def _save(self) -> None:
        actions = self.acts
        parts: dict[str, bytes | QByteArray] = {
            "geometry": self.saveGeometry(),
            "place": self._last_place,
            "tabs": self._last_tabs,
            "recent": bytes_of_all(self.recent_menu.places),
            "browse": self._browse.saveState(),
            "whole": self._whole.save_state(),
            "inspector": self._looking.save_state(),
            "shows-inspector": b"%d" % actions[Act.SHOW_INSPECTOR].isChecked(),
            "pane": self.pane.save_state(),
            "transfers": self.transfers.save_state(),
            "shows-transfers": b"%d" % actions[Act.SHOW_TRANSFERS].isChecked(),
            "hides-empty": b"%d" % actions[Act.HIDE_EMPTY_TRANSFERS].isChecked(),
        }
        state = window_state.pack(parts)
        if state != self._saved:
            self._settings.save_window_state(state)
            self._saved = state

    def _note_change(self) -> None:
        """Keep soon how the window looks: not every end of it is a close."""
        if self.isVisible():
            self._save_soon.start()

    # Qt

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab goes through the window as one reads it."""
        parts = (
            self.path_bar,
            self.banner,
            self.tree,
            self.tab_strip,
            self.pane,
            self.inspector,
            self.transfers,
            self.status_bar,
        )
        return step(parts, is_forward=is_next) or super().focusNextPrevChild(is_next)

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._note_change()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._note_change()

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
        """A person may be asked first; the end of the desktop session may not."""
        if self._is_question() and not _ends_with_desktop():
            event.ignore()
            self.close_asked.emit()
            return
        self._save_soon.stop()
        self._save()
        super().closeEvent(event)
        self._is_closed = True
        self.closed.emit()


def _ends_with_desktop() -> bool:
    """Whether the person logs out: then nobody answers questions."""
    app = QApplication.instance()
    return isinstance(app, QApplication) and app.isSavingSession()
