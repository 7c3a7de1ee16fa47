"""Deleting: batches, versions, errors of single keys, and a stop that says what was done."""

from __future__ import annotations

import asyncio
import math
from array import array
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import (
    NotSupportedError,
    PermissionDeniedError,
    UnavailableError,
)
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.domain.objects import DeleteFailure, Doomed
from s4desk.core.store.memory import MemoryStore
from s4desk.core.transfer.delete import DeleteReport, Deletion, delete_emptied
from tests.store.configs import put_config
from tests.transfer.fake_clock import FakeClock
from tests.transfer.scripted_store import ScriptedStore
from tests.transfer.specs import BUCKET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from s4desk.core.domain.objects import Page
    from s4desk.core.store.wrapper import Request
    from s4desk.core.transfer.selection import Selected


@pytest.fixture
async def store() -> ScriptedStore:
    return ScriptedStore(MemoryStore([BUCKET, "other"]))


async def put(store: ScriptedStore, *keys: str, bucket: str = BUCKET) -> None:
    for key in keys:
        await store.memory.put(Location(bucket, key), b"x")


def left(store: ScriptedStore, bucket: str = BUCKET) -> list[str]:
    held = store.memory.buckets[bucket]
    return sorted(key for key in held.objects if held.newest(key))


async def test_single_objects_of_several_buckets(store: ScriptedStore) -> None:
    await put(store, "a", "b", "c")
    await put(store, "a", bucket="other")
    chosen = [Location(BUCKET, "a"), Location(BUCKET, "b"), Location("other", "a")]
    report = await Deletion(store, [*chosen, chosen[0]]).run()
    assert report == DeleteReport(3)
    assert (left(store), left(store, "other")) == (["c"], [])
    assert store.count == {"delete_many": 2}


async def test_all_below_a_prefix_and_nothing_beside_it(store: ScriptedStore) -> None:
    await put(store, *(f"p/{number:05}" for number in range(3500)), "p/", "p", "p0", "o/z")
    report = await Deletion(store, [Prefix(BUCKET, "p/"), Location(BUCKET, "p/00001")]).run()
    assert report == DeleteReport(3501)
    assert left(store) == ["o/z", "p", "p0"]
    assert store.count["delete_many"] <= 5
    assert store.count["list_objects"] <= 6  # the last one sees that all is gone


async def test_batches_go_out_three_at_a_time(
    store: ScriptedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, *(f"{number:05}" for number in range(5000)))
    inside = most = 0
    real = store.memory.delete_many

    async def counted(bucket: str, doomed: Sequence[Doomed], **_how: bool) -> list[DeleteFailure]:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        for _ in range(50):
            await asyncio.sleep(0)
        inside -= 1
        return await real(bucket, doomed)

    monkeypatch.setattr(store.memory, "delete_many", counted)
    await Deletion(store, [Prefix(BUCKET)]).run()
    assert left(store) == []
    assert most == 3


async def test_keys_that_cannot_be_deleted_are_listed_and_the_rest_goes(
    store: ScriptedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, *(f"{number:04}" for number in range(1500)))
    real = store.memory.delete_many

    async def partly(bucket: str, doomed: list[Doomed], **_how: bool) -> list[DeleteFailure]:
        locked = [each for each in doomed if each.key.endswith("7")]
        await real(bucket, [each for each in doomed if each not in locked])
        return [DeleteFailure(each, "AccessDenied", "locked") for each in locked]

    monkeypatch.setattr(store.memory, "delete_many", partly)
    report = await Deletion(store, [Prefix(BUCKET)]).run()
    assert (report.deleted, len(report.failures), report.error) == (1350, 150, None)
    assert len(left(store)) == 150


