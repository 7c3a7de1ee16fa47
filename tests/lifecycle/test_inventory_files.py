"""Reports as they come: formats, manifests, what is damaged and where, what lies in a bucket."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from s4desk.core.domain.errors import LocalFileError, NoRoomError, NotFoundError
from s4desk.core.domain.identity import Location
from s4desk.core.domain.lifecycle.candidates import Candidate
from s4desk.core.lifecycle import inventory_database, inventory_fetch
from s4desk.core.lifecycle.inventory_damage import explained
from s4desk.core.lifecycle.inventory_database import Database, FailedQueryError
from s4desk.core.lifecycle.inventory_fetch import fetched
from s4desk.core.lifecycle.inventory_files import Report, open_report, parts_of, to_be_checked
from s4desk.core.lifecycle.inventory_manifest import InventoryError, read_manifest
from s4desk.core.lifecycle.inventory_view import show_report
from s4desk.core.store.memory import MemoryStore
from tests.lifecycle.reports import COLUMNS, csv_text, write_csv, write_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from s4desk.core.lifecycle.inventory_files import Part

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OBJECTS = [Candidate(f"logs/{at}", at, CREATED, etag=f"e{at}") for at in range(3)]
KEYS = [each.key for each in OBJECTS]
SCHEMA = ("Bucket", "Key", "Size", "LastModifiedDate", "ETag")


@pytest.fixture(scope="module")
def shared() -> Iterator[Database]:
    made = Database()
    yield made
    made.close()


def keys(database: Database, parts: Sequence[Part]) -> list[str]:
    """All keys of a report, or the error that says why there are none."""
    report = open_report(parts, lambda: True)
    try:
        show_report(database, report)
        rows = database.all("SELECT key, size, modified, is_latest FROM rows ORDER BY key")
    except FailedQueryError as error:
        raise explained(database, report, error) from error
    return [key.decode("utf-8", "surrogateescape") for key, *_ in rows]


def manifest(files: dict[str, bytes], columns: Sequence[str] = SCHEMA, **changes: Any) -> bytes:
    entries = [
        {"key": key, "size": len(data), "MD5checksum": hashlib.md5(data).hexdigest()}
        for key, data in files.items()
    ]
    document = {
        "sourceBucket": "b",
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "fileFormat": "CSV",
        "fileSchema": ", ".join(columns),
        "files": entries,
    }
    return json.dumps(document | changes).encode()


def headless(objects: Sequence[Candidate] = OBJECTS) -> bytes:
    return gzip.compress(csv_text(objects, SCHEMA, has_header=False))


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet", "a[1]*?{b}=c.csv", "k=v.txt"])
def test_a_file_is_read_by_what_is_in_it(shared: Database, tmp_path: Path, name: str) -> None:
    write = write_parquet if name.endswith("parquet") else write_csv
    write_csv(tmp_path / "a1xb=c.csv", [Candidate("another", created=CREATED)])
    path = write(tmp_path / name, OBJECTS)
    assert keys(shared, parts_of(path)) == KEYS


def test_several_files_are_one_report_and_each_counts_once(
    shared: Database, tmp_path: Path
) -> None:
    one = write_csv(tmp_path / "1.csv.gz", OBJECTS[:1])
    two = write_csv(tmp_path / "2.csv", OBJECTS[1:2], ("Key", "LastModifiedDate", "Size"))
    three = write_parquet(tmp_path / "3.parquet", OBJECTS[2:])
    paths = [one, two, three, tmp_path / "." / "1.csv.gz"]
    assert keys(shared, [part for path in paths for part in parts_of(path)]) == KEYS


@pytest.mark.parametrize(
    "data",
    [
        csv_text(OBJECTS).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + csv_text(OBJECTS),
        csv_text(OBJECTS).replace(b'"', b""),
        csv_text(OBJECTS).rstrip(),
        csv_text(OBJECTS) + b"\n",
        b"Bucket,KEY,last_modified_date,Bucket,Extra\n"
        + b"".join(f"b,{key},2026-01-02T03:04:05Z,c,\n".encode() for key in KEYS),
    ],
    ids=["crlf", "bom", "bare", "unended", "blank", "foreign"],
)
def test_csv_comes_in_many_hands(shared: Database, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(data)
    assert keys(shared, parts_of(path)) == KEYS


def test_times_with_an_offset_are_what_they_are_in_utc(shared: Database, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("Key,LastModifiedDate\na,2026-01-02T05:04:05.000+02:00\nb,\n")
    show_report(shared, open_report(parts_of(path), lambda: True))
    moment = int(CREATED.timestamp()) * 1_000_000
    assert shared.all("SELECT modified FROM rows ORDER BY key") == [(moment,), (None,)]


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        ("", "b/daily/data/1.csv.gz"),
        ("data", "b/daily/data/1.csv.gz"),
        ("../data", "b/daily/data/1.csv.gz"),
        ("../../../b/daily/data", "b/daily/data/1.csv.gz"),
    ],
)
def test_a_manifest_names_columns_and_files(
    shared: Database, tmp_path: Path, folder: str, key: str
) -> None:
    run = tmp_path / "b" / "daily" / "2026-01-02T00-00Z"
    run.mkdir(parents=True)
    (run / folder).mkdir(parents=True, exist_ok=True)
    (run / folder / "1.csv.gz").write_bytes(headless())
    (run / "manifest.json").write_bytes(manifest({key: headless()}))
    parts = parts_of(run / "manifest.json")
    assert keys(shared, parts) == KEYS
    assert open_report(parts, lambda: True).bucket == "b"


def wrong_reports() -> dict[str, tuple[dict[str, bytes], str]]:
    """Files by name, the first of which is read; and what is said of it."""
    text = csv_text(OBJECTS)
    lines = text.splitlines(keepends=True)
    packed, other = gzip.compress(text * 500), headless(OBJECTS[:1])
    flipped = bytearray(packed)
    flipped[-6] ^= 0xFF
    named = {"data/1.csv.gz": headless()}
    return {
        "cut": ({"a.gz": packed[: len(packed) // 2]}, "a.gz is damaged"),
        "flipped": ({"a.gz": bytes(flipped)}, "a.gz is damaged"),
        "few": ({"a.csv": b"".join([*lines, b'"b","k"\n'])}, "a.csv, line 5: there are 2 columns"),
        "open": ({"a.csv": text + b'"b","k'}, "a.csv, line 5: a quote has no end"),
        "bytes": ({"a.csv": text + b'"b","\xff"' + b',""' * 12}, "a.csv, line 5: this is no UTF-8"),
        "size": (
            {"a.csv": text.replace(b'"2"', b'"two"')},
            "a.csv, line 4: “two” is no value of the column Size",
        ),
        "date": (
            {"a.csv": b"Key,LastModifiedDate\n" + b'"a\nb",2026-01-01\nc,soon\n'},
            "a.csv, line 4: “soon” is no value of the column LastModifiedDate",
        ),
        "nameless": ({"a.csv": headless()}, "a.csv does not name its columns"),
        "empty": ({"a.csv": b""}, "a.csv does not name its columns"),
        "undated": (
            {"a.csv": b"Bucket,Key,Size\nb,k,1\n"},
            "a.csv has no column LastModifiedDate",
        ),
        "half": (
            {"a.csv": b"Key,LastModifiedDate,VersionId\nk,,v\n"},
            "the column VersionId but not IsLatest",
        ),
        "orc": ({"a.orc": b"ORC" + bytes(20)}, "a.orc is ORC"),
        "parquet": ({"a.parquet": b"PAR1" + bytes(20)}, "a.parquet is damaged"),
        "json": ({"a.json": b'{"files": 1}'}, "a.json is not the manifest"),
        "absent": ({"manifest.json": manifest(named)}, "names data/1.csv.gz, which is not here"),
        "replaced": (
            {"manifest.json": manifest(named), "1.csv.gz": other},
            "1.csv.gz is not the file that the manifest names",
        ),
        "no parquet": (
            {"manifest.json": manifest(named, fileFormat="Parquet"), "1.csv.gz": headless()},
            "1.csv.gz is no PARQUET file",
        ),
        "unknown": (
            {"manifest.json": manifest(named, fileFormat="XLS")},
            "manifest.json is not the manifest",
        ),
    }


@pytest.mark.parametrize("case", wrong_reports())
def test_what_is_wrong_is_told_with_file_and_line(
    shared: Database, tmp_path: Path, case: str
) -> None:
    files, expected = wrong_reports()[case]
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InventoryError) as caught:
        keys(shared, parts_of(tmp_path / next(iter(files))))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_and_nothing_are_no_reports(shared: Database, tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="is a folder"):
        parts_of(tmp_path)
    with pytest.raises(LocalFileError):
        keys(shared, parts_of(tmp_path / "nothing"))


def test_a_manifest_leads_nowhere_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    write_csv(secret, OBJECTS)
    run = tmp_path / "run"
    run.mkdir()
    data = secret.read_bytes()
    for key in ("../secret.csv", str(secret), ""):
        (run / "manifest.json").write_bytes(manifest({key: data}))
        with pytest.raises(InventoryError, match="not here"):
            parts_of(run / "manifest.json")


def test_reports_of_two_buckets_are_not_mixed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.csv.gz").write_bytes(headless())
        text = manifest({"1.csv.gz": headless()}, sourceBucket=name)
        (tmp_path / name / "manifest.json").write_bytes(text)
    parts = [part for name in "ab" for part in parts_of(tmp_path / name / "manifest.json")]
    with pytest.raises(InventoryError, match=r"several buckets \(a, b\)"):
        open_report(parts, lambda: True)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1767323045000", CREATED),
        (1767323045000, CREATED),
        ("yesterday", None),
        ("9" * 30, None),
        (None, None),
    ],
)
def test_a_manifest_tells_when_its_report_was_begun(written: object, read: datetime | None) -> None:
    found = read_manifest(manifest({}, creationTimestamp=written), "manifest.json")
    assert found.created == read


def test_bytes_that_are_checked_are_told(tmp_path: Path) -> None:
    one, two, plain = tmp_path / "1.csv.gz", tmp_path / "2.csv.gz", tmp_path / "3.csv"
    for path in (one, two):
        path.write_bytes(gzip.compress(csv_text(OBJECTS)))
    write_csv(plain, OBJECTS)
    (tmp_path / "manifest.json").write_bytes(manifest({"1.csv.gz": one.read_bytes()}))
    parts = [each for path in ("manifest.json", two, plain) for each in parts_of(tmp_path / path)]
    told: list[int] = []
    open_report(parts, lambda: True, told.append)
    assert sum(told) == to_be_checked(parts) == one.stat().st_size + two.stat().st_size
    assert to_be_checked([replace(part, is_checked=True) for part in parts]) == 0


def test_a_report_of_yesterday_does_not_count_beside_that_of_today(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        data = headless(OBJECTS[int(name) :])
        (tmp_path / name / "x.csv.gz").write_bytes(data)
        (tmp_path / name / "manifest.json").write_bytes(manifest({"x.csv.gz": data}))
    one, two = (parts_of(tmp_path / name / "manifest.json") for name in "12")
    with pytest.raises(InventoryError, match="count more than once"):
        open_report([*one, *two], lambda: True)
    assert len(open_report([*one, *one], lambda: True).paths) == 1


# In a bucket


async def stored(files: dict[str, bytes]) -> MemoryStore:
    store = MemoryStore(["reports"])
    for key, data in files.items():
        await store.put(Location("reports", key), data)
    return store


async def test_a_manifest_in_a_bucket_brings_its_files(shared: Database, tmp_path: Path) -> None:
    halves = {
        "b/daily/data/x.csv.gz": headless(OBJECTS[:1]),
        "b/daily/data/ü ?.csv.gz": headless(OBJECTS[1:]),
    }
    store = await stored({**halves, "b/daily/1/manifest.json": manifest(halves)})
    place = Location("reports", "b/daily/1/manifest.json")
    assert keys(shared, await fetched(store, place, tmp_path)) == KEYS
    assert sorted(os.listdir(tmp_path)) == ["000000-x.csv.gz", "000001"]


async def test_a_file_in_a_bucket_is_a_report_itself(shared: Database, tmp_path: Path) -> None:
    store = await stored({"x.csv": csv_text(OBJECTS, COLUMNS)})
    assert keys(shared, await fetched(store, Location("reports", "x.csv"), tmp_path)) == KEYS


async def test_what_is_not_what_a_manifest_names_is_refused(tmp_path: Path) -> None:
    store = await stored({"m.json": manifest({"x": headless()})})
    with pytest.raises(NotFoundError):
        await fetched(store, Location("reports", "m.json"), tmp_path)
    await store.put(Location("reports", "x"), headless(OBJECTS[:1]))
    with pytest.raises(InventoryError, match="reports/x is not the file that the manifest names"):
        await fetched(store, Location("reports", "m.json"), tmp_path)


async def test_a_size_is_compared_where_no_sum_is_told(tmp_path: Path) -> None:
    text = json.loads(manifest({"x": headless()}))
    del text["files"][0]["MD5checksum"]
    text["files"][0]["size"] += 1
    store = await stored({"m.json": json.dumps(text).encode(), "x": headless()})
    with pytest.raises(InventoryError, match="another size"):
        await fetched(store, Location("reports", "m.json"), tmp_path)


async def test_a_report_that_does_not_fit_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 10

    monkeypatch.setattr(inventory_fetch.shutil, "disk_usage", lambda _: Usage)
    store = await stored({"m.json": manifest({"x": headless()}), "x": headless()})
    with pytest.raises(NoRoomError):
        await fetched(store, Location("reports", "m.json"), tmp_path)
    assert not os.listdir(tmp_path)


# The database


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory_database, "has_database", lambda: False)
    with pytest.raises(InventoryError, match=r"install s4desk\[inventory\]"):
        Database()


def test_it_reaches_for_no_network_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(inventory_database.tempfile, "tempdir", None)
    database = Database(memory="123MB")
    assert [each.name for each in tmp_path.iterdir()] == [database.folder.name]
    asked = "SELECT current_setting('{}')"
    names = ["autoinstall_known_extensions", "autoload_known_extensions", "memory_limit"]
    settings = [database.all(asked.format(name))[0][0] for name in names]
    assert settings == [False, False, "117.3 MiB"]
    assert database.folder.is_dir()
    database.close()
    assert not list(tmp_path.iterdir())


def test_too_little_memory_is_told_as_such() -> None:
    database = Database(memory="1MB")
    try:
        with pytest.raises(FailedQueryError) as caught:
            database.all("SELECT list(i), list(hash(i)) FROM range(10000000) r(i)")
        error = explained(database, Report(()), caught.value)
    finally:
        database.close()
    assert str(error) == "The report cannot be read: there is too little memory."


def test_an_answer_ends_with_the_next_question(shared: Database) -> None:
    rows = shared.batches("SELECT * FROM range(100000)")
    assert len(next(rows)) == inventory_database.BATCH
    assert shared.all("SELECT 1") == [(1,)]
    with pytest.raises(RuntimeError):
        next(rows)
