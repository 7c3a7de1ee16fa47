"""A destination of which nobody may ask whether it keeps versions or locks: it is tried, and what
cannot be known is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.errors import PermissionDeniedError, UnavailableError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lock import LockState
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.replication.rules import Kept
from s4desk.core.domain.replication.status import Status
from s4desk.core.replication.buckets import LIFE_S
from s4desk.core.replication.table import Seen, Write
from tests.replication.site import AWAY, COPIES, HOME, MAIN, TO_COPIES, Site
from tests.transfer.scripted_store import ScriptedStore

if TYPE_CHECKING:
    from s4desk.core.replication.table import Known

THERE = Location(COPIES, "a")
ON = Attributes(lock=LockState(legal_hold=True))


class Silent(ScriptedStore):
    """Says nothing of its buckets."""

    async def get_document(self, bucket, kind, *, id=""):
        if kind in (ConfigKind.VERSIONING, ConfigKind.OBJECT_LOCK):
            raise PermissionDeniedError("no")
        return await super().get_document(bucket, kind, id=id)


async def held(site: Site) -> Known:
    """An object that is held at the source, and what becomes of it."""
    del site.home.buckets[MAIN.bucket]
    await site.home.create_bucket(MAIN.bucket, with_lock=True)
    site.stores[AWAY] = Silent(site.away)
    await site.observed("a", b"hello", attributes=ON)
    await site.until_idle()
    assert site.replica("a") == b"hello"
    known = await site.known("a")
    assert known is not None
    return known


async def test_a_lock_is_tried_and_read_back(site):
    await site.lock_destination()
    known = await held(site)
    assert (await site.away.get_lock(THERE)).legal_hold is True
    assert (known.entry.status, known.entry.error) == (Status.COMPLETED, "")
    assert not known.entry.lock_left
    assert not site.engine.locks_left


async def test_a_lock_that_is_not_taken_is_told(site):
    known = await held(site)
    assert known.entry.status is Status.COMPLETED
    assert known.entry.lock_left
    assert "may not be asked" in known.entry.error
    assert site.engine.locks_left == {(MAIN, "r"): 1}


async def test_a_lock_that_cannot_be_tried_now_is_tried_again(site):
    await site.lock_destination()
    silent = Silent(site.away)
    silent.fail("put_legal_hold", UnavailableError("no answer"))
    del site.home.buckets[MAIN.bucket]
    await site.home.create_bucket(MAIN.bucket, with_lock=True)
    site.stores[AWAY] = silent
    await site.observed("a", b"hello", attributes=ON)
    await site.until_idle()
    assert (await site.away.get_lock(THERE)).legal_hold is True
    assert (await site.known("a")).entry.attempts == 2


async def test_the_lock_that_is_left_where_it_is_known_is_told_of_the_object(site):
    del site.home.buckets[MAIN.bucket]
    await site.home.create_bucket(MAIN.bucket, with_lock=True)
    await site.observed("a", b"hello", attributes=ON)
    await site.observed("b", b"hello")
    await site.until_idle()
    assert [(await site.known(key)).entry.lock_left for key in "ab"] == [True, False]
    # Found again by who knows nothing any more, it is told as well.
    site.database.connection.execute("DELETE FROM object")
    await site.look()
    assert (await site.known("a")).entry.lock_left


async def test_versions_get_keys_of_their_own_and_it_is_told(site):
    site.rules = [replace(TO_COPIES, versions=Kept.ALL)]
    site.version(site.home)
    site.stores[AWAY] = Silent(site.away)
    for body in (b"one", b"two"):
        await site.write("a", body)
        site.clock.advance(2)
    await site.look()
    kept = [site.replica(key) for key in sorted(site.away.buckets[COPIES].objects)]
    assert sorted(kept) == [b"one", b"two"]
    for each in await site.table.of_keys(MAIN, ["a"]):
        assert "may not be asked" in each.entry.error


@pytest.mark.parametrize("is_versioned", [False, True])
async def test_nothing_is_deleted_that_would_be_gone(site, is_versioned):
    site.rules = [replace(TO_COPIES, delete_markers=True)]
    site.version(site.home, *([site.away] if is_versioned else []))
    site.stores[AWAY] = Silent(site.away)
    await site.observed("a", b"hello")
    await site.until_idle()
    await site.stores[HOME].delete(Location(MAIN.bucket, "a"))
    marker = Write("a", Seen("", is_marker=True), "r")
    await site.engine.observe(MAIN, [marker])
    await site.until_idle()
    entry = (await site.known("a")).entry
    assert (entry.status, site.replica("a")) == (Status.FAILED, b"hello")
    assert "may not be asked" in entry.error


async def test_nothing_is_deleted_where_versioning_was_suspended_since(site):
    site.rules = [replace(TO_COPIES, delete_markers=True)]
    await site.observed("a", b"hello")
    await site.until_idle()
    site.version(site.home, site.away)
    site.clock.advance(LIFE_S)
    await site.observed("b", b"asked for")
    await site.until_idle()
    bucket = site.away.buckets[COPIES]
    bucket.tell(from_json(ConfigKind.VERSIONING, {"Status": "Suspended"}))
    await site.stores[HOME].delete(Location(MAIN.bucket, "a"))
    await site.engine.observe(MAIN, [Write("a", Seen("", is_marker=True), "r")])
    await site.until_idle()
    entry = (await site.known("a")).entry
    assert (entry.status, site.replica("a")) == (Status.FAILED, b"hello")
    assert "keeps no versions" in entry.error
