"""What of a bucket's Object Lock is asked again, and what that means where it is deleted from."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import (
    ConflictError,
    MalformedReplyError,
    RefusedOnTheWayError,
    StoreError,
    TlsError,
    UnauthenticatedError,
    UnavailableError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.failover.errors import HomeDownError
from s4desk.core.replication.table import Source
from s4desk.gui.commands import lock_reading, replication_reading
from s4desk.gui.commands.lock_guard import LockGuard
from s4desk.gui.commands.lock_reading import LockReading
from s4desk.gui.commands.replication_reading import ReplicationReading
from s4desk.viewmodels.locked_text import Threat
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform
from tests.transfer.fake_clock import FakeClock

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.desk import Desk

LASTING = (MalformedReplyError("<html>", status=404), ConflictError("no", status=409))
SHUT_OUT = (
    UnauthenticatedError("no", status=403),
    RefusedOnTheWayError("<html>", status=403),
    TlsError("no"),
    MalformedReplyError("<html>", status=200),
)
PASSING = (UnavailableError("no"), HomeDownError("no", backend="Home"))


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Desk:
    return memory_desk(tmp_path / "home")


class Refusing:
    """A store that answers no question of the bucket, and counts what it is asked."""

    def __init__(self, error: StoreError) -> None:
        self.kinds: list[ConfigKind] = []
        self.keys: list[str] = []
        self._error = error

    async def put_between(self, stage: Stage) -> None:
        store = await stage.store()
        self._head = store.head
        store.head, store.get_document = self.head, self.get_document  # type: ignore[method-assign]

    async def head(self, location, *, version=None):
        self.keys.append(location.key)
        return await self._head(location, version=version)

    async def get_document(self, bucket, kind, **_which):
        self.kinds.append(kind)
        raise self._error


def locks_told(desk: Desk, error: StoreError, seconds: float = 0.0) -> tuple[list[object], int]:
    """What is said when it is asked twice, with a rest between, and how often the store was."""
    told: list[object] = []
    refusing = Refusing(error)

    async def story(stage: Stage) -> None:
        clock = FakeClock()
        reading = LockReading(stage.desk, clock)
        await refusing.put_between(stage)
        for _ in range(2):
            try:
                told.append(await reading.locks(HOME, BUCKET))
            except StoreError as refusal:
                told.append(refusal)
            clock.advance(seconds)

    perform(desk, story)
    return told, len(refusing.kinds)


@pytest.mark.parametrize("error", LASTING)
def test_what_a_store_says_for_good_is_kept(desk, error):
    assert locks_told(desk, error) == ([False, False], 1)


@pytest.mark.parametrize("error", PASSING)
def test_what_may_pass_is_asked_again(desk, error):
    assert locks_told(desk, error) == ([error, error], 2)


@pytest.mark.parametrize("error", SHUT_OUT)
@pytest.mark.parametrize(("seconds", "times"), [(0.0, 1), (lock_reading.REST_S, 2)])
def test_who_is_not_let_in_rests_before_it_asks_again(desk, error, seconds, times):
    assert locks_told(desk, error, seconds) == ([error, error], times)


def test_who_wants_to_see_what_is_so_now_waits_for_no_rest(desk):
    refusing = Refusing(SHUT_OUT[0])

    async def story(stage: Stage) -> None:
        reading = LockReading(stage.desk, FakeClock())
        await refusing.put_between(stage)
        for _ in range(2):
            with suppress(UnauthenticatedError):
                await reading.locks(HOME, BUCKET)
            reading.forget(HOME, BUCKET)

    perform(desk, story)
    assert len(refusing.kinds) == 2


def test_a_bucket_is_asked_once_however_much_is_selected(desk):
    refusing = Refusing(UnavailableError("busy"))

    async def story(stage: Stage) -> None:
        await refusing.put_between(stage)
        guard = LockGuard(stage.desk, LockReading(stage.desk, FakeClock()), stage.window)
        chosen = [Location(BUCKET, f"{number}") for number in range(20)]
        with suppress(StoreError):
            await guard.allows(HOME, chosen, Threat.DELETE)

    perform(desk, story)
    assert refusing.kinds == [ConfigKind.OBJECT_LOCK]


@pytest.mark.parametrize("error", LASTING + SHUT_OUT)
def test_no_object_of_a_folder_is_looked_at_for_that(desk, error):
    refusing = Refusing(error)

    async def story(stage: Stage) -> None:
        for at in range(3):
            await (await stage.store()).put(Location(BUCKET, f"dir/{at}"), b"x")
        await refusing.put_between(stage)
        guard = LockGuard(stage.desk, LockReading(stage.desk, FakeClock()), stage.window)
        for _ in range(2):
            assert await guard.allows(HOME, [Prefix(BUCKET, "dir/")], Threat.DELETE)

    perform(desk, story)
    assert refusing.keys == []
    assert len(refusing.kinds) == (1 if error in LASTING else 2)


@pytest.mark.parametrize("error", SHUT_OUT)
def test_who_deletes_is_asked_for_as_soon_as_the_way_is_mended(desk, error):
    key = Location(BUCKET, "K")
    asked: list[str] = []

    async def story(stage: Stage) -> None:
        store = await stage.store()
        await store.put(key, b"x")
        inner, refusing = store.get_document, Refusing(error)
        await refusing.put_between(stage)
        reading = LockReading(stage.desk, FakeClock())
        with suppress(type(error)):
            await reading.locks(HOME, BUCKET)

        async def well(bucket, kind, **which):
            asked.append(kind)
            return await inner(bucket, kind, **which)

        store.get_document = well  # type: ignore[method-assign]
        assert await LockGuard(stage.desk, reading, stage.window).allows(HOME, [key], Threat.DELETE)

    perform(desk, story)
    assert asked == [ConfigKind.OBJECT_LOCK]


@pytest.mark.parametrize(
    ("error", "rests"),
    [*((each, False) for each in LASTING), *((each, True) for each in SHUT_OUT + PASSING)],
)
def test_rules_of_a_store_are_asked_for_again_after_a_rest_only_where_that_helps(
    desk, error, rests
):
    source = Source(HOME, BUCKET)
    refusing = Refusing(error)

    async def story(stage: Stage) -> None:
        clock = FakeClock()
        reading = ReplicationReading(stage.desk, clock)
        await refusing.put_between(stage)
        with suppress(StoreError):
            await reading.ask(source)
        assert reading.replicates(source) is False
        clock.advance(replication_reading.REST_S)
        assert reading.replicates(source) is (None if rests else False)

    perform(desk, story)
    assert refusing.kinds == [ConfigKind.REPLICATION]
