"""Which Act asks for which command, and about what."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.replication.table import Source
from s4desk.core.transfer.waiting_line import Shift
from s4desk.viewmodels.acts import SORTS, Act
from s4desk.viewmodels.clip import Clip, Deed
from s4desk.viewmodels.connection_error_text import is_about_address
from s4desk.viewmodels.listing import Remedy
from s4desk.viewmodels.version_text import marker_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.gui.commands.bundle import Commands

Work = Coroutine[Any, Any, None] | None
Call = Callable[[], Work]


def calls(commands: Commands) -> Mapping[Act, Call]:
    """What each Act does that is about places, objects and transfers."""
    return {
        **_about_places(commands),
        **_about_objects(commands),
        **_about_versions(commands),
        **_about_moving(commands),
        **_about_transfers(commands),
    }


def _about_places(c: Commands) -> dict[Act, Call]:
    def at_connection(work: Callable[[ConnectionId], Work]) -> Call:
        def call() -> Work:
            connection = c.subject.connection
            return None if connection is None else work(connection)

        return call

    return {
        Act.ADD_CONNECTION: c.connecting.add,
        Act.ADD_GROUP: c.connecting.add_group,
        Act.EDIT_CONNECTION: at_connection(c.connecting.edit),
        Act.SIGN_IN: at_connection(c.signing_in.sign_in),
        Act.REMOVE_CONNECTION: at_connection(c.connecting.remove),
        Act.IMPORT_CONNECTIONS: c.importing.take_in,
        Act.EXPORT_CONNECTIONS: c.importing.write_out,
        Act.CHANGE_PASSPHRASE: c.unlocking.change,
        Act.CAPABILITIES: at_connection(c.probing.show),
        Act.NEW_BUCKET: at_connection(c.making.bucket),
        Act.DELETE_BUCKET: _of_home(c, lambda: _delete_bucket(c)),
        Act.UPLOADS: lambda: _uploads(c),
        Act.LOCK_DEFAULT: lambda: _lock_default(c),
        Act.BUCKET_CONFIGURATION: lambda: _configure_bucket(c),
        Act.LIFECYCLE_PREVIEW: lambda: _preview_lifecycle(c),
        Act.LIFECYCLE_SCHEDULES: c.lifecycle_scheduling.show_all,
        Act.REPLICATION_RULES: lambda: _edit_replication(c),
        Act.REPLICATION: c.replicating.show,
        Act.GROUP_COMPARE: lambda: _compare_members(c),
        Act.GROUP_STATUS: lambda: c.group_looking.show(c.subject.connection),
        Act.BACK: c.browsing.back,
        Act.FORWARD: c.browsing.forward,
        Act.UP: c.browsing.up,
        Act.NEW_TAB: c.tabbing.new,
        Act.OPEN_IN_TAB: lambda: c.tabbing.open_entry(c.subject.selection.only),
        Act.CLOSE_TAB: c.tabbing.close,
        Act.REOPEN_TAB: c.tabbing.reopen,
        Act.NEXT_TAB: lambda: c.tabbing.step(1),
        Act.PREVIOUS_TAB: lambda: c.tabbing.step(-1),
        Act.REFRESH: lambda: _refresh_badges_too(c),
        Act.BOOKMARK: c.bookmarking.toggle,
        Act.FIND: c.finding.ask,
        Act.PALETTE: c.commanding.show,
        Act.SHORTCUTS: c.shortcuts.show,
        Act.SHOW_LOGS: c.log_reading.show,
        Act.DIAGNOSTICS: c.diagnosing.show,
        Act.SHOW_IN_FOLDER: lambda: c.finding.show_in_folder(c.subject.selection.only),
    }


def _about_objects(c: Commands) -> dict[Act, Call]:
    def here(work: Callable[[ConnectionId, Prefix], Work]) -> Call:
        def call() -> Work:
            folder = c.subject.folder
            return None if folder is None else work(*folder)

        return call

    return {
        Act.UPLOAD_FILES: here(c.transferring.upload_files),
        Act.UPLOAD_FOLDER: here(c.transferring.upload_folder),
        Act.NEW_FOLDER: here(c.making.folder),
        Act.SYNC: lambda: _sync(c),
        Act.STORAGE_VIEW: lambda: _measure(c),
        Act.VERIFY: here(lambda connection, _: c.verifying.alone(connection, c.subject.selection)),
        Act.VERIFY_WITH_FILES: here(
            lambda connection, _: c.verifying.with_files(connection, c.subject.selection)
        ),
        Act.DOWNLOAD: here(
            lambda connection, _: c.transferring.download(connection, c.subject.selection)
        ),
        Act.PROPERTIES: here(lambda at, _: c.properties.show(at, c.subject.selection)),
        Act.UNARCHIVE: here(lambda at, _: c.unarchiving.ask(at, c.subject.selection)),
        Act.DELETE: _of_home(c, lambda: _delete(c)),
        Act.HIDE: _of_home(
            c,
            here(
                lambda connection, _: c.deleting.objects(
                    connection, c.subject.selection, hides=True
                )
            ),
        ),
        Act.LOCK: here(lambda connection, _: c.locking.change(connection, c.subject.selection)),
        Act.PREVIEW: c.previewing.toggle,
        **{act: partial(c.sorting.by, act) for act in SORTS},
        Act.SORT_DESCENDING: c.sorting.turn,
        Act.OPEN: lambda: open_entry(c, c.subject.selection.only),
        Act.COPY_URI: lambda: c.copying.uris(c.subject.places),
        Act.COPY_KEY: lambda: c.copying.keys(c.subject.places),
        Act.COPY_URL: lambda: _copy_urls(c),
        Act.SHARE: lambda: _share(c),
        Act.EDIT_TEXT: lambda: _edit_text(c),
        Act.EXPORT_LINKS: here(
            lambda connection, _: c.sharing.export(connection, c.subject.selection)
        ),
    }


def _about_versions(c: Commands) -> dict[Act, Call]:
    def restore() -> Work:
        folder = c.subject.folder
        if folder is None:
            return None
        return c.versioning.restore(folder[0], c.subject.selection.chosen_versions)

    def undelete() -> Work:
        folder = c.subject.folder
        if folder is None:
            return None
        connection, shown = folder
        return c.undeleting.ask(connection, c.subject.places or [shown])

    return {
        Act.SHOW_VERSIONS: c.versioning.toggle,
        Act.AS_IT_WAS: c.versioning.ask_moment,
        Act.BACK_TO_NOW: c.versioning.back_to_now,
        Act.RESTORE_VERSION: restore,
        Act.UNDELETE: undelete,
    }


def _about_moving(c: Commands) -> dict[Act, Call]:
    def with_clip(work: Callable[[Clip], Coroutine[Any, Any, object]]) -> Call:
        def call() -> Work:
            folder = c.subject.folder
            return None if folder is None else _done(work(Clip(folder[0], c.subject.selection)))

        return call

    def at_folder(work: Callable[[ConnectionId], Work]) -> Call:
        def call() -> Work:
            folder = c.subject.folder
            return None if folder is None else work(folder[0])

        return call

    return {
        Act.CUT: _of_home(c, at_folder(lambda at: c.clipping.cut(at, c.subject.selection))),
        Act.COPY: at_folder(lambda at: c.clipping.copy(at, c.subject.selection)),
        Act.PASTE: lambda: _paste(c),
        Act.DUPLICATE: with_clip(c.moving.duplicate),
        Act.MOVE_TO: _of_home(c, with_clip(lambda clip: c.moving.choose(clip, Deed.MOVE))),
        Act.COPY_TO: with_clip(lambda clip: c.moving.choose(clip, Deed.COPY)),
        Act.RENAME: _of_home(c, lambda: _rename(c)),
    }


def _about_transfers(c: Commands) -> dict[Act, Call]:
    return {
        Act.PAUSE: lambda: c.queueing.pause(c.subject.transfers),
        Act.RESUME: lambda: c.queueing.resume(c.subject.transfers),
        Act.RETRY: lambda: c.queueing.retry(c.subject.transfers),
        Act.CANCEL: lambda: c.queueing.cancel(c.subject.transfers),
        Act.REVEAL: lambda: _reveal(c),
        Act.VERIFY_TRANSFERS: lambda: c.verifying.transfers(c.subject.transfers),
        Act.SAVE_REPORT: lambda: c.reporting.save(c.subject.transfers),
        Act.MOVE_TO_TOP: lambda: c.queueing.move(c.subject.transfers, Shift.TOP),
        Act.MOVE_UP: lambda: c.queueing.move(c.subject.transfers, Shift.UP),
        Act.MOVE_DOWN: lambda: c.queueing.move(c.subject.transfers, Shift.DOWN),
        Act.MOVE_TO_BOTTOM: lambda: c.queueing.move(c.subject.transfers, Shift.BOTTOM),
        Act.SETTINGS: c.preferring.show,
        Act.PAUSE_ALL: c.queueing.pause_all,
        Act.RESUME_ALL: c.queueing.resume_all,
        Act.RETRY_ALL: c.queueing.retry_all,
        Act.CLEAR: c.queueing.clear,
        Act.HISTORY: c.recalling.show,
    }


def open_entry(c: Commands, entry: object) -> Work:
    """Go into a folder; download an object, for there is nothing else to do with it yet."""
    folder = c.subject.folder
    if c.browsing.open_entry(entry) or folder is None:
        return None
    selection = c.subject.selection
    if selection.versions and all(each.is_delete_marker for each in selection.chosen_versions):
        c.notices.say(marker_text())
        return None
    return c.transferring.download(folder[0], selection)


def remedy_call(c: Commands, remedy: Remedy) -> Work:
    """What a button beside a sentence does, about the place that is shown."""
    place = c.browsing.place
    if place is None:
        return c.importing.take_in() if remedy is Remedy.IMPORT else None
    failure = c.subject.status.failure if c.subject.status is not None else None
    connection = c.group_watching.failed_member(failure) or place.connection
    if remedy in (Remedy.EDIT_CONNECTION, Remedy.TEST_CONNECTION):
        is_address = failure is not None and is_about_address(failure)
        is_tested = remedy is Remedy.TEST_CONNECTION
        return c.connecting.edit(connection, wants_key=not is_address, is_tested=is_tested)
    if remedy is Remedy.SIGN_IN:
        return c.signing_in.sign_in(connection)
    if remedy is Remedy.NEW_BUCKET:
        return c.making.bucket(place.connection)
    if remedy is Remedy.HIDE_VERSIONS:
        c.versioning.toggle()
    if remedy is Remedy.BACK_TO_NOW:
        c.versioning.back_to_now()
    if remedy is Remedy.DETAILS:
        c.notices.tell_more(c.subject.status.trouble if c.subject.status is not None else None)
    return None if place.prefix is None else _fill(c, remedy, place.connection, place.prefix)


def _fill(c: Commands, remedy: Remedy, connection: ConnectionId, folder: Prefix) -> Work:
    """What can be done where nothing is."""
    if remedy is Remedy.UNDELETE:
        return c.undeleting.ask(connection, [folder])
    if remedy is Remedy.UPLOAD_FILES:
        return c.transferring.upload_files(connection, folder)
    return None


async def _done(work: Coroutine[Any, Any, object]) -> None:
    """What became of it is of no interest to a menu."""
    await work


def _of_home(c: Commands, call: Call) -> Call:
    """`call`, unless what it is about is not what the first member of a group has."""

    def checked() -> Work:
        place = c.browsing.place
        return None if place is not None and c.group_rows.refuses(place.connection) else call()

    return checked


def _lock_default(c: Commands) -> Work:
    """Of the bucket that is shown or selected, as with `_delete_bucket`."""
    place, bucket = c.browsing.place, c.subject.bucket
    if place is None or not bucket:
        return None
    return c.bucket_locking.change(place.connection, bucket)


def _refresh_badges_too(c: Commands) -> None:
    c.lock_badges.refresh()
    c.replication_badges.refresh()
    c.unlocking.ask_again()
    c.browsing.refresh()


def _paste(c: Commands) -> Work:
    folder = c.subject.folder
    return None if folder is None else c.clipping.paste(*folder)


def _sync(c: Commands) -> Work:
    """The folder that is selected, or else the one that is shown."""
    folder = c.subject.sync_folder
    return None if folder is None else c.syncing.sync(*folder)


def _rename(c: Commands) -> Work:
    """An object where it stands, if that can be done; else in a dialog."""
    folder, entry = c.subject.folder, c.subject.selection.only
    if folder is None or entry is None or c.subject.edit_name():
        return None
    return c.renaming.ask(folder[0], entry)


def _delete(c: Commands) -> Work:
    """The selected objects; in a list of buckets the one that is selected."""
    place = c.browsing.place
    if place is None:
        return None
    if place.prefix is None and place.query is None:
        return _delete_bucket(c)
    selection = c.subject.selection
    if place.versions:
        return c.versioning.delete(place.connection, selection.chosen_versions)
    return c.deleting.objects(place.connection, selection)


def _delete_bucket(c: Commands) -> Work:
    """The bucket that is shown or selected: at the connection that is shown, whatever the tree is
    about."""
    place, bucket = c.browsing.place, c.subject.bucket
    return c.deleting.bucket(place.connection, bucket) if place is not None and bucket else None


def _uploads(c: Commands) -> Work:
    """Of the bucket that is shown or selected, as with `_delete_bucket`."""
    place, bucket = c.browsing.place, c.subject.bucket
    return c.reclaiming.show(place.connection, bucket) if place is not None and bucket else None


def _configure_bucket(c: Commands) -> Work:
    """Of the bucket that is shown or selected, as with `_delete_bucket`."""
    place, bucket = c.browsing.place, c.subject.bucket
    return c.configuring.show(place.connection, bucket) if place is not None and bucket else None


def _preview_lifecycle(c: Commands) -> Work:
    """Of the bucket that is shown or selected, as with `_delete_bucket`."""
    place, bucket = c.browsing.place, c.subject.bucket
    if place is None or not bucket:
        return None
    return c.lifecycle_previewing.show(place.connection, Prefix(bucket))


def _edit_replication(c: Commands) -> Work:
    """Of the bucket that is shown or selected, as with `_delete_bucket`."""
    place, bucket = c.browsing.place, c.subject.bucket
    if place is None or not bucket:
        return None
    return c.replication_editing.edit(Source(place.connection, bucket))


def _compare_members(c: Commands) -> Work:
    """What is below the folder or bucket that is selected, or else below the one that is shown."""
    place, folder = c.browsing.place, c.subject.sync_folder
    if place is None:
        return None
    return c.group_comparing.show(place.connection, None if folder is None else folder[1])


def _copy_urls(c: Commands) -> None:
    if (connection := c.subject.shown_connection) is not None:
        c.copying.urls(connection, c.subject.places)


def _edit_text(c: Commands) -> Work:
    folder, only = c.subject.folder, c.subject.selection.only
    if folder is None or not isinstance(only, Location):
        return None
    return c.text_editing.edit(folder[0], only)


def _measure(c: Commands) -> Work:
    """The folder or bucket that is selected, or else the one that is shown."""
    folder = c.subject.sync_folder
    return None if folder is None else c.measuring.show(*folder)


def _share(c: Commands) -> Work:
    folder, selection = c.subject.folder, c.subject.selection
    if folder is None or not isinstance(selection.only, Location):
        return None
    version = selection.versions[0] if selection.versions else None
    return c.sharing.share(folder[0], selection.only, version)


def _reveal(c: Commands) -> Work:
    transfer = c.subject.transfer
    return None if transfer is None else c.queueing.reveal(transfer)
