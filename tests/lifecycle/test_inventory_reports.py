"""Reports are found where the configurations of a bucket have them written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.errors import NotFoundError, NotSupportedError
from s4desk.core.domain.identity import Location
from s4desk.core.lifecycle.inventory_reports import MOST, WrittenReport, reports_of
from s4desk.core.store.memory import MemoryStore


def configured(name: str, target: str = "reports", **changes: Any) -> Any:
    destination = {"Bucket": f"arn:aws:s3:::{target}", "Format": "Parquet"} | changes
    config = {
        "Id": name,
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": destination},
    }
    return from_json(ConfigKind.INVENTORY, config, id=name)


@pytest.fixture
async def store() -> MemoryStore:
    """Runs of three configurations, and what else lies beside them."""
    store = MemoryStore(["photos", "reports"])
    for key in (
        "a/photos/daily/2026-11-20T01-00Z/manifest.json",
        "a/photos/daily/2026-11-20T01-00Z/manifest.checksum",
        "a/photos/daily/2026-11-21T01-00Z/manifest.json",
        "a/photos/daily/data/1.csv.gz",
        "a/photos/daily/hive/dt=2026-11-20-01-00/symlink.txt",
        "a/others/daily/2026-11-22T01-00Z/manifest.json",
        "photos/weekly/2026-11-20T13-30Z/manifest.json",
        "photos/orc/2026-11-20T13-30Z/manifest.json",
    ):
        await store.put(Location("reports", key), b"x")
    return store


def report(name: str, key: str, *moment: int) -> WrittenReport:
    created = datetime(*moment, tzinfo=UTC)  # type: ignore[misc]
    return WrittenReport(name, created, Location("reports", f"{key}/manifest.json"))


async def test_the_newest_comes_first(store: MemoryStore) -> None:
    told = store.buckets["photos"].tell
    told(configured("daily", Prefix="a"))
    told(configured("weekly"))
    told(configured("orc", Format="ORC"))
    assert await reports_of(store, "photos") == [
        report("daily", "a/photos/daily/2026-11-21T01-00Z", 2026, 11, 21, 1),
        report("weekly", "photos/weekly/2026-11-20T13-30Z", 2026, 11, 20, 13, 30),
        report("daily", "a/photos/daily/2026-11-20T01-00Z", 2026, 11, 20, 1),
    ]


async def test_only_the_newest_are_named(store: MemoryStore) -> None:
    store.buckets["photos"].tell(configured("weekly"))
    for day in range(1, MOST + 5):
        key = f"photos/weekly/2026-12-{day:02}T00-00Z/manifest.json"
        await store.put(Location("reports", key), b"x")
    found = await reports_of(store, "photos")
    assert [each.created.day for each in found] == list(range(MOST + 4, 4, -1))


async def test_without_configurations_there_are_none(store: MemoryStore) -> None:
    assert await reports_of(store, "photos") == []


async def test_a_store_without_inventories_has_none(store: MemoryStore) -> None:
    async def refuse(*_: object) -> list[str]:
        raise NotSupportedError("NotImplemented", status=501)

    store.list_document_ids = refuse  # type: ignore[method-assign]
    assert await reports_of(store, "photos") == []


async def test_a_destination_that_is_gone_is_told(store: MemoryStore) -> None:
    store.buckets["photos"].tell(configured("daily", "gone"))
    with pytest.raises(NotFoundError):
        await reports_of(store, "photos")
