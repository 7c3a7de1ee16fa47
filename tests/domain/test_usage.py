"""How much lies where."""

from __future__ import annotations

from math import nan

from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.usage import AGES_D, DAY_S, Amount, Usage

NOW = 1_800_000_000.0


def test_folders_hold_all_that_is_below_them() -> None:
    usage = Usage("top/", NOW, depth=2)
    usage.count(
        (key, size, NOW, "STANDARD")
        for key, size in [("top/a", 1), ("top/b/c", 2), ("top/b/c/d/e", 4), ("top/b//x", 8)]
    )
    assert usage.whole == Amount(4, 15)
    assert dict(usage.folders) == {
        "top/b/": Amount(3, 14),
        "top/b/c/": Amount(1, 4),
        "top/b//": Amount(1, 8),
    }


def test_ages_are_told_apart_at_their_ends() -> None:
    usage = Usage("", NOW)
    old = [0.0, 1.0, 1.01, 7.0, 5000.0]
    usage.count(("k", 1, NOW - days * DAY_S, "GLACIER") for days in old)
    usage.count([("k", 1, nan, "STANDARD"), ("k", 1, NOW + 5, "STANDARD")])
    assert [amount.objects for amount in usage.ages] == [3, 2, 0, 0, 0, 0, 2]
    assert {name: amount.objects for name, amount in usage.classes.items()} == {
        "GLACIER": 5,
        "STANDARD": 2,
    }
    assert len(usage.ages) == len(AGES_D) + 1


keys = st.text(alphabet="ab/", max_size=8)


@given(rows=st.lists(st.tuples(keys, st.integers(0, 99)), max_size=30), depth=st.integers(0, 3))
def test_nothing_is_counted_twice_or_left_out(rows: list[tuple[str, int]], depth: int) -> None:
    usage = Usage("", NOW, depth=depth)
    usage.count((key, size, NOW, "STANDARD") for key, size in rows)
    assert usage.whole.size == sum(size for _, size in rows)
    for folder, amount in usage.folders.items():
        assert folder.count("/") <= depth
        inside = [size for key, size in rows if key.startswith(folder)]
        assert (amount.objects, amount.size) == (len(inside), sum(inside))
