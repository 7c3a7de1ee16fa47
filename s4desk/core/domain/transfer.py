"""What was asked of the transfer queue, and the states a transfer goes through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

from s4desk.core.domain.identity import Address
from s4desk.core.domain.objects import NO_ATTRIBUTES, Attributes

if TYPE_CHECKING:
    from pathlib import Path

    from s4desk.core.domain.failover import Answer
    from s4desk.core.domain.identity import ConnectionId, VersionId

TransferId = NewType("TransferId", int)
BatchId = NewType("BatchId", str)
Place = tuple[int, int, TransferId]
Endpoints = tuple[tuple["ConnectionId", str], ...]
"""Where connections led at some moment; those that are not in it are not known."""


class TransferState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    def to(self, target: TransferState) -> TransferState:
        """Return `target`, or raise ValueError if no transfer may go there from here."""
        if target not in TRANSITIONS[self]:
            raise ValueError(f"{self} -> {target}")
        return target

    @property
    def is_final(self) -> bool:
        return self in (TransferState.COMPLETED, TransferState.CANCELLED)


_S = TransferState
TRANSITIONS: dict[TransferState, frozenset[TransferState]] = {
    _S.QUEUED: frozenset({_S.RUNNING, _S.PAUSED, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.PAUSED, _S.COMPLETED, _S.FAILED, _S.CANCELLED, _S.QUEUED}),
    _S.PAUSED: frozenset({_S.QUEUED, _S.CANCELLED}),
    _S.FAILED: frozenset({_S.QUEUED, _S.CANCELLED}),
    _S.COMPLETED: frozenset({_S.FAILED}),
    _S.CANCELLED: frozenset(),
}


class Direction(StrEnum):
    UPLOAD = "upload"
    DOWNLOAD = "download"
    COPY = "copy"


class ConflictPolicy(StrEnum):
    """What to do when the target exists. ASK is decided by a person before bytes move.

    IF_DIFFERENT skips a target whose checksum proves that it holds the same bytes. RENEW is the
    same, and a sync by times need not look at it again: a file is dated now as if it had been
    fetched, an object is no longer remembered as one that may be older. IF_ABSENT fails when
    something is there after all: nothing was when a person looked.
    """

    ASK = "ask"
    OVERWRITE = "overwrite"
    SKIP = "skip"
    RENAME = "rename"
    IF_DIFFERENT = "if-different"
    RENEW = "renew"
    IF_ABSENT = "if-absent"


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes along with the bytes of a copy; content headers and metadata always do.

    `storage_class` None: the source's within a connection, the target's default in another one.
    What the attributes of a spec say wins.
    """

    tags: bool = True
    storage_class: bool | None = None
    lock: bool = False


CARRIED = Carried()


@dataclass(frozen=True, slots=True)
class TransferSpec:
    """One object to move. `source` and `target` are a local path or an address, one of each.

    `size` is in bytes and may be an estimate from a listing; `is_folder` marks an empty folder
    (a marker object on one side, a directory on the other). `root` is the folder that a download
    was sent to and may not leave, whatever symbolic links lie in it. `removes_source` makes it a
    move: once the target is verified the source is deleted, and of an upload the folders that are
    empty then, up to `root`. Of transfers that wait the one with
    the highest `priority` starts first. `version` is the one of the source that a download fetches,
    None for the newest.
    """

    direction: Direction
    source: Path | Address
    target: Path | Address
    size: int = 0
    on_conflict: ConflictPolicy = ConflictPolicy.OVERWRITE
    attributes: Attributes = NO_ATTRIBUTES
    batch: BatchId = BatchId("")
    is_folder: bool = False
    root: Path | None = None
    removes_source: bool = False
    priority: int = 0
    carries: Carried = CARRIED
    version: VersionId | None = None

    @property
    def written(self) -> frozenset[Address]:
        """The places at which it writes or deletes."""
        return written(self.source, self.target, removes_source=self.removes_source)


def written(
    source: Path | Address, target: Path | Address, *, removes_source: bool = False
) -> frozenset[Address]:
    """The places at which a copy, or a move, writes or deletes."""
    ends = (target, source) if removes_source else (target,)
    return frozenset(each for each in ends if isinstance(each, Address))


@dataclass(frozen=True, slots=True)
class Effort:
    """What the attempts of one run of the program took for a transfer.

    `sent` bytes went over the wire, those of failed requests among them; `reused` bytes were there
    from an earlier life. `parts` counts those that arrived (1 for a single request), `retries` the
    requests that were sent again. `seconds` is how long the attempts ran; `started` and `ended`
    are when the first began and the last ended, in seconds since the epoch, 0 while unknown.
    `answer` says how a failover group has served it, None where there is none.
    """

    sent: int = 0
    reused: int = 0
    parts: int = 0
    retries: int = 0
    seconds: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    answer: Answer | None = None


NO_EFFORT = Effort()


@dataclass(frozen=True, slots=True)
class Transfer:
    """A spec in the queue. `skipped` is a completed transfer that had nothing to do.

    `verified` names how the result was checked: crc64nvme, crc32c, crc32, sha256, md5, size-only,
    or empty while unknown. `error` is the sentence of the last failure and `error_kind` the name of
    its class; of one that completed `error` says what did not come along with the bytes. `checksum`
    is the sum that both ends have, as `verified` says, where it is known. `effort` is known once an
    attempt has ended, and the next life begins without it. Of equal priority the lowest `position`
    starts first. `endpoints` are where its connections led when it was asked for.
    """

    id: TransferId
    spec: TransferSpec
    state: TransferState = TransferState.QUEUED
    error: str = ""
    verified: str = ""
    skipped: bool = False
    attempts: int = 0
    error_kind: str = ""
    effort: Effort = NO_EFFORT
    position: int = 0
    checksum: str = ""
    endpoints: Endpoints = ()

    def refuted(self, error: str) -> Transfer:
        """A completed one as a failed one: read again, its ends differ as `error` says.

        Tried again it replaces the target: somebody was told what is there.
        """
        return replace(
            self,
            spec=replace(self.spec, on_conflict=ConflictPolicy.OVERWRITE),
            state=self.state.to(TransferState.FAILED),
            error=error,
            error_kind="IntegrityError",
            verified="",
            skipped=False,
            checksum="",
        )

    @property
    def place(self) -> Place:
        """What transfers that wait are sorted by."""
        return (-self.spec.priority, self.position, self.id)


class WaitKind(StrEnum):
    """What a running transfer waits for: room beside others, a store that asked for patience, or
    the moment to ask again."""

    SLOT = "slot"
    THROTTLED = "throttled"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Wait:
    """That a running transfer waits, and for how many seconds more if that is known."""

    kind: WaitKind
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is. `done` and `total` in bytes; `note` is a fact beside the state
    (verifying), empty when there is none."""

    transfer: Transfer
    done: int = 0
    total: int = 0
    note: str = ""
