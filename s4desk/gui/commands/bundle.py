"""All commands of one window together, and which Act asks for which."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s4desk.viewmodels.availability import Act

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s4desk.core.domain.identity import ConnectionId, Prefix
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.connecting import Connecting
    from s4desk.gui.commands.copying import Copying
    from s4desk.gui.commands.deleting import Deleting
    from s4desk.gui.commands.dragging import Dragging
    from s4desk.gui.commands.making import Making
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.queueing import Queueing
    from s4desk.gui.commands.subject import Subject
    from s4desk.gui.commands.transferring import Transferring

Work = Coroutine[Any, Any, None] | None
Call = Callable[[], Work]


@dataclass(frozen=True, slots=True)
class Commands:
    """One window's commands; `subject` is what they are about."""

    subject: Subject
    notices: Notices
    browsing: Browsing
    connecting: Connecting
    making: Making
    deleting: Deleting
    transferring: Transferring
    dragging: Dragging
    queueing: Queueing
    copying: Copying


def calls(commands: Commands) -> Mapping[Act, Call]:
    """What each Act does that is about places, objects and transfers."""
    return {**_about_places(commands), **_about_objects(commands), **_about_transfers(commands)}


def _about_places(c: Commands) -> dict[Act, Call]:
    def at_connection(work: Callable[[ConnectionId], Work]) -> Call:
        def call() -> Work:
            connection = c.subject.connection
            return None if connection is None else work(connection)

        return call

    return {
        Act.ADD_CONNECTION: c.connecting.add,
        Act.EDIT_CONNECTION: at_connection(c.connecting.edit),
        Act.REMOVE_CONNECTION: at_connection(c.connecting.remove),
        Act.NEW_BUCKET: at_connection(c.making.bucket),
        Act.DELETE_BUCKET: at_connection(
            lambda connection: c.deleting.bucket(connection, c.subject.bucket)
        ),
        Act.BACK: c.browsing.back,
        Act.FORWARD: c.browsing.forward,
        Act.UP: c.browsing.up,
        Act.REFRESH: c.browsing.refresh,
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
        Act.DOWNLOAD: here(
            lambda connection, _: c.transferring.download(connection, c.subject.selection)
        ),
        Act.DELETE: here(lambda connection, _: c.deleting.objects(connection, c.subject.selection)),
        Act.OPEN: lambda: open_entry(c, c.subject.selection.only),
        Act.COPY_URI: lambda: c.copying.uris(c.subject.places),
        Act.COPY_KEY: lambda: c.copying.keys(c.subject.places),
        Act.COPY_URL: lambda: _copy_urls(c),
    }


def _about_transfers(c: Commands) -> dict[Act, Call]:
    return {
        Act.PAUSE: lambda: c.queueing.pause(c.subject.transfers),
        Act.RESUME: lambda: c.queueing.resume(c.subject.transfers),
        Act.RETRY: lambda: c.queueing.retry(c.subject.transfers),
        Act.CANCEL: lambda: c.queueing.cancel(c.subject.transfers),
        Act.REVEAL: lambda: _reveal(c),
        Act.PAUSE_ALL: c.queueing.pause_all,
        Act.RESUME_ALL: c.queueing.resume_all,
        Act.CLEAR: c.queueing.clear,
    }


def open_entry(c: Commands, entry: object) -> Work:
    """Go into a folder; download an object, for there is nothing else to do with it yet."""
    folder = c.subject.folder
    if c.browsing.open_entry(entry) or folder is None:
        return None
    return c.transferring.download(folder[0], c.subject.selection)


def _copy_urls(c: Commands) -> None:
    if (connection := c.subject.shown_connection) is not None:
        c.copying.urls(connection, c.subject.places)


def _reveal(c: Commands) -> Work:
    transfer = c.subject.transfer
    return None if transfer is None else c.queueing.reveal(transfer)
