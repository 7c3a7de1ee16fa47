"""Rules applied to a real bucket behind a proxy that breaks things: what is reported is so, what is
not due stays, and what is left a second run takes."""

from __future__ import annotations

import asyncio
import itertools
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.connection import Connection, Credentials
from s4desk.core.domain.identity import ConnectionId, Location, Prefix, VersionId
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.domain.lock import LockMode, LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.parts import MIB
from s4desk.core.lifecycle.concerns import Doubt
from s4desk.core.lifecycle.executor import Errand, Execution
from s4desk.core.lifecycle.planning import Planning
from s4desk.core.lifecycle.report import Outcome
from s4desk.core.runtime.tasks import run_bounded
from s4desk.core.store.secrets import GivenSecrets
from s4desk.core.store.session import open_store
from s4desk.core.transfer.rewriting import CopySizes
from s4desk.core.wire.endpoint import Timeouts
from s4desk.core.wire.pool import WirePool
from tests.lifecycle.applying import expire, keys_in, rules
from tests.servers.client import temporary_bucket
from tests.servers.fault import Cut, Mask, Reply, dropped_reply, error_reply, slow_down, truncated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from s4desk.core.lifecycle.plan import Plan
    from s4desk.core.lifecycle.report import ApplyReport
    from s4desk.core.store.protocol import Store
    from tests.servers.endpoint import Endpoint
    from tests.servers.fault import FaultProxy, RecordedRequest
    from tests.servers.faults import Fault

LATER = datetime(2028, 1, 1, tzinfo=UTC)
"""When the rules are asked: a server makes nothing old."""
COUNT = 150
QUICK = Timeouts(connect=5.0, handshake=5.0, first_byte=5.0, stall=5.0)
_runs = itertools.count()


class Lab:
    """A folder with neighbours in a bucket, by way of the proxy and past it."""

    def __init__(self, bucket: str, store: Store, direct: Store) -> None:
        self.bucket = bucket
        self.store = store
        self.direct = direct
        self.top = f"d{next(_runs)}/"
        self.keys = {f"{self.top}p/{number:03}" for number in range(COUNT)}
        self.neighbours = {f"{self.top}p", f"{self.top}q/1"}

    def at(self, name: str) -> Location:
        return Location(self.bucket, f"{self.top}p/{name}")

    async def fill(self) -> None:
        for key in self.keys | self.neighbours:
            await self.direct.put(Location(self.bucket, key), b"x")

    async def plan(self, store: Store | None = None, *described: dict[str, Any]) -> Plan:
        filter_ = {"Filter": {"Prefix": f"{self.top}p/"}}
        value = rules(*(each | filter_ for each in described or (expire(30),)))
        planning = Planning(store or self.direct, self.bucket, lifecycle_of(value), LATER)
        return await planning.plan()

    async def apply(self, plan: Plan, **how: Any) -> ApplyReport:
        return await Execution([Errand(self.store, plan)], **how).run()

    async def left(self) -> set[str]:
        keys = await keys_in(self.direct, self.bucket)
        return {key for key in keys if key.startswith(self.top)}

    async def judge(self, report: ApplyReport) -> list[str]:
        """What is wrong with what was told, given what is there."""
        left = await self.left()
        there = left & self.keys
        failed = {each.key for each in report.not_done if each.outcome is Outcome.FAILED}
        open_ = {each.key for each in report.not_done if each.outcome is Outcome.IN_DOUBT}
        is_whole = not report.bucket_errors
        checks = {
            "neighbours were touched": left - self.keys == self.neighbours,
            "more were called expired than are gone": report.count(Action.EXPIRE)
            <= COUNT - len(there),
            f"there, and not told: {there - failed - open_}": not is_whole
            or there <= failed | open_,
            f"gone, and called failed: {failed - there}": failed <= there,
            "not all are accounted for": not is_whole or report.tried == COUNT,
            "something is called changed": not report.count_left(Outcome.CHANGED),
        }
        return [wrong for wrong, is_right in checks.items() if not is_right]


async def _put(lab: Lab, name: str) -> None:
    await lab.direct.put(lab.at(name), b"x")


async def _connect(stack: AsyncExitStack, pool: WirePool, endpoint: Endpoint) -> Store:
    connection = Connection(ConnectionId("c"), endpoint.server, endpoint.url, endpoint.region)
    keys = GivenSecrets(Credentials(endpoint.access_key, endpoint.secret_key))
    store = await open_store(connection, keys, pool)
    stack.push_async_callback(store.aclose)
    return store


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[Endpoint], Any]]:
    pool = WirePool(QUICK)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(pool.aclose)
        yield lambda endpoint: _connect(stack, pool, endpoint)


