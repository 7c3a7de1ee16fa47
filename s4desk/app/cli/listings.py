"""`s4desk ls` and `s4desk stat`."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from math import isnan
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from s4desk.app.cli.places import UsageError, parse_object, parse_remote
from s4desk.app.cli.served import Served
from s4desk.core.domain.archive import archive_state
from s4desk.core.domain.errors import NotFoundError
from s4desk.core.domain.properties import customer_algorithm, encryption_of
from s4desk.core.runtime.i18n import tr
from s4desk.core.transfer.selection import pages_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncGenerator, Iterator

    from s4desk.app.cli.console import Console
    from s4desk.core.desk import Desk
    from s4desk.core.domain.identity import Prefix
    from s4desk.core.domain.objects import ObjectMeta, ObjectVersion, Page, VersionPage
    from s4desk.core.store.protocol import Store

_NO_TIME = " " * 19
_QUARTER = 900
NOTHING_MORE: Final[Mapping[str, object]] = MappingProxyType({})


async def ls(desk: Desk, arguments: Namespace, console: Console) -> None:
    """List buckets, one level of a bucket, or with -r all keys that begin with the prefix."""
    remote = parse_remote(arguments.place, desk.connections)
    store, served = await desk.stores.to_read(remote.connection.id), Served(desk)
    if not remote.bucket:
        if arguments.recursive or arguments.versions:
            raise UsageError(tr("-r and --versions need a bucket: NAME:BUCKET[/PREFIX]."))
        await _list_buckets(store, served, console)
        served.tell(console)
        return
    delimiter = "" if arguments.recursive else "/"
    count = 0
    if arguments.versions:
        async for versions in _version_pages(store, remote.prefix, delimiter):
            count += _show_versions(versions, console, served.record)
    else:
        async with aclosing(pages_of(store, remote.prefix, delimiter)) as pages:
            async for page in pages:
                count += show_page(page, console, served.record)
    served.tell(console)
    if not count and remote.key:
        raise NotFoundError(tr("nothing begins with this"), location=remote.location)


async def stat(desk: Desk, arguments: Namespace, console: Console) -> None:
    """Everything a HEAD request tells."""
    remote = parse_object(arguments.place, desk.connections)
    store = await desk.stores.to_read(remote.connection.id)
    served = Served(desk)
    record = _stat_record(await store.head(remote.location)) | served.record
    lines = [
        f"{name}: {console.name(value)}" for name, told in record.items() for value in _values(told)
    ]
    console.record(record, "\n".join(lines))
    served.tell(console)


async def _list_buckets(store: Store, served: Served, console: Console) -> None:
    for bucket in await store.list_buckets():
        record = {
            "type": "bucket",
            "name": bucket.name,
            "created": _iso(bucket.created),
            "region": bucket.region,
            **served.record,
        }
        console.record(record, f"{_local(bucket.created)} {console.name(bucket.name)}")


async def _version_pages(
    store: Store, prefix: Prefix, delimiter: str
) -> AsyncGenerator[VersionPage, None]:
    marker = None
    while True:
        page = await store.list_versions(prefix, delimiter=delimiter, marker=marker)
        yield page
        marker = page.next_marker
        if marker is None:
            return


def show_page(page: Page, console: Console, more: Mapping[str, object] = NOTHING_MORE) -> int:
    """A record or a line for each folder and object; returns how many. `more` is in each record."""
    for folder in page.folders:
        _show_folder(page.prefix.bucket, folder, console, more)
    console.write(_records(page, more) if console.as_json else _lines(page, console))
    return len(page) + len(page.folders)


def _records(page: Page, more: Mapping[str, object]) -> Iterator[str]:
    end = f", {json.dumps(more)[1:]}" if more else "}"
    quoted = json.JSONEncoder().encode
    bucket = quoted(page.prefix.bucket)
    rows = zip(page.keys, page.sizes, page.modified, page.etags, page.classes, strict=True)
    for key, size, modified, etag, storage_class in rows:
        when = "null" if isnan(modified) else quoted(_iso_seconds(modified))
        yield (
            f'{{"type": "object", "bucket": {bucket}, "key": {quoted(key)}, "size": {size}, '
            f'"modified": {when}, "etag": {quoted(etag)}, '
            f'"storage_class": {quoted(storage_class)}{end}'
        )


def _lines(page: Page, console: Console) -> Iterator[str]:
    for modified, size, name in zip(
        page.modified, page.sizes, console.names(page.keys), strict=True
    ):
        when = _NO_TIME if isnan(modified) else _local_seconds(modified)
        yield f"{when} {size:>14} {name}"


def _show_versions(page: VersionPage, console: Console, more: Mapping[str, object]) -> int:
    for folder in page.folders:
        _show_folder(page.prefix.bucket, folder, console, more)
    for version in page.versions:
        console.record({**version_record(version), **more}, version_line(version, console))
    return len(page.versions) + len(page.folders)


def _show_folder(bucket: str, folder: str, console: Console, more: Mapping[str, object]) -> None:
    record = {"type": "folder", "bucket": bucket, "key": folder, **more}
    console.record(record, f"{_NO_TIME} {'/':>14} {console.name(folder)}")


def version_line(version: ObjectVersion, console: Console) -> str:
    size = tr("deleted") if version.is_delete_marker else str(version.size)
    latest = "*" if version.is_latest else " "
    name = console.name(version.location.key)
    return f"{_local(version.modified)} {size:>14} {latest}{version.version} {name}"


def version_record(version: ObjectVersion) -> dict[str, object]:
    record: dict[str, object] = {
        "type": "delete_marker" if version.is_delete_marker else "version",
        "bucket": version.location.bucket,
        "key": version.location.key,
        "version": version.version,
        "is_latest": version.is_latest,
        "modified": _iso(version.modified),
    }
    if not version.is_delete_marker:
        record |= {
            "size": version.size,
            "etag": version.etag,
            "storage_class": version.storage_class,
        }
    return record


def _stat_record(meta: ObjectMeta) -> dict[str, object]:
    attributes = meta.attributes
    return {
        "type": "object",
        "bucket": meta.location.bucket,
        "key": meta.location.key,
        "size": meta.size,
        "modified": _iso(meta.modified),
        "etag": meta.etag,
        "storage_class": meta.storage_class,
        "archive": _archive_record(meta),
        "version": meta.version,
        "encryption": _encryption_record(meta),
        "content_type": attributes.content_type,
        "content_encoding": attributes.content_encoding,
        "content_disposition": attributes.content_disposition,
        "content_language": attributes.content_language,
        "cache_control": attributes.cache_control,
        "expires": attributes.expires,
        "website_redirect": attributes.website_redirect,
        "metadata": dict(attributes.metadata),
        "checksum": None
        if meta.checksum is None
        else {
            "algorithm": meta.checksum.algorithm,
            "value": meta.checksum.value,
            "is_full": meta.checksum.is_full,
        },
    }


def _values(told: object) -> list[str]:
    """What is told in a line each; nothing for what is empty."""
    if isinstance(told, Mapping):
        return [f"{name} = {value}" for name, value in told.items() if value not in ("", None)]
    return [str(told)] if told not in ("", None) else []


def _archive_record(meta: ObjectMeta) -> dict[str, object] | None:
    """None for what is in no archive."""
    state = archive_state(meta.storage_class, meta.headers)
    if not state.is_archived:
        return None
    return {"is_restoring": state.is_restoring, "restored_until": _iso(state.until)}


def _encryption_record(meta: ObjectMeta) -> dict[str, object] | None:
    """None where the store does not say that it encrypts."""
    if own := customer_algorithm(meta.headers):
        return {"algorithm": own, "key": "", "bucket_key": False, "own_key": True}
    found = encryption_of(meta.headers)
    if found is None:
        return None
    return {
        "algorithm": found.algorithm,
        "key": found.key,
        "bucket_key": found.uses_bucket_key,
        "own_key": False,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _iso_seconds(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _local(moment: datetime | None) -> str:
    return _NO_TIME if moment is None else _local_seconds(moment.timestamp())


def _local_seconds(seconds: float) -> str:
    quarter, rest = divmod(int(seconds // 1), _QUARTER)
    found = _quarter(quarter)
    if found is None:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds // 1))
    hour, start = found
    minute, second = divmod(start + rest, 60)
    return f"{hour}{minute:02}:{second:02}"


@functools.lru_cache(4096)
def _quarter(number: int) -> tuple[str, int] | None:
    """Day and hour of a quarter of an hour, and how many seconds into the hour it begins.

    A million keys are of far fewer quarters. None for one in which the clock is put on or back.
    """
    first = time.localtime(number * _QUARTER)
    last = time.localtime((number + 1) * _QUARTER - 1)
    start = first.tm_min * 60 + first.tm_sec
    is_even = (last.tm_hour, last.tm_min * 60 + last.tm_sec) == (
        first.tm_hour,
        start + _QUARTER - 1,
    )
    return (time.strftime("%Y-%m-%d %H:", first), start) if is_even else None
