"""Several are asked; one wins; the others let go of what they have."""

from __future__ import annotations

import asyncio

import pytest

from s4desk.core.domain.errors import InvalidRequestError, NotFoundError
from s4desk.core.failover.broadcast import Probed, broadcast
from tests.failover.groups import HandClock, turns


class Round:
    """A broadcast over backends by name, each of which ends when a test says how."""

    def __init__(self, names, cap, *, drain_s=10.0, stubborn=""):
        self.clock = HandClock()
        self.asked = []
        self.ends = {}
        self.cleaned = []
        self.failed = []
        self.cancelled = []
        self.final = None
        self._stubborn = stubborn
        self.task = asyncio.ensure_future(
            broadcast(names, self._probe, self._fail, cap=cap, drain_s=drain_s, clock=self.clock)
        )

    @property
    def in_flight(self):
        return [name for name in self.asked if not self.ends[name].done()]

    async def succeed(self, name):
        self.ends[name].set_result(None)
        await turns()

    async def fail(self, name, error=None):
        self.ends[name].set_exception(error or NotFoundError(name))
        await turns()

    def _fail(self, name, error):
        self.failed.append(name)
        if self.final is not None:
            raise self.final

    async def _probe(self, name):
        self.asked.append(name)
        self.ends[name] = asyncio.get_running_loop().create_future()
        try:
            await (asyncio.shield(self.ends[name]) if name in self._stubborn else self.ends[name])
        except asyncio.CancelledError:
            self.cancelled.append(name)
            if name not in self._stubborn:
                raise
            await self.ends[name]
        return Probed(name.upper(), 1, lambda: self.cleaned.append(name))


async def begun(names, cap, **options):
    each = Round(names, cap, **options)
    await turns()
    return each


async def test_never_more_than_cap_are_in_flight_and_a_failure_starts_the_next():
    each = await begun("abcdef", 3)
    assert each.asked == list("abc")
    for name, following in (("b", "d"), ("a", "e"), ("d", "f")):
        await each.fail(name)
        assert each.asked[-1] == following
        assert len(each.in_flight) == 3
    for name in "cef":
        await each.fail(name)
    assert await each.task is None
    assert each.failed == list("badcef")


async def test_the_first_success_wins():
    each = await begun("abcd", 3)
    await each.fail("a")
    await each.succeed("c")
    won = await each.task
    assert (won.backend, won.probed.value) == ("c", "C")
    assert each.asked == list("abcd")


async def test_of_those_that_succeed_at_once_the_one_that_was_asked_first_wins():
    for _ in range(5):
        each = await begun("abcdefgh", 8)
        for name in "hgfedcba":
            each.ends[name].set_result(None)
        await turns()
        assert (await each.task).backend == "a"
        assert sorted(each.cleaned) == list("bcdefgh")


async def test_losers_are_cancelled_and_the_winner_is_left_alone():
    each = await begun("abc", 3)
    await each.succeed("b")
    await each.task
    assert sorted(each.cancelled) == ["a", "c"]
    assert each.cleaned == []


async def test_losers_that_have_it_too_are_cleaned_up():
    each = await begun("abc", 3)
    for name in "bc":
        each.ends[name].set_result(None)
    await turns()
    won = await each.task
    assert won.backend == "b"
    assert each.cleaned == ["c"]


async def test_a_loser_that_ends_as_if_nobody_had_cancelled_is_cleaned_up():
    each = await begun("ab", 2, stubborn="a")
    await each.succeed("b")
    assert not each.task.done()
    await each.succeed("a")
    assert (await each.task).backend == "b"
    assert each.cleaned == ["a"]


async def test_one_that_hangs_is_waited_for_no_longer_than_so_long(expected_logs):
    each = await begun("ab", 2, drain_s=10, stubborn="a")
    await each.succeed("b")
    each.clock.advance(9.9)
    await turns()
    assert not each.task.done()
    each.clock.advance(0.1)
    await turns()
    assert (await each.task).backend == "b"
    assert each.cleaned == []
    # What it gets in the end is released then.
    await each.succeed("a")
    assert each.cleaned == ["a"]
    assert len(expected_logs) == 1


async def test_one_after_the_other_nobody_loses():
    each = await begun("abc", 1)
    await each.fail("a")
    assert each.asked == ["a", "b"]
    await each.succeed("b")
    await each.task
    assert each.asked == ["a", "b"]
    assert (each.cancelled, each.cleaned) == ([], [])


async def test_an_error_that_ends_it_all_cancels_the_others():
    each = await begun("abc", 3)
    each.final = InvalidRequestError("no")
    await each.fail("b")
    with pytest.raises(InvalidRequestError):
        await each.task
    assert sorted(each.cancelled) == ["a", "c"]


async def test_cancelled_it_cancels_all():
    each = await begun("abc", 2)
    each.task.cancel()
    await turns()
    assert each.task.cancelled()
    assert sorted(each.cancelled) == ["a", "b"]


async def test_what_nobody_foresaw_is_raised():
    each = await begun("ab", 2)
    await each.fail("a", ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await each.task
    assert each.cancelled == ["b"]


async def test_nobody_to_ask_is_nobody_who_won():
    each = await begun("", 3)
    assert await each.task is None
