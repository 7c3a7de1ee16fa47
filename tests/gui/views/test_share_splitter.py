"""The border between objects and transfers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from s4desk.gui.views.share_splitter import ShareSplitter


@pytest.fixture
def make(qtbot):
    def make() -> ShareSplitter:
        splitter = ShareSplitter(QWidget(), QWidget(), 210)
        splitter.setHandleWidth(3)
        qtbot.addWidget(splitter)
        splitter.resize(700, 700)
        splitter.show()
        return splitter

    return make


def lower(splitter):
    return splitter.widget(1).height()


def drag(splitter, by):
    handle = splitter.handle(1)
    at = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(handle, at + QPoint(0, by))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=at)


def test_the_lower_part_is_never_more_than_a_third(make):
    splitter = make()
    assert lower(splitter) == pytest.approx(210, abs=3)
    splitter.resize(700, 330)
    assert lower(splitter) == pytest.approx(110, abs=3)
    splitter.resize(700, 900)
    assert lower(splitter) == pytest.approx(210, abs=3)


def test_it_gets_its_share_when_it_is_shown(make):
    splitter = make()
    splitter.widget(1).hide()
    splitter.resize(700, 330)
    splitter.widget(1).show()
    splitter.fit()
    assert lower(splitter) == pytest.approx(110, abs=3)


def test_what_a_person_dragged_stays_and_is_kept(make):
    splitter, other = make(), make()
    assert splitter.save_state() == b""
    drag(splitter, -200)
    dragged = lower(splitter)
    assert dragged > 350
    splitter.fit()
    assert lower(splitter) == dragged
    other.restore_state(splitter.save_state())
    other.fit()
    assert lower(other) == dragged


@pytest.mark.parametrize("state", [b"", b"garbage"])
def test_what_is_none_of_ours_is_not_taken(make, state):
    splitter = make()
    splitter.restore_state(state)
    splitter.resize(700, 330)
    assert lower(splitter) == pytest.approx(110, abs=3)
