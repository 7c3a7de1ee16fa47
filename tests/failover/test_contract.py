"""The contract of stores, on groups."""

from __future__ import annotations

import pytest

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.failover import Backend
from s4desk.core.domain.identity import ConnectionId
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.retry import RetryingStore
from tests.failover.groups import GroupWorld
from tests.store.test_contract import InMemory


class TestGroupOfOne(InMemory):
    @pytest.fixture
    def store(self, memory):
        return GroupWorld({"a": memory}).store


class TestGroupOfTwo(InMemory):
    @pytest.fixture
    def store(self, memory, bucket):
        return GroupWorld({"a": memory, "b": MemoryStore([bucket])}).store


class TestGroupWithOneDead(InMemory):
    """The third has failed so often that it is left alone."""

    @pytest.fixture
    def store(self, memory, bucket):
        dead = UnavailableError("nobody answers")
        world = GroupWorld({"a": memory, "b": MemoryStore([bucket]), "c": dead})
        for _ in range(5):
            world.member("c").health.failed(dead)
        return world.store


class TestGroupUnderAnotherName(InMemory):
    """The bucket is called otherwise at the backend."""

    @pytest.fixture
    def memory(self):
        return MemoryStore(["there"])

    @pytest.fixture
    async def locked(self, memory):
        await memory.create_bucket("locked-there", with_lock=True)
        return "locked"

    @pytest.fixture
    def store(self, memory, bucket):
        names = ((bucket, "there"), ("locked", "locked-there"))
        backends = {"a": Backend(ConnectionId("a"), names)}
        return GroupWorld({"a": memory}, backends=backends).store


class TestChain(InMemory):
    """As it is opened: what fails for a passing reason is asked again."""

    @pytest.fixture
    def store(self, memory, bucket):
        world = GroupWorld({"a": RetryingStore(memory), "b": RetryingStore(MemoryStore([bucket]))})
        return RetryingStore(world.store)
