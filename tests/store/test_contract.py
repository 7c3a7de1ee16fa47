"""The contracts, on the store in memory and on every wrapper of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from s4desk.core.store.limits import LimitedStore
from s4desk.core.store.memory import MemoryStore
from s4desk.core.store.retry import RetryingStore
from s4desk.core.store.tracing import TracedStore
from s4desk.core.store.wrapper import StoreWrapper
from tests.store.bucket_contract import BucketStoreContract
from tests.store.config_contract import ConfigStoreContract
from tests.store.contract import ObjectStoreContract
from tests.store.lock_contract import LockContract
from tests.store.scripted import ScriptedStore


class InMemory(ObjectStoreContract, BucketStoreContract, ConfigStoreContract, LockContract):
    @pytest.fixture
    def bucket(self):
        return "bucket"

    @pytest.fixture
    def memory(self, bucket):
        return MemoryStore([bucket])

    @pytest.fixture
    def soon(self):
        # What has run out already is taken here.
        return timedelta(seconds=-2)

    @pytest.fixture
    async def locked(self, memory):
        await memory.create_bucket("locked", with_lock=True)
        return "locked"


class TestMemoryStore(InMemory):
    @pytest.fixture
    def store(self, memory):
        return memory


@pytest.mark.parametrize(
    "wrapper", [StoreWrapper, RetryingStore, LimitedStore, TracedStore, ScriptedStore]
)
class TestWrapper(InMemory):
    @pytest.fixture
    def store(self, memory, wrapper):
        return wrapper(memory)


class TestChain(InMemory):
    @pytest.fixture
    def store(self, memory):
        return RetryingStore(LimitedStore(TracedStore(memory)))
