"""Changes of many locks: each is looked at, and what fails keeps no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.errors import LockNotKeptError, RetentionRefusedError
from s4desk.core.domain.lock import LAST_MOMENT, NO_LOCK, LockMode, LockState, RetentionRefusal
from s4desk.core.domain.objects import Attributes
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.wrapper import StoreWrapper
from s4desk.core.transfer.locking import LockChange, change_lock, change_locks
from tests.transfer.specs import BUCKET, at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from s4desk.core.domain.identity import Location
    from s4desk.core.transfer.locking import LockOutcome, Target

NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(days=2)
GOVERNED = LockState(LockMode.GOVERNANCE, LATER)
COMPLIANT = LockState(LockMode.COMPLIANCE, LATER)


class Asked(StoreWrapper):
    def __init__(self, inner: MemoryStore) -> None:
        super().__init__(inner)
        self.operations: list[str] = []

    async def _around(self, request, call, moved=None):  # type: ignore[no-untyped-def]
        self.operations.append(request.operation)
        return await super()._around(request, call, moved)


@pytest.fixture
async def store() -> Asked:
    memory = MemoryStore()
    await memory.create_bucket(BUCKET, with_lock=True)
    for name, lock in (("free", NO_LOCK), ("governed", GOVERNED), ("compliant", COMPLIANT)):
        await memory.put(at(name).location, b"x", attributes=Attributes(lock=lock))
    return Asked(memory)


def target(name: str) -> Target:
    return (at(name).location, None)


async def test_what_is_so_already_is_not_set_again(store: Asked) -> None:
    outcome = await change_lock(store, target("governed"), LockChange(GOVERNED, False), NOW)
    assert not outcome.is_changed
    assert store.operations == ["get_lock"]


async def test_a_hold_alone_leaves_the_retention(store: Asked) -> None:
    outcome = await change_lock(store, target("compliant"), LockChange(legal_hold=True), NOW)
    assert outcome.after == replace(COMPLIANT, legal_hold=True)
    assert await store.get_lock(at("compliant").location) == outcome.after


async def test_what_would_be_refused_is_not_asked(store: Asked) -> None:
    with pytest.raises(RetentionRefusedError):
        await change_lock(store, target("compliant"), LockChange(NO_LOCK, True), NOW)
    assert store.operations == ["get_lock"]


async def test_what_the_store_has_is_read_back(store: Asked) -> None:
    """Ceph counts seconds in 32 bits: what ends in 2110 has ended in 1973 there."""

    async def put_retention(location: Location, lock: LockState, **how: object) -> None:
        over = replace(lock, retain_until=NOW + timedelta(hours=1))
        await inner.put_retention(location, over)

    inner = store._objects
    store.put_retention = put_retention  # type: ignore[method-assign]
    later = replace(GOVERNED, retain_until=LATER + timedelta(days=1))
    with pytest.raises(LockNotKeptError, match="GOVERNANCE until"):
        await change_lock(store, target("free"), LockChange(later), NOW)


async def test_what_is_further_than_stores_count_is_refused(store: Asked) -> None:
    far = replace(COMPLIANT, retain_until=LAST_MOMENT + timedelta(seconds=1))
    with pytest.raises(RetentionRefusedError) as caught:
        await change_lock(store, target("compliant"), LockChange(far), NOW)
    assert caught.value.refusal is RetentionRefusal.FAR
    assert store.operations == ["get_lock"]


@pytest.mark.parametrize("is_dry", [False, True])
async def test_one_that_fails_keeps_no_other(store: Asked, is_dry: bool) -> None:
    told: list[LockOutcome] = []

    async def pages() -> AsyncIterator[list[Target]]:
        yield [target("compliant"), target("nothing")]
        yield [target("governed"), target("free")]

    later = replace(GOVERNED, retain_until=LATER + timedelta(days=1))
    await change_locks(store, pages(), LockChange(later), NOW, told.append, is_dry=is_dry)
    by_name = {outcome.location: outcome for outcome in told}
    errors = {place.key: type(each.error).__name__ for place, each in by_name.items() if each.error}
    assert errors == {"compliant": "RetentionRefusedError", "nothing": "NotFoundError"}
    assert all(by_name[at(name).location].is_changed for name in ("governed", "free"))
    expected = GOVERNED if is_dry else later
    assert await store.get_lock(at("governed").location) == expected
