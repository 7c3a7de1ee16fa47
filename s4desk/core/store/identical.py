"""Whether an object that is there is the one that was sent."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from s4desk.core.domain.objects import Attributes, ObjectMeta
    from s4desk.core.wire.body import Body

CHUNK: Final = 1024**2


async def holds(there: ObjectMeta, body: Body, attributes: Attributes) -> bool:
    """Whether `there` has the bytes of `body` and the user metadata of `attributes`.

    The proof is an ETag that is the MD5 of the bytes; where the ETag is something else (SSE-KMS,
    multipart) the answer is no. Reads the body again, in a thread.
    """
    if there.size != len(body) or dict(there.attributes.metadata) != dict(attributes.metadata):
        return False
    return there.etag == await _md5(body)


async def _md5(body: Body) -> str:
    stop = threading.Event()
    reading = asyncio.get_running_loop().run_in_executor(None, _digest, body, stop)
    try:
        return await asyncio.shield(reading)
    finally:
        # Nobody may read the source any more when a cancelled call has ended.
        stop.set()
        await asyncio.wait([reading])


def _digest(body: Body, stop: threading.Event) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    if isinstance(body, bytes):
        digest.update(body)
        return digest.hexdigest()
    buffer = memoryview(bytearray(min(CHUNK, max(len(body), 1))))
    offset = body.span.offset
    while offset < body.span.end and not stop.is_set():
        view = buffer[: min(len(buffer), body.span.end - offset)]
        body.source.read_into(view, offset)
        digest.update(view)
        offset += len(view)
    return digest.hexdigest()
