"""What others write is seen by looking, and what was carried is not carried again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from s4desk.core.domain.errors import UnavailableError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import Attributes
from s4desk.core.domain.replication.rules import Destination, Filter, Kept, Rule
from s4desk.core.domain.replication.stamp import stamp_of
from s4desk.core.domain.replication.status import Status
from s4desk.core.persist import replication_rows
from s4desk.core.replication import watcher as watching
from s4desk.core.replication.watcher import Watcher
from tests.replication.site import AWAY, COPIES, HOME, MAIN, TO_COPIES, Site
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.settle import settle


def watched(site: Site) -> tuple[ScriptedStore, ScriptedStore]:
    home, away = ScriptedStore(site.home), ScriptedStore(site.away)
    site.stores.update({HOME: home, AWAY: away})
    return home, away


async def fill(site: Site, *keys: str) -> None:
    for key in keys:
        await site.home.put(Location(MAIN.bucket, key), key.encode())


def written(store: ScriptedStore) -> int:
    return store.count["put"] + store.count["create_multipart"]


async def test_what_is_there_is_carried_once_and_what_is_new_later(site):
    home, away = watched(site)
    await fill(site, "a", "b/c", "d")
    looked = await site.look()
    assert (looked.listed, looked.found, looked.gone) == (3, 3, 0)
    assert [site.replica(key) for key in ("a", "b/c", "d")] == [b"a", b"b/c", b"d"]
    looked = await site.look()
    assert (looked.listed, looked.found, written(away)) == (3, 0, 3)
    site.clock.advance(60)
    await site.home.put(Location(MAIN.bucket, "a"), b"other")
    await fill(site, "e")
    assert (await site.look()).found == 2
    assert (site.replica("a"), site.replica("e")) == (b"other", b"e")
    assert home.count["put"] == 0


async def test_only_what_rules_are_about_is_looked_at(site):
    home, _ = watched(site)
    site.rules = [
        Rule("x", Destination(AWAY, COPIES), filter=Filter("logs/old/")),
        Rule("y", Destination(AWAY, COPIES), filter=Filter("logs/")),
        Rule("z", Destination(AWAY, COPIES, "put/"), filter=Filter("z")),
        Rule("off", Destination(AWAY, COPIES), is_enabled=False),
    ]
    await fill(site, "a", "logs/1", "logs/old/2", "z3")
    assert (await site.look()).listed == 3
    assert site.replica("a") is None
    assert (site.replica("logs/old/2"), site.replica("put/z3")) == (b"logs/old/2", b"z3")
    assert home.count["list_objects"] == 2


async def test_many_keys_are_compared_page_by_page(site, monkeypatch):
    monkeypatch.setattr(watching, "CHUNK", 3)
    _, away = watched(site)
    keys = [f"{at:04}" for at in range(2500)]
    await fill(site, *keys)
    assert (await site.look()).found == 2500
    await site.home.delete(Location(MAIN.bucket, keys[0]))
    await site.home.delete(Location(MAIN.bucket, keys[1700]))
    await site.home.delete(Location(MAIN.bucket, keys[-1]))
    looked = await site.look()
    assert (looked.listed, looked.found, looked.gone) == (2497, 0, 3)
    assert written(away) == 2500
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 2497}
    # Nothing is ever deleted at a destination by a comparison.
    assert site.replica(keys[0]) is not None


async def test_a_table_that_was_lost_costs_no_second_copy(site):
    _, away = watched(site)
    keys = [f"{at:03}" for at in range(40)]
    await fill(site, *keys)
    await site.home.put_tags(Location(MAIN.bucket, keys[0]), {"keep": "yes"})
    await site.look()
    assert written(away) == 40
    await site.home.put(Location(MAIN.bucket, keys[7]), b"changed")
    await site.home.put_tags(Location(MAIN.bucket, keys[8]), {"keep": "no"})
    site.database.connection.execute("DELETE FROM object")
    await site.look()
    assert (written(away), site.replica(keys[7])) == (42, b"changed")
    assert await site.away.get_tags(Location(COPIES, keys[8])) == {"keep": "no"}
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 40}


async def test_what_another_program_copied_is_taken_as_it_is(site):
    _, away = watched(site)
    told = Attributes(content_type="text/x", metadata={"own": "1"})
    for store, bucket in ((site.home, MAIN.bucket), (site.away, COPIES)):
        await store.put(Location(bucket, "same"), b"same", attributes=told)
    await site.home.put(Location(MAIN.bucket, "told"), b"same", attributes=told)
    await site.away.put(Location(COPIES, "told"), b"same")
    await site.look()
    assert written(away) == 1
    assert (await site.away.head(Location(COPIES, "told"))).attributes.content_type == "text/x"


async def test_a_bucket_that_others_fill_too_is_not_listed_for_ever(site):
    _, away = watched(site)
    keys = [f"{at:03}" for at in range(30)]
    await fill(site, *keys)
    for at in range(9000):
        await site.away.put(Location(COPIES, f"000/{at:05}"), b"")
    await site.look()
    assert away.count["list_objects"] == 4
    assert written(away) == 30


async def test_rules_that_face_each_other_come_to_rest(site):
    there = Site(Rule("back", Destination(HOME, MAIN.bucket)))
    # The same two stores, seen from the other side.
    there.stores = {HOME: site.home, AWAY: site.away}
    back = replace(MAIN, connection=AWAY, bucket=COPIES)
    there.engine.open()
    home, away = watched(site)
    there.stores.update(site.stores)
    await fill(site, "a", "b")
    await site.away.put(Location(COPIES, "c"), b"c")
    for _ in range(5):
        await site.look()
        await Watcher(there.table, there.around, there.engine.observe).look(back)
        await there.until_idle()
        site.clock.advance(60)
    assert (written(home), written(away)) == (1, 2)
    (known,) = await there.table.between(back, "a", "a", 2)
    assert known.entry.status is Status.REPLICA
    await there.engine.aclose()
    there.database.connection.close()


async def test_other_rules_are_about_it_now(site):
    await fill(site, "a")
    await site.look()
    site.rules = [Rule("new", Destination(AWAY, COPIES, "elsewhere/"))]
    assert (await site.look()).found == 1
    assert site.replica("elsewhere/a") == b"a"
    assert await site.table.counts(MAIN) == {("new", Status.COMPLETED): 1}


async def test_what_no_rule_wants_for_its_tags_is_not_asked_for_again(site):
    home, _ = watched(site)
    site.rules = [replace(TO_COPIES, filter=Filter(tags=(("keep", "yes"),)))]
    await fill(site, "a")
    await site.look()
    assert (await site.known("a")).entry.status is Status.NONE
    asked = home.count["get_tags"]
    await site.look()
    assert (home.count["get_tags"], site.replica("a")) == (asked, None)


async def test_what_ended_and_is_seen_again_does_not_grow_old(site):
    await fill(site, "a", "b")
    await site.look()
    for _ in range(3):
        site.clock.advance(timedelta(days=5).total_seconds())
        assert (await site.look()).found == 0
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 2}


async def test_what_is_not_seen_any_more_is_forgotten_in_the_end(site):
    await fill(site, "a", "b")
    await site.look()
    site.rules = [replace(TO_COPIES, filter=Filter("b"))]
    site.clock.advance(timedelta(days=6).total_seconds())
    await site.look()
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 2}
    site.clock.advance(timedelta(days=2).total_seconds())
    await site.look()
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 1}


async def test_the_same_bytes_with_other_metadata_are_seen(site):
    await fill(site, "a")
    await site.look()
    site.clock.advance(60)
    told = Attributes(metadata={"is": "new"})
    await site.home.put(Location(MAIN.bucket, "a"), b"a", attributes=told)
    assert (await site.look()).found == 1
    assert (await site.away.head(Location(COPIES, "a"))).attributes.metadata["is"] == "new"


async def test_what_has_failed_waits_and_is_not_seen_as_new(site):
    _, away = watched(site)
    away.fail("put", *3 * [UnavailableError("no answer")])
    await fill(site, "a")
    await site.look()
    assert (await site.look()).found == 0
    assert (await site.known("a")).entry.status is Status.FAILED
    await site.home.delete(Location(MAIN.bucket, "a"))
    assert (await site.look()).gone == 1
    assert await site.known("a") is None


async def test_only_what_was_written_is_looked_at_after_we_wrote(site):
    home, _ = watched(site)
    await fill(site, "a", "b/1", "b/2", "b/c/3")
    watcher = Watcher(site.table, site.around, site.engine.observe)
    assert await watcher.look_below(MAIN, Prefix(MAIN.bucket, "b/")) == 2
    await site.until_idle()
    assert [site.replica(key) for key in ("a", "b/1", "b/2", "b/c/3")] == [
        *(None, b"b/1", b"b/2", None)
    ]
    assert await watcher.look_below(MAIN, Prefix(MAIN.bucket, "b/")) == 0
    assert home.count["list_objects"] == 2


# Versions


async def put(site: Site, key: str, data: bytes) -> None:
    site.clock.advance(10)
    await site.home.put(Location(MAIN.bucket, key), data)


def versions(site: Site, key: str) -> list[bytes | None]:
    """The newest first; None for a marker."""
    found = site.away.buckets[COPIES].objects[key]
    return [each.data for each in reversed(found)]


ALL = replace(TO_COPIES, versions=Kept.ALL)


async def test_all_versions_arrive_in_their_order(site):
    site.rules = [ALL]
    site.version(site.home, site.away)
    for data in (b"1", b"2", b"3"):
        await put(site, "a", data)
    await put(site, "b", b"of b")
    looked = await site.look()
    assert (looked.listed, looked.found) == (4, 4)
    assert versions(site, "a") == [b"3", b"2", b"1"]
    assert (await site.look()).found == 0
    await put(site, "a", b"4")
    assert (await site.look()).found == 1
    assert versions(site, "a") == [b"4", b"3", b"2", b"1"]


async def test_versions_that_are_there_are_found_by_their_stamps(site):
    _, away = watched(site)
    site.rules = [ALL]
    site.version(site.home, site.away)
    for data in (b"1", b"2", b"3"):
        await put(site, "a", data)
    await site.look()
    site.database.connection.execute("DELETE FROM object")
    await site.look()
    assert written(away) == 3
    assert versions(site, "a") == [b"3", b"2", b"1"]


async def test_a_destination_without_versions_gets_a_key_for_each(site):
    site.rules = [ALL]
    site.version(site.home)
    for data in (b"1", b"2"):
        await put(site, "a", data)
    await site.look()
    found = sorted(site.away.buckets[COPIES].objects)
    assert all(each.startswith("a.__s4ver__/") for each in found)
    assert sorted(site.replica(each) for each in found) == [b"1", b"2"]


async def test_a_version_does_not_overtake_one_that_has_failed(site):
    _, away = watched(site)
    site.rules = [ALL]
    site.version(site.home, site.away)
    for data in (b"1", b"2", b"3"):
        await put(site, "a", data)
    away.fail("put", None, *3 * [UnavailableError("no answer")])
    await site.look()
    assert versions(site, "a") == [b"1"]
    assert await site.table.counts(MAIN) == {
        ("r", Status.COMPLETED): 1,
        ("r", Status.FAILED): 2,
    }
    await put(site, "a", b"4")
    await site.look()
    assert versions(site, "a") == [b"1"]
    assert await site.engine.retry(MAIN) == 3
    await site.until_idle()
    assert versions(site, "a") == [b"4", b"3", b"2", b"1"]


async def test_the_newest_only_is_the_newest_only(site):
    site.version(site.home, site.away)
    for data in (b"1", b"2"):
        await put(site, "a", data)
    await site.look()
    assert versions(site, "a") == [b"2"]
    await site.home.delete(Location(MAIN.bucket, "a"))
    await site.look()
    assert versions(site, "a") == [b"2"]


@pytest.mark.parametrize("kept", list(Kept))
async def test_a_marker_hides_the_replica_if_the_rule_says_so(site, kept):
    site.rules = [replace(TO_COPIES, delete_markers=True, versions=kept)]
    site.version(site.home, site.away)
    await put(site, "a", b"1")
    await site.look()
    await site.home.delete(Location(MAIN.bucket, "a"))
    assert (await site.look()).found == 1
    assert versions(site, "a") == [None, b"1"]
    assert (await site.look()).found == 0
    await put(site, "a", b"again")
    await site.look()
    assert versions(site, "a") == [b"again", None, b"1"]


async def test_a_marker_never_ends_an_object_where_no_versions_are_kept(site):
    site.rules = [replace(TO_COPIES, delete_markers=True)]
    site.version(site.home)
    await put(site, "a", b"1")
    await site.look()
    await site.home.delete(Location(MAIN.bucket, "a"))
    await site.look()
    known = await site.known("a")
    assert (known.entry.status, site.replica("a")) == (Status.FAILED, b"1")
    assert "NoVersionsError" in known.entry.error


async def test_a_marker_that_was_taken_back_is_no_deletion(site):
    site.rules = [replace(TO_COPIES, delete_markers=True)]
    site.version(site.home, site.away)
    await put(site, "a", b"1")
    await site.look()
    await site.home.delete(Location(MAIN.bucket, "a"))
    watcher = Watcher(site.table, site.around, site.engine.observe)
    site.engine.pause()
    await watcher.look(MAIN)
    marker = site.home.buckets[MAIN.bucket].objects["a"].pop()
    assert marker.data is None
    site.engine.resume()
    await site.until_idle()
    assert versions(site, "a")[0] == b"1"
    assert (await site.known("a")).task.write.seen.is_marker is False


async def test_markers_do_not_go_to_and_fro(site):
    site.rules = [replace(TO_COPIES, delete_markers=True)]
    there = Site(Rule("back", Destination(HOME, MAIN.bucket), delete_markers=True))
    there.stores = site.stores
    there.engine.open()
    back = replace(MAIN, connection=AWAY, bucket=COPIES)
    site.version(site.home, site.away)
    await put(site, "a", b"1")
    await site.look()
    await site.home.delete(Location(MAIN.bucket, "a"))
    for _ in range(4):
        site.clock.advance(60)
        await site.look()
        await Watcher(there.table, there.around, there.engine.observe).look(back)
        await there.until_idle()
    assert versions(site, "a") == [None, b"1"]
    assert [each.data for each in site.home.buckets[MAIN.bucket].objects["a"]] == [b"1", None]
    await there.engine.aclose()
    there.database.connection.close()


BOTH = replace(ALL, delete_markers=True)


async def history(site: Site) -> None:
    """A version, a marker, and the newest version."""
    site.rules = [BOTH]
    site.version(site.home, site.away)
    await put(site, "a", b"old")
    site.clock.advance(10)
    await site.home.delete(Location(MAIN.bucket, "a"))
    await put(site, "a", b"newest")
    await site.look()
    assert versions(site, "a") == [b"newest", None, b"old"]


async def test_what_is_in_doubt_is_not_put_on_top_of_what_is_newer(site):
    await history(site)
    moment = site.clock.now().timestamp() + 1
    site.database.connection.execute("UPDATE object SET doubt = ?", [moment])
    site.clock.advance(5)
    await site.look()
    settled = asyncio.ensure_future(site.engine.settled())
    while not settled.done():
        await settle()
        site.clock.advance(30)
        await asyncio.sleep(0.0005)
    assert versions(site, "a") == [b"newest", None, b"old"]


@pytest.mark.parametrize("is_expired", [False, True])
async def test_a_table_that_was_lost_puts_no_history_on_top(site, is_expired):
    await history(site)
    if is_expired:
        # As a lifecycle rule does at the destination.
        del site.away.buckets[COPIES].objects["a"][0]
    before = versions(site, "a")
    site.database.connection.execute("DELETE FROM object")
    await site.look()
    assert versions(site, "a") == before
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 3}


async def test_a_marker_does_not_hide_what_is_no_replica(site):
    site.rules = [replace(TO_COPIES, delete_markers=True)]
    site.version(site.home, site.away)
    await put(site, "a", b"1")
    await site.look()
    site.clock.advance(10)
    await site.away.put(Location(COPIES, "a"), b"somebody's own")
    await site.home.delete(Location(MAIN.bucket, "a"))
    await site.look()
    assert versions(site, "a") == [b"somebody's own", b"1"]
    known = await site.known("a")
    assert (known.entry.status, "no replica" in known.entry.error) == (Status.COMPLETED, True)


async def test_writes_are_seen_though_a_destination_does_not_answer(site):
    _, away = watched(site)
    away.fail("list_objects", UnavailableError("no answer"))
    keys = [f"{at:03}" for at in range(40)]
    await fill(site, *keys)
    assert (await site.look()).found == 40
    assert await site.table.counts(MAIN) == {("r", Status.COMPLETED): 40}


async def test_versions_that_are_gone_are_forgotten(site):
    site.rules = [ALL]
    site.version(site.home, site.away)
    keys = [f"{at:04}" for at in range(1500)]
    await fill(site, *keys)
    await site.look()
    gone = site.home.buckets[MAIN.bucket].objects.pop(keys[1000])
    assert len(gone) == 1
    del site.home.buckets[MAIN.bucket].objects[keys[3]]
    looked = await site.look()
    assert (looked.found, looked.gone) == (0, 2)


async def test_replicas_of_versions_are_stamped_with_them(site):
    site.rules = [ALL]
    site.version(site.home, site.away)
    await put(site, "a", b"1")
    await site.look()
    meta = await site.home.head(Location(MAIN.bucket, "a"))
    stamp = stamp_of(await site.away.head(Location(COPIES, "a")))
    assert (stamp.version, stamp.etag) == (meta.version, meta.etag)
    assert replication_rows.DOUBT_S > 0
