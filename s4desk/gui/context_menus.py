"""The menus that open where somebody pointed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from s4desk.core.domain.identity import Prefix
from s4desk.core.replication.table import Source
from s4desk.core.runtime.i18n import tr
from s4desk.gui import menus
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.clip import Clip, Deed
from s4desk.viewmodels.places import Place
from s4desk.viewmodels.rows import display_name
from s4desk.viewmodels.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QPoint

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.gui.actions import Actions
    from s4desk.gui.commands.bundle import Commands
    from s4desk.gui.commands.calls import Call

MENU_KEY = "Shift+F10"


class ContextMenus(QObject):
    """In the tree a menu is about the row it was opened on, elsewhere about the selection."""

    def __init__(
        self,
        window: QWidget,
        actions: Actions,
        commands: Commands,
        run: Callable[[Call, Act], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._commands = commands
        self._run = run
        if sys.platform != "win32":  # there Qt opens menus by this key itself
            QShortcut(QKeySequence(MENU_KEY), window, open_by_key)

    def open_for_objects(self, selection: object, position: QPoint) -> None:
        subject = self._commands.subject
        is_bucket_list = subject.folder is None
        entries: Sequence[Act | None]
        if len(subject.selection):
            entries = menus.BUCKET_MENU if is_bucket_list else menus.OBJECT_MENU
        else:
            entries = menus.BUCKETS_MENU if is_bucket_list else menus.FOLDER_MENU
        menu = self._filled(entries)
        if entries is menus.FOLDER_MENU:
            menus.add_sort(menu, self._actions)
        self._add_deeds_here(menu)
        menu.popup(position)

    def open_for_transfers(self, transfers: object, position: QPoint) -> None:
        menu = self._filled(menus.TRANSFER_MENU)
        menu.addSeparator()
        menus.add_order(menu, self._actions)
        waiting = self._commands.queueing.wanting_sign_in(self._commands.subject.transfers)
        for connection, name in waiting.items():
            self._add_sign_in(menu, connection, name)
        menu.popup(position)

    def _add_sign_in(self, menu: QMenu, connection: ConnectionId, name: str) -> None:
        """What the chosen transfers wait for comes first."""
        text = tr("Sign In for “{name}”…").format(name=display_name(name).replace("&", "&&"))
        action = QAction(self._actions[Act.SIGN_IN].icon(), text, menu)
        action.setObjectName("sign-in-for")
        sign_in = self._commands.signing_in.sign_in
        action.triggered.connect(lambda: self._run(lambda: sign_in(connection), Act.SIGN_IN))
        menu.insertAction(menu.actions()[0], action)

    def open_for_tree(self, place: Place | None, position: QPoint) -> None:
        entries = self._at_empty_space() if place is None else self._at(place)
        menu = self._new_menu()
        lacking = {} if place is None else self._commands.subject.lacking(place.connection)
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            act, call = entry
            model = self._actions[act]
            action = menu.addAction(model.icon(), model.text())
            action.triggered.connect(lambda _=False, call=call, act=act: self._run(call, act))
            _judge(action, lacking.get(act, ""))
            if act is Act.PASTE and place is not None:
                # Only what is on the clipboard, and fits there, can be pasted.
                _judge(action, self._commands.clipping.obstacle(place))
        menu.popup(position)

    def _at_empty_space(self) -> Sequence[tuple[Act, Call] | None]:
        c = self._commands
        return [
            (Act.ADD_CONNECTION, c.connecting.add),
            (Act.ADD_GROUP, c.connecting.add_group),
        ]

    def _at(self, place: Place) -> Sequence[tuple[Act, Call] | None]:
        c, connection = self._commands, place.connection
        opening: list[tuple[Act, Call] | None] = [
            (Act.OPEN, lambda: c.browsing.go(place)),
            (Act.OPEN_IN_TAB, lambda: c.tabbing.open(place)),
            (Act.REFRESH, lambda: c.browsing.refresh_tree(place)),
            None,
        ]
        prefix = place.prefix
        if prefix is None:
            return [
                *opening,
                (Act.NEW_BUCKET, lambda: c.making.bucket(connection)),
                None,
                (Act.EDIT_CONNECTION, lambda: c.connecting.edit(connection)),
                (Act.SIGN_IN, lambda: c.signing_in.sign_in(connection)),
                (Act.REMOVE_CONNECTION, lambda: c.connecting.remove(connection)),
                None,
                (Act.CAPABILITIES, lambda: c.probing.show(connection)),
                *self._of_group(place),
            ]
        inside: list[tuple[Act, Call] | None] = [
            *opening,
            (Act.UPLOAD_FILES, lambda: c.transferring.upload_files(connection, prefix)),
            (Act.NEW_FOLDER, lambda: c.making.folder(connection, prefix)),
            (Act.SYNC, lambda: c.syncing.sync(connection, prefix)),
            *self._download_of(connection, prefix),
            None,
            *self._moves_of(connection, prefix),
            (Act.PASTE, lambda: c.clipping.paste(connection, prefix)),
            None,
            (Act.COPY_URI, lambda: c.copying.uris([prefix])),
            (Act.STORAGE_VIEW, lambda: c.measuring.show(connection, prefix)),
            (Act.UNDELETE, lambda: c.undeleting.ask(connection, [prefix])),
            *self._of_group(place),
        ]
        if not prefix.prefix:
            inside += [
                None,
                (
                    Act.BUCKET_CONFIGURATION,
                    lambda: c.configuring.show(connection, prefix.bucket),
                ),
                (
                    Act.LIFECYCLE_PREVIEW,
                    lambda: c.lifecycle_previewing.show(connection, Prefix(prefix.bucket)),
                ),
                (
                    Act.REPLICATION_RULES,
                    lambda: c.replication_editing.edit(Source(connection, prefix.bucket)),
                ),
                (Act.LOCK_DEFAULT, lambda: c.bucket_locking.change(connection, prefix.bucket)),
                (Act.UPLOADS, lambda: c.reclaiming.show(connection, prefix.bucket)),
                None,
                (Act.DELETE_BUCKET, lambda: c.deleting.bucket(connection, prefix.bucket)),
            ]
        else:
            chosen = Selection(prefix.parent, [prefix])
            inside += [
                None,
                (Act.PROPERTIES, lambda: c.properties.show(connection, chosen)),
                None,
                (Act.DELETE, lambda: c.deleting.objects(connection, chosen)),
            ]
        return inside

    def _of_group(self, place: Place) -> Sequence[tuple[Act, Call] | None]:
        """What there is to see of a failover group, and of a folder in one."""
        c, connection = self._commands, place.connection
        if not c.group_looking.is_group(connection):
            return []
        if place.prefix is None:
            return [(Act.GROUP_STATUS, lambda: c.group_looking.show(connection))]
        return [(Act.GROUP_COMPARE, lambda: c.group_comparing.show(connection, place.prefix))]

    def _download_of(
        self, connection: ConnectionId, prefix: Prefix
    ) -> Sequence[tuple[Act, Call] | None]:
        if not prefix.prefix:
            return []
        c, chosen = self._commands, Selection(prefix.parent, [prefix])
        return [(Act.DOWNLOAD, lambda: c.transferring.download(connection, chosen))]

    def _moves_of(
        self, connection: ConnectionId, prefix: Prefix
    ) -> Sequence[tuple[Act, Call] | None]:
        """What takes a folder elsewhere; a bucket can only be filled."""
        if not prefix.prefix:
            return []
        c, chosen = self._commands, Selection(prefix.parent, [prefix])
        clip = Clip(connection, chosen)
        return [
            (Act.CUT, lambda: c.clipping.cut(connection, chosen)),
            (Act.COPY, lambda: c.clipping.copy(connection, chosen)),
            (Act.MOVE_TO, lambda: c.moving.choose(clip, Deed.MOVE)),
            (Act.COPY_TO, lambda: c.moving.choose(clip, Deed.COPY)),
            (Act.RENAME, lambda: c.renaming.ask(connection, prefix)),
        ]

    def _add_deeds_here(self, menu: QMenu) -> None:
        """For one folder or bucket: what can be put into it, after “Open”."""
        place, only = self._commands.browsing.place, self._commands.subject.selection.only
        if place is None or place.moment is not None or not isinstance(only, Prefix):
            return
        c, connection, folder = self._commands, place.connection, only
        upload = QAction(self._actions[Act.UPLOAD_FILES].icon(), tr("&Upload Here…"), menu)
        upload.setStatusTip(tr("Upload files into the selected folder"))
        upload.triggered.connect(
            lambda: self._run(
                lambda: c.transferring.upload_files(connection, folder), Act.UPLOAD_FILES
            )
        )
        make = QAction(self._actions[Act.NEW_FOLDER].icon(), tr("&New Folder Here…"), menu)
        make.setStatusTip(tr("Make a folder in the selected folder"))
        make.triggered.connect(
            lambda: self._run(lambda: c.making.folder(connection, folder), Act.NEW_FOLDER)
        )
        sync = QAction(self._actions[Act.SYNC].icon(), tr("S&ync This Folder…"), menu)
        sync.setStatusTip(tr("Make the selected folder like another one, or the other way round"))
        sync.triggered.connect(
            lambda: self._run(lambda: c.syncing.sync(connection, folder), Act.SYNC)
        )
        paste = QAction(self._actions[Act.PASTE].icon(), tr("&Paste Here"), menu)
        paste.setStatusTip(tr("Put into the selected folder what was cut or copied"))
        paste.triggered.connect(
            lambda: self._run(lambda: c.clipping.paste(connection, folder), Act.PASTE)
        )
        _judge(paste, c.clipping.obstacle(Place(connection, folder)))
        lacking = c.subject.lacking(connection)
        of_acts = ((upload, Act.UPLOAD_FILES), (make, Act.NEW_FOLDER), (paste, Act.PASTE))
        for action, act in of_acts:
            _judge(action, lacking.get(act, ""))
        menu.insertActions(menu.actions()[1], [upload, make, sync, paste])

    def _filled(self, entries: Sequence[Act | None]) -> QMenu:
        menu = self._new_menu()
        may_hide = self._actions[Act.HIDE].isEnabled()
        menus.add(menu, self._actions, [e for e in entries if may_hide or e is not Act.HIDE])
        return menu

    def _new_menu(self) -> QMenu:
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        return menu


def _judge(action: QAction, reason: str) -> None:
    """An entry that cannot be chosen says why."""
    if reason:
        action.setEnabled(False)
        action.setStatusTip(reason)
        action.setToolTip(reason)


def open_by_key() -> None:
    """Ask whatever has the focus for its menu, as Qt does for the menu key."""
    focus = QApplication.focusWidget()
    if focus is not None:
        middle = focus.rect().center()
        reason = QContextMenuEvent.Reason.Keyboard
        asked = QContextMenuEvent(reason, middle, focus.mapToGlobal(middle))
        QApplication.sendEvent(focus, asked)
