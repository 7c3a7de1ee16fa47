"""What every ObjectStore promises about locks: that the rules of `domain/lock` are the store's.

A subclass provides the fixtures `store` and `locked`, a bucket with Object Lock.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from s4desk.core.domain.errors import InvalidRequestError, NotFoundError, PermissionDeniedError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState, RetentionRefusal
from s4desk.core.domain.objects import Attributes, Doomed

HOUR = timedelta(hours=1)
MODES = (None, LockMode.GOVERNANCE, LockMode.COMPLIANCE)


def now() -> datetime:
    return datetime.now(UTC)


def whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


async def passed(moment: datetime) -> None:
    while now() <= moment + timedelta(seconds=1):  # noqa: ASYNC110 - a store's clock tells nobody
        await asyncio.sleep(0.05)


class LockContract:
    """Retention, legal holds, and what they refuse."""

    @pytest.fixture
    def soon(self):
        """How long a retention runs that shall have run out."""
        return timedelta(seconds=3)

    @pytest.fixture
    def states(self, soon):
        """Every kind of lock, among them those that will have run out."""
        begun = whole_seconds(now())
        retentions = [NO_LOCK] + [
            LockState(mode, begun + kept) for mode in MODES[1:] for kept in (soon, HOUR)
        ]
        return [
            replace(retention, legal_hold=hold)
            for retention, hold in product(retentions, (None, True))
        ]

    async def written(self, store, bucket, states):
        """A version of its own for each, when what runs out has run out."""
        keys = [Location(bucket, f"{number:03}") for number in range(len(states))]
        replies = await asyncio.gather(
            *(
                store.put(key, b"x", attributes=Attributes(lock=state))
                for key, state in zip(keys, states, strict=True)
            )
        )
        await passed(min(state.retain_until for state in states if state.retain_until))
        versions = [reply.version for reply in replies]
        return list(zip(keys, versions, states, strict=True))

    async def test_a_lock_comes_back_as_it_was_set(self, store, locked):
        key = Location(locked, "key")
        version = (await store.put(key, b"x")).version
        assert not (await store.get_lock(key)).is_locked(now())
        until = whole_seconds(now() + HOUR)
        await store.put_retention(key, LockState(LockMode.GOVERNANCE, until), version=version)
        await store.put_legal_hold(key, is_on=True)
        wanted = LockState(LockMode.GOVERNANCE, until, legal_hold=True)
        assert await store.get_lock(key, version=version) == wanted
        await store.put_legal_hold(key, is_on=False, version=version)

    async def test_a_look_at_the_object_tells_its_lock(self, store, locked):
        """For one request per row of a listing; of versions too."""
        key = Location(locked, "key")
        free = (await store.put(key, b"x")).version
        kept = LockState(LockMode.GOVERNANCE, whole_seconds(now() + HOUR), legal_hold=True)
        held = (await store.put(key, b"y", attributes=Attributes(lock=kept))).version
        assert (await store.head(key)).attributes.lock == kept
        assert (await store.head(key, version=held)).attributes.lock == kept
        assert not (await store.head(key, version=free)).attributes.lock.is_locked(now())
        await store.put_legal_hold(key, is_on=False, version=held)

    async def test_a_governed_retention_is_taken_away(self, store, locked):
        kept = LockState(LockMode.GOVERNANCE, whole_seconds(now() + HOUR))
        key = Location(locked, "key")
        await store.put(key, b"x", attributes=Attributes(lock=kept))
        with pytest.raises(PermissionDeniedError):
            await store.put_retention(key, NO_LOCK)
        await store.put_retention(key, NO_LOCK, bypass=True)
        assert not (await store.get_lock(key)).is_locked(now())

    async def test_compliance_is_not_taken_away(self, store, locked):
        kept = LockState(LockMode.COMPLIANCE, whole_seconds(now() + HOUR))
        key = Location(locked, "key")
        await store.put(key, b"x", attributes=Attributes(lock=kept))
        with pytest.raises((PermissionDeniedError, InvalidRequestError)):
            await store.put_retention(key, NO_LOCK, bypass=True)
        assert (await store.get_lock(key)).is_retained(now())

    async def test_a_bucket_without_lock_protects_nothing(self, store, bucket):
        key = Location(bucket, "key")
        await store.put(key, b"x")
        assert await store.get_lock(key) == NO_LOCK
        with pytest.raises(InvalidRequestError):
            await store.put_legal_hold(key, is_on=True)
        with pytest.raises(InvalidRequestError):
            await store.put_retention(key, LockState(LockMode.GOVERNANCE, now() + HOUR))

    async def test_what_is_not_there_has_no_lock_to_tell(self, store, locked, bucket):
        for where in (locked, bucket):
            with pytest.raises(NotFoundError):
                await store.get_lock(Location(where, "nothing"))

    @pytest.mark.parametrize("bypass", [False, True])
    async def test_versions_are_deleted_when_the_rules_say_so(self, store, locked, states, bypass):
        disagreed = []
        for key, version, state in await self.written(store, locked, states):
            try:
                await store.delete(key, version=version, bypass=bypass)
                is_deleted = True
            except PermissionDeniedError:
                is_deleted = False
            if is_deleted is not state.can_delete(now(), bypass=bypass):
                disagreed.append((state, is_deleted))
        assert disagreed == []

    @pytest.mark.parametrize("bypass", [False, True])
    async def test_many_are_deleted_when_the_rules_say_so(self, store, locked, states, bypass):
        versions = await self.written(store, locked, states)
        doomed = [Doomed(key.key, version) for key, version, _ in versions]
        failures = await store.delete_many(locked, doomed, bypass=bypass)
        kept = {failure.doomed for failure in failures}
        wanted = {
            Doomed(key.key, version)
            for key, version, state in versions
            if not state.can_delete(now(), bypass=bypass)
        }
        assert kept == wanted

    async def test_a_marker_may_hide_what_is_locked(self, store, locked, states):
        for key, version, _ in await self.written(store, locked, states):
            await store.delete(key)
            with pytest.raises(NotFoundError):
                await store.head(key)
            assert (await store.head(key, version=version)).size == 1

    @pytest.mark.parametrize("bypass", [False, True])
    async def test_a_retention_changes_when_the_rules_say_so(
        self, store, locked, states, soon, bypass
    ):
        begun = whole_seconds(now())
        later = [
            LockState(mode, begun + kept)
            for mode in MODES[1:]
            for kept in (HOUR / 2, HOUR, 2 * HOUR, -HOUR)
        ]
        # Whether the mode of what has run out may change, stores do not agree.
        cases = [
            (state, wanted)
            for state, wanted in product(states, later)
            if state.mode in (None, wanted.mode) or state.is_retained(begun + soon)
        ]
        written = await self.written(store, locked, [state for state, _ in cases])
        disagreed = []
        for (key, version, state), (_, wanted) in zip(written, cases, strict=True):
            refusal = state.refusal(wanted, now(), bypass=bypass)
            try:
                await store.put_retention(key, wanted, version=version, bypass=bypass)
                answer = None
            except PermissionDeniedError:
                answer = PermissionDeniedError
            except InvalidRequestError:
                answer = InvalidRequestError
            expected = {None: None, RetentionRefusal.PAST: InvalidRequestError}
            if answer is not expected.get(refusal, PermissionDeniedError):
                disagreed.append((state, wanted, refusal, answer))
        assert disagreed == []
