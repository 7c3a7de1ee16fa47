"""Editing a small text where it lies, without losing what anybody else writes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from shiboken6 import isValid

from s4desk.core.domain.capability import Capability
from s4desk.core.domain.errors import (
    LostUpdateError,
    NotFoundError,
    S4DeskError,
    ValidationError,
)
from s4desk.core.runtime.events import ObjectsChanged
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.content_editing import read_content, save_content
from s4desk.core.transfer.moving import refuse_locked
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.dialogs.text_editor import Choice, LostUpdateDialog, TextEditorDialog
from s4desk.viewmodels.preview import archive_text
from s4desk.viewmodels.rows import format_time, object_label
from s4desk.viewmodels.text_editing import differences, opened, size_refusal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId, Location
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.content_editing import Content, Saved
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.viewmodels.text_editing import EditableText


class TextEditing:
    """One text at a time, in a dialog over the window."""

    def __init__(self, desk: Desk, tasks: GuiTasks, clock: Clock, window: QWidget) -> None:
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._window = window

    async def edit(self, connection: ConnectionId, location: Location, encoding: str = "") -> None:
        """Fetch an object and let its text be edited. `encoding` is what a person chose.

        Raises ValidationError for what is no text, too large, or in an archive, and LockedError.
        """
        store = await self._desk.stores.get(connection)
        content = await _read(store, location)
        refuse_locked(content.meta, self._clock.now(), "put")
        text = await in_thread(opened, content.data, encoding)
        dialog = TextEditorDialog(object_label(location.name), self._window)
        dialog.show_text(text.text, text.facts)
        if dialog.text != text.text:
            # A text field that changes what it shows must not write it back.
            dialog.deleteLater()
            raise ValidationError(tr("It has characters that cannot be edited here."))
        report = self._desk.stores.report(connection)
        if report is not None and Capability.PUT_IF_MATCH in report.lacks:
            dialog.warning.say(_unguarded_text())
        _View(self._desk, self._tasks, self._clock, dialog, connection, store, content, text)
        ended = asyncio.Event()
        dialog.finished.connect(lambda _: ended.set())
        dialog.open()
        try:
            await ended.wait()
        finally:
            # Not `close`: that would ask about what is not saved. It may have gone with the window.
            if isValid(dialog):
                dialog.leave()
                dialog.deleteLater()


class _View:
    """One text, from its opening to its end. `_content` is what was seen of the object last."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        clock: Clock,
        dialog: TextEditorDialog,
        connection: ConnectionId,
        store: Store,
        content: Content,
        text: EditableText,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._dialog = dialog
        self._connection = connection
        self._store = store
        self._content = content
        self._text = text
        dialog.save_asked.connect(lambda: tasks.start(self._save()))
        dialog.leave_asked.connect(lambda: tasks.start(self._leave()))

    async def _save(self) -> None:
        dialog, mine = self._dialog, self._dialog.text
        dialog.set_busy(True)
        try:
            if not await self._is_saved(mine):
                await self._settle(mine)
        except S4DeskError as error:
            dialog.outcome.fail(error)
        finally:
            if isValid(dialog):  # else it has gone with the window
                dialog.set_busy(False)

    async def _is_saved(self, mine: str) -> bool:
        """False, with nothing written, when somebody else was quicker."""
        body = await in_thread(self._text.encoded, mine)
        try:
            now = self._clock.now()
            self._keep(await save_content(self._store, self._content, body, now))
        except LostUpdateError:
            return False
        return True

    def _keep(self, saved: Saved) -> None:
        self._content = saved.content
        self._text = opened(saved.content.data, self._text.encoding)
        self._dialog.say_saved(_saved_text(saved))
        location = saved.content.meta.location
        self._desk.events.publish(ObjectsChanged(self._connection, location.parent))

    async def _settle(self, mine: str) -> None:
        """Show both versions, and go on from what is chosen; nothing is written."""
        try:
            theirs: Content | None = await _read(self._store, self._content.meta.location)
        except NotFoundError:
            theirs = None
        if theirs is not None and theirs.data == self._text.encoded(mine):
            # Our own write, whose answer was lost; or somebody with the same idea.
            self._content = theirs
            self._dialog.say_saved(tr("It is there already, as you have written it."))
            return
        text = None if theirs is None else await in_thread(_their_text, theirs, self._text)
        lines = None if text is None else await in_thread(differences, text.text, mine)
        about = _about(theirs, is_text=text is not None)
        dialog = LostUpdateDialog(
            None if text is None else text.text, mine, lines, about, self._dialog
        )
        await accepted(dialog)
        self._go_on(dialog.choice, theirs, text)

    def _go_on(self, choice: Choice, theirs: Content | None, text: EditableText | None) -> None:
        self._dialog.outcome.say(tr("Nothing was saved: somebody else was quicker."))
        if choice is Choice.BACK:
            return
        if theirs is None:
            self._content = replace(self._content, is_gone=True)
        else:
            self._content = theirs
        if choice is Choice.THEIRS and text is not None:
            self._text = text
            self._dialog.show_text(text.text, text.facts)
            self._dialog.outcome.say(tr("This is their version."))
        else:
            self._dialog.mark_unsaved()
            self._dialog.outcome.say(tr("Your version: not saved yet."))

    async def _leave(self) -> None:
        question = QuestionDialog(
            tr("Close"),
            tr("What you have changed is not saved."),
            tr("If you close it now, that is lost."),
            tr("&Discard Changes"),
            self._dialog,
            decline_text=tr("Go On &Editing"),
        )
        if await accepted(question):
            self._dialog.leave()


async def _read(store: Store, location: Location) -> Content:
    meta = await store.head(location)
    if refusal := archive_text(meta) or size_refusal(meta.size):
        raise ValidationError(refusal)
    return await read_content(store, meta)


def _their_text(theirs: Content, mine: EditableText) -> EditableText | None:
    """In the same encoding, if it can be; else in the one it is in. None for what is no text."""
    for encoding in (mine.encoding, ""):
        with suppress(ValidationError):
            return opened(theirs.data, encoding)
    return None


def _about(theirs: Content | None, *, is_text: bool) -> str:
    """What has happened, and what comes of going on."""
    if theirs is None:
        return tr(
            "Since you opened it, the object was deleted. Go on with yours, and the next Save makes"
            " it again."
        )
    modified = theirs.meta.modified
    said = tr("Since you opened it, somebody else has written the object.")
    if modified is not None:
        said = tr("Since you opened it, somebody else has written the object, at {time}.")
        said = said.format(time=format_time(modified.timestamp()))
    parts = [said]
    if not is_text:
        parts.append(tr("What is there now is no text that can be shown here."))
    parts.append(
        tr("Go on with yours, and the next Save replaces theirs, if that has not changed again.")
    )
    if is_text:
        parts.append(tr("Take theirs, and yours is given up."))
    return " ".join(parts)


def _unguarded_text() -> str:
    return tr(
        "This store cannot refuse a write over somebody else's. s4desk looks right before it"
        " writes, and what comes in the moment between is lost."
    )


def _saved_text(saved: Saved) -> str:
    parts = [tr("Saved.")]
    if not saved.is_guarded:
        parts.append(_unguarded_text())
    if saved.not_kept:
        parts.append(tr("The store did not keep: {what}.").format(what=", ".join(saved.not_kept)))
    return " ".join(parts)
