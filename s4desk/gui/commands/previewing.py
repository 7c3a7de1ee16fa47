"""Looking at an object without downloading it: its first bytes, in memory, and no file."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.domain.parts import MIB, Span
from s4desk.core.runtime.answers import listen_to_answers
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.wire.body import GlanceSink
from s4desk.gui.bridge.pdf import first_page
from s4desk.gui.bridge.pictures import read_picture
from s4desk.gui.commands.ranged_reading import read_rows
from s4desk.viewmodels.answer_text import stand_in_text
from s4desk.viewmodels.error_text import describe, details
from s4desk.viewmodels.group_writes import writes_obstacle
from s4desk.viewmodels.parquet_rows import is_parquet
from s4desk.viewmodels.pdf_page import can_draw, is_pdf
from s4desk.viewmodels.preview import (
    IMAGE_MOST,
    TEXT_LIMIT,
    archive_text,
    document_barrier,
    look,
    picture_format,
    size_barrier,
)
from s4desk.viewmodels.rows import format_count, format_size, kind_of, object_label, type_label
from s4desk.viewmodels.version_text import version_name

if TYPE_CHECKING:
    from s4desk.core.desk import Desk
    from s4desk.core.domain.connection import Connection
    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import Location, VersionId
    from s4desk.core.domain.objects import ObjectMeta, ObjectVersion
    from s4desk.core.store.protocol import Store
    from s4desk.gui.bridge.tasks import GuiTasks
    from s4desk.gui.commands.browsing import Browsing
    from s4desk.gui.commands.notices import Notices
    from s4desk.gui.commands.text_editing import TextEditing
    from s4desk.gui.views.objects_pane import ObjectsPane
    from s4desk.gui.views.preview_panel import PreviewPanel
    from s4desk.viewmodels.preview import Preview

SETTLED_S = 0.15
"""Arrows that run along fetch nothing."""
STEP = 8 * MIB
"""So much of a large image is fetched before it is told how far that is."""


class Previewing:
    """One object at a time; what is fetched for it ends when the next one is looked at."""

    def __init__(
        self,
        desk: Desk,
        tasks: GuiTasks,
        notices: Notices,
        browsing: Browsing,
        rows: ObjectsPane,
        panel: PreviewPanel,
        editing: TextEditing,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._browsing = browsing
        self._rows = rows
        self._panel = panel
        self._location: Location | None = None
        self._version: VersionId | None = None
        self._held: tuple[ObjectMeta, bytes] | None = None
        self._running: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._answer: Answer | None = None
        panel.left.connect(self.close)
        panel.stepped.connect(rows.step)
        panel.load_wanted.connect(lambda: self._begin(is_wanted=True))
        panel.encoding_chosen.connect(self._decode_as)
        panel.edit_wanted.connect(self._edit)
        self._editing = editing
        panel.details_wanted.connect(lambda: notices.tell_more(self._failure))

    def toggle(self) -> None:
        """Show the object of the current row, or hide what is shown."""
        if self._panel.isVisible():
            self.close()
        elif self._show():
            self._panel.come_up()

    def show(self, version: ObjectVersion) -> None:
        """Show one version of an object; the next one is that of the row that is selected then."""
        self._location, self._version = version.location, version.version
        name = version.location.name
        self._panel.show_title(kind_of(name), version_name(version), "")
        self._begin()
        self._panel.come_up()

    def follow(self) -> None:
        """The selection is another one: while an object is shown, show that one instead."""
        if self._panel.isHidden():
            return
        entry, place = self._rows.current_object, self._browsing.place
        version = self._rows.current_version
        if entry is not None and (entry, version) != (self._location, self._version):
            self._show(after=SETTLED_S)
        elif entry is None and (place is None or place.prefix is None):
            self.close()

    def fit(self) -> None:
        """Whether what is shown can be edited may be another matter now."""
        connection = self._browsing.connection
        group = None if connection is None else self._desk.groups.status(connection.id)
        self._panel.let_edit(writes_obstacle(group))

    def close(self) -> None:
        self._stop()
        self._location = self._held = None
        if self._panel.isVisible():
            self._panel.hide()
            self._rows.focus_rows()

    def _edit(self) -> None:
        """In place of the preview."""
        connection, location = self._browsing.connection, self._location
        if connection is not None and location is not None:
            encoding = self._panel.encoding
            self.close()
            self._tasks.start(self._editing.edit(connection.id, location, encoding))

    def _show(self, after: float = 0.0) -> bool:
        location = self._rows.current_object
        if location is None:
            return False
        self._location, self._version = location, self._rows.current_version
        self._panel.show_title(kind_of(location.name), object_label(location.name), "")
        self._begin(after=after)
        return True

    def _begin(self, *, after: float = 0.0, is_wanted: bool = False) -> None:
        self._stop()
        self._held = self._answer = None
        connection, location = self._browsing.connection, self._location
        if connection is not None and location is not None:
            self._panel.forget_encoding()
            self._panel.show_sentence(tr("Loading…"))
            work = self._read(connection, location, after, is_wanted=is_wanted)
            self._running = self._tasks.start(work)

    def _decode_as(self, encoding: str) -> None:
        if self._held is not None:
            self._stop()
            self._running = self._tasks.start(self._look(*self._held, encoding))

    async def _read(
        self, connection: Connection, location: Location, after: float, *, is_wanted: bool
    ) -> None:
        await asyncio.sleep(after)
        try:
            store = await self._desk.stores.to_read(connection.id)
            listen_to_answers(self._note_answer)
            meta = await store.head(location, version=self._version)
            await self._fetch(store, meta, is_wanted=is_wanted)
        except S4DeskError as error:
            self._failure = error
            self._panel.show_failure(describe(error), has_details=bool(details(error)))

    async def _fetch(self, store: Store, meta: ObjectMeta, *, is_wanted: bool) -> None:
        name = meta.location.name
        self._panel.show_title(kind_of(name), object_label(name), _details(meta))
        if sentence := archive_text(meta):
            self._panel.show_sentence(sentence)
            return
        if not meta.size:
            self._panel.show_sentence(tr("It is empty."))
            return
        sink = GlanceSink()
        await self._get(store, meta, sink, Span(0, min(meta.size, TEXT_LIMIT)))
        if is_parquet(bytes(sink.data[:32]), meta.size):
            get = partial(self._get, store, meta)
            self._show_preview(await read_rows(meta, bytes(sink.data), get))
            return
        if is_pdf(bytes(sink.data[:32])) and can_draw():
            await self._fetch_document(store, meta, sink, is_wanted=is_wanted)
            return
        format_ = picture_format(bytes(sink.data[:32]))
        if not format_:
            self._held = meta, bytes(sink.data)
            await self._look(*self._held)
            return
        if barrier := size_barrier(meta.size, is_wanted=is_wanted):
            is_offered = meta.size <= IMAGE_MOST
            self._panel.show_sentence(barrier, tr("Load Anyway") if is_offered else "")
            return
        if meta.size > TEXT_LIMIT:
            await self._fetch_rest(store, meta, sink)
        await self._draw(meta, bytes(sink.data), format_)

    async def _fetch_document(
        self, store: Store, meta: ObjectMeta, sink: GlanceSink, *, is_wanted: bool
    ) -> None:
        if barrier := document_barrier(meta.size, is_wanted=is_wanted):
            is_offered = meta.size <= IMAGE_MOST
            self._panel.show_sentence(barrier, tr("Load Anyway") if is_offered else "")
            return
        if meta.size > TEXT_LIMIT:
            await self._fetch_rest(store, meta, sink)
        self._panel.show_sentence(tr("Drawing the first page…"))
        drawn = await first_page(bytes(sink.data))
        if drawn is None:
            self._panel.show_sentence(tr("It is protected or damaged: no page can be drawn."))
            return
        image, pages = drawn
        said = tr_n("The first of {count} page.", "The first of {count} pages.", pages)
        notes = (said.format(count=format_count(pages)),) if pages > 1 else ()
        self._panel.show_image(image, _details(meta), (*self._origin, *notes))

    async def _fetch_rest(self, store: Store, meta: ObjectMeta, sink: GlanceSink) -> None:
        for at in range(TEXT_LIMIT, meta.size, STEP):
            said = tr("Loading… {done} of {size}")
            self._panel.show_sentence(
                said.format(done=format_size(at), size=format_size(meta.size))
            )
            await self._get(store, meta, sink, Span(at, min(STEP, meta.size - at)))

    async def _look(self, meta: ObjectMeta, data: bytes, encoding: str = "") -> None:
        preview = await in_thread(look, meta, data, encoding)
        if self._version is not None:
            preview = replace(preview, can_edit=False)  # what has been is not changed any more
        self._show_preview(preview)

    def _show_preview(self, preview: Preview) -> None:
        self.fit()
        self._panel.show_preview(replace(preview, notes=(*self._origin, *preview.notes)))

    async def _draw(self, meta: ObjectMeta, data: bytes, format_: str) -> None:
        picture = await in_thread(read_picture, data, format_)
        details = tr("{width} × {height} pixels, {details}").format(
            width=picture.size.width(), height=picture.size.height(), details=_details(meta)
        )
        if picture.is_too_large:
            said = tr("This image is too large to be drawn: {width} × {height} pixels.")
            self._panel.show_sentence(
                said.format(width=picture.size.width(), height=picture.size.height())
            )
        elif picture.image.isNull():
            self._panel.show_sentence(tr("This image is damaged, or too large to be drawn."))
        else:
            is_several = picture.frames > 1
            notes = (tr("The first of several pictures is shown."),) if is_several else ()
            self._panel.show_image(picture.image, details, (*self._origin, *notes))

    async def _get(self, store: Store, meta: ObjectMeta, sink: GlanceSink, span: Span) -> None:
        """Only of the object that was asked about: between two requests it may become another.

        By its ETag, unless a version was asked for: to name one takes a right of its own
        (s3:GetObjectVersion).
        """
        if self._version is None:
            await store.get(meta.location, sink, span=span, if_match=meta.etag)
        else:
            await store.get(meta.location, sink, span=span, version=self._version)

    def _note_answer(self, answer: Answer) -> None:
        self._answer = answer.after(self._answer)

    @property
    def _origin(self) -> tuple[str, ...]:
        """Who of a group had it, if that was not the first member."""
        said = stand_in_text(self._answer, self._desk.connections.name_of)
        return (said,) if said else ()

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            self._running = None


def _details(meta: ObjectMeta) -> str:
    return tr("{type}, {size}").format(
        type=type_label(meta.location.name), size=format_size(meta.size)
    )
