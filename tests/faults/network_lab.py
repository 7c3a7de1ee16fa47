"""Transfers of every kind through a network that does to one of their requests what it is told."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import Address, Prefix
from s4desk.core.domain.transfer import ConflictPolicy, Direction, TransferSpec, TransferState
from s4desk.core.transfer.job import Sizes
from s4desk.core.transfer.leftovers import held_parts
from s4desk.core.wire.body import BytesSink
from s4desk.core.wire.endpoint import Timeouts
from s4desk.core.wire.pool import WirePool
from tests.transfer.specs import ELSEWHERE, HERE
from tests.transfer.test_real_moves import Pair
from tests.transfer.test_real_servers import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from s4desk.core.domain.identity import Location
    from s4desk.core.domain.transfer import Transfer
    from s4desk.core.store.protocol import Store
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy, RecordedRequest, Rule
    from tests.servers.faults import Fault

PART = 64 * 1024
"""The gateway is told to take parts of any size, so that the whole table fits into a minute."""
SIZES = Sizes(
    multipart_from=2 * PART,
    part=PART,
    ranges_above=PART,
    range=PART,
    single_copy=2 * PART,
    copied_part=PART,
)
QUICK = Timeouts(first_byte=0.8, stall=0.6, server_work=1.2, tick=0.05)
SMALL = random.Random(5).randbytes(20_000)
LARGE = random.Random(6).randbytes(2 * PART + 10_000)
OLD = b"what was there before"


class Step(Enum):
    """A kind of request that a transfer makes."""

    HEAD_SOURCE = "HEAD of the source"
    HEAD_TARGET = "HEAD of the target"
    GET = "GET"
    PUT = "PUT"
    CREATE = "create"
    PART = "part"
    COMPLETE = "complete"
    COPY = "copy"
    COPY_PART = "copied part"
    DELETE = "delete"
    OTHER = "other"

    @property
    def is_small(self) -> bool:
        """Whether only a document of XML goes and comes."""
        return self not in (Step.PUT, Step.PART, Step.GET)


def step_of(request: RecordedRequest) -> Step:
    path, _, query = request.target.partition("?")
    is_part, is_copy = "partNumber" in query, "x-amz-copy-source" in request.headers
    step = Step.OTHER
    match request.method:
        case "HEAD":
            step = Step.HEAD_SOURCE if path.endswith("/from") else Step.HEAD_TARGET
        case "GET" if not query:
            step = Step.GET
        case "PUT" if is_copy:
            step = Step.COPY_PART if is_part else Step.COPY
        case "PUT" if is_part or not query:
            step = Step.PART if is_part else Step.PUT
        case "POST":
            step = Step.CREATE if "uploads" in query else Step.COMPLETE
        case "DELETE" if not query:
            step = Step.DELETE
    return step


class Meaning(Enum):
    """What a fault means for a transfer that meets it.

    OVERCOME: it completes by itself. CLEAN: it completes, or it fails, says why, and has left the
    target alone; once the fault is over it completes. FATAL: as CLEAN, and it must fail.
    """

    OVERCOME = "overcome"
    CLEAN = "clean"
    FATAL = "fatal"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of transfer, and the requests it makes; a move makes those of `moving` too.

    Unless it `is_provable` the source was joined of odd parts: no sum of it is known.
    """

    name: str
    way: str
    content: bytes
    steps: tuple[Step, ...]
    moving: tuple[Step, ...]
    is_provable: bool = True

    def cases(self) -> Iterator[Case]:
        yield from (Case(self, step) for step in self.steps)
        yield from (Case(self, step, is_move=True) for step in self.steps + self.moving)


@dataclass(frozen=True, slots=True)
class Case:
    """A transfer of this kind, of which one request meets a fault."""

    kind: Kind
    step: Step
    is_move: bool = False

    @property
    def token(self) -> str:
        goes = "move" if self.is_move else "copy"
        return f"{self.kind.name}-{self.step.name}-{goes}".replace(" ", "-")

    def __str__(self) -> str:
        return f"{self.kind.name}, {'move' if self.is_move else 'no move'}, {self.step.value}"


