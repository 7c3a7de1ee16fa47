"""A version is deleted at the source and an older one comes to light again: no replica is rolled
back to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import Location
from s4desk.core.domain.replication.status import Status
from tests.replication.site import AWAY, COPIES, HOME, MAIN, Site
from tests.transfer.lending_store import LendingStore

KEYS = [f"k{at}" for at in range(30)]
"""So many that a bundle would take them."""


async def put(site: Site, data: bytes, *keys: str) -> None:
    for key in keys:
        await site.home.put(Location(MAIN.bucket, key), data)


async def delete_newest(site: Site, *keys: str) -> None:
    for key in keys:
        location = Location(MAIN.bucket, key)
        version = (await site.home.head(location)).version
        await site.home.delete(location, version=version)


async def replicated(site: Site, *keys: str) -> None:
    """Two versions of each, and the newer one is there."""
    site.version(site.home)
    await put(site, b"older", *keys)
    site.clock.advance(5)
    await put(site, b"newer", *keys)
    await site.look()
    assert {site.replica(key) for key in keys} == {b"newer"}


async def stays(site: Site, *keys: str) -> None:
    for _ in range(2):
        await site.look()
        for key in keys:
            known = await site.known(key)
            assert site.replica(key) == b"newer"
            assert known.entry.status is Status.COMPLETED
            assert "came to light again" in known.entry.error
    assert (await site.look()).found == 0


@pytest.mark.parametrize("is_versioned", [False, True])
async def test_the_newer_bytes_stay_and_it_is_told(site, is_versioned):
    if is_versioned:
        site.version(site.away)
    await replicated(site, "a")
    site.clock.advance(5)
    await delete_newest(site, "a")
    await stays(site, "a")
    # What is written again, be it by a copy of the older one, is a write.
    site.clock.advance(5)
    await put(site, b"older", "a")
    await site.look()
    assert site.replica("a") == b"older"


async def test_bundles_roll_nothing_back(site):
    site.stores = {HOME: LendingStore(site.home), AWAY: LendingStore(site.away)}
    await replicated(site, *KEYS)
    assert site.stores[AWAY].lent > 0
    await delete_newest(site, *KEYS)
    await stays(site, *KEYS)


async def test_what_is_deleted_while_it_waits_rolls_nothing_back(site):
    await replicated(site, "a")
    site.engine.pause()
    site.clock.advance(5)
    await site.observed("a", b"newest")
    await delete_newest(site, "a")
    await delete_newest(site, "a")
    site.engine.resume()
    await site.until_idle()
    await stays(site, "a")


async def test_a_lost_table_rolls_nothing_back(site):
    await replicated(site, "a")
    await delete_newest(site, "a")
    site.database.connection.execute("DELETE FROM object")
    await stays(site, "a")


async def test_a_replica_of_former_days_is_not_rolled_back(site):
    await replicated(site, "a")
    stored = site.away.buckets[COPIES].objects["a"]
    metadata = dict(stored[-1].attributes.metadata)
    del metadata["s4desk-replication-modified"]
    stored[-1] = replace(stored[-1], attributes=replace(stored[-1].attributes, metadata=metadata))
    await delete_newest(site, "a")
    await stays(site, "a")
    site.clock.advance(5)
    await put(site, b"newest", "a")
    await site.look()
    assert site.replica("a") == b"newest"


async def test_a_null_version_comes_to_light_too(site):
    await put(site, b"older", "a")
    site.clock.advance(5)
    site.version(site.home)
    await put(site, b"newer", "a")
    await site.look()
    await delete_newest(site, "a")
    assert (await site.home.head(Location(MAIN.bucket, "a"))).size == len(b"older")
    await stays(site, "a")


async def test_what_is_dated_before_but_was_written_over_it_goes(site):
    """Some stores date what was uploaded in parts from its beginning."""
    await replicated(site, "a")
    site.clock.advance(5)
    await put(site, b"newest", "a")
    stored = site.home.buckets[MAIN.bucket].objects["a"]
    stored[-1] = replace(stored[-1], modified=stored[0].modified)
    await site.look()
    assert site.replica("a") == b"newest"


async def test_a_source_without_versions_brings_nothing_back(site):
    """Some of these date what is in them as the files were."""
    await put(site, b"newer", "a")
    await site.look()
    site.clock.advance(5)
    await put(site, b"other", "a")
    stored = site.home.buckets[MAIN.bucket].objects["a"]
    stored[-1] = replace(stored[-1], modified=stored[-1].modified.replace(year=2001))
    await site.look()
    assert site.replica("a") == b"other"


async def test_a_suspended_source_is_written_over_within_a_second(site):
    site.version(site.home)
    bucket = site.home.buckets[MAIN.bucket]
    bucket.tell(from_json(ConfigKind.VERSIONING, {"Status": "Suspended"}))
    await put(site, b"one", "a")
    await site.look()
    stored = bucket.objects["a"]
    before = stored[-1].modified
    await put(site, b"other", "a")
    stored[-1] = replace(stored[-1], modified=before)
    await site.look()
    assert site.replica("a") == b"other"
