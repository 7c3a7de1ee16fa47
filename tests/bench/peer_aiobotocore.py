"""Moves 1 GiB with aiobotocore alone: the yardstick of the byte path.

    python -m tests.bench.peer_aiobotocore put|get URL FILE

Same parts, same parallelism, no checksums beyond what it must: its best case.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

from tests.bench.measure import Stopwatch, resident_mb

PART = 16 * 1024**2
AT_ONCE = 8
SIZE = 1024**3


def spans() -> list[tuple[int, int, int]]:
    """Number, offset and size of each part (bytes)."""
    return [(n + 1, n * PART, min(PART, SIZE - n * PART)) for n in range(-(-SIZE // PART))]


async def put(client: object, file: Path) -> None:
    upload = await client.create_multipart_upload(Bucket="b", Key="one")
    slots = asyncio.Semaphore(AT_ONCE)
    fd = os.open(file, os.O_RDONLY)

    async def send(number: int, offset: int, size: int) -> dict[str, object]:
        async with slots:
            body = await asyncio.to_thread(os.pread, fd, size, offset)
            reply = await client.upload_part(
                Bucket="b", Key="one", UploadId=upload["UploadId"], PartNumber=number, Body=body
            )
            return {"ETag": reply["ETag"], "PartNumber": number}

    parts = await asyncio.gather(*[send(*span) for span in spans()])
    os.close(fd)
    await client.complete_multipart_upload(
        Bucket="b", Key="one", UploadId=upload["UploadId"], MultipartUpload={"Parts": parts}
    )


async def get(client: object, file: Path) -> None:
    slots = asyncio.Semaphore(AT_ONCE)
    fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC)

    async def fetch(_: int, offset: int, size: int) -> None:
        async with slots:
            reply = await client.get_object(
                Bucket="b", Key="x-1g", Range=f"bytes={offset}-{offset + size - 1}"
            )
            position = offset
            async for chunk in reply["Body"].iter_chunks(256 * 1024):
                os.pwrite(fd, chunk, position)
                position += len(chunk)
            assert position == offset + size

    await asyncio.gather(*[fetch(*span) for span in spans()])
    os.close(fd)


async def main(deed: str, url: str, file: Path) -> None:
    config = AioConfig(
        s3={"addressing_style": "path", "payload_signing_enabled": False},
        max_pool_connections=AT_ONCE,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = get_session()
    session.set_credentials("null", "null")
    async with session.create_client(
        "s3", endpoint_url=url, region_name="us-east-1", config=config
    ) as client:
        await client.head_object(Bucket="b", Key="x-1k")
        with Stopwatch() as watch:
            await (put if deed == "put" else get)(client, file)
    print(json.dumps({"wall": watch.wall, "cpu": watch.cpu, "rss": resident_mb()}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
