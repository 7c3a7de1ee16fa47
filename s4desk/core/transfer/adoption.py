"""Completing somebody's unfinished upload with a local file: what has arrived is not sent again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s4desk.core.domain.errors import NotFoundError, S4DeskError, TargetExistsError
from s4desk.core.domain.identity import Address
from s4desk.core.domain.parts import (
    MAX_PARTS,
    MIB,
    MIN_PART_SIZE,
    PART_SIZE,
    Fingerprint,
    PartPlan,
    UploadCheckpoint,
    plan_parts,
)
from s4desk.core.domain.transfer import (
    BatchId,
    ConflictPolicy,
    Direction,
    Transfer,
    TransferId,
    TransferSpec,
)
from s4desk.core.runtime.i18n import tr, tr_n
from s4desk.core.runtime.threads import in_thread
from s4desk.core.transfer.conflicts import head_if_there
from s4desk.core.transfer.files import SteadySource
from s4desk.core.transfer.journal import Inheritance
from s4desk.core.transfer.leftovers import held_parts
from s4desk.core.transfer.verify import sum_if_held
from s4desk.core.wire.checksums import ALGORITHMS, MD5

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from s4desk.core.domain.identity import ConnectionId
    from s4desk.core.domain.objects import Upload
    from s4desk.core.domain.parts import PartReceipt
    from s4desk.core.store.protocol import ObjectStore

_MOST_GUESSES = 6
_USUAL_PART_SIZES = tuple(size * MIB for size in (5, 8, 10, 15, 16, 32, 64, 100, 128))


class NotAdoptableError(S4DeskError):
    """The upload cannot be completed with this file, or by us; the text says why."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """An upload, and the file that shall complete it.

    Every part that has arrived is proved to hold the file's bytes, by its sum or ETag, and is in
    the checkpoint. `replaces`: there is an object already.
    """

    target: Address
    file: Path
    checkpoint: UploadCheckpoint
    replaces: bool

    @property
    def size(self) -> int:
        return self.checkpoint.source.size

    @property
    def kept(self) -> int:
        """The bytes that have arrived."""
        return sum(part.size for part in self.checkpoint.parts.values())

    def inheritance(self, batch: BatchId, *, overwrites: bool = False) -> Inheritance:
        """What a journal has to know to go on with it, as if it had been begun here.

        Without `overwrites` it fails where an object is at the key.
        """
        policy = ConflictPolicy.OVERWRITE if overwrites else ConflictPolicy.IF_ABSENT
        spec = TransferSpec(
            Direction.UPLOAD, self.file, self.target, self.size, on_conflict=policy, batch=batch
        )
        return Inheritance(Transfer(TransferId(0), spec, attempts=1), upload=self.checkpoint)


async def plan_adoption(
    store: ObjectStore,
    connection: ConnectionId,
    upload: Upload,
    file: Path,
    part_size: int = PART_SIZE,
    *,
    may_replace: bool = True,
) -> Adoption:
    """See that all that has arrived is of `file`: what is not would be lost.

    `part_size` (bytes) is for the case that nothing has arrived. Raises NotAdoptableError,
    TargetExistsError unless it `may_replace`, NotFoundError, LocalFileError, StoreError.
    """
    algorithm = _algorithm(upload)
    held = await held_parts(store, upload.location, upload.upload)
    if held is None:
        raise NotFoundError("no such upload", location=upload.location, code="NoSuchUpload")
    there = await head_if_there(store, upload.location)
    if there is not None and not may_replace:
        raise TargetExistsError("an object is there already", location=upload.location)
    source = SteadySource(file)
    try:
        await in_thread(source.open)
        found = source.fingerprint
        plans = _plans(found, held, part_size)
        plan = await _first_proved(source, plans, held, algorithm) or plans[0]
        parts = await _proved(source, plan, held, algorithm)
    finally:
        source.close()
    if len(parts) < len(held):
        raise NotAdoptableError(_misfit(len(parts), len(held)))
    checkpoint = UploadCheckpoint(
        upload.upload,
        plan.part_size,
        found,
        algorithm,
        parts,
        is_composite=bool(upload.algorithm) and upload.is_composite,
    )
    return Adoption(Address(connection, upload.location), file, checkpoint, there is not None)


def _misfit(fitting: int, held: int) -> str:
    """Why the file is not the one."""
    return tr_n(
        "This is not the file that was being uploaded: of the {held} part that has arrived,"
        " {fitting} is proved to be of it.",
        "This is not the file that was being uploaded: of the {held} parts that have arrived,"
        " {fitting} are proved to be of it.",
        held,
    ).format(held=held, fitting=fitting)


def _algorithm(upload: Upload) -> str:
    """What further parts are summed with. Raises NotAdoptableError."""
    if upload.algorithm and upload.algorithm not in ALGORITHMS:
        sentence = tr(
            "Its parts were begun with {algorithm} sums, which only the program that began it can"
            " go on with."
        )
        raise NotAdoptableError(sentence.format(algorithm=upload.algorithm.upper()))
    return upload.algorithm or MD5


async def _first_proved(
    source: SteadySource, plans: Sequence[PartPlan], held: Sequence[PartReceipt], algorithm: str
) -> PartPlan | None:
    """The first plan by which the first part that fits holds the file's bytes."""
    for plan in plans:
        for part in _fitting(plan, held)[:1]:
            if await sum_if_held(source, plan.part(part.number), part, algorithm) is not None:
                return plan
    return None


async def _proved(
    source: SteadySource, plan: PartPlan, held: Sequence[PartReceipt], algorithm: str
) -> dict[int, PartReceipt]:
    """The parts that hold the file's bytes."""
    proved: dict[int, PartReceipt] = {}
    for part in _fitting(plan, held):
        value = await sum_if_held(source, plan.part(part.number), part, algorithm)
        if value is not None:
            proved[part.number] = replace(part, checksum=value)
    return proved


def _plans(source: Fingerprint, held: Sequence[PartReceipt], part_size: int) -> list[PartPlan]:
    """The likeliest ways in which the file was cut, judged by what has arrived; never none.

    Raises NotAdoptableError.
    """
    if not source.size:
        raise NotAdoptableError(tr("The file is empty."))
    sizes = [max((part.size for part in held), default=part_size), part_size, *_USUAL_PART_SIZES]
    plans = [PartPlan(source.size, size) for size in dict.fromkeys(sizes) if _may_be(source, size)]
    plans.append(plan_parts(source.size, part_size))
    plans.sort(key=lambda plan: -_fitting_size(plan, held))
    return plans[:_MOST_GUESSES]


def _may_be(source: Fingerprint, part_size: int) -> bool:
    """Whether S3 takes the file in parts of this size; only the last one may be small."""
    is_one = part_size >= source.size
    count = -(-source.size // part_size) if part_size else MAX_PARTS + 1
    return count <= MAX_PARTS and (is_one or part_size >= MIN_PART_SIZE)


def _fitting(plan: PartPlan, held: Sequence[PartReceipt]) -> list[PartReceipt]:
    return [
        part
        for part in held
        if 1 <= part.number <= plan.count and part.size == plan.part(part.number).span.size
    ]


def _fitting_size(plan: PartPlan, held: Sequence[PartReceipt]) -> int:
    return sum(part.size for part in _fitting(plan, held))
