"""Buckets that have other names at backends than in the group."""

from __future__ import annotations

import pytest

from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.failover import Backend
from s4desk.core.domain.identity import ConnectionId, Location
from s4desk.core.store.memory import MemoryStore
from tests.failover.groups import GroupWorld

HOME = Backend(ConnectionId("a"), (("photos", "backup"),))


@pytest.mark.parametrize(
    ("here", "there", "hides"),
    [
        ("photos", "backup", False),
        ("backup", "backup", True),
        ("docs", "docs", False),
    ],
)
def test_what_a_bucket_is_called(here, there, hides):
    assert (HOME.there(here), HOME.hides(here)) == (there, hides)


async def test_a_name_never_leads_to_another_bucket_of_the_group():
    """There “backup” is what the group calls “photos”: nothing is written to it as “backup”."""
    memory = MemoryStore(["backup"])
    store = GroupWorld({"a": memory}, backends={"a": HOME}).store
    with pytest.raises(NotFoundError):
        await store.put(Location("backup", "key"), b"content")
    with pytest.raises(NotFoundError):
        await store.head_bucket("backup")
    assert [each.name for each in await store.list_buckets()] == ["photos"]
    await store.put(Location("photos", "key"), b"content")
    assert (await memory.head(Location("backup", "key"))).size == 7
