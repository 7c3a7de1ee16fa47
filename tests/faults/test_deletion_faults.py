"""Deleting under every fault: each key is gone, or named as left, and nothing else is touched."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.store.registry import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.transfer.delete import Deletion
from s4desk.core.wire.pool import WirePool
from tests.faults.network_lab import QUICK, Meaning
from tests.servers.client import temporary_bucket
from tests.servers.fault import (
    Cut,
    EditHead,
    FaultProxy,
    Flip,
    Mask,
    Repeat,
    Reply,
    Stall,
    dropped_reply,
    error_reply,
    html_reply,
    slow_down,
    truncated,
)
from tests.transfer.specs import HERE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from s4desk.core.store.protocol import Store
    from s4desk.core.transfer.delete import DeleteReport
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import RecordedRequest
    from tests.servers.faults import Fault

OVERCOME, CLEAN, FATAL = Meaning.OVERCOME, Meaning.CLEAN, Meaning.FATAL
COUNT = 12
AFTER = 20


class Step(Enum):
    """A kind of request that a deletion makes; SINGLE where the store has no batches."""

    LIST = "list"
    BATCH = "batch"
    SINGLE = "single"


LIST, BATCH, SINGLE = Step
ALL = frozenset(Step)
ANSWERED = frozenset({LIST, BATCH})
SENT = frozenset({BATCH})


@dataclass(frozen=True, slots=True)
class Hazard:
    """A fault, how often it strikes (None: always), at which requests, and what that means."""

    name: str
    fault: Fault | Callable[[Lab], Fault]
    times: int | None = 1
    steps: frozenset[Step] = ALL
    means: Meaning = OVERCOME
    but: Mapping[Step, Meaning] = field(default_factory=dict)

    def strike(self, lab: Lab) -> Fault:
        return self.fault(lab) if callable(self.fault) else self.fault

    def meaning(self, step: Step) -> Meaning:
        return self.but.get(step, self.means)


def deleted(*keys: str) -> Reply:
    rows = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
    return Reply(200, f"<DeleteResult>{rows}</DeleteResult>".encode())


HAZARDS = [
    # Connections that are cut
    Hazard("a request that never arrives", Cut(None, "request"), 2),
    Hazard("no request ever arrives", Cut(None, "request"), None, means=FATAL),
    Hazard("a request cut halfway", Cut(AFTER, "request"), 2, SENT),
    Hazard("a lost reply", dropped_reply(), 2),
    Hazard("replies that are always lost", dropped_reply(), None, means=FATAL),
    Hazard("a reply cut halfway", Cut(AFTER), 2, ANSWERED),
    Hazard("a reply that ends early", truncated(AFTER), 2, ANSWERED),
    Hazard("a reply that always ends early", truncated(AFTER), None, ANSWERED, FATAL),
    # Nothing moves
    Hazard("a request that stalls", lambda _: Stall(AFTER, "request"), 1, SENT),
    Hazard("a reply that does not begin", lambda _: Stall(None)),
    Hazard("a reply that stalls", lambda _: Stall(AFTER), 1, ANSWERED),
    # What the store says
    Hazard("patience is asked for", slow_down(), 2),
    Hazard("a fault of the store", error_reply(500, "InternalError"), 2),
    Hazard("a store that is broken", error_reply(500, "InternalError"), None, means=FATAL),
    Hazard("a fault in a 200", error_reply(200, "InternalError"), 2, ANSWERED),
    Hazard("a refusal", error_reply(403, "AccessDenied"), None, means=FATAL),
    Hazard("one refusal", error_reply(403, "AccessDenied"), means=FATAL),
    Hazard("a conflict", error_reply(409, "OperationAborted"), means=CLEAN),
    Hazard("the page of a portal", html_reply(), means=CLEAN),
    # Bytes that are not what they were
    Hazard("a flipped byte on its way there", Flip(AFTER, "request"), 1, SENT, CLEAN),
    Hazard("a flipped byte on its way here", Flip(AFTER), 1, ANSWERED, CLEAN),
    Hazard("a key that is garbled", Mask(rb"(?<=<Key>)[^<]+"), 1, ANSWERED, CLEAN),
    Hazard("a body that comes twice", Repeat(), 2, ANSWERED),
    # Lies
    Hazard("an answer that says nothing", deleted(), None, SENT, FATAL),
    Hazard("a deletion that is not told of", Mask(rb"<Deleted>.*</Deleted>"), None, SENT),
    Hazard("an answer about others", deleted("other", "another"), None, SENT, FATAL),
    Hazard("a made-up answer", lambda lab: deleted(*lab.keys), None, SENT, FATAL),
    Hazard("an empty answer", Reply(200), None, SENT, FATAL),
    Hazard("a deletion that did not happen", Reply(204), None, frozenset({SINGLE}), FATAL),
    Hazard("no length", EditHead({"Content-Length": None}), means=CLEAN),
    Hazard("a length too short", EditHead({"Content-Length": "7"}), 1, ANSWERED, CLEAN),
    Hazard("a length too long", EditHead({"Content-Length": "99999"}), 1, ANSWERED, CLEAN),
]
TABLE = [
    pytest.param(hazard, step, id=f"{step.value}: {hazard.name}")
    for hazard in HAZARDS
    for step in sorted(hazard.steps, key=lambda each: each.value)
]

_runs = itertools.count()


class Lab:
    """A folder with neighbours in a bucket, and a store whose ways lead through the proxy."""

    def __init__(self, proxy: FaultProxy, bucket: str) -> None:
        self.proxy = proxy
        self.bucket = bucket
        self.top = f"d{next(_runs)}/"
        self.keys: set[str] = {f"{self.top}p/{number:03}" for number in range(COUNT)}
        self.neighbours = {f"{self.top}p", f"{self.top}p.txt", f"{self.top}q/1"}
        self.pool = WirePool(QUICK)
        self.store: Store
        self.direct: Store

    async def open(self, server: Endpoint) -> None:
        self.store = await self._connect(self.proxy.endpoint)
        self.direct = await self._connect(server)
        for key in self.keys | self.neighbours:
            await self.direct.put(Location(self.bucket, key), b"x")

    async def aclose(self) -> None:
        for store in (self.store, self.direct):
            await store.aclose()
        await self.pool.aclose()

    async def _connect(self, endpoint: Endpoint) -> Store:
        connection = Connection(HERE, endpoint.server, endpoint.url, endpoint.region)
        keys = GivenSecrets(Credentials(endpoint.access_key, endpoint.secret_key))
        return await open_store(connection, keys, self.pool)

    def strike(self, hazard: Hazard, step: Step) -> Callable[[], int]:
        """How often it struck, afterwards."""
        if step is SINGLE:
            refused = error_reply(501, "NotImplemented")
            self.proxy.on(refused, method="POST", path_re=r"\?delete", times=None)
        patterns = {
            LIST: ("GET", "list-type"),
            BATCH: ("POST", r"\?delete"),
            SINGLE: ("DELETE", ""),
        }
        method, path = patterns[step]

        def is_meant(request: RecordedRequest) -> bool:
            return request.method == method and bool(re.search(path, request.target))

        rule = self.proxy.on(hazard.strike(self), where=is_meant, times=hazard.times)
        return lambda: rule.hits

    async def left(self) -> set[str]:
        page = await self.direct.list_objects(Prefix(self.bucket, self.top), delimiter="")
        return set(page.keys)

    async def judge(self, report: DeleteReport, meaning: Meaning) -> list[str]:
        """What is wrong with what was told, given what is there."""
        left = await self.left()
        there = left & self.keys
        named = {each.doomed.key for each in report.failures}
        is_whole = report.error is None
        is_well = is_whole and not report.failures
        checks = {
            "neighbours were touched": left - self.keys == self.neighbours,
            f"it should have been overcome: {report}": is_well or meaning is not OVERCOME,
            "it should have failed": not is_well or meaning is not FATAL,
            f"called deleted, but there: {there - named}": not is_whole or there <= named,
            "more were called deleted than are gone": report.deleted <= COUNT - len(there),
            "not all are accounted for": (
                not is_whole or report.deleted + len(report.failures) == COUNT
            ),
            "no reason is given": all(each.code or each.message for each in report.failures),
        }
        return [wrong for wrong, is_right in checks.items() if not is_right]


@pytest.fixture(scope="module")
def bucket(ceph: Endpoint) -> Iterator[str]:
    with temporary_bucket(ceph) as name:
        yield name


@pytest.fixture
async def lab(
    ceph: Endpoint,
    bucket: str,
    fault_proxy: Callable[[Endpoint], FaultProxy],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Lab]:
    for pause in ("BASE_S", "THROTTLED_BASE_S"):
        monkeypatch.setattr(f"s4desk.core.store.retry.{pause}", 0.01)
    lab = Lab(fault_proxy(ceph), bucket)
    await lab.open(ceph)
    yield lab
    await lab.aclose()


@pytest.mark.parametrize(("hazard", "step"), TABLE)
async def test_a_deletion_under_a_fault(lab: Lab, hazard: Hazard, step: Step) -> None:
    hits = lab.strike(hazard, step)
    deletion = Deletion(lab.store, [Prefix(lab.bucket, f"{lab.top}p/")])
    report = await deletion.run()
    assert hits() > 0, "it was spared"
    assert await lab.judge(report, hazard.meaning(step)) == []

    lab.proxy.clear()
    report = await deletion.again().run()
    assert (report.error, report.failures) == (None, ())
    assert await lab.left() == lab.neighbours
