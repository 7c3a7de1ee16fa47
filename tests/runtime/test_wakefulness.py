"""Keeping the computer awake: when it is asked for, and that nothing is left behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from s4desk.core.runtime.inhibitors import HeldProcess, system_inhibitor
from s4desk.core.runtime.wakefulness import BEGIN_AFTER_S, LINGER_S, Wakefulness
from tests.transfer.fake_clock import FakeClock
from tests.transfer.settle import settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

READER = [sys.executable, "-c", "import sys; sys.stdin.read()"]


class FakeInhibitor:
    def __init__(self) -> None:
        self.deeds: list[str] = []

    def begin(self) -> None:
        self.deeds.append("begin")

    def end(self) -> None:
        self.deeds.append("end")


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.inhibitor = FakeInhibitor()
        self.is_allowed = True
        self.awake = Wakefulness(lambda: self.inhibitor, self.clock, lambda: self.is_allowed)

    async def pass_by(self, seconds: float) -> None:
        await settle()
        self.clock.advance(seconds)
        await settle()

    async def did(self, *deeds: str) -> None:
        await settle(lambda: self.inhibitor.deeds == list(deeds))
        await settle()
        assert self.inhibitor.deeds == list(deeds)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.awake.aclose()


async def test_it_is_held_from_the_first_transfer_to_the_last(world: World) -> None:
    world.awake.show(True)
    await world.pass_by(BEGIN_AFTER_S)
    await world.did("begin")
    world.awake.show(False)
    await world.pass_by(LINGER_S)
    await world.did("begin", "end")
    world.awake.show(True)
    await world.pass_by(BEGIN_AFTER_S)
    await world.did("begin", "end", "begin")


async def test_it_is_held_as_long_as_anybody_is_busy(world: World) -> None:
    world.awake.show(True)
    world.awake.show(True, "rules")
    await world.pass_by(BEGIN_AFTER_S)
    await world.did("begin")
    world.awake.show(False)
    await world.pass_by(LINGER_S)
    await world.did("begin")
    world.awake.show(False, "rules")
    await world.pass_by(LINGER_S)
    await world.did("begin", "end")


async def test_a_short_transfer_is_not_worth_it(world: World) -> None:
    world.awake.show(True)
    await world.pass_by(BEGIN_AFTER_S / 2)
    world.awake.show(False)
    await world.pass_by(BEGIN_AFTER_S)
    await world.did()


async def test_a_short_pause_ends_nothing(world: World) -> None:
    world.awake.show(True)
    await world.pass_by(BEGIN_AFTER_S)
    world.awake.show(False)
    await world.pass_by(LINGER_S / 2)
    world.awake.show(True)
    await world.pass_by(LINGER_S)
    await world.did("begin")


async def test_it_may_be_forbidden_at_any_time(world: World) -> None:
    world.is_allowed = False
    world.awake.show(True)
    await world.pass_by(BEGIN_AFTER_S)
    await world.did()
    world.is_allowed = True
    world.awake.look()
    await world.pass_by(BEGIN_AFTER_S)
    await world.did("begin")
    world.is_allowed = False
    world.awake.look()
    await world.pass_by(LINGER_S)
    await world.did("begin", "end")


async def test_the_end_of_the_program_lets_go(world: World) -> None:
    world.awake.show(True)
    await world.pass_by(BEGIN_AFTER_S)
    await world.did("begin")
    await world.awake.aclose()
    await world.did("begin", "end")


async def test_where_there_is_nothing_nothing_happens() -> None:
    clock = FakeClock()
    awake = Wakefulness(lambda: None, clock, lambda: True)
    for is_busy in (True, False):
        awake.show(is_busy)
        await settle()
        clock.advance(LINGER_S)
        await settle()
    await awake.aclose()


def test_a_program_runs_as_long_as_it_is_wanted() -> None:
    held = HeldProcess(READER)
    held.begin()
    process = held._process
    assert process is not None
    assert process.poll() is None
    held.end()
    assert process.returncode == 0
    held.end()


def test_a_program_that_is_not_there_or_fails_is_no_error() -> None:
    for command in (["/no/such/program"], [sys.executable, "-c", "raise SystemExit(3)"]):
        held = HeldProcess(command)
        held.begin()
        held.end()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_program_does_not_outlive_whoever_holds_it() -> None:
    code = (
        "import sys; from s4desk.core.runtime.inhibitors import HeldProcess;"
        f"held = HeldProcess({READER!r}); held.begin();"
        "print(held._process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        held = os.pidfd_open(int(holder.stdout.readline()))
        holder.kill()
    # Readable once the process has ended.
    ended, _, _ = select.select([held], [], [], 20)
    os.close(held)
    assert ended == [held]


def test_this_system_offers_something_or_nothing() -> None:
    inhibitor = system_inhibitor("a test")
    if inhibitor is not None:
        inhibitor.begin()
        inhibitor.end()
