"""Where the keyboard is can be seen, also where nothing is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from s4desk.gui.views.status_bar import ErrorLine
from s4desk.viewmodels.acts import Act
from tests.gui.stage import Stage, memory_desk, perform
from tests.gui.test_keyboard import focus

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView, QWidget

Key = Qt.Key
Control = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def marked_rows(view: QAbstractItemView) -> list[int]:
    """The rows with a line along all of their upper edge, in either colour of a selection."""
    picture = view.viewport().grab().toImage()
    colours = [
        view.palette().color(QPalette.ColorGroup.Active, role).rgb()
        for role in (QPalette.ColorRole.Highlight, QPalette.ColorRole.HighlightedText)
    ]
    found = []
    for row in range(view.model().rowCount()):
        rect = view.visualRect(view.model().index(row, 0))
        edge = {picture.pixel(x, rect.top()) for x in range(2, view.columnWidth(0) - 2, 7)}
        inside = picture.pixel(3, rect.top() + 2)
        if len(edge) == 1 and edge <= set(colours) and inside not in edge:
            found.append(row)
    return found


def frame_of(widget: QWidget) -> bool:
    """Whether it looks different with the keyboard from how it looks without."""
    with_keys = widget.grab().toImage()
    QApplication.focusWidget().clearFocus()
    return with_keys != widget.grab().toImage()


def test_the_current_row_is_marked_as_long_as_nothing_else_shows_it(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a", "b", "c")
        table = stage.window.pane.table
        await focus(stage.window.tree)
        assert marked_rows(table) == []
        await focus(table)
        assert marked_rows(table) == [0]
        QTest.keyClick(table, Key.Key_Down, Control)
        assert marked_rows(table) == [1]
        QTest.keyClick(table, Key.Key_Down)  # now it is selected, which can be seen
        assert marked_rows(table) == []
        QTest.keyClick(table, Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
        assert marked_rows(table) == [1]  # one of two that are selected

    perform(desk, story)


def test_what_has_no_rows_is_framed(desk):
    async def story(stage: Stage) -> None:
        window = stage.window
        await stage.show("a")
        window.acts[Act.HIDE_EMPTY_TRANSFERS].trigger()
        window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        window.status_bar.show_error("Broken.")
        await focus(window.tree)
        window.step_pane(is_forward=False)
        assert frame_of(window.transfers)
        await focus(window.tree)
        window.inspector.focus_facts()
        assert frame_of(window.inspector)
        line = window.status_bar.findChild(ErrorLine)
        await focus(line)
        assert frame_of(line)

    perform(desk, story)


def test_a_folder_is_heard_to_be_one(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a", "f/b")
        model = stage.window.pane.table.model()
        role = Qt.ItemDataRole.AccessibleTextRole
        assert [model.index(row, 0).data(role) for row in range(2)] == ["f, folder", "a"]
        await stage.open("none/")
        page = stage.window.pane.page
        assert page.accessibleName() == page.notice.title != ""

    perform(desk, story)
