"""Members of a failover group are put in order by a real pointer."""

from __future__ import annotations

import pytest


@pytest.mark.slow
def test_members_are_dragged_into_their_order(actor, hand):
    window = actor("tests.gui.group_editor_window")
    now = window.until(lambda now: "members" in now)
    assert now["members"] == ["a", "b", "c"]
    first, second, third = now["rows"]
    edge = now["height"] // 2 - 1
    # Below the last, above the first, and onto another, which is behind it.
    for start, end, order, row in (
        (first, [third[0], third[1] + edge], ["b", "c", "a"], 2),
        (third, [first[0], first[1] - edge], ["a", "b", "c"], 0),
        (first, second, ["b", "a", "c"], 1),
    ):
        hand.drag(start, end)
        now = window.until(lambda now, order=order: now["members"] == order)
        assert now["row"] == row
