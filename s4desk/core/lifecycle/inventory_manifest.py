"""The manifest.json of an S3 Inventory report: which files it has, and what their columns are.

"Locating your inventory list" in the S3 user guide. Compatible stores write the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import S4DeskError
from s4desk.core.lifecycle.inventory_columns import Format
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
ARN = "arn:aws:s3:::"


class InventoryError(S4DeskError):
    """A report cannot be read; the message is the sentence that says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class InventoryFile:
    """A file of a report: its key in the bucket of reports, `size` in bytes, MD5 in hex."""

    key: str
    size: int | None = None
    md5: str = ""


@dataclass(frozen=True, slots=True)
class InventoryManifest:
    """`bucket` is the one that was looked at, `destination` the one that has the report.

    `columns` are those of CSV files, which have no header row; Parquet files name theirs.
    `created` is when it was begun, None where it does not say so.
    """

    format: Format
    files: tuple[InventoryFile, ...]
    columns: tuple[str, ...] = ()
    bucket: str = ""
    destination: str = ""
    created: datetime | None = None


def read_manifest(data: bytes, name: str) -> InventoryManifest:
    """Raises InventoryError with `name` in it when that is no manifest."""
    try:
        document = json.loads(data)
        return _manifest(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InventoryError(
            tr("{file} is not the manifest of an inventory report ({reason}).").format(
                file=name, reason=error or type(error).__name__
            )
        ) from error


def _manifest(document: dict[str, object]) -> InventoryManifest:
    files = document["files"]
    if not isinstance(files, list):
        raise TypeError("files")
    format_ = Format.named(str(document["fileFormat"]))
    schema = str(document.get("fileSchema", ""))
    is_text = format_ is Format.CSV
    return InventoryManifest(
        format_,
        tuple(_file(each) for each in files),
        tuple(name.strip() for name in schema.split(",")) if is_text and schema else (),
        str(document.get("sourceBucket", "")),
        str(document.get("destinationBucket", "")).removeprefix(ARN),
        _moment(document.get("creationTimestamp")),
    )


def _moment(milliseconds: object) -> datetime | None:
    """Of the epoch; nobody is to lose a report for a date that cannot be read."""
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _file(entry: dict[str, object]) -> InventoryFile:
    size = entry.get("size")
    return InventoryFile(
        str(entry["key"]),
        int(str(size)) if size is not None else None,
        str(entry.get("MD5checksum", "")).lower(),
    )


def beside(manifest: Path, file: InventoryFile) -> Path:
    """Where a file of a local report is: reports are fetched as whole folders, or all files lie
    together. Raises InventoryError when it is nowhere."""
    for path in _guesses(manifest, file.key) if file.key else ():
        if path.is_file():
            return path
    raise InventoryError(
        tr(
            "{manifest} names {file}, which is not here. Fetch it too, and put it beside the"
            " manifest or into the folder “data” beside it."
        ).format(manifest=manifest, file=file.key)
    )


def _guesses(manifest: Path, key: str) -> Iterator[Path]:
    steps = PurePosixPath(key).parts
    folder = manifest.absolute().parent
    yield folder / steps[-1]
    yield folder / "data" / steps[-1]
    yield folder.parent / "data" / steps[-1]
    # A key may have been made to lead elsewhere.
    if not {"/", ".."}.intersection(steps):
        for above in (folder, *folder.parents):
            yield above.joinpath(*steps)
