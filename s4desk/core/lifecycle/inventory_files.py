"""The files of an S3 Inventory report on this machine: how each is written, looked at before any
of it is read."""

from __future__ import annotations

import csv
import gzip
import hashlib
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TextIO

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.lifecycle.inventory_columns import (
    NEEDED,
    Column,
    Format,
    by_column,
    is_header,
)
from s4desk.core.lifecycle.inventory_manifest import (
    InventoryError,
    InventoryFile,
    InventoryManifest,
    beside,
    read_manifest,
)
from s4desk.core.runtime.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from s4desk.core.store.protocol import Moved

GZIP: Final = b"\x1f\x8b"
PARQUET: Final = b"PAR1"
ORC: Final = b"ORC"
_MEBIBYTE = 1 << 20
MANIFEST_MAX: Final = 256 * _MEBIBYTE


@dataclass(frozen=True, slots=True)
class Sheet:
    """Files that are written alike. `columns` are the names of all columns of CSV files, in their
    order; Parquet files name their own."""

    format: Format
    paths: tuple[Path, ...]
    columns: tuple[str, ...] = ()
    has_header: bool = False
    is_packed: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """All files of a report, and the bucket of which it tells where a manifest named it."""

    sheets: tuple[Sheet, ...]
    bucket: str = ""

    @property
    def paths(self) -> list[Path]:
        return [path for sheet in self.sheets for path in sheet.paths]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a report. `expected` is what a manifest says of it, None where none does;
    `is_checked` says that its bytes were compared with that already."""

    path: Path
    expected: InventoryFile | None = None
    manifest: InventoryManifest | None = None
    is_checked: bool = False


def parts_of(path: Path) -> list[Part]:
    """The files that a path stands for: itself, or if it is a manifest those that it names.

    Raises InventoryError, LocalFileError.
    """
    if path.is_dir():
        raise InventoryError(
            tr("{file} is a folder. Name the files of the report, or its manifest.json.").format(
                file=path
            )
        )
    if not is_manifest(_begins(path)):
        return [Part(path)]
    manifest = read_manifest(_read(path, MANIFEST_MAX), str(path))
    return [Part(beside(path, file), file, manifest) for file in manifest.files]


def is_manifest(start: bytes) -> bool:
    """Whether a file that begins so is JSON: no bucket is called like that."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def open_report(
    parts: Iterable[Part], is_wanted: Callable[[], bool], moved: Moved | None = None
) -> Report:
    """The report that these files are; it blocks. A file that is named twice counts once.

    Every file is read once where that tells whether all of it is there: gzip keeps a sum, and a
    manifest does, and `moved` is told how many bytes of them. When `is_wanted` says no it ends with
    half a report.

    Raises InventoryError, LocalFileError.
    """
    each_once = {part.path.resolve(): part for part in parts}.values()
    manifests = {part.manifest for part in each_once if part.manifest is not None}
    buckets = {each.bucket for each in manifests} - {""}
    if len(buckets) > 1:
        raise several_buckets(sorted(buckets))
    if len(manifests) > 1:
        raise InventoryError(
            tr("These are several reports of one bucket: its objects would count more than once.")
        )
    kinds: dict[Sheet, list[Path]] = {}
    for part in each_once:
        if is_wanted():
            _check_sum(part, is_wanted, moved or _nobody)
            kinds.setdefault(_sheet(part), []).append(part.path)
    sheets = tuple(replace(kind, paths=tuple(paths)) for kind, paths in kinds.items())
    return Report(sheets, next(iter(buckets), ""))


def _nobody(count: int) -> None:
    """Is told."""


def several_buckets(names: Sequence[str]) -> InventoryError:
    return InventoryError(
        tr("The reports tell of several buckets ({buckets}). Give those of one bucket.").format(
            buckets=", ".join(names)
        )
    )


def _sheet(part: Part) -> Sheet:
    """How a file is written. Raises InventoryError when it is nothing that can be read."""
    start = _begins(part.path)
    if start.startswith(PARQUET):
        return Sheet(Format.PARQUET, ())
    if start.startswith(ORC):
        raise InventoryError(
            tr(
                "{file} is ORC, which cannot be read here. Have the inventory written as Parquet or"
                " CSV."
            ).format(file=part.path)
        )
    if part.manifest is not None and part.manifest.format is not Format.CSV:
        raise InventoryError(
            tr("{file} is no {format} file, as its manifest says.").format(
                file=part.path, format=part.manifest.format.name
            )
        )
    return _csv(part, is_packed=start.startswith(GZIP))


