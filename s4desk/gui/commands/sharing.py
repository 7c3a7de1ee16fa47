"""Links that let others read or write: one, looked at as it is made, or a file full of them."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PySide6.QtGui import QGuiApplication

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.folders import local_errors
from s4desk.core.transfer.selection import chunks_of
from s4desk.gui.commands.submission import is_done
from s4desk.gui.dialogs.base import FormDialog, accepted
from s4desk.gui.dialogs.busy import busy
from s4desk.gui.dialogs.files import choose_target
from s4desk.gui.dialogs.share import QrCodeDialog, ShareDialog
from s4desk.viewmodels.link_list import head_of, lines_of
from s4desk.viewmodels.link_owner import owner_of, signed_by
from s4desk.viewmodels.link_text import SignedLink, dots_text, has_dots, link_text
from s4desk.viewmodels.qr_code import code_of
from s4desk.viewmodels.rows import display_name, format_count, object_label
from s4desk.viewmodels.share_form import LinksForm, ShareForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Location, VersionId
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.transfer.selection import Selected
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices
    from s4desk.viewmodels.selection import Selection
    from s4desk.viewmodels.share_form import LinkDraft, ListForm

SETTLED_S = 0.15
"""Somebody who types signs nothing."""


class Sharing:
    """Nothing is asked of the store but where a bucket lies; a link is made here."""

    def __init__(
        self, desk: Desk, tasks: GuiTasks, notices: Notices, clock: Clock, window: QWidget
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notices = notices
        self._clock = clock
        self._window = window
        self._last = Path()

    async def share(
        self, connection: ConnectionId, location: Location, version: VersionId | None = None
    ) -> None:
        """Show a link to an object, or to one version of it, until somebody has had enough."""
        form = ShareForm(version or "")
        name = object_label(location.name)
        dialog = ShareDialog(form, name, dots_text(location.key), self._window)
        view = _View(self, self._tasks, dialog, form, connection, location)
        try:
            await accepted(dialog)
        finally:
            view.close()

    async def export(self, connection: ConnectionId, selection: Selection) -> None:
        """Write a link to each selected object, and to all below the selected folders."""
        form = LinksForm()
        dialog = FormDialog(form, tr("&Choose File…"), self._window)
        if not await is_done(dialog, "", _nothing):
            return
        draft, list_form = form.result()
        name = f"links.{list_form.value}"
        path = await choose_target(tr("Export Links"), str(self._last / name), self._window)
        if path is None:
            return
        self._last = path.parent
        await self._write(connection, selection, draft, list_form, path)

    async def sign(
        self, connection: ConnectionId, locations: Sequence[Location], draft: LinkDraft
    ) -> list[SignedLink]:
        """A link for each of these objects of one bucket."""
        owner = owner_of(self._desk.groups, connection, locations[0].bucket, draft, None)
        keys = [each.key for each in locations]
        return await signed_by(owner, self._desk.stores, keys, draft, self._clock.now())

    async def _write(
        self,
        connection: ConnectionId,
        selection: Selection,
        draft: LinkDraft,
        list_form: ListForm,
        path: Path,
    ) -> None:
        count = dotted = 0
        last: SignedLink | None = None
        store = await self._desk.stores.to_read(connection)
        chosen: list[Selected] = [*selection.folders, *selection.objects]
        async with busy(tr("Export Links"), self._window) as dialog:
            with local_errors(path):
                target = await in_thread(_Target, path)
            try:
                await target.add(head_of(list_form))
                async with aclosing(chunks_of(store, chosen)) as chunks:
                    async for locations in chunks:
                        links = await self.sign(connection, locations, draft)
                        await target.add(await in_thread(lines_of, list_form, locations, links))
                        count += len(links)
                        dotted += sum(has_dots(each.key) for each in locations)
                        last = links[-1]
                        dialog.say(_count_text(count))
                await target.keep()
            finally:
                await in_thread(target.close)
        said = tr("{links} to {file}.").format(
            links=_count_text(count), file=display_name(path.name)
        )
        if last is not None:
            said = f"{said} {link_text(last)}"
        if dotted:
            said = f"{said} {_dots_of(dotted)}"
        self._notices.say(said)


class _View:
    """One dialog: what it asks for is signed when it has not changed for a moment."""

    def __init__(
        self,
        sharing: Sharing,
        tasks: GuiTasks,
        dialog: ShareDialog,
        form: ShareForm,
        connection: ConnectionId,
        location: Location,
    ) -> None:
        self._sharing = sharing
        self._tasks = tasks
        self._dialog = dialog
        self._form = form
        self._connection = connection
        self._location = location
        self._said = ""
        self._signing: asyncio.Task[None] | None = None
        dialog.edited.connect(self._edited)
        dialog.submitted.connect(self._copy)
        dialog.code_asked.connect(self._show_code)
        self._begin(after=0.0)

    def close(self) -> None:
        if self._signing is not None:
            self._signing.cancel()

    def _edited(self) -> None:
        self._dialog.show_link("", "")
        self._begin(after=SETTLED_S)

    def _begin(self, after: float) -> None:
        self.close()
        if not self._form.errors:
            self._signing = self._tasks.start(self._sign(after))

    async def _sign(self, after: float) -> None:
        await asyncio.sleep(after)
        try:
            links = await self._sharing.sign(
                self._connection, [self._location], self._form.result()
            )
        except S4DeskError as error:
            self._dialog.outcome.fail(error)
            return
        self._said = link_text(links[0])
        self._dialog.show_link(links[0].url, self._said)

    def _copy(self) -> None:
        if self._dialog.link:
            QGuiApplication.clipboard().setText(self._dialog.link)
            self._dialog.say_copied(tr("Copied. {said}").format(said=self._said))

    def _show_code(self) -> None:
        code = code_of(self._dialog.link)
        if code is None:
            self._dialog.outcome.fail(tr("The link is too long for a QR code."))
        else:
            self._tasks.start(_shown(QrCodeDialog(code, self._said, self._dialog)))


async def _nothing() -> None:
    """A valid form is all that is needed."""


async def _shown(dialog: QrCodeDialog) -> None:
    await accepted(dialog)


class _Target:
    """A file that is there when all of it is. What it does is done in threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        self._temporary = Path(temporary)
        self._file: BinaryIO = os.fdopen(handle, "wb")

    async def add(self, lines: bytes) -> None:
        with local_errors(self._path):
            await in_thread(self._file.write, lines)

    async def keep(self) -> None:
        """Raises LocalFileError."""
        with local_errors(self._path):
            await in_thread(self._finish)

    def close(self) -> None:
        """What was not kept is gone."""
        self._file.close()
        with suppress(FileNotFoundError):
            self._temporary.unlink()

    def _finish(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self._path)


def _count_text(count: int) -> str:
    said = tr_n("{count} link written", "{count} links written", count)
    return said.format(count=format_count(count))


def _dots_of(count: int) -> str:
    said = tr_n(
        "{count} key has parts that are “.” or “..”: its link does not work in browsers.",
        "{count} keys have parts that are “.” or “..”: their links do not work in browsers.",
        count,
    )
    return said.format(count=format_count(count))
