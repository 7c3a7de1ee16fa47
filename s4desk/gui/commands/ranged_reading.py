"""Letting a library read pieces of an object, as if it were a file."""

from __future__ import annotations

import asyncio
import concurrent.futures
from contextlib import suppress
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.parts import Span
from s4desk.core.runtime.threads import settled
from s4desk.core.wire.body import GlanceSink
from s4desk.viewmodels.parquet_rows import RangedFile, parquet_preview

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from s4desk.core.domain.objects import ObjectMeta
    from s4desk.viewmodels.preview import Preview

    Get = Callable[[GlanceSink, Span], Awaitable[None]]


class _PieceSink(GlanceSink):
    """Holds a piece of an object, and nothing of what is before it."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self._start = start

    def write(self, view: memoryview, offset: int) -> None:
        super().write(view, offset - self._start)


async def read_rows(meta: ObjectMeta, head: bytes, get: Get) -> Preview:
    """What a Parquet object looks like; `head` are its first bytes, `get` fetches others.

    The library reads in a thread, which waits for the loop at each piece; cancelled, it gets no
    more. Raises what `get` raises.
    """
    loop = asyncio.get_running_loop()
    waiting: list[concurrent.futures.Future[bytes]] = []
    is_over = False

    async def piece(offset: int, size: int) -> bytes:
        sink = _PieceSink(offset)
        await get(sink, Span(offset, size))
        return bytes(sink.data)

    def fetch(offset: int, size: int) -> bytes:
        if is_over:
            raise UnavailableError("nobody waits for it any more", operation="get")
        future = asyncio.run_coroutine_threadsafe(piece(offset, size), loop)
        waiting[:] = [future]
        try:
            return future.result()
        except concurrent.futures.CancelledError as error:
            raise UnavailableError("it was stopped", operation="get") from error

    work = loop.run_in_executor(None, parquet_preview, RangedFile(meta.size, fetch, head), head)
    try:
        await asyncio.wait([work])
    finally:
        is_over = True
        for future in waiting:
            future.cancel()
        # The thread has let go of the object when this has ended.
        with suppress(UnavailableError):
            await settled(work)
    return work.result()
