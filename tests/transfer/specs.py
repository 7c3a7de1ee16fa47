"""Specs and transfers that tests begin with."""

from __future__ import annotations

from pathlib import Path

from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import (
    BatchId,
    Direction,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
)

HERE = ConnectionId("here")
ELSEWHERE = ConnectionId("elsewhere")
BUCKET = "bucket"


def at(key: str, bucket: str = BUCKET) -> Address:
    return Address(HERE, Location(bucket, key))


def elsewhere(key: str, bucket: str = BUCKET) -> Address:
    return Address(ELSEWHERE, Location(bucket, key))


def upload_spec(
    source: Path = Path("/nowhere/file"), key: str = "file", *, size: int = 0, batch: str = "b"
) -> TransferSpec:
    return TransferSpec(Direction.UPLOAD, source, at(key), size, batch=BatchId(batch))


def download_spec(
    key: str, target: Path, *, size: int = 0, batch: str = "b", root: Path | None = None
) -> TransferSpec:
    return TransferSpec(
        Direction.DOWNLOAD, at(key), target, size, batch=BatchId(batch), root=root or target.parent
    )


def transfer(
    number: int, state: TransferState = TransferState.QUEUED, *, size: int = 100
) -> Transfer:
    return Transfer(TransferId(number), upload_spec(size=size), state)
