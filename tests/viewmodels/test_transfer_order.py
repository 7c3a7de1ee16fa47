"""The order of the queue's rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.transfer import TransferId, TransferState
from s4desk.viewmodels.transfer_order import TransferOrder

S = TransferState
RANK = {S.RUNNING: 0, S.FAILED: 1, S.QUEUED: 2, S.PAUSED: 3, S.COMPLETED: 4, S.CANCELLED: 4}
Step = tuple[int, TransferState | None]


def expected(states: dict[TransferId, TransferState]) -> list[TransferId]:
    return sorted(
        states, key=lambda id_: (RANK[states[id_]], -id_ if RANK[states[id_]] == 4 else id_)
    )


def ids(*numbers: int) -> list[TransferId]:
    return [TransferId(number) for number in numbers]


@given(st.lists(st.tuples(st.integers(0, 12), st.none() | st.sampled_from(S)), max_size=40))
def test_rows_are_those_of_a_sorted_list(steps: list[Step]) -> None:
    order, states = TransferOrder(), {}
    for number, state in steps:
        id_ = TransferId(number)
        if state is None:
            order.remove([id_] if id_ in states else [])
            states.pop(id_, None)
            continue
        if id_ in order:
            order.move(id_, state)
        else:
            order.add([id_], state)
        states[id_] = state
    rows = expected(states)
    assert list(order) == rows == order.between(0, len(rows))
    assert len(order) == len(rows)
    for row, id_ in enumerate(rows):
        assert (order.at(row), order.row(id_)) == (id_, row)
        assert order.fits(id_, states[id_])
    again = TransferOrder()
    again.replace(states)
    assert list(again) == rows


@given(
    st.dictionaries(st.integers(0, 12), st.sampled_from(S)),
    st.dictionaries(st.integers(0, 12), st.sampled_from(S)),
)
def test_runs_come_to_stand_side_by_side(
    old: dict[TransferId, TransferState], new: dict[TransferId, TransferState]
) -> None:
    fresh = {id_: state for id_, state in new.items() if id_ not in old}
    order = TransferOrder()
    order.replace(old)
    for run in order.runs(fresh):
        first = order.goal(run[0], fresh[run[0]])
        order.add(run, fresh[run[0]])
        assert order.between(first, first + len(run) - 1) == run
    assert list(order) == expected(old | fresh)


def test_a_part_of_the_rows_may_lie_in_several_sections() -> None:
    order = TransferOrder()
    order.replace({1: S.RUNNING, 2: S.QUEUED, 3: S.QUEUED, 4: S.COMPLETED})  # type: ignore[dict-item]
    assert order.between(1, 3) == ids(2, 3, 4)
    assert order.between(2, 2) == ids(3)
    assert TransferId(5) not in order
    with pytest.raises(IndexError):
        order.at(4)
