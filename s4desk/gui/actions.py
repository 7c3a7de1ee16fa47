"""Every command of the window as a QAction: its words, its keys, and whether it can be given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.availability import MOVES, Act, Situation, obstacles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s4desk.gui.assets import Assets

_Std = QKeySequence.StandardKey
Keys = QKeySequence.StandardKey | str


DELETE_KEYS = ["Del", "Ctrl+Backspace"]
"""Qt's own list holds Ctrl+D on X11, which downloads here."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How one command is shown. `keys`: the first is printed in the menu, all of them work."""

    text: str
    tip: str = ""
    icon: str = ""
    keys: Sequence[Keys] = ()
    is_checkable: bool = False


def _looks() -> dict[Act, Looks]:
    return {
        Act.ADD_CONNECTION: Looks(tr("&New Connection…"), tr("Add a store"), "add", ["Ctrl+N"]),
        Act.EDIT_CONNECTION: Looks(
            tr("&Edit Connection…"), tr("Change how a store is reached"), "settings"
        ),
        Act.SIGN_IN: Looks(
            tr("Si&gn In…"), tr("Get new keys: on the page of a portal, or by a code"), "lock"
        ),
        Act.REMOVE_CONNECTION: Looks(
            tr("Re&move Connection…"), tr("Forget a store and its keys"), "close"
        ),
        Act.IMPORT_CONNECTIONS: Looks(
            tr("&Import Connections…"), tr("Take over those of the AWS tools, rclone or a file")
        ),
        Act.EXPORT_CONNECTIONS: Looks(
            tr("E&xport Connections…"), tr("Write them into a file, without secrets")
        ),
        Act.CAPABILITIES: Looks(
            tr("W&hat This Store Can Do…"),
            tr("See what the store has and what not, with reasons, and probe it"),
            "info",
        ),
        Act.UPLOAD_FILES: Looks(
            tr("&Upload Files…"), tr("Upload files into this folder"), "upload", ["Ctrl+U"]
        ),
        Act.UPLOAD_FOLDER: Looks(
            tr("Upload &Folder…"),
            tr("Upload a folder with everything in it"),
            "upload",
            ["Ctrl+Shift+U"],
        ),
        Act.DOWNLOAD: Looks(
            tr("&Download…"), tr("Download the selection into a folder"), "download", ["Ctrl+D"]
        ),
        Act.SYNC: Looks(
            tr("S&ync…"),
            tr("Sync the selected folder, or else the one that is shown, with another one"),
            "sync",
            ["Ctrl+Y"],
        ),
        Act.VERIFY: Looks(
            tr("&Verify Now"),
            tr("Read the selection again and compare it with the checksums that the store keeps"),
            "check",
        ),
        Act.VERIFY_WITH_FILES: Looks(
            tr("Verify &With Local Copy…"),
            tr("Read the selection again and compare every byte with local files"),
            "check",
        ),
        Act.VERIFY_TRANSFERS: Looks(
            tr("&Verify Transfers Now"),
            tr("Read both ends of the selected transfers again and compare every byte"),
            "check",
        ),
        Act.SAVE_REPORT: Looks(
            tr("Save &Report…"),
            tr("Write what became of the selected transfers, or of all, into a CSV file"),
            "file-data",
        ),
        Act.NEW_FOLDER: Looks(
            tr("New F&older…"), tr("Make a folder here"), "new-folder", ["Ctrl+Shift+N"]
        ),
        Act.QUIT: Looks(tr("&Quit"), keys=[_Std.Quit]),
        Act.OPEN: Looks(tr("&Open"), tr("Open the selected folder")),
        Act.SHOW_IN_FOLDER: Looks(
            tr("Show in &Folder"), tr("Go to the folder of what was found"), "folder"
        ),
        Act.RENAME: Looks(
            tr("Re&name…"), tr("Give the selected object or folder another name"), "edit", ["F2"]
        ),
        Act.DUPLICATE: Looks(
            tr("D&uplicate"), tr("Copy the selection beside itself"), "copy", ["Ctrl+Shift+D"]
        ),
        Act.CUT: Looks(
            tr("Cu&t"),
            tr("Take the selection along, to move it where it is pasted"),
            "cut",
            [_Std.Cut],
        ),
        Act.COPY: Looks(
            tr("&Copy"),
            tr("Take the selection along, to copy it where it is pasted"),
            "copy",
            [_Std.Copy],
        ),
        Act.PASTE: Looks(
            tr("&Paste"), tr("Put here what was cut or copied, files too"), "paste", [_Std.Paste]
        ),
        Act.MOVE_TO: Looks(
            tr("&Move To…"),
            tr("Choose a folder and move the selection there"),
            "move",
            ["Ctrl+Shift+M"],
        ),
        Act.COPY_TO: Looks(
            tr("Copy T&o…"), tr("Choose a folder and copy the selection there"), "copy"
        ),
        Act.DELETE: Looks(tr("&Delete…"), tr("Delete the selection"), "delete", DELETE_KEYS),
        Act.SELECT_ALL: Looks(tr("Select &All"), keys=[_Std.SelectAll]),
        Act.COPY_URL: Looks(
            tr("Copy &URL"), tr("Copy the web address, without a signature"), "copy"
        ),
        Act.COPY_URI: Looks(
            tr("Copy &S3 URI"), tr("Copy s3://bucket/key"), "copy", ["Ctrl+Shift+C"]
        ),
        Act.COPY_KEY: Looks(tr("Copy &Key"), tr("Copy the key alone"), "copy"),
        Act.FILTER: Looks(
            tr("&Filter"), tr("Show only names with these letters"), "filter", [_Std.Find]
        ),
        Act.FIND: Looks(
            tr("F&ind…"),
            tr("Look for objects here and in all folders below"),
            "search",
            ["Ctrl+Shift+F"],
        ),
        Act.SHOW_TABLE: Looks(
            tr("As &Table"), tr("Show one folder as a table"), "table", ["Ctrl+1"], True
        ),
        Act.SHOW_TREE: Looks(
            tr("As T&ree"), tr("Expand folders in place"), "tree", ["Ctrl+2"], True
        ),
        Act.SHOW_GRID: Looks(
            tr("As &Grid"), tr("Show one folder as pictures"), "grid", ["Ctrl+3"], True
        ),
        Act.SHOW_TRANSFERS: Looks(
            tr("&Transfers"), tr("Show or hide the transfers"), "transfers", ["Ctrl+0"], True
        ),
        Act.SHOW_INSPECTOR: Looks(
            tr("&Inspector"),
            tr("Show or hide what the store knows of the selection"),
            "info",
            ["Alt+Return", "Ctrl+I"],
            True,
        ),
        Act.PREVIEW: Looks(
            tr("&Preview"), tr("Look at the selected object without a download"), "eye", ["Space"]
        ),
        Act.HIDE_EMPTY_TRANSFERS: Looks(tr("&Hide When Empty"), is_checkable=True),
        Act.FOLLOW_SYSTEM: Looks(tr("Like the &System"), is_checkable=True),
        Act.LIGHT: Looks(tr("&Light"), is_checkable=True),
        Act.DARK: Looks(tr("&Dark"), is_checkable=True),
        Act.REFRESH: Looks(
            tr("&Refresh"), tr("Ask the store again"), "refresh", [_Std.Refresh, "F5", "Ctrl+R"]
        ),
        Act.LOAD_ALL: Looks(
            tr("&Load All"), tr("Load the rest of this listing"), "load-all", ["Ctrl+Shift+L"]
        ),
        Act.STOP: Looks(tr("&Stop"), tr("Stop loading"), "stop", ["Esc"]),
        Act.BACK: Looks(tr("&Back"), tr("Go to the place before"), "back", [_Std.Back, "Alt+Left"]),
        Act.FORWARD: Looks(
            tr("&Forward"), tr("Go to the place after"), "forward", [_Std.Forward, "Alt+Right"]
        ),
        Act.UP: Looks(tr("&Up"), tr("Go to the folder above"), "up", ["Alt+Up"]),
        Act.GO_TO: Looks(tr("&Go to Place…"), tr("Type s3://bucket/folder"), "link", ["Ctrl+L"]),
        Act.BOOKMARK: Looks(
            tr("Book&mark This Place"),
            tr("Keep this place in the menu of bookmarks"),
            keys=["Ctrl+Shift+B"],
            is_checkable=True,
        ),
        Act.NEXT_PANE: Looks(
            tr("&Next Pane"), tr("Give the keyboard to the next part of the window"), keys=["F6"]
        ),
        Act.PREVIOUS_PANE: Looks(
            tr("Pre&vious Pane"),
            tr("Give the keyboard to the part of the window before"),
            keys=["Shift+F6"],
        ),
        Act.NEW_BUCKET: Looks(
            tr("&New Bucket…"), tr("Make a bucket at this connection"), "new-bucket", ["Ctrl+B"]
        ),
        Act.DELETE_BUCKET: Looks(tr("&Delete Bucket…"), tr("Delete the bucket"), "delete"),
        Act.UPLOADS: Looks(
            tr("Un&finished Uploads…"),
            tr("Resume, complete or abort what was begun in the bucket and never completed"),
            "upload",
        ),
        Act.PAUSE: Looks(tr("&Pause"), tr("Pause the selected transfers"), "pause"),
        Act.RESUME: Looks(tr("&Resume"), tr("Go on with the selected transfers"), "resume"),
        Act.RETRY: Looks(tr("Re&try"), tr("Try the selected transfers again"), "retry"),
        Act.CANCEL: Looks(
            tr("&Cancel"), tr("Cancel the selected transfers and undo what they began"), "cancel"
        ),
        Act.REVEAL: Looks(
            tr("&Show in File Manager"), tr("Show the local file in its folder"), "folder-open"
        ),
        Act.MOVE_TO_TOP: Looks(
            tr("To the &Top"), tr("Start the selected ones first"), "top", ["Alt+Shift+Home"]
        ),
        Act.MOVE_UP: Looks(
            tr("&Up"), tr("Start the selected ones earlier"), "up", ["Alt+Shift+Up"]
        ),
        Act.MOVE_DOWN: Looks(
            tr("&Down"), tr("Start the selected ones later"), "down", ["Alt+Shift+Down"]
        ),
        Act.MOVE_TO_BOTTOM: Looks(
            tr("To the &Bottom"), tr("Start the selected ones last"), "bottom", ["Alt+Shift+End"]
        ),
        Act.PAUSE_ALL: Looks(tr("Pause A&ll"), tr("Pause all transfers"), "pause"),
        Act.RESUME_ALL: Looks(tr("R&esume All"), tr("Go on with all transfers"), "resume"),
        Act.RETRY_ALL: Looks(tr("Retr&y All Failed"), tr("Try again what failed"), "retry"),
        Act.CLEAR: Looks(
            tr("Clear &Finished"), tr("Remove transfers that have ended from the list"), "clear"
        ),
        Act.HISTORY: Looks(
            tr("&History…"),
            tr("Find transfers that have ended, also before this start"),
            "history",
            ["Ctrl+Shift+H"],
        ),
        Act.PALETTE: Looks(
            tr("&Commands…"), tr("Find a command by some letters"), "search", ["Ctrl+K"]
        ),
        Act.SHORTCUTS: Looks(
            tr("&Keyboard Shortcuts…"), tr("See and change the keys of commands"), "settings"
        ),
        Act.SETTINGS: Looks(
            tr("&Settings…"),
            tr("Change how s4desk works"),
            "settings",
            [_Std.Preferences, "Ctrl+,"],
        ),
        Act.SHOW_LOGS: Looks(
            tr("&Log…"), tr("Read what s4desk has written down of what it did"), "file-text"
        ),
        Act.DIAGNOSTICS: Looks(
            tr("Copy &Diagnostics…"),
            tr("Versions, settings and the last errors, without secrets, for a report"),
            "copy",
        ),
        Act.ABOUT: Looks(tr("&About s4desk")),
    }