async def test_what_could_not_be_deleted_can_be_tried_again(
    store: ScriptedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, "d/free", "d/held")
    await put(store, "held", bucket="other")
    delete_many = store.memory.delete_many

    async def half(bucket: str, doomed: list[Doomed], **_how: bool) -> list[DeleteFailure]:
        held = [each for each in doomed if each.key.endswith("held")]
        await delete_many(bucket, [each for each in doomed if each not in held])
        return [DeleteFailure(each, "AccessDenied", "no") for each in held]

    monkeypatch.setattr(store.memory, "delete_many", half)
    deletion = Deletion(store, [Prefix(BUCKET, "d/"), Location("other", "held")])
    report = await deletion.run()
    assert (report.deleted, len(report.failures)) == (1, 2)
    monkeypatch.setattr(store.memory, "delete_many", delete_many)
    await put(store, "d/came since")
    again = await deletion.again().run()
    assert (again.deleted, again.failures) == (2, ())
    assert (left(store), left(store, "other")) == (["d/came since"], [])


async def test_stop_ends_within_a_batch_and_says_what_was_done(store: ScriptedStore) -> None:
    await put(store, *(f"{number:05}" for number in range(9000)))
    deletion = Deletion(store, [Prefix(BUCKET)])

    def stop(request: Request) -> None:
        if request.operation == "delete_many" and store.count["delete_many"] == 2:
            deletion.stop()

    store.before = stop
    report = await deletion.run()
    assert report.is_stopped
    assert 2000 <= report.deleted <= 4000
    assert len(left(store)) == 9000 - report.deleted
    assert store.count["delete_many"] == report.deleted / 1000


@pytest.mark.parametrize("count", [1500, 5000])
async def test_a_stop_after_the_last_batch_was_sent_has_stopped_nothing(
    store: ScriptedStore, count: int
) -> None:
    await put(store, *(f"{number:05}" for number in range(count)))
    deletion = Deletion(store, [Prefix(BUCKET)], in_flight=2)

    def stop(request: Request) -> None:
        if request.operation == "delete_many" and store.count["delete_many"] == 2:
            deletion.stop()

    store.before = stop
    report = await deletion.run()
    assert report.is_stopped is (report.deleted < count) is (count == 5000)
    assert len(left(store)) == count - report.deleted


async def test_a_stop_among_single_requests_is_one(store: ScriptedStore) -> None:
    await put(store, "a", "b", "c")
    store.fail("delete_many", NotSupportedError("501"))
    deletion = Deletion(store, [Prefix(BUCKET)])
    store.before = lambda request: deletion.stop() if request.operation == "delete" else None
    report = await deletion.run()
    assert (report.is_stopped, report.deleted, len(left(store))) == (True, 1, 2)


@pytest.mark.parametrize("operation", ["list_objects", "delete_many"])
async def test_a_store_that_is_gone_ends_it(store: ScriptedStore, operation: str) -> None:
    await put(store, *(f"{number:05}" for number in range(9000)))
    error = UnavailableError("cable")
    store.fail(operation, None, error)
    report = await Deletion(store, [Prefix(BUCKET)]).run()
    assert (report.error, report.is_stopped) == (error, False)
    assert 0 < report.deleted < 9000
    assert len(left(store)) == 9000 - report.deleted


async def test_a_store_without_delete_objects(store: ScriptedStore) -> None:
    await put(store, "a", "b", "c")
    store.fail("delete_many", NotSupportedError("501"))
    store.fail("delete", None, PermissionDeniedError("no", code="AccessDenied"))
    report = await Deletion(store, [Prefix(BUCKET)]).run()
    failure = DeleteFailure(Doomed("b"), "AccessDenied", "no")
    assert report == DeleteReport(2, (failure,))
    assert left(store) == ["b"]


async def test_one_by_one_ends_too_when_the_store_is_gone(store: ScriptedStore) -> None:
    await put(store, "a", "b", "c")
    error = UnavailableError("cable")
    store.fail("delete_many", NotSupportedError("501"))
    store.fail("delete", None, error)
    assert await Deletion(store, [Prefix(BUCKET)]).run() == DeleteReport(1, (), error=error)


