"""Pictures in the grid: read for what is on the screen, a few at a time, and kept while there is
room."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QImage, QPixmap

from s4desk.core.domain.errors import NotFoundError, PreconditionFailedError, S4DeskError
from s4desk.core.runtime.threads import in_thread
from s4desk.core.wire.body import GlanceSink
from s4desk.gui.bridge.pictures import read_embedded, read_thumbnail
from s4desk.gui.models.picture_shelf import PictureKey, PictureShelf
from s4desk.gui.views.picture_delegate import SIDE
from s4desk.viewmodels.embedded_picture import embedded_picture
from s4desk.viewmodels.preview import picture_format
from s4desk.viewmodels.thumbnail import DRAWN_FORMATS, HEADER, ThumbnailRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.core.domain.parts import Span
    from s4desk.core.runtime.clock import Clock
    from s4desk.core.store.protocol import Store
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.views.object_grid_view import ObjectGridView

AT_ONCE: Final = 4
"""Fewer than the slots of glances: a preview never waits for thumbnails."""
DECODED_AT_ONCE: Final = 2
PATIENCE: Final = 3
"""After so many refusals in a row nothing is read for a while."""
REST_S: Final = 30.0


class Thumbnailing:
    """What leaves the screen is read no further; a store that refuses is left alone for a while.

    Nobody is told of failures: the object keeps its icon, and the preview says why.
    """

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        clock: Clock,
        browsing: Browsing,
        grid: ObjectGridView,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._clock = clock
        self._browsing = browsing
        self._grid = grid
        self._shelf = PictureShelf()
        self._running: dict[PictureKey, asyncio.Task[None]] = {}
        self._waiting: dict[PictureKey, tuple[Connection, ObjectMeta, int]] = {}
        self._decoding = asyncio.Semaphore(DECODED_AT_ONCE)
        self._refusals = 0
        self._rests_until = 0.0
        grid.let_picture(self.picture)
        grid.looked_at.connect(self.look)

    def picture(self, meta: ObjectMeta) -> QPixmap | None:
        """The picture of an object of the connection that is shown, if it is here."""
        connection = self._browsing.connection
        if connection is None or not self._desk.settings.current.thumbnails:
            return None
        return self._shelf.get(_key(connection, meta))

    def look(self, metas: Sequence[ObjectMeta], side: int) -> None:
        """These objects are on the screen now, and no others; a picture has `side` pixels."""
        connection, rule = self._browsing.connection, self._rule
        wanted: dict[PictureKey, tuple[Connection, ObjectMeta, int]] = {}
        if connection is not None:
            for meta in metas:
                key = _key(connection, meta)
                if rule.allows(meta) and key not in self._shelf:
                    wanted[key] = connection, meta, side
        for key, task in self._running.items():
            if key not in wanted:
                task.cancel()
        self._waiting = wanted
        self._go_on()

    @property
    def is_busy(self) -> bool:
        """Whether something is read, or is going to be."""
        return bool(self._running)

    def settings_changed(self) -> None:
        """They may allow more now, or less."""
        self._grid.viewport().update()
        self._grid.look_again()

    def try_again(self) -> None:
        """Whoever did not give a picture may do so now."""
        self._shelf.forget_missing()
        self._refusals, self._rests_until = 0, 0.0
        self._grid.look_again()

    def close(self) -> None:
        """Begin nothing more."""
        self._waiting.clear()
        self._grid.looked_at.disconnect(self.look)

    @property
    def _rule(self) -> ThumbnailRule:
        now = self._desk.settings.current
        return ThumbnailRule(now.thumbnails, now.thumbnail_size, now.thumbnail_fees)

    def _go_on(self) -> None:
        if self._clock.monotonic() < self._rests_until:
            return
        # Who is being cancelled still holds its place, and may be wanted again.
        startable = [key for key in self._waiting if key not in self._running]
        for key in startable[: AT_ONCE - len(self._running)]:
            task = self._tasks.start(self._show(key, *self._waiting.pop(key)))
            self._running[key] = task
            task.add_done_callback(partial(self._ended, key))

    def _ended(self, key: PictureKey, _task: object) -> None:
        del self._running[key]
        self._go_on()

    async def _show(
        self, key: PictureKey, connection: Connection, meta: ObjectMeta, side: int
    ) -> None:
        try:
            store = await self._desk.stores.to_read(connection.id)
            image = await self._image(store, meta, side)
            self._shelf.put(key, _pixmap(image, side) if not image.isNull() else None)
            self._refusals = 0
            self._grid.show_picture(meta.location)
        except (NotFoundError, PreconditionFailedError):
            self._shelf.put(key, None)
        except S4DeskError:
            self._refused()

    def _refused(self) -> None:
        self._refusals += 1
        if self._refusals >= PATIENCE:
            self._refusals = 0
            self._rests_until = self._clock.monotonic() + REST_S
            self._waiting.clear()

    async def _image(self, store: Store, meta: ObjectMeta, side: int) -> QImage:
        """Null where there is none to show."""
        rule, sink = self._rule, GlanceSink()
        await _read(store, meta, sink, rule.first_span(meta))
        format_ = picture_format(bytes(sink.data[:HEADER]))
        if format_ not in DRAWN_FORMATS:
            return QImage()
        if len(sink.data) < meta.size:
            embedded = embedded_picture(bytes(sink.data))
            if embedded is not None:
                async with self._decoding:
                    image = await in_thread(read_embedded, embedded, side)
                if not image.isNull():
                    return image
            rest = rule.rest(meta, len(sink.data))
            if rest is None:
                return QImage()
            await _read(store, meta, sink, rest)
        async with self._decoding:
            return await in_thread(read_thumbnail, bytes(sink.data), format_, side)


async def _read(store: Store, meta: ObjectMeta, sink: GlanceSink, span: Span) -> None:
    """Only of the object that was listed."""
    await store.get(meta.location, sink, span=span, if_match=meta.etag, version=meta.version)


def _key(connection: Connection, meta: ObjectMeta) -> PictureKey:
    return PictureKey(connection.id, meta.location, meta.etag, meta.size)


def _pixmap(image: QImage, side: int) -> QPixmap:
    """It is as large on every screen: pixels of the device are more on some."""
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(max(side / SIDE, 1.0))
    return pixmap
