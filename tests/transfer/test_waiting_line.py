"""The waiting line: lanes, places, and moving them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.identity import Address, ConnectionId, Location
from s4desk.core.domain.transfer import Transfer, TransferId
from s4desk.core.transfer.waiting_line import LARGE, Shift, WaitingLine, lane_of
from tests.transfer.specs import upload_spec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from s4desk.core.transfer.waiting_line import Lane

FILE = Path("/f")


def waiting(number: int, *, priority: int = 0, size: int = 1, at: str = "here") -> Transfer:
    target = Address(ConnectionId(at), Location("bucket", f"{number}"))
    spec = replace(upload_spec(FILE, size=size), target=target, priority=priority)
    return Transfer(TransferId(number), spec, position=number)


class Line:
    """A line, and who really waits in it."""

    def __init__(self, transfers: Iterable[Transfer]) -> None:
        self.transfers = {each.id: each for each in transfers}
        self.line = WaitingLine(self.transfers.__contains__)
        for each in self.transfers.values():
            self.line.enter(each)

    def move(self, numbers: Iterable[int], where: Shift) -> dict[TransferId, int]:
        moved = self.line.move({TransferId(number) for number in numbers}, where)
        for id_, position in moved.items():
            self.transfers[id_] = replace(self.transfers[id_], position=position)
        return moved

    def rest(self) -> list[int]:
        """Let all of them start."""
        order = []
        while (id_ := self.line.next(lambda _lane, _large: True)) is not None:
            order.append(int(id_))
            del self.transfers[id_]
        return order


def test_priority_comes_before_position() -> None:
    line = Line([waiting(1), waiting(2, priority=1), waiting(3, priority=-1), waiting(4)])
    assert line.rest() == [2, 1, 4, 3]


def test_who_may_not_start_keeps_nobody_else_waiting() -> None:
    line = Line([waiting(1, at="a"), waiting(2, size=LARGE, at="b"), waiting(3, at="b")])
    asked: list[tuple[Lane, bool]] = []

    def only_small_at_b(lane: Lane, large: bool) -> bool:
        asked.append((lane, large))
        return lane == {"b"} and not large

    assert line.line.next(only_small_at_b) == 3
    assert line.line.next(lambda _lane, _large: False) is None
    assert line.rest() == [1, 2]
    assert (frozenset({"a"}), False) in asked


def test_who_left_is_passed_over_and_who_comes_back_has_one_place() -> None:
    line = Line(map(waiting, range(1, 5)))
    gone = line.transfers.pop(TransferId(1))
    line.line.enter(line.transfers[TransferId(3)])
    assert [place[2] for place in line.line._places()].count(TransferId(3)) == 1
    assert line.line.next(lambda _lane, _large: True) == 2
    line.transfers[gone.id] = gone
    line.line.enter(gone)
    del line.transfers[TransferId(2)]
    assert line.rest() == [1, 3, 4]


@pytest.mark.parametrize(
    ("chosen", "where", "order"),
    [
        ([4], Shift.UP, [1, 2, 4, 3, 5, 6]),
        ([1], Shift.UP, [1, 2, 3, 4, 5, 6]),
        ([1, 2, 4], Shift.UP, [1, 2, 4, 3, 5, 6]),
        ([3, 4], Shift.UP, [1, 3, 4, 2, 5, 6]),
        ([2], Shift.DOWN, [1, 3, 2, 4, 5, 6]),
        ([2, 3, 6], Shift.DOWN, [1, 4, 2, 3, 5, 6]),
        ([5, 2], Shift.TOP, [2, 5, 1, 3, 4, 6]),
        ([1, 2], Shift.TOP, [1, 2, 3, 4, 5, 6]),
        ([4, 1], Shift.BOTTOM, [2, 3, 5, 6, 1, 4]),
        ([7], Shift.TOP, [1, 2, 3, 4, 5, 6]),
        ([], Shift.DOWN, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_moving(chosen: list[int], where: Shift, order: list[int]) -> None:
    line = Line(map(waiting, range(1, 7)))
    line.move(chosen, where)
    assert line.rest() == order


def test_a_move_stays_within_its_priority() -> None:
    line = Line([waiting(1, priority=1), waiting(2), waiting(3)])
    assert line.move([3], Shift.TOP).keys() == {3}
    assert line.rest() == [1, 3, 2]


def test_a_move_that_changes_nothing_changes_no_position() -> None:
    line = Line(map(waiting, range(1, 4)))
    assert line.move([1, 2], Shift.TOP) == line.move([3], Shift.BOTTOM) == {}


@given(
    st.lists(
        st.tuples(st.sets(st.integers(1, 12)), st.sampled_from(Shift), st.sets(st.integers(1, 12))),
        max_size=6,
    )
)
def test_the_others_keep_their_order(steps: list[tuple[set[int], Shift, set[int]]]) -> None:
    """Across lanes and sizes, with some that leave."""
    line = Line(waiting(n, size=LARGE if n % 3 == 0 else 1, at="ab"[n % 2]) for n in range(1, 13))
    for chosen, where, leaving in steps:
        before = sorted(line.transfers.values(), key=lambda each: each.place)
        line.move(chosen, where)
        after = sorted(line.transfers.values(), key=lambda each: each.place)
        for kept in (chosen, set(range(1, 13)) - chosen):
            assert [each.id for each in before if each.id in kept] == [
                each.id for each in after if each.id in kept
            ]
        assert len({each.position for each in after}) == len(after)
        for number in leaving:
            line.transfers.pop(TransferId(number), None)
    expected = [int(each.id) for each in sorted(line.transfers.values(), key=lambda e: e.place)]
    assert line.rest() == expected


@pytest.mark.parametrize("where", Shift)
def test_fifty_thousand_are_moved_in_a_moment(where: Shift) -> None:
    line = Line(map(waiting, range(1, 50_001)))
    for chosen in ([25_000], range(1, 50_001, 2)):
        began = process_time()
        line.line.move(set(map(TransferId, chosen)), where)
        assert process_time() - began < 0.5


@pytest.mark.parametrize(("most", "taken"), [(3, [1, 2, 3]), (0, []), (-1, [])])
def test_no_more_are_taken_than_there_is_room_for(most: int, taken: list[int]) -> None:
    """A conveyor that holds one too many has less than no room."""
    transfers = [waiting(number) for number in range(1, 6)]
    line = Line(transfers)
    (lane,) = {lane_of(each) for each in transfers}
    assert line.line.take(lane, most, lambda _: True) == taken
    assert line.line.length(lane) == len(transfers) - len(taken)
