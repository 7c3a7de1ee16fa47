"""Buttons that find no place in one line stand in the next, whole."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from s4desk.gui.dialogs.button_row import ButtonRow


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_all_buttons_are_whole_however_narrow_the_window_is(qtbot, direction):
    window = QWidget()
    window.setLayoutDirection(direction)
    qtbot.addWidget(window)
    row = ButtonRow(window)
    layout = QVBoxLayout(window)
    layout.addWidget(QWidget(window), 1)
    layout.addWidget(row)
    buttons = [row.add(f"b{at}", "A long word on a button") for at in range(4)]
    widest = buttons[0].sizeHint().width()
    window.show()
    for width, lines in ((5 * widest, 1), (3 * widest, 2), (widest + widest // 2, 4)):
        window.resize(width, 400)
        layout.activate()
        assert len({each.y() for each in buttons}) == lines
        for each in buttons:
            assert row.rect().contains(each.geometry())
            assert each.width() >= each.sizeHint().width()
        is_right = direction is Qt.LayoutDirection.RightToLeft
        first = buttons[0].geometry()
        assert (first.right() == row.rect().right()) if is_right else first.left() == 0
