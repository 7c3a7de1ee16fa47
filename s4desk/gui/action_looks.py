"""How each command of the window is shown: its words, its icon and its usual keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.acts import Act

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def action_looks() -> dict[Act, Looks]:
    """In the language of now."""
    return {
        Act.ADD_CONNECTION: Looks(tr("&New Connection…"), tr("Add a store"), "add", ["Ctrl+N"]),
        Act.ADD_GROUP: Looks(
            tr("New Fai&lover Group…"),
            tr(
                "Make one connection of several that hold the same objects: one down, others answer"
            ),
            "group",
        ),
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
        Act.CHANGE_PASSPHRASE: Looks(
            tr("Change Pass&phrase…"),
            tr("Let another passphrase open the file with the secrets"),
            "lock",
        ),
        Act.CAPABILITIES: Looks(
            tr("W&hat This Store Can Do…"),
            tr("See what the store has and what not, with reasons, and probe it"),
            "info",
        ),
        Act.GROUP_STATUS: Looks(
            tr("F&ailover Groups…"),
            tr("See how the members of failover groups are, and what they were used for"),
            "group",
            ["Ctrl+Shift+O"],
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
            tr("S&ave Report…"),
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
        Act.PROPERTIES: Looks(
            tr("Properties…"),
            tr("See and change headers, metadata, tags, storage class and permissions"),
            "info",
            ["Alt+Return"],
        ),
        Act.UNARCHIVE: Looks(
            tr("Restore from Archive…"),
            tr("Have a copy made that can be read, of what is in GLACIER or DEEP_ARCHIVE"),
            "history",
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
        Act.HIDE: Looks(
            tr("Hid&e Under Delete Marker…"),
            tr("Let no program list what is locked; its versions stay"),
            "lock",
        ),
        Act.LOCK: Looks(
            tr("Retention and &Legal Hold…"),
            tr("Lock the selection, or change how it is locked"),
            "lock",
        ),
        Act.UNDELETE: Looks(
            tr("Undelete…"),
            tr("Bring back what was deleted: what is selected, or all in the folder that is shown"),
            "undelete",
            ["Ctrl+Shift+Z"],
        ),
        Act.RESTORE_VERSION: Looks(
            tr("Restore This &Version"),
            tr("Copy the selected version, so that it is the latest again"),
            "history",
        ),
        Act.SELECT_ALL: Looks(tr("Select &All"), keys=[_Std.SelectAll]),
        Act.COPY_URL: Looks(
            tr("Copy U&RL"), tr("Copy the web address, without a signature"), "copy"
        ),
        Act.COPY_URI: Looks(
            tr("Copy &S3 URI"), tr("Copy s3://bucket/key"), "copy", ["Ctrl+Shift+C"]
        ),
        Act.COPY_KEY: Looks(tr("Copy &Key"), tr("Copy the key alone"), "copy"),
        Act.EDIT_TEXT: Looks(
            tr("Edit Text…"),
            tr("Change a small text where it lies; what others write meanwhile is not lost"),
            "edit",
            ["F4"],
        ),
        Act.SHARE: Looks(
            tr("S&hare Link…"),
            tr("Make a link by which others read or write the object, for a while"),
            "link",
            ["Ctrl+Shift+K"],
        ),
        Act.EXPORT_LINKS: Looks(
            tr("E&xport Links…"),
            tr("Write links to the selection, and all below it, into a file"),
            "file-data",
        ),
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
            tr("As Ta&ble"), tr("Show one folder as a table"), "table", ["Ctrl+1"], True
        ),
        Act.SHOW_TREE: Looks(
            tr("As Tr&ee"), tr("Expand folders in place"), "tree", ["Ctrl+2"], True
        ),
        Act.SHOW_GRID: Looks(
            tr("As &Grid"), tr("Show one folder as pictures"), "grid", ["Ctrl+3"], True
        ),
        Act.SORT_BY_NAME: Looks(
            tr("By &Name"), tr("Sort what is shown by name"), is_checkable=True
        ),
        Act.SORT_BY_SIZE: Looks(
            tr("By &Size"), tr("Sort what is shown by size"), is_checkable=True
        ),
        Act.SORT_BY_TIME: Looks(
            tr("By &Time"), tr("Sort what is shown by the time of change"), is_checkable=True
        ),
        Act.SORT_BY_CLASS: Looks(
            tr("By Storage &Class"), tr("Sort what is shown by storage class"), is_checkable=True
        ),
        Act.SORT_BY_TYPE: Looks(
            tr("By T&ype"), tr("Sort what is shown by the type of file"), is_checkable=True
        ),
        Act.SORT_DESCENDING: Looks(
            tr("&Descending"), tr("Show the last one first"), is_checkable=True
        ),
        Act.SHOW_TRANSFERS: Looks(
            tr("&Transfers"), tr("Show or hide the transfers"), "transfers", ["Ctrl+0"], True
        ),
        Act.SHOW_INSPECTOR: Looks(
            tr("&Inspector"),
            tr("Show or hide what the store knows of the selection"),
            "info",
            ["Ctrl+I"],
            True,
        ),
        Act.SHOW_VERSIONS: Looks(
            tr("Show &Versions"),
            tr("Show all versions and delete markers below each object"),
            "history",
            ["Ctrl+Shift+V"],
            True,
        ),
        Act.AS_IT_WAS: Looks(
            tr("As It &Was…"),
            tr("Show the bucket as it was at a moment, to look at it and download from it"),
            "history",
            ["Ctrl+Shift+W"],
        ),
        Act.BACK_TO_NOW: Looks(tr("Back to &Now"), tr("Show what is there now"), "retry"),
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
            tr("For&ward"), tr("Go to the place after"), "forward", [_Std.Forward, "Alt+Right"]
        ),
        Act.UP: Looks(tr("&Up"), tr("Go to the folder above"), "up", ["Alt+Up"]),
        Act.GO_TO: Looks(tr("&Go to Place…"), tr("Type s3://bucket/folder"), "link", ["Ctrl+L"]),
        Act.BOOKMARK: Looks(
            tr("Book&mark This Place"),
            tr("Keep this place in the menu of bookmarks"),
            keys=["Ctrl+Shift+B"],
            is_checkable=True,
        ),
        Act.NEW_TAB: Looks(
            tr("New &Tab"), tr("Open this place in another tab"), keys=[_Std.AddTab, "Ctrl+T"]
        ),
        Act.OPEN_IN_TAB: Looks(
            tr("Open &in New Tab"),
            tr("Open the selected folder in a tab of its own"),
            keys=["Ctrl+Return"],
        ),
        Act.CLOSE_TAB: Looks(tr("&Close Tab"), keys=["Ctrl+W"]),
        Act.REOPEN_TAB: Looks(
            tr("Reopen C&losed Tab"),
            tr("Open the tab again that was closed last"),
            keys=["Ctrl+Shift+T"],
        ),
        Act.NEXT_TAB: Looks(tr("Ne&xt Tab"), keys=["Ctrl+Tab", "Ctrl+PgDown"]),
        Act.PREVIOUS_TAB: Looks(tr("&Previous Tab"), keys=["Ctrl+Shift+Tab", "Ctrl+PgUp"]),
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
        Act.BUCKET_CONFIGURATION: Looks(
            tr("Bucket &Configuration…"),
            tr("See and change all that the bucket is told: policy, versions, encryption, rules"),
            "settings",
            ["Ctrl+Shift+E"],
        ),
        Act.LIFECYCLE_PREVIEW: Looks(
            tr("What Lifecycle R&ules Will Do…"),
            tr("See what the rules of the bucket will delete or move, and when"),
            "hourglass",
            ["Ctrl+Shift+X"],
        ),
        Act.LIFECYCLE_SCHEDULES: Looks(
            tr("Scheduled Lifecycle &Rules…"),
            tr("See in which buckets s4desk applies lifecycle rules by itself, and switch it off"),
            "history",
        ),
        Act.REPLICATION_RULES: Looks(
            tr("Replicat&ion Rules…"),
            tr("Choose what of the bucket is kept at another place too, at any store"),
            "replication",
        ),
        Act.REPLICATION: Looks(
            tr("Re&plication…"),
            tr("See how all replication goes: what waits, how fast, and what has failed"),
            "replication",
            ["Ctrl+Shift+R"],
        ),
        Act.GROUP_COMPARE: Looks(
            tr("Co&mpare Members…"),
            tr("See which member of the failover group holds what, and what differs"),
            "group",
        ),
        Act.DELETE_BUCKET: Looks(tr("&Delete Bucket…"), tr("Delete the bucket"), "delete"),
        Act.LOCK_DEFAULT: Looks(
            tr("Object &Lock Default…"),
            tr("Choose how new objects of the bucket are locked, and enable Object Lock"),
            "bucket-lock",
        ),
        Act.UPLOADS: Looks(
            tr("Un&finished Uploads…"),
            tr("Resume, complete or abort what was begun in the bucket and never completed"),
            "upload",
        ),
        Act.STORAGE_VIEW: Looks(
            tr("Stora&ge View…"),
            tr("See how much lies where: by folder, storage class and age, and what it costs"),
            "table",
            ["Ctrl+Shift+G"],
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
            tr("Settin&gs…"),
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
