"""From right to left: what is written from left to right keeps its order."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyleOptionViewItem

from s4desk.gui.bidi import in_its_order
from s4desk.gui.dialogs.table import WholeRows
from s4desk.gui.views.row_delegate import RowDelegate

RTL = Qt.LayoutDirection.RightToLeft


def seen(text: str) -> str:
    """The letters from left to right as a line of a window from right to left shows them."""
    layout = QTextLayout(text)
    option = QTextOption()
    option.setTextDirection(RTL)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()

    def left(at: int) -> float:
        return line.glyphRuns(at, 1)[0].positions()[0].x()

    shown = [at for at, letter in enumerate(text) if letter not in "\u2066\u2068\u2069"]
    return "".join(text[at] for at in sorted(shown, key=left))


@pytest.mark.parametrize(
    ("text", "torn"),
    [("/tmp/a.bin", True), ("48 B", True), ("0 %", True), ("a/b.", True), ("plain", False)],
)
def test_what_would_be_torn_apart_is_kept(qapp, text, torn):
    assert (seen(text) != text) is torn
    assert seen(in_its_order(text, RTL)) == text


def test_names_in_hebrew_stay_hebrew_and_paths_with_them_paths(qapp):
    name = "\u05e9\u05dc\u05d5\u05dd.txt"
    assert seen(in_its_order(name, RTL)) == seen(name)
    assert seen(in_its_order(f"/tmp/{name}", RTL)).startswith("/tmp/")


def test_nothing_is_added_from_left_to_right(qapp):
    assert in_its_order("/tmp/a", Qt.LayoutDirection.LeftToRight) == "/tmp/a"
    assert in_its_order("", RTL) == ""


@pytest.mark.parametrize("kind", [RowDelegate, WholeRows])
def test_cells_are_drawn_so_and_copied_as_they_are(qtbot, kind):
    view = QListView()
    qtbot.addWidget(view)
    view.setModel(QStringListModel(["/tmp/a.bin"]))
    index, option = view.model().index(0, 0), QStyleOptionViewItem()
    option.direction = RTL
    kind(view).initStyleOption(option, index)
    assert seen(option.text) == "/tmp/a.bin"
    assert index.data() == "/tmp/a.bin"