async def test_without_versions_markers_are_written(store: ScriptedStore) -> None:
    await put_config(store.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    await put(store, "a", "a", "b")
    await Deletion(store, [Prefix(BUCKET)]).run()
    assert left(store) == []
    assert len(store.memory.buckets[BUCKET].objects["a"]) == 3


async def test_with_versions_nothing_is_left(store: ScriptedStore) -> None:
    await put_config(store.memory, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    for _ in range(3):
        await put(store, *(f"p/{number:04}" for number in range(900)))
    await put(store, "p/0001-longer", "q")
    await store.memory.delete(Location(BUCKET, "q"))

    one = await Deletion(store, [Location(BUCKET, "p/0001")], versions=True).run()
    assert one.deleted == 3
    assert left(store)[:3] == ["p/0000", "p/0001-longer", "p/0002"]

    everything = await Deletion(store, [Prefix(BUCKET)], versions=True).run()
    assert everything.deleted == 2700 - 3 + 1 + 2
    assert store.memory.buckets[BUCKET].objects == {}


async def test_what_is_not_older_than_the_moment_is_spared() -> None:
    clock = FakeClock()
    store = ScriptedStore(MemoryStore([BUCKET], clock=clock))
    await put(store, "p/old", "p/replaced", "single", "gone")
    clock.advance(10)
    moment = clock.now()
    await put(store, "p/replaced", "p/new")
    chosen: list[Selected] = [Prefix(BUCKET, "p/")]
    chosen += [Location(BUCKET, key) for key in ("single", "gone")]
    await store.memory.delete(Location(BUCKET, "gone"))
    deletion = Deletion(store, chosen, before=moment)
    assert await deletion.run() == DeleteReport(2, spared=2)
    assert left(store) == ["p/new", "p/replaced"]
    assert (await Deletion(store, chosen).run()).deleted == 4  # what is absent counts as deleted
    assert left(store) == []


async def test_what_has_no_date_is_spared_when_dates_matter(
    store: ScriptedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, "a")
    listed = store.memory.list_objects

    async def dateless(*args: Any, **options: Any) -> Page:
        return replace(await listed(*args, **options), modified=array("d", [math.nan]))

    monkeypatch.setattr(store.memory, "list_objects", dateless)
    moment = datetime(2100, 1, 1, tzinfo=UTC)
    report = await Deletion(store, [Prefix(BUCKET)], before=moment).run()
    assert (report, left(store)) == (DeleteReport(0, spared=1), ["a"])


async def test_a_look_that_fails_ends_it(store: ScriptedStore) -> None:
    await put(store, "a")
    error = UnavailableError("cable")
    store.fail("head", error)
    moment = datetime(2100, 1, 1, tzinfo=UTC)
    report = await Deletion(store, [Location(BUCKET, "a")], before=moment).run()
    assert (report, left(store)) == (DeleteReport(0, error=error), ["a"])


async def test_an_emptied_bucket_goes_with_its_uploads(store: ScriptedStore) -> None:
    await store.create_multipart(Location(BUCKET, "half"))
    await delete_emptied(store, BUCKET)
    assert (BUCKET in store.memory.buckets, store.memory.uploads) == (False, {})
    store.fail("list_uploads", NotSupportedError("501"))
    await delete_emptied(store, "other")
    assert store.memory.buckets == {}


async def test_an_empty_selection_and_an_empty_prefix(store: ScriptedStore) -> None:
    assert await Deletion(store, []).run() == DeleteReport(0)
    assert await Deletion(store, [Prefix(BUCKET, "none/")]).run() == DeleteReport(0)
    assert store.count == {"list_objects": 1}


async def test_single_versions_are_deleted_and_what_failed_is_tried_again() -> None:
    store = MemoryStore([BUCKET])
    await put_config(store, BUCKET, ConfigKind.VERSIONING, {"Status": "Enabled"})
    for key in ("a", "a", "b"):
        await store.put(Location(BUCKET, key), key.encode())
    await store.delete(Location(BUCKET, "b"))
    newest, _older, marker, _b = (await store.list_versions(Prefix(BUCKET))).versions
    deletion = Deletion.of_versions(store, [newest, marker])
    deletion.stop()
    assert (await deletion.run()).is_stopped
    report = await deletion.again().run()
    assert (report.deleted, report.failures, report.is_stopped) == (2, (), False)
    assert report.is_of_versions
    left = (await store.list_versions(Prefix(BUCKET))).versions
    assert [(each.location.key, each.is_latest) for each in left] == [("a", True), ("b", True)]
    assert (await store.list_objects(Prefix(BUCKET))).keys == ["a", "b"]
