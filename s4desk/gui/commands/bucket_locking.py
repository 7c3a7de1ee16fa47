"""What a bucket locks new objects with, and whether it locks any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import as_json, from_json
from s4desk.core.domain.errors import ConfigChangedError, S4DeskError
from s4desk.core.runtime.i18n import tr
from s4desk.core.store.configuration import WriteOutcome, read_config, save
from s4desk.gui.dialogs.busy import busy
from s4desk.gui.dialogs.lock_default import LockDefaultDialog
from s4desk.viewmodels.lock_default_form import LockDefaultForm
from s4desk.viewmodels.rows import display_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.gui.commands.lock_reading import LockReading
    from s4desk.gui.commands.notices import Notices

_KIND = ConfigKind.OBJECT_LOCK


class BucketLocking:
    """Writes only over what was read, and reads back what the store made of it."""

    def __init__(
        self,
        desk: Desk,
        notices: Notices,
        reading: LockReading,
        changed: Callable[[], None],
        window: QWidget,
    ) -> None:
        """`changed` is called when a bucket may lock what it did not."""
        self._desk = desk
        self._notices = notices
        self._reading = reading
        self._changed = changed
        self._window = window

    async def change(self, connection: ConnectionId, bucket: str) -> None:
        """Ask what the default of a bucket shall be, and set it."""
        store = await self._desk.stores.get(connection)
        async with busy(tr("Asking the store…"), self._window):
            before = await store.get_document(bucket, _KIND)
            versioning = await read_config(store, bucket, ConfigKind.VERSIONING)
        form = LockDefaultForm(as_json(before), is_versioned=versioning.get("Status") == "Enabled")
        dialog = LockDefaultDialog(form, bucket, self._window)
        try:
            while await dialog.submission():
                dialog.set_busy(True, tr("Asking the store…"))
                try:
                    after = from_json(_KIND, form.result(), before)
                    report = await save(store, bucket, _KIND, before, after)
                except ConfigChangedError:
                    dialog.fail(
                        tr("Somebody else has changed it meanwhile: close this, and look again.")
                    )
                    continue
                except S4DeskError as error:
                    dialog.fail(error)
                    continue
                if report.outcome is not WriteOutcome.WRITTEN:
                    dialog.fail(tr("The store did not keep all of it, and it was undone."))
                    continue
                sentence = tr("The Object Lock default of “{bucket}” is set.")
                self._notices.say(sentence.format(bucket=display_name(bucket)))
                return
        finally:
            dialog.close()
            dialog.deleteLater()
            self._reading.forget(connection, bucket)
            self._changed()
