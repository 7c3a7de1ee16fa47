"""What is selected, in sum: how much of it is in no archive."""

from __future__ import annotations

from array import array

import pytest

from s4desk.core.domain.identity import Prefix
from s4desk.core.domain.objects import Page
from s4desk.viewmodels.arrangement import Arrangement, finish
from s4desk.viewmodels.chosen import summary_of
from s4desk.viewmodels.columns import Columns
from s4desk.viewmodels.filtering import Pattern
from s4desk.viewmodels.ordering import Column, SortOrder

TOP = Prefix("b", "top/")
MIXED = ["STANDARD", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "", "DEEP_ARCHIVE"]


def shown(classes: list[str]) -> Arrangement:
    """A folder, and an object of each class; the sizes descend."""
    count = len(classes)
    page = Page(
        TOP,
        [f"top/{at}" for at in range(count)],
        array("q", range(count, 0, -1)),
        array("d", [1.0] * count),
        ["e"] * count,
        classes,
        ["top/f/"],
    )
    columns = Columns(TOP)
    columns.add_folders(page)
    columns.add_objects(page)
    columns.is_complete = True
    return Arrangement(columns)


@pytest.mark.parametrize(
    ("runs", "at_hand"), [([(0, 6)], 2), ([(1, 2)], 1), ([(1, 1), (3, 3)], 2), ([(4, 6)], 0)]
)
def test_what_may_be_in_an_archive_is_told_from_what_is_at_hand(runs, at_hand):
    assert summary_of(shown(MIXED), runs).at_hand == at_hand


def test_rows_in_another_order_are_counted_as_they_stand():
    rows = shown(MIXED)
    rows.show(finish(rows.arrange(SortOrder(Column.SIZE), Pattern())))
    assert [summary_of(rows, [(at, at)]).at_hand for at in range(7)] == [0, 0, 0, 0, 1, 0, 1]


def test_one_class_for_all_needs_no_count():
    assert summary_of(shown(["STANDARD"] * 3), [(0, 3)]).at_hand == 3
    assert summary_of(shown(["GLACIER"] * 3), [(0, 3)]).at_hand == 0
    assert summary_of(shown(["STANDARD"] * 3), [(0, 0)]).at_hand == 0