class NetworkLab(Pair):
    """A queue whose two connections lead through the proxy; `direct` is the way around it."""

    sizes = SIZES

    def __init__(self, folder: Path, run: str) -> None:
        super().__init__(folder)
        self.pool = WirePool(QUICK)
        self.run_name = run
        self.direct: Store
        self.proxy: FaultProxy
        self._rules: dict[Case, Rule] = {}

    async def set_up(self, server: Endpoint, proxy: FaultProxy, buckets: Sequence[str]) -> None:
        self.proxy = proxy
        await self.open(proxy.endpoint, buckets[0])
        await self.join(proxy.endpoint, buckets[1])
        self.direct = await self._connect(server)

    async def aclose(self) -> None:
        await self.direct.aclose()
        await super().aclose()

    # What is where

    def ends(self, case: Case) -> tuple[Path | Address, Path | Address]:
        folder = self.folder / case.token
        key = f"{self.run_name}/{case.token}"
        origin = ELSEWHERE if case.kind.way == "stream" else HERE
        return (
            folder / "from" if case.kind.way == "up" else self.at(f"{key}/from", origin),
            folder / "to" if case.kind.way == "down" else self.at(f"{key}/to"),
        )

    async def prepare(self, case: Case) -> TransferSpec:
        source, target = self.ends(case)
        if case.kind.is_provable:
            await self._lay(source, case.kind.content)
        else:
            await self._join(source, case.kind.content)
        await self._lay(target, OLD)
        direction = {"up": Direction.UPLOAD, "down": Direction.DOWNLOAD}
        return TransferSpec(
            direction.get(case.kind.way, Direction.COPY),
            source,
            target,
            len(case.kind.content),
            batch=BATCH,
            on_conflict=ConflictPolicy.OVERWRITE,
            removes_source=case.is_move,
        )

    async def _lay(self, place: Path | Address, content: bytes) -> None:
        if isinstance(place, Address):
            await self.direct.put(place.location, content)
        else:
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)

    async def _join(self, place: Path | Address, content: bytes) -> None:
        """Put an object in two parts that nobody would guess."""
        assert isinstance(place, Address)
        location, cut = place.location, 12_345
        ticket = await self.direct.create_multipart(location)
        parts = [
            await self.direct.put_part(location, ticket, number, body)
            for number, body in enumerate((content[:cut], content[cut:]), 1)
        ]
        await self.direct.complete_multipart(location, ticket, parts)

    async def lies_at(self, place: Path | Address) -> bytes | None:
        if not isinstance(place, Address):
            return place.read_bytes() if place.exists() else None
        where = place.location
        page = await self.direct.list_objects(Prefix(where.bucket, where.key), delimiter="")
        if where.key not in page.keys:
            return None
        sink = BytesSink()
        await self.direct.get(where, sink)
        return bytes(sink.data)

    def strike(self, case: Case, fault: Fault, times: int | None) -> None:
        mark = f"/{self.run_name}/{case.token}/"

        def is_meant(request: RecordedRequest) -> bool:
            return mark in request.target and step_of(request) is case.step

        self._rules[case] = self.proxy.on(fault, where=is_meant, times=times)

    def was_struck(self, case: Case) -> bool:
        return self._rules[case].hits > 0

    # What became of it

    async def judge(self, case: Case, done: Transfer, meaning: Meaning) -> list[str]:
        """What is wrong with the state of a transfer and of its two ends."""
        source, target = await asyncio.gather(*map(self.lies_at, self.ends(case)))
        has_source, has_target = source == case.kind.content, target == case.kind.content
        is_done = done.state is TransferState.COMPLETED
        checks = {
            f"it should have been overcome, but: {done.error}": (
                is_done or meaning is not Meaning.OVERCOME
            ),
            "it should have failed": not (is_done and meaning is Meaning.FATAL),
            f"it is {done.state}": done.state in (TransferState.COMPLETED, TransferState.FAILED),
            "no reason is given": is_done or bool(done.error and done.error_kind),
            "the bytes are lost": has_source or has_target,
            "it says completed, and the target is another": has_target or not is_done,
            f"the target is {_told(target)} now": has_target or target == OLD,
            "the source is still there": source is None or not (is_done and case.is_move),
            # The reply to its deletion may be lost for good.
            "the source is gone": has_source or (case.is_move and has_target),
        }
        return [f"{case}: {wrong}" for wrong, is_right in checks.items() if not is_right]

    async def strangers(self, transfers: Sequence[Transfer]) -> list[str]:
        """Unfinished uploads that no journal answers for."""
        journal = self.queue._context.journal
        found = []
        for upload in await self.direct.list_uploads(Prefix(self.bucket, f"{self.run_name}/")):
            owners = [each for each in transfers if _target(each) == upload.location]
            for owner in owners:
                known = await journal.load_upload(owner.id)
                if known is not None and known.upload == upload.upload:
                    break
                is_intended = bool(await journal.intended_uploads(owner.id))
                parts = await held_parts(self.direct, upload.location, upload.upload)
                if is_intended and not parts:
                    break
            else:
                found.append(f"{upload.location.key}: the upload {upload.upload} is nobody's")
        return found

    async def leftovers(self) -> list[str]:
        """Whatever is left here or there once all is done."""
        under = Prefix(self.bucket, f"{self.run_name}/")
        uploads = [str(each.location) for each in await self.direct.list_uploads(under)]
        return uploads + self.partials()

    async def settle(self) -> list[Transfer]:
        await self.queue.wait(BATCH)
        await self.queue.at_rest()
        return list(self.queue.transfers())


def _target(transfer: Transfer) -> Location | None:
    target = transfer.spec.target
    return target.location if isinstance(target, Address) else None


def _told(content: bytes | None) -> str:
    return "gone" if content is None else f"{len(content)} other bytes"
