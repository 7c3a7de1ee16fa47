"""Which commands can be given now, and why the others cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.transfer import TransferState
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.acts import MOVES, SORTS, Act
from s4desk.viewmodels.capability_text import lack_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.capability import Finding
    from s4desk.viewmodels.places import Place


@dataclass(frozen=True, slots=True)
class Situation:
    """What the window shows: all that availability depends on.

    `chosen_bucket` is the bucket a bucket command would be about: the one that is open, or the one
    selected in the tree or in the list of buckets. `has_object`: an object is among what is
    selected. `transfers` are the states that occur in the queue, `chosen_transfers` those of the
    selected rows; `is_held` and `is_chosen_held` say that some of them wait for the network, which
    resuming tries. `is_unreadable` is a folder in whose place an error is shown. `lock` says why
    what is selected has to stay, if it has to (`can_bypass`: but for who may bypass governance),
    `is_lockless` that the bucket is known to have no
    Object Lock, and `clip` why nothing can be pasted into the folder that is shown, if nothing can.
    `is_scattered`: what is selected lies in several buckets. `latest`, `markers` and `folders` are
    how many of that are the latest versions, delete markers and folders, `at_hand` how many objects
    are known to be in no archive. `lacks` is what the store
    behind the place is known not to have. `is_group`: what is shown is in a failover group.
    `no_writes` is why nothing can be written there, `no_deletions` why nothing can be deleted, and
    `no_buckets` why no bucket can be made at the connection that is chosen.
    """

    place: Place | None = None
    has_connection: bool = False
    chosen_bucket: str = ""
    selected: int = 0
    has_object: bool = False
    can_go_back: bool = False
    can_go_forward: bool = False
    tabs: int = 1
    can_reopen_tab: bool = False
    is_loading: bool = False
    has_more: bool = False
    is_unreadable: bool = False
    lock: str = ""
    can_bypass: bool = False
    is_lockless: bool = False
    clip: str = ""
    is_scattered: bool = False
    latest: int = 0
    markers: int = 0
    folders: int = 0
    at_hand: int = 0
    lacks: Mapping[Capability, Finding] = field(default_factory=dict)
    transfers: frozenset[TransferState] = frozenset()
    chosen_transfers: frozenset[TransferState] = frozenset()
    is_held: bool = False
    is_chosen_held: bool = False
    has_local_file: bool = False
    is_group: bool = False
    no_writes: str = ""
    no_deletions: str = ""
    no_buckets: str = ""


_NEEDS: Mapping[Act, tuple[Capability, ...]] = {
    Act.SHARE: (Capability.PRESIGN,),
    Act.EXPORT_LINKS: (Capability.PRESIGN,),
    Act.UPLOADS: (Capability.LIST_UPLOADS, Capability.MULTIPART),
    **dict.fromkeys((Act.SHOW_VERSIONS, Act.AS_IT_WAS, Act.UNDELETE), (Capability.LIST_VERSIONS,)),
    Act.LOCK: (Capability.OBJECT_LOCK,),
    Act.LOCK_DEFAULT: (Capability.OBJECT_LOCK,),
}
"""What the store must have for a command to make sense. What goes in another way too, slower or
less safe (copies, checksums, conditions, many deletions at once), needs nothing."""

_IN_FOLDER = (
    Act.UPLOAD_FILES,
    Act.UPLOAD_FOLDER,
    Act.NEW_FOLDER,
    Act.SYNC,
    Act.PASTE,
    Act.STORAGE_VIEW,
)
_OF_CONNECTION = (
    Act.EDIT_CONNECTION,
    Act.SIGN_IN,
    Act.REMOVE_CONNECTION,
    Act.CAPABILITIES,
    Act.NEW_BUCKET,
)
_SHARING = (Act.SHARE, Act.EXPORT_LINKS)
_OF_BUCKET = (Act.DELETE_BUCKET, Act.UPLOADS, Act.LOCK_DEFAULT, Act.BUCKET_CONFIGURATION)
_OF_OBJECTS = (
    Act.DOWNLOAD,
    Act.VERIFY,
    Act.VERIFY_WITH_FILES,
    Act.RENAME,
    Act.DUPLICATE,
    Act.CUT,
    Act.COPY,
    Act.MOVE_TO,
    Act.COPY_TO,
    Act.LOCK,
    Act.PROPERTIES,
    Act.UNARCHIVE,
    Act.EDIT_TEXT,
    *_SHARING,
)
_IN_ONE_BUCKET = (
    *(act for act in _OF_OBJECTS if act not in (Act.DOWNLOAD, *_SHARING)),
    Act.DELETE,
)
_OF_SELECTION = (Act.OPEN, Act.DELETE, Act.COPY_URL, Act.COPY_URI, Act.COPY_KEY)
_OF_VERSIONS = (Act.SHOW_VERSIONS, Act.AS_IT_WAS, Act.UNDELETE)
_OF_NOW = (
    *(act for act in _OF_OBJECTS if act not in (Act.DOWNLOAD, Act.LOCK, Act.SHARE)),
    Act.COPY_URL,
    Act.HIDE,
)
"""What is about objects as they are, and knows nothing of versions."""
_CHANGING = (
    *(act for act in _IN_FOLDER if act is not Act.STORAGE_VIEW),
    Act.DELETE,
    Act.LOCK,
    Act.UNDELETE,
    *_OF_BUCKET,
)
_WRITING = (
    Act.UPLOAD_FILES,
    Act.UPLOAD_FOLDER,
    Act.NEW_FOLDER,
    Act.PASTE,
    Act.RENAME,
    Act.DUPLICATE,
    Act.CUT,
    Act.MOVE_TO,
    Act.LOCK,
    Act.PROPERTIES,
    Act.UNARCHIVE,
    Act.EDIT_TEXT,
    Act.HIDE,
    Act.UNDELETE,
    Act.RESTORE_VERSION,
    Act.LOCK_DEFAULT,
)
_DELETING = (Act.DELETE, Act.DELETE_BUCKET)
_SORTING = (*SORTS, Act.SORT_DESCENDING)
_REMOVING = (Act.RENAME, Act.CUT, Act.MOVE_TO, Act.DELETE)
_PAUSABLE = frozenset({TransferState.QUEUED, TransferState.RUNNING})
_RETRIABLE = frozenset({TransferState.FAILED, TransferState.CANCELLED})
_CLEARED = frozenset({TransferState.COMPLETED, TransferState.CANCELLED})
_CANCELLABLE = frozenset(TransferState) - {TransferState.COMPLETED, TransferState.CANCELLED}


def obstacles(now: Situation) -> Mapping[Act, str]:
    """The commands that cannot be given now, each with the reason as a sentence."""
    found = _at_connection(now)
    found.update(_in_folder(now))
    found.update(_on_the_way(now))
    found = _among_versions(now) | found | _in_the_past(now)
    found.update(unwritable(now.no_writes, now.no_deletions, now.no_buckets))
    found.update(_in_queue(now))
    for act, reason in missing(now.lacks).items():
        found.setdefault(act, reason)
    return found


def missing(lacks: Mapping[Capability, Finding]) -> Mapping[Act, str]:
    """The commands that a store has no use for, each with the reason."""
    return {
        act: lack_text(capability, lacks[capability])
        for act, needs in _NEEDS.items()
        for capability in reversed(needs)
        if capability in lacks
    }


def unwritable(no_writes: str, no_deletions: str, no_buckets: str) -> Mapping[Act, str]:
    """The commands that write or delete, each with the reason, as far as there is one."""
    reasons = ((_WRITING, no_writes), (_DELETING, no_deletions), ((Act.NEW_BUCKET,), no_buckets))
    return {act: reason for acts, reason in reasons if reason for act in acts}


def _at_connection(now: Situation) -> dict[Act, str]:
    found = {}
    if not now.has_connection:
        reason = tr("Choose a connection first.")
        found = dict.fromkeys(_OF_CONNECTION, reason)
    if not now.is_group:
        found[Act.GROUP_COMPARE] = tr("Open a failover group first.")
    if not now.chosen_bucket:
        acts = (*_OF_BUCKET, Act.LIFECYCLE_PREVIEW, Act.REPLICATION_RULES)
        found |= dict.fromkeys(acts, tr("Choose a bucket first."))
    return found


def _in_folder(now: Situation) -> dict[Act, str]:
    found = {}
    if now.place is not None and now.place.query is not None and now.place.prefix is None:
        found = dict.fromkeys(_IN_FOLDER, tr("Open a bucket first."))
        if now.is_scattered:
            found |= dict.fromkeys(_IN_ONE_BUCKET, tr("Select objects of one bucket."))
    elif now.place is None or now.place.prefix is None:
        acts = (*_IN_FOLDER, *_OF_OBJECTS, *_SORTING)
        found = dict.fromkeys(acts, tr("Open a bucket first."))
        if now.chosen_bucket:
            del found[Act.SYNC], found[Act.STORAGE_VIEW]
        elif now.selected:
            found[Act.DELETE] = tr("Select one bucket.")
    elif now.is_unreadable:
        found = dict.fromkeys(_IN_FOLDER, tr("This folder cannot be read."))
    if not now.has_object:
        found[Act.PREVIEW] = tr("Select an object.")
    if now.place is None or now.place.query is None or now.selected != 1:
        found[Act.SHOW_IN_FOLDER] = tr("Select one object that was found.")
    if now.clip:
        found.setdefault(Act.PASTE, now.clip)
    return _about_selection(now) | found


def _among_versions(now: Situation) -> dict[Act, str]:
    found = {}
    place = now.place
    if place is None or place.prefix is None:
        found = dict.fromkeys(_OF_VERSIONS, tr("Open a bucket first."))
    elif place.query is not None:
        found = dict.fromkeys(_OF_VERSIONS, tr("Leave the search first."))
    versions = now.selected - now.folders
    if place is None or not place.versions:
        found[Act.RESTORE_VERSION] = tr("Show the versions first, and select an older one.")
        return found
    if now.latest or now.markers or now.folders or not versions:
        found[Act.RESTORE_VERSION] = tr("Select an older version.")
    if now.folders:
        found[Act.DELETE] = tr("Select versions; folders are deleted while none are shown.")
    if versions and versions == now.markers:
        held = (Act.OPEN, Act.PREVIEW, Act.DOWNLOAD, Act.SHARE)
        found |= dict.fromkeys(held, tr("A delete marker holds nothing."))
    reason = tr("This is about objects as they are now: hide the versions first.")
    return dict.fromkeys(_OF_NOW, reason) | found


def _in_the_past(now: Situation) -> dict[Act, str]:
    if now.place is None or now.place.moment is None:
        return {Act.BACK_TO_NOW: tr("This is how it is now.")}
    reason = tr("This is how it was: go back to now to change something.")
    return dict.fromkeys((*_CHANGING, *_OF_NOW, Act.SHOW_VERSIONS), reason)


def _about_selection(now: Situation) -> dict[Act, str]:
    found = {}
    if not now.selected:
        found = dict.fromkeys((*_OF_SELECTION, *_OF_OBJECTS), tr("Select something first."))
    elif now.selected > 1:
        found = {Act.RENAME: tr("Select one object or folder.")}
    if now.selected != 1 or now.has_object:
        found[Act.OPEN_IN_TAB] = tr("Select one folder or bucket.")
    if now.selected and not (now.selected == 1 and now.has_object):
        found |= dict.fromkeys((Act.SHARE, Act.EDIT_TEXT), tr("Select one object."))
    if now.selected and now.at_hand == now.selected:
        found[Act.UNARCHIVE] = tr("Nothing of this is in an archive.")
    if now.lock:
        kept = [each for each in _REMOVING if not (now.can_bypass and each is Act.DELETE)]
        found = dict.fromkeys((*kept, Act.EDIT_TEXT), now.lock) | found
    else:
        found[Act.HIDE] = tr("Select what is locked.")
    if now.is_lockless:
        found.setdefault(Act.LOCK, tr("This bucket has no Object Lock."))
    return found


def _on_the_way(now: Situation) -> dict[Act, str]:
    found = {}
    if now.place is None:
        reason = tr("Open a connection first.")
        acts = (Act.REFRESH, Act.FILTER, Act.FIND, Act.SELECT_ALL, Act.BOOKMARK)
        found = dict.fromkeys(acts, reason)
    if not now.can_go_back:
        found[Act.BACK] = tr("There is no earlier place.")
    if not now.can_go_forward:
        found[Act.FORWARD] = tr("There is no later place.")
    if now.tabs == 1:
        of_several = (Act.CLOSE_TAB, Act.NEXT_TAB, Act.PREVIOUS_TAB)
        found |= dict.fromkeys(of_several, tr("There is only one tab."))
    if not now.can_reopen_tab:
        found[Act.REOPEN_TAB] = tr("No tab was closed.")
    if now.place is None or now.place.parent is None:
        found[Act.UP] = tr("This is the top.")
    if not now.is_loading:
        found[Act.STOP] = tr("Nothing is loading.")
    if not now.has_more:
        found[Act.LOAD_ALL] = tr("Everything is loaded.")
    return found


def _in_queue(now: Situation) -> dict[Act, str]:
    fits: dict[Act, tuple[bool, str]] = {
        Act.PAUSE: (bool(now.chosen_transfers & _PAUSABLE), tr("Select a transfer that runs.")),
        Act.RESUME: (
            now.is_chosen_held or TransferState.PAUSED in now.chosen_transfers,
            tr("Select a transfer that is paused."),
        ),
        Act.RETRY: (
            bool(now.chosen_transfers & _RETRIABLE),
            tr("Select a transfer that failed or was cancelled."),
        ),
        Act.CANCEL: (
            bool(now.chosen_transfers & _CANCELLABLE),
            tr("Select a transfer that has not ended."),
        ),
        Act.REVEAL: (now.has_local_file, tr("Select one transfer.")),
        Act.VERIFY_TRANSFERS: (
            TransferState.COMPLETED in now.chosen_transfers,
            tr("Select a transfer that is done."),
        ),
        Act.SAVE_REPORT: (bool(now.transfers), tr("There are no transfers.")),
        Act.PAUSE_ALL: (bool(now.transfers & _PAUSABLE), tr("No transfer runs.")),
        Act.RESUME_ALL: (
            now.is_held or TransferState.PAUSED in now.transfers,
            tr("No transfer is paused."),
        ),
        Act.RETRY_ALL: (TransferState.FAILED in now.transfers, tr("No transfer has failed.")),
        Act.CLEAR: (bool(now.transfers & _CLEARED), tr("No transfer is finished.")),
    }
    if TransferState.QUEUED not in now.chosen_transfers:
        fits |= dict.fromkeys(MOVES, (False, tr("Select a transfer that waits.")))
    return {act: reason for act, (is_possible, reason) in fits.items() if not is_possible}
