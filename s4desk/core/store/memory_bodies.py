"""Bytes into the store in memory and out of it, in pieces, as a network would carry them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s4desk.core.domain.parts import Span
    from s4desk.core.store.protocol import Moved
    from s4desk.core.wire.body import Body, Sink, Slice

CHUNK = 1024**2


async def write_body(data: bytes, span: Span, sink: Sink, moved: Moved | None) -> None:
    """Write a run of `data` where it belongs, with turns of the loop in between."""
    view = memoryview(data)
    for offset in range(span.offset, span.end, CHUNK):
        chunk = view[offset : min(offset + CHUNK, span.end)]
        sink.write(chunk, offset)
        if moved:
            moved(len(chunk))
        await asyncio.sleep(0)


async def read_body(body: Body, moved: Moved | None) -> bytes:
    """All of a body, with turns of the loop in between."""
    if isinstance(body, bytes):
        if moved:
            moved(len(body))
        return body
    return await _read_slice(body, moved)


async def _read_slice(body: Slice, moved: Moved | None) -> bytes:
    data = bytearray(body.span.size)
    view = memoryview(data)
    for start in range(0, len(data), CHUNK):
        chunk = view[start : start + CHUNK]
        body.source.read_into(chunk, body.span.offset + start)
        if moved:
            moved(len(chunk))
        await asyncio.sleep(0)
    return bytes(data)
