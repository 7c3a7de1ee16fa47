"""The line above or below the rows where there is little room for it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget

from s4desk.gui.views.notices import Banner
from s4desk.viewmodels.listing import Notice, Remedy

REMEDIES = ((Remedy.TRY_GROUP, "Try Now"), (Remedy.GROUP_STATUS, "Status…"))
LONG = "Home is down, next try in 5 min. Away has failed: nothing answers at this address. " * 3


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.setLayout(QVBoxLayout())
    window.banner = Banner(lambda _name: QIcon())
    window.layout().addWidget(window.banner)
    window.layout().addStretch(1)
    window.show()
    return window


def laid_out(window, text, width):
    """Where the text ends, and a button begins."""
    window.banner.show_notice(Notice("warning", "", text, REMEDIES))
    window.resize(width, 300)
    for _ in range(3):
        QApplication.processEvents()
    label = next(each for each in window.banner.findChildren(QLabel) if each.text())
    assert label.height() >= label.heightForWidth(label.width())
    button = window.banner.findChild(QPushButton, Remedy.TRY_GROUP)
    return label.geometry(), button.geometry()


def test_a_long_text_has_the_whole_width_where_that_is_narrow(window):
    text, button = laid_out(window, LONG, 420)
    assert button.top() >= text.bottom()
    assert text.right() > button.left()


@pytest.mark.parametrize(("text", "width"), [("Home is down.", 420), (LONG, 2000)])
def test_buttons_are_beside_what_has_room_there(window, text, width):
    laid_out(window, LONG, 420)
    said, button = laid_out(window, text, width)
    assert button.left() > said.right()
