"""What a person does without a mouse, in the whole window."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget

from s4desk.core.domain.identity import Address, Location
from s4desk.core.domain.transfer import Direction, TransferSpec, TransferState
from s4desk.gui.views.crumbs import CrumbButton
from s4desk.gui.views.preview_panel import PreviewPanel
from s4desk.gui.views.transfers_pane import TransferTable
from s4desk.viewmodels.acts import Act
from s4desk.viewmodels.places import Place
from tests.gui.stage import BUCKET, HOME, Stage, memory_desk, perform, until

Key = Qt.Key


@pytest.fixture
def desk(qapp, tmp_path):
    return memory_desk(tmp_path / "home")


def press(key: Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, modifiers)


async def focus(widget: QWidget) -> None:
    widget.window().activateWindow()  # no window is active after a menu was closed, offscreen
    widget.setFocus()
    await until(lambda: QApplication.focusWidget() is widget)


async def menu(widget: QWidget) -> list[str]:
    """What the menu offers that the key opens there; it is closed again."""
    await focus(widget)
    press(Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    texts = [action.text().replace("&", "") for action in popup.actions() if action.text()]
    popup.close()
    return texts


@pytest.mark.skipif(sys.platform == "win32", reason="Qt does it there")
def test_the_menu_key_of_every_keyboard_opens_menus(desk, tmp_path):
    (tmp_path / "a").write_bytes(b"1")

    async def story(stage: Stage) -> None:
        window = stage.window
        await stage.put("a")
        await stage.open()
        assert "Load All" in await menu(window.pane.table)
        window.pane.table.selectRow(0)
        assert "Download…" in await menu(window.pane.table)
        assert len(window.pane.summary) == 1
        window.acts[Act.SHOW_TREE].trigger()
        await stage.rested()
        window.pane.tree.setCurrentIndex(window.pane.tree_model.index(0, 0))
        assert "Download…" in await menu(window.pane.tree)
        window.tree.setCurrentIndex(window.tree_model.find(Place(HOME)))
        assert "Edit Connection…" in await menu(window.tree)
        target = Address(HOME, Location(BUCKET, "b"))
        await desk.queue.submit([TransferSpec(Direction.UPLOAD, tmp_path / "a", target, 1)])
        await until(lambda: {t.state for t in desk.queue.transfers()} == {TransferState.COMPLETED})
        stage.session.commands.queueing.resume([])
        await until(window.transfers.isVisible)
        assert "Retry" in await menu(window.transfers.findChild(TransferTable))

    perform(desk, story)


@pytest.mark.parametrize("typed", ["f/", "", "none/"])
def test_who_typed_a_place_is_among_its_rows(desk, typed):
    async def story(stage: Stage) -> None:
        window = stage.window
        await stage.put("f/a")
        await stage.open()
        await focus(window.tree)
        window.acts[Act.GO_TO].trigger()
        line = QApplication.focusWidget()
        assert isinstance(line, QLineEdit)
        line.clear()
        QTest.keyClicks(line, f"s3://{BUCKET}/{typed}")
        press(Key.Key_Return)
        await stage.rested()
        shown = window.pane.page if typed == "none/" else window.pane.table
        assert QApplication.focusWidget() is shown

    perform(desk, story)


def test_a_place_that_is_none_leaves_the_keys_in_the_line(desk):
    async def story(stage: Stage) -> None:
        await stage.open()
        await focus(stage.window.tree)
        stage.window.acts[Act.GO_TO].trigger()
        line = QApplication.focusWidget()
        line.clear()
        QTest.keyClicks(line, "Nowhere:bucket/")
        press(Key.Key_Return)
        assert QApplication.focusWidget() is line

    perform(desk, story)


def way(key: Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> list[QWidget]:
    """Where a key leads, until it is where it began."""
    seen = [QApplication.focusWidget()]
    for _ in range(60):
        press(key, modifiers)
        if QApplication.focusWidget() is seen[0]:
            return seen
        if QApplication.focusWidget() is not seen[-1]:  # it may go from link to link of a text
            seen.append(QApplication.focusWidget())
    raise AssertionError(f"it is trapped: {seen[-1]}")


def names(widgets: list[QWidget]) -> list[str]:
    return [widget.accessibleName() or widget.property("text") for widget in widgets]


def test_tab_goes_through_the_window_as_one_reads_and_back(desk):
    async def story(stage: Stage) -> None:
        window = stage.window
        await stage.show("f/a")
        window.acts[Act.HIDE_EMPTY_TRANSFERS].trigger()
        window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        await stage.open("f/")  # the steps of the way are made after all else
        await focus(window.tree)
        there = way(Key.Key_Tab)
        assert names(there) == [
            "Connections",
            "Objects",
            "Close the inspector",
            "&Count All Below",
            "What is known of the selection",
            "Find transfers that ended earlier",
            "How many transfers run at once",
            "Transfers",
            *("Home", BUCKET, "f"),
        ]
        back = way(Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        assert back == [there[0], *reversed(there[1:])]

    perform(desk, story)


def test_where_one_reads_from_the_right_tab_comes_from_there(desk):
    async def story(stage: Stage) -> None:
        window = stage.window
        await stage.show("f/a", prefix="f/")
        window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        await focus(window.tree)
        for step in window.path_bar.findChildren(CrumbButton):
            step.move(window.width() - step.x() - step.width(), step.y())
        assert names(way(Key.Key_Tab))[-3:] == ["Home", BUCKET, "f"]

    perform(desk, story)


def test_a_key_moves_between_the_panes_that_are_shown(desk):
    async def story(stage: Stage) -> None:
        window = stage.window
        await stage.show("f/a")
        await focus(window.tree)
        assert names(way(Key.Key_F6)) == ["Connections", "Objects"]
        window.acts[Act.HIDE_EMPTY_TRANSFERS].trigger()
        window.acts[Act.SHOW_INSPECTOR].setChecked(True)
        await stage.open("none/")
        there = way(Key.Key_F6)
        assert there[1] is window.pane.page
        assert names(there)[2:] == ["What is known of the selection", "Transfers"]
        back = way(Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
        assert back == [there[0], *reversed(there[1:])]

    perform(desk, story)


def test_tab_does_not_leave_the_preview(desk):
    async def story(stage: Stage) -> None:
        await stage.show("a.txt", data=b"words")
        stage.select("a.txt")
        await focus(stage.window.pane.table)
        press(Key.Key_Space)
        panel = stage.window.findChild(PreviewPanel)
        await until(lambda: panel.words() == "words")
        shown = way(Key.Key_Tab)
        # What it is read as, the text, and the buttons that edit and close.
        assert len(shown) == 4
        assert all(panel.isAncestorOf(widget) for widget in shown)

    perform(desk, story)
