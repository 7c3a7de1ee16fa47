"""Dragging objects inside the window, and out of it to wherever files can be dropped.

A drag begins at once. Files that are not there cannot be dropped on X11 and Wayland, so they are
fetched into a private folder as soon as the pointer leaves the window. What is small is there
before the button is released; for what is not, the person drags again when it is ready.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QDrag, QGuiApplication, QWindow

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.content import content_of
from s4desk.core.transfer.planner import plan_downloads
from s4desk.gui.commands.drag_folder import DragFolder
from s4desk.gui.commands.drag_picture import HOT_SPOT, drag_picture
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.commands.transferring import selected
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.models.clip_mime import ClipMime
from s4desk.viewmodels.clip import Clip
from s4desk.viewmodels.rows import display_name, format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import BatchId, TransferSpec
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.transfer.content import Content
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.queueing import QueueFeed
    from s4desk.gui.commands.transferring import Transferring
    from s4desk.viewmodels.selection import Selection

MOST_BYTES = 2 * 1024**3
MOST_OBJECTS = 10_000
KEPT_S = 15 * 60.0
WAITED_FOR = 10
"""The priority of what a person stands and waits for."""
FOLDER = "drag"
LOOK_EVERY_S = 0.1
SURE_MS = 60
"""A drag that ends leaves the window too, a moment before."""


class TooMuchError(Exception):
    """More than should be fetched while a person holds a button down."""


@dataclass(slots=True)
class Prepared:
    """Files that lie ready for a drag. `used` is when they were dragged last (monotonic);
    `content` is what was fetched."""

    subject: object
    folder: Path
    paths: Sequence[Path]
    used: float
    content: Content

    @property
    def name(self) -> str:
        """What a person would call them."""
        if len(self.paths) == 1:
            return display_name(self.paths[0].name)
        count = len(self.paths)
        return tr_n("{count} item", "{count} items", count).format(count=format_count(count))


class Dragging(QObject):
    """Fetches what is dragged, and runs the drag.

    What was fetched is dragged once: the next drag fetches what the store has then. Only when the
    button was released too early does it wait, and is looked at again before it is handed over. The
    files stay for a quarter of an hour, since whoever took them may still be copying, and never
    longer than the program.
    """

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        feed: QueueFeed,
        notices: Notices,
        transferring: Transferring,
        clock: Clock,
        source: QWidget,
    ) -> None:
        super().__init__(source)
        self._desk = desk
        self._tasks = tasks
        self._feed = feed
        self._notices = notices
        self._transferring = transferring
        self._clock = clock
        self._source = source
        self._folder = DragFolder(desk.folders.cache / FOLDER)
        self._ready: dict[object, Prepared] = {}
        self._used: list[Prepared] = []
        self._under_way: dict[object, asyncio.Task[None]] = {}
        self._batches: set[BatchId] = set()
        self._held: ClipMime | None = None
        self._is_outside = False

    def start(self, connection: ConnectionId, selection: Selection) -> None:
        """The person began to drag a selection; the button is down."""
        clip = Clip(connection, selection)
        # A drag is an event loop of its own. Inside a coroutine it would hold up all others, so
        # it runs as a plain callback of Qt.
        QTimer.singleShot(0, self, lambda: self._drag(clip))

    def is_ours(self, batch: BatchId) -> bool:
        """Whether a batch was fetched for a drag."""
        return batch in self._batches

    async def remove_left_behind(self) -> None:
        """Remove what a program that crashed had fetched."""
        await in_thread(self._folder.remove_left_behind)

    def give_up_former(self) -> None:
        """Cancel what a former life still wanted to fetch for a drag that nobody holds any more."""
        former = [
            transfer.id
            for transfer in self._desk.queue.transfers()
            if isinstance(transfer.spec.target, Path)
            and self._folder.holds(transfer.spec.target)
            and not transfer.state.is_final
        ]
        self._desk.queue.cancel(former)

    async def remove_all(self) -> None:
        """Remove everything that was fetched; to be called when the window goes."""
        self._ready.clear()
        self._used.clear()
        await in_thread(self._folder.remove)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The pointer may have left the window: that is certain when the drag still goes on.

        A button that is released out there before there are files ends the drag: who would be
        given an empty list takes it for a drop that worked.
        """
        held, kind = self._held, event.type()
        if held is None or not isinstance(watched, QWindow):
            return False
        if kind is QEvent.Type.DragLeave:
            self._is_outside = True
            QTimer.singleShot(SURE_MS, self, lambda: self._left(held))
        elif kind is QEvent.Type.DragEnter:
            self._is_outside = False
        elif kind is QEvent.Type.MouseButtonRelease and self._is_outside and not held.has_files:
            QDrag.cancel()
        return False

    def _drag(self, clip: Clip) -> None:
        if not _is_button_down():
            return
        self._notices.say("")
        mime = self._held = ClipMime(clip)
        try:
            action, is_inside = self._run(mime)
        finally:
            self._held = None
        subject = _subject(clip)
        if is_inside:
            # Whatever was fetched on the way is not wanted.
            if (fetching := self._under_way.get(subject)) is not None:
                fetching.cancel()
        elif (prepared := self._ready.get(subject)) is not None:
            prepared.used = self._clock.monotonic()
            # On X11 whoever accepted asks for the files later: they must stay, for that one.
            if mime.has_files and action is not Qt.DropAction.IgnoreAction:
                self._used.append(self._ready.pop(subject))

    def _run(self, mime: ClipMime) -> tuple[Qt.DropAction, bool]:
        """What became of the drag, and whether it ended in this program."""
        drag = QDrag(self._source)
        drag.setMimeData(mime)
        drag.setPixmap(drag_picture(_named(mime.clip), self._source))
        drag.setHotSpot(HOT_SPOT)
        application = cast(QCoreApplication, QCoreApplication.instance())
        self._is_outside = False
        # The drag puts a filter of its own before all others when it begins: ours comes after it.
        QTimer.singleShot(0, drag, lambda: application.installEventFilter(self))
        both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        try:
            action = drag.exec(both, Qt.DropAction.CopyAction)
        finally:
            application.removeEventFilter(self)
        return action, drag.target() is not None

    def _left(self, held: ClipMime) -> None:
        """The pointer is outside: see that there are files for whoever is there."""
        if held is not self._held or not self._is_outside:
            return
        subject = _subject(held.clip)
        if subject not in self._under_way:
            work = self._hand_over(subject, held.clip.connection, held.clip.selection)
            self._under_way[subject] = self._tasks.start(work)

    async def _hand_over(
        self, subject: object, connection: ConnectionId, selection: Selection
    ) -> None:
        """Offer what lies ready if it is what the store has now, else fetch that."""
        prepared = self._ready.get(subject)
        try:
            if prepared is not None and self._clock.monotonic() - prepared.used < KEPT_S:
                store = await self._desk.stores.to_read(connection)
                if await content_of(store, selected(selection)) == prepared.content:
                    self._offer(prepared)
                    return
            await self._prepare(subject, connection, selection)
        finally:
            self._under_way.pop(subject, None)

    async def _prepare(
        self, subject: object, connection: ConnectionId, selection: Selection
    ) -> None:
        try:
            await self._remove_old()
            folder = await in_thread(self._folder.new)
            specs = await self._plan(connection, selection, folder)
            store = await self._desk.stores.to_read(connection)
            content = await content_of(store, selected(selection)) if specs else {}
            paths = await self._fetch(specs, folder)
        except TooMuchError:
            await self._offer_download(connection, selection)
        else:
            if paths:
                if (former := self._ready.pop(subject, None)) is not None:
                    await in_thread(shutil.rmtree, former.folder, True)
                prepared = Prepared(subject, folder, paths, self._clock.monotonic(), content)
                self._ready[subject] = prepared
                self._offer(prepared)

    async def _plan(
        self, connection: ConnectionId, selection: Selection, folder: Path
    ) -> list[TransferSpec]:
        store = await self._desk.stores.to_read(connection)
        specs: list[TransferSpec] = []
        plan = plan_downloads(store, connection, selected(selection), folder, new_batch())
        async for planned in plan:
            specs += [replace(spec, priority=WAITED_FOR) for spec in planned.specs]
            if len(specs) > MOST_OBJECTS or sum(spec.size for spec in specs) > MOST_BYTES:
                raise TooMuchError
        return specs

    async def _fetch(self, specs: Sequence[TransferSpec], folder: Path) -> list[Path]:
        if not specs:
            self._notices.refuse(tr("There is nothing in it that could be dragged."))
            return []
        self._notices.say(_preparing(specs))
        batch = specs[0].batch
        self._batches.add(batch)
        ids = await self._desk.queue.submit(specs)
        self._feed.wake()
        try:
            event = await self._desk.queue.wait(batch)
        finally:
            self._desk.queue.cancel(ids)
        if event.failed or event.cancelled:
            self._notices.warn(tr("Not everything could be fetched, so nothing was dragged."))
            return []
        return await in_thread(lambda: sorted(folder.iterdir()))

    async def _offer_download(self, connection: ConnectionId, selection: Selection) -> None:
        """For what is too much to drag; asked when the button is up, or it would get the click."""
        while _is_button_down():  # noqa: ASYNC110 - Qt tells of a release only the widget it is on
            await asyncio.sleep(LOOK_EVERY_S)
        dialog = QuestionDialog(
            tr("Drag"),
            tr("This is too much to drag."),
            tr(
                "What is dragged is fetched first, {size} or {count} objects at most. It can be"
                " downloaded to a folder instead."
            ).format(size=format_size(MOST_BYTES), count=format_count(MOST_OBJECTS)),
            tr("Download to Folder…"),
            self._source.window(),
        )
        if await accepted(dialog):
            await self._transferring.download(connection, selection)

    def _offer(self, prepared: Prepared) -> None:
        held = self._held
        if held is not None and _subject(held.clip) == prepared.subject:
            held.offer(prepared.paths)
        else:
            ready = tr("Ready: drag {name} again.").format(name=prepared.name)
            self._notices.say(ready, stays=True)

    async def _remove_old(self) -> None:
        """Remove what nobody can need any more."""
        limit = self._clock.monotonic() - KEPT_S
        old = [kept for kept in (*self._used, *self._ready.values()) if kept.used < limit]
        self._used = [kept for kept in self._used if kept.used >= limit]
        for kept in old:
            self._ready.pop(kept.subject, None)
            await in_thread(shutil.rmtree, kept.folder, True)


def _subject(clip: Clip) -> object:
    """What is dragged, as it was listed."""
    chosen = clip.selection
    objects = tuple(zip(chosen.objects, chosen.sizes, strict=True))
    return (clip.connection, tuple(chosen.folders), objects)


def _named(clip: Clip) -> str:
    only, count = clip.selection.only, len(clip)
    if only is not None:
        return display_name(only.name.removesuffix("/"))
    return tr_n("{count} item", "{count} items", count).format(count=format_count(count))


def _is_button_down() -> bool:
    return bool(QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton)


def _preparing(specs: Sequence[TransferSpec]) -> str:
    sentence = tr_n(
        "Fetching {count} file ({size}) for dragging…",
        "Fetching {count} files ({size}) for dragging…",
        len(specs),
    )
    size = format_size(sum(spec.size for spec in specs))
    return sentence.format(count=format_count(len(specs)), size=size)
