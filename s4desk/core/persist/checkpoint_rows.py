"""What is remembered of transfers under way, as rows: uploads, downloads and moves."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from s4desk.core.domain.identity import UploadId
from s4desk.core.domain.parts import (
    DownloadCheckpoint,
    Fingerprint,
    MoveCheckpoint,
    ObjectIdentity,
    PartReceipt,
    UploadCheckpoint,
)
from s4desk.core.persist.transfer_rows import path_bytes, path_text
from s4desk.core.transfer.journal import Inheritance

if TYPE_CHECKING:
    import sqlite3

    from s4desk.core.domain.parts import Identity
    from s4desk.core.domain.transfer import Transfer, TransferId

_COMPOSITE = ":composite"
"""Behind the algorithm of an upload of which only the parts are summed."""


def load_upload(connection: sqlite3.Connection, transfer: TransferId) -> UploadCheckpoint | None:
    row = connection.execute(
        "SELECT upload, algorithm, part_size, size, mtime_ns, file_id, source FROM upload"
        " WHERE transfer = ?",
        (transfer,),
    ).fetchone()
    if row is None:
        return None
    upload, algorithm, part_size, size, mtime_ns, file_id, source = row
    parts = connection.execute(
        "SELECT number, size, etag, checksum FROM upload_part WHERE transfer = ?", (transfer,)
    )
    return UploadCheckpoint(
        UploadId(upload),
        part_size,
        _identity(source) if source else _fingerprint(size, mtime_ns, file_id),
        algorithm.removesuffix(_COMPOSITE),
        {number: PartReceipt(number, *rest) for number, *rest in parts},
        algorithm.endswith(_COMPOSITE),
    )


def save_upload(
    connection: sqlite3.Connection, transfer: TransferId, checkpoint: UploadCheckpoint
) -> None:
    forget(connection, transfer)
    source = checkpoint.source
    is_file = isinstance(source, Fingerprint)
    file = source if isinstance(source, Fingerprint) else Fingerprint(source.size, 0, 0)
    connection.execute(
        "INSERT INTO upload (transfer, upload, algorithm, part_size, size, mtime_ns, file_id,"
        " source) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            transfer,
            checkpoint.upload,
            checkpoint.algorithm + (_COMPOSITE if checkpoint.is_composite else ""),
            checkpoint.part_size,
            file.size,
            file.mtime_ns,
            f"{file.file_id}.{file.ctime_ns}",
            "" if is_file else _identity_text(source),
        ),
    )
    connection.executemany(
        "INSERT INTO upload_part VALUES (?, ?, ?, ?, ?)",
        ((transfer, p.number, p.size, p.etag, p.checksum) for p in checkpoint.parts.values()),
    )


def load_download(
    connection: sqlite3.Connection, transfer: TransferId
) -> DownloadCheckpoint | None:
    row = connection.execute(
        "SELECT etag, version, size, part_size, partial, algorithm FROM download"
        " WHERE transfer = ?",
        (transfer,),
    ).fetchone()
    if row is None:
        return None
    etag, version, size, part_size, partial, algorithm = row
    ranges = connection.execute(
        "SELECT number, checksum FROM download_range WHERE transfer = ?", (transfer,)
    )
    return DownloadCheckpoint(
        etag, version, size, part_size, path_text(partial), algorithm, dict(ranges.fetchall())
    )


def save_download(
    connection: sqlite3.Connection, transfer: TransferId, checkpoint: DownloadCheckpoint
) -> None:
    forget(connection, transfer)
    connection.execute(
        "INSERT INTO download VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            transfer,
            checkpoint.etag,
            checkpoint.version,
            checkpoint.size,
            checkpoint.part_size,
            path_bytes(checkpoint.partial),
            checkpoint.algorithm,
        ),
    )
    connection.executemany(
        "INSERT INTO download_range VALUES (?, ?, ?)",
        ((transfer, number, checksum) for number, checksum in checkpoint.done.items()),
    )


def load_move(connection: sqlite3.Connection, transfer: TransferId) -> MoveCheckpoint | None:
    row = connection.execute(
        "SELECT source, target, verified FROM move WHERE transfer = ?", (transfer,)
    ).fetchone()
    return None if row is None else MoveCheckpoint(_identity(row[0]), _identity(row[1]), row[2])


def save_move(
    connection: sqlite3.Connection, transfer: TransferId, checkpoint: MoveCheckpoint
) -> None:
    forget(connection, transfer)
    source, target = _identity_text(checkpoint.source), _identity_text(checkpoint.target)
    connection.execute(
        "INSERT INTO move VALUES (?, ?, ?, ?)", (transfer, source, target, checkpoint.verified)
    )


def load_all(connection: sqlite3.Connection, transfer: Transfer) -> Inheritance:
    """Everything that is remembered of one transfer."""
    return Inheritance(
        transfer,
        load_intended(connection, transfer.id),
        load_upload(connection, transfer.id),
        load_download(connection, transfer.id),
        load_move(connection, transfer.id),
    )


def save_all(
    connection: sqlite3.Connection, transfer: TransferId, inheritance: Inheritance
) -> None:
    """Remember the same of another transfer, of which nothing is known yet."""
    if inheritance.upload is not None:
        save_upload(connection, transfer, inheritance.upload)
    if inheritance.download is not None:
        save_download(connection, transfer, inheritance.download)
    if inheritance.move is not None:
        save_move(connection, transfer, inheritance.move)
    save_intended(connection, transfer, inheritance.intended)


def load_intended(connection: sqlite3.Connection, transfer: TransferId) -> tuple[datetime, ...]:
    query = "SELECT since FROM intended_upload WHERE transfer = ?"
    row = connection.execute(query, [transfer]).fetchone()
    return () if row is None else moments(row[0])


def save_intended(
    connection: sqlite3.Connection, transfer: TransferId, intended: tuple[datetime, ...]
) -> None:
    """Replace the moments at which uploads may have been created unheard."""
    connection.execute("DELETE FROM intended_upload WHERE transfer = ?", [transfer])
    if intended:
        row = (transfer, " ".join(each.isoformat() for each in intended))
        connection.execute("INSERT INTO intended_upload VALUES (?, ?)", row)


def moments(text: str) -> tuple[datetime, ...]:
    """The moments of a row of `intended_upload`."""
    return tuple(map(datetime.fromisoformat, text.split()))


def forget(connection: sqlite3.Connection, transfer: TransferId) -> None:
    for table in ("intended_upload", "upload", "download", "move"):
        connection.execute(f"DELETE FROM {table} WHERE transfer = ?", (transfer,))


def _identity_text(identity: Identity) -> str:
    return json.dumps(asdict(identity), sort_keys=True)


def _fingerprint(size: int, mtime_ns: int, kept: str) -> Fingerprint:
    """`kept` is the number of the file and its ctime; what older versions wrote has none."""
    number, _dot, ctime_ns = kept.partition(".")
    return Fingerprint(size, mtime_ns, int(number), int(ctime_ns or 0))


def _identity(text: str) -> Identity:
    kept = json.loads(text)
    return ObjectIdentity(**kept) if "etag" in kept else Fingerprint(**kept)
