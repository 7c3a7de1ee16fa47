"""S3 Inventory reports of a few versions, written as S3 does."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from s4desk.core.domain.lifecycle.candidates import Candidate

COLUMNS = (
    "Bucket",
    "Key",
    "VersionId",
    "IsLatest",
    "IsDeleteMarker",
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "ReplicationStatus",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "ObjectLockLegalHoldStatus",
    "Tags",
)
PARQUET_NAMES = {
    "ETag": "e_tag",
    "VersionId": "version_id",
    "IsLatest": "is_latest",
    "IsDeleteMarker": "is_delete_marker",
    "LastModifiedDate": "last_modified_date",
    "StorageClass": "storage_class",
    "ReplicationStatus": "replication_status",
    "ObjectLockMode": "object_lock_mode",
    "ObjectLockRetainUntilDate": "object_lock_retain_until_date",
    "ObjectLockLegalHoldStatus": "object_lock_legal_hold_status",
}


def encoded(key: str) -> str:
    return quote_plus(key.encode("utf-8", "surrogateescape"), safe="/*-._")


def cells(each: Candidate, bucket: str = "b") -> dict[str, str]:
    """The row of a version in CSV."""
    until = each.lock.retain_until
    return {
        "Bucket": bucket,
        "Key": encoded(each.key),
        "VersionId": each.version,
        "IsLatest": str(each.is_current).lower(),
        "IsDeleteMarker": str(each.is_delete_marker).lower(),
        "Size": "" if each.is_delete_marker else str(each.size),
        "LastModifiedDate": "" if each.created is None else _zulu(each.created.isoformat()),
        "StorageClass": each.storage_class,
        "ETag": each.etag,
        "ReplicationStatus": each.replication,
        "ObjectLockMode": each.lock.mode or "",
        "ObjectLockRetainUntilDate": "" if until is None else _zulu(until.isoformat()),
        "ObjectLockLegalHoldStatus": {None: "", True: "ON", False: "OFF"}[each.lock.legal_hold],
        "Tags": urlencode(each.tags),
    }


def _zulu(moment: str) -> str:
    return moment.replace("+00:00", "Z")


def csv_text(
    versions: Iterable[Candidate],
    columns: Sequence[str] = COLUMNS,
    *,
    has_header: bool = True,
    bucket: str = "b",
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    if has_header:
        writer.writerow(columns)
    for each in versions:
        row = cells(each, bucket)
        writer.writerow([row[column] for column in columns])
    return text.getvalue().encode()


def write_csv(path: Path, versions: Iterable[Candidate], columns: Sequence[str] = COLUMNS) -> Path:
    data = csv_text(versions, columns)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def write_manifest(
    path: Path,
    versions: Iterable[Candidate],
    columns: Sequence[str] = COLUMNS,
    *,
    created: datetime | None = None,
    bucket: str = "b",
) -> Path:
    """A manifest at `path` and its file beside it: packed, without a header, as AWS writes CSV."""
    data = gzip.compress(csv_text(versions, columns, has_header=False, bucket=bucket))
    name = f"{hashlib.md5(data).hexdigest()}.csv.gz"
    (path.parent / "data").mkdir(exist_ok=True)
    (path.parent / "data" / name).write_bytes(data)
    manifest = {
        "sourceBucket": bucket,
        "fileFormat": "CSV",
        "fileSchema": ", ".join(columns),
        "files": [{"key": f"d/data/{name}", "size": len(data), "MD5checksum": name[:32]}],
    }
    if created is not None:
        manifest["creationTimestamp"] = str(round(created.timestamp() * 1000))
    path.write_text(json.dumps(manifest))
    return path


def write_parquet(
    path: Path, versions: Sequence[Candidate], columns: Sequence[str] = COLUMNS
) -> Path:
    """Keys are BINARY without a word of UTF-8, as they may be none."""
    made = {name: _array(name, versions) for name in columns}
    table = pa.table({PARQUET_NAMES.get(name, name.lower()): made[name] for name in columns})
    pq.write_table(table, path)
    return path


def _array(name: str, versions: Sequence[Candidate]) -> pa.Array:
    moment = pa.timestamp("us", "UTC")
    if name == "Key":
        keys = [each.key.encode("utf-8", "surrogateescape") for each in versions]
        return pa.array(keys, pa.binary())
    if name == "LastModifiedDate":
        return pa.array([each.created for each in versions], moment)
    if name == "ObjectLockRetainUntilDate":
        return pa.array([each.lock.retain_until for each in versions], moment)
    if name == "Size":
        return pa.array([each.size for each in versions], pa.int64())
    if name in ("IsLatest", "IsDeleteMarker"):
        is_latest = name == "IsLatest"
        return pa.array([e.is_current if is_latest else e.is_delete_marker for e in versions])
    return pa.array([cells(each)[name] or None for each in versions], pa.string())
