"""Every kind of transfer under every fault: all of it arrives, or nothing is harmed."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.transfer import TransferState
from tests.faults.network_lab import LARGE, SMALL, Case, Kind, Meaning, NetworkLab, Step
from tests.servers.client import temporary_bucket
from tests.servers.fault import (
    Cut,
    EditHead,
    Fault,
    FaultProxy,
    Flip,
    Mask,
    Repeat,
    Stall,
    dropped_reply,
    error_reply,
    html_reply,
    slow_down,
    truncated,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path

    from tests.servers.ceph import Ceph
    from tests.servers.endpoint import Endpoint

OVERCOME, CLEAN, FATAL = Meaning.OVERCOME, Meaning.CLEAN, Meaning.FATAL
HEAD_SOURCE, HEAD_TARGET, GET, PUT = Step.HEAD_SOURCE, Step.HEAD_TARGET, Step.GET, Step.PUT
CREATE, PART, COMPLETE = Step.CREATE, Step.PART, Step.COMPLETE
COPY, COPY_PART, DELETE = Step.COPY, Step.COPY_PART, Step.DELETE
ALL = frozenset(Step)
SENDING = frozenset({PUT, PART, COMPLETE})
ANSWERED = frozenset({GET, CREATE, COMPLETE, COPY, COPY_PART})
TOLD_ETAG = frozenset({HEAD_SOURCE, HEAD_TARGET, GET, PUT, PART})

KINDS = [
    Kind("small upload", "up", SMALL, (PUT,), (HEAD_TARGET,)),
    Kind("upload in parts", "up", LARGE, (CREATE, PART, COMPLETE), (HEAD_TARGET,)),
    Kind("small download", "down", SMALL, (GET,), (HEAD_SOURCE, DELETE)),
    Kind("download in ranges", "down", LARGE, (HEAD_SOURCE, GET), (DELETE,)),
    Kind("small copy", "copy", SMALL, (HEAD_SOURCE, COPY, HEAD_TARGET), (DELETE,)),
    Kind(
        *("copy in parts", "copy", LARGE),
        (HEAD_SOURCE, CREATE, COPY_PART, COMPLETE, HEAD_TARGET),
        (DELETE,),
    ),
    Kind("small stream", "stream", SMALL, (HEAD_SOURCE, GET, PUT, HEAD_TARGET), (DELETE,)),
    Kind(
        *("stream in parts", "stream", LARGE),
        (HEAD_SOURCE, GET, CREATE, PART, COMPLETE, HEAD_TARGET),
        (DELETE,),
    ),
    Kind(
        *("stream of what nothing proves", "stream", LARGE),
        (GET, PART, COMPLETE),
        (DELETE,),
        is_provable=False,
    ),
    Kind("small stream of what nothing proves", "stream", SMALL, (GET, PUT), (), is_provable=False),
    Kind("download of what nothing proves", "down", LARGE, (GET,), (DELETE,), is_provable=False),
]


@dataclass(frozen=True, slots=True)
class Hazard:
    """A fault, how often it strikes (None: always), at which requests, and what that means.

    What `needs_proof` can only be seen where the store tells a sum of the object.
    """

    name: str
    fault: Callable[[Step], Fault]
    times: int | None = 1
    steps: frozenset[Step] = ALL
    means: Meaning = OVERCOME
    but: Mapping[Step, Meaning] = field(default_factory=dict)
    needs_proof: bool = False

    def meaning(self, step: Step) -> Meaning:
        return self.but.get(step, self.means)


def middle(step: Step) -> int:
    return 20 if step.is_small else 10_000


HAZARDS = [
    # Connections that are cut
    Hazard("a request that never arrives", lambda _: Cut(None, "request"), times=2),
    Hazard("no request ever arrives", lambda _: Cut(None, "request"), None, means=FATAL),
    Hazard("a request cut at once", lambda _: Cut(0, "request"), 2, SENDING),
    Hazard("a request cut halfway", lambda step: Cut(middle(step), "request"), 2, SENDING),
    Hazard("a lost reply", lambda _: dropped_reply(), times=2),
    Hazard("replies that are always lost", lambda _: dropped_reply(), None, means=CLEAN),
    Hazard("a reply cut halfway", lambda step: Cut(middle(step)), 2, ANSWERED),
    Hazard("a reply that ends early", lambda step: truncated(middle(step)), 2, ANSWERED),
    Hazard("a reply that always ends early", lambda s: truncated(middle(s)), None, ANSWERED, CLEAN),
    # Nothing moves
    Hazard("a request that stalls", lambda step: Stall(middle(step), "request"), 1, SENDING),
    Hazard("a reply that does not begin", lambda _: Stall(None)),
    Hazard("a reply that stalls", lambda step: Stall(middle(step)), 1, ANSWERED),
    # What the store says
    Hazard("patience is asked for", lambda _: slow_down(), times=2),
    Hazard("a fault of the store", lambda _: error_reply(500, "InternalError"), times=2),
    Hazard(
        "a store that is broken", lambda _: error_reply(500, "InternalError"), None, means=FATAL
    ),
    Hazard("a fault in a 200", lambda _: error_reply(200, "InternalError"), 2, ANSWERED - {GET}),
    Hazard("a conflict", lambda _: error_reply(409, "OperationAborted"), means=CLEAN),
    Hazard("a refusal", lambda _: error_reply(403, "AccessDenied"), None, means=FATAL),
    Hazard("a condition that fails", lambda _: error_reply(412, "PreconditionFailed"), means=CLEAN),
    Hazard("the page of a portal", lambda _: html_reply(), means=CLEAN),
    # Bytes that are not what they were
    Hazard("a flipped byte on its way there", lambda s: Flip(middle(s), "request"), 2, SENDING),
    Hazard("a flipped byte on its way here", lambda s: Flip(middle(s)), 1, ANSWERED, CLEAN),
    Hazard(
        *("bytes that always flip", lambda s: Flip(middle(s)), None, frozenset({GET}), FATAL),
        needs_proof=True,
    ),
    Hazard("a body that comes twice", lambda _: Repeat(), 2, ANSWERED),
    Hazard("a body that is sent twice", lambda _: Repeat("request"), 1, SENDING, CLEAN),
    # Lies
    Hazard("another ETag", lambda _: EditHead({"ETag": f'"{"0" * 32}"'}), 1, TOLD_ETAG, CLEAN),
    Hazard("no ETag", lambda _: EditHead({"ETag": None}), 1, TOLD_ETAG, CLEAN),
    Hazard(
        *("another ETag in the reply", lambda _: Mask(rb"(?<=ETag>)[^<]+"), 1),
        *(frozenset({COMPLETE, COPY, COPY_PART}), CLEAN),
    ),
    Hazard("a length too short", lambda _: EditHead({"Content-Length": "7"}), means=CLEAN),
    Hazard("a length too long", lambda _: EditHead({"Content-Length": "999999"}), means=CLEAN),
    Hazard("no length", lambda _: EditHead({"Content-Length": None}), means=CLEAN),
]

_runs = itertools.count()


@pytest.fixture(scope="module")
def buckets(ceph_server: Ceph, ceph: Endpoint) -> Iterator[tuple[str, str]]:
    with (
        ceph_server.gateway_option("rgw_multipart_min_part_size", "1"),
        temporary_bucket(ceph) as one,
        temporary_bucket(ceph) as other,
    ):
        yield one, other


@pytest.fixture
async def lab(
    tmp_path: Path,
    ceph: Endpoint,
    buckets: tuple[str, str],
    fault_proxy: Callable[[Endpoint], FaultProxy],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[NetworkLab]:
    for pause in ("store.retry.BASE_S", "store.retry.THROTTLED_BASE_S"):
        monkeypatch.setattr(f"s4desk.core.{pause}", 0.01)
    monkeypatch.setattr("s4desk.core.transfer.leftovers.ABORT_PAUSE_S", 0.01)
    lab = NetworkLab(tmp_path, f"r{next(_runs)}")
    await lab.set_up(ceph, fault_proxy(ceph), buckets)
    yield lab
    await lab.aclose()


def cases_of(way: str, hazard: Hazard) -> list[Case]:
    return [
        case
        for kind in KINDS
        if kind.way == way and (kind.is_provable or not hazard.needs_proof)
        for case in kind.cases()
        if case.step in hazard.steps
    ]


TABLE = [
    pytest.param(way, hazard, id=f"{way}: {hazard.name}")
    for hazard in HAZARDS
    for way in ("up", "down", "copy", "stream")
    if cases_of(way, hazard)
]


@pytest.mark.parametrize(("way", "hazard"), TABLE)
async def test_transfers_under_a_fault(lab: NetworkLab, way: str, hazard: Hazard) -> None:
    """One transfer for each request of each kind that can meet the fault, all at once."""
    cases = cases_of(way, hazard)
    specs = await asyncio.gather(*map(lab.prepare, cases))
    for case in cases:
        lab.strike(case, hazard.fault(case.step), hazard.times)
    await lab.queue.submit(specs)
    transfers = await lab.settle()
    lab.proxy.clear()
    problems = [f"{case}: was spared" for case in cases if not lab.was_struck(case)]
    for case, done in zip(cases, transfers, strict=True):
        problems += await lab.judge(case, done, hazard.meaning(case.step))
    problems += await lab.strangers(transfers)
    assert problems == []

    # The fault is over.
    lab.queue.retry([each.id for each in transfers if each.state is TransferState.FAILED])
    transfers = await lab.settle()
    for case, done in zip(cases, transfers, strict=True):
        problems += await lab.judge(case, done, OVERCOME)
    assert problems + await lab.leftovers() == []
