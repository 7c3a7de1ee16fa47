"""A slim part beside a large one, which it does not crush."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from s4desk.gui.views.side_splitter import MAIN_LEAST, SIDE_LEAST, SIDE_WIDTH, SideSplitter


@pytest.fixture
def splitter(qtbot):
    splitter = SideSplitter(QWidget(), QWidget())
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    qtbot.addWidget(splitter)
    splitter.resize(1000, 500)
    splitter.show()
    splitter.fit()
    return splitter


def test_the_side_keeps_its_width(splitter):
    assert splitter.sizes()[1] == SIDE_WIDTH
    splitter.resize(1400, 500)
    assert splitter.sizes()[1] == SIDE_WIDTH


def test_the_large_part_is_never_crushed(splitter):
    splitter.resize(MAIN_LEAST + SIDE_LEAST + 1, 500)
    assert splitter.orientation() is Qt.Orientation.Horizontal
    assert splitter.sizes() == [MAIN_LEAST, SIDE_LEAST]
    splitter.resize(MAIN_LEAST + SIDE_LEAST - 1, 500)
    assert splitter.orientation() is Qt.Orientation.Vertical
    assert splitter.widget(0).width() == MAIN_LEAST + SIDE_LEAST - 1
    splitter.resize(1000, 500)
    assert splitter.sizes()[1] == SIDE_WIDTH


def test_a_width_is_kept(splitter):
    splitter.restore_state(b"400")
    assert splitter.sizes()[1] == 400
    assert splitter.save_state() == b"400"
    for odd in (b"", b"-1", b"x", b"99999999999"):
        splitter.restore_state(odd)
    assert splitter.save_state() == b"400"
    splitter.restore_state(b"1")
    assert splitter.save_state() == b"%d" % SIDE_LEAST


def test_a_small_window_leaves_the_names_their_share(qtbot):
    window, tree = 800, 240
    splitter = SideSplitter(QWidget(), QWidget())
    splitter.setHandleWidth(1)
    qtbot.addWidget(splitter)
    splitter.resize(window - tree - 1, 460)
    splitter.show()
    splitter.fit()
    assert splitter.orientation() is Qt.Orientation.Horizontal
    assert splitter.sizes()[0] >= window * 0.4
