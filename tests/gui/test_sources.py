"""Listings tell who waits for the network that somebody answered."""

from __future__ import annotations

import pytest

from s4desk.core.domain.errors import PermissionDeniedError, StoreError, UnreachableError
from s4desk.core.domain.identity import ConnectionId, Prefix
from s4desk.core.runtime.tasks import TaskScope
from s4desk.core.store.memory import MemoryStore
from s4desk.gui.sources import Sources
from tests.store.scripted import ScriptedStore

HOME = ConnectionId("home")


class Stores:
    def __init__(self) -> None:
        self.store = ScriptedStore(MemoryStore(["b"]))

    async def get(self, _connection: ConnectionId) -> ScriptedStore:
        return self.store

    to_read = get


@pytest.mark.parametrize(
    ("failure", "reached"),
    [
        (None, [HOME]),
        (PermissionDeniedError("no", status=403), [HOME]),
        (UnreachableError("no route"), []),
    ],
)
@pytest.mark.parametrize("operation", ["list_buckets", "list_objects"])
async def test_an_answer_is_told(operation, failure, reached):
    stores, told = Stores(), []
    stores.store.before[operation].append(failure)
    sources = Sources(stores, TaskScope("test"), told.append)
    asked = (
        sources.list_buckets(HOME)
        if operation == "list_buckets"
        else sources.pager_source(HOME)(Prefix("b")).next_page()
    )
    if failure is None:
        await asked
    else:
        with pytest.raises(StoreError):
            await asked
    # Of what is empty it is asked once more what was there.
    assert list(dict.fromkeys(told)) == reached
