"""The experiments that write a few tiny objects: copies, parts, tags, checksums, links."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.capability import Answer, Capability, Finding, Reason
from s4desk.core.domain.errors import (
    ConflictError,
    IntegrityError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)
from s4desk.core.domain.objects import Doomed
from s4desk.core.domain.parts import Span
from s4desk.core.store.probe_answers import Findings, no, said, unknown, yes
from s4desk.core.store.probe_conditions import read, unique
from s4desk.core.store.probe_reads import holds, reads_tags, signed_link
from s4desk.core.store.s3_headers import CHECKSUM
from s4desk.core.store.s3_sender import S3Request
from s4desk.core.wire.checksums import MD5, checksum
from s4desk.core.wire.payload import BufferPayload

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.probe_bench import Bench

CHECKSUMS: Final = (
    Capability.CRC64NVME,
    Capability.CRC32C,
    Capability.CRC32,
    Capability.SHA256,
    Capability.SHA1,
    Capability.MD5,
)
_TAGS: Final = {"probe": "a b"}


async def copy(bench: Bench) -> Findings:
    source, target, body = bench.location("original"), bench.location("copy"), unique()
    await bench.put(source, body)
    await bench.copy(source, target)
    is_same = await read(bench, target) == body
    return {Capability.COPY: yes() if is_same else no(Reason.IGNORED)}


async def multipart(bench: Bench) -> Findings:
    """The only part of an upload may be of any size."""
    key, body = bench.location("parts"), unique()
    ticket = await bench.create_multipart(key)
    part = await bench.put_part(key, ticket, 1, body)
    await bench.complete_multipart(key, ticket, [part])
    is_same = await read(bench, key) == body
    return {Capability.MULTIPART: yes() if is_same else no(Reason.IGNORED)}


async def multipart_copy(bench: Bench) -> Findings:
    source, target, body = bench.location("partsource"), bench.location("partcopy"), unique()
    await bench.put(source, body)
    ticket = await bench.create_multipart(target)
    try:
        part = await bench.copy_part(source, target, ticket, 1, Span(0, len(body)))
    except InvalidRequestError as error:
        # AWS wants 5 MiB of source for a range: so small an experiment does not tell.
        return {Capability.MULTIPART_COPY: unknown(Reason.FAILED, said(error))}
    await bench.complete_multipart(target, ticket, [part])
    is_same = await read(bench, target) == body
    return {Capability.MULTIPART_COPY: yes() if is_same else no(Reason.IGNORED)}


async def batch_delete(bench: Bench) -> Findings:
    """DeleteObjects; where there is none the store deletes one by one, and has learned that."""
    keys = [bench.location("gone1"), bench.location("gone2")]
    for key in keys:
        await bench.put(key, unique())
    failures = await bench.delete_many(bench.bucket, [Doomed(key.key) for key in keys])
    if bench.trial.batch_delete is False:
        return {Capability.BATCH_DELETE: no(Reason.REFUSED)}
    if failures:
        return {Capability.BATCH_DELETE: unknown(Reason.FAILED, failures[0].message)}
    there = [key for key in keys if await _is_there(bench, key)]
    return {Capability.BATCH_DELETE: no(Reason.IGNORED) if there else yes()}


async def _is_there(bench: Bench, key: Location) -> bool:
    try:
        await bench.head(key)
    except NotFoundError:
        return False
    return True


async def lock(bench: Bench) -> Findings:
    """Only a no can be found out without a lock."""
    key = bench.location("held")
    await bench.put(key, unique())
    return await holds(bench, key)


async def object_tags(bench: Bench) -> Findings:
    """A store that knows no tags may take their document for the object."""
    key, body = bench.location("tagged"), unique()
    await bench.put(key, body)
    if bench.door is not None:
        told = await reads_tags(bench, key)
        if told.answer is Answer.NO:
            return {Capability.OBJECT_TAGGING: told}
    await bench.put_tags(key, _TAGS)
    is_kept = dict(await bench.get_tags(key)) == _TAGS and await read(bench, key) == body
    return {Capability.OBJECT_TAGGING: yes() if is_kept else no(Reason.IGNORED)}


async def checksums(bench: Bench) -> Findings:
    """Each algorithm: is a wrong sum refused, and is the right one kept with the object?"""
    found: Findings = {}
    for capability in CHECKSUMS:
        found[capability] = await _checksum(bench, capability.value.rpartition("_")[2])
        await asyncio.sleep(0)
    return found


async def _checksum(bench: Bench, algorithm: str) -> Finding:
    header = "content-md5" if algorithm == MD5 else CHECKSUM + algorithm
    key, body = bench.location(algorithm), unique()
    right, wrong = checksum(algorithm, body), checksum(algorithm, unique())
    try:
        await _put(bench, key, body, {header: right})
    except InvalidRequestError as error:
        return no(Reason.REFUSED, said(error))
    kept = (await bench.head(key)).headers.get(header) == right
    try:
        await _put(bench, key, body, {header: wrong})
    except (IntegrityError, InvalidRequestError, PreconditionFailedError, ConflictError):
        return yes() if kept or algorithm == MD5 else no(Reason.NOT_KEPT)
    return no(Reason.NOT_VERIFIED if kept or algorithm == MD5 else Reason.IGNORED)


async def _put(bench: Bench, key: Location, body: bytes, headers: dict[str, str]) -> None:
    await bench.ask(
        S3Request(
            "put",
            "PUT",
            key.bucket,
            key.key,
            headers=headers,
            payload=BufferPayload(memoryview(body)),
            payload_sha256=hashlib.sha256(body).hexdigest(),
        )
    )


async def link(bench: Bench) -> Findings:
    key, body = bench.location("link"), unique()
    await bench.put(key, body)
    return {Capability.PRESIGN: await signed_link(bench, key, body)}
