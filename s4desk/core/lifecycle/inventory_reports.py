"""The inventory reports of a bucket that its store has written, where its configurations say.

"Locating your inventory list" in the S3 user guide: below the prefix of the destination lies a
folder for each bucket, in it one for each configuration, and in that one for each run.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.errors import NotSupportedError
from s4desk.core.domain.identity import Location, Prefix
from s4desk.core.lifecycle.inventory_columns import Format
from s4desk.core.lifecycle.inventory_manifest import ARN, MANIFEST
from s4desk.core.store.configuration import read_config
from s4desk.core.transfer.selection import pages_of

if TYPE_CHECKING:
    from s4desk.core.store.protocol import Store

MOST: Final = 10
"""Runs of a configuration; who wants an older one knows where it is."""
_MOMENT: Final = "%Y-%m-%dT%H-%MZ/"


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A run of the configuration `name`, begun at `created` (UTC); `manifest` is its manifest."""

    name: str
    created: datetime
    manifest: Location


async def reports_of(store: Store, bucket: str) -> list[WrittenReport]:
    """The newest ones of each configuration, the newest first. Raises StoreError."""
    try:
        ids = await store.list_document_ids(bucket, ConfigKind.INVENTORY)
    except NotSupportedError:
        return []
    found: list[WrittenReport] = []
    for name in ids:
        config = await read_config(store, bucket, ConfigKind.INVENTORY, id=name)
        found += await _runs(store, bucket, name, config)
    return sorted(found, key=lambda report: report.created, reverse=True)


async def _runs(
    store: Store, bucket: str, name: str, config: dict[str, Any]
) -> list[WrittenReport]:
    target = config.get("Destination", {}).get("S3BucketDestination", {})
    to = str(target.get("Bucket", "")).removeprefix(ARN)
    if not to or str(target.get("Format", "")).lower() == Format.ORC:
        return []
    above = "/".join(each for each in (target.get("Prefix"), bucket, name, "") if each is not None)
    place = Prefix(to, above)
    names: list[str] = []
    async with aclosing(pages_of(store, place, "/")) as pages:
        async for page in pages:
            names += [each.removeprefix(place.prefix) for each in page.folders]
    moments = {each: _moment(each) for each in names}
    runs = [
        WrittenReport(name, moment, Location(to, f"{place.prefix}{each}{MANIFEST}"))
        for each, moment in moments.items()
        if moment is not None
    ]
    return sorted(runs, key=lambda report: report.created)[-MOST:]


def _moment(folder: str) -> datetime | None:
    """None for what is no run: the files of all of them lie in folders beside."""
    try:
        return datetime.strptime(folder, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
