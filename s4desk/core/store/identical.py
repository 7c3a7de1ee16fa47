"""Whether an object that is there is the one that was sent."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Final

from s4desk.core.wire.checksums import ALGORITHMS, MD5, running_sum

if TYPE_CHECKING:
    from s4desk.core.domain.objects import Attributes, ObjectMeta
    from s4desk.core.wire.body import Body
    from s4desk.core.wire.checksums import RunningSum

CHUNK: Final = 1024**2


async def proof_of(there: ObjectMeta, body: Body, attributes: Attributes) -> str:
    """The algorithm that proves `there` to have the bytes of `body`, nothing without a proof.

    It has to have the user metadata of `attributes` too. The proof is the checksum the store keeps,
    or an ETag that is the MD5 of the bytes; where there is neither (SSE-KMS on an old store) there
    is none. Reads the body again, in a thread.
    """
    if there.size != len(body) or dict(there.attributes.metadata) != dict(attributes.metadata):
        return ""
    kept = there.checksum
    if kept is not None and kept.is_full and kept.algorithm in ALGORITHMS:
        is_same = kept.value == (await _sum(body, kept.algorithm)).value
        return kept.algorithm if is_same else ""
    return MD5 if there.etag == (await _sum(body, MD5)).digest.hex() else ""


async def _sum(body: Body, algorithm: str) -> RunningSum:
    stop = threading.Event()
    reading = asyncio.get_running_loop().run_in_executor(None, _read, body, algorithm, stop)
    try:
        return await asyncio.shield(reading)
    finally:
        # Nobody may read the source any more when a cancelled call has ended.
        stop.set()
        await asyncio.wait([reading])


def _read(body: Body, algorithm: str, stop: threading.Event) -> RunningSum:
    total = running_sum(algorithm)
    if isinstance(body, bytes):
        total.update(memoryview(body))
        return total
    buffer = memoryview(bytearray(min(CHUNK, max(len(body), 1))))
    offset = body.span.offset
    while offset < body.span.end and not stop.is_set():
        view = buffer[: min(len(buffer), body.span.end - offset)]
        body.source.read_into(view, offset)
        total.update(view)
        offset += len(view)
    return total
