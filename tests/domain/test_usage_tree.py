"""How much lies where, of every folder at once."""

from __future__ import annotations

from decimal import Decimal
from math import nan

from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.prices import Prices
from s4desk.core.domain.usage import AGES_D, DAY_S, Amount, Usage
from s4desk.core.domain.usage_tree import UsageTree

NOW = 1_800_000_000.0

ROWS = st.lists(
    st.tuples(
        st.text("ab/", max_size=8).map("top/".__add__),
        st.integers(0, 9),
        st.sampled_from([NOW, NOW - 40 * DAY_S, nan]),
        st.sampled_from(["STANDARD", "GLACIER"]),
    ),
    max_size=30,
)


@given(ROWS)
def test_it_counts_what_usage_counts(rows) -> None:
    tree, usage = UsageTree("top/", NOW), Usage("top/", NOW, depth=20)
    tree.count(rows[:10])
    tree.count(rows[10:])
    usage.count(rows)
    assert tree.top.whole == usage.whole
    assert tree.top.classes == dict(usage.classes)
    assert tree.top.ages == {at: each for at, each in enumerate(usage.ages) if each.objects}
    assert {prefix: tree.at(prefix).whole for prefix in usage.folders} == dict(usage.folders)
    inside = sum(each.whole.objects for each in tree.top.branches.values())
    assert inside + tree.top.here.objects == tree.top.whole.objects


def test_too_many_folders_count_in_the_one_above() -> None:
    tree = UsageTree("", NOW, most=2)
    tree.count((f"{at}/x/y", 1, NOW, "STANDARD") for at in range(5))
    assert tree.is_cut
    assert list(tree.top.branches) == ["0/"]
    assert tree.top.whole == Amount(5, 5)
    assert tree.top.here == Amount(4, 4)
    assert tree.at("3/x/").prefix == ""
    assert tree.at("0/x/z/").prefix == "0/x/"


def test_a_prefix_need_not_be_a_folder() -> None:
    tree = UsageTree("top/ph", NOW)
    tree.count([("top/photos/a", 2, NOW, ""), ("top/ph", 1, NOW, "")])
    assert [each.name for each in tree.top.branches.values()] == ["otos/"]
    assert tree.at("elsewhere/").prefix == "top/ph"


def test_old_versions_are_told_apart() -> None:
    tree = UsageTree("", NOW)
    tree.count([("a/x", 5, NOW, "")])
    tree.count([("a/x", 3, NOW - 9000 * DAY_S, "")], is_old=True)
    assert (tree.at("a/").whole, tree.at("a/").old) == (Amount(2, 8), Amount(1, 3))
    assert set(tree.top.ages) == {0, len(AGES_D)}


def test_a_key_of_slashes_is_as_deep_as_it_is() -> None:
    tree = UsageTree("", NOW)
    tree.count([("/" * 1024, 1, NOW, "")])
    assert tree.at("/" * 1024).whole == Amount(1, 1)


def test_what_has_no_price_costs_nobody_knows_what() -> None:
    prices = Prices("EUR", {"STANDARD": Decimal("0.02"), "FREE": Decimal(0)})
    assert prices.cost({"STANDARD": 1024**3 * 2, "GLACIER": 5}) == Decimal("0.04")
    assert prices.cost({"GLACIER": 5}) is None
    assert prices.cost({"FREE": 5}) == 0
    assert not Prices("EUR")
