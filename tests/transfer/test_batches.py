"""What a batch counts."""

from __future__ import annotations

from dataclasses import replace

from s4desk.core.domain.transfer import BatchId, TransferState
from s4desk.core.runtime.events import BatchFinished
from s4desk.core.transfer.batches import Batches
from tests.transfer.specs import at, transfer

BATCH = BatchId("one gesture")


def test_folders_are_told_apart_from_files() -> None:
    told: list[BatchFinished] = []
    batches = Batches(told.append)
    waiting = [transfer(number) for number in (1, 2)]
    waiting = [replace(each, spec=replace(each.spec, batch=BATCH)) for each in waiting]
    waiting[1] = replace(waiting[1], spec=replace(waiting[1].spec, is_folder=True))
    for each in waiting:
        batches.added(each)
    for each in waiting:
        batches.changed(each, replace(each, state=TransferState.COMPLETED), 0)
    assert told == [BatchFinished(BATCH, 2, 0, 0, 0, 0, folders=1)]


def test_the_marker_of_a_folder_that_is_copied_is_no_file() -> None:
    told: list[BatchFinished] = []
    batches = Batches(told.append)
    for number, (key, size) in enumerate((("dir/", 0), ("dir/a", 0), ("odd/", 5))):
        copied = transfer(number)
        spec = replace(copied.spec, target=at(key), size=size, batch=BATCH)
        copied = replace(copied, spec=spec)
        batches.added(copied)
        batches.changed(copied, replace(copied, state=TransferState.COMPLETED), size)
    assert told[-1].completed == 3
    assert told[-1].folders == 1


def test_what_was_left_alone_is_told_too() -> None:
    told: list[BatchFinished] = []
    batches = Batches(told.append)
    with batches.holding(BATCH, 2):
        pass
    assert told == [BatchFinished(BATCH, 0, 2, 0, 0, 0, folders=0)]
    with batches.holding(BatchId("nothing at all")):
        pass
    assert len(told) == 1
    moved = transfer(1)
    moved = replace(moved, spec=replace(moved.spec, batch=BATCH))
    with batches.holding(BATCH, 3):
        batches.added(moved)
    batches.changed(moved, replace(moved, state=TransferState.COMPLETED), 7)
    assert told[1] == BatchFinished(BATCH, 1, 3, 0, 0, 7, folders=0)


def test_what_could_not_become_a_transfer_is_told_too() -> None:
    told: list[BatchFinished] = []
    with Batches(told.append).holding(BATCH, left_out=2):
        pass
    assert told == [BatchFinished(BATCH, 0, 0, 0, 0, 0, left_out=2)]