@pytest.fixture(scope="module")
def ceph_home(ceph: Endpoint) -> Iterator[str]:
    with temporary_bucket(ceph) as name:
        yield name


@pytest.fixture
def proxy(ceph: Endpoint, fault_proxy: Callable[[Endpoint], FaultProxy]) -> FaultProxy:
    return fault_proxy(ceph)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in ("BASE_S", "THROTTLED_BASE_S"):
        monkeypatch.setattr(f"s4desk.core.store.retry.{pause}", 0.01)


@dataclass(frozen=True)
class Hazard:
    """A fault, how often (None: always), and whether all must have gone in spite of it."""

    fault: Fault
    times: int | None = 1
    is_overcome: bool = True


LOOK, DELETE = ("HEAD", "/p/"), ("POST", r"\?delete")
HAZARDS = {
    "patience is asked for": Hazard(slow_down(), 3),
    "patience is asked for, for ever": Hazard(slow_down(), None, False),
    "a fault of the store": Hazard(error_reply(500, "InternalError"), 2),
    "a store that is broken": Hazard(error_reply(500, "InternalError"), None, False),
    "a lost reply": Hazard(dropped_reply(), 2),
    "replies that are always lost": Hazard(dropped_reply(), None, False),
    "a request that never arrives": Hazard(Cut(None, "request"), 2),
    "a reply cut halfway": Hazard(truncated(20), 2),
    "a refusal": Hazard(error_reply(403, "AccessDenied"), 1, False),
}
TABLE = [
    pytest.param(step, hazard, id=f"{step[0]}: {name}")
    for step in (LOOK, DELETE)
    for name, hazard in HAZARDS.items()
]


@pytest.mark.parametrize(("step", "hazard"), TABLE)
async def test_an_application_under_a_fault(
    ceph: Endpoint,
    ceph_home: str,
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
    step: tuple[str, str],
    hazard: Hazard,
) -> None:
    lab = Lab(ceph_home, await connect(proxy.endpoint), await connect(ceph))
    await lab.fill()
    plan = await lab.plan()
    assert len(plan) == COUNT
    method, path = step

    def is_meant(request: RecordedRequest) -> bool:
        return request.method == method and bool(re.search(path, request.target))

    rule = proxy.on(hazard.fault, where=is_meant, times=hazard.times)
    report = await lab.apply(plan)
    assert rule.hits, "it was spared"
    assert await lab.judge(report) == []
    if hazard.is_overcome:
        assert report.errors == 0
    elif not (hazard.fault == dropped_reply() and step == DELETE):
        # What was deleted without a word is looked at, and found gone.
        assert report.errors
    proxy.clear()
    again = await lab.apply(await lab.plan())
    assert again.errors == 0
    assert await lab.left() == lab.neighbours


async def test_a_lost_reply_puts_no_second_marker_on_top(
    ceph: Endpoint,
    new_bucket: Callable[..., str],
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
) -> None:
    lab = Lab(new_bucket(ceph), await connect(proxy.endpoint), await connect(ceph))
    await lab.direct.put_document(
        lab.bucket, from_json(ConfigKind.VERSIONING, {"Status": "Enabled"})
    )
    await lab.fill()
    proxy.on(dropped_reply(), method="POST", path_re=r"\?delete", times=2)
    report = await lab.apply(await lab.plan())
    assert (report.count(Action.EXPIRE), report.errors) == (COUNT, 0)
    page = await lab.direct.list_versions(Prefix(lab.bucket, f"{lab.top}p/"), delimiter="")
    marks = [each.is_delete_marker for each in page.versions]
    assert (marks.count(True), marks.count(False)) == (COUNT, COUNT)
    assert await lab.left() == lab.neighbours


# What another client does while one waits, or lies at the prompt


async def _keep(lab: Lab, status: str) -> None:
    value = from_json(ConfigKind.VERSIONING, {"Status": status})
    await lab.direct.put_document(lab.bucket, value)


async def _rows(lab: Lab, name: str) -> list[tuple[str, bool]]:
    page = await lab.direct.list_versions(Prefix(lab.bucket, lab.at(name).key), delimiter="")
    return [(each.version, each.is_delete_marker) for each in page.versions]


