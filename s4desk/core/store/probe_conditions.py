"""The experiments with conditions on writes and deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from s4desk.core.domain.capability import Capability, Finding, Reason
from s4desk.core.domain.errors import (
    ConflictError,
    NotFoundError,
    NotSupportedError,
    PreconditionFailedError,
)
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store.capabilities import IfMatch
from s4desk.core.store.conditional import put_if_absent, put_if_match
from s4desk.core.store.probe_answers import Findings, no, said, yes
from s4desk.core.store.protocol import Condition
from s4desk.core.store.s3_sender import S3Request
from s4desk.core.wire.body import BytesSink

if TYPE_CHECKING:
    from s4desk.core.domain.identity import Location
    from s4desk.core.store.probe_bench import Bench

WRITERS: Final = 8
LAPS: Final = 4
OTHER_ETAG: Final = "00000000000000000000000000000000"
_ABSENT: Final = Condition(if_absent=True)
_REFUSED: Final = (PreconditionFailedError, ConflictError)


async def puts(bench: Bench) -> Findings:
    """If-None-Match and If-Match on PutObject.

    While an experiment runs, the trial claims what is yet to be seen: else nothing is sent.
    """
    key = bench.location("put")
    bench.trial.conditional_put = True
    absent = await _keeps_first(bench, key)
    if absent == yes():
        absent = await _has_one_winner(bench, "race")
    bench.trial.conditional_put = absent == yes()
    return {Capability.PUT_IF_ABSENT: absent, Capability.PUT_IF_MATCH: await _if_match(bench, key)}


async def _keeps_first(bench: Bench, key: Location) -> Finding:
    try:
        is_first = await put_if_absent(bench, key, unique())
        is_second = await put_if_absent(bench, key, unique())
    except NotSupportedError as error:
        return no(Reason.REFUSED, said(error))
    return yes() if is_first and not is_second else no(Reason.IGNORED)


async def _has_one_winner(bench: Bench, name: str) -> Finding:
    """More than once: a store that keeps no order has one winner by chance, now and then."""
    for lap in range(LAPS):
        key = bench.location(f"{name}{lap}")
        won: list[bool] = []

        async def write(key: Location = key, won: list[bool] = won) -> None:
            won.append(await put_if_absent(bench, key, unique()))

        await run_bounded((write() for _ in range(WRITERS)), WRITERS)
        if won.count(True) != 1:
            return no(Reason.SEVERAL_WINNERS, str(won.count(True)))
    return yes()


async def _if_match(bench: Bench, key: Location) -> Finding:
    """A spelling counts when the present ETag is accepted and a stale one refused."""
    present = (await bench.put(key, unique())).etag
    answer = no(Reason.IGNORED)
    for spelling, reason in (
        (IfMatch.QUOTED, Reason.WORKED),
        (IfMatch.BARE, Reason.WORKED_UNQUOTED),
    ):
        bench.trial.if_match = spelling
        try:
            if await put_if_match(bench, key, unique(), present):
                if await put_if_match(bench, key, unique(), present):
                    break
                return yes(reason)
        except NotSupportedError as error:
            answer = no(Reason.REFUSED, said(error))
            break
    bench.trial.if_match = IfMatch.UNSUPPORTED
    return answer


async def copies(bench: Bench) -> Findings:
    """Conditions of CopyObject on its target and on its source."""
    source, target = bench.location("from"), bench.location("to")
    first = unique()
    await bench.put(target, first)
    await bench.put(source, unique())
    bench.trial.conditional_copy = True
    absent = await _keeps_target(bench, source, target, first)
    bench.trial.conditional_copy = absent == yes()
    try:
        await bench.copy(source, target, if_match=OTHER_ETAG)
    except _REFUSED:
        matches = yes()
    except NotSupportedError as error:
        matches = no(Reason.REFUSED, said(error))
    else:
        matches = no(Reason.IGNORED)
    return {Capability.COPY_IF_ABSENT: absent, Capability.COPY_SOURCE_IF_MATCH: matches}


async def _keeps_target(bench: Bench, source: Location, target: Location, first: bytes) -> Finding:
    try:
        await bench.copy(source, target, condition=_ABSENT)
    except _REFUSED:
        # LocalStack refuses, and has replaced the bytes all the same.
        return yes() if await read(bench, target) == first else no(Reason.REPLACED)
    except NotSupportedError as error:
        return no(Reason.REFUSED, said(error))
    return no(Reason.IGNORED)


async def completes(bench: Bench) -> Findings:
    """If-None-Match on CompleteMultipartUpload, over an object."""
    key, first = bench.location("whole"), unique()
    await bench.put(key, first)
    bench.trial.conditional_complete = True
    answer = await _keeps_completed(bench, key, first)
    bench.trial.conditional_complete = answer == yes()
    return {Capability.COMPLETE_IF_ABSENT: answer}


async def _keeps_completed(bench: Bench, key: Location, first: bytes) -> Finding:
    ticket = await bench.create_multipart(key)
    part = await bench.put_part(key, ticket, 1, unique())
    try:
        await bench.complete_multipart(key, ticket, [part], condition=_ABSENT)
    except _REFUSED:
        return yes() if await read(bench, key) == first else no(Reason.REPLACED)
    except NotSupportedError as error:
        return no(Reason.REFUSED, said(error))
    return no(Reason.IGNORED)


async def deletes(bench: Bench) -> Findings:
    """If-Match on DeleteObject: a stale ETag must be refused, and the present one not."""
    key = bench.location("doomed")
    present = (await bench.put(key, unique())).etag
    try:
        await _delete(bench, key, OTHER_ETAG)
    except _REFUSED:
        pass
    except NotSupportedError as error:
        return {Capability.DELETE_IF_MATCH: no(Reason.REFUSED, said(error))}
    else:
        return {Capability.DELETE_IF_MATCH: no(Reason.IGNORED)}
    try:
        await bench.head(key)
    except NotFoundError:
        return {Capability.DELETE_IF_MATCH: no(Reason.REPLACED)}
    try:
        await _delete(bench, key, present)
    except _REFUSED as error:
        return {Capability.DELETE_IF_MATCH: no(Reason.IGNORED, said(error))}
    return {Capability.DELETE_IF_MATCH: yes()}


async def _delete(bench: Bench, key: Location, etag: str) -> None:
    headers = {"if-match": f'"{etag}"'}
    await bench.ask(S3Request("delete", "DELETE", key.bucket, key.key, headers=headers))


async def read(bench: Bench, key: Location) -> bytes:
    there = BytesSink()
    await bench.get(key, there)
    return bytes(there.data)


def unique() -> bytes:
    return uuid4().bytes
