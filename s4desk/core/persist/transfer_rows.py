"""Transfers as rows of the table `transfer`.

Keys are the store's bytes and paths those of the file system, so that names which are no text
survive.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s4desk.core.domain.identity import Address, ConnectionId, Location, VersionId
from s4desk.core.domain.lock import NO_LOCK, LockMode, LockState
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes
from s4desk.core.domain.transfer import (
    CARRIED,
    BatchId,
    Carried,
    ConflictPolicy,
    Direction,
    Endpoints,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = (
    "id, position, batch, direction, source_connection, source_bucket, source, target_connection,"
    " target_bucket, target, root, size, on_conflict, attributes, is_folder, removes_source,"
    " priority, carries, source_version, endpoints, state, error, verified, skipped, attempts,"
    " error_kind"
)
SELECT = f"SELECT {COLUMNS} FROM transfer ORDER BY position, id"
SELECT_UNFINISHED = (
    f"SELECT {COLUMNS} FROM transfer WHERE state NOT IN ('completed', 'cancelled')"
    " ORDER BY position, id"
)
SELECT_COMPLETED = (
    f"SELECT {COLUMNS} FROM transfer WHERE state = 'completed' AND NOT skipped"
    " ORDER BY position, id"
)
SELECT_LEFT_ALONE = (
    f"SELECT {COLUMNS} FROM transfer WHERE (state = 'completed' AND skipped)"
    " OR (state = 'cancelled' AND attempts = 0) ORDER BY position, id"
)
INSERT = f"INSERT INTO transfer ({COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS.split(', ')))})"
UPDATE = (
    "UPDATE transfer SET state = ?, error = ?, verified = ?, skipped = ?, attempts = ?,"
    " error_kind = ?, position = ?, checksum = ?, sent = ?, reused = ?, parts = ?, retries = ?,"
    " seconds = ?, started = ?, moment = ?, endpoints = ? WHERE id = ?"
)
KEPT = (
    "SELECT transfer, sum(size) FROM upload_part GROUP BY transfer UNION ALL"
    " SELECT transfer, sum(min(part_size, size - (number - 1) * part_size)) FROM download"
    " JOIN download_range USING (transfer) GROUP BY transfer"
)
"""The bytes of each transfer that need not be moved again."""

Row = tuple[Any, ...]


def path_bytes(path: str) -> bytes:
    return os.fsencode(path)


def path_text(path: bytes) -> str:
    return os.fsdecode(path)


def row_of(transfer: Transfer) -> Row:
    """The row that keeps a new transfer."""
    spec = transfer.spec
    return (
        transfer.id,
        transfer.position,
        spec.batch,
        spec.direction,
        *place_of(spec.source),
        *place_of(spec.target),
        None if spec.root is None else path_bytes(str(spec.root)),
        spec.size,
        spec.on_conflict,
        _attributes_text(spec.attributes),
        spec.is_folder,
        spec.removes_source,
        spec.priority,
        _carried_text(spec.carries),
        spec.version or "",
        endpoints_text(transfer.endpoints),
        *_state(transfer),
    )


def state_of(transfer: Transfer, now: float) -> Row:
    """The values of UPDATE; `now` in seconds since the epoch."""
    effort = transfer.effort
    has_ended = transfer.state in (TransferState.COMPLETED, TransferState.FAILED)
    return (
        *_state(transfer),
        transfer.position,
        transfer.checksum,
        effort.sent,
        effort.reused,
        effort.parts,
        effort.retries,
        effort.seconds,
        effort.started,
        # Read again later, it has ended all the same when it did.
        effort.ended if has_ended and effort.ended else now,
        endpoints_text(transfer.endpoints),
        transfer.id,
    )


def _state(transfer: Transfer) -> Row:
    # A message may quote a name that is no text, and SQLite takes no lone surrogates.
    error = transfer.error.encode("utf-8", "surrogatepass")
    return (
        transfer.state,
        error,
        transfer.verified,
        transfer.skipped,
        transfer.attempts,
        transfer.error_kind,
    )


class RowReader:
    """Makes transfers of rows; equal names become one object, for there are many of them."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._roots: dict[bytes, Path] = {}
        self._attributes: dict[str, Attributes] = {"{}": NO_ATTRIBUTES}
        self._endpoints: dict[str, Endpoints] = {}

    def transfer(self, row: Row) -> Transfer:
        (id_, position, batch, direction, *places) = row[:10]
        (root, size, on_conflict, attributes, is_folder) = row[10:15]
        (removes_source, priority, carries, version, endpoints, *state) = row[15:]
        spec = TransferSpec(
            Direction(direction),
            self.place(*places[:3]),
            self.place(*places[3:]),
            size,
            ConflictPolicy(on_conflict),
            self._read_attributes(attributes),
            BatchId(self._same(batch)),
            bool(is_folder),
            None if root is None else self._root(root),
            bool(removes_source),
            priority,
            CARRIED if carries == "{}" else Carried(**json.loads(carries)),
            VersionId(version) if version else None,
        )
        name, error, verified, skipped, attempts, error_kind = state
        return Transfer(
            TransferId(id_),
            spec,
            TransferState(name),
            error.decode("utf-8", "surrogatepass"),
            verified,
            bool(skipped),
            attempts,
            error_kind,
            position=position,
            endpoints=self._read_endpoints(endpoints),
        )

    def place(self, connection: str | None, bucket: str | None, name: bytes) -> Path | Address:
        """What `place_of` made a row of."""
        if connection is None or bucket is None:
            return Path(path_text(name))
        location = Location(self._same(bucket), name.decode("utf-8", "surrogateescape"))
        return Address(ConnectionId(self._same(connection)), location)

    def _same(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def _root(self, path: bytes) -> Path:
        return self._roots.setdefault(path, Path(path_text(path)))

    def _read_endpoints(self, text: str) -> Endpoints:
        known = self._endpoints.get(text)
        if known is None:
            known = self._endpoints[text] = read_endpoints(text)
        return known

    def _read_attributes(self, text: str) -> Attributes:
        known = self._attributes.get(text)
        if known is None:
            known = self._attributes[text] = _attributes(json.loads(text))
        return known


def place_of(place: Path | Address) -> Row:
    """Connection, bucket and name; of a path only the name."""
    if isinstance(place, Path):
        return (None, None, path_bytes(str(place)))
    location = place.location
    key = location.key.encode("utf-8", "surrogateescape")
    return (place.connection, location.bucket, key)


@lru_cache(maxsize=64)
def endpoints_text(endpoints: Endpoints) -> str:
    """As `read_endpoints` reads it."""
    return json.dumps(dict(endpoints), sort_keys=True) if endpoints else ""


def read_endpoints(text: str) -> Endpoints:
    """Empty for what was kept before endpoints were."""
    kept = json.loads(text) if text else {}
    return tuple((ConnectionId(id_), endpoint) for id_, endpoint in kept.items())


def _carried_text(carries: Carried) -> str:
    return "{}" if carries == CARRIED else json.dumps(asdict(carries), sort_keys=True)


def _attributes_text(attributes: Attributes) -> str:
    if attributes is NO_ATTRIBUTES:
        return "{}"
    kept = {
        field.name: _plain(value)
        for field in fields(attributes)
        if (value := getattr(attributes, field.name)) and value != NO_LOCK
    }
    return json.dumps(kept, sort_keys=True)


def _plain(value: str | Mapping[str, str] | LockState) -> str | dict[str, Any]:
    if isinstance(value, str):
        return value
    if not isinstance(value, LockState):
        return dict(value)
    until = value.retain_until
    return asdict(value) | {"retain_until": until and until.isoformat()}


def _attributes(kept: dict[str, Any]) -> Attributes:
    lock = kept.pop("lock", None)
    if lock is None:
        return Attributes(**kept)
    mode, until = lock["mode"], lock["retain_until"]
    state = LockState(
        mode and LockMode(mode), until and datetime.fromisoformat(until), lock["legal_hold"]
    )
    return Attributes(**kept, lock=state)
