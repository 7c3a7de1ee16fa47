"""Making buckets and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.errors import NotSupportedError, ValidationError
from s4desk.core.domain.identity import Prefix
from s4desk.core.runtime.events import BucketsChanged, ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.target import make_marker
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.base import FormDialog
from s4desk.viewmodels.capability_text import lack_of
from s4desk.viewmodels.creation_forms import BucketForm, FolderForm
from s4desk.viewmodels.places import Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
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
        form = BucketForm(self._no_lock(connection))

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

    def _no_lock(self, connection: ConnectionId) -> str:
        """Why the store has no Object Lock, as far as that is known."""
        return lack_of(self._desk.stores.report(connection), Capability.OBJECT_LOCK)

    async def folder(self, connection: ConnectionId, parent: Prefix) -> None:
        """Ask for a name and write the empty marker object that S3 consoles call a folder."""
        made = await self.folder_in(connection, parent, self._window)
        if made is not None:
            self._browsing.await_entry(connection, made.location(""))

    async def folder_in(
        self, connection: ConnectionId, parent: Prefix, window: QWidget
    ) -> Prefix | None:
        """The same, asked over another window; None when the person gave up."""
        form = FolderForm(parent)

        async def make() -> None:
            store = await self._desk.stores.get(connection)
            if not await make_marker(store, form.result()):
                raise ValidationError(tr("There is a folder of this name already."))

        if not await is_done(FormDialog(form, tr("Create"), window), _asking(), make):
            return None
        self._desk.events.publish(ObjectsChanged(connection, parent))
        marker = form.result()
        return Prefix(marker.bucket, marker.key)

    async def _done(self, form: Form, make: Callable[[], Awaitable[None]]) -> bool:
        dialog = FormDialog(form, tr("Create"), self._window)
        return await is_done(dialog, _asking(), make)


def _asking() -> str:
    return tr("Asking the store…")
