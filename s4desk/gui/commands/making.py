"""Making buckets and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotSupportedError, ValidationError
from s4desk.core.domain.identity import Prefix
from s4desk.core.runtime.events import BucketsChanged, ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.conditional import put_if_absent
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.base import FormDialog
from s4desk.viewmodels.creation_forms import BucketForm, FolderForm
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.store.protocol import Store
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.viewmodels.forms import Form


class Making:
    """Commands that make something; each tells the event bus what it made."""

    def __init__(self, desk: Desk, browsing: Browsing, window: QWidget) -> None:
        self._desk = desk
        self._browsing = browsing
        self._window = window

    async def bucket(self, connection: ConnectionId) -> None:
        """Ask for a name, make the bucket and open it."""
        form = BucketForm()

        async def make() -> None:
            draft = form.result()
            store = await self._desk.stores.get(connection)
            try:
                await store.create_bucket(draft.name, with_lock=draft.with_lock)
            except NotSupportedError:
                # It may be there, without its lock.
                self._desk.events.publish(BucketsChanged(connection))
                raise

        if await self._done(form, make):
            self._desk.events.publish(BucketsChanged(connection))
            self._browsing.go(Place(connection, Prefix(form.result().name)))

    async def folder(self, connection: ConnectionId, parent: Prefix) -> None:
        """Ask for a name and write the empty marker object that S3 consoles call a folder."""
        form = FolderForm(parent)

        async def make() -> None:
            store = await self._desk.stores.get(connection)
            if not await _is_made(store, form.result()):
                raise ValidationError(tr("There is a folder of this name already."))

        if await self._done(form, make):
            self._desk.events.publish(ObjectsChanged(connection, parent))
            self._browsing.await_entry(connection, form.result())

    async def _done(self, form: Form, make: Callable[[], Awaitable[None]]) -> bool:
        dialog = FormDialog(form, tr("Create"), self._window)
        return await is_done(dialog, tr("Asking the store…"), make)


async def _is_made(store: Store, marker: Location) -> bool:
    """Write an empty object; False when there is one already."""
    try:
        return await put_if_absent(store, marker, b"")
    except NotSupportedError:
        if await head_if_there(store, marker) is not None:
            return False
        await store.put(marker, b"")
        return True
