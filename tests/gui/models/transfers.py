"""Transfers for the tests of what shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import (
    Direction,
    Progress,
    Transfer,
    TransferId,
    TransferSpec,
    TransferState,
    Wait,
)

RUNNING = TransferState.RUNNING
FILES = Path("/files")


def address(key: str) -> Address:
    return Address(ConnectionId("home"), Location("b", key))


def upload(name: str, size: int = 100) -> TransferSpec:
    return TransferSpec(Direction.UPLOAD, FILES / name, address(f"up/{name}"), size)


def progress(
    id_: int, state: TransferState = RUNNING, done: int = 0, note: str = "", **fields: Any
) -> Progress:
    """Transfer number `id_` of 100 bytes."""
    spec = fields.pop("spec", None) or upload(f"f{id_}.bin")
    return Progress(Transfer(TransferId(id_), spec, state, **fields), done, spec.size, note)


def drained(*each: Progress) -> dict[TransferId, Progress]:
    return {progress.transfer.id: progress for progress in each}


class FakeGauge:
    """Everything runs at a byte per second, unless told otherwise."""

    def __init__(self) -> None:
        self.speeds: dict[int, float] = {}
        self.quiet: dict[int, float] = {}
        self.waits: dict[int, Wait] = {}
        self.asked = 0

    def speed(self, transfer: TransferId) -> float:
        self.asked += 1
        return self.speeds.get(transfer, 1.0)

    def quiet_for(self, transfer: TransferId) -> float:
        return self.quiet.get(transfer, 0.0)

    def wait(self, transfer: TransferId) -> Wait | None:
        return self.waits.get(transfer)

    def seconds_left(self, transfer: TransferId) -> float | None:
        speed = self.speeds.get(transfer, 1.0)
        return 90 / speed if speed else None
