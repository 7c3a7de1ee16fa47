"""The chart of what lifecycle rules will do: what is painted where, and how it is used."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action
from s4desk.core.lifecycle.summary import Tally
from s4desk.gui.dialogs.lifecycle_chart import LifecycleChart
from s4desk.viewmodels.lifecycle_chart import day_bars
from s4desk.viewmodels.usage_rows import Measure
from tests.viewmodels.lifecycle_findings import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_DAY = {
    (0, Action.EXPIRE): Tally(10, 1),
    (0, Action.TRANSITION): Tally(10, 1),
    (2, Action.TRANSITION): Tally(1, 5000),
    (4, Action.EXPIRE): Tally(0, 0),
}
DAYS = 4
KEY = Qt.Key


@pytest.fixture
def chart(qapp: QApplication) -> Iterator[LifecycleChart]:
    chart = LifecycleChart()
    chart.resize(600, 240)
    chart.show_bars(day_bars(BY_DAY, NOW, DAYS, Measure.OBJECTS), Measure.OBJECTS)
    chart.show()
    yield chart
    chart.close()
    chart.deleteLater()


def picture(chart: LifecycleChart) -> QImage:
    """A point of it for each of the widget, whatever the screen."""
    chart.clearFocus()  # its mark lies over all
    image = QImage(chart.size(), QImage.Format.Format_RGB32)
    chart.render(image)
    return image


def height_of_bar(chart: LifecycleChart, at: int) -> int:
    """How many points in the middle of a day are painted otherwise than beside its bar."""
    place = chart._place(at)
    image = picture(chart)
    x, beside = round(place.center().x()), round(place.left()) + 2
    rows = range(round(place.top()), round(place.bottom()) - 1)
    return sum(image.pixel(x, row) != image.pixel(beside, row) for row in rows)


def is_ink(image: QImage, area: QRectF) -> bool:
    """Whether anything is painted there."""
    columns = range(round(area.left()), round(area.right()))
    rows = range(round(area.top()), round(area.bottom()))
    return len({image.pixel(x, y) for x in columns for y in rows}) > 1


@pytest.fixture
def chosen(chart: LifecycleChart) -> list[int]:
    days: list[int] = []
    chart.chosen.connect(days.append)
    return days


def test_bars_are_as_high_as_they_count(chart: LifecycleChart) -> None:
    heights = [height_of_bar(chart, at) for at in range(DAYS + 1)]
    assert heights[0] >= chart._plot().height() - 3
    assert heights[1] == heights[3] == heights[4] == 0
    assert 1 <= heights[2] <= heights[0] // 10
    chart.show_bars(day_bars(BY_DAY, NOW, DAYS, Measure.SIZE), Measure.SIZE)
    assert height_of_bar(chart, 2) > 50 * height_of_bar(chart, 0)


def test_what_happens_little_is_seen_beside_much(chart: LifecycleChart) -> None:
    much = {(0, Action.EXPIRE): Tally(10**6, 1), (2, Action.EXPIRE): Tally(1, 1)}
    chart.show_bars(day_bars(much, NOW, DAYS, Measure.OBJECTS), Measure.OBJECTS)
    assert height_of_bar(chart, 2) >= 1


@pytest.mark.parametrize("ground", ["#ffffff", "#000000"])
def test_actions_are_told_apart_on_any_ground(chart: LifecycleChart, ground: str) -> None:
    palette = chart.palette()
    palette.setColor(QPalette.ColorRole.Base, QColor(ground))
    chart.setPalette(palette)
    place = chart._place(0)
    image = picture(chart)
    x = round(place.center().x())
    low = image.pixelColor(x, round(place.bottom()) - 10)
    high = image.pixelColor(x, round(place.top()) + 10)
    assert len({low.name(), high.name(), QColor(ground).name()}) == 3
    assert abs(low.hslHue() - high.hslHue()) > 90


def test_a_day_is_chosen_by_pointing_at_it(chart: LifecycleChart, chosen: list[int]) -> None:
    for at in (2, 4):
        QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chart._place(at).center().toPoint())
    QTest.mouseClick(chart, Qt.MouseButton.RightButton, pos=chart._place(1).center().toPoint())
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(1, 100))
    assert chosen == [2, 4]


def test_days_are_reached_by_keys_and_read_aloud(chart: LifecycleChart, chosen: list[int]) -> None:
    for key in (KEY.Key_Right, KEY.Key_Right, KEY.Key_End, KEY.Key_Right, KEY.Key_Left):
        QTest.keyClick(chart, key)
    assert chosen == [0, 1, 4, 4, 3]
    assert chart.accessibleDescription().endswith("nothing")
    QTest.keyClick(chart, KEY.Key_Home)
    assert "delete: 10 (" in chart.accessibleDescription()


def test_from_right_to_left_it_is_mirrored(chart: LifecycleChart, chosen: list[int]) -> None:
    first = chart._place(0).center().x()
    chart.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    mirrored = chart._place(0)
    assert mirrored.center().x() == pytest.approx(chart.width() - first)
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=mirrored.center().toPoint())
    QTest.keyClick(chart, KEY.Key_Left)
    assert chosen == [0, 1]
    assert height_of_bar(chart, 0) > 50


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_words_begin_where_one_reads_from(
    chart: LifecycleChart, direction: Qt.LayoutDirection
) -> None:
    chart.setLayoutDirection(direction)
    image, half = picture(chart), chart.width() / 2
    left = is_ink(image, QRectF(0, 2, half, chart._line))
    right = is_ink(image, QRectF(half, 2, half, chart._line))
    is_mirrored = direction is Qt.LayoutDirection.RightToLeft
    assert (left, right) == (not is_mirrored, is_mirrored)


def test_where_the_keyboard_is_colours_stay_as_they_are(chart: LifecycleChart) -> None:
    def bars() -> QImage:
        image = QImage(chart.size(), QImage.Format.Format_RGB32)
        chart.render(image)
        return image.copy(chart._plot().toRect())

    chart.activateWindow()
    chart.setFocus()
    assert chart.hasFocus()
    marked = bars()
    framed = QImage(chart.size(), QImage.Format.Format_RGB32)
    chart.render(framed)
    plain = picture(chart)
    assert framed.pixel(0, 100) != plain.pixel(0, 100)
    assert marked == bars()


def test_every_action_is_named_however_narrow_it_is(chart: LifecycleChart) -> None:
    every = {(0, action): Tally(1, 1) for action in Action}
    chart.show_bars(day_bars(every, NOW, DAYS, Measure.OBJECTS), Measure.OBJECTS)
    chart.resize(260, 300)
    named = [name.action for line in chart._legend() for name in line]
    assert sorted(named) == sorted(Action)
    assert all(each.x + each.width <= 260 for line in chart._legend()[1:] for each in line)
    assert chart._plot().top() > len(chart._legend()) * chart._line
    before = chart.minimumSizeHint().height()
    chart.resize(900, 300)
    assert chart.minimumSizeHint().height() < before


def test_lines_are_where_their_amounts_are(chart: LifecycleChart) -> None:
    assert [value for value, _ in chart._ticks()] == [5, 10, 15, 20]
    chart.resize(600, 120)
    assert [value for value, _ in chart._ticks()] == [10, 20]
    plot = chart._plot()
    image = picture(chart)
    x = round(chart._place(1).center().x())
    middle = image.pixel(x, round(plot.center().y()))
    assert middle != image.pixel(x, round(plot.center().y()) + 5)
    assert is_ink(image, QRectF(0, plot.center().y() - 6, plot.left(), 12))


def test_a_tool_tip_says_what_a_bar_is(chart: LifecycleChart) -> None:
    pos = chart._place(0).center().toPoint()
    tip = QHelpEvent(QEvent.Type.ToolTip, pos, chart.mapToGlobal(pos))
    QApplication.sendEvent(chart, tip)
    assert "move to another class: 10 (" in QToolTip.text()
    QToolTip.hideText()


def test_without_bars_there_is_nothing_to_choose(chart: LifecycleChart, chosen: list[int]) -> None:
    chart.show_bars((), Measure.OBJECTS)
    chart.grab()
    QTest.keyClick(chart, KEY.Key_Right)
    QTest.keyClick(chart, KEY.Key_Home)
    QTest.keyClick(chart, KEY.Key_End)
    assert chosen == []
    assert chart.bar_at(100) == -1


@pytest.mark.parametrize("days", [30, 60, 400])
@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_no_date_lies_over_another(
    chart: LifecycleChart, days: int, direction: Qt.LayoutDirection
) -> None:
    chart.setLayoutDirection(direction)
    chart.show_bars(day_bars(BY_DAY, NOW, days, Measure.OBJECTS), Measure.OBJECTS)
    for width in (280, 410, 530, 632, 980):
        chart.resize(width, 240)
        places = sorted((place.left(), place.right()) for _, place in chart._labels())
        assert len(places) > 1
        assert all(one[1] <= other[0] for one, other in pairwise(places))
        assert places[0][0] >= 0
        assert places[-1][1] <= width


def test_what_the_sums_call_a_delete_marker_the_chart_does_too(chart: LifecycleChart) -> None:
    bars = day_bars(BY_DAY, NOW, DAYS, Measure.OBJECTS, Versioning.ENABLED)
    chart.show_bars(bars, Measure.OBJECTS)
    texts = [name.text for line in chart._legend() for name in line]
    assert texts == ["put delete marker on top", "move to another class"]