LOCAL = (
    Act.SELECT_ALL,
    Act.RENAME,
    Act.DUPLICATE,
    Act.CUT,
    Act.COPY,
    Act.PASTE,
    Act.DELETE,
)
"""Their keys mean the objects only where the objects are: whoever shows them adds these."""

OF_ROWS = (Act.PREVIEW,)
"""Their keys mean something else in a button or a line among the rows: the views add these."""

_ROLES = {
    Act.QUIT: QAction.MenuRole.QuitRole,
    Act.ABOUT: QAction.MenuRole.AboutRole,
    Act.SETTINGS: QAction.MenuRole.PreferencesRole,
}
_GROUPS = (
    (Act.SHOW_TABLE, Act.SHOW_TREE, Act.SHOW_GRID),
    (Act.FOLLOW_SYSTEM, Act.LIGHT, Act.DARK),
)


class Actions(QObject):
    """One QAction per Act, shared by menus, tool bars and context menus.

    A command that cannot be given is disabled and says why in its tool tip and in the status bar.
    """

    def __init__(self, assets: Assets, parent: QObject) -> None:
        super().__init__(parent)
        self._assets = assets
        self._looks = _looks()
        self._reasons: dict[Act, str] = {}
        self._actions = {act: self._make(act, looks) for act, looks in self._looks.items()}
        for members in _GROUPS:
            group = QActionGroup(self)
            for act in members:
                group.addAction(self._actions[act])
        self.fit(Situation())

    def __getitem__(self, act: Act) -> QAction:
        return self._actions[act]

    def keys_of_all(self) -> list[tuple[Act, str, str, str]]:
        """Each command's words, its keys now, and its usual ones: the first of each, portable."""
        portable = QKeySequence.SequenceFormat.PortableText
        return [
            (
                act,
                action.text().replace("&", ""),
                action.shortcut().toString(portable),
                next((keys.toString(portable) for keys in self._usual(act)), ""),
            )
            for act, action in self._actions.items()
        ]

    def give_keys(self, act: Act, keys: str | None) -> None:
        """Let a command be given by these keys, by none, or with None by its usual ones."""
        usual = self._usual(act)
        given = usual if keys is None else [QKeySequence(keys)] if keys else []
        action = self._actions[act]
        action.setShortcuts(given)
        action.setToolTip(self._tool_tip(action, action.statusTip()))

    def _usual(self, act: Act) -> list[QKeySequence]:
        return _sequences(self._looks[act].keys)

    def fit(self, now: Situation) -> None:
        """Enable what can be done now and say of the rest why it cannot."""
        self.show_availability(obstacles(now))

    def show_availability(self, reasons: Mapping[Act, str]) -> None:
        """Touch only what has changed: this is called with every step of a selection."""
        for act, action in self._actions.items():
            reason = reasons.get(act, "")
            if reason == self._reasons.get(act):
                continue
            self._reasons[act] = reason
            action.setEnabled(not reason)
            tip = reason or self._looks[act].tip
            action.setStatusTip(tip)
            action.setToolTip(self._tool_tip(action, tip))

    def _make(self, act: Act, looks: Looks) -> QAction:
        action = QAction(looks.text, self)
        if looks.icon:
            action.setIcon(self._assets.icon(looks.icon))
        action.setObjectName(act)
        action.setCheckable(looks.is_checkable)
        action.setShortcuts(_sequences(looks.keys))
        if act in LOCAL or act in MOVES:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        elif act in OF_ROWS:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setMenuRole(_ROLES.get(act, QAction.MenuRole.NoRole))
        return action

    @staticmethod
    def _tool_tip(action: QAction, tip: str) -> str:
        words = action.text().replace("&", "").rstrip("…")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        head = f"{words} ({keys})" if keys else words
        return f"{head}\n{tip}" if tip else head


def icon_names() -> set[str]:
    """The icons that the commands are drawn with."""
    return {looks.icon for looks in _looks().values() if looks.icon}


def _sequences(keys: Sequence[Keys]) -> list[QKeySequence]:
    """The key sequences of this platform, without doubles and without what it does not have."""
    found: list[QKeySequence] = []
    for key in keys:
        bound = QKeySequence.keyBindings(key) if isinstance(key, _Std) else [QKeySequence(key)]
        found.extend(sequence for sequence in bound if sequence not in found)
    return found
