"""The order of the queue's rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.transfer import Transfer, TransferId, TransferState
from s4desk.viewmodels.transfer_order import TransferOrder
from tests.transfer.specs import upload_spec

S = TransferState
RANK = {S.RUNNING: 0, S.FAILED: 1, S.QUEUED: 2, S.PAUSED: 3, S.COMPLETED: 4, S.CANCELLED: 4}
Known = dict[TransferId, Transfer]


def made(number: int, state: TransferState, position: int = 0, priority: int = 0) -> Transfer:
    spec = replace(upload_spec(), priority=priority)
    return Transfer(TransferId(number), spec, state, position=position)


transfers = st.builds(
    made, st.integers(0, 12), st.sampled_from(S), st.integers(-2, 2), st.integers(0, 1)
)


def place(transfer: Transfer) -> tuple[int, ...]:
    rank = RANK[transfer.state]
    if rank in (2, 3):
        return (rank, -transfer.spec.priority, transfer.position, transfer.id)
    return (rank, -transfer.id if rank == 4 else transfer.id)


def expected(known: Known) -> list[TransferId]:
    return [each.id for each in sorted(known.values(), key=place)]


def ids(*numbers: int) -> list[TransferId]:
    return [TransferId(number) for number in numbers]


@given(st.lists(st.tuples(transfers, st.booleans()), max_size=40))
def test_rows_are_those_of_a_sorted_list(steps: list[tuple[Transfer, bool]]) -> None:
    order, known = TransferOrder(), Known()
    for transfer, is_removal in steps:
        if is_removal:
            order.remove([transfer.id] if transfer.id in known else [])
            known.pop(transfer.id, None)
            continue
        if transfer.id in order:
            order.move(transfer)
        else:
            order.add([transfer])
        known[transfer.id] = transfer
    rows = expected(known)
    assert list(order) == rows == order.between(0, len(rows))
    assert len(order) == len(rows)
    for row, id_ in enumerate(rows):
        assert (order.at(row), order.row(id_)) == (id_, row)
        assert order.fits(known[id_])
    again = TransferOrder()
    again.replace(known.values())
    assert list(again) == rows


@given(st.lists(transfers), st.lists(transfers))
def test_runs_come_to_stand_side_by_side(old: list[Transfer], new: list[Transfer]) -> None:
    known = {each.id: each for each in old}
    fresh = {each.id: each for each in new if each.id not in known}
    order = TransferOrder()
    order.replace(known.values())
    for run in order.runs(fresh.values()):
        first = order.goal(run[0])
        order.add(run)
        assert order.between(first, first + len(run) - 1) == [each.id for each in run]
    assert list(order) == expected(known | fresh)


def test_another_position_is_another_place() -> None:
    order = TransferOrder()
    order.replace([made(1, S.QUEUED, 1), made(2, S.QUEUED, 2), made(3, S.RUNNING, 3)])
    assert list(order) == ids(3, 1, 2)
    assert not order.fits(made(2, S.QUEUED, 0))
    assert order.goal(made(2, S.QUEUED, 0)) == 1
    order.move(made(2, S.QUEUED, 0))
    assert list(order) == ids(3, 2, 1)
    # What runs stands as it came.
    assert order.fits(made(3, S.RUNNING, 0))


def test_a_part_of_the_rows_may_lie_in_several_sections() -> None:
    order = TransferOrder()
    order.replace([made(1, S.RUNNING), made(2, S.QUEUED), made(3, S.QUEUED), made(4, S.COMPLETED)])
    assert order.between(1, 3) == ids(2, 3, 4)
    assert order.between(2, 2) == ids(3)
    assert TransferId(5) not in order
    with pytest.raises(IndexError):
        order.at(4)
