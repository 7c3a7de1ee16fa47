"""The last line: each part says its own, an error stays until it is looked at."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from s4desk.core.domain.identity import Prefix
from s4desk.core.transfer.progress import Totals
from s4desk.gui.views import status_bar
from s4desk.gui.views.buttons import ElidedLabel
from s4desk.gui.views.status_bar import ErrorLine, StatusBar
from s4desk.viewmodels.listing import ListingState, ListingStatus
from s4desk.viewmodels.selection import NOTHING, Summary

LONG = "This key has no permission & never had. " * 6


@pytest.fixture
def bar(qtbot):
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.resize(800, 26)
    bar.show()
    return bar


def texts(bar):
    return [label.text() for label in bar.findChildren(ElidedLabel)]


def test_listing_and_selection_stand_side_by_side(bar):
    bar.show_listing(ListingStatus(Prefix("b"), ListingState.COMPLETE, 1, 2, 3, 4096))
    bar.show_selection(Summary(0, 1, 512))
    assert texts(bar) == ["1 folder, 2 objects, 4.0 KiB", "1 selected, 512 B"]
    bar.show_listing(ListingStatus())
    bar.show_selection(NOTHING)
    assert texts(bar) == ["", ""]


def test_transfers_are_shown_while_there_are_some(bar):
    asked = []
    bar.transfers_clicked.connect(lambda: asked.append("transfers"))
    button = bar.findChild(QToolButton, "transfers")
    assert not button.isVisible()
    bar.show_transfers(Totals(running=2, speed=2048))
    assert button.isVisible()
    assert button.text() == "2 transfers · 2.0 KiB/s"
    button.click()
    assert asked == ["transfers"]
    bar.show_transfers(Totals(completed=2))
    assert not button.isVisible()


def test_an_error_stays_until_it_is_looked_at(bar):
    line = bar.findChild(ErrorLine)
    asked = []
    bar.error_clicked.connect(lambda: asked.append("error"))
    assert not line.isVisible()
    bar.show_error("Broken.")
    bar.showMessage("something else", 1000)
    assert line.isVisible()
    assert line.toolTip() == "<span>Broken.</span>"
    QTest.mouseClick(line, Qt.MouseButton.LeftButton)
    assert asked == ["error"]
    assert not line.isVisible()


def test_an_error_can_be_taken_back(bar):
    bar.show_error("Broken.")
    bar.show_error("")
    assert not bar.findChild(ErrorLine).isVisible()


def test_a_long_error_pushes_nothing_away(bar):
    bar.show_listing(ListingStatus(Prefix("b"), ListingState.COMPLETE, 12, 3400, 3412, 4096))
    bar.show_transfers(Totals(running=2, speed=2048))
    bar.show_error(LONG)
    QTest.qWait(0)
    listing, line = bar.findChildren(ElidedLabel)[0], bar.findChild(ErrorLine)
    assert listing.width() >= listing.sizeHint().width()
    assert bar.width() == 800
    assert 100 < line.width() < line.sizeHint().width()
    bar.resize(500, 26)
    assert bar.width() == 500


def test_an_error_takes_no_room_of_what_a_message_hides(bar):
    """Menus tell what their entries do, and are open when one of them is refused."""
    bar.show_listing(ListingStatus(Prefix("b"), ListingState.COMPLETE, 12, 3400, 3412, 4096))
    bar.showMessage("Delete what is chosen")
    bar.show_error(LONG)
    bar.clearMessage()
    QTest.qWait(0)
    listing = bar.findChildren(ElidedLabel)[0]
    assert listing.isVisible()
    assert listing.width() >= listing.sizeHint().width()


def test_nothing_comes_back_where_a_message_stands_when_the_style_changes(bar):
    bar.show_listing(ListingStatus(Prefix("b"), ListingState.COMPLETE, 12, 3400, 3412, 4096))
    height = bar.sizeHint().height()
    bar.showMessage("Connected")
    for colour in ("black", "white"):
        bar.setStyleSheet(f"QStatusBar {{ background: {colour} }} QStatusBar::item {{ border: 0 }}")
        QTest.qWait(0)
        assert not any(label.isVisible() for label in bar.findChildren(ElidedLabel))
        assert bar.sizeHint().height() == height
    bar.clearMessage()
    assert bar.findChildren(ElidedLabel)[0].isVisible()


def test_what_is_new_is_read_out(bar, monkeypatch):
    said = []
    spoken = SimpleNamespace(isActive=lambda: True, updateAccessibility=said.append)
    monkeypatch.setattr(status_bar, "QAccessible", spoken)
    bar.show_error("Broken.")
    bar.showMessage("Mended.", 1000)
    bar.clearMessage()
    assert [event.message() for event in said] == ["Broken.", "Mended."]
