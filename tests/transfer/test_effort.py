"""What a transfer took: bytes sent and found, parts, repeated requests, seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.transfer import Effort, TransferState
from s4desk.core.store.retry import RetryingStore
from s4desk.core.transfer.effort import EffortMeter
from s4desk.core.transfer.job import Stop
from s4desk.core.transfer.jobs import make_job
from tests.transfer.fake_clock import FakeClock
from tests.transfer.world import PART, World, noise

if TYPE_CHECKING:
    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.store.protocol import Store

CONTENT = noise(3 * PART + 1)


def figures(effort: Effort) -> tuple[int, int, int, int]:
    return effort.sent, effort.reused, effort.parts, effort.retries


@pytest.mark.parametrize(("content", "parts"), [(CONTENT, 4), (b"small", 1)])
@pytest.mark.parametrize("is_upload", [True, False])
async def test_a_transfer_in_one_go(
    world: World, content: bytes, parts: int, is_upload: bool
) -> None:
    transfer = await (world.upload if is_upload else world.download)(content)
    done = await world.run(transfer)
    assert figures(done.effort) == (len(content), 0, parts, 0)


@pytest.mark.parametrize("is_upload", [True, False])
async def test_what_an_earlier_life_moved_is_reused(world: World, is_upload: bool) -> None:
    transfer = await (world.upload if is_upload else world.download)(CONTENT)
    await world.closed_midway(transfer, after=2)
    done = await world.run(transfer)
    assert done.state is TransferState.COMPLETED
    assert done.effort.reused == 2 * PART
    assert (done.effort.sent, done.effort.parts) == (len(CONTENT) - 2 * PART, 2)


async def test_a_second_attempt_counts_on(world: World) -> None:
    transfer = await world.upload(CONTENT)
    paused = (await world.stopped_midway(transfer, Stop.PAUSE, after=2)).transfer
    assert (paused.effort.reused, paused.effort.parts) == (0, 2)
    queued = replace(paused, state=paused.state.to(TransferState.QUEUED))
    job = make_job(queued, world.context())
    await job.run()
    assert figures(job.transfer.effort) == (len(CONTENT), 0, 4, 0)


async def test_requests_that_are_sent_again_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def patient(_: ConnectionId) -> Store:
        return RetryingStore(world.store, jitter=lambda: 0.0)

    monkeypatch.setattr(world, "_store_of", patient)
    world.store.fail("put_part", UnavailableError("cut"), None, UnavailableError("cut"))
    world.store.fail("create_multipart", UnavailableError("cut"))
    done = await world.run(await world.upload(CONTENT))
    assert (done.state, done.effort.retries) == (TransferState.COMPLETED, 3)
    other = await world.run(await world.upload(b"small", "other"))
    assert other.effort.retries == 0


def test_what_is_taken_back_was_sent_all_the_same_and_time_adds_up() -> None:
    clock = FakeClock()
    meter = EffortMeter(Effort(sent=5, seconds=2.0), clock)
    meter.moved(10)
    meter.moved(-10)
    meter.moved(10)
    clock.advance(3.0)
    assert (meter.total().sent, meter.total().seconds) == (25, 5.0)
