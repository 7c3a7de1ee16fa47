"""Dragging objects out of the window, to wherever files can be dropped.

Files that are not there cannot be dropped on X11 and Wayland, so they are fetched into a private
folder first. What is small is there before the pointer has left the window; for what is not, the
person drags again when it is ready.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QGuiApplication

from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.planner import plan_downloads
from s4desk.gui.commands.drag_folder import DragFolder
from s4desk.gui.commands.drag_picture import HOT_SPOT, drag_picture
from s4desk.gui.commands.planning import new_batch
from s4desk.gui.commands.transferring import places, selected
from s4desk.gui.dialogs.base import accepted
from s4desk.gui.dialogs.question import QuestionDialog
from s4desk.gui.models.cells import KEYS_MIME
from s4desk.viewmodels.addresses import uri_of
from s4desk.viewmodels.rows import display_name, format_count, format_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.transfer import BatchId, TransferSpec
    from s4desk.core.runtime.clock import Clock
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


class TooMuchError(Exception):
    """More than should be fetched while a person holds a button down."""


@dataclass(slots=True)
class Prepared:
    """Files that lie ready for a drag. `used` is when they were dragged last (monotonic)."""

    subject: object
    folder: Path
    paths: Sequence[Path]
    uris: Sequence[str]
    used: float


class Dragging(QObject):
    """Fetches what is dragged, and runs the drag.

    What was fetched is dragged once: the next drag fetches what the store has then. Only when the
    button was released too early does it wait. The files stay for a quarter of an hour, since
    whoever took them may still be copying, and never longer than the program.
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
        self._under_way: set[object] = set()
        self._batches: set[BatchId] = set()

    def start(self, connection: ConnectionId, selection: Selection) -> None:
        """The person began to drag a selection; the button is down."""
        subject = (
            connection,
            tuple(selection.folders),
            tuple(zip(selection.objects, selection.sizes, strict=True)),
        )
        prepared = self._ready.get(subject)
        if prepared is not None and self._clock.monotonic() - prepared.used < KEPT_S:
            self._drag_soon(prepared)
        elif subject not in self._under_way:
            self._under_way.add(subject)
            self._tasks.start(self._prepare(subject, connection, selection))

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

    async def _prepare(
        self, subject: object, connection: ConnectionId, selection: Selection
    ) -> None:
        try:
            await self._remove_old()
            folder = await in_thread(self._folder.new)
            specs = await self._plan(connection, selection, folder)
            paths = await self._fetch(specs, folder)
        except TooMuchError:
            await self._offer_download(connection, selection)
        else:
            uris = [uri_of(place) for place in places(selection)]
            if paths:
                prepared = Prepared(subject, folder, paths, uris, self._clock.monotonic())
                self._ready[subject] = prepared
                self._offer(prepared)
        finally:
            self._under_way.discard(subject)

    async def _plan(
        self, connection: ConnectionId, selection: Selection, folder: Path
    ) -> list[TransferSpec]:
        store = await self._desk.stores.get(connection)
        specs: list[TransferSpec] = []
        plan = plan_downloads(store, connection, selected(selection), folder, new_batch())
        async for planned in plan:
            specs += [replace(spec, priority=WAITED_FOR) for spec in planned.specs]
            if len(specs) > MOST_OBJECTS or sum(spec.size for spec in specs) > MOST_BYTES:
                raise TooMuchError
        return specs

    async def _fetch(self, specs: Sequence[TransferSpec], folder: Path) -> list[Path]:
        if not specs:
            self._notices.warn(tr("There is nothing in it that could be dragged."))
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
        if _is_button_down():
            self._drag_soon(prepared)
        else:
            self._notices.say(tr("Ready: drag it again."))

    def _drag_soon(self, prepared: Prepared) -> None:
        # A drag is an event loop of its own. Inside a coroutine it would hold up all others, so
        # it runs as a plain callback of Qt.
        QTimer.singleShot(0, self, lambda: self._drag(prepared))

    def _drag(self, prepared: Prepared) -> None:
        self._notices.say("")
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in prepared.paths])
        mime.setData(KEYS_MIME, "\n".join(prepared.uris).encode("utf-8", "surrogateescape"))
        drag = QDrag(self._source)
        drag.setMimeData(mime)
        drag.setPixmap(drag_picture(_named(prepared.paths), self._source))
        drag.setHotSpot(HOT_SPOT)
        action = drag.exec(Qt.DropAction.CopyAction)
        prepared.used = self._clock.monotonic()
        if action is not Qt.DropAction.IgnoreAction:
            self._ready.pop(prepared.subject, None)
            self._used.append(prepared)

    async def _remove_old(self) -> None:
        """Remove what nobody can need any more."""
        limit = self._clock.monotonic() - KEPT_S
        old = [kept for kept in (*self._used, *self._ready.values()) if kept.used < limit]
        self._used = [kept for kept in self._used if kept.used >= limit]
        for kept in old:
            self._ready.pop(kept.subject, None)
            await in_thread(shutil.rmtree, kept.folder, True)


def _named(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return display_name(paths[0].name)
    return tr_n("{count} item", "{count} items", len(paths)).format(count=format_count(len(paths)))


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
