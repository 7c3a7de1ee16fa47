"""Asking several backends until one has what is wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from s4desk.core.domain.errors import S4DeskError

if TYPE_CHECKING:
    from s4desk.core.runtime.clock import Clock

log = logging.getLogger(__name__)
T = TypeVar("T")
B = TypeVar("B")


def nothing_to_release() -> None:
    """The cleanup of what holds nothing."""


@dataclass(frozen=True, slots=True)
class Probed(Generic[T]):
    """What a backend has given. `cleanup` releases what was kept for it: it is called for those who
    came too late, never for the winner. Who fails has released all of its own."""

    value: T
    size: int = 0
    cleanup: Callable[[], None] = nothing_to_release


Probe = Callable[[B], Awaitable[Probed[T]]]


@dataclass(frozen=True, slots=True)
class Won(Generic[B, T]):
    backend: B
    probed: Probed[T]


async def broadcast(
    backends: Iterable[B],
    probe: Probe[B, T],
    failed: Callable[[B, S4DeskError], None],
    *,
    cap: int,
    drain_s: float,
    clock: Clock,
) -> Won[B, T] | None:
    """The first of them that succeeds, None when none did.

    At most `cap` are asked at a time, in order; each that fails makes room for the next, and is
    told to `failed`, which may raise: that ends it all. Those who are still busy when one has won
    are cancelled and waited for, at most `drain_s` seconds.
    """
    waiting = iter(backends)
    running: dict[asyncio.Task[Probed[T]], B] = {}
    try:
        while True:
            for backend in waiting:
                running[asyncio.ensure_future(_asked(probe, backend))] = backend
                if len(running) >= cap:
                    break
            if not running:
                return None
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            # Of those that have ended at once, the one that was asked first counts.
            for task in [each for each in running if each in done]:
                if task.exception() is None:
                    return Won(running.pop(task), task.result())
            for task in done:
                error = task.exception()
                if not isinstance(error, S4DeskError):
                    task.result()
                    raise AssertionError("it has an exception")
                failed(running.pop(task), error)
    finally:
        await _drained(list(running), drain_s, clock)


async def _asked(probe: Probe[B, T], backend: B) -> Probed[T]:
    return await probe(backend)


async def _drained(losers: list[asyncio.Task[Probed[T]]], drain_s: float, clock: Clock) -> None:
    """End them, and release what they got. One that hangs is left behind: what it gets in the end
    is released then."""
    for each in losers:
        each.cancel()
        each.add_done_callback(_release)
    if losers:
        limit = asyncio.ensure_future(clock.sleep(drain_s))
        ended = asyncio.ensure_future(_all_ended(losers))
        try:
            await asyncio.wait([ended, limit], return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()
            ended.cancel()
        if not all(each.done() for each in losers):
            log.warning("a backend that lost is still busy after %.0f s", drain_s)


async def _all_ended(losers: list[asyncio.Task[Probed[T]]]) -> None:
    await asyncio.wait(losers)


def _release(loser: asyncio.Task[Probed[T]]) -> None:
    if not loser.cancelled() and loser.exception() is None:
        loser.result().cleanup()
