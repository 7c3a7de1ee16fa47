"""A report that lies in a bucket comes to a folder first: reading it takes more than one look."""

from __future__ import annotations

import base64
import shutil
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.errors import NoRoomError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.parts import Span
from s4desk.core.lifecycle.inventory_files import (
    MANIFEST_MAX,
    Part,
    another_file,
    is_manifest,
)
from s4desk.core.lifecycle.inventory_manifest import InventoryError, InventoryFile, read_manifest
from s4desk.core.runtime.i18n import tr
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.runtime.threads import in_thread
from s4desk.core.wire.body import BytesSink, FileSink

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.store.protocol import Moved, ObjectStore

AT_ONCE: Final = 4
_MD5: Final = "md5"


async def fetched(
    store: ObjectStore, location: Location, folder: Path, moved: Moved | None = None
) -> list[Part]:
    """The files of a report, or one file of it, in `folder`. `location` is that of its manifest or
    of the file.

    What a manifest tells the sum of is compared with it. Raises StoreError, LocalFileError,
    InventoryError.
    """
    meta = await store.head(location)
    if meta.size <= MANIFEST_MAX and is_manifest(await _start(store, location, meta.size)):
        sink = BytesSink()
        await store.get(location, sink, if_match=meta.etag, moved=moved)
        manifest = read_manifest(bytes(sink.data), str(location))
        files = manifest.files
    else:
        manifest, files = None, (InventoryFile(location.key, meta.size),)
    await _check_room(folder, sum(each.size or 0 for each in files))
    parts = [
        Part(folder / f"{at:06}{_ending(each.key)}", each, manifest, is_checked=bool(each.md5))
        for at, each in enumerate(files)
    ]
    await run_bounded((_fetch(store, location, part, moved) for part in parts), AT_ONCE)
    return parts


async def _start(store: ObjectStore, location: Location, size: int) -> bytes:
    sink = BytesSink()
    if size:
        await store.get(location, sink, span=Span(0, min(size, 8)))
    return bytes(sink.data)


def _ending(key: str) -> str:
    """So that a message can be traced back: the last of a key, where any file may be called so."""
    name = key.rsplit("/", 1)[-1][-80:]
    is_plain = name.isascii() and all(each.isalnum() or each in "-_." for each in name)
    return f"-{name}" if is_plain else ""


async def _check_room(folder: Path, needed: int) -> None:
    free = (await in_thread(shutil.disk_usage, folder)).free
    if needed > free:
        raise NoRoomError(folder, needed, free)


async def _fetch(store: ObjectStore, beside: Location, part: Part, moved: Moved | None) -> None:
    file = part.expected
    if file is None:
        return
    location = Location(beside.bucket, file.key)
    sink = await in_thread(FileSink, part.path)
    try:
        reply = await store.get(location, sink, algorithm=_MD5, moved=moved)
        size = sink.size()
    finally:
        sink.close()
    if file.md5 and reply.received is not None:
        if base64.b64decode(reply.received.value).hex() != file.md5:
            raise another_file(str(location))
    elif file.size not in (None, size):
        raise InventoryError(
            tr("{file} has another size than its manifest says. Fetch it again.").format(
                file=location
            )
        )
