"""How much lies where, in rows and in boxes."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.prices import Prices
from s4desk.core.domain.usage import DAY_S
from s4desk.core.domain.usage_tree import UsageTree
from s4desk.viewmodels.price_form import PriceForm
from s4desk.viewmodels.treemap import Box, bars, squarified
from s4desk.viewmodels.usage_report import usage_report
from s4desk.viewmodels.usage_rows import MOST_ROWS, Division, Measure, money, sheet_of

NOW = 1_800_000_000.0
GIB = 1024**3
AREA = Box(10, 20, 300, 200)


@pytest.fixture
def tree() -> UsageTree:
    tree = UsageTree("", NOW)
    tree.count(
        [
            ("big/a", 3 * GIB, NOW, "STANDARD"),
            ("big/deep/b", GIB, NOW - 10 * DAY_S, "GLACIER"),
            ("many/1", 1, NOW, "STANDARD"),
            ("many/2", 1, NOW, "STANDARD"),
            ("many/3", 1, NOW, "STANDARD"),
            ("loose", 0, NOW, "STANDARD"),
        ]
    )
    return tree


def test_the_largest_is_first_by_either_measure(tree):
    by_size = sheet_of(tree, "", Division.FOLDERS, Measure.SIZE, Prices())
    assert [row.name for row in by_size.rows] == ["big/", "many/", "(directly in it)"]
    assert by_size.rows[0].inner == [("deep/", GIB)]
    assert by_size.rows[0].cells == ["big/", "4.0 GiB", "2", "100.0 %", ""]
    by_count = sheet_of(tree, "", Division.FOLDERS, Measure.OBJECTS, Prices())
    assert [row.folder for row in by_count.rows] == ["many/", "big/", ""]
    assert by_size.classes == ["GLACIER", "STANDARD"]
    inside = sheet_of(tree, "big/", Division.CLASSES, Measure.SIZE, Prices())
    assert [(row.name, row.share) for row in inside.rows] == [
        ("STANDARD", "75.0 %"),
        ("GLACIER", "25.0 %"),
    ]
    ages = sheet_of(tree, "big/", Division.AGES, Measure.SIZE, Prices())
    assert [row.name for row in ages.rows] == ["up to 1 day old", "7 to 30 days old"]


def test_prices_are_said_to_be_somebodys(tree):
    prices = Prices("EUR", {"STANDARD": Decimal("0.5")})
    sheet = sheet_of(tree, "big/", Division.CLASSES, Measure.SIZE, prices)
    assert [row.cost for row in sheet.rows] == ["1.50 EUR", ""]
    assert sheet.cost == ("By your prices: 1.50 EUR a month. Without GLACIER, which have no price.")
    assert sheet_of(tree, "", Division.AGES, Measure.SIZE, Prices("EUR")).cost == ""
    assert money(Decimal("0.001"), "") == "< 0.01"
    assert money(Decimal(12345), "$") == "12,345.00 $"


def test_what_is_too_much_for_a_drawing_is_one_row():
    tree = UsageTree("", NOW)
    tree.count((f"{at:04}/x", 1000 - at, NOW, "") for at in range(MOST_ROWS + 3))
    sheet = sheet_of(tree, "", Division.FOLDERS, Measure.SIZE, Prices())
    assert len(sheet.rows) == MOST_ROWS + 1
    rest = next(row for row in sheet.rows if row.name == "(3 smaller folders)")
    assert rest.value == sum(1000 - MOST_ROWS - at for at in range(3))
    assert sheet.notes == []
    cut = UsageTree("", NOW, most=1)
    cut.count([("a/b/c", 1, NOW, "")])
    assert sheet_of(cut, "a/", Division.FOLDERS, Measure.SIZE, Prices()).notes


def test_the_report_has_every_folder(tree):
    prices = Prices("EUR", {"STANDARD": Decimal("0.5")})
    text = usage_report(tree, prices).decode("utf-8-sig")
    rows = {(row["kind"], row["name"]): row for row in csv.DictReader(io.StringIO(text))}
    assert rows["folder", "big/deep/"]["bytes"] == str(GIB)
    assert rows["folder", "big/"]["cost_per_month"] == "1.5"
    assert rows["folder", "big/deep/"]["cost_per_month"] == ""
    assert rows["class", "GLACIER"]["objects"] == "1"
    assert rows["age", "30"]["objects"] == "1"
    assert rows["total", ""]["objects"] == "6"


def test_a_price_is_a_number_or_nothing():
    form = PriceForm(Prices("EUR", {"OLD": Decimal("1.10")}), ["STANDARD", ""])
    texts = {field.label: field.text for field in form.fields.values()}
    assert texts == {"no class told": "", "OLD": "1.10", "STANDARD": "", "Currency": "EUR"}
    form.edit("class-2", " 0,023 ")
    form.edit("class-1", "")
    assert form.result() == Prices("EUR", {"STANDARD": Decimal("0.023")})
    for bad in ("x", "-1", "nan", "1e99"):
        form.edit("class-0", bad)
        assert form.errors.keys() == {"class-0"}


ROUNDED = 0.06
"""What is taken from what is left, box by box, differs by as much."""


@given(st.lists(st.integers(0, 10**12), max_size=60).map(lambda each: sorted(each, reverse=True)))
def test_boxes_are_as_large_as_what_they_stand_for(values):
    boxes = squarified(values, AREA)
    assert len(boxes) == len(values)
    total = sum(values)
    for value, box in zip(values, boxes, strict=True):
        wanted = AREA.width * AREA.height * value / total if total else 0
        assert box.width * box.height == pytest.approx(wanted, rel=1e-6, abs=ROUNDED)
        assert box.x >= AREA.x - ROUNDED
        assert box.x + box.width <= AREA.x + AREA.width + ROUNDED
        assert box.y + box.height <= AREA.y + AREA.height + ROUNDED


def test_boxes_are_nearly_squares():
    """Six, six, four, three, two, two, one in six by four: the example of the paper."""
    boxes = squarified([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))
    assert boxes[:2] == [Box(0, 0, 3, 2), Box(0, 2, 3, 2)]
    assert max(max(b.width / b.height, b.height / b.width) for b in boxes) < 3


def test_the_longest_bar_is_as_wide_as_there_is_room():
    found = bars([4, 2, 0], AREA, 10, 5)
    assert [(box.y, box.width) for box in found] == [(20, 300), (35, 150), (50, 0)]
    assert bars([], AREA, 10, 5) == []
