"""The arrow of “More options” beside its words, in both directions of reading."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics

from s4desk.gui.dialogs.more_button import MoreButton


def inked(button: MoreButton, place: QRect) -> bool:
    """Whether anything dark is drawn in a part of a button."""
    image = button.grab().toImage()
    return any(
        image.pixelColor(x, y).lightness() < 140
        for x in range(place.left(), place.right() + 1)
        for y in range(place.top(), place.bottom() + 1)
    )


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection(1)])
@pytest.mark.parametrize("points", [10, 20])
def test_the_arrow_lies_beside_the_words(qtbot, direction, points):
    button = MoreButton()
    qtbot.addWidget(button)
    button.setLayoutDirection(direction)
    font = button.font()
    font.setPointSize(points)
    button.setFont(font)
    button.resize(button.sizeHint())
    arrow, words = button.arrow_place, button.text_place
    assert not arrow.intersects(words)
    assert button.rect().contains(arrow)
    wide = QFontMetrics(font).size(Qt.TextFlag.TextShowMnemonic, button.text()).width()
    assert words.width() >= wide
    is_right = direction is Qt.LayoutDirection.RightToLeft
    assert (arrow.left() > words.left()) is is_right
    assert inked(button, arrow)
    assert inked(button, words)
