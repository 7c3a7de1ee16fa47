"""The null version is one like any other, though it is written over and no reply names it."""

from __future__ import annotations

from dataclasses import replace

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.identity import NULL_VERSION
from s4desk.core.domain.replication.rules import Filter, Kept
from s4desk.core.domain.replication.status import Status
from tests.replication.site import COPIES, HOME, MAIN, TO_COPIES, Site
from tests.transfer.scripted_store import ScriptedStore

ALL = replace(TO_COPIES, versions=Kept.ALL)


class Nameless(ScriptedStore):
    """Names the null version in listings alone, as S3 does to who reads replies with us."""

    async def head(self, location, *, version=None):
        meta = await super().head(location, version=version)
        return replace(meta, version=None) if meta.version == NULL_VERSION else meta


def suspend(site: Site) -> None:
    document = from_json(ConfigKind.VERSIONING, {"Status": "Suspended"})
    site.home.buckets[MAIN.bucket].tell(document)
    # What was known of the bucket is no longer so.
    site.clock.advance(600)


async def written(site: Site, *bodies: bytes) -> None:
    for body in bodies:
        site.clock.advance(2)
        await site.write("a", body)


def history(site: Site) -> list[bytes]:
    return [each.data for each in site.away.buckets[COPIES].objects["a"]]


async def test_one_below_others_is_read_as_itself(site):
    site.rules = [ALL]
    site.stores[HOME] = Nameless(site.home)
    await written(site, b"before")
    site.version(site.home, site.away)
    await written(site, b"one")
    await site.look()
    assert history(site) == [b"before", b"one"]
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 2}


async def test_what_was_kept_before_it_was_suspended_is_replicated(site):
    site.rules = [ALL]
    site.stores[HOME] = Nameless(site.home)
    site.version(site.home, site.away)
    await written(site, b"one", b"two")
    suspend(site)
    await written(site, b"null")
    await site.look()
    assert history(site) == [b"one", b"two", b"null"]
    await written(site, b"null again")
    await site.look()
    assert history(site) == [b"one", b"two", b"null", b"null again"]
    assert (await site.look()).found == 0


async def test_one_that_is_the_newest_is_the_latest(site):
    """Of rules one of which keeps all versions, the other one decides about it."""
    tagged = replace(ALL, id="x", priority=2, filter=Filter("", (("k", "v"),)))
    site.rules = [tagged, TO_COPIES]
    site.stores[HOME] = Nameless(site.home)
    site.version(site.home, site.away)
    await written(site, b"one")
    suspend(site)
    await written(site, b"null")
    await site.look()
    assert history(site) == [b"null"]
    known = await site.known("a", NULL_VERSION)
    assert (known.entry.status, known.task.write.rule) == (Status.COMPLETED, "r")
