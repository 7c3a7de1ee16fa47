"""Jobs on worker threads: lanes, cancelling, closing."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
import threading

import pytest

from s4desk.core.runtime.repeats import listen, note_repeat
from s4desk.core.wire.body import small_beside
from s4desk.core.wire.cancellation import CancelledJobError
from s4desk.core.wire.connection import Request
from s4desk.core.wire.endpoint import Timeouts
from s4desk.core.wire.pool import GLANCE_THREADS, Lane, PoolClosedError, WirePool
from tests.wire.scripted import ROOMY, ScriptedServer, reply

GET = Request("GET", "/", [("Host", "x")])


@pytest.fixture
async def pool():
    made = WirePool(ROOMY, interactive=2, bulk=2)
    yield made
    await made.aclose()


def wire_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("wire-")]


class Gate:
    """A job that waits until it is let through, and says that it began."""

    def __init__(self, result=None):
        self.began, self.open = threading.Event(), threading.Event()
        self.result = result
        self.thread = ""
        self.was_cancelled = False

    def __call__(self, exchange):
        self.thread = threading.current_thread().name
        self.began.set()
        while not self.open.wait(0.01):
            try:
                exchange.token.check()
            except CancelledJobError:
                self.was_cancelled = True
                raise
        return self.result


async def begun(*gates):
    for gate in gates:
        assert await asyncio.to_thread(gate.began.wait, 5)


def submit(pool, job, lane=Lane.BULK):
    return asyncio.ensure_future(pool.run(lane, job))


async def test_a_job_runs_on_a_worker_thread(pool):
    name = await pool.run(Lane.BULK, lambda _: threading.current_thread().name)
    assert name.startswith("wire-")
    assert name != threading.current_thread().name


async def test_no_thread_is_started_before_there_is_work(pool):
    assert not wire_threads()
    await pool.run(Lane.BULK, lambda _: None)
    await pool.run(Lane.BULK, lambda _: None)
    assert len(wire_threads()) == 1


async def test_what_a_job_raises_is_raised(pool):
    def fail(_exchange):
        raise KeyError("as it is")

    with pytest.raises(KeyError, match="as it is"):
        await pool.run(Lane.BULK, fail)
    assert await pool.run(Lane.BULK, lambda _: 5) == 5


async def test_the_lanes_do_not_wait_for_each_other(pool):
    gates = [Gate() for _ in range(4)]
    running = [submit(pool, gate) for gate in gates]
    await begun(*gates[:2])
    assert await pool.run(Lane.INTERACTIVE, lambda _: "listing") == "listing"
    assert await pool.run(Lane.GLANCE, lambda _: "picture") == "picture"
    assert not gates[2].began.is_set()
    for gate in gates:
        gate.open.set()
    await asyncio.gather(*running)


async def test_a_lane_can_grow_and_shrink_while_it_works(pool):
    gates = [Gate() for _ in range(4)]
    running = [submit(pool, gate) for gate in gates]
    await begun(*gates[:2])
    pool.resize_bulk(4)
    await begun(*gates)
    pool.resize_bulk(1)
    for gate in gates:
        gate.open.set()
    await asyncio.gather(*running)
    assert await pool.run(Lane.BULK, lambda _: 1) == 1
    more = [Gate(), Gate()]
    running = [submit(pool, gate) for gate in more]
    await begun(more[0])
    assert not more[1].began.wait(0.1)
    for gate in more:
        gate.open.set()
    await asyncio.gather(*running)
    assert more[0].thread == more[1].thread


async def test_a_job_that_waits_is_dropped_when_cancelled(pool):
    gates = [Gate(), Gate(), Gate()]
    running = [submit(pool, gate) for gate in gates]
    await begun(*gates[:2])
    running[2].cancel()
    with pytest.raises(asyncio.CancelledError):
        await running[2]
    for gate in gates:
        gate.open.set()
    await asyncio.gather(*running[:2])
    assert not gates[2].began.is_set()


async def test_cancelling_waits_until_the_thread_has_ended(pool):
    entered, leave, left = threading.Event(), threading.Event(), threading.Event()

    def stubborn(_exchange):
        entered.set()
        leave.wait(5)
        left.set()

    running = submit(pool, stubborn)
    assert await asyncio.to_thread(entered.wait, 5)
    for _ in range(3):
        running.cancel()
        await asyncio.sleep(0)
    assert not running.done()
    leave.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert left.is_set()


async def test_cancelling_does_not_wait_for_a_name_lookup(pool):
    entered, leave = threading.Event(), threading.Event()
    touched = []

    def lookup():
        entered.set()
        leave.wait(5)

    def job(exchange):
        exchange.token.detached(lookup)
        touched.append("body")

    running = submit(pool, job)
    assert await asyncio.to_thread(entered.wait, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(3):
            await running
    leave.set()
    assert await pool.run(Lane.BULK, lambda _: 1) == 1
    assert not touched


async def test_cancelling_interrupts_a_request():
    asked, done = threading.Event(), threading.Event()

    def answer(_asked):
        asked.set()
        done.wait(5)

    pool = WirePool(Timeouts(first_byte=20))

    def job(exchange):
        with exchange.request(server.endpoint, GET) as answer:
            return answer.status

    with ScriptedServer(answer) as server:
        running = submit(pool, job)
        assert await asyncio.to_thread(asked.wait, 5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(3):
                await running
        done.set()
        await pool.aclose()


async def test_closing_ends_threads_and_connections():
    hung_up = threading.Event()

    def answer(_asked):
        return reply(b"x")

    pool = WirePool(ROOMY)

    def job(exchange):
        with exchange.request(server.endpoint, GET) as answer:
            return answer.read_all(10)

    with ScriptedServer(answer) as server:
        assert await asyncio.gather(*[pool.run(Lane.BULK, job) for _ in range(5)]) == [b"x"] * 5
        assert wire_threads()
        await pool.aclose()
    hung_up.set()
    assert not wire_threads()
    with pytest.raises(PoolClosedError):
        await pool.run(Lane.BULK, job)


async def test_closing_stops_what_runs_and_what_waits(pool):
    gates = [Gate(), Gate(), Gate()]
    running = [submit(pool, gate) for gate in gates]
    await begun(*gates[:2])
    await pool.aclose()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        assert isinstance(outcome, PoolClosedError)
    assert [gate.was_cancelled for gate in gates] == [True, True, False]
    assert not wire_threads()


async def test_who_wants_to_know_of_repeats_hears_of_them_from_the_thread(pool):
    heard = []

    def again(_):
        note_repeat()

    async def work():
        listen(lambda: heard.append(threading.current_thread().name))
        await pool.run(Lane.BULK, again)

    await asyncio.gather(work(), pool.run(Lane.BULK, again))
    (name,) = heard
    assert name.startswith("wire-")


def test_it_can_be_closed_when_the_loop_is_gone():
    pool = WirePool(ROOMY)
    gate = Gate()

    async def leave_behind():
        running = submit(pool, gate)
        await begun(gate)
        running.add_done_callback(lambda _: None)
        return running

    loop = asyncio.new_event_loop()
    abandoned = loop.run_until_complete(leave_behind())
    abandoned._log_destroy_pending = False
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    pool.close()
    assert gate.was_cancelled
    assert not wire_threads()


def test_it_serves_one_loop_after_another():
    pool = WirePool(ROOMY)
    for number in range(3):
        assert asyncio.run(pool.run(Lane.BULK, lambda _, number=number: number)) == number
    pool.close()


async def test_idle_threads_leave():
    pool = WirePool(dataclasses.replace(ROOMY, idle=0.05))
    await pool.run(Lane.BULK, lambda _: None)
    for thread in wire_threads():
        await asyncio.to_thread(thread.join, 5)
    assert not wire_threads()
    assert await pool.run(Lane.BULK, lambda _: 7) == 7
    await pool.aclose()


async def test_many_jobs_at_once_all_come_back(pool):
    results = await asyncio.gather(
        *[pool.run(lane, lambda _, n=n: n) for n in range(200) for lane in Lane]
    )
    assert sorted(results) == sorted(len(Lane) * [*range(200)])
    assert len(wire_threads()) <= 2 + GLANCE_THREADS + 2 + small_beside(2)


async def test_a_thread_uses_its_buffer_again(pool):
    pool.resize_bulk(1)

    def fill(exchange):
        view = exchange.scratch.view(10)
        view[:] = b"0123456789"

    await pool.run(Lane.BULK, fill)
    assert await pool.run(Lane.BULK, lambda exchange: bytes(exchange.scratch.view(5))) == b"01234"
    assert await pool.run(Lane.BULK, lambda exchange: len(exchange.scratch.view(50))) == 50


def test_it_can_be_made_before_any_s3_library_is_loaded():
    """Importing botocore takes longer than the first window may."""
    code = (
        "import sys, s4desk.core.wire.pool\n"
        "sys.exit(', '.join({'botocore', 'awscrt', 'lxml'} & sys.modules.keys()) or None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