def _csv(part: Part, *, is_packed: bool) -> Sheet:
    cells = _first_row(part.path, is_packed=is_packed)
    has_header = is_header(cells)
    named = part.manifest.columns if part.manifest is not None else ()
    columns = tuple(cells) if has_header else named
    if not columns:
        raise InventoryError(
            tr(
                "{file} does not name its columns. Give the manifest.json of the report instead of"
                " its files, or add a first row with the names."
            ).format(file=part.path)
        )
    check_columns(columns, str(part.path))
    return Sheet(Format.CSV, (), columns, has_header, is_packed)


def check_columns(names: Iterable[str], file: str) -> dict[Column, str]:
    """What the columns of use are called. Raises InventoryError when one is missing without which
    nothing can be told."""
    found = by_column(names)
    for column in NEEDED:
        if column not in found:
            raise InventoryError(
                tr(
                    "{file} has no column {column}, without which it cannot be told what"
                    " happens to an object."
                ).format(file=file, column=column.value)
            )
    return found


def _begins(path: Path) -> bytes:
    return _read(path, 8)


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise LocalFileError(path, error) from error


def open_text(path: Path, *, is_packed: bool) -> TextIO:
    """The text of a CSV file; what is no UTF-8 becomes lone surrogates."""
    opened = gzip.open if is_packed else open
    return opened(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="")


def _first_row(path: Path, *, is_packed: bool) -> list[str]:
    try:
        with open_text(path, is_packed=is_packed) as text:
            return next(csv.reader(text, strict=True), [])
    except (EOFError, zlib.error, csv.Error) as error:
        raise damaged(path, str(error)) from error
    except OSError as error:
        raise _refused(path, error) from error


def to_be_checked(parts: Iterable[Part]) -> int:
    """The bytes that `open_report` will read. Raises LocalFileError."""
    return sum(_size(part.path) for part in parts if _is_told(part) or _is_packed(part))


def _is_told(part: Part) -> bool:
    """Whether a manifest keeps the sum of a file, and nobody has looked yet."""
    return not part.is_checked and part.expected is not None and bool(part.expected.md5)


def _is_packed(part: Part) -> bool:
    return not part.is_checked and _begins(part.path).startswith(GZIP)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise LocalFileError(path, error) from error


def _check_sum(part: Part, is_wanted: Callable[[], bool], moved: Moved) -> None:
    """That all of a file is there. A manifest tells its sum, gzip keeps one."""
    if part.expected is not None and _is_told(part):
        md5 = _md5(part.path, is_wanted, moved)
        if is_wanted() and md5 != part.expected.md5:
            raise another_file(str(part.path))
    elif _is_packed(part):
        _check_gzip(part.path, is_wanted, moved)


def another_file(name: str) -> InventoryError:
    return InventoryError(
        tr(
            "{file} is not the file that the manifest names: its MD5 sum is another. Fetch it"
            " again."
        ).format(file=name)
    )


def _md5(path: Path, is_wanted: Callable[[], bool], moved: Moved) -> str:
    total = hashlib.md5(usedforsecurity=False)
    try:
        with path.open("rb") as file:
            while is_wanted() and (data := file.read(_MEBIBYTE)):
                total.update(data)
                moved(len(data))
    except OSError as error:
        raise LocalFileError(path, error) from error
    return total.hexdigest()


def _check_gzip(path: Path, is_wanted: Callable[[], bool], moved: Moved) -> None:
    """Unpack it once: who reads it later looks at no sum."""
    try:
        with path.open("rb") as packed, gzip.open(packed) as file:
            read = 0
            while is_wanted() and file.read(_MEBIBYTE):
                moved(packed.tell() - read)
                read = packed.tell()
    except (EOFError, zlib.error, OSError) as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: Exception) -> Exception:
    if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
        return LocalFileError(path, error)
    return damaged(path, str(error))


def damaged(path: Path, reason: str) -> InventoryError:
    return InventoryError(
        tr("{file} is damaged: {reason}. Fetch it again.").format(
            file=path, reason=reason.rstrip(".")
        )
    )
