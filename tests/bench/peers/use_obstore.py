"""obstore, as `clients` asks of it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import obstore
from obstore.store import S3Store

url, ca, deed, place, local = sys.argv[1:]
store = S3Store(
    "b",
    endpoint=url,
    region="us-east-1",
    virtual_hosted_style_request=False,
    client_options={"allow_http": True, "allow_invalid_certificates": bool(ca)},
)
PART = 16 * 1024**2


async def get() -> None:
    """Ranges, eight at a time: what it does by itself is one stream."""
    size = (await obstore.head_async(store, place))["size"]
    slots = asyncio.Semaphore(8)
    with Path(local).open("wb") as out:  # noqa: ASYNC230 - once, before anything runs

        async def fetch(start: int) -> None:
            async with slots:
                end = min(start + PART, size)
                data = await obstore.get_range_async(store, place, start=start, end=end)
                await asyncio.to_thread(os.pwrite, out.fileno(), memoryview(data), start)

        await asyncio.gather(*(fetch(start) for start in range(0, size, PART)))


async def put_many() -> None:
    slots = asyncio.Semaphore(32)

    async def put(file: Path) -> None:
        async with slots:
            await obstore.put_async(store, place + file.name, file.read_bytes())

    await asyncio.gather(*(put(file) for file in Path(local).iterdir()))


def keys() -> list[str]:
    return [row["path"] for batch in obstore.list(store, place, chunk_size=1000) for row in batch]


async def get_many() -> None:
    slots = asyncio.Semaphore(32)

    async def fetch(key: str) -> None:
        async with slots:
            reply = await obstore.get_async(store, key)
            (Path(local) / Path(key).name).write_bytes(await reply.bytes_async())

    await asyncio.gather(*(fetch(key) for key in keys()))


match deed:
    case "put":
        obstore.put(store, place, Path(local), chunk_size=PART, max_concurrency=8)
    case "get":
        asyncio.run(get())
    case "put-many":
        asyncio.run(put_many())
    case "get-many":
        asyncio.run(get_many())
    case "delete-many":
        obstore.delete(store, keys())
    case "list":
        for key in keys():
            print(key)
