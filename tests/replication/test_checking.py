"""What rules will come up against is found out before they are saved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.errors import NotFoundError, PermissionDeniedError, UnavailableError
from s4desk.core.domain.replication.rules import Destination, Kept
from s4desk.core.replication.checking import ConcernKind, concerns_of
from s4desk.core.replication.rule_book import Ruled
from tests.replication.site import AWAY, HOME, MAIN, TO_COPIES, Site
from tests.transfer.scripted_store import ScriptedStore


async def found(site: Site, *rules) -> list[tuple[ConcernKind, str, bool]]:
    ruled = Ruled(MAIN, rules or (TO_COPIES,))

    async def store_of(connection):
        return site.stores[connection]

    concerns = await concerns_of(ruled, store_of, site.around.buckets)
    return [(each.kind, each.rule, each.is_grave) for each in concerns]


async def test_what_can_be_carried_out_raises_no_concern_and_leaves_nothing(site):
    assert await found(site) == []
    assert (site.away.uploads, site.away.buckets["copies"].objects) == ({}, {})


async def test_a_source_that_cannot_be_listed(site):
    scripted = site.stores[HOME] = ScriptedStore(site.home)
    scripted.fail("list_objects", PermissionDeniedError("no"))
    assert await found(site) == [(ConcernKind.SOURCE, "", True)]


@pytest.mark.parametrize("error", [NotFoundError("no bucket"), UnavailableError("nobody")])
async def test_a_destination_that_is_not_there(site, error):
    scripted = site.stores[AWAY] = ScriptedStore(site.away)
    scripted.fail("head_bucket", error)
    assert await found(site) == [(ConcernKind.UNREACHABLE, "r", True)]


async def test_a_destination_that_may_not_be_written_to(site):
    scripted = site.stores[AWAY] = ScriptedStore(site.away)
    scripted.fail("create_multipart", PermissionDeniedError("no"))
    assert await found(site) == [(ConcernKind.NOT_WRITABLE, "r", True)]


async def test_rules_that_are_off_are_not_asked_about(site):
    off = replace(TO_COPIES, is_enabled=False, destination=Destination(AWAY, "nowhere"))
    assert await found(site, off) == []


async def test_versions_that_one_end_does_not_keep(site):
    markers = replace(TO_COPIES, delete_markers=True)
    assert await found(site, markers) == [(ConcernKind.NOT_VERSIONED, "r", True)]
    every = replace(TO_COPIES, versions=Kept.ALL)
    assert await found(site, every) == [(ConcernKind.NO_VERSIONS, "r", False)]
    site.version(site.home)
    site.clock.advance(600)
    assert await found(site, every) == [(ConcernKind.KEYS_FOR_VERSIONS, "r", False)]
    site.version(site.away)
    site.clock.advance(600)
    assert await found(site, every, replace(markers, id="m")) == []


async def test_what_the_destination_does_not_say(site):
    class Silent(ScriptedStore):
        async def get_document(self, bucket, kind, *, id=""):
            raise PermissionDeniedError("no")

    del site.home.buckets[MAIN.bucket]
    await site.home.create_bucket(MAIN.bucket, with_lock=True)
    site.stores[AWAY] = Silent(site.away)
    markers = replace(TO_COPIES, delete_markers=True)
    for rule in (TO_COPIES, markers):
        assert await found(site, rule) == [(ConcernKind.HIDDEN, "r", False)]


async def test_a_source_whose_versioning_is_suspended_has_versions(site):
    site.version(site.away)
    suspended = from_json(ConfigKind.VERSIONING, {"Status": "Suspended"})
    site.home.buckets[MAIN.bucket].tell(suspended)
    assert await found(site, replace(TO_COPIES, versions=Kept.ALL)) == []


async def test_locks_that_stay_behind(site):
    del site.home.buckets[MAIN.bucket]
    await site.home.create_bucket(MAIN.bucket, with_lock=True)
    assert await found(site) == [(ConcernKind.NO_LOCKS, "r", False)]
    await site.lock_destination()
    site.clock.advance(600)
    assert await found(site) == []
