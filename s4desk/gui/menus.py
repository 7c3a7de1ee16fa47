"""The menu bar, the tool bar and the context menus, as lists of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton, QWidget

from s4desk.core.runtime.i18n import tr
from s4desk.gui.room import roomy_icon
from s4desk.viewmodels.acts import MOVES, SORTS, Act

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.gui.actions import Actions

TOOL_ICON = 18

FILE = (
    Act.ADD_CONNECTION,
    Act.ADD_GROUP,
    Act.EDIT_CONNECTION,
    Act.SIGN_IN,
    Act.REMOVE_CONNECTION,
    Act.CAPABILITIES,
    Act.GROUP_STATUS,
    None,
    Act.IMPORT_CONNECTIONS,
    Act.EXPORT_CONNECTIONS,
    Act.CHANGE_PASSPHRASE,
    None,
    Act.UPLOAD_FILES,
    Act.UPLOAD_FOLDER,
    Act.DOWNLOAD,
    Act.SYNC,
    None,
    Act.VERIFY,
    Act.VERIFY_WITH_FILES,
    None,
    Act.NEW_FOLDER,
    None,
    Act.QUIT,
)
EDIT = (
    Act.CUT,
    Act.COPY,
    Act.PASTE,
    Act.DUPLICATE,
    None,
    Act.MOVE_TO,
    Act.COPY_TO,
    Act.RENAME,
    Act.EDIT_TEXT,
    None,
    Act.PROPERTIES,
    Act.UNARCHIVE,
    None,
    Act.SELECT_ALL,
    None,
    Act.COPY_URI,
    Act.COPY_URL,
    Act.COPY_KEY,
    Act.SHARE,
    Act.EXPORT_LINKS,
    None,
    Act.LOCK,
    None,
    Act.DELETE,
    Act.HIDE,
    Act.UNDELETE,
    Act.RESTORE_VERSION,
    None,
    Act.FILTER,
    Act.FIND,
    None,
    Act.SETTINGS,
)
VIEW = (
    Act.SHOW_TABLE,
    Act.SHOW_TREE,
    Act.SHOW_GRID,
    None,
    Act.PREVIEW,
    Act.SHOW_INSPECTOR,
    None,
    Act.SHOW_VERSIONS,
    Act.AS_IT_WAS,
    Act.BACK_TO_NOW,
    None,
    Act.SHOW_TRANSFERS,
    Act.HIDE_EMPTY_TRANSFERS,
    None,
    Act.REFRESH,
    Act.LOAD_ALL,
    Act.STOP,
)
SORT = (*SORTS, None, Act.SORT_DESCENDING)
APPEARANCE = (Act.FOLLOW_SYSTEM, Act.LIGHT, Act.DARK)
GO = (
    Act.BACK,
    Act.FORWARD,
    Act.UP,
    None,
    Act.OPEN,
    Act.SHOW_IN_FOLDER,
    Act.GO_TO,
    None,
    Act.NEW_TAB,
    Act.OPEN_IN_TAB,
    Act.CLOSE_TAB,
    Act.REOPEN_TAB,
    Act.NEXT_TAB,
    Act.PREVIOUS_TAB,
    None,
    Act.NEXT_PANE,
    Act.PREVIOUS_PANE,
    None,
    Act.BOOKMARK,
)
BUCKET = (
    Act.NEW_BUCKET,
    None,
    Act.BUCKET_CONFIGURATION,
    Act.LIFECYCLE_PREVIEW,
    Act.LIFECYCLE_SCHEDULES,
    Act.REPLICATION_RULES,
    Act.REPLICATION,
    Act.GROUP_COMPARE,
    Act.LOCK_DEFAULT,
    Act.UPLOADS,
    Act.STORAGE_VIEW,
    None,
    Act.DELETE_BUCKET,
)
TRANSFERS = (
    Act.PAUSE,
    Act.RESUME,
    Act.RETRY,
    Act.CANCEL,
    None,
    Act.REVEAL,
    Act.VERIFY_TRANSFERS,
    Act.SAVE_REPORT,
    None,
    Act.PAUSE_ALL,
    Act.RESUME_ALL,
    Act.RETRY_ALL,
    Act.CLEAR,
    None,
    Act.HISTORY,
)
HELP = (Act.PALETTE, Act.SHORTCUTS, None, Act.SHOW_LOGS, Act.DIAGNOSTICS, None, Act.ABOUT)

NAVIGATION = (Act.BACK, Act.FORWARD, Act.UP, Act.REFRESH)
TOOLS = (Act.SHOW_TABLE, Act.SHOW_TREE, Act.SHOW_GRID, None, Act.UPLOAD_FILES, Act.DOWNLOAD)
UPLOADS = (Act.UPLOAD_FILES, Act.UPLOAD_FOLDER)
MORE_TOOLS = (Act.NEW_FOLDER, Act.DELETE)

OBJECT_MENU = (
    Act.OPEN,
    Act.OPEN_IN_TAB,
    Act.PREVIEW,
    Act.EDIT_TEXT,
    Act.SHOW_IN_FOLDER,
    Act.DOWNLOAD,
    None,
    Act.CUT,
    Act.COPY,
    Act.MOVE_TO,
    Act.COPY_TO,
    Act.DUPLICATE,
    Act.RENAME,
    None,
    Act.COPY_URI,
    Act.COPY_URL,
    Act.COPY_KEY,
    Act.SHARE,
    Act.EXPORT_LINKS,
    None,
    Act.VERIFY,
    Act.VERIFY_WITH_FILES,
    Act.UNARCHIVE,
    None,
    Act.LOCK,
    None,
    Act.RESTORE_VERSION,
    Act.UNDELETE,
    Act.DELETE,
    Act.HIDE,
    None,
    Act.PROPERTIES,
    Act.SHOW_INSPECTOR,
)
FOLDER_MENU = (
    Act.UPLOAD_FILES,
    Act.UPLOAD_FOLDER,
    Act.NEW_FOLDER,
    Act.SYNC,
    Act.STORAGE_VIEW,
    None,
    Act.PASTE,
    Act.UNDELETE,
    Act.SELECT_ALL,
    None,
    Act.SHOW_VERSIONS,
    Act.AS_IT_WAS,
    Act.BACK_TO_NOW,
    None,
    Act.REFRESH,
    Act.LOAD_ALL,
)
BUCKET_MENU = (
    Act.OPEN,
    None,
    Act.COPY_URI,
    Act.COPY_URL,
    None,
    Act.BUCKET_CONFIGURATION,
    Act.LIFECYCLE_PREVIEW,
    Act.REPLICATION_RULES,
    Act.LOCK_DEFAULT,
    Act.UPLOADS,
    Act.STORAGE_VIEW,
    None,
    Act.DELETE_BUCKET,
)
BUCKETS_MENU = (Act.NEW_BUCKET, None, Act.REFRESH)
TRANSFER_MENU = (
    Act.PAUSE,
    Act.RESUME,
    Act.RETRY,
    Act.CANCEL,
    None,
    Act.REVEAL,
    Act.VERIFY_TRANSFERS,
    Act.SAVE_REPORT,
    None,
    Act.CLEAR,
    Act.HISTORY,
)


def fill_menu_bar(bar: QMenuBar, actions: Actions, places: Sequence[QMenu]) -> None:
    """All menus; also the keys of every command work because its action is here.

    `places` are menus of places to go to, which somebody else fills.
    """
    add(bar.addMenu(tr("&File")), actions, FILE)
    add(bar.addMenu(tr("&Edit")), actions, EDIT)
    view = bar.addMenu(tr("&View"))
    add(view, actions, VIEW)
    view.addSeparator()
    add_sort(view, actions)
    add(view.addMenu(tr("&Appearance")), actions, APPEARANCE)
    go = bar.addMenu(tr("&Go"))
    add(go, actions, GO)
    for menu in places:
        go.addMenu(menu)
    add(bar.addMenu(tr("&Bucket")), actions, BUCKET)
    transfers = bar.addMenu(tr("&Transfers"))
    add(transfers, actions, TRANSFERS)
    transfers.addSeparator()
    add_order(transfers, actions)
    add(bar.addMenu(tr("&Help")), actions, HELP)


def fill_tool_bar(bar: QToolBar, actions: Actions, path_bar: QWidget) -> None:
    """Ways on the left, the path in the middle, what can be done on the right."""
    bar.setMovable(False)
    bar.setIconSize(roomy_icon(bar, TOOL_ICON))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    add(bar, actions, NAVIGATION)
    bar.addWidget(path_bar)
    add(bar, actions, TOOLS)
    for act, word in ((Act.UPLOAD_FILES, tr("Upload")), (Act.DOWNLOAD, tr("Download"))):
        actions[act].setIconText(word)
        button = bar.widgetForAction(actions[act])
        if isinstance(button, QToolButton):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            if act is Act.UPLOAD_FILES:
                menu = QMenu(button)
                add(menu, actions, UPLOADS)
                button.setMenu(menu)
                button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    add(bar, actions, MORE_TOOLS)


def add_sort(menu: QMenu, actions: Actions) -> None:
    """The menu in the menu that sorts objects."""
    add(menu.addMenu(tr("S&ort")), actions, SORT)


def add_order(menu: QMenu, actions: Actions) -> None:
    """The menu in the menu that moves transfers in their line."""
    add(menu.addMenu(tr("&Order")), actions, MOVES)


def add(target: QMenu | QToolBar, actions: Actions, entries: Sequence[Act | None]) -> None:
    for act in entries:
        if act is None:
            target.addSeparator()
        else:
            target.addAction(actions[act])
    if isinstance(target, QMenu):
        target.setToolTipsVisible(True)
