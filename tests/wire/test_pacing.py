"""Bandwidth limits: on a fake clock the sums, with threads the pauses."""

from __future__ import annotations

import threading
import time

import pytest

from s4desk.core.wire.cancellation import CancelledJobError, CancelToken
from s4desk.core.wire.connection import Meter
from s4desk.core.wire.paced_body import PacedMeter, PacedPayload, paced
from s4desk.core.wire.pacing import (
    BURST_S,
    MAX_PIECE,
    MIN_PIECE,
    PIECES_PER_S,
    UNPACED,
    Pace,
    TokenBucket,
)
from s4desk.core.wire.payload import BufferPayload

KIB = 1024
MIB = 1024 * KIB


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class FakeToken(CancelToken):
    """Sleeps by moving the clock on."""

    def __init__(self, clock: Time) -> None:
        super().__init__()
        self.clock = clock
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.clock.now += seconds


@pytest.fixture
def clock() -> Time:
    return Time()


def test_without_a_limit_nothing_is_paid(clock: Time) -> None:
    bucket = TokenBucket(0, clock)
    assert bucket.pause(bucket.take(10 * MIB)) == 0
    token = FakeToken(clock)
    Pace(bucket).spend(10 * MIB, token)
    assert token.sleeps == []


def test_bytes_pass_at_the_rate(clock: Time) -> None:
    pace, token = Pace(TokenBucket(100 * KIB, clock)), FakeToken(clock)
    for _ in range(100):
        pace.spend(10 * KIB, token)
    assert clock.now - 100 == pytest.approx(10, abs=BURST_S)


def test_no_pause_is_longer_than_a_tick(clock: Time) -> None:
    pace, token = Pace(TokenBucket(KIB, clock)), FakeToken(clock)
    pace.spend(4 * KIB, token)
    assert max(token.sleeps) <= 0.25
    assert sum(token.sleeps) == pytest.approx(4, abs=BURST_S)


def test_time_in_which_nothing_moved_is_not_made_up_for(clock: Time) -> None:
    bucket = TokenBucket(100 * KIB, clock)
    clock.now += 3600
    assert bucket.pause(bucket.take(100 * KIB)) == pytest.approx(1 - BURST_S)


def test_whoever_comes_first_is_served_first(clock: Time) -> None:
    bucket = TokenBucket(10 * KIB, clock)
    first, second, third = (bucket.take(10 * KIB) for _ in range(3))
    assert bucket.pause(first) < bucket.pause(second) < bucket.pause(third)
    clock.now += 1
    assert bucket.pause(first) == 0
    assert bucket.pause(second) == pytest.approx(1)
    # Who has moved much waits behind those who have moved little.
    assert bucket.pause(bucket.take(1)) > bucket.pause(third)


def test_a_new_limit_holds_for_those_who_wait(clock: Time) -> None:
    bucket = TokenBucket(10 * KIB, clock)
    place = bucket.take(100 * KIB)
    assert bucket.pause(place) == pytest.approx(10)
    bucket.rate = 100 * KIB
    assert bucket.pause(place) == pytest.approx(1)
    bucket.rate = 0
    assert bucket.pause(place) == 0
    bucket.rate = 10 * KIB
    assert bucket.pause(place) == 0
    assert bucket.pause(bucket.take(10 * KIB)) == pytest.approx(1)


def test_the_stricter_of_two_limits_holds(clock: Time) -> None:
    own, shared = TokenBucket(10 * KIB, clock), TokenBucket(100 * KIB, clock)
    for pace in (Pace(own, shared), Pace(shared, own)):
        token, began = FakeToken(clock), clock.now
        for _ in range(20):
            pace.spend(KIB, token)
        assert clock.now - began == pytest.approx(2, abs=2 * BURST_S)


@pytest.mark.parametrize(
    ("rate", "piece"),
    [
        (0, 0),
        (1, MIN_PIECE),
        (MIB, MIB // PIECES_PER_S),
        (1024 * MIB, MAX_PIECE),
    ],
)
def test_pieces_fit_the_limit(rate: int, piece: int) -> None:
    assert Pace(TokenBucket(rate), TokenBucket(0)).piece() == piece


def test_a_body_goes_in_pieces_only_under_a_limit() -> None:
    bucket = TokenBucket()
    pace = Pace(bucket)
    whole = BufferPayload(memoryview(bytes(range(256)) * 4096))
    assert paced(whole, pace) is whole
    bucket.rate = MIB
    body = paced(whole, pace)
    assert isinstance(body, PacedPayload)
    assert body.size == whole.size
    chunks = body.chunks()
    pieces = [bytes(next(chunks)) for _ in range(2)]
    assert {len(piece) for piece in pieces} == {MIB // PIECES_PER_S}
    bucket.rate = 0
    pieces += [bytes(piece) for piece in chunks]
    assert len(pieces) == 3
    assert b"".join(pieces) == bytes(range(256)) * 4096
    assert b"".join(body.chunks()) == bytes(range(256)) * 4096


def test_what_is_taken_back_is_neither_paid_nor_lost(clock: Time) -> None:
    told: list[int] = []
    token = FakeToken(clock)
    meter = PacedMeter(Meter(told.append), Pace(TokenBucket(KIB, clock)), token)
    meter.add(KIB)
    slept = len(token.sleeps)
    meter.take_back()
    assert told == [KIB, -KIB]
    assert slept
    assert len(token.sleeps) == slept


def test_what_is_not_limited_costs_next_to_nothing() -> None:
    token = CancelToken()
    began = time.perf_counter()
    for _ in range(10_000):
        UNPACED.up.spend(KIB, token)
    assert time.perf_counter() - began < 0.5


def test_a_pause_ends_with_the_job() -> None:
    token, asleep = CancelToken(), threading.Event()
    outcome: list[BaseException] = []

    def work() -> None:
        asleep.set()
        try:
            token.sleep(60)
        except CancelledJobError as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    asleep.wait()
    began = time.monotonic()
    token.cancel()
    thread.join(5)
    assert len(outcome) == 1
    assert time.monotonic() - began < 5
    with pytest.raises(CancelledJobError):
        token.sleep(60)