class Meddler:
    """Does something as soon as the proxy has answered so many requests of a kind."""

    def __init__(self, proxy: FaultProxy, method: str, deed: Callable[[], Any]) -> None:
        self._proxy = proxy
        self._method = method
        self._deed = deed
        self._seen = len(proxy.requests)

    async def __aenter__(self) -> None:
        self._work = asyncio.create_task(self._wait())

    async def __aexit__(self, *_: object) -> None:
        await asyncio.wait_for(self._work, 20)

    async def _wait(self) -> None:
        while not self._is_answered():  # noqa: ASYNC110 - the proxy is on threads of its own
            await asyncio.sleep(0.002)
        await self._deed()

    def _is_answered(self) -> bool:
        requests = self._proxy.requests[self._seen :]
        return any(each.method == self._method and each.is_done for each in requests)


@pytest.fixture
def long_pauses(short_pauses: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long enough for somebody else."""
    for pause in ("BASE_S", "THROTTLED_BASE_S"):
        monkeypatch.setattr(f"s4desk.core.store.retry.{pause}", 1.0)


@pytest.mark.usefixtures("long_pauses")
@pytest.mark.parametrize("fault", [slow_down(), dropped_reply()], ids=["throttled", "lost"])
@pytest.mark.parametrize("is_odd", [False, True], ids=["together", "one by one"])
async def test_what_is_written_while_a_deletion_waits_survives(
    ceph: Endpoint,
    new_bucket: Callable[..., str],
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
    fault: Fault,
    is_odd: bool,
) -> None:
    lab = Lab(new_bucket(ceph), await connect(proxy.endpoint), await connect(ceph))
    names = ["a", "b", "c", "z\x01odd"] if is_odd else ["b"]
    for name in names:
        await _put(lab, name)
    plan = await lab.plan()
    method = "DELETE" if is_odd else "POST"
    proxy.on(fault, method=method, times=1)
    async with Meddler(proxy, method, lambda: lab.direct.put(lab.at("b"), b"new")):
        report = await lab.apply(plan)
    assert await lab.left() == {lab.at("b").key}
    assert report.errors == 0
    outcomes = {each.key: each.outcome for each in report.not_done}
    assert outcomes == {lab.at("b").key: Outcome.CHANGED}


@pytest.mark.usefixtures("long_pauses")
async def test_an_old_version_that_is_brought_back_while_a_deletion_waits_survives(
    ceph: Endpoint,
    new_bucket: Callable[..., str],
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
) -> None:
    lab = Lab(new_bucket(ceph), await connect(proxy.endpoint), await connect(ceph))
    await _keep(lab, "Enabled")
    await _put(lab, "a")
    await lab.direct.delete(lab.at("a"))
    (marker, _), old = await _rows(lab, "a")
    plan = await lab.plan(None, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    proxy.on(slow_down(), method="POST", times=1)
    restore = lab.direct.delete
    async with Meddler(proxy, "POST", lambda: restore(lab.at("a"), version=VersionId(marker))):
        report = await lab.apply(plan)
    assert await _rows(lab, "a") == [old]
    assert [each.outcome for each in report.not_done] == [Outcome.CHANGED]


@pytest.mark.usefixtures("long_pauses")
async def test_what_is_written_while_a_move_waits_keeps_what_is_its_own(
    ceph: Endpoint,
    new_bucket: Callable[..., str],
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
) -> None:
    lab = Lab(new_bucket(ceph), await connect(proxy.endpoint), await connect(ceph))
    await lab.direct.put(lab.at("a"), b"old", attributes=Attributes(metadata={"m": "old"}))
    plan = await lab.plan(None, {"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]})
    proxy.on(slow_down(), method="PUT", times=1)
    mine = Attributes(metadata={"m": "new"}, tags={"t": "new"})
    async with Meddler(proxy, "PUT", lambda: lab.direct.put(lab.at("a"), b"new", attributes=mine)):
        report = await lab.apply(plan)
    there = await lab.direct.head(lab.at("a"))
    assert (dict(there.attributes.metadata), there.storage_class) == ({"m": "new"}, "STANDARD")
    assert dict(await lab.direct.get_tags(lab.at("a"))) == {"t": "new"}
    assert [each.outcome for each in report.not_done] == [Outcome.CHANGED]


async def test_a_move_of_which_nobody_heard_is_found_done(
    ceph: Endpoint,
    new_bucket: Callable[..., str],
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
) -> None:
    lab = Lab(new_bucket(ceph), await connect(proxy.endpoint), await connect(ceph))
    kept = Attributes(metadata={"m": "1"}, tags={"t": "1"})
    await lab.direct.put(lab.at("a"), b"old", attributes=kept)
    plan = await lab.plan(None, {"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]})
    proxy.on(dropped_reply(), method="PUT", times=2)
    report = await lab.apply(plan)
    there = await lab.direct.head(lab.at("a"))
    assert (dict(there.attributes.metadata), there.storage_class) == ({"m": "1"}, "STANDARD_IA")
    assert dict(await lab.direct.get_tags(lab.at("a"))) == {"t": "1"}
    assert (report.counters["transitioned"], report.errors) == (1, 0)


@pytest.mark.parametrize("is_below", [False, True], ids=["current", "below another"])
@pytest.mark.parametrize("name", ["ceph", "localstack"])
async def test_where_versioning_is_suspended_at_the_prompt_nothing_is_lost(
    request: pytest.FixtureRequest,
    name: str,
    is_below: bool,
    new_bucket: Callable[..., str],
    connect: Callable[[Endpoint], Any],
) -> None:
    server = request.getfixturevalue(name)
    store = await connect(server)
    lab = Lab(new_bucket(server), store, store)
    await _put(lab, "a")
    await _keep(lab, "Enabled")
    if is_below:
        await _put(lab, "a")
    before = await _rows(lab, "a")
    for rule in (expire(30), {"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]}):
        await _keep(lab, "Enabled")
        plan = await lab.plan(None, rule)
        await _keep(lab, "Suspended")
        report = await lab.apply(plan)
        assert [each.outcome for each in report.not_done] == [Outcome.VERSIONING]
        assert await _rows(lab, "a") == before


@pytest.mark.parametrize(
    "fault",
    [error_reply(405, "MethodNotAllowed"), Reply(200, b""), error_reply(501, "NotImplemented")],
    ids=["405", "blank", "501"],
)
async def test_an_odd_word_about_versions_loses_none(
    ceph: Endpoint,
    new_bucket: Callable[..., str],
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
    fault: Fault,
) -> None:
    lab = Lab(new_bucket(ceph), await connect(proxy.endpoint), await connect(ceph))
    await _put(lab, "a")
    await _keep(lab, "Enabled")
    await _put(lab, "a")
    await _keep(lab, "Suspended")
    before = await _rows(lab, "a")
    move = {"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]}
    rule = proxy.on(fault, method="GET", path_re=r"\?versioning", times=1)
    report = await lab.apply(await lab.plan(lab.store, move))
    assert rule.hits
    assert await _rows(lab, "a") == before
    assert report.counters["transitioned"] == 0


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
@pytest.mark.parametrize(
    "fault", [error_reply(405, "MethodNotAllowed"), Reply(200, b"")], ids=["405", "blank"]
)
async def test_an_odd_word_about_tags_deletes_nothing_that_they_protect(
    ceph: Endpoint,
    new_bucket: Callable[..., str],
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
    fault: Fault,
    times: int | None,
) -> None:
    """Always, and in front of two alone: these say nothing of the store."""
    lab = Lab(new_bucket(ceph), await connect(proxy.endpoint), await connect(ceph))
    keys = [f"{number:02}" for number in range(20 if times else 2)]
    for key in keys:
        await lab.direct.put(lab.at(key), b"x", attributes=Attributes(tags={"t": "1"}))
    keep = {
        "Filter": {"Tag": {"Key": "t", "Value": "1"}},
        "Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}],
    }
    value = lifecycle_of(rules(keep, expire(1)))
    proxy.on(fault, method="GET", path_re="tagging", times=times)
    plan = await Planning(lab.store, lab.bucket, value, LATER).plan()
    report = await lab.apply(plan)
    assert len(await lab.left()) == len(keys)
    assert (report.counters["expired"], report.errors) == (0, times or 2)


async def test_a_listing_that_does_not_go_on_takes_nothing_that_was_not_listed(
    ceph: Endpoint,
    new_bucket: Callable[..., str],
    proxy: FaultProxy,
    connect: Callable[[Endpoint], Any],
) -> None:
    """It says that there is more, and not where."""
    lab = Lab(new_bucket(ceph), await connect(proxy.endpoint), await connect(ceph))
    names = [f"{number:04}" for number in range(1050)]
    await run_bounded((_put(lab, name) for name in names), 8)
    proxy.on(Mask(rb"(?<=NextContinuation)Token"), path_re="list-type", times=None)
    plan = await lab.plan(lab.store)
    assert not plan.is_whole
    assert [each.doubt for each in plan.concerns] == [Doubt.BROKEN_LISTING]
    report = await lab.apply(plan)
    assert report.count(Action.EXPIRE) == len(plan) <= 1000
    proxy.clear()
    assert len(await lab.left()) == 1050 - len(plan)


# Between plan and act, on every server


@pytest.fixture(params=["ceph", "localstack", "moto"])
def server(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("name", ["ceph", "localstack", "moto", "rclone", "swift"])
async def test_what_was_replaced_since_the_plan_survives(
    request: pytest.FixtureRequest,
    name: str,
    new_bucket: Callable[..., str],
    connect: Callable[[Endpoint], Any],
) -> None:
    server = request.getfixturevalue(name)
    store = await connect(server)
    lab = Lab(new_bucket(server), store, store)
    for key in ("a", "b", "same"):
        await store.put(lab.at(key), b"old")
    plan = await lab.plan()
    before = (await store.head(lab.at("same"))).modified
    await store.put(lab.at("b"), b"new")
    after = before
    while after == before:  # dates are told to the second
        await asyncio.sleep(0.2)
        await store.put(lab.at("same"), b"old")
        after = (await store.head(lab.at("same"))).modified
    report = await lab.apply(plan)
    assert {each.key: each.outcome for each in report.not_done} == {
        lab.at("b").key: Outcome.CHANGED,
        lab.at("same").key: Outcome.CHANGED,
    }
    assert await lab.left() == {lab.at("b").key, lab.at("same").key}


@pytest.mark.parametrize("kind", ["hold", "retention"])
@pytest.mark.parametrize("name", ["ceph", "localstack"])
async def test_a_lock_that_was_set_since_the_plan_is_honoured(
    request: pytest.FixtureRequest,
    name: str,
    kind: str,
    new_bucket: Callable[..., str],
    connect: Callable[[Endpoint], Any],
) -> None:
    server = request.getfixturevalue(name)
    store = await connect(server)
    lab = Lab(new_bucket(server, lock=True), store, store)
    for key in ("a", "b"):
        await store.put(lab.at(key), b"old")
        await store.put(lab.at(key), b"new")
    described = (expire(30), {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    plan = await lab.plan(None, *described)
    assert {action: count for action, (count, _) in plan.counts.items()} == {
        Action.EXPIRE: 2,
        Action.EXPIRE_NONCURRENT: 2,
    }
    page = await store.list_versions(Prefix(lab.bucket, lab.at("b").key), delimiter="")
    versions = [VersionId(each.version) for each in page.versions]
    until = datetime.now(UTC).replace(year=2030, microsecond=0)
    lock = LockState(LockMode.GOVERNANCE, until)
    for version in versions:
        if kind == "hold":
            await store.put_legal_hold(lab.at("b"), is_on=True, version=version)
        else:
            await store.put_retention(lab.at("b"), lock, version=version)
    report = await lab.apply(plan)
    assert report.counters["skipped_locked"] == 2
    assert (report.counters["expired"], report.counters["noncurrent_expired"]) == (1, 1)
    assert report.errors == 0
    page = await store.list_versions(Prefix(lab.bucket, lab.at("b").key), delimiter="")
    assert [each.version for each in page.versions] == versions
    for version in versions:
        if kind == "hold":
            await store.put_legal_hold(lab.at("b"), is_on=False, version=version)


async def test_a_transition_in_parts_keeps_bytes_and_tags(
    server: Endpoint, new_bucket: Callable[..., str], connect: Callable[[Endpoint], Any]
) -> None:
    store = await connect(server)
    lab = Lab(new_bucket(server), store, store)
    body = bytes(range(256)) * (11 * MIB // 256)
    await store.put(lab.at("large"), body)
    await store.put_tags(lab.at("large"), {"t": "1"})
    await store.put(lab.at("small"), b"x")
    move = {"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]}
    report = await lab.apply(await lab.plan(None, move), sizes=CopySizes(5 * MIB, 5 * MIB))
    assert (report.counters["transitioned"], report.errors) == (2, 0)
    for name, size in (("large", len(body)), ("small", 1)):
        there = await store.head(lab.at(name))
        assert (there.storage_class, there.size) == ("STANDARD_IA", size)
    assert dict(await store.get_tags(lab.at("large"))) == {"t": "1"}
    assert await store.list_uploads(Prefix(lab.bucket)) == []
    assert len(await lab.plan(None, move)) == 0
