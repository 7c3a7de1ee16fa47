"""Keys that end: fetched when they are needed, renewed early, used to their end."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from s4desk.core.domain.connection import Credentials
from s4desk.core.domain.errors import CredentialsError, SignInNeededError
from s4desk.core.domain.sign_in import KeyLife, SignInKind, SignInNeed
from s4desk.core.store.temporary_keys import AGAIN_S, Leased, TemporaryKeys, parse_time

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.passed = timedelta()

    def now(self) -> datetime:
        return NOON + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    async def sleep(self, _seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


class Giver:
    """Gives keys with a number, each for an hour from when it is asked."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.given = 0
        self.refuses = self.wants_person = False
        self.life: timedelta | None = HOUR

    def __call__(self) -> Leased:
        self.given += 1
        if self.refuses and self.wants_person:
            raise SignInNeededError("no", need=SignInNeed(SignInKind.PAGE, "Work", "work"))
        if self.refuses:
            raise CredentialsError("no")
        ends_at = None if self.life is None else self.clock.now() + self.life
        return Leased(Credentials(f"id-{self.given}", "s", "t"), ends_at)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def giver(clock: Clock) -> Giver:
    return Giver(clock)


def test_keys_are_fetched_once_and_renewed_before_they_end(clock: Clock, giver: Giver):
    keys = TemporaryKeys(giver, clock)
    assert (keys.life, giver.given) == (None, 0)
    assert [keys().key_id, keys().key_id] == ["id-1", "id-1"]
    assert keys.life == KeyLife(NOON + HOUR)
    clock.passed = timedelta(minutes=44)
    assert keys().key_id == "id-1"
    clock.passed = timedelta(minutes=46)
    assert keys().key_id == "id-2"


def test_what_cannot_be_renewed_is_used_to_its_end(clock: Clock, giver: Giver):
    keys = TemporaryKeys(giver, clock)
    keys()
    giver.refuses = True
    clock.passed = timedelta(minutes=50)
    assert [keys().key_id, keys().key_id] == ["id-1", "id-1"]
    assert giver.given == 2
    clock.passed += timedelta(seconds=AGAIN_S)
    assert keys().key_id == "id-1"
    assert giver.given == 3
    clock.passed = HOUR - timedelta(seconds=4)
    with pytest.raises(CredentialsError):
        keys()
    giver.refuses = False
    assert keys().key_id == "id-5"


def test_it_is_known_that_a_person_is_needed(clock: Clock, giver: Giver):
    keys = TemporaryKeys(giver, clock)
    keys()
    giver.refuses = True
    clock.passed = timedelta(minutes=50)
    keys()
    assert keys.life == KeyLife(NOON + HOUR)
    giver.wants_person = True
    clock.passed += timedelta(seconds=AGAIN_S)
    keys()
    assert keys.life == KeyLife(NOON + HOUR, wants_person=True)
    giver.refuses = False
    keys.look_again()
    assert keys.life is None
    assert keys().key_id == "id-4"
    assert keys.life == KeyLife(clock.now() + HOUR)


def test_keys_without_an_end_are_never_renewed(clock: Clock, giver: Giver):
    giver.life = None
    keys = TemporaryKeys(giver, clock)
    keys()
    clock.passed = timedelta(days=99)
    assert keys().key_id == "id-1"
    assert keys.life == KeyLife()


def test_keys_that_have_ended_when_they_come_are_an_error(clock: Clock, giver: Giver):
    giver.life = -HOUR
    with pytest.raises(CredentialsError, match="had ended"):
        TemporaryKeys(giver, clock)()


def test_one_thread_renews_and_others_go_on_with_what_is_good(clock: Clock, giver: Giver):
    asked, may_go = threading.Event(), threading.Event()

    def fetch() -> Leased:
        if giver.given == 1:
            asked.set()
            assert may_go.wait(10)
        return giver()

    keys = TemporaryKeys(fetch, clock)
    keys()
    clock.passed = timedelta(minutes=50)
    got: list[str] = []
    renewing = threading.Thread(target=lambda: got.append(keys().key_id))
    renewing.start()
    assert asked.wait(10)
    assert keys().key_id == "id-1"
    may_go.set()
    renewing.join()
    assert got == ["id-2"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T12:00:00Z",
        "2026-11-21T12:00:00UTC",
        "2026-11-21T12:00:00+00:00",
        "2026-11-21T13:00:00+01:00",
        "2026-11-21T12:00:00",
    ],
)
def test_times_are_read_as_tools_write_them(text: str):
    assert parse_time(text) == NOON
